import json
import os
import pickle
from dataclasses import replace

import numpy as np
import pytest

from scoring_model import artifacts
from scoring_model.artifacts import FILES
from scoring_model.errors import BrokenModel
from scoring_model.explanations import factors_to_json


@pytest.fixture
def paths(small_artifacts, tmp_path):
    return artifacts.save(small_artifacts, tmp_path)


def test_what_is_saved_is_what_is_loaded_to_the_last_bit(paths, small_artifacts):
    loaded = artifacts.load(paths)
    assert loaded.contract == small_artifacts.contract
    assert loaded.derivation == small_artifacts.derivation
    assert loaded.calibration == small_artifacts.calibration
    assert loaded.factors == small_artifacts.factors
    assert loaded.threshold == small_artifacts.threshold
    matrix = np.random.default_rng(1).random((50, 4))
    before, after = (a.estimator.predict_proba(matrix) for a in (small_artifacts, loaded))
    assert np.array_equal(before, after)


def test_the_files_bear_the_agreed_names(paths, tmp_path):
    names = {"contract", "derivation", "calibration", "reasons"}
    files = {"model.pkl", "columns.pkl", "best_threshold", *(f"{name}.json" for name in names)}
    assert {path.name for path in tmp_path.iterdir()} == files
    assert set(paths) == {"model", "columns", "best_threshold", *names}


def test_columns_are_a_pickled_list_of_names(paths, contract):
    with open(paths["columns"], "rb") as file:
        assert pickle.load(file) == contract.columns


@pytest.mark.parametrize("file", FILES.values())
def test_a_missing_file_is_named(paths, tmp_path, file):
    (tmp_path / file).unlink()
    with pytest.raises(BrokenModel, match=file):
        artifacts.load(paths)


@pytest.mark.parametrize("file", FILES.values())
def test_a_truncated_file_is_named(paths, tmp_path, file):
    content = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(content[: len(content) // 2] if file != "best_threshold" else b"")
    with pytest.raises(BrokenModel, match=file):
        artifacts.load(paths)


@pytest.mark.parametrize("text", ["nan", "1.5", "-0.1", "high"])
def test_a_threshold_that_is_no_share_is_refused(paths, tmp_path, text):
    (tmp_path / "best_threshold").write_text(text)
    with pytest.raises(BrokenModel, match="best_threshold"):
        artifacts.load(paths)


class Attack:
    def __reduce__(self):
        return os.mkdir, ("attacked",)


@pytest.mark.parametrize("content", [Attack(), {"a": 1}, ["a", 1], np.array(["a"])])
def test_columns_hold_names_and_run_nothing(paths, tmp_path, content, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "columns.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(BrokenModel, match=r"columns\.pkl"):
        artifacts.load(paths)
    assert not (tmp_path / "attacked").exists()


def test_files_of_two_models_do_not_mix(paths, small_artifacts, tmp_path):
    fewer = replace(small_artifacts.contract, features=small_artifacts.contract.features[:2])
    (tmp_path / "contract.json").write_text(fewer.to_json())
    with pytest.raises(BrokenModel, match="contract"):
        artifacts.load(paths)
    (tmp_path / "columns.pkl").write_bytes(pickle.dumps(fewer.columns))
    with pytest.raises(BrokenModel, match=r"derivation\.json"):
        artifacts.load(paths)
    derivation = small_artifacts.derivation.restricted_to(fewer.columns)
    (tmp_path / "derivation.json").write_text(derivation.to_json())
    with pytest.raises(BrokenModel, match=r"model\.pkl"):
        artifacts.load(paths)


@pytest.mark.parametrize(
    "broken",
    [
        {"method": "beta", "coefficients": [-1, 1, 0], "knots": []},
        {"method": "beta", "coefficients": [0, 0, 0], "knots": []},
        {"method": "platt", "coefficients": [1, 1], "knots": []},
        {"method": "platt", "coefficients": [1, 1, float("nan")], "knots": []},
        {"method": "isotonic", "coefficients": [], "knots": [[0.5, 0.6], [0.4, 0.7]]},
        {"method": "other", "coefficients": [], "knots": [[0.5, 0.6]]},
        {"method": "none"},
        [],
    ],
)
def test_a_calibration_that_does_not_rise_is_refused(paths, tmp_path, broken):
    (tmp_path / "calibration.json").write_text(json.dumps(broken))
    with pytest.raises(BrokenModel, match=r"calibration\.json"):
        artifacts.load(paths)


@pytest.mark.parametrize(
    "change",
    [
        lambda factors: factors[1:],
        lambda factors: (*factors, factors[0]),
        lambda factors: (replace(factors[0], inputs=()), *factors[1:]),
        lambda factors: (replace(factors[0], inputs=("UNKNOWN",)), *factors[1:]),
        lambda factors: (replace(factors[0], columns=("UNKNOWN",)), *factors[1:]),
        lambda factors: (replace(factors[0], code=factors[1].code), *factors[1:]),
    ],
)
def test_reasons_that_do_not_explain_every_column_once_are_refused(
    paths, small_artifacts, tmp_path, change
):
    (tmp_path / "reasons.json").write_text(factors_to_json(change(small_artifacts.factors)))
    with pytest.raises(BrokenModel, match=r"reasons\.json"):
        artifacts.load(paths)


@pytest.mark.parametrize(
    "formulas",
    [{"MADE": "AMT_CREDIT + UNKNOWN"}, {"MADE": "open(AMT_CREDIT)"}, {"MADE": "1 + MADE"}, {}],
)
def test_a_derivation_that_cannot_work_is_refused(paths, small_artifacts, tmp_path, formulas):
    columns = (*small_artifacts.contract.columns, "MADE")
    broken = replace(small_artifacts.derivation, columns=columns, formulas=formulas)
    (tmp_path / "derivation.json").write_text(broken.to_json())
    with pytest.raises(BrokenModel, match=r"derivation\.json"):
        artifacts.load(paths)
