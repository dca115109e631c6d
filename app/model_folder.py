"""What the shim knows of its model without loading it: plain files of the model's folder.

`scoring_model.artifacts` reads the same files into numbers, and needs numpy for that.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from scoring_model.errors import BrokenModel
from scoring_model.expected import NAME, Expected

UNKNOWN = "unknown"
"""The version of a model that MLflow did not write."""

_CHECKS = re.compile(r'"name":\s+"checks"')
_MODEL_ID = re.compile(r"^model_(?:id|uuid): (?!null$)([!-~]+)$", re.MULTILINE)


@dataclass(frozen=True)
class ModelFolder:
    """The contract as plain JSON, the threshold, and the version.

    `version` is the id that MLflow gave the model when it was saved: new for each one, and the
    same in the registry and in every copy of its folder. `checks` is whether the model can be asked
    for coverage and warnings: its signature has a param of that name. `expected` is what it must
    say of its example, which models of before do not tell.
    """

    id: str
    features: list[dict[str, Any]]
    best_threshold: float
    version: str
    checks: bool = False
    expected: Expected | None = None

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises BrokenModel naming the file that is missing or unreadable."""
        if not (folder / "MLmodel").is_file():
            raise BrokenModel(str(folder), "is not the folder of an MLflow model")
        id_column, features = _contract(_artifact(folder, "contract.json"))
        threshold = _threshold(_artifact(folder, "best_threshold"))
        described = _text(folder / "MLmodel")
        checks = bool(_CHECKS.search(described))
        expected = _expected(_artifact(folder, NAME))
        return cls(id_column, features, threshold, _version(described), checks, expected)

    @property
    def columns(self) -> list[str]:
        """Names in model order."""
        return [feature["name"] for feature in self.features]


def _version(described: str) -> str:
    found = _MODEL_ID.search(described)
    return found[1] if found else UNKNOWN


def _artifact(folder: Path, name: str) -> Path:
    """MLflow logs artifacts in a folder of their own, an exported model has them in its root."""
    logged = folder / "artifacts" / name
    return logged if logged.exists() else folder / name


def _contract(path: Path) -> tuple[str, list[dict[str, Any]]]:
    try:
        contract = json.loads(_text(path))
        features = [{**feature, "name": str(feature["name"])} for feature in contract["features"]]
        return str(contract["id"]), features
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenModel(str(path), "is not a contract") from error


def _threshold(path: Path) -> float:
    try:
        threshold = float(_text(path))
    except ValueError as error:
        raise BrokenModel(str(path), "is not a number") from error
    if not 0 <= threshold <= 1:
        raise BrokenModel(str(path), "is not between 0 and 1")
    return threshold


def _expected(path: Path) -> Expected | None:
    if not path.exists():
        return None
    try:
        return Expected.from_json(_text(path))
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenModel(str(path), "does not say what to expect of the model") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BrokenModel(str(path), error.strerror or "cannot be read") from error
