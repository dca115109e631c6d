"""The small model saved as MLflow keeps it, for a test that changes it under a running service."""

import json
from pathlib import Path

import mlflow.pyfunc

import scoring_model
from scoring_model import artifacts
from scoring_model.expected import NAME, Expected
from scoring_model.integrity import Manifest

PACKAGE = Path(scoring_model.__file__).parent


def save(model, folder, scratch):
    """Writes `model`, the small one or like it, to `folder`; returns its version."""
    scratch.mkdir()
    example = {"SK_ID_CURR": 1, "AMT_CREDIT": 1e5, "EXT_SOURCE_2": 0.5}
    mlflow.pyfunc.save_model(
        folder,
        python_model=str(PACKAGE / "entry.py"),
        artifacts=artifacts.save(model, scratch),
        code_paths=[str(PACKAGE)],
        pip_requirements=["lightgbm"],
    )
    (folder / "input_example.json").write_text(json.dumps([example]))
    loaded = mlflow.pyfunc.load_model(folder)
    (folder / NAME).write_text(Expected.of([example], loaded.predict).to_json())
    Manifest.of(folder).write(folder)
    return mlflow.models.Model.load(str(folder)).model_uuid


def clients(count):
    """Every kind of value that a caller may send, and every third column left out somewhere."""
    for number in range(count):
        values = {
            "CODE_GENDER": ("M", "F", 0, None, "X")[number % 5],
            "AMT_CREDIT": 1000.5 * (number * 7919 % 997),
            "OWNS_CAR": (True, False, "true", 1)[number % 4],
            "EXT_SOURCE_2": (number * 104729 % 1009) / 1009,
        }
        names = [name for place, name in enumerate(values) if number % 4 != place or number % 3]
        yield {"SK_ID_CURR": 100_000 + number, **{name: values[name] for name in names}}
