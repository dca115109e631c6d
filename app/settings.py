"""The settings of the service: every environment variable that it reads, in one table."""

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from app.auth import Key, read_keys
from app.errors import InvalidSetting

FORWARD, IN_PROCESS = "forward", "in-process"
REQUIRED, OPTIONAL = "required", "optional"
NO, PEER, FORWARDED = "no", "peer", "forwarded"
SHIPPED_MODEL = str(Path(__file__).resolve().parent.parent / "mlruns_reduced")
N = TypeVar("N", int, float)
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?")


class Variable(NamedTuple):
    """One environment variable: its default, how its text is read, and what it means.

    `read` raises ValueError for a text that is not `expected`.
    """

    name: str
    default: Any
    read: Callable[[str], Any]
    expected: str
    meaning: str
    secret: bool = False

    @property
    def shown(self) -> str:
        """The default as documentation shows it."""
        if isinstance(self.default, float):
            return f"{self.default:g}"
        return "mlruns_reduced" if self.default == SHIPPED_MODEL else str(self.default or "")


def _integer(least: int, most: int) -> Callable[[str], int]:
    return lambda text: _within(int(text), least, most)


def _number(least: float, most: float) -> Callable[[str], float]:
    return lambda text: _within(float(text), least, most)


def _within(number: N, least: float, most: float) -> N:
    if not least <= number <= most:
        raise ValueError
    return number


def _choice(*choices: str) -> Callable[[str], str]:
    return _pattern("|".join(choices))


def _pattern(pattern: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text

    return read


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(origin.strip() for origin in text.split(","))
    if not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError
    return origins


_SECONDS = "a number of seconds from 0.01 to 3600"
_seconds = _number(0.01, 3600)

# fmt: off
VARIABLES = (
    Variable("HOST", "0.0.0.0", str, "an address of this machine", "address to listen on"),
    Variable("PORT", 8000, _integer(0, 65535), "a whole number from 0 to 65535",
             "port to listen on; 0 takes a free one"),
    Variable("MODEL", SHIPPED_MODEL, str, "a folder or an MLflow URI",
             "model to serve: a folder, or an MLflow URI such as models:/credit-scoring@champion"),
    Variable("MANIFEST", REQUIRED, _choice(REQUIRED, OPTIONAL), f"{REQUIRED} or {OPTIONAL}",
             "whether a model without `manifest.json` is refused"),
    Variable("SCORER", FORWARD, _choice(FORWARD, IN_PROCESS), f"{FORWARD} or {IN_PROCESS}",
             "forward to an `mlflow models serve` that is started too, or load the model into"
             " the service itself"),
    Variable("SCORER_URL", None, _pattern(r"https?://[^/?#\s]+/?|unix:///\S+"),
             "http://host:port or unix:///path", "scoring server to forward to; none is started"),
    Variable("MAX_BYTES", 8 * 1024 * 1024, _integer(1, 2**40), "a positive whole number",
             "largest request body"),
    Variable("MAX_ROWS", 1000, _integer(1, 2**40), "a positive whole number",
             "most clients in one request"),
    Variable("MIN_COVERAGE", 0.0, _number(0, 1), "a number from 0 to 1",
             "least coverage of a client; one with less is a 422"),
    Variable("TIMEOUT_SECONDS", 20.0, _seconds, _SECONDS, "time limit of scoring"),
    Variable("BODY_SECONDS", 20.0, _seconds, _SECONDS,
             "time limit for a request to arrive, and for its answer to be read"),
    Variable("HANG_SECONDS", 30.0, _seconds, _SECONDS,
             "time without a sign of life after which a process is replaced"),
    Variable("THREADS", 8, _integer(1, 1000), "a whole number from 1 to 1000",
             "requests that one worker scores at a time"),
    Variable("MAX_IN_FLIGHT", 64, _integer(1, 2**20), "a whole number from 1 to 1048576",
             "requests that one worker accepts at a time; further ones get a 503"),
    Variable("API_KEYS", None, read_keys, "a list of name:sha256, as python -m app.key makes them",
             "API keys of the protected routes: `name:sha256` entries that `python -m app.key NAME`"
             " makes, separated by commas", secret=True),
    Variable("RATE_LIMIT", None, _number(0.001, 1_000_000), "a number from 0.001 to 1000000",
             "requests per second of each API key, with a burst of one second"),
    Variable("CORS_ORIGINS", None, _origins, "a list of origins such as https://shop.example, or *",
             "web sites whose pages may read the answers, separated by commas"),
    Variable("RELOAD_SECONDS", None, _seconds, _SECONDS,
             "interval of looking for a new version of MODEL; in-process only"),
    Variable("LOG_ADDRESS", NO, _choice(NO, PEER, FORWARDED), f"{NO}, {PEER} or {FORWARDED}",
             "whether log lines carry the caller's address: of the connection, or the last one in"
             " X-Forwarded-For, which a proxy adds"),
    Variable("WORKERS", 1, _integer(1, 64), "a whole number from 1 to 64",
             "worker processes of the service"),
    Variable("RUN_DIRECTORY", None, str, "a folder",
             "files that the processes of one service share; set by `python -m app`"),
)
# fmt: on

_ALIKE = 0.85
"""A variable whose name is this similar to a setting's is taken for a misspelled one."""


@dataclass(frozen=True)
class Settings:
    """The values of `VARIABLES`, each in the field of the same name."""

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
    log_address: str
    workers: int
    run_directory: str | None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Raises InvalidSetting naming the variable: its value cannot be used, it has no effect
        beside the others, or its name is a misspelled one. An empty variable counts as absent."""
        _check_names(environ)
        settings = cls(**{v.name.lower(): _value(v, environ) for v in VARIABLES})
        settings._check_effect()
        return settings

    @property
    def in_process(self) -> bool:
        """Whether the service scores without a scoring server."""
        return self.scorer == IN_PROCESS

    def _check_effect(self) -> None:
        if self.reload_seconds and not self.in_process:
            raise InvalidSetting("RELOAD_SECONDS", f"absent unless SCORER={IN_PROCESS}")
        if self.scorer_url and self.in_process:
            raise InvalidSetting("SCORER_URL", f"absent where SCORER={IN_PROCESS}")
        if self.rate_limit and not self.api_keys:
            raise InvalidSetting("RATE_LIMIT", "absent without API_KEYS: it is the rate of a key")


def _check_names(environ: Mapping[str, str]) -> None:
    names = [variable.name for variable in VARIABLES]
    for name in sorted(environ.keys() - set(names)):
        alike = difflib.get_close_matches(name, names, 1, _ALIKE)
        if alike and environ[name]:
            raise InvalidSetting(name, f"{alike[0]}: there is no setting of this name")


def _value(variable: Variable, environ: Mapping[str, str]) -> Any:
    text = environ.get(variable.name)
    if not text:
        return variable.default
    try:
        return variable.read(text)
    except ValueError as error:
        shown = None if variable.secret else text
        raise InvalidSetting(variable.name, variable.expected, shown) from error
