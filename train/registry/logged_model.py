"""The model as MLflow keeps it: logged with its code, fetched back, freed of its paths."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlflow
import mlflow.artifacts
import mlflow.pyfunc
from mlflow.models import Model, ModelSignature
from mlflow.models.model import ModelInfo
from mlflow.pyfunc import PythonModelContext
from mlflow.tracking import MlflowClient
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

import scoring_model
from scoring_model import ScoringModel, artifacts
from scoring_model import expected as expectation
from scoring_model.artifacts import Artifacts
from scoring_model.contract import typical_clients
from scoring_model.expected import Expected, Records
from scoring_model.integrity import NAME, TAG, Manifest, digest

PACKAGE = Path(scoring_model.__file__).parent
EXPECTED = "expected"
"""The artifact's name in the MLflow model: what the model says of its example."""
SERVING = ("mlflow-skinny", "cloudpickle", "lightgbm", "numpy", "pandas")
"""What the logged model needs to be served anywhere, at the versions it was trained with."""


@dataclass(frozen=True)
class Logged:
    """A model that a run has logged: its URI, and the digest of its artifact files."""

    uri: str
    digest: str


def log_model(model: Artifacts, id_type: type[int] | type[str]) -> Logged:
    """Logs the pyfunc model with its code, contract, input example and what it says of that; the
    contract also alone.
    """
    mlflow.log_text(model.contract.to_json(), "contract.json")
    with tempfile.TemporaryDirectory() as folder:
        paths = artifacts.save(model, Path(folder))
        examples = typical_clients(model.contract, [id_type(number) for number in (1, 2, 3)])
        expected = Expected.of(examples, _loaded(paths))
        paths[EXPECTED] = str(Path(folder) / expectation.NAME)
        Path(paths[EXPECTED]).write_text(expected.to_json(), encoding="utf-8")
        logged = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(PACKAGE / "entry.py"),
            artifacts=paths,
            code_paths=[str(PACKAGE)],
            signature=_signature(model.contract.id, id_type),
            input_example=examples,
            # What is not stated here cannot be set when loading.
            model_config={"prediction_threads": 1, "min_coverage": 0.0},
            pip_requirements=[f"{name}=={version(name)}" for name in SERVING],
        )
        return _logged(logged, paths)


def _loaded(paths: Mapping[str, str]) -> Callable[[Records], Any]:
    """The model that the files make, to ask for answers."""
    model = ScoringModel()
    model.load_context(PythonModelContext({**paths}, None))
    return partial(model.predict, None)


def log_changed(folder: Path, threshold: float) -> Logged:
    """Logs the model that `folder` holds once more, with its own code, and another threshold."""
    model = Model.load(str(folder))
    named = model.flavors["python_function"]["artifacts"]
    paths = {name: str(folder / artifact["path"]) for name, artifact in named.items()}
    (folder / NAME).unlink(missing_ok=True)  # of the model that it was
    Path(paths["best_threshold"]).write_text(f"{threshold!r}\n")
    package = folder / "code" / PACKAGE.name
    logged = mlflow.pyfunc.log_model(
        name="model",
        python_model=str(package / "entry.py"),
        artifacts=paths,
        code_paths=[str(package)],
        signature=model.signature,
        input_example=json.loads((folder / "input_example.json").read_text(encoding="utf-8")),
        model_config=model.flavors["python_function"].get("config"),
        pip_requirements=str(folder / "requirements.txt"),
    )
    return _logged(logged, paths)


def _logged(model: ModelInfo, paths: Mapping[str, str]) -> Logged:
    """The digest is the SHA-256 of each file's name, size and bytes, in the order of names."""
    content_digest = hashlib.sha256()
    for path in sorted(map(Path, paths.values()), key=lambda path: path.name):
        content = path.read_bytes()
        content_digest.update(f"{path.name} {len(content)}\n".encode() + content)
    mlflow.set_tag("model_digest", content_digest.hexdigest())
    _add_manifest(model)
    return Logged(str(model.model_uri), content_digest.hexdigest())


def _add_manifest(model: ModelInfo) -> None:
    """Of the folder as MLflow keeps it, and so after everything else in it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = download(model.model_uri, Path(scratch) / "model")
        manifest = Manifest.of(folder).write(folder)
        client = MlflowClient()
        client.log_model_artifact(model.model_id, str(manifest))
        client.set_logged_model_tags(model.model_id, {TAG: digest(folder)})


def _signature(id_column: str, id_type: type[int] | type[str]) -> ModelSignature:
    """Outputs and params; no inputs, which the contract checks faster and more kindly.

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
    ]
    return ModelSignature(outputs=Schema(outputs), params=ParamSchema(params))


def download(model_uri: str, folder: Path) -> Path:
    """The logged model's own folder, copied to `folder`, which is made for it."""
    folder.mkdir()
    return Path(mlflow.artifacts.download_artifacts(model_uri, dst_path=str(folder)))


def forget_paths(mlmodel: Path) -> None:
    """Makes an `MLmodel` file name its artifacts by file name alone, as found beside it."""
    model = Model.load(str(mlmodel))
    flavor = model.flavors["python_function"]
    for artifact in flavor["artifacts"].values():
        artifact["path"] = artifact["uri"] = Path(artifact["path"]).name
    flavor["model_code_path"] = Path(flavor["model_code_path"]).name
    model.artifact_path = None
    model.save(str(mlmodel))
