"""`--row-models try`: a verdict, and a model with which its columns can be made anywhere."""

import json

import mlflow
import numpy as np
import pandas as pd
import pytest

from scoring_model import artifacts
from train.__main__ import main as train
from train.features.__main__ import main as features
from train.judging import weigh
from train.row_models.declared import COLUMNS
from train.score.__main__ import main as score


def scored(workplace, data, name, *options):
    out = workplace.folder / name
    where = ("--data", str(data), "--model", str(workplace.export), "--out", str(out))
    assert score([*where, "--threads", "1", *options]) == 0
    return pd.read_parquet(out).sort_values("SK_ID_CURR", ignore_index=True)


def test_row_models_that_pay_come_with_the_model_and_make_its_columns(
    workplace, trained, folder, monkeypatch
):
    monkeypatch.setattr(weigh, "LEAST_GAIN_OF_ROWS", -1.0)
    version, run = trained("--row-models", "try", "--holdout", "0.2")
    assert run.data.metrics["row_models_kept"] == 1
    assert run.data.metrics["row_models_columns"] == 8
    assert version.tags["row_models"] == run.data.tags["row_models"]
    assert "kept, for up to 8 columns that callers have to make" in version.tags["row_models"]
    assert version.tags["gate.same_scores"] == "passed 0"
    card = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/model_card.md")
    assert "those of another one mean something else" in card

    contract = artifacts.read_contract(workplace.export / "contract.json")
    made = [name for name in contract.columns if name in COLUMNS]
    assert any(name.startswith("ROWS_PREV_") for name in made)
    kept = json.loads((workplace.export / "row_models.json").read_text())
    assert {"table", "columns", "trees"} == kept[0].keys()
    assert kept[0]["columns"]["NAME_CONTRACT_STATUS"] == ["Approved", "Refused"]
    assert "row_models.json" in (workplace.export / "manifest.json").read_text()
    reasons = artifacts.read_factors(workplace.export / "reasons.json")
    assert "PREVIOUS_LOAN_RISK" in {factor.code for factor in reasons}

    from_folder = scored(workplace, folder, "folder.parquet")
    out = workplace.folder / "features.parquet"
    asked = ("--data", str(folder), "--out", str(out), "--table", "application_test")
    assert features([*asked, "--rows-of", str(workplace.export)]) == 0
    table = pd.read_parquet(out)
    assert set(made) <= set(table.columns)
    assert 0 < table[made[0]].isna().sum() < 50
    pd.testing.assert_frame_equal(from_folder, scored(workplace, out, "file.parquet"))
    model = mlflow.pyfunc.load_model(str(workplace.export))
    pd.testing.assert_frame_equal(
        from_folder.drop(columns="model_version"), model.predict(table), check_exact=True
    )
    blind = model.predict(table.drop(columns=made))
    assert np.mean(blind["solvency"] != from_folder["solvency"]) > 0.8


@pytest.mark.long
def test_row_models_that_do_not_pay_are_left_out_and_the_model_is_the_one_without(
    workplace, trained, monkeypatch
):
    monkeypatch.setattr(weigh, "LEAST_GAIN_OF_ROWS", 1.0)
    version, run = trained("--row-models", "try")
    assert run.data.metrics["row_models_kept"] == 0
    assert "left out, for" in run.data.tags["row_models"]
    assert not (workplace.export / "row_models.json").exists()
    assert "ROWS_" not in (workplace.export / "contract.json").read_text()
    again, _ = trained("--row-models", "no", "--promote", "always")
    assert again.tags["model_digest"] == version.tags["model_digest"]


@pytest.mark.long
def test_row_models_are_tried_on_top_of_the_neighbours_and_both_fit_into_few_columns(
    workplace, trained, monkeypatch
):
    monkeypatch.setattr(weigh, "LEAST_GAIN", -1.0)
    monkeypatch.setattr(weigh, "LEAST_GAIN_OF_ROWS", -1.0)
    version, run = trained("--neighbours", "try", "--row-models", "try", "--max-features", "9")
    assert run.data.metrics["neighbours_kept"] == run.data.metrics["row_models_kept"] == 1
    assert version.tags["gate.same_scores"] == "passed 0"
    columns = json.loads((workplace.export / "derivation.json").read_text())["columns"]
    assert {"NEIGHBOURS_DEFAULT_RATE"} < {*columns}
    assert {*COLUMNS} & {*columns}
    assert len(columns) <= 9


@pytest.mark.long
def test_another_threshold_keeps_the_row_models(workplace, trained, monkeypatch):
    from train.threshold import main as change

    monkeypatch.setattr(weigh, "LEAST_GAIN_OF_ROWS", -1.0)
    version, _ = trained("--row-models", "try")
    kept = (workplace.export / "row_models.json").read_bytes()
    where = ("--version", str(version.version), "--export", str(workplace.export))
    assert change([*where, "--threshold", "0.5", "--promote", "always"]) == 0
    assert (workplace.export / "row_models.json").read_bytes() == kept


def test_a_table_of_features_has_no_rows(workplace, store, folder, capsys):
    out = str(workplace.folder / "features.parquet")
    assert features(["--data", str(folder), "--out", out]) == 0
    capsys.readouterr()
    assert train(["--features", out, "--target", "TARGET", "--row-models", "try"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("train: --row-models needs --data with a folder that holds")
    assert store.search_registered_models() == []


def test_columns_that_a_model_made_are_not_learned_from(workplace, trained, folder, capsys):
    application = pd.read_parquet(folder / "application_train.parquet")
    application["ROWS_PREV_MAX"] = application["TARGET"] + 0.1
    path = workplace.folder / "clients.parquet"
    application.to_parquet(path)
    trained("--data", str(path))
    assert "column ROWS_PREV_MAX is left out" in capsys.readouterr().err
    assert "ROWS_" not in (workplace.export / "contract.json").read_text()


def test_a_model_without_row_models_has_none_to_make_columns_of(workplace, trained, folder, capsys):
    trained()
    out = str(workplace.folder / "features.parquet")
    where = ("--data", str(folder), "--out", out, "--rows-of", str(workplace.export))
    assert features([*where]) == 2
    assert "it has no row models" in capsys.readouterr().err
