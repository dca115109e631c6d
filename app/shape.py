"""The size of a table, before it is one."""

from typing import NamedTuple

MAX_COLUMNS = 10_000
"""Columns of a table, and keys of a client, known ones or not."""


class Shape(NamedTuple):
    """Rows and columns, and the bytes that it takes once it is unpacked, where that is more."""

    rows: int
    columns: int
    unpacked: int = 0
