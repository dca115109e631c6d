"""The project's own JSON form, read strictly and within limits."""

import json

import pytest

from app.context import Context
from app.errors import InvalidClients, InvalidParams, NoClients, NotJson, TooLarge
from app.requests import LONGEST_TEXT, MAX_COLUMNS, read_data, read_json
from app.settings import Settings
from scoring_model.errors import InvalidRows

SETTINGS = Settings.from_environ({"MAX_ROWS": "10"})
HEADERS = {"content-type": "application/json"}


def read(content, settings=SETTINGS):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_data(Context("POST", "/predict", HEADERS, body=body), settings, "ID")


def problems(*rows):
    with pytest.raises(InvalidClients) as caught:
        read({"data": rows})
    return [(detail["row"], detail.get("column")) for detail in caught.value.details]


def test_a_list_of_objects_gives_ids_and_records_in_order():
    clients = read({"data": [{"ID": 2, "AGE": 30}, {"ID": "b", "AGE": None}]})

    assert clients.ids == [2, "b"]
    assert clients.table == [{"ID": 2, "AGE": 30}, {"ID": "b", "AGE": None}]
    assert clients.params == {}


def test_one_object_is_one_client():
    assert read({"data": {"ID": 1}}).table == [{"ID": 1}]


NOT_JSON = [
    b"",
    b"{",
    b"\xff",
    b'{"data": NaN}',
    b'{"data": [{"ID": 1, "AGE": Infinity}]}',
    b'{"data": [{"ID": 1, "AGE": 1e400}]}',
    b'{"data": "\\ud800"}',
    b'{"data": {"ID": "a\\u0000"}}',
    b"[" * 10_000 + b"]" * 10_000,
    b'{"data": {"ID": 1}} x',
]


@pytest.mark.parametrize("body", NOT_JSON)
def test_only_strict_json_is_read(body):
    with pytest.raises(NotJson):
        read(body)
    with pytest.raises(NotJson):
        read_json(Context("POST", "/data", HEADERS, body=body), SETTINGS)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({}, "there is no data"),
        ([], "there is no data"),
        (None, "there is no data"),
        ({"data": None}, "neither"),
        ({"data": "text"}, "neither"),
        ({"data": []}, "empty"),
    ],
)
def test_a_body_without_clients_says_why(content, reason):
    with pytest.raises(NoClients, match=reason):
        read(content)


def test_rows_that_are_no_objects_are_named():
    assert problems({"ID": 1}, 2, [], None) == [(1, None), (2, None), (3, None)]


@pytest.mark.parametrize("value", [None, "", True, 1.5, 2**70, [], {}])
def test_an_id_is_a_whole_number_or_a_text(value):
    assert problems({"ID": 1}, {"ID": value}) == [(1, "ID")]


@pytest.mark.parametrize("value", [-(2**63), 2**64 - 1, 9007199254740993, "é", "0"])
def test_an_id_keeps_its_type_and_value(value):
    assert read({"data": {"ID": value}}).ids == [value]


def test_a_row_without_id_is_named():
    assert problems({"ID": 1}, {"AGE": 1}) == [(1, "ID")]


@pytest.mark.parametrize("again", [1, "1"])
def test_an_id_given_twice_is_named_also_as_text_because_both_make_one_key(again):
    assert problems({"ID": 1}, {"ID": 2}, {"ID": again}) == [(2, "ID")]


def test_at_most_twenty_problems_are_named():
    settings = Settings.from_environ({"MAX_ROWS": "100"})
    with pytest.raises(InvalidClients) as caught:
        read({"data": [{} for _ in range(100)]}, settings)

    assert len(caught.value.details) == 20


def test_more_rows_or_columns_than_the_limit_are_refused():
    with pytest.raises(TooLarge, match="10 rows"):
        read({"data": [{"ID": number} for number in range(11)]})
    row = {"ID": 1, **{f"a{number}": 1 for number in range(MAX_COLUMNS - 1)}}
    assert read({"data": row}).ids == [1]
    with pytest.raises(TooLarge, match=f"{MAX_COLUMNS} columns"):
        read({"data": row | {"more": 1}})


@pytest.mark.parametrize("part", [b"{}", b"[]"])
def test_more_objects_and_lists_than_any_rows_need_are_refused(part):
    with pytest.raises(TooLarge, match="objects and lists"):
        read(b'{"data": {"A": [%b]}}' % b",".join([part] * 100_001))


def test_texts_that_would_be_padded_to_far_more_than_the_body_are_refused():
    rows = [{"ID": number, "NOTE": "a"} for number in range(1000)]
    settings = Settings.from_environ({})
    rows[7]["NOTE"] = "x" * LONGEST_TEXT
    assert read({"data": rows}, settings).ids
    rows[7]["NOTE"] = "x" * 100_000
    with pytest.raises(InvalidRows) as caught:
        read({"data": rows}, settings)
    assert [(detail["row"], detail["column"]) for detail in caught.value.details] == [(7, "NOTE")]


def test_a_nested_value_becomes_an_empty_list_that_every_model_refuses():
    row = {"ID": 1, "AGE": [1, [2]], "NOTE": {"a": 1}}

    assert read({"data": row}).table == [{"ID": 1, "AGE": [], "NOTE": []}]


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": {"ID": 1}, "data": {"ID": 2}}',
        b'{"data": [{"ID": 1, "AGE": 2}, {"ID": 2, "AGE": 3, "AGE": 4}]}',
        b'{"data": {"ID": 1, "\\u0041GE": 2, "AGE": 2}}',
        b'{"data": {"ID": 1, "AGE" : 2, "AGE" :2, "NOTE": "a:b:c"}}',
        b'{"data": {"ID": 1, "NOTE": {"a": 1, "a": 1}}}',
        b'{"data": {"ID": 1}, "params": {"threshold": 1, "threshold": 0}}',
    ],
)
def test_a_key_given_twice_is_refused_because_one_value_would_be_dropped(body):
    with pytest.raises(NotJson, match="twice"):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": {"ID": 1, "AGE": "12:30", "::": ":", "\\":": "\\":"}}',
        b'{"data": [{"ID": 1, "A": 1}, {"ID": 2, "A": 1}], "note": {"ID": 1}}',
        b'{"data": {"ID": 1, "NOTE": {"a": 1, "b": {"a": 1}}}}',
    ],
)
def test_colons_in_texts_and_keys_of_other_objects_are_no_double_keys(body):
    assert read(body).ids[0] == 1


def test_params_are_read_and_null_counts_as_absent():
    params = {"reasons": 3, "lang": "fr", "threshold": None}

    assert read({"data": {"ID": 1}, "params": params}).params == {"reasons": 3, "lang": "fr"}
    assert read({"data": {"ID": 1}, "params": None}).params == {}


@pytest.mark.parametrize(
    "params", [[], 3, "reasons", {"reason": 3}, {"reasons": -1}, {"lang": "de"}, {"threshold": 2}]
)
def test_params_that_cannot_be_used_are_refused(params):
    with pytest.raises(InvalidParams):
        read({"data": {"ID": 1}, "params": params})
