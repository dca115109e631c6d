"""Prediction of one client without the setup that LightGBM's Python package repeats in each call.

`Booster.predict` reads its parameters and allocates for each call, which for one client takes
longer than the trees do. LightGBM's C API has a form for exactly this case, documented as
`LGBM_BoosterPredictForMatSingleRowFast`; the Python package does not offer it, so the functions
are called through the package's private handle of the library, and only after a comparison with
`Booster.predict`. This is the one place that uses what LightGBM's Python package does not document.
"""

import ctypes
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from scoring_model.contract import Matrix, Vector

Predict = Callable[[Matrix], Vector]

COMPARED = 16
"""Random clients for which both ways must give the same bits."""

NORMAL, FROM_FIRST, FLOAT64 = 0, 0, 1
"""C_API_PREDICT_NORMAL, the first iteration, and C_API_DTYPE_FLOAT64 of LightGBM's c_api.h."""


def single_row(booster: Any) -> Predict | None:
    """A function that gives `booster.predict` of one client, shape (1, columns), in one thread.

    None where this LightGBM, or this model, does not allow it. Several threads may call the
    function at once: LightGBM itself locks.
    """
    try:
        fast = _FastRow(booster)
    except (ImportError, AttributeError, OSError, ctypes.ArgumentError):
        return None
    return fast.predict if fast.agrees() else None


class _FastRow:
    """A prepared call; raises OSError if LightGBM refuses to prepare it."""

    def __init__(self, booster: Any) -> None:
        from lightgbm.basic import _LIB

        if booster.num_model_per_iteration() != 1:
            raise OSError("the model gives more than one score")
        self._booster = booster  # the prepared call points into it
        self._columns = booster.num_feature()
        self._call = _LIB.LGBM_BoosterPredictForMatSingleRowFast
        self._prepared = ctypes.c_void_p()
        every = booster.best_iteration  # as `Booster.predict`: all where it is not above 0
        code = _LIB.LGBM_BoosterPredictForMatSingleRowFastInit(
            *(booster._handle, NORMAL, FROM_FIRST, every, FLOAT64, ctypes.c_int32(self._columns)),
            *(b"num_threads=1", ctypes.byref(self._prepared)),
        )
        if code != 0:
            raise OSError("LightGBM refused to prepare single-row prediction")
        weakref.finalize(self, _LIB.LGBM_FastConfigFree, self._prepared).atexit = False

    def predict(self, row: Matrix) -> Vector:
        if row.shape != (1, self._columns):
            raise OSError("expected one client")
        row = np.ascontiguousarray(row, dtype=np.float64)
        score, written = ctypes.c_double(), ctypes.c_int64()
        code = self._call(
            self._prepared,
            ctypes.c_void_p(row.ctypes.data),
            ctypes.byref(written),
            ctypes.byref(score),
        )
        if code != 0 or written.value != 1:
            raise OSError("LightGBM failed to score a single row")
        return np.array([score.value])

    def agrees(self) -> bool:
        """Whether it gives the same bits as `Booster.predict`."""
        clients = np.random.default_rng(0).lognormal(0, 6, (COMPARED, self._columns))
        clients[::2] *= -1
        clients[:, ::3][::3] = np.nan
        expected = self._booster.predict(clients, num_threads=1)
        got = [self.predict(clients[row : row + 1])[0] for row in range(COMPARED)]
        return bool(np.array_equal(expected, got))
