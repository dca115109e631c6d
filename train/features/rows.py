"""Expressions over rows that several tables' declarations share."""

from collections.abc import Sequence
from typing import Any

import ibis


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
