"""The files of a model: written by training, read for scoring."""

import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import cloudpickle

from scoring_model.contract import Contract
from scoring_model.decision import Calibration
from scoring_model.derive import Derivation
from scoring_model.errors import BrokenModel, PickleForbidden
from scoring_model.explanations import Factor, covers, factors_from_json, factors_to_json
from scoring_model.integrity import check_artifacts, pickles_allowed

T = TypeVar("T")

FILES = {
    "model": "model.pkl",
    "columns": "columns.pkl",
    "best_threshold": "best_threshold",
    "contract": "contract.json",
    "derivation": "derivation.json",
    "calibration": "calibration.json",
    "reasons": "reasons.json",
}
"""Artifact name in the MLflow model, and its file name."""


@dataclass(frozen=True)
class Artifacts:
    """A fitted LightGBM scikit-learn classifier with all that is needed to score by it.

    `contract` describes the columns that a caller sends, `derivation` computes the classifier's
    columns from them, `calibration` corrects its probabilities, `factors` group its columns into
    reasons, and `threshold` is the least solvency that is accepted.
    """

    estimator: Any
    contract: Contract
    derivation: Derivation
    calibration: Calibration
    factors: tuple[Factor, ...]
    threshold: float


def save(artifacts: Artifacts, folder: Path) -> dict[str, str]:
    """Writes the artifact files into `folder`; returns artifact name -> path, for MLflow."""
    paths = {name: folder / file for name, file in FILES.items()}
    paths["model"].write_bytes(cloudpickle.dumps(artifacts.estimator))
    paths["columns"].write_bytes(pickle.dumps(artifacts.contract.columns))
    paths["best_threshold"].write_text(f"{artifacts.threshold!r}\n")
    paths["contract"].write_text(artifacts.contract.to_json(), encoding="utf-8")
    paths["derivation"].write_text(artifacts.derivation.to_json(), encoding="utf-8")
    paths["calibration"].write_text(artifacts.calibration.to_json(), encoding="utf-8")
    paths["reasons"].write_text(factors_to_json(artifacts.factors), encoding="utf-8")
    return {name: str(path) for name, path in paths.items()}


def load(paths: Mapping[str, str]) -> Artifacts:
    """Reads the files that `save` wrote, given artifact name -> path.

    Raises BrokenModel naming the file that is missing, unreadable or not the one that the model's
    manifest lists, and where the columns, the contract, the derivation, the reasons and the
    estimator do not belong together; PickleForbidden where MLflow is configured to load none.
    """
    check_artifacts(map(Path, paths.values()))
    contract = read_contract(Path(paths["contract"]))
    if read_columns(Path(paths["columns"])) != contract.columns:
        raise BrokenModel(FILES["columns"], "these are not the columns of the contract")
    derivation = read_derivation(Path(paths["derivation"]))
    if list(derivation.inputs) != contract.columns:
        raise BrokenModel(FILES["derivation"], "has other inputs than the contract")
    estimator = _read_estimator(Path(paths["model"]))
    if estimator.n_features_in_ != len(derivation.columns):
        raise BrokenModel(FILES["model"], "was not trained on the columns of the derivation")
    reasons = _parsed(Path(paths["reasons"]), factors_from_json, "does not hold factors")
    if not covers(reasons, derivation.inputs, derivation.columns):
        raise BrokenModel(FILES["reasons"], "does not explain the columns of the derivation")
    calibration = _parsed(
        Path(paths["calibration"]), Calibration.from_json, "is not a calibration that rises"
    )
    threshold = read_threshold(Path(paths["best_threshold"]))
    return Artifacts(estimator, contract, derivation, calibration, reasons, threshold)


def read_contract(path: Path) -> Contract:
    """Raises BrokenModel if the file is missing or holds no contract."""
    return _parsed(path, Contract.from_json, "is not a contract")


def read_derivation(path: Path) -> Derivation:
    """Raises BrokenModel if the file is missing or holds no derivation that works."""
    return _parsed(path, Derivation.from_json, "is not a derivation")


def _parsed(path: Path, parse: Callable[[str], T], fault: str) -> T:
    try:
        return parse(_read(path).decode("utf-8"))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BrokenModel(path.name, fault) from error


def read_threshold(path: Path) -> float:
    """Raises BrokenModel if the file is missing or holds no number from 0 to 1."""
    try:
        threshold = float(_read(path))
    except ValueError as error:
        raise BrokenModel(path.name, "is not a number") from error
    if not 0 <= threshold <= 1:
        raise BrokenModel(path.name, "is not between 0 and 1")
    return threshold


def read_columns(path: Path) -> list[str]:
    """Reads a pickled list of str, without importing or calling anything that the file names.

    Raises BrokenModel if the file is missing or holds anything else.
    """
    try:
        columns = _PlainUnpickler(io.BytesIO(_read(path))).load()
    except (pickle.UnpicklingError, EOFError, ValueError, IndexError, KeyError) as error:
        raise BrokenModel(path.name, "is not a list of column names") from error
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise BrokenModel(path.name, "is not a list of column names")
    return columns


class _PlainUnpickler(pickle.Unpickler):
    """Refuses every class and function, so that a pickle can only hold plain values."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is not allowed here")


def _read_estimator(path: Path) -> Any:
    if not pickles_allowed():
        raise PickleForbidden(path.name)
    content = _read(path)
    try:
        return _EstimatorUnpickler(io.BytesIO(content)).load()
    except Exception as error:  # a damaged pickle can raise anything
        raise BrokenModel(path.name, f"cannot be read ({type(error).__name__})") from error


class _EstimatorUnpickler(pickle.Unpickler):
    """Scoring uses the estimator's booster alone, so that scikit-learn need not be installed: its
    objects, such as the encoder of the labels, are then empty."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        try:
            return super().find_class(module_name, global_name)
        except ModuleNotFoundError as error:
            if not str(error.name).startswith("sklearn"):
                raise
            return type(global_name, (), {})


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BrokenModel(path.name, error.strerror or "cannot be read") from error
