"""What MLflow hands to a model, as clients: their ids and their encoded columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from scoring_model.contract import Contract, Matrix
from scoring_model.errors import UnsupportedInput
from scoring_model.lost import Cell, lost_in_columns, lost_in_records

CLIENTS = "clients must come as a DataFrame, a list of records, or a dict of columns"


@dataclass(frozen=True)
class Clients:
    """Ids (None where not given) and the float64 matrix of shape (clients, columns).

    `lost` finds the values that were sent and count as missing, for who wants to know.
    """

    ids: list[Any]
    matrix: Matrix
    lost: Callable[[], list[Cell]]


def read_clients(contract: Contract, data: Any) -> Clients:
    """Encodes every form of input that MLflow's formats and Spark hand to a pyfunc.

    Raises InvalidRows, and UnsupportedInput for what holds no clients.
    """
    if isinstance(data, pd.DataFrame):
        return _from_frame(contract, data)
    if isinstance(data, Mapping):
        return _from_mapping(contract, data)
    if isinstance(data, Sequence) and all(isinstance(record, Mapping) for record in data):
        return _from_records(contract, data)
    raise UnsupportedInput(CLIENTS)


def _from_records(contract: Contract, records: Sequence[Mapping[str, Any]]) -> Clients:
    ids = [_plain(record.get(contract.id)) for record in records]
    matrix = contract.encode_records(records)
    return Clients(ids, matrix, partial(lost_in_records, contract.columns, records, matrix))


def _from_frame(contract: Contract, frame: pd.DataFrame) -> Clients:
    if not frame.columns.is_unique:
        raise UnsupportedInput("two columns bear the same name")
    return _from_columns(contract, frame, len(frame))


def _from_mapping(contract: Contract, data: Mapping[str, Any]) -> Clients:
    """A dict of arrays, or of scalars for one client."""
    lengths = {len(values) for values in data.values() if np.ndim(values) == 1}
    if not lengths:
        return _from_records(contract, [data])
    if len(lengths) > 1:
        raise UnsupportedInput("columns must all have the same length")
    return _from_columns(contract, data, lengths.pop())


def _from_columns(contract: Contract, columns: Any, rows: int) -> Clients:
    ids = [_plain(value) for value in columns[contract.id]] if contract.id in columns else None
    matrix = contract.encode_columns(columns, rows)
    lost = partial(lost_in_columns, contract.columns, columns, matrix)
    return Clients(ids or [None] * rows, matrix, lost)


def _plain(value: Any) -> Any:
    """An id as a plain int or str; a whole float (a column with gaps) as int; else None."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.item() if value.ndim == 0 else None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int | str) else None
