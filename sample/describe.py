"""Aggregates per client of the tables in a folder, described as the published ones are."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sample.aggregates import Definitions, finite, quoted, rolled_up
from sample.facts import Facts
from sample.families import Family
from sample.published import Figures
from sample.tables import Tables

# Columns described by one query: each holds a value of every client twice, once as it is
# aggregated and once to take quartiles of, 250 MB for 48 columns at the published size.
TOGETHER = 48

Say = Callable[[str], None]


@dataclass(frozen=True)
class Described:
    """The number of clients, and what was found of each aggregate."""

    clients: int
    aggregates: Mapping[str, Figures]


def describe(tables: Tables, defined: Definitions, facts: Facts, say: Say) -> Described:
    """The figures of every defined aggregate over the clients of both application tables."""
    (clients,) = tables.row(f"SELECT count(*) FROM {_clients(tables)}")
    _roll_up(tables, defined, facts, say)
    found: dict[str, Figures] = {}
    for family, sqls in defined.families.items():
        say(f"{len(sqls)} aggregates {family.prefix} of {family.table}".replace("  ", " "))
        for part in _parts(sqls):
            found |= _figures(tables, family, part)
    return Described(int(clients), found)


def _clients(tables: Tables) -> str:
    """Both application tables; the baseline leaves out the clients of gender XNA."""
    train, test = (tables.source(f"application_{part}") for part in ("train", "test"))
    both = f"SELECT * FROM {train} UNION ALL BY NAME SELECT * FROM {test}"
    return f"(SELECT * FROM ({both}) WHERE CODE_GENDER IS DISTINCT FROM 'XNA')"


def _roll_up(tables: Tables, defined: Definitions, facts: Facts, say: Say) -> None:
    """Keeps, for each child, the table that its families join."""
    wanted: dict[Family, dict[str, str]] = {}
    for family, sqls in defined.families.items():
        if family.child is not None:
            wanted.setdefault(family.child, {}).update(rolled_up(family, sqls, facts))
    for child, columns in wanted.items():
        say(f"{child.table} per {child.key}")
        values = "".join(f", {sql} AS {quoted(column)}" for column, sql in columns.items())
        source = tables.source(child.table)
        tables.keep(_kept(child), f"SELECT {child.key}{values} FROM {source} GROUP BY {child.key}")


def _kept(child: Family) -> str:
    return f"{child.table}_rolled_up"


def _parts(sqls: Mapping[str, str]) -> Iterator[dict[str, str]]:
    left = iter(sqls.items())
    while part := dict(islice(left, TOGETHER)):
        yield part


def _figures(tables: Tables, family: Family, sqls: Mapping[str, str]) -> dict[str, Figures]:
    values = ", ".join(f"({sql})::DOUBLE AS v{i}" for i, sql in enumerate(sqls.values()))
    told = ", ".join(_told(f"v{i}") for i in range(len(sqls)))
    rows = tables.rows(f"SELECT {told} FROM (SELECT {values} {_from(tables, family)})")
    return {name: _read(rows[0][6 * i : 6 * i + 6]) for i, name in enumerate(sqls)}


def _from(tables: Tables, family: Family) -> str:
    """The rest of a query that has the family's aggregates, one row a client."""
    clients = _clients(tables)
    if family.key is None:
        return f"FROM {clients}"
    source = tables.source(family.table)
    if family.child is not None:
        source += f" LEFT JOIN {_kept(family.child)} USING ({family.child.key})"
    of_clients = f"{family.key} IN (SELECT {family.key} FROM {clients})"
    return f"FROM {source} WHERE {family.rows} AND {of_clients} GROUP BY {family.key}"


def _told(value: str) -> str:
    known = finite(value)
    return (
        f"count({value}), avg({known}), stddev_samp({known}), min({value}), "
        f"quantile_cont({value}, [0.25, 0.5, 0.75]), max({value})"
    )


def _read(row: tuple[Any, ...]) -> Figures:
    """The figures from what `_told` asks for, in its order."""
    count, mean, std, low, quartiles, high = row
    figures = (count, mean, std, low, *(quartiles or (None, None, None)), high)
    return Figures(*(math.nan if figure is None else float(figure) for figure in figures))
