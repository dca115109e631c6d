"""`credit-scoring ledger replay`: scores kept decisions again, with the model that made them."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from app.errors import FATAL, CannotStart
from app.model_folder import ModelFolder
from app.model_store import local_copy
from app.settings import Settings
from ledger import reading
from ledger.database import connect
from ledger.decision import Decision
from ledger.errors import LedgerError
from scoring_model.errors import BrokenModel, ScoringError

DIFFERENT, WRONG = 1, 2
SCORE = """
import json, sys
from mlflow import pyfunc
model = pyfunc.load_model(sys.argv[1])
for line in sys.stdin:
    client, params = json.loads(line)
    try:
        [row] = model.predict([client], params=params)
    except Exception as error:
        row = {"error": type(error).__name__}
    print(json.dumps(row), flush=True)
"""
"""Run apart from this project's code: the model brings its own."""

Row = dict[str, Any]


class Models:
    """The folders of models, looked for in `places` and then in the MLflow registry."""

    def __init__(self, places: Sequence[str], scratch: Path, settings: Settings) -> None:
        self._scratch, self._settings = scratch, settings
        self._places = iter(places)
        self._folders: list[tuple[ModelFolder, Path]] = []
        self._problems: list[str] = []

    def find(self, decision: Decision) -> Path:
        """The model of a decision: by the digest of its manifest, or by its MLflow id, which is the
        same in the registry and in every export. Raises CannotStart where none is found."""
        for model, folder in self._all(decision):
            same_digest = decision.model_digest == model.digest != ""
            if same_digest or decision.model_version == model.version:
                return folder
        name = f"model {decision.model_version}, digest {decision.model_digest[:12]}"
        why = "; ".join(self._problems) or "no version in the registry, no MODEL or --model is it"
        raise CannotStart(reason=f"{name}, is not found: {why}")

    def _all(self, decision: Decision) -> Iterator[tuple[ModelFolder, Path]]:
        yield from self._folders
        for place in chain(self._places, self._registered(decision)):
            try:
                copy = local_copy(place, self._scratch, self._settings)
                self._folders.append((ModelFolder.read(copy), copy))
            except (CannotStart, BrokenModel) as error:
                self._problems.append(str(error))
            else:
                yield self._folders[-1]

    def _registered(self, decision: Decision) -> Iterator[str]:
        """The registered versions that may be the decision's model."""
        import mlflow

        if not mlflow.is_tracking_uri_set():  # or MLflow would make a store of its own
            return
        try:
            versions = mlflow.MlflowClient().search_model_versions()
        except mlflow.MlflowException as error:
            self._problems.append(f"the registry cannot be read: {type(error).__name__}")
            return
        for found in versions:
            digest = found.tags.get("manifest_sha256")
            if decision.model_digest == digest or decision.model_version == found.model_id:
                yield f"models:/{found.name}/{found.version}"


def score_again(folder: Path, decisions: Sequence[Decision]) -> list[Row]:
    """What the model in `folder` gives for the inputs of decisions. Raises CannotStart."""
    declared = ModelFolder.read(folder).params
    lines = [
        f"[{decision.inputs}, {json.dumps(_params(decision, declared))}]\n"
        for decision in decisions
    ]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(
        [sys.executable, "-c", SCORE, str(folder)],
        input="".join(lines),
        capture_output=True,
        text=True,
        cwd=folder,
        env=environ,
        check=False,
    )
    if ran.returncode:
        raise CannotStart(reason="; ".join(["it cannot be loaded", *other_libraries(folder)]))
    return [json.loads(line) for line in ran.stdout.splitlines()]


def _params(decision: Decision, declared: frozenset[str]) -> dict[str, Any]:
    reasons = json.loads(decision.reasons)
    wanted = {"threshold": decision.threshold, "checks": True, "reasons": len(reasons or ())}
    return {name: value for name, value in wanted.items() if name in declared}


def differences(decision: Decision, row: Row) -> list[str]:
    """What is not as it was kept, without a client's data."""
    if "error" in row:
        return [f"it cannot be scored now: {row['error']}"]
    found = [
        f"{name} was {getattr(decision, name)!r}, is {row[name]!r}"
        for name in ("solvency", "threshold", "decision", "coverage")
        if getattr(decision, name) is not None and getattr(decision, name) != row.get(name)
    ]
    for name in ("reasons", "warnings"):
        kept = json.loads(getattr(decision, name))
        if kept and kept != row.get(name):
            found.append(f"other {name}")
    return found


def other_libraries(folder: Path) -> list[str]:
    """Of the libraries that the model was made with, those that have another version here."""
    requirements = folder / "requirements.txt"
    lines = requirements.read_text().splitlines() if requirements.exists() else []
    found = []
    for name, pinned in (line.split("==") for line in lines if line.count("==") == 1):
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "not installed"
        if installed != pinned:
            found.append(f"{name} was {pinned}, is {installed}")
    return found


def replay(records: Iterable[reading.Record], models: Models) -> Iterator[tuple[str, str]]:
    """The id of each decision, and what is different: "" where nothing is."""
    readable = []
    for record in records:
        if record.forgotten:
            yield record.decision.id, "the client is forgotten: its inputs cannot be read"
        else:
            readable.append(record.decision)

    def model(decision: Decision) -> tuple[str, str]:
        return decision.model_digest, decision.model_version

    for _, group in groupby(sorted(readable, key=model), key=model):
        decisions = list(group)
        try:
            folder = models.find(decisions[0])
            rows = score_again(folder, decisions)
        except CannotStart as error:
            yield from ((decision.id, str(error)) for decision in decisions)
            continue
        for decision, row in zip(decisions, rows, strict=True):
            found = differences(decision, row)
            yield decision.id, "; ".join(found + (other_libraries(folder) if found else []))


def main() -> int:
    """The exit code: 1 if anything is different or cannot be replayed, 2 for a wrong setting."""
    parser = argparse.ArgumentParser("credit-scoring ledger replay", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("decision", nargs="?", metavar="DECISION", help="id of a decision")
    which.add_argument("--since", metavar="DAYS", help="all decisions since then, such as 7d")
    parser.add_argument(
        "--model", action="append", default=[], help="where to look first: a folder or MLflow URI"
    )
    asked = parser.parse_args()
    try:
        settings = Settings.from_environ()
        if settings.ledger is None:
            raise CannotStart(reason="DATABASE_URL is not set: no decisions are kept")
        with (
            tempfile.TemporaryDirectory() as scratch,
            closing(connect(settings.ledger)) as database,
        ):
            places = [*asked.model, settings.model]
            models = Models(places, Path(scratch), settings)
            records = (
                [reading.get(database, asked.decision)]
                if asked.decision
                else reading.records_since(database, datetime.now(UTC) - _days(asked.since))
            )
            results = list(replay(records, models))
    except (*FATAL, LedgerError, ScoringError, OSError) as error:
        print(f"credit-scoring: {error}", file=sys.stderr)
        return WRONG
    different = {id_: what for id_, what in results if what}
    for id_, what in different.items():
        print(f"{id_}: {what}")
    print(f"{len(results) - len(different)} the same to the last bit, {len(different)} not")
    return DIFFERENT if different else 0


def _days(text: str) -> timedelta:
    if not text.endswith("d") or not text[:-1].isdecimal():
        raise CannotStart(reason="--since must be a number of days, such as 7d")
    return timedelta(days=int(text[:-1]))


if __name__ == "__main__":
    sys.exit(main())
