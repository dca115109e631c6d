"""The share of defaults among the nearest clients, by the points that the model carries."""

import numpy as np
import pytest

from scoring_model.derive import Derivation
from scoring_model.derive.neighbours import COLUMN, NEAREST, OF, SHARE, Neighbours

RANDOM = np.random.default_rng(5)


@pytest.fixture(scope="module")
def outcomes(matrix):
    return RANDOM.integers(0, 2, len(matrix)).astype(np.int8)


@pytest.fixture(scope="module")
def derivation(frame):
    return Derivation.declared(tuple(frame))


@pytest.fixture(scope="module")
def values(derivation, matrix):
    made = derivation.apply(matrix)
    return np.column_stack([made[:, derivation.columns.index(name)] for name in OF])


@pytest.fixture(scope="module")
def fitted(derivation, values, outcomes):
    return derivation.with_neighbours(Neighbours.fit(values, outcomes))


def rates(derivation, matrix):
    return derivation.apply(matrix)[:, derivation.columns.index(COLUMN)]


def by_hand(values, outcomes, count):
    """Every distance to every client, in numpy."""
    points = (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0)
    points = np.nan_to_num(points).astype(np.float32).astype(float)
    distances = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    nearest = np.argsort(distances, axis=1)[:, :count]
    return outcomes[nearest].mean(axis=1)


def test_the_rate_is_that_of_the_nearest_by_every_distance(fitted, matrix, values, outcomes):
    known = np.isfinite(values).any(axis=1)
    count = fitted.neighbours.count
    assert count == min(NEAREST, len(values) // SHARE)
    expected = by_hand(values, outcomes, count)
    np.testing.assert_allclose(rates(fitted, matrix)[known], expected[known], atol=1.5 / count)
    assert np.mean(rates(fitted, matrix)[known] == expected[known]) > 0.99  # but for equal ones


def test_a_client_of_whom_nothing_is_known_has_no_neighbours(fitted, matrix):
    nobody = np.full((1, matrix.shape[1]), np.nan)
    assert np.isnan(rates(fitted, nobody)).all()


def test_alone_or_in_company_a_client_has_the_same_rate(fitted, matrix):
    alone = [rates(fitted, matrix[row : row + 1])[0] for row in range(40)]
    np.testing.assert_array_equal(alone, rates(fitted, matrix)[:40])


def test_read_back_from_its_file_it_is_the_same(fitted, matrix):
    again = Derivation.from_json(fitted.to_json())
    assert again == fitted
    np.testing.assert_array_equal(again.apply(matrix), fitted.apply(matrix))


def test_a_derivation_without_neighbours_says_nothing_of_them(derivation):
    assert "neighbours" not in derivation.to_json()


def test_the_rate_alone_needs_what_it_is_made_of_and_nothing_else(fitted, matrix):
    alone = fitted.restricted_to([COLUMN])
    assert set(alone.inputs) == {*OF[:3], "AMT_CREDIT", "AMT_ANNUITY"}
    places = [fitted.inputs.index(name) for name in alone.inputs]
    np.testing.assert_array_equal(alone.apply(matrix[:, places])[:, 0], rates(fitted, matrix))
    assert fitted.restricted_to(["TERM"]).neighbours is None


@pytest.mark.parametrize("change", [{"count": 0}, {"points": ""}, {"of": ["TERM"]}])
def test_neighbours_that_lack_something_are_refused(fitted, change):
    raw = {
        name: getattr(fitted.neighbours, name) for name in fitted.neighbours.__dataclass_fields__
    }
    with pytest.raises(ValueError):
        Neighbours.from_dict(raw | change)


def test_neighbours_can_be_told_only_by_columns_that_are_there(derivation):
    assert derivation.near == OF
    assert Derivation.declared(("EXT_SOURCE_1", "EXT_SOURCE_2")).near == ()
