import json

import pytest

from app.model_folder import UNKNOWN, ModelFolder
from scoring_model.errors import BrokenModel
from scoring_model.expected import NAME, Expected
from tests.app.conftest import CONTRACT, PARAMS


def test_a_flat_folder_gives_the_contract_the_threshold_and_the_version(model_folder):
    model = ModelFolder.read(model_folder)

    assert (model.id, model.columns, model.best_threshold) == ("ID", ["AGE", "GENDER"], 0.5)
    assert model.features == CONTRACT["features"]
    assert (model.version, model.params) == ("m-1", frozenset(PARAMS))


def test_a_folder_as_mlflow_logs_it_gives_the_same(model_folder):
    flat = ModelFolder.read(model_folder)
    (model_folder / "artifacts").mkdir()
    for name in ("contract.json", "best_threshold"):
        (model_folder / name).rename(model_folder / "artifacts" / name)

    assert ModelFolder.read(model_folder) == flat


def test_a_model_that_states_neither_version_nor_params_is_read(model_folder):
    (model_folder / "MLmodel").write_text("flavors: {}\n")
    model = ModelFolder.read(model_folder)

    assert (model.version, model.params) == (UNKNOWN, frozenset())


def test_the_shipped_model_is_read(shipped):
    model = ModelFolder.read(shipped)

    assert {"reasons", "checks", "min_coverage", "lang"} <= model.params
    assert model.version != UNKNOWN


@pytest.mark.parametrize("name", ["MLmodel", "contract.json", "best_threshold"])
def test_a_missing_file_is_named(model_folder, name):
    (model_folder / name).unlink()

    with pytest.raises(BrokenModel, match="MLflow model" if name == "MLmodel" else name):
        ModelFolder.read(model_folder)


def test_the_expected_score_is_read_where_there_is_one(model_folder):
    assert ModelFolder.read(model_folder).expected is None
    expected = Expected([{"ID": 1, "AGE": 40}], [0.4])
    (model_folder / NAME).write_text(expected.to_json())

    assert ModelFolder.read(model_folder).expected == expected


DAMAGED = [
    ("contract.json", "[]"),
    ("contract.json", "{"),
    ("contract.json", '{"id": "ID"}'),
    ("contract.json", '{"id": "ID", "features": [1]}'),
    ("contract.json", "[" * 100_000),
    ("best_threshold", "half"),
    ("best_threshold", "1.5"),
    ("best_threshold", "nan"),
    ("MLmodel", "{"),
    ("MLmodel", "[1]"),
    ("MLmodel", "signature: {params: '{'}"),
    (NAME, "[]"),
    (NAME, json.dumps({"clients": [], "solvencies": []})),
    (NAME, json.dumps({"clients": [1], "solvencies": [0.1]})),
    (NAME, json.dumps({"clients": [{}], "solvencies": ["a"]})),
    (NAME, json.dumps({"clients": [{}], "solvencies": [0.1, 0.2]})),
]


@pytest.mark.parametrize(("name", "text"), DAMAGED)
def test_a_damaged_file_is_named(model_folder, name, text):
    (model_folder / name).write_text(text)

    with pytest.raises(BrokenModel, match=name):
        ModelFolder.read(model_folder)


@pytest.mark.parametrize("name", ["MLmodel", "contract.json", "best_threshold"])
def test_a_file_that_is_no_text_is_named(model_folder, name):
    (model_folder / name).write_bytes(b"\xff\xfe")

    with pytest.raises(BrokenModel, match=name):
        ModelFolder.read(model_folder)
