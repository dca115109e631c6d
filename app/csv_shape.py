"""How many rows and columns a CSV body can have at most, without reading it into a table."""

import re

from app.shape import Shape

# A quote opens a text only at the start of a field, as in pandas. Possessive: no way back to try,
# so that no body takes more than one pass.
_QUOTED = re.compile(rb'(?<![^,\r\n])"[^"]*+(?:""[^"]*+)*+"?')


def csv_shape(body: bytes) -> Shape:
    """Lines below the first, also empty ones, and the fields of the longest line."""
    if b'"' in body:
        body = _QUOTED.sub(b"x", body)
    lines = body.count(b"\n") + body.count(b"\r") - body.count(b"\r\n")
    if not body.endswith((b"\n", b"\r")):
        lines += 1
    return Shape(max(lines - 1, 0), _widest(body))


def _widest(body: bytes) -> int:
    """A line at a time: a list of all could be twenty times as large as the body."""
    widest, start = 0, 0
    for end in re.finditer(rb"[\r\n]+|\Z", body):
        widest = max(widest, body.count(b",", start, end.start()) + 1)
        start = end.end()
    return widest
