"""How large the table in a Parquet body is, without unpacking it.

Who reads Parquet believes its page headers: pages are unpacked to the size that they state, and
filled with the values that they state. A few bytes can state gigabytes, so the headers are added up
first. The structs are those of parquet-format's parquet.thrift.
"""

from app.shape import Shape
from app.thrift import NotThrift, Reader, Struct

MAGIC = b"PAR1"
TEXTS = (6, 7)
"""Physical types of any length: BYTE_ARRAY and FIXED_LEN_BYTE_ARRAY."""

DATA_PAGE, DICTIONARY_PAGE, DATA_PAGE_V2 = 0, 2, 3
DELTA_BYTE_ARRAY = 7
"""An encoding in which a text repeats the start of the one before."""

VALUE = 16
"""Bytes that a value takes, beside its own."""

PADDING = 100
"""Bytes by which old writers stated a column too short; readers go on for that long."""


def parquet_shape(body: bytes) -> Shape:
    """The most that reading `body` can lead to. Raises NotThrift if it is no Parquet file."""
    length = int.from_bytes(body[-8:-4], "little")
    start = len(body) - 8 - length
    if len(body) < 12 or start < 4 or body[:4] != MAGIC or body[-4:] != MAGIC:
        raise NotThrift
    reader = Reader(body)
    try:
        return _shape(reader, reader.struct_at(start))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise NotThrift from error


def _shape(reader: Reader, footer: Struct) -> Shape:
    groups = [(max(group[3], 0), group[1]) for group in footer[4]]
    rows = max(footer[3], sum(rows for rows, _ in groups), 0)
    unpacked = sum(_unpacked(reader, chunk[3], rows) for rows, of in groups for chunk in of)
    return Shape(rows, len(footer[2]), unpacked)


def _unpacked(reader: Reader, chunk: Struct, rows: int) -> int:
    """Bytes of one column of a group of rows; each row may repeat the longest text there is."""
    start = min(chunk[9], chunk.get(11) or chunk[9])
    end, expected = start + chunk[7], chunk[5]
    position, values, unpacked = start, 0, 0
    while values < expected and position < end + PADDING:  # as Arrow reads
        header = reader.struct_at(position)
        size, packed = header[2], header[3]
        if size < 0 or packed < 0:
            raise NotThrift
        held, repeats = _held(header, rows)
        unpacked += size + held * VALUE + (size * repeats if chunk[1] in TEXTS else 0)
        values += held if header[1] != DICTIONARY_PAGE else 0
        position = reader.position + packed
    return unpacked


def _held(header: Struct, rows: int) -> tuple[int, int]:
    """Values in a page, and how often its bytes may come again."""
    kind = header[1]
    if kind == DICTIONARY_PAGE:
        return max(header[7][1], 0), rows
    if kind == DATA_PAGE:
        values, encoding = header[5][1], header[5][2]
    elif kind == DATA_PAGE_V2:
        values, encoding = header[8][1], header[8][4]
    else:
        return 0, 0
    values = max(values, 0)
    return values, values if encoding == DELTA_BYTE_ARRAY else 0
