"""How many rows and columns a table in one of MLflow's JSON formats can have at most."""

from typing import Any

from app.padded_texts import padded_bytes
from app.shape import MAX_COLUMNS, Shape

TABLES = ("inputs", "instances", "dataframe_records", "dataframe_split")


def json_shape(payload: dict[str, Any]) -> Shape | None:
    """The largest of the payload's tables; None if it holds nothing like one."""
    shapes = [shape for name in TABLES if (shape := _table(payload.get(name)))]
    if not shapes:
        return None
    rows, columns = max(s.rows for s in shapes), max(s.columns for s in shapes)
    return Shape(rows, columns, padded_bytes(payload))


def _table(table: Any) -> Shape | None:
    if isinstance(table, list):
        return Shape(len(table), _width(table))
    if not isinstance(table, dict):
        return None
    if "data" in table and "columns" in table:  # dataframe_split
        return _split(table)
    return _columns(table)


def _width(rows: list[Any]) -> int:
    """Rows that are objects may each have columns of their own: together they make the table."""
    objects = [row for row in rows if isinstance(row, dict)]
    widest = max((len(row) for row in rows if isinstance(row, list)), default=1)
    together = sum(map(len, objects))
    if together > MAX_COLUMNS:  # else it does not matter how many of them are the same
        together = len(set().union(*objects))
    return max(widest, together)


def _split(table: dict[str, Any]) -> Shape:
    parts = [shape for name in ("data", "index") if (shape := _table(table.get(name)))]
    named = len(table["columns"]) if isinstance(table["columns"], list | dict) else 1
    rows = max((shape.rows for shape in parts), default=0)
    return Shape(rows, max([named, *(shape.columns for shape in parts)]))


def _columns(table: dict[str, Any]) -> Shape:
    """A list is a column's rows; objects are rows by name, which may all differ."""
    lists = max((len(rows) for rows in table.values() if isinstance(rows, list)), default=1)
    by_name = sum(len(rows) for rows in table.values() if isinstance(rows, dict))
    return Shape(max(lists, by_name), len(table))
