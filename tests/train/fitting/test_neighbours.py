"""The neighbours' default rate as a column: nested in training, carried by the model."""

import json

import mlflow
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pytest

from scoring_model.derive.neighbours import COLUMN, Neighbours
from tests.train.made import dataset, plan
from train.__main__ import main
from train.dataset import encode
from train.fitting.folds import folds_up_to
from train.fitting.neighbours import PARTS, NoNeighbours, values_of, with_neighbours
from train.judging import weigh
from train.judging.contrast import Change
from train.judging.weigh import pays

CLIENTS = 600


@pytest.fixture(scope="module")
def table():
    """Clients of the Home Credit kind who default where their first two scores are alike."""
    random = np.random.default_rng(2)
    sources = random.random((3, CLIENTS))
    annuity = random.uniform(10_000, 50_000, CLIENTS)
    odds = 3 - 14 * np.abs(sources[0] - sources[1])
    return pa.table(
        {
            "SK_ID_CURR": np.arange(100_000, 100_000 + CLIENTS),
            "TARGET": (random.random(CLIENTS) < 1 / (1 + np.exp(-odds))).astype(np.int64),
            **{f"EXT_SOURCE_{number}": of for number, of in enumerate(sources, start=1)},
            "AMT_CREDIT": annuity * random.choice([12.0, 24.0, 36.0], CLIENTS),
            "AMT_ANNUITY": annuity,
        }
    )


@pytest.fixture
def made(table):
    return encode(table, "SK_ID_CURR", "TARGET", [].append)


def rates(made, rows):
    wider = with_neighbours(made, rows, plan())
    return wider.matrix[:, wider.columns.index(COLUMN)]


def test_a_client_learned_from_finds_neighbours_in_the_other_parts_alone(made):
    rows, asked = np.arange(400), plan()
    values, found = values_of(made), rates(made, rows)
    for others, part in folds_up_to(made.defaulted[rows], None, PARTS, asked.seed):
        expected = Neighbours.fit(values[others], made.defaulted[others]).rate(values[part].T)
        np.testing.assert_array_equal(found[part], expected)
    assert len(set(found.tolist())) > 5


def test_what_became_of_a_fold_is_in_nobodys_column(made):
    rows, fold = np.arange(400), np.arange(400, CLIENTS)
    before = rates(made, rows)
    made.defaulted[fold] = 1 - made.defaulted[fold]
    assert before.tolist() == rates(made, rows).tolist()


def test_a_client_who_is_judged_has_the_column_that_the_model_will_give(made, table):
    rows, fold = np.arange(400), np.arange(400, CLIENTS)
    wider = with_neighbours(made, rows, plan())
    columns = {name: table[name].to_pandas() for name in wider.contract.columns}
    encoded = wider.contract.encode_columns(columns, CLIENTS)
    np.testing.assert_array_equal(wider.derivation.apply(encoded)[fold], wider.matrix[fold])


def test_there_is_one_column_more_only_where_there_is_room_for_it(made):
    wider = with_neighbours(made, np.arange(400), plan(max_features=6))
    assert COLUMN in wider.columns
    assert len(wider.columns) <= 6
    assert {"EXT_SOURCE_1", "AMT_ANNUITY"} <= set(wider.contract.columns)


def test_data_of_another_kind_has_no_neighbours():
    with pytest.raises(NoNeighbours, match="--neighbours needs the columns"):
        with_neighbours(dataset(), np.arange(400), plan())


@pytest.mark.parametrize(
    ("low", "microseconds", "megabytes", "kept"),
    [
        (0.001, 100, 5, True),
        (0.0004, 100, 5, False),
        (0.001, 501, 5, False),
        (0.001, 100, 21, False),
    ],
)
def test_only_what_surely_gains_at_little_cost_is_kept(low, microseconds, megabytes, kept):
    assert pays(Change(0.002, low, 0.003), microseconds, megabytes)[0] == kept


def trained(workplace, store, table, *options):
    pc.write_csv(table, workplace.folder / "application_train.csv")
    data = str(workplace.folder / "application_train.csv")
    fixed = ("--data", data, "--folds", "2", "--threads", "1", "--export", str(workplace.export))
    assert main([*fixed, "--neighbours", "try", *options]) == 0
    version = store.get_model_version_by_alias("credit-scoring", "champion")
    return version, store.get_run(version.run_id)


def test_neighbours_that_pay_are_served_from_raw_columns(workplace, store, table, monkeypatch):
    monkeypatch.setattr(weigh, "LEAST_GAIN", -1.0)
    version, run = trained(workplace, store, table)
    assert run.data.metrics["neighbours_kept"] == 1
    assert run.data.metrics["neighbours_microseconds"] > 0
    assert "kept, for" in version.tags["neighbours"]
    assert version.tags["gate.same_scores"] == "passed 0"
    derivation = json.loads((workplace.export / "derivation.json").read_text())
    assert COLUMN in derivation["columns"]
    card = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/model_card.md")
    assert "## What it was weighed against" in card
    assert "holds the outcomes of the clients it learned from" in card
    client = table.drop_columns(["TARGET"]).slice(0, 1).to_pylist()[0]
    (answer,) = mlflow.pyfunc.load_model(str(workplace.export)).predict(
        [client], params={"reasons": 9}
    )
    assert 0 < answer["solvency"] < 1
    assert COLUMN not in {reason["feature"] for reason in answer["reasons"]}


@pytest.mark.long
def test_neighbours_that_do_not_pay_are_left_out_and_the_model_is_the_one_without(
    workplace, store, table, monkeypatch
):
    monkeypatch.setattr(weigh, "LEAST_GAIN", 1.0)
    version, run = trained(workplace, store, table)
    assert run.data.metrics["neighbours_kept"] == 0
    assert "left out, for" in run.data.tags["neighbours"]
    assert COLUMN not in (workplace.export / "derivation.json").read_text()
    again, _ = trained(workplace, store, table, "--neighbours", "no", "--promote", "always")
    assert again.tags["model_digest"] == version.tags["model_digest"]
