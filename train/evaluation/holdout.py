"""Clients set aside before anything is learned, to judge the finished model once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from scoring_model.artifacts import Artifacts
from scoring_model.contract import Vector
from scoring_model.decision import accepted, solvency
from scoring_model.encoding import Encoder
from train.data.dataset import persons
from train.errors import MissingColumn, MissingValues, TooFewInHoldout
from train.evaluation.metrics import judged
from train.fitting.folds import Outcomes, Persons, apart

LEAST = 2
"""Clients of each outcome that a holdout needs to say anything."""

CLIENTS = "the table of clients"


@dataclass(frozen=True)
class Setting:
    """How much to set aside, and which clients.

    `share` is of the clients, 0 for none. With `time` they are the latest by that column, else
    drawn with like shares of defaults. The rows of one person, equal in column `group`, stay
    together.
    """

    share: float = 0.0
    time: str | None = None
    group: str | None = None
    seed: int = 0


@dataclass(frozen=True)
class Holdout:
    """The clients set aside: `clients` is the table as training read it, with ids and outcomes.

    `probability` is the finished model's, calibrated, shape (clients,), in the table's order.
    """

    clients: pa.Table
    defaulted: Outcomes
    probability: Vector

    def metrics(self, threshold: float, cost_ratio: float, seed: int) -> dict[str, float]:
        """The headline metrics with their intervals, as `holdout_<metric>`."""
        lent = accepted(solvency(self.probability), threshold)
        found = judged(self.defaulted, self.probability, lent, cost_ratio, seed)
        return {f"holdout_{name}": value for name, value in found.items()}


def divide(
    table: pa.Table, id: str, target: str, setting: Setting
) -> tuple[pa.Table, pa.Table | None]:
    """The clients to learn from, and those set aside or None, each in the order of their ids.

    Raises MissingColumn and MissingValues for the columns that the setting names, and
    TooFewInHoldout if an outcome is hardly found on one of the two sides.
    """
    for column in (setting.group, setting.time):
        if column is not None and column not in table.column_names:
            raise MissingColumn(CLIENTS, column, table.column_names)
    if not setting.share:
        return table, None
    table = table.sort_by(id)
    defaulted = table[target].to_numpy().astype(np.int8)
    person = None if setting.group is None else persons(table[setting.group])
    if setting.time is None:
        _, aside = apart(defaulted, person, setting.share, setting.seed)
    else:
        aside = _latest(_times(table, setting.time), person, setting.share)
    held = np.zeros(len(defaulted), dtype=bool)
    held[aside] = True
    for side in (held, ~held):
        rarest = int(np.bincount(defaulted[side], minlength=2).min())
        if rarest < LEAST:
            raise TooFewInHoldout(setting.share, rarest)
    return table.filter(pa.array(~held)), table.filter(pa.array(held))


def score(clients: pa.Table, target: str, model: Artifacts, threads: int) -> Holdout:
    """The clients set aside, as the finished model sees them."""
    columns = {name: clients[name].to_pandas() for name in model.contract.columns}
    encoded = Encoder(model.contract).encode_columns(columns, clients.num_rows)
    booster = model.estimator.booster_
    raw = booster.predict(model.derivation.apply(encoded), num_threads=threads)
    defaulted = clients[target].to_numpy().astype(np.int8)
    return Holdout(clients, defaulted, model.calibration.apply(raw))


def _times(table: pa.Table, column: str) -> npt.NDArray[np.int64]:
    """Ranks of the rows in time, equal for equal times."""
    values = table[column]
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), None, values)
    if values.null_count:
        raise MissingValues(CLIENTS, column, values.null_count)
    ranks: npt.NDArray[np.int64] = (
        pc.rank(values, sort_keys="ascending", tiebreaker="dense").to_numpy().astype(np.int64)
    )
    return ranks


def _latest(
    times: npt.NDArray[np.int64], person: Persons | None, share: float
) -> npt.NDArray[np.int64]:
    """The latest rows, about `share` of them: rows of one time are not torn apart.

    A person who is among them is so with every row: nobody is met again.
    """
    first = np.sort(times)[-max(1, round(share * len(times)))]
    late = times >= first
    if person is not None:
        late = np.isin(person, person[late])
    return np.flatnonzero(late)
