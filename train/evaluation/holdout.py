"""Clients set aside before anything is learned, to judge the finished model once."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from train.data.dataset import persons, times
from train.errors import MissingColumn, TrainError
from train.fitting.folds import Persons, Split, Times, apart, rarest

LEAST = 2
"""Clients of each outcome that a holdout needs to say anything."""


@dataclass(frozen=True)
class Setting:
    """How much to set aside, and which clients.

    `fraction` is of the clients, 0 for none. With `time` they are the latest by that column, else
    drawn at random, stratified by outcome. The rows of one person, equal in column `group`, stay
    together.
    """

    fraction: float = 0.0
    time: str | None = None
    group: str | None = None
    seed: int = 0


def divide(table: pa.Table, target: str, setting: Setting) -> tuple[pa.Table, pa.Table | None]:
    """The clients to learn from, and those set aside or None, each in their order.

    Raises MissingColumn and MissingValues for the columns that the setting names, and TrainError
    if an outcome is hardly found on one of the two sides.
    """
    for column in (setting.group, setting.time):
        if column is not None and column not in table.column_names:
            raise MissingColumn("the table of clients", column, table.column_names)
    if not setting.fraction:
        return table, None
    defaulted = table[target].to_numpy().astype(np.int8)
    person = None if setting.group is None else persons(table[setting.group])
    if setting.time is None:
        sides = apart(defaulted, person, setting.fraction, setting.seed)
    else:
        sides = _latest(times(table, setting.time), person, setting.fraction)
    if (fewest := min(rarest(defaulted[side]) for side in sides)) < LEAST:
        raise TrainError(
            f"--holdout {setting.fraction:g} leaves {fewest} clients of the rarer outcome on"
            f" one side: at least {LEAST} are needed"
        )
    learned, aside = sides
    return table.take(learned), table.take(aside)


def _latest(times: Times, person: Persons | None, fraction: float) -> Split:
    """The other rows and the latest, `fraction` of them and those of the same time as the first.

    A person who is among the latest is so with every row.
    """
    first = np.sort(times)[-max(1, round(fraction * len(times)))]
    late = times >= first
    if person is not None:
        late = np.isin(person, person[late])
    return np.flatnonzero(~late), np.flatnonzero(late)
