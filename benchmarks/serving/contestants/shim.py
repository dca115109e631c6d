"""`python -m app` in both forms, and in-process with the shipped champion, keeping or not."""

import base64
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from benchmarks.serving.contestants.contestant import HOST, PROJECT, Contestant, Record, data
from ledger.database import connect
from ledger.migration import upgrade
from ledger.settings import Settings
from scoring_model.artifacts import read_contract
from scoring_model.contract import typical_clients

CHAMPION = PROJECT / "mlruns_reduced"
CLIENTS = 2000


def forwarding(models: Path) -> Contestant:
    return _contestant("ours, forwarding", models / "ours", "forward")


def in_process(models: Path) -> Contestant:
    return _contestant("ours, in-process", models / "ours", "in-process")


def champion(models: Path) -> Contestant:  # noqa: ARG001 # it is shipped
    """With derived columns, which the models that are generated here lack."""
    return _champion("shipped champion, in-process")


def keeping(models: Path) -> Contestant:
    """The same, with each decision kept: spooled, and delivered to SQLite meanwhile."""
    environ = {
        "DATABASE_URL": f"sqlite:///{models}/ledger.db",
        "LEDGER_KEY": base64.b64encode(bytes(32)).decode(),
        "LEDGER_SPOOL": str(models / "spool"),
    }
    settings = Settings.from_environment(environ)
    assert settings
    with closing(connect(settings)) as database:
        upgrade(database)
    return _champion("shipped champion, in-process, decisions kept", environ)


def _champion(name: str, environ: Mapping[str, str] = {}) -> Contestant:
    """Refused clients get reasons, as by default."""
    clients = typical_clients(read_contract(CHAMPION / "contract.json"), range(CLIENTS))
    return _contestant(name, CHAMPION, "in-process", clients, {"REASONS": "refused", **environ})


def _contestant(
    name: str,
    model: Path,
    scorer: str,
    clients: list[Record] | None = None,
    more: Mapping[str, str] = {},
) -> Contestant:
    environ = {"MODEL": str(model), "SCORER": scorer, "HOST": HOST, "REASONS": "asked", **more}
    return Contestant(
        name,
        lambda _: [sys.executable, "-m", "app"],
        "/predict_proba",
        data,
        lambda port: environ | {"PORT": str(port)},
        clients=clients,
    )
