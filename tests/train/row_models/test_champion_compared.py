"""A champion is asked with the columns that it was taught, or not at all."""

import mlflow
import pytest

from scoring_model.artifacts import read_contract
from train.__main__ import main as train
from train.features.__main__ import main as features
from train.judging import weigh

ASIDE = ("--holdout", "0.2")

pytestmark = pytest.mark.long


@pytest.fixture
def _rows_pay(monkeypatch):
    monkeypatch.setattr(weigh, "LEAST_GAIN_OF_ROWS", -1.0)


def verdict(run):
    return mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/verdict.md")


def holdout_auc(store, version):
    return store.get_run(version.run_id).data.metrics["holdout_auc"]


@pytest.mark.usefixtures("_rows_pay")
def test_a_champion_with_row_models_is_compared_with_the_columns_that_these_make(store, trained):
    first, _ = trained("--row-models", "try", *ASIDE)
    _, run = trained(*ASIDE, "--promote", "always")
    assert "given now, through MLflow" in verdict(run)
    assert f"AUC against {holdout_auc(store, first):.4f} of the champion" in verdict(run)


@pytest.mark.usefixtures("_rows_pay")
def test_where_there_are_no_rows_the_gate_says_so_before_training(
    workplace, store, trained, folder, capsys
):
    version, run = trained("--row-models", "try", *ASIDE)
    out = str(workplace.folder / "features.parquet")
    assert features(["--data", str(folder), "--out", out, "--rows-of", str(workplace.export)]) == 0
    capsys.readouterr()
    options = ("--features", out, "--target", "TARGET", "--folds", "2", "--threads", "1", *ASIDE)
    assert train([*options]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "train: the gate cannot compare with credit-scoring version 1, the champion: its row "
        "models make columns of the rows of previous_application, which this data lacks: --data "
        "with the folder of tables has them "
        "(--promote never or always trains all the same, --name another model)"
    )
    assert len(store.search_runs([run.info.experiment_id])) == 1

    assert train([*options, "--promote", "never"]) == 0
    second = store.get_model_version(version.name, "2")
    assert second.tags["gate.champion_scores"] == "refused"
    assert "cannot be compared with: its row models make columns" in second.tags["gate.why"]


def test_what_the_new_model_may_not_see_is_built_for_the_champion(workplace, store, trained):
    first, _ = trained(*ASIDE)
    asked = read_contract(workplace.export / "contract.json").columns
    assert "ACROSS_CREDIT_TO_APPROVED_MEAN" in asked
    without = ("--exclude", "AMT_CREDIT", "--exclude-price", "skip")
    _, run = trained(*ASIDE, *without, "--promote", "always")
    assert "ACROSS" not in (workplace.export / "contract.json").read_text()
    assert f"AUC against {holdout_auc(store, first):.4f} of the champion" in verdict(run)
