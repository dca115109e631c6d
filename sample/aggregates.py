"""From an aggregate's systematic name, such as PREV_AMT_CREDIT_MEAN, to the SQL that computes it.

The conventions are those that the published counts show: a sum over no value is 0, every other
statistic of no value is missing; mean, sum and variance of values of which one is infinite are
missing, while minimum and maximum are not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sample.facts import Facts, Table
from sample.families import FAMILIES, Family

STATISTICS = {
    "MIN": "min({})",
    "MAX": "max({})",
    "MEAN": "avg({})",
    "SUM": "coalesce(sum({}), 0)",
    "VAR": "var_samp({})",
    "NUNIQUE": "count(DISTINCT {})",
    "SIZE": "count(*)",
}
FINITE = ("MEAN", "SUM", "VAR")


@dataclass(frozen=True)
class Definitions:
    """{aggregate: SQL} of each family, and the names for which no definition fits."""

    families: Mapping[Family, Mapping[str, str]]
    unknown: tuple[str, ...]


def definitions(names: Iterable[str], facts: Facts) -> Definitions:
    """The SQL of every name, in the family that its prefix says."""
    found: dict[Family, dict[str, str]] = {family: {} for family in FAMILIES}
    unknown = []
    for name in names:
        family = next(family for family in FAMILIES if name.startswith(family.prefix))
        sql = expression(family, name.removeprefix(family.prefix), facts)
        if sql is None:
            unknown.append(name)
        else:
            found[family][name] = sql
    return Definitions({family: sqls for family, sqls in found.items() if sqls}, tuple(unknown))


def expression(family: Family, name: str, facts: Facts) -> str | None:
    """The SQL of an aggregate, named without prefix; None if no definition fits."""
    if family.key is None:
        return _value(family, name, facts)
    base, _, statistic = name.rpartition("_")
    if name == "COUNT":
        return "count(*)"
    if statistic not in STATISTICS or (value := _value(family, base, facts)) is None:
        return None
    if base in family.ratios and statistic in FINITE:
        return _unless_infinite(STATISTICS[statistic], value)
    return STATISTICS[statistic].format(value)


def rolled_up(family: Family, names: Iterable[str], facts: Facts) -> dict[str, str]:
    """{column: SQL} of the family's child that the aggregates of these names are over."""
    if family.child is None:
        return {}
    table = facts.tables[family.table]
    bases = {name.removeprefix(family.prefix).rpartition("_")[0] for name in names}
    sqls = {b: expression(family.child, b, facts) for b in sorted(bases) if b not in table.columns}
    return {base: sql for base, sql in sqls.items() if sql is not None}


def finite(value: str) -> str:
    """The value, or null where it is infinite: DuckDB refuses the variance of infinite values."""
    return f"CASE WHEN isfinite(({value})::DOUBLE) THEN {value} END"


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def _value(family: Family, base: str, facts: Facts) -> str | None:
    """The SQL of what a statistic is over: a derived value, a column, a category, a roll-up."""
    table = _table(family, facts)
    if base in family.derived:
        return family.derived[base]
    if base in table.columns:
        return None if table.columns[base].type == "string" else quoted(base)
    if family.child is not None and expression(family.child, base, facts) is not None:
        return quoted(base)
    return _category(family, table, base)


def _category(family: Family, table: Table, base: str) -> str | None:
    """1 where a column has the category that the name ends with, or is missing for nan."""
    for column in family.texts(table):
        if base.startswith(f"{column}_"):
            category = base.removeprefix(f"{column}_").replace("'", "''")
            if category == "nan":
                return f"({quoted(column)} IS NULL)::INT"
            return f"coalesce({quoted(column)} = '{category}', false)::INT"
    return None


def _table(family: Family, facts: Facts) -> Table:
    return facts.tables["application_train" if family.key is None else family.table]


def _unless_infinite(statistic: str, value: str) -> str:
    known = finite(value)
    return f"CASE WHEN count({value}) = count({known}) THEN {statistic.format(known)} END"
