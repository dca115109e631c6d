"""Formulas as text: `AMT_CREDIT / AMT_ANNUITY`, `mean(EXT_SOURCE_1, EXT_SOURCE_2)`.

Numbers, names, `+ - * / **` and the functions of `scoring_model.derive.operations`. They are read,
never run as Python: a formula in a model's file can do nothing but arithmetic.
"""

import ast
from functools import lru_cache
from typing import NamedTuple

from scoring_model.derive.operations import ARITHMETIC, FUNCTIONS


class Operation(NamedTuple):
    """A function of expressions, by its name in `operations`."""

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
