"""Holds every request for a protected route against the keys."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from app.access.buckets import Buckets
from app.access.keys import name_of
from app.errors import InvalidSetting, RateExceeded, Unauthorized
from app.exchange import Exchange
from app.journal import tell
from app.settings import Settings

PROTECTED = frozenset({"/features", "/openapi.json", "/metrics"})
"""Beside every POST route: the first two show what the training data holds, the last how many
clients are scored, and how."""

KEY_HEADER = "X-API-Key"
_SCHEME = "bearer "


class Gate:
    """Lets in who has a key. Without keys nothing is checked, and it costs nothing.

    Raises InvalidSetting for a rate without keys that it could hold for.
    """

    def __init__(self, settings: Settings) -> None:
        self._keys = settings.api_keys or ()
        names = {key.name for key in self._keys}
        rate = settings.rate_limit
        if rate and not names:
            raise InvalidSetting("RATE_LIMIT", "set beside API_KEYS, since it is the rate of a key")
        self._buckets = Buckets(names, rate) if rate else None

    def admit(self, exchange: Exchange, environ: Mapping[str, Any]) -> None:
        """Notes whose key it is. Raises Unauthorized and RateExceeded."""
        if not self._keys or not is_protected(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
            return
        name = name_of(_sent(environ), self._keys)
        if name is None:
            raise Unauthorized
        exchange.key = name
        if self._buckets and (seconds := self._buckets.take(name)):
            raise RateExceeded(seconds)


def is_protected(method: str, path: str) -> bool:
    """Whether a key is needed, where there are keys."""
    return method == "POST" or (path in PROTECTED and method != "OPTIONS")


def warn_if_open(settings: Settings) -> None:
    """One line for a service that anybody may ask from elsewhere."""
    if not settings.api_keys and not _is_loopback(settings.host):
        tell("no api keys", host=settings.host, meaning="whoever reaches the port may score")


def _sent(environ: Mapping[str, Any]) -> str:
    authorization: str = environ.get("HTTP_AUTHORIZATION", "")
    if authorization[: len(_SCHEME)].lower() == _SCHEME:
        return authorization[len(_SCHEME) :].strip()
    key: str = environ.get("HTTP_X_API_KEY", "")
    return key


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
