import numpy as np
import pytest

from tests.train.made import dataset, table
from train.data.leakage import warn_of_leakage

Y = table()["y"].to_numpy()
RANDOM = np.random.default_rng(3)


def warned(**columns):
    lines = []
    warn_of_leakage(dataset(**columns), lines.append)
    return lines


def test_ordinary_columns_are_no_reason_to_warn():
    many = [f"{number}" for number in RANDOM.integers(0, 300, 400)]
    assert warned(words=[f"w{number}" for number in many]) == []


@pytest.mark.parametrize(
    "leak",
    [
        -Y + 0.1 * RANDOM.normal(size=400),
        np.where(Y == 1, RANDOM.random(400), np.nan),
        np.where(Y == 1, "closed", "open"),
    ],
    ids=["a number", "a value that only defaults have", "a category"],
)
def test_a_column_that_orders_the_outcomes_alone_is_named(leak):
    (line,) = warned(leak=leak)
    assert "column leak" in line
    assert "warning" in line
