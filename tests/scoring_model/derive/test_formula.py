import numpy as np
import pytest

from scoring_model.derive import Derivation
from scoring_model.derive.formula import Operation, names, parse

NAN = float("nan")


def value(formula, **row):
    """What a formula gives for one client."""
    derivation = Derivation(tuple(row), ("MADE",), formulas={"MADE": formula})
    return derivation.apply(np.array([list(row.values())], dtype=float))[0, 0]


def test_a_formula_is_read_as_operations_on_columns():
    product = Operation("multiply", (2.0, "B"))
    assert parse("A - 2 * B") == Operation("subtract", ("A", product))
    assert names("A / max(B, A ** .5)") == {"A", "B"}


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('x')",
        "A.real",
        "A[0]",
        "A if B else C",
        "'A'",
        "True",
        "A @ B",
        "unknown(A)",
        "round(A, B)",
        "mean()",
        "mean(A, axis=0)",
        "A; B",
        "",
        "lambda: A",
        "-A",
    ],
)
def test_what_is_no_arithmetic_is_no_formula(text):
    with pytest.raises(ValueError):
        parse(text)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("A + B * -2", -1.0),
        ("(A + B) / 2", 2.5),
        ("A ** B - .5", 8.5),
        ("round(A / 2)", 2.0),
        ("floor(A / 2)", 1.0),
        ("between(A, 2, 3)", 3.0),
        ("between(A, 3, 4)", NAN),
        ("between(A, 1, 2)", NAN),
        ("at_least(A, 4)", 4.0),
        ("at_least(N, -1)", -1.0),
        ("missing(A, N, B, N)", 2.0),
        ("known(A, N, B, N)", 2.0),
        ("flags(A, N, 0, -1)", 1.0),
        ("mean(A, N, B)", 2.5),
        ("min(A, N, B)", 2.0),
        ("max(A, N, B)", 3.0),
        ("median(A, N, B, 9)", 3.0),
        ("std(A, B, N)", 0.5**0.5),
        ("std(A, N)", NAN),
        ("mean(N, N)", NAN),
        ("median(N)", NAN),
        ("known(N)", 0.0),
        ("A + N", NAN),
    ],
)
def test_formulas_give_what_they_say(formula, expected):
    assert value(formula, A=3, B=2, N=NAN) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    "formula",
    [
        "A / Z",
        "Z / Z",
        "A / (A / Z)",
        "BIG * BIG",
        "BIG + BIG",
        "A / (BIG * 10)",
        "-1 / (BIG * -10)",
        "mean(A / Z, N)",
        "(0 - A) ** .5",
        "Z ** -1",
        "std(BIG, 0 - BIG)",
    ],
)
def test_division_by_zero_and_overflow_are_missing(formula):
    assert np.isnan(value(formula, A=3, Z=0, BIG=1.7e308, N=NAN))


def test_an_infinite_value_is_no_part_of_a_statistic():
    assert value("max(A, A / Z, 0 - A / Z)", A=3, Z=0) == 3
    assert value("min(A, A / Z, 0 - A / Z)", A=3, Z=0) == 3


def test_formulas_stand_on_each_other():
    derivation = Derivation(("A",), ("C",), formulas={"B": "A + 1", "C": "B * B"})
    assert derivation.apply(np.array([[2.0]])).tolist() == [[9.0]]


def test_a_name_that_is_nothing_is_an_error():
    with pytest.raises(ValueError, match="X is neither"):
        value("A + X", A=1)
