"""Values that a caller sent and that count as missing: infinite numbers, categories on no list."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring_model.contract import Matrix
from scoring_model.reading import is_missing

Cell = tuple[int, int]
"""A client's row and a column's place in the contract."""


def cells(found: npt.NDArray[np.bool_]) -> list[Cell]:
    """Where `found`, of shape (clients, columns), is true: quicker for one client than nonzero."""
    width = found.shape[1]
    return [divmod(place, width) for place in np.flatnonzero(found).tolist()]


def lost_in_records(
    names: Sequence[str], records: Sequence[Mapping[str, Any]], encoded: Matrix
) -> list[Cell]:
    """`encoded` is what became of the records, of shape (clients, names)."""
    return [
        (row, place)
        for row, place in cells(encoded != encoded)
        if not is_missing(records[row].get(names[place]))
    ]


def lost_in_columns(names: Sequence[str], columns: Any, encoded: Matrix) -> list[Cell]:
    """`columns` is a mapping from name to array or pandas Series, of which `encoded` came."""
    cells: list[Cell] = []
    for place, name in enumerate(names):
        if name in columns:
            gone = np.isnan(encoded[:, place])
            if gone.any():
                gone &= ~np.asarray(pd.isna(columns[name]), dtype=bool)
            cells += [(row, place) for row in np.flatnonzero(gone).tolist()]
    return cells
