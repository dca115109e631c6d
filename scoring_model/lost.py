"""Values that a caller sent and that count as missing: infinite numbers, categories on no list."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring_model.contract import Matrix
from scoring_model.reading import is_missing

Cell = tuple[int, int]
"""A client's row and a column's place in the contract."""

Lost = Callable[[Sequence[Cell] | None], list[Cell]]
"""What was lost of some clients, given where their encoded values are missing or None."""


def cells(found: npt.NDArray[np.bool_]) -> list[Cell]:
    """Where `found`, of shape (clients, columns), is true: quicker for one client than nonzero."""
    width = found.shape[1]
    return [divmod(place, width) for place in np.flatnonzero(found).tolist()]


def lost_in_records(
    names: Sequence[str],
    records: Sequence[Mapping[str, Any]],
    encoded: Matrix,
    missing: Sequence[Cell] | None = None,
) -> list[Cell]:
    """`encoded` is what became of the records, of shape (clients, names); `missing` are its NaN,
    where they are known already."""
    return [
        (row, place)
        for row, place in (cells(encoded != encoded) if missing is None else missing)
        if not is_missing(records[row].get(names[place]))
    ]


def lost_in_columns(
    names: Sequence[str],
    columns: Any,
    encoded: Matrix,
    missing: Sequence[Cell] | None = None,  # noqa: ARG001 # of no use here
) -> list[Cell]:
    """`columns` is a mapping from name to array or pandas Series, of which `encoded` came."""
    cells: list[Cell] = []
    for place, name in enumerate(names):
        if name in columns:
            gone = np.isnan(encoded[:, place])
            if gone.any():
                gone &= ~np.asarray(pd.isna(columns[name]), dtype=bool)
            cells += [(row, place) for row in np.flatnonzero(gone).tolist()]
    return cells
