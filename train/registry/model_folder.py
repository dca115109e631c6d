"""A model as the plain folder of an MLflow model: saved with its code, freed of local paths."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlflow.pyfunc
from mlflow.models import Model, ModelSignature
from mlflow.pyfunc import PythonModelContext
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

import scoring_model
from scoring_model import ScoringModel, artifacts
from scoring_model import expected as expectation
from scoring_model.artifacts import Artifacts
from scoring_model.contract import typical_clients
from scoring_model.expected import Expected, Records
from scoring_model.integrity import NAME, Manifest

PACKAGE = Path(scoring_model.__file__).parent
EXPECTED = "expected"
"""The artifact's name in the MLflow model: what the model answers for its example."""
SERVING = ("mlflow-skinny", "cloudpickle", "lightgbm", "numpy", "pandas")
"""What the logged model needs to be served anywhere, at the versions it was trained with."""
SUMMARY = "summary.json"


def save(
    model: Artifacts,
    id_type: type[int] | type[str],
    folder: Path,
    summary: Mapping[str, Any] | None = None,
) -> None:
    """Writes the pyfunc model with its code, contract, made-up examples and the answers to them.

    `id_type` is the type of a client's id; `summary` is what the service's page shows of the model.
    """
    examples = typical_clients(model.contract, [id_type(number) for number in (1, 2, 3)])
    with tempfile.TemporaryDirectory() as scratch:
        paths = artifacts.save(model, Path(scratch))
        expected = Expected.of(examples, _loaded(paths))
        paths[EXPECTED] = str(Path(scratch) / expectation.NAME)
        Path(paths[EXPECTED]).write_text(expected.to_json(), encoding="utf-8")
        if summary:
            paths["summary"] = str(Path(scratch) / SUMMARY)
            _write_summary(Path(paths["summary"]), summary)
        mlflow.pyfunc.save_model(
            folder,
            python_model=str(PACKAGE / "entry.py"),
            artifacts=paths,
            code_paths=[str(PACKAGE)],
            signature=_signature(model.contract.id, id_type),
            input_example=examples,
            # What is not stated here cannot be set when loading.
            model_config={"prediction_threads": 1, "min_coverage": 0.0},
            pip_requirements=[f"{name}=={version(name)}" for name in SERVING],
        )


def copy_with_threshold(model: Path, threshold: float, folder: Path) -> None:
    """Copies the folder of a model, and gives the copy another threshold."""
    shutil.copytree(model, folder, ignore=shutil.ignore_patterns(NAME, "registered_model_meta"))
    (folder / "artifacts" / artifacts.FILES["best_threshold"]).write_text(f"{threshold!r}\n")
    if (path := folder / "artifacts" / SUMMARY).exists():
        summary = json.loads(path.read_text(encoding="utf-8"))
        for name in ("business_cost", "accepted_share"):  # of the other threshold
            summary["metrics"].pop(name, None)
        _write_summary(path, summary)


def _write_summary(path: Path, summary: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(summary, ensure_ascii=False) + "\n", encoding="utf-8")


def finish(folder: Path, model_id: str) -> None:
    """Names the logged model that it is, and lists all files."""
    described = Model.load(str(folder))
    described.model_id = model_id
    described.save(str(folder / "MLmodel"))
    Manifest.of(folder).write(folder)


def digest(folder: Path) -> str:
    """SHA-256 of each artifact file's name, size and bytes, in the order of names."""
    content_digest = hashlib.sha256()
    for path in sorted((folder / "artifacts").iterdir()):
        content = path.read_bytes()
        content_digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return content_digest.hexdigest()


def example(folder: Path) -> list[dict[str, Any]]:
    """The clients of the input example."""
    records: list[dict[str, Any]] = json.loads((folder / "input_example.json").read_text("utf-8"))
    return records


def _loaded(paths: Mapping[str, str]) -> Callable[[Records], Any]:
    """The model that the files make, to ask for answers."""
    model = ScoringModel()
    model.load_context(PythonModelContext({**paths}, None))
    return partial(model.predict, None)


def _signature(id_column: str, id_type: type[int] | type[str]) -> ModelSignature:
    """Outputs and params; no inputs, which the contract checks faster and with clearer errors.

    Outputs are what every answer has: Spark would demand declared `reasons` of every call.
    """
    outputs = [
        ColSpec(DataType.long if id_type is int else DataType.string, id_column),
        ColSpec(DataType.double, "solvency"),
        ColSpec(DataType.double, "threshold"),
        ColSpec(DataType.string, "decision"),
    ]
    params = [
        ParamSpec("threshold", DataType.double, default=None),
        ParamSpec("reasons", DataType.long, default=0),
        ParamSpec("checks", DataType.boolean, default=False),
        ParamSpec("min_coverage", DataType.double, default=None),
        ParamSpec("lang", DataType.string, default=None),
        ParamSpec("invalid_rows", DataType.string, default="raise"),
        ParamSpec("reasons_for", DataType.string, default="all"),
        ParamSpec("counterfactuals", DataType.long, default=0),
    ]
    return ModelSignature(outputs=Schema(outputs), params=ParamSchema(params))


def flatten(folder: Path) -> None:
    """Moves the artifacts of a model's folder to its root, and makes `MLmodel` name every file
    by what stands beside it, without a path of the machine that wrote it."""
    for file in (folder / "artifacts").iterdir():
        file.rename(folder / file.name)
    (folder / "artifacts").rmdir()
    model = Model.load(str(folder))
    flavor = model.flavors["python_function"]
    for artifact in flavor["artifacts"].values():
        artifact["path"] = artifact["uri"] = Path(artifact["path"]).name
    flavor["model_code_path"] = Path(flavor["model_code_path"]).name
    model.artifact_path = None
    model.save(str(folder / "MLmodel"))
    (folder / "registered_model_meta").unlink(missing_ok=True)
    Manifest.of(folder).write(folder)
