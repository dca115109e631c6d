"""The settings of the service: every environment variable that it reads, in one table."""

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePath
from typing import Any, NamedTuple, Self, TypeVar

from app.auth import Key, read_keys
from app.errors import CannotStart, InvalidSetting
from ledger.errors import InvalidSetting as InvalidLedgerSetting
from ledger.settings import Settings as LedgerSettings

FORWARD, IN_PROCESS = "forward", "in-process"
REQUIRED, OPTIONAL = "required", "optional"
YES, NO, PEER, FORWARDED = "yes", "no", "peer", "forwarded"
REFUSED, ASKED, ALL = "refused", "asked", "all"
SHIPPED_MODEL = str(Path(__file__).resolve().parent.parent / "mlruns_reduced")
N = TypeVar("N", int, float)
_REGISTERED = re.compile(r"models:/(?P<name>[^/@]+)")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?")


class Variable(NamedTuple):
    """An environment variable: how its text is read, and what it means.

    `read` raises ValueError for a text that is not `expected`.
    """

    read: Callable[[str], Any]
    expected: str
    meaning: str
    secret: bool = False


def _variable(
    default: Any, read: Callable[[str], Any], expected: str, meaning: str, secret: bool = False
) -> Any:
    variable = Variable(read, expected, meaning, secret)
    return field(default=default, metadata={"variable": variable})


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

_ALIKE = 0.85
"""A variable whose name is this similar to a setting's is taken for a misspelled one."""


