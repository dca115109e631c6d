import json

import pytest

from app.model_folder import ModelFolder
from scoring_model.errors import BrokenModel
from scoring_model.expected import NAME, Expected


def test_a_flat_folder_gives_id_columns_and_threshold(model_folder):
    model = ModelFolder.read(model_folder)

    assert (model.id, model.columns, model.best_threshold) == ("ID", ["AGE", "GENDER"], 0.5)


def test_a_folder_as_mlflow_logs_it_gives_the_same(model_folder):
    flat = ModelFolder.read(model_folder)
    (model_folder / "artifacts").mkdir()
    for name in ("contract.json", "best_threshold"):
        (model_folder / name).rename(model_folder / "artifacts" / name)

    assert ModelFolder.read(model_folder) == flat


@pytest.mark.parametrize("name", ["MLmodel", "contract.json", "best_threshold"])
def test_a_missing_file_is_named(model_folder, name):
    (model_folder / name).unlink()

    with pytest.raises(BrokenModel, match="MLflow model" if name == "MLmodel" else name):
        ModelFolder.read(model_folder)


@pytest.mark.parametrize("text", ["[]", "{", '{"id": "ID"}', '{"id": "ID", "features": [1]}'])
def test_what_is_no_contract_is_refused(model_folder, text):
    (model_folder / "contract.json").write_text(text)

    with pytest.raises(BrokenModel, match="is not a contract"):
        ModelFolder.read(model_folder)


@pytest.mark.parametrize("text", ["half", "1.5", "nan"])
def test_what_is_no_threshold_is_refused(model_folder, text):
    (model_folder / "best_threshold").write_text(text)

    with pytest.raises(BrokenModel, match="best_threshold: is not"):
        ModelFolder.read(model_folder)


def test_the_contract_is_passed_on_whole(model_folder):
    features = json.loads((model_folder / "contract.json").read_text())["features"]

    assert ModelFolder.read(model_folder).features == features


def test_what_the_model_said_of_its_example_is_read_where_training_has_written_it(model_folder):
    assert ModelFolder.read(model_folder).expected is None
    expected = Expected([{"ID": 1, "AGE": 40}], [0.4])
    (model_folder / NAME).write_text(expected.to_json())

    assert ModelFolder.read(model_folder).expected == expected


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"clients": [], "solvencies": []}',
        '{"clients": [1], "solvencies": [0.1]}',
        '{"clients": [{}], "solvencies": ["a"]}',
        '{"clients": [{}], "solvencies": [0.1, 0.2]}',
    ],
)
def test_what_says_no_such_thing_is_refused(model_folder, text):
    (model_folder / NAME).write_text(text)

    with pytest.raises(BrokenModel, match="what to expect"):
        ModelFolder.read(model_folder)
