"""The model as MLflow loads it: forms of input and output, ids, params, invalid input."""

import json
import subprocess
import sys
from types import SimpleNamespace

import mlflow.pyfunc
import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException

from scoring_model import ScoringModel, artifacts, model
from scoring_model.errors import InvalidRows

BIG = 9_007_199_254_740_993  # 2**53 + 1: no float64


@pytest.fixture(scope="module")
def scorer(small_artifacts, tmp_path_factory):
    scorer = ScoringModel()
    paths = artifacts.save(small_artifacts, tmp_path_factory.mktemp("model"))
    scorer.load_context(SimpleNamespace(artifacts=paths, model_config=None))
    return scorer


def ask(scorer, clients, **params):
    return scorer.predict(None, clients, params)


def client(id, **columns):
    return {"SK_ID_CURR": id, "AMT_CREDIT": 5.0, **columns}


FORMS = {
    "records": lambda ids: [client(id) for id in ids],
    "records of 0-d arrays": lambda ids: [
        {name: np.array(value) for name, value in client(id).items()} for id in ids
    ],
    "columns": lambda ids: {"SK_ID_CURR": ids, "AMT_CREDIT": [5.0] * len(ids)},
    "arrays": lambda ids: {
        "SK_ID_CURR": np.array(ids, dtype=object),
        "AMT_CREDIT": np.full(len(ids), 5.0),
    },
    "frame": lambda ids: pd.DataFrame(
        {"SK_ID_CURR": pd.Series(ids, dtype=object), "AMT_CREDIT": 5.0}
    ),
    "frame of Int64": lambda ids: pd.DataFrame(
        {"SK_ID_CURR": pd.Series(ids, dtype="Int64"), "AMT_CREDIT": 5.0}
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ids", [[BIG, 7], [BIG, None], [None, None]])
def test_ids_keep_type_and_value_in_every_form(scorer, form, ids):
    answers = ask(scorer, FORMS[form](ids))
    if isinstance(answers, pd.DataFrame):
        answers = answers.to_dict("records")
    got = [answer["SK_ID_CURR"] for answer in answers]
    assert got == ids
    assert [type(id) for id in got] == [type(id) for id in ids]


def test_whole_floats_are_ids_where_a_column_has_a_missing_one(scorer):
    frame = pd.DataFrame({"SK_ID_CURR": [7.0, None], "AMT_CREDIT": 5.0})
    assert ask(scorer, frame)["SK_ID_CURR"].tolist() == [7, None]
    assert ask(scorer, frame.to_dict("list"))[1]["SK_ID_CURR"] is None
    assert ask(scorer, frame.to_dict("records"))[1]["SK_ID_CURR"] is None


def test_one_client_as_a_dict_of_0d_arrays(scorer):
    one = {name: np.array(value) for name, value in client(BIG).items()}
    assert ask(scorer, one) == ask(scorer, [client(BIG)])


def test_text_ids_stay_text(scorer):
    assert ask(scorer, [client("007")])[0]["SK_ID_CURR"] == "007"


UNKNOWN = [
    {"SK_ID_CURR": 1},
    {"SK_ID_CURR": 1, "OTHER": 5},
    {"SK_ID_CURR": 1, "AMT_CREDIT": None, "CODE_GENDER": None},
    {"SK_ID_CURR": 1, "CODE_GENDER": "f"},
    {"SK_ID_CURR": 1, "AMT_CREDIT": float("inf")},
]


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_a_client_of_whom_no_value_is_known_is_invalid_in_every_form(scorer, unknown):
    for data in ([unknown], {k: [v] for k, v in unknown.items()}, pd.DataFrame([unknown])):
        ((report),) = ask(scorer, data, invalid_rows="report")
        ((problem),) = report["invalid_rows"]
        assert problem["row"] == 0
        assert "column" not in problem
        assert "known value" in problem["expected"]


def test_invalid_rows_are_raised_with_the_details_on_the_last_line_or_reported(scorer):
    clients = [client(1), client(2, AMT_CREDIT="secret"), {"SK_ID_CURR": 3}]
    with pytest.raises(MlflowException) as caught:
        ask(scorer, clients)
    (report,) = ask(scorer, clients, invalid_rows="report")
    assert report["invalid_rows"][0] == {"row": 1, "column": "AMT_CREDIT", "expected": "a number"}
    assert [problem["row"] for problem in report["invalid_rows"]] == [1, 2]
    last = str(caught.value).splitlines()[-1]
    assert json.loads(last) == report
    assert InvalidRows.from_json(last).details == report["invalid_rows"]
    assert "secret" not in json.dumps(report)


@pytest.mark.parametrize(
    ("data", "params"),
    [("no clients", {}), ({"A": [1], "B": [1, 2]}, {}), ([client(1)], {"reasons": -1})],
)
def test_invalid_input_as_a_whole_is_one_sentence(scorer, data, params):
    (report,) = ask(scorer, data, invalid_rows="report", **params)
    assert list(report) == ["invalid_input"]
    with pytest.raises(MlflowException) as caught:
        ask(scorer, data, **params)
    assert report["invalid_input"] in str(caught.value)


def test_reports_pass_through_mlflow(shipped):
    loaded = mlflow.pyfunc.load_model(str(shipped))
    (report,) = loaded.predict([{"AMT_CREDIT": "x"}], params={"invalid_rows": "report"})
    assert report == {"invalid_rows": [{"row": 0, "column": "AMT_CREDIT", "expected": "a number"}]}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_sentence_is_in_the_language_that_was_asked_for(scorer, lang):
    clients = [client(1, EXT_SOURCE_2=0.1, CODE_GENDER="F")]
    (every,), (one,) = ask(scorer, clients, reasons=3), ask(scorer, clients, reasons=3, lang=lang)
    assert one["reasons"]
    expected = [reason["sentence"][lang] for reason in every["reasons"]]
    assert [reason["sentence"] for reason in one["reasons"]] == expected


def test_a_long_table_scored_in_blocks_gives_the_same(scorer, monkeypatch):
    frame = pd.DataFrame({"SK_ID_CURR": range(10), "EXT_SOURCE_2": np.linspace(0, 1, 10)})
    whole = ask(scorer, frame)
    monkeypatch.setattr(model, "BLOCK", 4)
    pd.testing.assert_frame_equal(ask(scorer, frame), whole)
    frame["EXT_SOURCE_2"] = frame["EXT_SOURCE_2"].astype(object)
    frame.loc[6, "EXT_SOURCE_2"] = "six"
    (report,) = ask(scorer, frame, invalid_rows="report")
    assert report["invalid_rows"][0]["row"] == 6


def test_no_rows_give_the_columns_of_an_answer(scorer):
    empty = pd.DataFrame({"AMT_CREDIT": []})
    assert list(ask(scorer, empty)) == ["SK_ID_CURR", "solvency", "threshold", "decision"]
    assert ask(scorer, []) == []


def test_mlflow_loads_the_model_without_a_warning(shipped):
    """MLflow warns of a `predict` without type hints that its subclass defines itself."""
    code = f"import mlflow.pyfunc; mlflow.pyfunc.load_model({str(shipped)!r})"
    run = subprocess.run(
        [sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True
    )
    assert "type hints to the `predict`" not in run.stderr
