"""A refusal costs MLflow's scoring server no more than the answer would have."""

import json

import mlflow.pyfunc
import numpy as np
import pytest
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import scoring_server
from scoring_model.refusal import MOST_PRINTED, SERVING, RefusedInput, refusal

from scoring_model.errors import InvalidParameter, InvalidRows, Problem

ERROR = InvalidRows([Problem(0, "AMT_CREDIT", "a number", "abc")])
LARGE = [
    [dict.fromkeys(map(str, range(100)), 1)] * (MOST_PRINTED // 100 + 1),
    [{"A": np.zeros(MOST_PRINTED // 10)}] * 11,
    {"A": np.zeros(MOST_PRINTED), "B": np.array("text")},
    [1] * (MOST_PRINTED + 1),
]


@pytest.fixture
def serving(monkeypatch):
    monkeypatch.setenv(SERVING, "true")


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize("model_input", LARGE)
def test_in_a_scoring_server_a_large_input_is_refused_by_an_error_of_our_own(model_input):
    error = refusal(ERROR, model_input)

    assert isinstance(error, RefusedInput)
    assert str(error) == str(
        refusal(ERROR, model_input[:1] if isinstance(model_input, list) else {})
    )
    assert str(error).splitlines()[-1] == ERROR.to_json()


@pytest.mark.parametrize("model_input", LARGE)
def test_anywhere_else_by_mlflows(model_input):
    assert isinstance(refusal(ERROR, model_input), MlflowException)


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize("model_input", [[{"A": 1}] * 50, {"A": np.zeros(50)}, []])
def test_and_so_is_a_small_input(model_input):
    assert isinstance(refusal(InvalidParameter("reasons", "less"), model_input), MlflowException)


@pytest.mark.parametrize("form", ["inputs", "instances"])
def test_the_server_prints_none_of_a_large_body(shipped, form):
    """`init` is what makes a process a scoring server, and calls `invocations` for each request."""
    model = mlflow.pyfunc.load_model(str(shipped))
    clients = [{"AMT_CREDIT": "abc", **dict.fromkeys(map(str, range(200)), 1)}] * 60
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SERVING, "")  # so that it is put back
        scoring_server.init(model)
        body = json.dumps({form: clients}).encode()
        with pytest.raises(MlflowException) as caught:
            scoring_server.invocations(body, "application/json", model, None)
    told = json.loads(caught.value.serialize_as_json())
    assert "array" not in told["message"]
    assert caught.value.get_http_status_code() == 400
    details = InvalidRows.from_json(told["stack_trace"].splitlines()[-1]).details
    assert details[0] == {"row": 0, "column": "AMT_CREDIT", "expected": "a number"}
    assert len(details) == 20
