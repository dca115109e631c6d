"""Row scores are made without the outcome of the client whose rows they are."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.train.made import dataset, plan
from train.dataset import encode
from train.fitting.folds import folds_up_to
from train.row_models.declared import COLUMNS, TABLES
from train.row_models.encoded import Column, Encoded, by_client
from train.row_models.models import RowModel
from train.row_models.nested import PARTS, with_row_scores, with_rows

CLIENTS, ROWS = 80, 30


@pytest.fixture
def leaky():
    """Every row of a client names the client, so that a model can learn each outcome by heart."""
    client = np.repeat(np.arange(CLIENTS), ROWS)
    secret = np.random.default_rng(3).permutation(CLIENTS)[client]
    matrix = secret[:, None].astype(np.float32)
    rows = Encoded(TABLES[0], (Column("DAYS_DECISION"),), client, matrix)
    return replace(dataset(clients=CLIENTS, informative=False), history=(rows,))


def columns(made, rows):
    return with_row_scores(made, rows, plan()).matrix[:, -4:]


def test_an_outcome_that_rows_give_away_is_not_in_the_clients_own_columns(leaky):
    everybody = np.arange(CLIENTS)
    own = columns(leaky, everybody)[:, 1]
    outcomes, (rows,) = leaky.defaulted, leaky.history
    by_heart = RowModel.fit(rows, np.arange(CLIENTS * ROWS), outcomes[rows.client], 0, 1)
    known = by_client(by_heart.scores(rows.matrix, 1), rows.client, CLIENTS)[:, 1]
    assert roc_auc_score(outcomes, known) > 0.9
    assert roc_auc_score(outcomes, own) < 0.7


def test_a_client_learned_from_is_scored_by_models_of_the_other_parts_alone(leaky):
    learned, asked = np.arange(60), plan()
    found, (rows,) = columns(leaky, learned), leaky.history
    for others, part in folds_up_to(leaky.defaulted[learned], None, PARTS, asked.seed):
        some = np.flatnonzero(np.isin(rows.client, others))
        outcomes = leaky.defaulted[rows.client[some]]
        scores = RowModel.fit(rows, some, outcomes, asked.seed, 1).scores(rows.matrix, 1)
        expected = by_client(scores, rows.client, CLIENTS)
        np.testing.assert_array_equal(found[part], expected[part])


def test_what_became_of_a_fold_is_in_nobodys_columns(leaky):
    rows, fold = np.arange(60), np.arange(60, CLIENTS)
    before = columns(leaky, rows)
    leaky.defaulted[fold] = 1 - leaky.defaulted[fold]
    np.testing.assert_array_equal(before, columns(leaky, rows))


def test_a_client_who_is_judged_has_the_columns_that_the_kept_models_make(tables, history):
    table = tables.application.to_pyarrow()
    made = with_rows(encode(table, "SK_ID_CURR", "TARGET", [].append), history, [].append)
    rows, fold = np.arange(400), np.arange(400, 600)
    wide = with_row_scores(made, rows, plan())
    assert wide.columns[-8:] == COLUMNS
    assert wide.contract.columns[-8:] == [*COLUMNS]
    kept = wide.row_models.of(history, made.ids, threads=1)
    np.testing.assert_array_equal(wide.matrix[fold, -8:], kept[fold])
    assert not np.array_equal(wide.matrix[rows, -8:], kept[rows], equal_nan=True)
    by_records = wide.derivation.apply(wide.contract.encode_records([wide.example]))
    np.testing.assert_array_equal(by_records[0], wide.matrix[0])


def test_a_dataset_without_columns_of_row_scores_carries_no_row_models(tables, history):
    table = tables.application.to_pyarrow()
    made = with_rows(encode(table, "SK_ID_CURR", "TARGET", [].append), history, [].append)
    wide = with_row_scores(made, np.arange(400), plan())
    some = np.flatnonzero([name in ("EXT_SOURCE_1", "ROWS_BUREAU_SUM") for name in wide.columns])
    (model,) = wide.restricted_to(some).row_models.models
    assert model.table.name == "bureau"
    assert wide.restricted_to(some[:1]).row_models is None
