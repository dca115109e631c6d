"""From a saved model to a registered version and, if it may, the champion; and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import mlflow
from mlflow.artifacts import download_artifacts
from mlflow.tracking import MlflowClient

from scoring_model import integrity
from train.errors import TrainError
from train.gate import RESULT
from train.registry import runs, saved, versions
from train.registry.export import check_export, export, recover
from train.registry.saved import ARTIFACTS, MODEL, SavedRun
from train.registry.store import registry_lock, store_errors
from train.registry.versions import version_of
from train.report.card import CARD, description

BEFORE = "champion_before"
"""Tag of a version: the champion that it replaced, for the way back."""
NOBODY = "none"


@dataclass(frozen=True)
class Outcome:
    """What became of a trained model: its version, whether that is champion, and both in a line.

    `refusal` is the line where it is not champion although it could have become that.
    """

    version: str
    champion: bool
    says: str
    metrics: Mapping[str, float]
    refusal: str | None


def register(folder: Path) -> Outcome:
    """Registers the model that a training has saved in `folder`, and promotes it if it may.

    Everything is logged before the version is registered, and the alias moves last, after the
    export. Raises TrainError, and then leaves the folder as it is; else it is deleted.
    """
    model = SavedRun.read(folder)
    try:
        done = _register(model, folder)
    except (TrainError, OSError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise TrainError(
            f"{reason}; the trained model is in {folder}: python -m train.resume {folder}"
        ) from error
    saved.remove(folder)
    return done


def _register(model: SavedRun, folder: Path) -> Outcome:
    recover(Path(model.export))
    with runs.continued_run(model) if not mlflow.active_run() else store_errors():
        run_id = mlflow.active_run().info.run_id
        model_id = runs.upload(model, folder, run_id)
        with registry_lock(model.name):
            before = versions.champion(model.name)
            number = versions.number_of(before)
            refusal = _refusal(model, before)
            promoting = refusal is None and model.promote != "never"
            passed = model.passed and not refusal
            gate = {"gate": RESULT[passed], "gate.why": refusal or model.why}
            tags = {
                **model.version_tags,
                **gate,
                integrity.TAG: integrity.digest(folder / MODEL),
                BEFORE: number or NOBODY,
            }
            headline = f"Not promoted: {refusal}." if refusal else model.description
            card = (folder / ARTIFACTS / CARD).read_text(encoding="utf-8")
            described = description(f"{headline}\n\n{card}")
            version = versions.register(model.name, model_id, run_id, tags, described)
            mlflow.set_tags({**gate, "version": version.number})
            if promoting:
                export(folder / MODEL, Path(model.export))
                versions.move_champion(model.name, number, version.number)
            else:
                versions.set_alias(model.name, versions.CHALLENGER, version.number)
    says = f"{model.name} version {version.number}"
    if refusal:
        says = refusal = f"{says} stays challenger: {refusal}"
    elif promoting:
        says += f" is champion, exported to {model.export}"
    else:
        says += " is challenger, not exported"
    return Outcome(version.number, promoting, says, model.metrics, refusal)


def _refusal(model: SavedRun, before: versions.Version | None) -> str | None:
    """Why a model that may be promoted is not."""
    if model.promote == "never":
        return None
    if (now := versions.number_of(before)) != model.champion:
        changed = f"from {version_of(model.champion)} to {version_of(now)}"
        return f"the champion has changed since it was compared with, {changed}"
    if model.generated and before and not before.generated:
        return "a model of generated clients does not replace one of real clients"
    try:
        check_export(Path(model.export), model.generated)
    except TrainError as error:
        return str(error)
    return model.why if model.promote == "gate" and not model.passed else None


def roll_back(name: str, out: Path, user: str, why: str) -> tuple[str, str]:
    """Exports the previous champion to `out`, then gives it the alias; returns the numbers of the
    version that had it and the one that has it.

    Every version notes the champion that it replaced, so a further call goes back further. What
    was withdrawn keeps its place in the registry, with who withdrew it, when and why. Raises
    TrainError where there is no champion, or none before it.
    """
    with store_errors(), registry_lock(name):
        champion = versions.champion(name)
        if champion is None:
            raise TrainError(f"{name} has no champion")
        number = champion.tags.get(BEFORE, NOBODY)
        if number == NOBODY:
            before = f"before version {champion.number}"
            raise TrainError(f"no champion of {name} {before} is on record")
        previous = versions.version(name, number)
        check_export(out, previous.generated)
        export(Path(download_artifacts(previous.uri)), out)
        versions.move_champion(name, champion.number, previous.number)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        noted = f"to version {number} by {user} at {now}: {why or 'no reason stated'}"
        MlflowClient().set_model_version_tag(name, champion.number, "rolled_back", noted)
    return champion.number, previous.number
