"""What every answer tells browsers: what they may do with it, and for whom."""

from collections.abc import Mapping
from typing import Any

Headers = list[tuple[str, str]]

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE_POLICY = f"{NOTHING}; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'"

SECURITY = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
)
DEFAULTS = (("Content-Security-Policy", NOTHING), ("Cache-Control", "no-store"))
"""For an answer that does not say otherwise: pages have a policy of their own, and their files
may be kept."""

ALLOWED = "Authorization, Content-Type, X-API-Key, X-Request-ID"
EXPOSED = "Retry-After, X-Model-Version, X-Request-ID"
PREFLIGHT_SECONDS = "600"


def complete(headers: Headers, environ: Mapping[str, Any], origins: tuple[str, ...]) -> None:
    """Adds them to those of an answer; pages of `origins` may read it."""
    present = {name for name, _ in headers}
    headers.extend(SECURITY)
    headers.extend(default for default in DEFAULTS if default[0] not in present)
    if origins:
        headers.extend(_sharing(environ, dict(headers), origins))


def _sharing(environ: Mapping[str, Any], told: dict[str, str], origins: tuple[str, ...]) -> Headers:
    """CORS without credentials: a key travels in a header that a page sets itself."""
    origin, vary = environ.get("HTTP_ORIGIN"), ("Vary", "Origin")
    if origin is None or not (origin in origins or "*" in origins):
        return [vary]
    shared = [
        vary,
        ("Access-Control-Allow-Origin", "*" if "*" in origins else origin),
        ("Access-Control-Expose-Headers", EXPOSED),
    ]
    if environ["REQUEST_METHOD"] == "OPTIONS":
        shared += [
            ("Access-Control-Allow-Methods", told.get("Allow", "")),
            ("Access-Control-Allow-Headers", ALLOWED),
            ("Access-Control-Max-Age", PREFLIGHT_SECONDS),
        ]
    return shared
