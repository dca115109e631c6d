"""The champion's scores of the clients that a new model is judged on."""

from dataclasses import replace
from pathlib import Path

import mlflow
import numpy as np
import pyarrow as pa
import pytest

from scoring_model.decision import solvency
from tests.train.registry.candidates import NAME, publish_small, scores
from train.evaluation.clients import Clients, score
from train.registry import versions
from train.registry.comparison import champion, reloaded

ROWS = 40


@pytest.fixture
def registered(store, workplace, small_artifacts):
    assert store
    publish_small(small_artifacts, workplace.export)
    return versions.champion(NAME)


@pytest.fixture
def table():
    random = np.random.default_rng(3)
    return pa.table(
        {
            "SK_ID_CURR": np.arange(1000, 1000 + ROWS),
            "TARGET": random.integers(0, 2, ROWS),
            "CODE_GENDER": random.choice(["M", "F"], ROWS),
            "AMT_CREDIT": random.lognormal(12, 1, ROWS),
            "OWNS_CAR": random.choice([True, False], ROWS),
            "EXT_SOURCE_2": random.random(ROWS),
        }
    )


def clients(table, ids, defaulted):
    return Clients(ids, defaulted, (), table)


def test_there_is_nothing_to_compare_with_before_the_first_champion(table):
    assert champion(None, clients(table, np.arange(ROWS), np.zeros(ROWS, np.int8))) is None


def test_clients_it_has_never_seen_are_scored_live_to_the_bit(registered, table, small_artifacts):
    known = table["SK_ID_CURR"].to_numpy()
    found = champion(registered, clients(table, known, np.zeros(ROWS, np.int8)))
    expected = score(table, small_artifacts, threads=2)
    assert np.array_equal(solvency(found.scores.probability), solvency(expected))
    assert np.array_equal(found.scores.lent, solvency(expected) >= 0.7)
    assert "0 of 40 clients it has learned from" in found.how


def test_clients_it_has_learned_from_are_scored_out_of_fold(registered, table):
    stored = scores()
    ids = np.concatenate([stored.clients.ids[:10], np.arange(1000, 1000 + ROWS - 10)])
    outcome = np.concatenate([stored.clients.defaulted[:10], np.zeros(ROWS - 10, np.int8)])
    found = champion(registered, clients(table, ids, outcome))
    assert np.array_equal(found.scores.probability[:10], stored.probability[:10])
    assert "10 of 40 clients it has learned from, for these its out-of-fold" in found.how


def test_equal_ids_with_other_outcomes_are_other_clients(registered, table):
    stored = scores()
    found = champion(
        registered, clients(table, stored.clients.ids[:ROWS], 1 - stored.clients.defaulted[:ROWS])
    )
    assert "0 of 40 clients it has learned from" in found.how


def test_clients_of_whom_one_has_defaulted_since_are_the_same_clients(registered, table):
    stored = scores()
    outcome = stored.clients.defaulted[:ROWS].copy()
    outcome[np.flatnonzero(outcome == 0)[0]] = 1
    found = champion(registered, clients(table, stored.clients.ids[:ROWS], outcome))
    assert "40 of 40 clients it has learned from" in found.how
    assert np.array_equal(found.scores.probability, stored.probability[:ROWS])


def test_a_champion_without_stored_scores_may_have_learned_from_anyone(registered, table, store):
    (experiment,) = store.search_experiments(filter_string=f"name = '{NAME}'")
    other = store.create_run(experiment.experiment_id).info.run_id
    asked = clients(table, table["SK_ID_CURR"].to_numpy(), np.zeros(ROWS, np.int8))
    found = champion(replace(registered, run_id=other), asked)
    assert "it may have learned from some of these clients" in found.how


@pytest.mark.parametrize(
    ("absent", "said"),
    [
        (["OWNS_CAR"], "the data lacks 1 of its 4 columns (OWNS_CAR)"),
        (
            ["OWNS_CAR", "AMT_CREDIT", "CODE_GENDER", "EXT_SOURCE_2"],
            "the data lacks 4 of its 4 columns (CODE_GENDER, AMT_CREDIT, OWNS_CAR, EXT_SOURCE_2)",
        ),
    ],
)
def test_on_data_that_lacks_a_column_nothing_is_compared(registered, table, absent, said):
    ids = table["SK_ID_CURR"].to_numpy()
    asked = clients(table.drop_columns(absent), ids, np.zeros(ROWS, np.int8))
    found = champion(registered, asked)
    assert found.scores is None
    assert found.how == said


def test_clients_whom_it_has_all_learned_from_need_no_columns(registered, table):
    stored = scores()
    fewer = table.drop_columns(["OWNS_CAR"])
    found = champion(
        registered, clients(fewer, stored.clients.ids[:ROWS], stored.clients.defaulted[:ROWS])
    )
    assert np.array_equal(found.scores.probability, stored.probability[:ROWS])


def test_another_outcome_is_not_compared_on(registered, table):
    asked = clients(table, table["SK_ID_CURR"].to_numpy(), np.zeros(ROWS, np.int8))
    taught = replace(registered, tags={**registered.tags, "target": "LATE"})
    found = champion(taught, replace(asked, target="TARGET"))
    assert found.scores is None
    assert found.how == "it learned the outcome LATE, and that of this data is TARGET"


def test_without_raw_columns_only_stored_scores_can_be_compared_with(registered):
    stored = scores()
    found = champion(registered, clients(None, stored.clients.ids, stored.clients.defaulted))
    assert np.array_equal(found.scores.probability, stored.probability)
    unknown = champion(
        registered, clients(None, stored.clients.ids + 500, stored.clients.defaulted)
    )
    assert unknown.scores is None
    assert unknown.how == "its run holds no scores of these clients"


def test_a_model_scores_the_same_when_loaded_back(registered, table, small_artifacts):
    expected = score(table, small_artifacts, threads=2)
    asked = clients(table, np.arange(ROWS), np.zeros(ROWS, np.int8))
    folder = Path(mlflow.artifacts.download_artifacts(registered.uri))
    assert reloaded(folder, asked, expected).differing == 0
    other = np.where(np.arange(ROWS) == 3, np.nextafter(expected, 0) - 1e-16, expected)
    assert reloaded(folder, asked, other).differing == 1
