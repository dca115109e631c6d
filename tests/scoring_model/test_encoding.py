import json
import pickle
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from scoring_model.contract import Contract, Feature, typical_clients
from scoring_model.encoding import NO_KNOWN_VALUE, Encoder
from scoring_model.errors import MAX_NAMED, InvalidRows, UnsupportedInput

NAN = float("nan")


def encode(contract, **values):
    return Encoder(contract).encode([values]).matrix[0].tolist()


def same(left, right):
    return np.array_equal(np.asarray(left), np.asarray(right), equal_nan=True)


def test_a_record_is_encoded_in_the_order_of_the_contract(contract):
    record = {"EXT_SOURCE_2": 0.5, "AMT_CREDIT": 9, "CODE_GENDER": "F", "OWNS_CAR": True}
    assert encode(contract, **record) == [1.0, 9.0, 1.0, 0.5]


def test_what_is_absent_or_null_is_missing_and_never_zero(contract):
    assert same(encode(contract, AMT_CREDIT=None, EXT_SOURCE_2=1), [NAN, NAN, NAN, 1.0])


def test_columns_that_the_model_does_not_know_are_ignored(contract):
    assert same(encode(contract, AMT_CREDIT=1, __class__="x", keys=2), [NAN, 1.0, NAN, NAN])


@pytest.mark.parametrize(
    "value", [NAN, float("inf"), -float("inf"), None, pd.NA, pd.NaT, 10**400, np.float32("nan")]
)
def test_what_is_no_finite_number_is_missing(contract, value):
    assert same(encode(contract, AMT_CREDIT=value, EXT_SOURCE_2=1), [NAN, NAN, NAN, 1.0])


@pytest.mark.parametrize(
    "value", [7, 7.0, np.int8(7), np.float64(7), np.array(7), np.array(7.0), Decimal("7")]
)
def test_every_kind_of_number_gives_the_same_float(contract, value):
    assert encode(contract, AMT_CREDIT=value)[1] == 7.0


@pytest.mark.parametrize(
    "value", ["7", "", "abc", True, [7], {"a": 7}, np.array([7, 8]), b"7", 1j, np.array("7")]
)
def test_what_is_no_number_is_named_with_its_row_and_column(contract, value):
    with pytest.raises(InvalidRows) as error:
        Encoder(contract).encode([{"AMT_CREDIT": 1}, {"AMT_CREDIT": value}])
    assert error.value.details == [{"row": 1, "column": "AMT_CREDIT", "expected": "a number"}]
    assert "row 1, column AMT_CREDIT" in str(error.value)


@pytest.mark.parametrize("value", ["F", 1, 1.0, np.array("F"), np.str_("F"), np.int64(1)])
def test_a_category_comes_as_its_name_or_as_its_position(contract, value):
    assert encode(contract, CODE_GENDER=value)[0] == 1.0


@pytest.mark.parametrize("value", ["XNA", "", "f", 2, -1, 99.0, None, NAN])
def test_an_unknown_category_is_missing(contract, value):
    assert same(encode(contract, CODE_GENDER=value, AMT_CREDIT=1), [NAN, 1.0, NAN, NAN])


@pytest.mark.parametrize("value", [0.5, ["F"], {"F": 1}, b"F"])
def test_what_can_be_no_category_is_an_error(contract, value):
    with pytest.raises(InvalidRows, match="column CODE_GENDER"):
        Encoder(contract).encode([{"CODE_GENDER": value}])


@pytest.mark.parametrize(("value", "code"), [(True, 1.0), (False, 0.0), ("true", 1.0), (1, 1.0)])
def test_a_boolean_is_the_category_of_its_name(contract, value, code):
    assert encode(contract, OWNS_CAR=value)[2] == code


def test_a_record_without_a_single_known_column_is_an_error_of_its_row(contract):
    with pytest.raises(InvalidRows) as error:
        Encoder(contract).encode([{"AMT_CREDIT": 1}, {"SK_ID_CURR": 5, "OTHER": 1}])
    assert error.value.details == [{"row": 1, "expected": NO_KNOWN_VALUE}]


def test_every_bad_value_is_named_up_to_a_bound(contract):
    with pytest.raises(InvalidRows) as error:
        Encoder(contract).encode([{"AMT_CREDIT": "x", "EXT_SOURCE_2": "y"}] * 1000)
    assert len(error.value.details) == MAX_NAMED
    assert str(error.value).endswith("and more")


def test_a_long_value_is_cut_in_the_message(contract):
    with pytest.raises(InvalidRows) as error:
        Encoder(contract).encode([{"AMT_CREDIT": "x" * 10_000}])
    assert len(str(error.value)) < 200


