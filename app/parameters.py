"""Query parameters, and bodies that are small objects of texts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl

from app.context import JSON, Context
from app.errors import InvalidRequest
from app.requests import check_content, check_keys, parse_json

LONGEST_TEXT = 10_000
"""Characters of what a client or a reviewer writes."""

Choice = TypeVar("Choice", bound=str)


def read_query(context: Context, *names: str) -> dict[str, str]:
    """The parameters of the query. Raises InvalidRequest for another name, or the same twice."""
    pairs = parse_qsl(context.query, keep_blank_values=True)
    query = dict(pairs)
    if len(query) < len(pairs) or not query.keys() <= {*names}:
        raise InvalidRequest(reason=f"the query may have {', '.join(names)}, each once")
    return query


def read_moment(query: Mapping[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        moment = datetime.fromisoformat(query[name])
    except ValueError as error:
        raise InvalidRequest(reason=f"{name} must be a day or time as in RFC 3339") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_object(context: Context, *names: str, keys_checked: bool = True) -> dict[str, Any]:
    """The body, an object with these names and no other. Raises InvalidRequest, NotJson,
    UnsupportedType and Compressed."""
    check_content(context, [JSON])
    given = parse_json(context.body)
    if not isinstance(given, dict) or given.keys() != {*names}:
        raise InvalidRequest(reason=f"the body must be an object of {', '.join(names)}")
    if keys_checked:
        check_keys(context.body, [given])
    return given


def read_text(given: Mapping[str, Any], name: str, longest: int = LONGEST_TEXT) -> str:
    text = given[name]
    if not isinstance(text, str) or not 1 <= len(text) <= longest:
        raise InvalidRequest(reason=f"{name} must be a text of 1 to {longest} characters")
    return text


def read_choice(name: str, value: Any, choices: Sequence[Choice]) -> Choice:
    if value not in choices:
        raise InvalidRequest(reason=f"{name} must be one of {', '.join(choices)}")
    return cast(Choice, value)
