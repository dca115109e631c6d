"""Coverage and warnings: what they are, and that they are the same in every form and company."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException

from scoring_model import ScoringModel, artifacts
from scoring_model.checks import FAR, LITTLE_KNOWN, OUTSIDE, TOTAL_WEIGHT, Checks, weights
from scoring_model.contract import Contract, Feature
from scoring_model.derive import Derivation
from scoring_model.encoding import Clients, Encoder
from scoring_model.errors import InvalidRows
from train.data import derive

NAN = float("nan")
SEEN = Contract(
    "ID",
    (
        Feature("AGE", "number", seen={"min": 20.0, "max": 60.0}),
        Feature("FLAG", "number", seen={"min": 1.0, "max": 1.0}),
        Feature("EMPTY", "number", seen={"missing": 1.0}),
        Feature("GENDER", "category", ("M", "F"), {"missing": 0.0}),
    ),
)


@pytest.fixture
def checks():
    return Checks(SEEN, derive.declared(SEEN.columns), [6.0, 1.0, 0.0, 3.0])


@pytest.fixture(scope="module")
def load(small_artifacts, tmp_path_factory):
    """A function: model configuration -> the small model as MLflow has loaded it."""
    paths = artifacts.save(small_artifacts, tmp_path_factory.mktemp("model"))

    def load(**config):
        model = ScoringModel()
        model.load_context(SimpleNamespace(artifacts=paths, model_config=config))
        return model

    return load


def ask(model, clients, **params):
    return model.predict(None, clients, params)


def warned(checks, *row, discarded=()):
    matrix = np.array([row], dtype=float)
    clients = Clients([1], matrix, lambda: [SEEN.columns], lambda: list(discarded))
    (warnings,) = checks.warnings(clients, np.ones(1))
    return [(w["column"], w["warning"].split(",")[0], w.get("seen")) for w in warnings]


def test_coverage_is_the_share_of_the_gain_whose_columns_are_known(checks):
    encoded = np.array([[30, 1, 0, 1], [30, NAN, NAN, NAN], [NAN] * 4, [NAN, 1, 0, 1]])

    assert checks.coverage(encoded).tolist() == [1.0, 0.6, 0.0, 0.4]


def test_a_derived_columns_gain_is_shared_out_among_what_it_is_made_of():
    inputs = ("AMT_CREDIT", "AMT_ANNUITY", "OTHER")
    derivation = Derivation(
        inputs, ("OTHER", "AMT_CREDIT", "TERM"), formulas={"TERM": "AMT_CREDIT / AMT_ANNUITY"}
    )

    assert weights(derivation, [1.0, 1.0, 2.0]).tolist() == [
        TOTAL_WEIGHT / 2,
        TOTAL_WEIGHT / 4,
        TOTAL_WEIGHT / 4,
    ]


def test_the_weights_are_whole_and_make_up_the_whole_even_when_they_are_thirds():
    derivation = derive.declared(["A", "B", "C"])

    assert sorted(weights(derivation, [1.0, 1.0, 1.0]).tolist()) == [333333, 333333, 333334]
    assert weights(derivation, [0.0, 0.0, 0.0]).sum() == TOTAL_WEIGHT


def test_every_gain_of_the_shipped_model_comes_back_to_a_column_of_its_contract(shipped):
    contract = artifacts.read_contract(shipped / "contract.json")
    derivation = artifacts.read_derivation(shipped / "derivation.json")
    named = {column: derivation.inputs_of(column) for column in derivation.columns}

    assert set(named) == set(derivation.columns)
    assert set().union(*named.values()) == set(contract.columns)
    assert all(named.values())


@pytest.mark.parametrize("age", [20, 60, 60 + FAR * 40, 20 - FAR * 40, NAN])
def test_a_number_near_what_training_saw_is_no_matter(checks, age):
    assert warned(checks, age, 1, 0, 1) == []


@pytest.mark.parametrize("age", [60.001 + FAR * 40, 19.999 - FAR * 40, 1e308, -1e308])
def test_a_number_far_outside_what_training_saw_is_named_with_what_it_saw(checks, age):
    (warning,) = warned(checks, age, 1, 0, 1)
    assert warning == ("AGE", "far outside what training saw", [20.0, 60.0])


def test_where_training_saw_one_value_any_other_is_far_and_where_none_no_value_is(checks):
    assert warned(checks, 30, 0, 1e300, 1) == [("FLAG", "far outside what training saw", [1, 1])]


def test_what_was_lost_is_named_by_its_kind_in_the_order_of_the_contract(checks):
    discarded = [(0, 3), (0, 0), (0, 2)]

    assert warned(checks, NAN, 7, NAN, NAN, discarded=discarded) == [
        ("AGE", "infinite", [20, 60]),
        ("FLAG", "far outside what training saw", [1, 1]),
        ("EMPTY", "infinite", None),
        ("GENDER", "a category that training did not see", None),
    ]


BOUNDED = Contract(
    "ID",
    (
        Feature("AMT_CREDIT", "number", seen={"min": 100.0, "max": 200.0}, positive=True),
        Feature("CNT_CHILDREN", "number", seen={"min": 0.0, "max": 20.0}, min=0.0),
        Feature("AMT_ANNUITY", "number", positive=True),
        Feature("CODE_GENDER", "category", ("M", "F")),
    ),
    unused=("AMT_CREDITS",),
)


def bounded(**client):
    columns = tuple(BOUNDED.columns)
    checks = Checks(BOUNDED, Derivation(columns, columns), [1.0] * 4)
    clients = Encoder(BOUNDED).encode([client])
    (warnings,) = checks.warnings(clients, checks.coverage(clients.matrix))
    return [(warning.get("column"), warning["warning"]) for warning in warnings]


@pytest.mark.parametrize(
    ("client", "warnings"),
    [
        ({"AMT_CREDIT": 0}, [("AMT_CREDIT", "cannot be zero")]),
        ({"AMT_CREDIT": -1}, [("AMT_CREDIT", "cannot be negative")]),
        ({"AMT_ANNUITY": 0.0}, [("AMT_ANNUITY", "cannot be zero")]),
        ({"CNT_CHILDREN": -1}, [("CNT_CHILDREN", "cannot be negative")]),
        ({"CNT_CHILDREN": 0, "AMT_CREDIT": 150, "AMT_ANNUITY": 1e-9}, []),
        ({"AMT_CREDIT": 1}, [("AMT_CREDIT", OUTSIDE)]),
    ],
)
def test_impossible_amounts_are_named(client, warnings):
    assert bounded(**client) == warnings


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AMT_CREDITT", "AMT_CREDIT"),
        ("AMT_CRDIT", "AMT_CREDIT"),
        ("CODE_GENDR", "CODE_GENDER"),
        ("AMT_CREDITS", None),  # another column of the data set
        ("ID", None),
        ("SOMETHING", None),
    ],
)
def test_a_name_that_is_nearly_a_column_names_the_one_that_was_meant(name, meant):
    expected = [(name, f"not a column of the model: {meant} may be meant")] if meant else []
    assert bounded(AMT_ANNUITY=5, CNT_CHILDREN=0, **{name: 1}) == expected


def test_a_misspelled_name_is_a_warning_of_the_client_who_sent_it():
    columns = tuple(BOUNDED.columns)
    checks = Checks(BOUNDED, Derivation(columns, columns), [1.0] * 4)
    clients = Encoder(BOUNDED).encode([{"AMT_ANNUITY": 5}, {"AMT_ANNUITY": 5, "AMT_CREDITT": 5}])
    first, second = checks.warnings(clients, np.ones(2))
    assert first == []
    assert [warning["column"] for warning in second] == ["AMT_CREDITT"]


def test_many_unknown_names_do_not_take_long_to_look_up():
    assert len(bounded(AMT_ANNUITY=5, **{f"AMT_CREDIT{i}": 1 for i in range(10, 5000)})) <= 50


def test_little_known_is_a_warning_of_the_client_as_a_whole():
    checks = Checks(SEEN, derive.declared(SEEN.columns), [6.0, 1.0, 0.0, 3.0])
    clients = Encoder(SEEN).encode([{"FLAG": 1}, {"FLAG": 1, "AGE": 30}])
    warnings = checks.warnings(clients, checks.coverage(clients.matrix))
    assert warnings == [[{"warning": LITTLE_KNOWN}], []]


def test_without_asking_the_answer_has_no_further_columns(load):
    (answer,) = ask(load(), [{"AMT_CREDIT": 1}])

    assert list(answer) == ["SK_ID_CURR", "solvency", "threshold", "decision"]


CLIENTS = [
    {"CODE_GENDER": "F", "AMT_CREDIT": 5, "OWNS_CAR": True, "EXT_SOURCE_2": 0.1},
    {"CODE_GENDER": "XNA", "AMT_CREDIT": None, "OWNS_CAR": None, "EXT_SOURCE_2": 0.3},
    {"CODE_GENDER": 7, "AMT_CREDIT": float("inf"), "OWNS_CAR": "maybe", "EXT_SOURCE_2": 0.2},
    {"CODE_GENDER": None, "AMT_CREDIT": 10**400, "OWNS_CAR": False, "EXT_SOURCE_2": None},
]
DISCARDED = [
    [],
    ["CODE_GENDER"],
    ["CODE_GENDER", "AMT_CREDIT", "OWNS_CAR"],
    ["AMT_CREDIT"],
]


def test_records_columns_and_frames_give_the_same_coverage_and_warnings(load):
    clients = CLIENTS[:3]  # a frame of an integer beyond float64 holds Python objects
    records = ask(load(), clients, checks=True)
    columns = ask(load(), pd.DataFrame(clients).to_dict("list"), checks=True)
    frame = ask(load(), pd.DataFrame(clients, dtype=object), checks=True)

    assert records == columns == frame.to_dict("records")
    assert list(records[0])[-2:] == ["coverage", "warnings"]


def test_what_was_sent_and_counts_as_missing_is_named_what_was_not_sent_is_not(load):
    answers = ask(load(), CLIENTS, checks=True)

    named = [[w["column"] for w in answer["warnings"] if "column" in w] for answer in answers]
    assert named == DISCARDED


def test_values_in_arrays_as_mlflow_hands_them_over_are_the_same(load):
    arrays = [{name: np.array(value) for name, value in CLIENTS[0].items()}]

    assert ask(load(), arrays, checks=True) == ask(load(), CLIENTS[:1], checks=True)


def test_a_client_has_the_same_coverage_alone_and_among_others(load):
    random = np.random.default_rng(0)
    names = ["CODE_GENDER", "AMT_CREDIT", "OWNS_CAR", "EXT_SOURCE_2"]
    frame = pd.DataFrame(random.integers(0, 2, (500, 4)).astype(float), columns=names)
    frame = frame.mask(random.random(frame.shape) < 0.4).assign(EXT_SOURCE_2=0.5)
    together = ask(load(), frame, checks=True)["coverage"].tolist()
    alone = [ask(load(), frame.iloc[[row]], checks=True)["coverage"][0] for row in range(500)]

    assert together == alone
    assert 0 < min(together) < max(together) == 1


@pytest.mark.parametrize("asked", [{"config": 0.5}, {"param": 0.5}, {"config": 0.5, "param": 0.1}])
def test_a_client_of_whom_too_little_is_known_is_refused_naming_the_row(load, asked):
    model = load(min_coverage=asked["config"]) if "config" in asked else load()
    known, unknown = CLIENTS[0], {"AMT_CREDIT": 1}
    params = {"min_coverage": asked["param"]} if "param" in asked else {}

    assert len(ask(model, [known], **params)) == 1
    with pytest.raises(MlflowException) as caught:
        ask(model, [known, unknown, {"CODE_GENDER": "X", "EXT_SOURCE_2": 1}, unknown], **params)
    problems = InvalidRows.from_json(str(caught.value).splitlines()[-1]).details
    assert [problem["row"] for problem in problems] == [1, 3]
    assert "0.5" in problems[0]["expected"]


@pytest.mark.parametrize(
    "params", [{"checks": "yes"}, {"checks": 1}, {"min_coverage": 2}, {"min_coverage": NAN}]
)
def test_a_parameter_of_another_kind_is_refused(load, params):
    with pytest.raises(MlflowException, match="parameter"):
        ask(load(), [{"AMT_CREDIT": 1}], **params)
