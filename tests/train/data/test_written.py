"""Dates and numbers written as text: a client is scored as the same client was learned from."""

import numpy as np
import pandas as pd
import pyarrow as pa

from scoring_model.encoding import Encoder
from train.data.columns import parsed
from train.data.dataset import encode
from train.data.sources import of_file
from train.registry.comparison import dated
from train.scoring.clients import csv_kinds

RAW = pd.DataFrame(
    {
        "id": range(100),
        "y": [0, 1] * 50,
        "amount": [f"{number} 000" for number in range(1, 101)],
        "opened": pd.date_range("2023-01-01", periods=100).strftime("%Y-%m-%d"),
        "other": np.arange(100.0),
    }
)


def read(raw):
    return parsed(pa.Table.from_pandas(raw), (), {"id", "y"}, [].append)


def test_raw_clients_are_encoded_as_in_training(tmp_path):
    learned = encode(read(RAW), "id", "y", [].append)
    encoder = Encoder(learned.contract)
    assert np.array_equal(encoder.encode(RAW).matrix, learned.matrix)
    assert np.array_equal(encoder.encode(RAW.to_dict("records")).matrix, learned.matrix)
    RAW.to_csv(tmp_path / "clients.csv", index=False)
    kinds = csv_kinds(of_file(tmp_path / "clients.csv"), learned.contract)
    assert [kinds[name] for name in ("amount", "opened", "other")] == ["text", "text", "number"]


def test_dates_of_newer_data_are_the_same_dates_to_an_older_model():
    old = encode(read(RAW[:50]), "id", "y", [].append)
    again = dated(read(RAW), old.contract).slice(0, 50)
    assert np.allclose(again["opened"], old.matrix[:, old.columns.index("opened")])
