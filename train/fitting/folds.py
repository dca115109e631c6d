"""Which rows a model learns from and which it is judged on."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold

from train.errors import TrainError

Rows = npt.NDArray[np.int64]
Outcomes = npt.NDArray[np.int8]
Persons = npt.NDArray[np.int64]
"""A whole number for each row, the same for the rows of one person."""
Times = npt.NDArray[np.int64]
"""The rank in time of each row, equal for equal times."""
Split = tuple[Rows, Rows]
"""Positions to learn from, and positions to judge on."""


def folds(defaulted: Outcomes, persons: Persons | None, count: int, seed: int) -> Iterator[Split]:
    """`count` splits that between them judge every row once, stratified by outcome.

    The rows of one person are judged together: persons are stratified by whether any of their rows
    defaulted. Raises TrainError where there are not enough of either sort for every fold.
    """
    person, ever = _by_person(defaulted, persons)
    if persons is not None and (fewest := rarest(ever)) < count:
        raise TrainError(f"{fewest} persons of the rarer outcome are too few for {count} folds")
    for _, judged in StratifiedKFold(count, shuffle=True, random_state=seed).split(ever, ever):
        yield _split(np.isin(person, judged))


def folds_up_to(
    defaulted: Outcomes, persons: Persons | None, most: int, seed: int
) -> Iterator[Split]:
    """`folds` of as many as there are rows (or persons) of the rarer outcome, from 2 to `most`."""
    count = rarest(_by_person(defaulted, persons)[1])
    return folds(defaulted, persons, max(2, min(most, count)), seed)


def folds_in_time(
    defaulted: Outcomes, persons: Persons | None, times: Times, count: int
) -> Iterator[Split]:
    """`count` splits in time: each judges a block of rows and learns from all rows before it.

    The rows are cut into `count` + 1 blocks of about equal size, the first of which is never
    judged; rows of one time stay together. What is judged is not learned from by way of another
    row of the same person. Raises TrainError for a block or a past that lacks an outcome.
    """
    starts = np.quantile(times, np.arange(1, count + 1) / (count + 1), method="higher")
    block = np.searchsorted(starts, times, side="right")
    for number in range(1, count + 1):
        judged, learned = block == number, block < number
        if persons is not None:
            learned &= ~np.isin(persons, persons[judged])
        if min(rarest(defaulted[judged]), rarest(defaulted[learned])) < 2:
            raise TrainError(
                f"--time-column leaves fold {number} of {count} fewer than 2 clients of an outcome"
                " to learn from or to judge on: ask for fewer --folds"
            )
        yield np.flatnonzero(learned), np.flatnonzero(judged)


def apart(defaulted: Outcomes, persons: Persons | None, fraction: float, seed: int) -> Split:
    """One random split that judges `fraction` of the rows, stratified by outcome.

    Of each outcome the number of rows judged is exact; with `persons` it is the nearest from below
    that whole persons, stratified by whether any of their rows defaulted, add up to.
    """
    person, ever = _by_person(defaulted, persons)
    rows_of = np.bincount(person, minlength=len(ever))
    shuffled = np.random.default_rng(seed).permutation(len(ever))
    judged = np.zeros(len(ever), dtype=bool)
    for outcome in (0, 1):
        drawn = shuffled[ever[shuffled] == outcome]
        rows = np.cumsum(rows_of[drawn])
        judged[drawn[rows <= round(fraction * rows_of[drawn].sum())]] = True
    return _split(judged[person])


def rarest(labels: Outcomes) -> int:
    """How many there are of the rarer outcome."""
    return int(np.bincount(labels, minlength=2).min())


def _split(judged: npt.NDArray[np.bool_]) -> Split:
    return np.flatnonzero(~judged), np.flatnonzero(judged)


def _by_person(defaulted: Outcomes, persons: Persons | None) -> tuple[Rows, Outcomes]:
    """The position of each row's person among the persons, and which of these ever defaulted; each
    row is a person of its own where `persons` is None."""
    if persons is None:
        return np.arange(len(defaulted)), defaulted
    _, person = np.unique(persons, return_inverse=True)
    ever = np.zeros(person.max() + 1, dtype=np.int8)
    np.maximum.at(ever, person, defaulted)
    return person, ever
