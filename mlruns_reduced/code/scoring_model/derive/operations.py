"""What formulas are made of: numpy functions of stacked columns, missing in, missing out.

Each works on one client at a time, in an order of its own: numpy's sums and means are not used,
since they add up in an order that depends on how many clients there are. So a client's numbers
are the same to the bit, alone or among a million. Infinity stands for "missing" until the end of a
program makes it so, and nothing here makes a finite number of it.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Stack = npt.NDArray[np.float64]
"""Values of shape (how many, clients), or (inputs, how many, clients)."""


def divide(numerator: Stack, denominator: Stack, out: Stack) -> None:
    """0 and infinity as denominators give missing."""
    np.divide(numerator, finite(denominator), out=out)


def between(values: Stack, low: Stack, high: Stack, out: Stack) -> None:
    """`values` above `low` and up to `high`; missing outside."""
    out.fill(np.nan)
    np.copyto(out, values, where=(values > low) & (values <= high))


ELEMENTWISE: Mapping[str, Callable[..., Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": divide,
    "power": np.power,
    "round": np.rint,
    "floor": np.floor,
    "at_least": np.fmax,
    "between": between,
}
"""Functions of stacks of one shape and `out`: many formulas at once.

`at_least` is the greater of two values, or the one that is not missing.
"""


def missing(values: Stack) -> Stack:
    """How many of a client's values are missing: (inputs, clients) -> (clients,)."""
    return _count(~np.isfinite(values))


def flags(values: Stack) -> Stack:
    """How many of a client's flags are set (above 0): (inputs, clients) -> (clients,)."""
    return _count(values > 0)


def _count(found: npt.NDArray[np.bool_]) -> Stack:
    """A sum in numpy's order, which whole numbers do not depend on."""
    count: Stack = np.add.reduce(found, axis=0, dtype=np.float64)
    return count


COUNTS: Mapping[str, Callable[[Stack], Stack]] = {"missing": missing, "flags": flags}
"""Functions of one formula's inputs."""

STATISTICS = ("known", "min", "max", "median", "mean", "std")


def statistics(values: Stack, out: Stack) -> None:
    """The STATISTICS of each set of values: (inputs, sets, clients) -> (6, sets, clients).

    Missing values are left out and `known` is the number of others. Of none the statistics are
    missing, and so is the standard deviation (the sample's, n - 1) of one.
    """
    ordered = np.sort(finite(values), axis=0)  # missing last
    is_known = ordered == ordered
    count = np.add.reduce(is_known, axis=0)
    known, lowest, highest, median, mean, std = out
    known[:] = count
    lowest[:] = ordered[0]
    places = np.take(_places(len(ordered)), count, axis=1)
    lower, upper, highest[:] = _at(ordered, places)
    np.multiply(lower + upper, 0.5, out=median)
    total = np.add.accumulate(np.where(is_known, ordered, 0.0), axis=0)[-1]
    np.divide(total, count, out=mean)
    squares = ordered - mean
    squares *= squares
    squares = np.add.accumulate(np.fmax(squares, 0.0), axis=0)[-1]  # fmax: missing adds nothing
    np.sqrt(squares / np.fmax(known - 1, 0), out=std)


@cache
def _places(inputs: int) -> npt.NDArray[np.intp]:
    """Where the two middle values and the greatest stand among 0, 1, ... `inputs` ordered ones."""
    counts = range(inputs + 1)
    last = [max(count - 1, 0) for count in counts]
    upper = [min(count // 2, last[count]) for count in counts]
    return np.array([[place // 2 for place in last], upper, last], dtype=np.intp)


def _at(ordered: Stack, places: npt.NDArray[np.intp]) -> Stack:
    """The values of each set and client at `places`, of shape (how many, sets, clients)."""
    columns = places[0].size
    each = np.arange(columns).reshape(places.shape[1:])
    found: Stack = ordered.reshape(-1).take(places * columns + each)
    return found


def finite(values: Stack) -> Stack:
    """`values`, infinity made missing: infinity less itself is no number, and x + 0 is x."""
    cleaned: Stack = values - values
    cleaned += values
    return cleaned


ARITHMETIC = {
    "Add": "add",
    "Sub": "subtract",
    "Mult": "multiply",
    "Div": "divide",
    "Pow": "power",
}
"""Python's names of operators, and ours."""

FUNCTIONS: Mapping[str, int | None] = {
    "round": 1,
    "floor": 1,
    "at_least": 2,
    "between": 3,
    **dict.fromkeys((*COUNTS, *STATISTICS)),
}
"""What a formula may call, and with how many arguments; None is any number."""