# fmt: off
@dataclass(frozen=True)
class Settings:
    """The service's settings: each field is read from the variable of its name in upper case."""

    host: str = _variable("0.0.0.0", str, "an address of this machine", "address to listen on")
    port: int = _variable(8000, _integer(0, 65535), "a whole number from 0 to 65535",
        "port to listen on; 0 takes a free one")
    model: str = _variable(SHIPPED_MODEL, str, "a folder or an MLflow URI",
        "model to serve: a folder, or an MLflow URI such as models:/credit-scoring@champion")
    manifest: str = _variable(REQUIRED, _choice(REQUIRED, OPTIONAL), f"{REQUIRED} or {OPTIONAL}",
        "whether a model without `manifest.json` is refused")
    require_signature: str | None = _variable(None, str, "the file of a public key",
        "file of a public key (PEM): a model that `credit-scoring sign` did not sign with the"
        " private one is refused")
    scorer: str = _variable(FORWARD, _choice(FORWARD, IN_PROCESS), f"{FORWARD} or {IN_PROCESS}",
        "forward to an `mlflow models serve` that is started too, or load the model into"
        " the service itself")
    scorer_url: str | None = _variable(None, _pattern(r"https?://[^/?#\s]+/?|unix:///\S+"),
        "http://host:port or unix:///path", "scoring server to forward to; none is started")
    max_bytes: int = _variable(8 * 1024 * 1024, _integer(1, 2**40), "a positive whole number",
        "largest request body")
    max_rows: int = _variable(1000, _integer(1, 2**40), "a positive whole number",
        "most clients in one request")
    min_coverage: float = _variable(0.0, _number(0, 1), "a number from 0 to 1",
        "least coverage of a client; one with less is a 422")
    reasons: str = _variable(
        REFUSED, _choice(REFUSED, ASKED, ALL), f"{REFUSED}, {ASKED} or {ALL}",
        "which clients get three reasons on `/predict` and `/predict_proba` without asking")
    timeout_seconds: float = _variable(20.0, _seconds, _SECONDS, "time limit of scoring")
    body_seconds: float = _variable(20.0, _seconds, _SECONDS,
        "time limit for a request to arrive, and for its answer to be read")
    hang_seconds: float = _variable(30.0, _seconds, _SECONDS,
        "time without a sign of life after which a process is replaced")
    threads: int = _variable(8, _integer(1, 1000), "a whole number from 1 to 1000",
        "requests that one worker scores at a time")
    max_in_flight: int = _variable(64, _integer(1, 2**20), "a whole number from 1 to 1048576",
        "requests that one worker accepts at a time; further ones get a 503")
    api_keys: tuple[Key, ...] | None = _variable(
        None, read_keys, "a list of name:sha256:roles, as python -m app.key makes them",
        "API keys of the protected routes: `name:sha256:roles` entries that `python -m app.key NAME"
        " ROLES` makes, separated by commas", secret=True)
    rate_limit: float | None = _variable(
        None, _number(0.001, 1_000_000), "a number from 0.001 to 1000000",
        "requests per second of each API key, with a burst of one second")
    cors_origins: tuple[str, ...] | None = _variable(
        None, _origins, "a list of origins such as https://shop.example, or *",
        "web sites whose pages may read the answers, separated by commas")
    reload_seconds: float | None = _variable(None, _seconds, _SECONDS,
        "interval of looking for a new version of MODEL; in-process only")
    log_address: str = _variable(NO, _choice(NO, PEER, FORWARDED), f"{NO}, {PEER} or {FORWARDED}",
        "whether log lines carry the caller's address: of the connection, or the last one in"
        " X-Forwarded-For, which a proxy adds")
    workers: int = _variable(1, _integer(1, 64), "a whole number from 1 to 64",
        "worker processes of the service")
    policy_version: str = _variable("", _pattern(r"[!-~]{1,100}"), "1 to 100 ASCII characters",
        "version of the lender's credit policy, which each decision is kept with")
    keep_trials: str = _variable(NO, _choice(NO, YES), f"{NO} or {YES}",
        "whether decisions of requests with `X-Trial: true` are kept as well")
    run_directory: str | None = _variable(None, str, "a folder",
        "files that the processes of one service share; set by `python -m app`")
    # fmt: on
    ledger: LedgerSettings | None = None
    """Where decisions are kept: docs/ledger.md lists its variables."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Raises InvalidSetting for a value that cannot be used, and CannotStart for a variable
        that has no effect beside the others or whose name is misspelled. An empty variable counts
        as absent."""
        _check_names(environ)
        try:
            ledger = LedgerSettings.from_environment(environ)
        except InvalidLedgerSetting as error:
            raise CannotStart(reason=error) from error
        values = {name.lower(): _value(name, environ) for name in variables()}
        settings = cls(**values, ledger=ledger)
        settings._check_effect()
        return settings

    @property
    def in_process(self) -> bool:
        """Whether the service scores without a scoring server."""
        return self.scorer == IN_PROCESS

    @property
    def model_name(self) -> str:
        """The registered model's name, or the last part of another URI or a path."""
        registered = _REGISTERED.match(self.model)
        return registered["name"] if registered else PurePath(self.model).name

    def _check_effect(self) -> None:
        if self.reload_seconds and not self.in_process:
            raise CannotStart(reason=f"RELOAD_SECONDS has no effect without SCORER={IN_PROCESS}")
        if self.scorer_url and self.in_process:
            raise CannotStart(reason=f"SCORER_URL has no effect with SCORER={IN_PROCESS}")
        if self.rate_limit and not self.api_keys:
            raise CannotStart(reason="RATE_LIMIT has no effect without API_KEYS")


def _check_names(environ: Mapping[str, str]) -> None:
    names = list(variables())
    for name in sorted(environ.keys() - names):
        alike = difflib.get_close_matches(name, names, 1, _ALIKE)
        if alike and environ[name]:
            raise CannotStart(reason=f"there is no setting {name}: {alike[0]} may be meant")


def variables() -> dict[str, Variable]:
    """The variables by name."""
    return {f.name.upper(): f.metadata["variable"] for f in fields(Settings) if f.metadata}


def default_of(name: str) -> str:
    """The default of a variable as documentation shows it."""
    default = getattr(Settings, name.lower())
    if default in (None, SHIPPED_MODEL):
        return "mlruns_reduced" if default else ""
    return f"{default:g}" if isinstance(default, float) else str(default)


def _value(name: str, environ: Mapping[str, str]) -> Any:
    text, variable = environ.get(name), variables()[name]
    if not text:
        return getattr(Settings, name.lower())
    try:
        return variable.read(text)
    except ValueError as error:
        shown = None if variable.secret else text
        raise InvalidSetting(name, variable.expected, shown) from error
