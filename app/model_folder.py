"""What the service knows of a model without loading it: plain files of the model's folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml

from scoring_model import integrity
from scoring_model.errors import BrokenModel
from scoring_model.expected import NAME, Expected

SUMMARY = "summary.json"
CARDS = ("model_card.html", "model_card.md")
UNKNOWN = "unknown"
"""The version of a model that MLflow did not write."""


@dataclass(frozen=True)
class ModelFolder:
    """The contract as plain JSON, the threshold, and the version.

    `version` is the id that MLflow gave the model when it was saved: the same in the registry and
    in every copy of its folder. `params` are the parameters that its signature declares.
    `expected` is the score that the model must give for its example, where it states one.
    `generated`: it was trained on made-up clients. `digest` is that of its manifest, in
    hexadecimal, "" without one. `groups` are the titles of groups of columns, `created` is when it
    was saved, `summary` holds metrics, a histogram and examples for the page, `card` is the model
    card, as HTML where there is that. Models of earlier releases lack these four.
    """

    id: str
    features: list[dict[str, Any]]
    best_threshold: float
    version: str
    params: frozenset[str] = frozenset()
    expected: Expected | None = None
    generated: bool = False
    digest: str = ""
    groups: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    card: str = ""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises BrokenModel naming the file that is missing or unreadable."""
        if not (folder / "MLmodel").is_file():
            raise BrokenModel(str(folder), "is not the folder of an MLflow model")
        contract = _Reader(folder, "contract.json", "is not a contract")
        with contract as text:
            read = json.loads(text)
            features = [{**feature, "name": str(feature["name"])} for feature in read["features"]]
            id_column, generated = str(read["id"]), read.get("generated") is True
            groups = {**read.get("groups", {})}
        with _Reader(folder, "best_threshold", "is not a number from 0 to 1") as text:
            threshold = float(text)
            if not 0 <= threshold <= 1:
                raise ValueError
        with _Reader(folder, "MLmodel", "is not the description of an MLflow model") as text:
            described = yaml.safe_load(text) or {}
            declared = (described.get("signature") or {}).get("params") or "[]"
            params = frozenset(param["name"] for param in json.loads(declared))
            version = str(described.get("model_id") or described.get("model_uuid") or UNKNOWN)
            created = str(described.get("utc_time_created") or "").partition(".")[0]
        expected, summary = None, {}
        if _file(folder, NAME).exists():
            with _Reader(folder, NAME, "does not state the expected score of an example") as text:
                expected = Expected.from_json(text)
        digest = integrity.digest(folder) if (folder / integrity.NAME).exists() else ""
        if _file(folder, SUMMARY).exists():
            with _Reader(folder, SUMMARY, "is not an object") as text:
                summary = {**json.loads(text)}
        card = next((path for name in CARDS if (path := folder / name).exists()), None)
        return cls(
            id=id_column,
            features=features,
            best_threshold=threshold,
            version=version,
            params=params,
            expected=expected,
            generated=generated,
            digest=digest,
            groups=groups,
            created=created,
            summary=summary,
            card=card.read_text(encoding="utf-8") if card else "",
        )

    @property
    def columns(self) -> list[str]:
        """Names in model order."""
        return [feature["name"] for feature in self.features]


def _file(folder: Path, name: str) -> Path:
    """MLflow logs artifacts in a folder of their own; an exported model has them in its root."""
    logged = folder / "artifacts" / name
    return logged if logged.exists() else folder / name


class _Reader:
    """The text of a file; whatever fails while it is read becomes a BrokenModel."""

    def __init__(self, folder: Path, name: str, fault: str) -> None:
        self._path, self._fault = _file(folder, name), fault

    def __enter__(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except OSError as error:
            raise BrokenModel(str(self._path), error.strerror or "cannot be read") from error
        except ValueError as error:
            raise BrokenModel(str(self._path), self._fault) from error

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        readable = (ValueError, KeyError, TypeError, AttributeError, RecursionError, yaml.YAMLError)
        if isinstance(error, readable):
            raise BrokenModel(str(self._path), self._fault) from error
