"""A trained model on this disk until the registry has it: no fault of a store costs a training."""

import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from train.errors import TrainError
from train.evaluation.trained import Trained
from train.gate import Terms
from train.registry import faults, process, runs
from train.registry.export import held, recover
from train.registry.promotion import Destination

FOLDER = Path("kept")
ENDING = ".pickle"


class NotKept(TrainError):
    """A file that holds no trained model."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} holds no trained model: {reason}")
        self.path, self.reason = path, reason


class NotHandedOver(TrainError):
    """The model is trained and kept, and the registry does not have it."""

    def __init__(self, reason: TrainError, path: Path) -> None:
        super().__init__(f"{reason}; the trained model is kept, {how_to_resume(path)}")
        self.reason, self.path = reason, path


@dataclass(frozen=True)
class Kept:
    """Everything that handing over takes: what came of it, on what terms, and where it goes;
    `run_id` is the run that it was trained in."""

    run_id: str
    to: Destination
    parameters: Mapping[str, Any]
    trained: Trained
    terms: Terms

    def write(self, path: Path) -> None:
        """As a pickle, which appears when it is whole: nobody should load one that is not theirs.

        Left out is what nobody asks for any more: the columns of clients on whom models are not
        compared.
        """
        dataset = self.trained.dataset
        empty = np.empty((0, len(dataset.columns)))
        small = replace(self.trained, dataset=replace(dataset, matrix=empty, persons=None))
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_bytes(pickle.dumps(replace(self, trained=small)))
        part.rename(path)

    @classmethod
    def read(cls, path: Path) -> "Kept":
        """Raises NotKept."""
        try:
            found = pickle.loads(path.read_bytes())
        except OSError as error:
            raise NotKept(path, error.strerror or str(error)) from error
        except Exception as error:  # a broken pickle raises anything
            raise NotKept(path, f"{type(error).__name__} while it is read") from error
        if not isinstance(found, cls):
            raise NotKept(path, f"it holds a {type(found).__name__}")
        return found


@contextmanager
def kept_meanwhile(work: Kept, say: Callable[[str], None]) -> Iterator[None]:
    """Keeps `work` until the body has handed it over. Raises NotHandedOver if it raises TrainError.

    Where nothing can be kept, it says so and goes on.
    """
    path = FOLDER / f"{work.run_id}{ENDING}"
    try:
        work.write(path)
    except OSError as error:
        path.with_suffix(".part").unlink(missing_ok=True)
        say(f"warning: the trained model cannot be kept in {path}: {error.strerror or error}")
        yield
        return
    with given_up_when_done(path, say):
        yield


@contextmanager
def given_up_when_done(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Removes a kept model once the body has handed it over; nobody else touches it meanwhile."""
    with held(path) as mine:
        if not mine:
            raise NotKept(path, "it is just being handed over")
        try:
            with faults.faults_told():
                yield
        except TrainError as error:
            raise NotHandedOver(error, path) from error
        except BaseException:
            say(f"the trained model is kept, {how_to_resume(path)}")
            raise
        path.unlink(missing_ok=True)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()


def left_over() -> Iterator[Path]:
    """Kept models that no process is handing over."""
    for path in sorted(FOLDER.glob(f"*{ENDING}")):
        with held(path) as free:
            if free:
                yield path


def how_to_resume(path: Path) -> str:
    """The command that hands over what `path` holds."""
    return f"python -m train.resume {path} hands it over"


def prepare(export: Path, say: Callable[[str], None]) -> None:
    """Looks whether the store answers, and puts right what killed trainings have left."""
    runs.connect(say)
    runs.claim_run()
    for stale in process.close_stale_runs():
        say(f"run {stale} was left open by a training that was killed: closed")
    for file in left_over():
        say(f"{file} holds a model that was trained and not handed over: {how_to_resume(file)}")
    recover(export.resolve())
