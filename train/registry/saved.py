"""A trained model on this disk until the registry has it, with all that its run will hold.

A folder with `model/` (a plain MLflow model), `artifacts/` (the run's files) and `run.json`.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from train.errors import TrainError
from train.report.summary import GENERATED

Policy = Literal["always", "gate", "never"]
FOLDER = Path("kept")
RUN, MODEL, ARTIFACTS = "run.json", "model", "artifacts"


@dataclass(frozen=True)
class SavedRun:
    """What a run and a registered version say of a model, and where it goes.

    `name` is the registered model, `champion` the version that the gate compared with, `promote`
    whether the model may become champion, `passed` and `why` the gate's verdict, `export` the
    folder for a champion. `steps` are metrics with one value a step. `tags` are of the run and the
    logged model, `version_tags` of the version; the registration adds the gate's to both.
    """

    run_id: str
    experiment: str
    run_name: str
    description: str
    name: str
    champion: str | None
    promote: Policy
    passed: bool
    why: str
    export: str
    tags: Mapping[str, str]
    version_tags: Mapping[str, str]
    metrics: Mapping[str, float]
    params: Mapping[str, Any] = field(default_factory=dict)
    steps: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict)

    @property
    def generated(self) -> bool:
        """Whether it was trained on generated clients."""
        return self.version_tags.items() >= GENERATED.items()

    def write(self, folder: Path) -> None:
        """As the last file of the folder: with it the model can be registered."""
        part = folder / f"{RUN}.part"
        part.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        part.rename(folder / RUN)

    @classmethod
    def read(cls, folder: Path) -> "SavedRun":
        """Raises TrainError."""
        try:
            return cls(**json.loads((folder / RUN).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            reason = f"its {RUN} cannot be read ({error})"
            raise TrainError(f"{folder} holds no trained model to register: {reason}") from error


@contextmanager
def new_folder(run_id: str) -> Iterator[Path]:
    """An empty folder for the model of a run, for its owner alone to read; deleted again if the
    body raises."""
    folder = FOLDER / run_id
    try:
        folder.mkdir(parents=True)
        folder.chmod(0o700)
        yield folder
    except BaseException:
        remove(folder)
        raise


def remove(folder: Path) -> None:
    """Deletes a folder that is not needed any more."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.parent.name == FOLDER.name and not any(folder.parent.iterdir()):
        folder.parent.rmdir()


def unregistered() -> Iterator[Path]:
    """Folders of models that no training has registered, or that one is registering now."""
    return (path.parent for path in sorted(FOLDER.glob(f"*/{RUN}")))
