"""How one service is set up: every environment variable it reads, in one table."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from app.access.keys import Key, read_keys
from app.errors import InvalidSetting

FORWARD, IN_PROCESS = "forward", "in-process"
REQUIRED, OPTIONAL = "required", "optional"
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?")
CHAMPION = str(Path(__file__).resolve().parent.parent / "mlruns_reduced")


class Variable(NamedTuple):
    """One environment variable: what it may hold, how it is read, and what it is for."""

    name: str
    default: Any
    read: Callable[[str], Any]
    expected: str
    meaning: str
    secret: bool = False


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError
        return number

    return read


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number <= 3600:
        raise ValueError
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise ValueError
    return number


def _rate(text: str) -> float:
    number = float(text)
    if not 0 < number <= 1_000_000:
        raise ValueError
    return number


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(origin.strip() for origin in text.split(","))
    if not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError
    return origins


def _matching(pattern: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text

    return read


# fmt: off
VARIABLES = (
    Variable("HOST", "0.0.0.0", str, "an address of this machine", "address to listen on"),
    Variable("PORT", 8000, _whole(0, 65535), "a whole number from 0 to 65535",
             "port to listen on; 0 takes a free one"),
    Variable("MODEL", CHAMPION, str, "a folder or an MLflow URI",
             "model to serve: a folder, or an MLflow URI such as models:/credit-scoring@champion"),
    Variable("MANIFEST", REQUIRED, _matching(f"{REQUIRED}|{OPTIONAL}"), f"{REQUIRED} or {OPTIONAL}",
             "whether a model without `manifest.json` is refused"),
    Variable("SCORER", FORWARD, _matching(f"{FORWARD}|{IN_PROCESS}"), f"{FORWARD} or {IN_PROCESS}",
             "who scores: a `mlflow models serve` beside the shim, or the shim itself"),
    Variable("SCORER_URL", None, _matching(r"https?://[^/?#\s]+/?"), "an http address and port",
             "scoring server to forward to; then none is started"),
    Variable("MAX_BYTES", 8 * 1024 * 1024, _whole(1, 2**40), "a positive whole number",
             "largest request body"),
    Variable("MAX_ROWS", 1000, _whole(1, 2**40), "a positive whole number",
             "most clients in one request"),
    Variable("MIN_COVERAGE", 0.0, _share, "a number from 0 to 1",
             "least coverage of a client: one of whom less is known is refused"),
    Variable("TIMEOUT_SECONDS", 20.0, _seconds, "a number of seconds, above 0 and up to 3600",
             "longest wait for the scorer"),
    Variable("BODY_SECONDS", 20.0, _seconds, "a number of seconds, above 0 and up to 3600",
             "longest wait for the body of a request"),
    Variable("HANG_SECONDS", 30.0, _seconds, "a number of seconds, above 0 and up to 3600",
             "how long the scoring server may leave /ping unanswered before it is replaced"),
    Variable("THREADS", 8, _whole(1, 1000), "a whole number from 1 to 1000",
             "requests that one worker of the shim handles at a time"),
    Variable("MAX_IN_FLIGHT", 64, _whole(1, 2**20), "a whole number from 1 to 1048576",
             "requests that one worker of the shim takes on at a time; the next gets a 503"),
    Variable("API_KEYS", None, read_keys, "a list of name:sha256, as python -m app.key makes them",
             "who may ask the protected routes; see docs/security.md", secret=True),
    Variable("RATE_LIMIT", None, _rate, "a number above 0 and up to 1000000",
             "requests a second that each key may send, with a second's worth saved up"),
    Variable("CORS_ORIGINS", None, _origins, "a list of origins such as https://shop.example, or *",
             "web pages of other sites that may read the answers"),
    Variable("RELOAD_SECONDS", None, _seconds, "a number of seconds, above 0 and up to 3600",
             "how often to look for a new version of MODEL, if at all; in-process only"),
    Variable("MODEL_SOURCE", None, str, "an MLflow URI",
             "what MODEL was fetched from; set by the supervisor"),
    Variable("WORKERS", 1, _whole(1, 64), "a whole number from 1 to 64",
             "worker processes of the shim"),
)
# fmt: on


@dataclass(frozen=True)
class Settings:
    """The values of `VARIABLES`, each in the field that bears its name."""

    host: str
    port: int
    model: str
    manifest: str
    scorer: str
    scorer_url: str | None
    max_bytes: int
    max_rows: int
    min_coverage: float
    timeout_seconds: float
    body_seconds: float
    hang_seconds: float
    threads: int
    max_in_flight: int
    api_keys: tuple[Key, ...] | None
    rate_limit: float | None
    cors_origins: tuple[str, ...] | None
    reload_seconds: float | None
    model_source: str | None
    workers: int

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Raises InvalidSetting naming the variable. An empty variable counts as absent."""
        return cls(**{variable.name.lower(): _value(variable, environ) for variable in VARIABLES})

    @property
    def in_process(self) -> bool:
        """Whether the shim scores by itself."""
        return self.scorer == IN_PROCESS

    @property
    def manifest_required(self) -> bool:
        """Whether a model without a manifest is refused."""
        return self.manifest == REQUIRED


def _value(variable: Variable, environ: Mapping[str, str]) -> Any:
    text = environ.get(variable.name)
    if not text:
        return variable.default
    try:
        return variable.read(text)
    except ValueError as error:
        shown = None if variable.secret else text
        raise InvalidSetting(variable.name, variable.expected, shown) from error
