"""Holds every request for a protected route against the keys."""

import ipaddress

from flask import Flask, g, request

from app.access.buckets import Buckets
from app.access.keys import name_of
from app.errors import InvalidSetting, RateExceeded, Unauthorized
from app.journal import tell
from app.settings import Settings

PROTECTED = frozenset({"/features", "/openapi.json", "/metrics"})
"""Beside every POST route: the first two show what the training data holds, the last how many
clients are scored, and how."""

KEY_HEADER = "X-API-Key"
_SCHEME = "bearer "


def install(app: Flask, settings: Settings) -> None:
    """Without keys nothing is checked, and it costs nothing.

    Raises InvalidSetting for a rate without keys that it could hold for.
    """
    keys = settings.api_keys
    if not keys:
        if settings.rate_limit:
            raise InvalidSetting("RATE_LIMIT", "set beside API_KEYS, since it is the rate of a key")
        return
    names = {key.name for key in keys}
    buckets = Buckets(names, settings.rate_limit) if settings.rate_limit else None

    def check() -> None:
        if request.url_rule is None or not is_protected(request.method, request.path):
            return
        name = name_of(_sent(), keys)
        if name is None:
            raise Unauthorized
        g.key = name
        if buckets and (seconds := buckets.take(name)):
            raise RateExceeded(seconds)

    app.before_request(check)


def is_protected(method: str, path: str) -> bool:
    """Whether a key is needed, where there are keys."""
    return method == "POST" or (path in PROTECTED and method != "OPTIONS")


def warn_if_open(settings: Settings) -> None:
    """One line for a service that anybody may ask from elsewhere."""
    if not settings.api_keys and not _is_loopback(settings.host):
        tell("no api keys", host=settings.host, meaning="whoever reaches the port may score")


def _sent() -> str:
    authorization = request.headers.get("Authorization", "")
    if authorization[: len(_SCHEME)].lower() == _SCHEME:
        return authorization[len(_SCHEME) :].strip()
    return request.headers.get(KEY_HEADER, "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
