import json

import numpy as np
import pytest

from scoring_model.derive import Derivation
from scoring_model.derive.program import BLOCK
from train.data import derive

NAN = float("nan")
OTHER = ("age", "duration", "TERM", "AGE", "AMT_CREDIT")


@pytest.fixture(scope="module")
def fitted(frame, matrix):
    return derive.fit(tuple(frame), matrix)


def place(derivation, *names):
    return [derivation.columns.index(name) for name in names]


def test_the_columns_that_were_sent_come_first_and_as_sent(fitted, frame, matrix):
    assert fitted.columns[: len(fitted.inputs)] == tuple(frame)
    untouched = place(fitted, "EXT_SOURCE_1", "AMT_CREDIT", "PREV_COUNT")
    assert np.array_equal(fitted.apply(matrix)[:, untouched], matrix[:, untouched], equal_nan=True)


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8, 100, BLOCK, BLOCK + 1])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_client_has_the_same_numbers_alone_and_among_others(fitted, matrix, rows, order):
    together = fitted.apply(matrix)
    apart = [
        fitted.apply(np.array(matrix[start : start + rows], order=order))
        for start in range(0, len(matrix), rows)
    ]
    assert np.vstack(apart).tobytes() == together.tobytes()


def test_a_value_in_one_row_changes_no_other_row(fitted, matrix):
    changed = matrix.copy()
    changed[5] = 1e308
    changed[6] = 0
    others = np.delete(np.arange(len(matrix)), [5, 6])
    before, after = fitted.apply(matrix), fitted.apply(changed)
    assert before[others].tobytes() == after[others].tobytes()


@pytest.mark.parametrize("value", [0.0, -0.0, 1e308, -1e308, 5e-324, NAN, 365_243.0])
def test_nothing_is_infinite_and_nobody_is_warned(fitted, value):
    made = fitted.apply(np.full((3, len(fitted.inputs)), value))
    assert not np.isinf(made).any()
    assert made[0].tobytes() == made[2].tobytes()


def test_what_was_given_is_left_as_it_was(fitted, matrix):
    before = matrix.copy()
    fitted.apply(matrix)
    assert before.tobytes() == matrix.tobytes()


def test_no_clients_are_an_empty_matrix(fitted):
    assert fitted.apply(np.empty((0, len(fitted.inputs)))).shape == (0, len(fitted.columns))


def test_a_derivation_survives_its_json(fitted, matrix):
    text = fitted.to_json()
    loaded = Derivation.from_json(text)
    assert loaded == fitted
    assert loaded.to_json() == text
    assert loaded.apply(matrix).tobytes() == fitted.apply(matrix).tobytes()


def test_its_json_is_plain_json_in_which_a_formula_can_be_read(fitted):
    def refused(constant):
        raise AssertionError(constant)

    raw = json.loads(fitted.to_json(), parse_constant=refused)
    assert raw["formulas"]["TERM"] == "AMT_CREDIT / AMT_ANNUITY"
    assert '\n "TERM": "AMT_CREDIT / AMT_ANNUITY",\n' in fitted.to_json()


@pytest.mark.parametrize(
    "broken",
    [
        {"columns": ["UNKNOWN"]},
        {"formulas": {}},
        {"rules": [{"column": "X"}]},
        {"rules": [{"column": "X", "low": 1, "high": 2, "why": ""}]},
        {"tables": [{"key": "A", "columns": ["B"], "keys": [1.0, 2.0], "values": [[1.0]]}]},
        {"tables": [{}]},
        {"inputs": None},
    ],
)
def test_json_that_is_no_derivation_is_refused(fitted, broken):
    raw = json.loads(fitted.to_json()) | broken
    with pytest.raises((ValueError, KeyError, TypeError)):
        Derivation.from_json(json.dumps(raw))


def test_fewer_columns_keep_their_values_and_ask_for_fewer_inputs(fitted, frame, matrix):
    wanted = ["INTEREST_MEDIAN", "DAYS_BIRTH", "EXT_SOURCE_1_MINUS_MEAN_BY_TERM"]
    fewer = fitted.restricted_to(wanted)
    assert fewer.columns == ("DAYS_BIRTH", "INTEREST_MEDIAN", "EXT_SOURCE_1_MINUS_MEAN_BY_TERM")
    assert set(fewer.inputs) == {"AMT_CREDIT", "AMT_ANNUITY", "DAYS_BIRTH", "EXT_SOURCE_1"}
    assert [table.columns for table in fewer.tables] == [("EXT_SOURCE_1_MEAN_BY_TERM",)]
    made = fewer.apply(frame[[*fewer.inputs]].to_numpy())
    assert made.tobytes() == fitted.apply(matrix)[:, place(fitted, *fewer.columns)].tobytes()
    assert Derivation.from_json(fewer.to_json()) == fewer


def test_every_column_alone_keeps_its_values(fitted, frame, matrix):
    full = fitted.apply(matrix)
    for position, name in enumerate(fitted.columns):
        alone = fitted.restricted_to([name])
        made = alone.apply(frame[[*alone.inputs]].to_numpy())
        assert made[:, 0].tobytes() == full[:, position].tobytes(), name


def test_a_restriction_to_all_is_no_restriction(fitted):
    assert fitted.restricted_to(fitted.columns) == fitted


def test_a_restriction_to_what_is_not_there_names_it(fitted):
    with pytest.raises(ValueError, match="NOTHING"):
        fitted.restricted_to(["TERM", "NOTHING"])


def test_features_are_declared_only_where_their_inputs_are_sent():
    columns = derive.declared(["AMT_CREDIT", "AMT_ANNUITY"]).columns
    assert columns[2:] == ("TERM", "INTEREST_MIN", "INTEREST_MEAN", "INTEREST_MEDIAN")


def test_without_age_nothing_tells_age(frame):
    kept = frame.drop(columns="DAYS_BIRTH")
    made = derive.fit(tuple(kept), kept.to_numpy()).columns
    assert "CAR_AGE_TO_EMPLOYED" in made
    of_age = ("BIRTH", "TO_AGE", "AGE_AT", "AGE_M", "PEERS")
    assert not [name for name in made if any(word in name for word in of_age)]


def test_on_another_data_set_the_model_sees_what_is_sent():
    matrix = np.random.default_rng(0).random((20, len(OTHER)))
    fitted = derive.fit(OTHER, matrix)
    assert fitted.columns == OTHER
    assert fitted.apply(matrix) is matrix
    assert Derivation.from_json(fitted.to_json()) == fitted


def test_a_column_of_the_data_set_stays_though_a_feature_bears_its_name():
    inputs = ("TERM", "AMT_CREDIT", "AMT_ANNUITY", "DAYS_BIRTH", "AGE")
    derivation = derive.declared(inputs)
    assert derivation.columns[:5] == inputs
    assert derivation.columns.count("TERM") == 1
    made = derivation.apply(np.array([[7.0, 120.0, 10.0, -3652.5, 99.0]]))[0]
    assert made[0] == 7
    assert made[derivation.columns.index("AGE_AT_PAY_OFF")] == 11
