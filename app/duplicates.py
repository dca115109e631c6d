"""Objects that give one key twice: JSON readers keep the last, and the caller never learns it."""

import json
from typing import Any

from app.errors import NotJson

TWICE = "an object holds the same key twice"


def check_keys(body: bytes, keys: int) -> None:
    """Raises NotJson if an object in `body`, which is valid JSON, holds a key twice.

    `keys` is how many distinct keys were found in its objects, or fewer. There is a colon for every
    key, and more only inside of texts: if there are no more colons than keys, nothing was dropped,
    and counting them costs next to nothing. Otherwise the body is read once more, slowly.
    """
    if body.count(b":") != keys:
        try:
            json.loads(body, object_pairs_hook=_unique)
        except RecursionError as error:
            raise NotJson("too many levels of nesting") from error


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) != len({key for key, _ in pairs}):
        raise NotJson(TWICE)
