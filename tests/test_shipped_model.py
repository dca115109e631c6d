"""The champion in mlruns_reduced/: it loads, is what was reviewed, and scores as it did."""

import json
from pathlib import Path

import mlflow
import pytest

import scoring_model
from train.data.columns import FIXED_CATEGORIES

GOLDEN = Path(__file__).parent / "data/golden.json"


@pytest.fixture(scope="module")
def golden():
    return json.loads(GOLDEN.read_text())


@pytest.fixture(scope="module")
def model(shipped):
    return mlflow.pyfunc.load_model(str(shipped))


def test_it_scores_the_pinned_clients_as_it_did(model, golden):
    assert model.predict(golden["clients"]) == golden["scores"]


def test_it_scores_the_pinned_clients_the_same_one_by_one(model, golden):
    alone = [score for client in golden["clients"] for score in model.predict([client])]
    assert alone == golden["scores"]


def test_a_request_with_the_columns_of_the_first_service_is_answered(model):
    (score,) = model.predict([{"SK_ID_CURR": 155312, "CODE_GENDER": 0, "AMT_CREDIT": 4.5e5}])
    assert 0 < score["solvency"] < 1
    assert score["SK_ID_CURR"] == 155312


def test_it_carries_the_code_of_the_project(shipped):
    source = Path(scoring_model.__file__).parent
    carried = shipped / "code/scoring_model"
    files = {str(p.relative_to(source)) for p in source.rglob("*") if "__pycache__" not in str(p)}
    assert files == {str(p.relative_to(carried)) for p in carried.rglob("*")}
    code = [file for file in sorted(files) if (source / file).is_file()]
    changed = [f for f in code if (source / f).read_bytes() != (carried / f).read_bytes()]
    assert not changed, "make champion exports the model anew, with today's code"


def test_the_flags_of_the_first_service_keep_their_codes(shipped):
    contract = json.loads((shipped / "contract.json").read_text())
    categories = {f["name"]: tuple(f["categories"]) for f in contract["features"]}
    kept = FIXED_CATEGORIES.keys() & categories.keys()
    assert "CODE_GENDER" in kept
    assert {name: categories[name] for name in kept} == {
        name: FIXED_CATEGORIES[name] for name in kept
    }
