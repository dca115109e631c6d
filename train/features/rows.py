"""Expressions over rows that several tables' declarations share."""

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