def test_columns_give_what_records_give(contract):
    records = [
        {"CODE_GENDER": "F", "AMT_CREDIT": 5, "OWNS_CAR": True, "EXT_SOURCE_2": 0.1},
        {"CODE_GENDER": "XNA", "AMT_CREDIT": None, "OWNS_CAR": None, "EXT_SOURCE_2": 1e300},
        {"CODE_GENDER": None, "AMT_CREDIT": 2**60 + 1, "OWNS_CAR": False, "EXT_SOURCE_2": NAN},
    ]
    expected = Encoder(contract).encode(records).matrix
    frame = pd.DataFrame(records)
    assert same(Encoder(contract).encode_columns(frame, 3), expected)
    for dtype in ("category", "string"):
        assert same(
            Encoder(contract).encode_columns(frame.astype({"CODE_GENDER": dtype}), 3), expected
        )
    arrays = {name: np.array(frame[name].tolist(), dtype=object) for name in frame}
    assert same(Encoder(contract).encode_columns(arrays, 3), expected)


def test_a_category_column_of_numbers_holds_positions(contract):
    positions = {"CODE_GENDER": np.array([0, 1])}
    assert Encoder(contract).encode_columns(positions, 2)[:, 0].tolist() == [0, 1]


def test_in_a_column_that_one_bad_cell_turned_into_text_only_that_cell_is_at_fault(contract):
    with pytest.raises(InvalidRows) as error:
        Encoder(contract).encode_columns({"AMT_CREDIT": np.array(["1", "2", "abc"])}, 3)
    assert [detail["row"] for detail in error.value.details] == [2]


def test_problems_of_columns_come_in_the_order_of_the_rows(contract):
    columns = {"AMT_CREDIT": [1, "x", 2], "EXT_SOURCE_2": ["y", 1, 2]}
    with pytest.raises(InvalidRows) as error:
        Encoder(contract).encode_columns(columns, 3)
    assert [detail["row"] for detail in error.value.details] == [0, 1]


@pytest.mark.parametrize("values", [[1, 2], 5, np.zeros((3, 2))])
def test_a_column_of_another_shape_is_an_error(contract, values):
    with pytest.raises(UnsupportedInput, match="AMT_CREDIT"):
        Encoder(contract).encode_columns({"AMT_CREDIT": values}, 3)


def test_columns_without_a_known_one_name_every_row(contract):
    with pytest.raises(InvalidRows) as error:
        Encoder(contract).encode({"OTHER": [1, 2]})
    assert [detail["row"] for detail in error.value.details] == [0, 1]


def test_no_rows_are_an_empty_matrix(contract):
    assert Encoder(contract).encode([]).matrix.shape == (0, 4)
    assert Encoder(contract).encode_columns({"AMT_CREDIT": []}, 0).shape == (0, 4)


def test_typical_clients_are_made_up_from_the_contract_and_can_be_encoded():
    seen = {"min": -4.0, "max": 10.0, "mean": 3.0, "median": 2.0, "missing": 0.0}
    contract = Contract(
        "id", (Feature("A", "number", seen=seen), Feature("B", "category", ("x", "y")))
    )
    clients = typical_clients(contract, [1, 2, 3])
    assert clients[0] == {"id": 1, "A": 2.0, "B": "x"}
    assert all(-4 <= client["A"] <= 10 for client in clients)
    assert len({client["A"] for client in clients}) == 3
    assert Encoder(contract).encode(clients).ids == [1, 2, 3]


def test_bounds_and_unused_columns_survive_their_json():
    features = (Feature("A", "number", min=0.0), Feature("B", "number", positive=True))
    contract = Contract("id", features, ("C",))
    assert Contract.from_json(contract.to_json()) == contract
    assert contract.restricted_to(["B"]) == Contract("id", features[1:], ("C", "A"))
    assert json.loads(Contract("id", (Feature("A", "number"),)).to_json()) == {
        "id": "id",
        "features": [{"name": "A", "kind": "number", "categories": [], "seen": {}}],
    }


def test_a_contract_survives_its_json(contract):
    assert Contract.from_json(contract.to_json()) == contract


def test_the_json_of_a_contract_keeps_accents_and_what_training_saw():
    contract = Contract("id", (Feature("région", "number", seen={"min": 0.1, "missing": 0.5}),))
    assert "région" in contract.to_json()
    assert json.loads(contract.to_json())["features"][0]["seen"] == {"min": 0.1, "missing": 0.5}
    assert Contract.from_json(contract.to_json()) == contract


def test_an_error_survives_its_json_without_the_value(contract):
    with pytest.raises(InvalidRows) as error:
        Encoder(contract).encode([{"AMT_CREDIT": "secret"}])
    text = error.value.to_json()
    assert "secret" not in text
    assert InvalidRows.from_json(text).details == error.value.details


@pytest.mark.parametrize("text", ["", "no json", "{}", "[]", '{"invalid_rows": [{"row": "x"}]}'])
def test_any_other_text_is_no_error_of_ours(text):
    assert InvalidRows.from_json(text) is None


def test_a_contract_that_was_used_can_still_go_to_another_process(contract):
    Encoder(contract).encode([{"CODE_GENDER": "F"}])
    assert pickle.loads(pickle.dumps(contract)) == contract
