"""Which rows a model learns from and which it is judged on."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold

from train.errors import TooFewPersons

Rows = npt.NDArray[np.int64]
Outcomes = npt.NDArray[np.int8]
Persons = npt.NDArray[np.int64]
"""A whole number for each row, the same for the rows of one person."""

Split = tuple[Rows, Rows]
"""Positions to learn from, and positions to judge on."""


def folds(defaulted: Outcomes, persons: Persons | None, count: int, seed: int) -> Iterator[Split]:
    """`count` splits that between them judge every row once, with like shares of defaults.

    The rows of one person are judged together: persons are dealt out by whether any of their rows
    defaulted. Raises TooFewPersons where there are not enough of either sort for every fold.
    """
    dealt = StratifiedKFold(count, shuffle=True, random_state=seed)
    if persons is None:
        yield from dealt.split(defaulted, defaulted)
        return
    person, ever = _persons(defaulted, persons)
    rarest = _rarest(ever)
    if rarest < count:
        raise TooFewPersons(rarest, count)
    for _, judged in dealt.split(ever, ever):
        of_fold = np.isin(person, judged)
        yield np.flatnonzero(~of_fold), np.flatnonzero(of_fold)


def folds_up_to(
    defaulted: Outcomes, persons: Persons | None, most: int, seed: int
) -> Iterator[Split]:
    """`folds` of as many as there are rows (or persons) of the rarer outcome, from 2 to `most`."""
    labels = defaulted if persons is None else _persons(defaulted, persons)[1]
    yield from folds(defaulted, persons, max(2, min(most, _rarest(labels))), seed)


def apart(defaulted: Outcomes, persons: Persons | None, share: float, seed: int) -> Split:
    """One split that judges about `share` of the rows: one fold of about 1 / `share`."""
    return next(folds_up_to(defaulted, persons, round(1 / share), seed))


def _persons(defaulted: Outcomes, persons: Persons) -> tuple[Rows, Outcomes]:
    """The place of each row's person among the persons, and who of these ever defaulted."""
    _, person = np.unique(persons, return_inverse=True)
    ever = np.zeros(person.max() + 1, dtype=np.int8)
    np.maximum.at(ever, person, defaulted)
    return person, ever


def _rarest(labels: Outcomes) -> int:
    return int(np.bincount(labels, minlength=2).min())
