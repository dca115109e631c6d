"""From rows to a client's columns, held against plain pandas."""

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from train.row_models.declared import TABLES
from train.row_models.encoded import by_client, encode, fitted
from train.row_models.history import History
from train.row_models.models import RowModel, RowModels

PREVIOUS, BUREAU = TABLES
IDS = np.arange(100_000, 100_600)


@pytest.fixture
def model(history):
    """Of earlier applications, for outcomes drawn at random."""
    rows = history.read(PREVIOUS, IDS)
    encoded = encode(PREVIOUS, fitted(PREVIOUS, rows), rows)
    outcomes = np.random.default_rng(0).integers(0, 2, len(rows.client)).astype(np.int8)
    return RowModel.fit(encoded, np.arange(len(rows.client)), outcomes, 0, 1)


def test_a_clients_columns_are_those_of_plain_pandas(history, folder, model):
    found = pd.DataFrame(
        RowModels((model,)).of(history, IDS, threads=1), IDS, list(PREVIOUS.columns)
    )
    rows = pd.read_parquet(folder / "previous_application.parquet")
    rows = rows[rows["SK_ID_CURR"].isin(IDS)]
    rows = rows.sort_values(["SK_ID_CURR", "DAYS_DECISION", "SK_ID_PREV"], ascending=False)
    matrix = pd.DataFrame(index=rows.index)
    for column in model.columns:
        values = rows.get(column.name)
        if column.name == "APPLICATION_TO_CREDIT":
            values = rows["AMT_APPLICATION"] / rows["AMT_CREDIT"]
        if column.categories is not None:
            places = {text: place for place, text in enumerate(column.categories)}
            values = values.map(places)
        matrix[column.name] = np.nan if values is None else values.astype(float)
    scores = lgb.Booster(model_str=model.text).predict(matrix.to_numpy(dtype=np.float32))
    scores = pd.Series(scores, rows["SK_ID_CURR"].to_numpy()).groupby(level=0)
    expected = pd.DataFrame(
        {"MAX": scores.max(), "MEAN": scores.mean(), "SUM": scores.sum(), "LAST": scores.first()}
    ).reindex(IDS)
    assert 0 < expected["MAX"].isna().sum() < 300
    np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), rtol=1e-12)


def test_a_client_has_the_same_columns_to_the_bit_alone_or_in_company(history, model):
    models = RowModels((model,))
    together = models.of(history, IDS[::-1], threads=1)[::-1]
    for place in (0, 7, 599):
        alone = models.of(history, IDS[place : place + 1], threads=1)
        np.testing.assert_array_equal(alone[0], together[place])


def test_the_last_row_is_the_newest_and_of_one_day_the_one_with_the_greater_id(tables):
    previous = tables.history["previous_application"]
    same_day = {"previous_application": previous.mutate(DAYS_DECISION=-1)}
    rows = History(same_day, "SK_ID_CURR").read(PREVIOUS, IDS)
    kept = previous.to_pyarrow().to_pandas().sort_values("SK_ID_PREV", ascending=False)
    newest = kept[kept["SK_ID_CURR"].isin(IDS)].groupby("SK_ID_CURR")["AMT_CREDIT"].first()
    amounts = rows.columns["AMT_CREDIT"].to_numpy()
    last = by_client(amounts, rows.client, len(IDS))[:, 3]
    np.testing.assert_array_equal(last[~np.isnan(last)], newest)


def test_a_client_without_rows_has_missing_columns():
    found = by_client(np.array([0.2, 0.6]), np.array([1, 1]), 3)
    assert np.isnan(found[[0, 2]]).all()
    assert found[1].tolist() == [0.6, 0.4, 0.8, 0.2]
    assert np.isnan(by_client(np.empty(0), np.empty(0, dtype=np.int64), 2)).all()


def test_a_table_that_is_not_there_makes_missing_columns(history, model):
    without = History({"bureau": history.tables["bureau"]}, history.id)
    assert np.isnan(RowModels((model,)).of(without, IDS, threads=1)).all()


def test_what_is_kept_as_text_is_read_back_equal(history, model):
    models = RowModels((model,))
    again = RowModels.from_json(models.to_json())
    assert again == models
    np.testing.assert_array_equal(again.of(history, IDS, 1), models.of(history, IDS, 1))


def test_a_model_learned_from_no_row_says_nothing(history):
    rows = history.read(BUREAU, IDS)
    encoded = encode(BUREAU, fitted(BUREAU, rows), rows)
    nobody = np.empty(0, dtype=np.int64)
    model = RowModel.fit(encoded, nobody, nobody.astype(np.int8), 0, 1)
    assert np.isnan(RowModels((model,)).of(history, IDS, threads=1)).all()
    assert RowModels.from_json(RowModels((model,)).to_json()) == RowModels((model,))


def test_excluded_columns_and_what_is_made_of_them_are_not_seen(tables):
    seen = History.of(tables, ("AMT_CREDIT",)).read(PREVIOUS, IDS).columns.column_names
    assert "AMT_APPLICATION" in seen
    assert not {"AMT_CREDIT", "APPLICATION_TO_CREDIT"} & set(seen)
    assert not [name for name in seen if name.startswith("SK_ID_")]
