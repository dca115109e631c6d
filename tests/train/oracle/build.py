"""One row per client: the application's columns and every history feature, as a careful person
writes them in pandas.

Each table is read with the columns that are needed and text as categories; new columns are derived
for all rows at once; each subset or window of the rows is grouped once, and each statistic is taken
of all its columns at once. Nothing of train.features is used: the two are held against each other.
"""

from pathlib import Path

import pandas as pd

from tests.train.oracle import bureau, card, instalments, pos, previous
from tests.train.oracle.grouping import KEY
from tests.train.oracle.ratios import across, ratios

TABLES = (bureau, previous, instalments, pos, card)


def features(folder: Path) -> pd.DataFrame:
    """The table of application_train with its history, by client (SK_ID_CURR, sorted).

    Means, shares and spreads are rounded to six decimals, but a mean of money is that of a sum
    rounded to three. A client without rows has counts of 0 and all else missing.
    """
    clients = pd.read_parquet(folder / "application_train.parquet").set_index(KEY).sort_index()
    parts = [clients]
    for table in TABLES:
        parts += [part.reindex(clients.index) for part in table.features(folder)]
    made = pd.concat(parts, axis=1)
    new = made.columns.difference(clients.columns)
    counts = new[new.str.contains(r"_COUNT(?:_|$)")]
    made[counts] = made[counts].fillna(0).astype("int64")
    return pd.concat([made, ratios(made), across(made)], axis=1)
