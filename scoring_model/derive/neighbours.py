"""How often the clients most like this one defaulted: training's clients, carried by the model."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from scoring_model.contract import Matrix, Vector
from scoring_model.derive.operations import Stack

NEAREST, SHARE = 500, 20
"""As many clients are near, but no more than one in twenty."""
COLUMN = "NEIGHBOURS_DEFAULT_RATE"
OF = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3", "TERM")
"""Inputs or formulas by whose difference clients are near or far."""
LEAF = 32
"""Points in a leaf of the tree: with few more or fewer a search takes longer."""


@dataclass(frozen=True)
class Neighbours:
    """`column` is the share of defaults among the `count` points nearest to a client.

    `points` are other clients by the values `of`, less `centre` and over `scale`, 0 where missing:
    float32 of shape (points, values), little-endian, in base64. `defaulted` has a byte of each.
    """

    column: str
    of: tuple[str, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    count: int
    points: str
    defaulted: str

    @classmethod
    def fit(cls, values: Matrix, defaulted: npt.NDArray[np.int8]) -> Self:
        """`values` of `OF`, shape (clients, 4), and outcomes, shape (clients,)."""
        values = np.where(np.isfinite(values), values, np.nan)
        known = [column[np.isfinite(column)] for column in values.T]
        centre = tuple(float(column.mean()) if len(column) else 0.0 for column in known)
        spread = (float(column.std()) if len(column) else 0.0 for column in known)
        scale = tuple(deviation or 1.0 for deviation in spread)
        points = _standardised(values, centre, scale)
        return cls(
            COLUMN,
            OF,
            centre,
            scale,
            max(1, min(NEAREST, len(points) // SHARE)),
            b64encode(points.astype("<f4").tobytes()).decode(),
            b64encode(defaulted.astype(np.uint8).tobytes()).decode(),
        )

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError if `raw` holds no neighbours."""
        found = cls(
            raw["column"],
            tuple(raw["of"]),
            tuple(raw["centre"]),
            tuple(raw["scale"]),
            raw["count"],
            raw["points"],
            raw["defaulted"],
        )
        shape = (len(found._outcomes), len(found.of))
        lengths = {len(found.of), len(found.centre), len(found.scale)}
        if found._points.shape != shape or len(lengths) > 1 or not 0 < found.count <= shape[0]:
            raise ValueError("neighbours lack values")
        return found

    @property
    def bytes(self) -> int:
        """What the points take in the model's files."""
        return len(self.points) + len(self.defaulted)

    def rate(self, values: Stack, threads: int = 1) -> Vector:
        """(values, clients) to (clients,): a share of whole numbers, the same in any company.

        Missing for a client of whom none of the values is known.
        """
        known = np.isfinite(values).any(axis=0)
        points = _standardised(values.T, self.centre, self.scale)
        ranks = np.arange(1, self.count + 1)
        _, nearest = self.tree.query(points, ranks, workers=threads)
        defaults = np.add.reduce(self._outcomes.take(nearest), axis=1, dtype=np.int64)
        return np.where(known, defaults / self.count, np.nan)

    @cached_property
    def tree(self) -> Any:
        """For searching: built when the model is loaded, in a fraction of a second."""
        from scipy.spatial import KDTree  # a model without neighbours need not wait for it

        return KDTree(self._points, leafsize=LEAF)

    @cached_property
    def _points(self) -> npt.NDArray[np.float32]:
        return np.frombuffer(b64decode(self.points), "<f4").reshape(-1, len(self.of))

    @cached_property
    def _outcomes(self) -> npt.NDArray[np.uint8]:
        return np.frombuffer(b64decode(self.defaulted), np.uint8)


def _standardised(
    values: Matrix, centre: Sequence[float], scale: Sequence[float]
) -> npt.NDArray[np.float32]:
    """(clients, values), rounded as the points are; a missing value is the usual one."""
    points = (values - np.array(centre)) / np.array(scale)
    return np.where(np.isfinite(points), points, 0.0).astype(np.float32)
