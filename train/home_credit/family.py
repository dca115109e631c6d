"""From declarations to columns: how the lines of families.toml become a table's features.

A feature is a statistic of a column over some of a client's rows, and is named
`PREFIX[_SUBSET]_COLUMN_STATISTIC[_WINDOW]`: BUREAU_ACTIVE_DEBT_SUM, INSTAL_DPD_MEAN_360D.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from typing import Any

import ibis
from ibis import _
from ibis.common.exceptions import IbisTypeError

DECIMALS = 6
"""Of means and spreads: an engine adds up in another order every time, and without this the last
bits of a feature, and so the model, would differ from run to run."""

Tables = Mapping[str, ibis.Table]
Expressions = Mapping[str, Any]
"""Ibis expressions over one row, by name."""
Rows = Callable[[Tables], ibis.Table]


@dataclass(frozen=True)
class Line:
    """Statistics of columns over subsets and windows, each a list of words: one feature for each
    combination. "ALL" stands for no subset or no window, and for the rows themselves as a column.
    """

    columns: str
    statistics: str
    subsets: str = "ALL"
    windows: str = "ALL"


@dataclass(frozen=True)
class Feature:
    """One feature: what it is called and what it is made of."""

    name: str
    column: str
    statistic: str
    subset: str
    window: str


@dataclass(frozen=True)
class Pass:
    """One reading of one table, in which all its `lines` are computed.

    `rows` makes the rows from the cleaned tables; `subsets` and `windows` are boolean. The sums of
    `money` columns are rounded to a thousandth (the amounts have no finer part), so that they do
    not depend on the order in which an engine adds up. `needs` are the columns without which `rows`
    cannot be made; a column that only some of the features are made of is not among them.
    """

    rows: Rows
    lines: tuple[Line, ...]
    columns: Expressions
    subsets: Expressions
    windows: Expressions
    money: frozenset[str]
    needs: frozenset[str]


@dataclass(frozen=True)
class Family:
    """All features of one history table, which start with `prefix`.

    `quotients` are {name: (feature, feature)} without the prefix: the first over the second,
    missing where that is 0.
    """

    table: str
    prefix: str
    passes: tuple[Pass, ...]
    quotients: Mapping[str, tuple[str, str]]

    @property
    def ratios(self) -> dict[str, Any]:
        """The quotients as expressions, by full name."""
        return {
            f"{self.prefix}_{name}": over(_[f"{self.prefix}_{one}"], _[f"{self.prefix}_{other}"])
            for name, (one, other) in self.quotients.items()
        }

    def features(self) -> tuple[str, ...]:
        """The names of all features declared, in order."""
        names = [f.name for passed in self.passes for f in declared(self.prefix, passed)]
        return (*names, *self.ratios)

    def counts(self) -> frozenset[str]:
        """The features that are counts: zero, not missing, for a client without rows."""
        features = (f for passed in self.passes for f in declared(self.prefix, passed))
        return frozenset(f.name for f in features if f.statistic == "COUNT")


def family(
    table: str, rows: Mapping[str, Rows], columns: Expressions, subsets: Expressions | None = None
) -> Family:
    """The family of a table as `families.toml` declares it, with the functions that make the rows
    of each pass, and the columns and subsets that take a formula. A pass has those of them that its
    rows have the columns for."""
    path = files(__package__).joinpath("families.toml")
    raw = tomllib.loads(path.read_text(encoding="utf-8"))[table]
    flags, chosen = (
        {name: _[column] == value for name, (column, value) in raw.get(part, {}).items()}
        for part in ("flags", "subsets")
    )
    named = {name: _[column] for name, column in raw["columns"].items()}
    named |= {name: flag(condition) for name, condition in flags.items()} | {**columns}
    windows = {name: _[raw["time"]] >= -back for name, back in raw["windows"].items()}
    windows |= {f"LAST{count}": _["rank"] < count for count in raw.get("newest", ())}
    passes = tuple(
        Pass(
            rows=rows[each["rows"]],
            lines=tuple(Line(*line) for line in each["lines"]),
            columns=named | {name: _[column] for name, column in each.get("columns", {}).items()},
            subsets=chosen | {**(subsets or {})},
            windows=windows,
            money=frozenset(raw.get("money", "").split()),
            needs=frozenset(each.get("needs", "").split()),
        )
        for each in raw["passes"]
    )
    return Family(table, raw["prefix"], passes, raw["quotients"])


def declared(prefix: str, passed: Pass) -> Iterator[Feature]:
    """The features of a pass."""
    for line in passed.lines:
        words = (line.subsets, line.columns, line.statistics, line.windows)
        for subset, column, statistic, window in product(*(word.split() for word in words)):
            # VALUE is said of a single row, and the window then tells which
            parts = (prefix, subset, column, statistic.replace("VALUE", "ALL"), window)
            name = "_".join(part for part in parts if part != "ALL")
            yield Feature(name, column, statistic, subset, window)


def aggregate(prefix: str, passed: Pass, rows: ibis.Table, key: str) -> ibis.Table:
    """(clients with rows, 1 + features): `rows` grouped by `key`.

    A feature is left out where `rows` lacks a column that its expressions need.
    """
    values = {f"of_{name}": value for name, value in passed.columns.items()}
    for name, condition in {**passed.subsets, **passed.windows}.items():
        # 0.0 where the condition holds, missing elsewhere: added to a column, it leaves what is to
        # be aggregated. Engines add faster than they choose, or filter each aggregate by itself.
        mask = condition.ifelse(ibis.literal(0.0, "float64"), ibis.null("float64"))
        values[f"in_{name}"] = mask
    narrow = rows.select(key, **resolved(rows, values))
    features = {}
    for feature in declared(prefix, passed):
        wanted = {f"of_{feature.column}", f"in_{feature.subset}", f"in_{feature.window}"}
        if wanted <= {*narrow.columns, "of_ALL", "in_ALL"}:
            features[feature.name] = _expression(narrow, feature, feature.column in passed.money)
    return narrow.group_by(key).agg(**features)


def resolved(rows: ibis.Table, expressions: Expressions) -> dict[str, Any]:
    """Those of the expressions that `rows` has the columns for."""
    found = {}
    for name, expression in expressions.items():
        try:
            found[name] = expression.resolve(rows)
        except (AttributeError, IbisTypeError):  # how Ibis says that _.x and _["x"] is not there
            continue
    return found


def _expression(rows: ibis.Table, feature: Feature, money: bool) -> Any:
    masks = [rows[f"in_{name}"] for name in (feature.subset, feature.window) if name != "ALL"]
    count = sum(masks[1:], masks[0]).count() if masks else rows.count()
    if feature.column == "ALL":
        return count
    value = STATISTICS[feature.statistic](sum(masks, rows[f"of_{feature.column}"]), money)
    if feature.statistic == "SUM" and masks:
        return (count > 0).ifelse(value, ibis.null("float64"))
    return value


def _sum(value: Any, money: bool) -> Any:
    """The sum of what is known: 0 where rows are there but all lack the value, as pandas has it
    and the published figures do; `_expression` makes it missing where there is no row at all."""
    total = value.sum()
    return (total.round(3) if money else total).fill_null(0.0)


def _mean(value: Any, money: bool) -> Any:
    if not money:
        return value.mean().round(DECIMALS)
    return value.sum().round(3) / value.count().nullif(0)


STATISTICS: Mapping[str, Callable[[Any, bool], Any]] = {
    "MEAN": _mean,
    "SHARE": _mean,  # of a flag
    "SUM": _sum,
    "COUNT": lambda flag, _money: flag.sum().fill_null(0.0).cast("int64"),
    "MIN": lambda value, _money: value.min(),
    "MAX": lambda value, _money: value.max(),
    "VALUE": lambda value, _money: value.max(),
    "STD": lambda value, _money: value.std(how="sample").round(DECIMALS),
    "VAR": lambda value, _money: value.var(how="sample").round(DECIMALS),
}


def flag(condition: Any) -> Any:
    """1.0 where the condition holds, 0.0 where it does not or is not known."""
    return condition.ifelse(1, 0).cast("float64")  # 1.0 would be a decimal on Spark


def over(amount: Any, base: Any) -> Any:
    """amount / base, missing where the base is 0: engines differ in what they make of x / 0."""
    return amount / base.nullif(0)


def latest(rows: ibis.Table, key: str, order: str, count: int) -> ibis.Table:
    """The first `count` rows of each `key`, with the columns of `order` sorted from high to low.

    `rank` is 0 in the latest of them. Ties are broken by the columns at the end of `order`, which
    must name a row uniquely for the answer to be the same on every run.
    """
    descending = [rows[column].desc(nulls_first=False) for column in order.split()]
    ranked = rows.mutate(rank=ibis.row_number().over(group_by=key, order_by=descending))
    return ranked.filter(ranked["rank"] < count)


def recent(rows: ibis.Table, key: str, column: str, count: int, days: Sequence[int]) -> ibis.Table:
    """Some rows of each `key`, the `count` with the highest `column` (days, negative) among them.

    Counting what lies within so many `days` is cheap, and spares `latest` sorting a long history:
    rows before the first such day on which there are enough are left out.
    """
    since = rows.group_by(key).agg(
        SINCE=ibis.cases(
            *((rows.count(where=rows[column] >= -day) >= count, -day) for day in days),
            else_=ibis.null("int64"),
        )
    )
    found = rows.join(since, key)
    return found.filter(found.SINCE.isnull() | (found[column] >= found.SINCE)).drop("SINCE")
