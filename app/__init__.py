"""What answers: the HTTP service in front of an MLflow scoring server."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.flask_app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """`create_app` on first use: the supervisor imports this package and needs no Flask."""
    if name == "create_app":
        from app.flask_app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
