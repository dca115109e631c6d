"""What every answer tells browsers: what they may do with it, and for whom."""

from flask import Flask, Response, request

from app.settings import Settings

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE_POLICY = f"{NOTHING}; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'"

SECURITY = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
)
ALLOWED = "Authorization, Content-Type, X-API-Key, X-Request-ID"
EXPOSED = "Retry-After, X-Model-Version, X-Request-ID"
PREFLIGHT_SECONDS = "600"


def install(app: Flask, settings: Settings) -> None:
    """Sets the headers of every answer of `app`."""
    origins = settings.cors_origins or ()

    def finish(response: Response) -> Response:
        headers = response.headers
        headers.extend(SECURITY)
        headers.setdefault("Content-Security-Policy", NOTHING)
        headers.setdefault("Cache-Control", "no-store")
        if origins:
            _share(response, origins)
        return response

    app.after_request(finish)


def _share(response: Response, origins: tuple[str, ...]) -> None:
    """CORS without credentials: a key travels in a header that a page sets itself."""
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or not (origin in origins or "*" in origins):
        return
    response.headers["Access-Control-Allow-Origin"] = origin if "*" not in origins else "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Allow-Headers"] = ALLOWED
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
