"""Formulas as text, `AMT_CREDIT / AMT_ANNUITY`, `mean(EXT_SOURCE_1, EXT_SOURCE_2)`: how they are
parsed, and the numpy functions that compute them.

Formulas consist of numbers, names, `+ - * / **` and FUNCTIONS. They are parsed, never run as
Python: a formula in a model's file can do nothing but arithmetic.

The numpy functions take stacked columns; a missing value gives a missing value. Each client is
computed in an order of its own: numpy's sums and means are not used, since they add up in an order
that depends on how many clients there are. So a client's numbers are the same to the bit, alone or
among a million. Infinite intermediate values become missing at the end of a program.
"""

import ast
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class Operation(NamedTuple):
    """A function of expressions, by its name in ELEMENTWISE, COUNTS or STATISTICS."""

    name: str
    arguments: "tuple[Expression, ...]"


Expression = str | float | Operation
"""The name of a column or of another formula, a constant, or an operation."""


@lru_cache(maxsize=1024)
def parse(formula: str) -> Expression:
    """Raises ValueError for anything but arithmetic."""
    try:
        return _expression(ast.parse(formula, mode="eval").body)
    except SyntaxError as error:
        raise ValueError(f"{formula!r} is not a formula") from error


def names(formula: str) -> frozenset[str]:
    """The columns and other formulas that a formula mentions. Raises ValueError."""
    return frozenset(_names(parse(formula)))


def _names(expression: Expression) -> set[str]:
    if isinstance(expression, str):
        return {expression}
    if isinstance(expression, Operation):
        return set().union(*map(_names, expression.arguments))
    return set()


def _expression(tree: ast.expr) -> Expression:
    match tree:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -float(number)
        case ast.BinOp(left=left, op=operator, right=right):
            symbol = type(operator).__name__
            if symbol in ARITHMETIC:
                return Operation(ARITHMETIC[symbol], (_expression(left), _expression(right)))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if name in FUNCTIONS and FUNCTIONS[name] in (None, len(arguments)) and arguments:
                return Operation(name, tuple(map(_expression, arguments)))
    raise ValueError(f"{ast.unparse(tree)!r} is not a formula")


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
    """numpy's order of summation does not matter for whole numbers."""
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
    positions = np.take(_order_positions(len(ordered)), count, axis=1)
    lower, upper, highest[:] = _at(ordered, positions)
    np.multiply(lower + upper, 0.5, out=median)
    total = np.add.accumulate(np.where(is_known, ordered, 0.0), axis=0)[-1]
    np.divide(total, count, out=mean)
    squares = ordered - mean
    squares *= squares
    squares = np.add.accumulate(np.fmax(squares, 0.0), axis=0)[-1]  # fmax: missing adds nothing
    np.sqrt(squares / np.fmax(known - 1, 0), out=std)


@cache
def _order_positions(inputs: int) -> npt.NDArray[np.intp]:
    """Positions of the two middle values and the greatest of 0, 1, ... `inputs` ordered values."""
    counts = range(inputs + 1)
    last = [max(count - 1, 0) for count in counts]
    upper = [min(count // 2, last[count]) for count in counts]
    return np.array([[position // 2 for position in last], upper, last], dtype=np.intp)


def _at(ordered: Stack, positions: npt.NDArray[np.intp]) -> Stack:
    """The values of each set and client at `positions`, of shape (how many, sets, clients)."""
    columns = positions[0].size
    each = np.arange(columns).reshape(positions.shape[1:])
    found: Stack = ordered.reshape(-1).take(positions * columns + each)
    return found


def finite(values: Stack) -> Stack:
    """`values` with infinity as NaN: infinity - infinity is NaN, and x + 0 is x."""
    cleaned: Stack = values - values
    cleaned += values
    return cleaned


ARITHMETIC = {"Add": "add", "Sub": "subtract", "Mult": "multiply", "Div": "divide", "Pow": "power"}
"""Operators by the names of their nodes in Python's syntax tree."""

FUNCTIONS: Mapping[str, int | None] = {
    "round": 1,
    "floor": 1,
    "at_least": 2,
    "between": 3,
    **dict.fromkeys((*COUNTS, *STATISTICS)),
}
"""What a formula may call, with the number of arguments; None for any number."""
