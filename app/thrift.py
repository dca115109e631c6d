"""Structs in Thrift's compact protocol, in which Parquet writes what its files hold.

The encoding is that of Apache Thrift, doc/specs/thrift-compact-protocol.md.
"""

from typing import Any

Struct = dict[int, Any]
"""Field numbers and values."""

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
MAX_DEPTH = 12
MAX_VALUES = 300_000
"""Values read from one body, ten times what a thousand clients of 600 columns take."""


class NotThrift(ValueError):
    """The bytes are no such structs, or more than anyone needs."""


class Reader:
    """Reads structs out of `data`, anywhere; raises NotThrift."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MAX_VALUES
        self.position = 0

    def struct_at(self, position: int) -> Struct:
        """The struct that begins at `position`; `self.position` is then behind it."""
        if not 0 <= position < len(self._data):
            raise NotThrift
        self.position = position
        return self._struct(0)

    def _struct(self, depth: int) -> Struct:
        fields: Struct = {}
        number = 0
        while header := self._byte():
            delta, kind = header >> 4, header & 15
            number = number + delta if delta else self._signed()
            fields[number] = kind == TRUE if kind in (TRUE, FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise NotThrift
        if kind in (I16, I32, I64):
            return self._signed()
        if kind == BINARY:
            return self._bytes(self._varint())
        if kind == STRUCT:
            return self._struct(depth + 1)
        if kind in (LIST, SET):
            return self._list(depth + 1)
        if kind in (TRUE, FALSE, BYTE):  # outside of a struct's own fields a boolean is a byte
            return self._byte()
        if kind == DOUBLE:
            return self._bytes(8)
        raise NotThrift  # maps: Parquet has none

    def _list(self, depth: int) -> list[Any]:
        header = self._byte()
        size, kind = header >> 4, header & 15
        size = self._varint() if size == 15 else size
        if size > self._left:
            raise NotThrift
        return [self._value(kind, depth) for _ in range(size)]

    def _byte(self) -> int:
        self.position += 1
        try:
            return self._data[self.position - 1]
        except IndexError as error:
            raise NotThrift from error

    def _bytes(self, size: int) -> bytes:
        start, self.position = self.position, self.position + size
        if self.position > len(self._data):
            raise NotThrift
        return self._data[start : self.position]

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise NotThrift

    def _signed(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
