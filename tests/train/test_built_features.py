"""A cluster may build the features, and one machine fit."""

import pytest

from sample import generate
from train.__main__ import main as train
from train.features import main as features

FAST = ("--folds", "2", "--threads", "1", "--max-features", "20", "--promote", "always")


@pytest.mark.long
def test_training_on_built_features_gives_the_model_of_the_tables(store, workplace):
    folder = workplace.folder
    generate(scale=0.004, out=folder / "tables", seed=1)
    assert features(["--data", str(folder / "tables"), "--out", str(folder / "f.parquet")]) == 0
    assert train(["--data", str(folder / "tables"), *FAST, "--export", "one"]) == 0
    assert train(["--features", str(folder / "f.parquet"), *FAST, "--export", "other"]) == 0
    for file in ("model.pkl", "contract.json", "derivation.json", "best_threshold"):
        assert (folder / "one" / file).read_bytes() == (folder / "other" / file).read_bytes()
    assert len(store.search_model_versions("name='credit-scoring'")) == 2
