"""What the texts in a body take once numpy has padded them to the longest beside them.

MLflow makes arrays of `inputs` and `instances`. In an array of texts each has the room of the
longest: one of a megabyte among a thousand short ones makes four gigabytes.
"""

from collections.abc import Iterator
from typing import Any

CHARACTER = 4
"""Bytes of each in an array."""


def padded_bytes(payload: dict[str, Any]) -> int:
    """The most that the arrays of a payload's texts can take together."""
    arrays = [*_arrays(payload.get("inputs")), *_columns(payload.get("instances"))]
    return sum(map(_padded, arrays))


def _arrays(table: Any) -> Iterator[list[Any]]:
    """What arrays are made of: the values of columns or, of records, each value by itself."""
    if isinstance(table, dict):
        yield from (values for values in table.values() if type(values) is list)
    elif isinstance(table, list) and all(type(row) is dict for row in table):
        for row in table:
            yield from (value for value in row.values() if type(value) is list)
    elif isinstance(table, list):
        yield table


def _columns(table: Any) -> Iterator[list[Any]]:
    """The same, of `instances`, whose records become columns."""
    if not isinstance(table, list) or not table or type(table[0]) is not dict:
        yield from _arrays(table)
        return
    columns: dict[str, list[Any]] = {}
    for row in table:
        if type(row) is dict:
            for name, value in row.items():
                columns.setdefault(name, []).append(value)
    yield from columns.values()


def _padded(values: list[Any]) -> int:
    count = longest = 0
    level = [values]
    while level:
        inner: list[list[Any]] = []
        for one in level:
            count += len(one)
            longest = max(longest, max((len(v) for v in one if type(v) is str), default=0))
            inner += [v for v in one if type(v) is list]
        level = inner
    return CHARACTER * longest * count
