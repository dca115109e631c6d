import json

import pytest

from app.errors import InvalidClients, NoClients, NotJson, TooManyRows
from app.payload import MAX_DEPTH, check_invocation, parse_json, read_clients


def read(data, max_rows=10):
    return read_clients(json.dumps({"data": data}).encode(), "ID", max_rows)


def problems(data):
    with pytest.raises(InvalidClients) as caught:
        read(data)
    return [(detail["row"], detail.get("column")) for detail in caught.value.details]


def test_a_list_of_objects_gives_ids_and_records_in_order():
    clients = read([{"ID": 2, "AGE": 30}, {"ID": "b", "AGE": None}])

    assert clients.ids == [2, "b"]
    assert clients.records == [{"ID": 2, "AGE": 30}, {"ID": "b", "AGE": None}]


def test_one_object_is_one_client():
    assert read({"ID": 1}).records == [{"ID": 1}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"data": NaN}',
        b'{"data": [{"ID": 1, "AGE": Infinity}]}',
        b'{"data": [{"ID": 1, "AGE": 1e400}]}',
        b'{"data": "\\ud800"}',
        b"[" * 10_000 + b"]" * 10_000,
    ],
)
def test_what_is_not_strict_json_is_refused_saying_where(body):
    with pytest.raises(NotJson, match="line 1 column"):
        parse_json(body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "there is no data"),
        ([], "there is no data"),
        (None, "there is no data"),
        ({"data": None}, "neither"),
        ({"data": "text"}, "neither"),
        ({"data": []}, "empty"),
    ],
)
def test_a_body_without_clients_says_why(body, why):
    with pytest.raises(NoClients, match=why):
        read_clients(json.dumps(body).encode(), "ID", 10)


def test_rows_that_are_no_objects_are_named():
    assert problems([{"ID": 1}, 2, [], None]) == [(1, None), (2, None), (3, None)]


@pytest.mark.parametrize("value", [None, "", True, 1.5, 2**70, [], {}])
def test_an_id_is_a_whole_number_or_a_text(value):
    assert problems([{"ID": 1}, {"ID": value}]) == [(1, "ID")]


def test_a_row_without_id_is_named():
    assert problems([{"ID": 1}, {"AGE": 1}]) == [(1, "ID")]


def test_two_rows_with_one_id_are_told_apart_from_the_first():
    assert problems([{"ID": 1}, {"ID": 2}, {"ID": 1}]) == [(2, "ID")]


def test_a_number_and_its_text_are_one_id_because_they_make_one_key():
    assert problems([{"ID": 1}, {"ID": "1"}]) == [(1, "ID")]


def test_details_stop_at_twenty_and_the_sentence_counts_them():
    with pytest.raises(InvalidClients) as caught:
        read([{} for _ in range(100)], max_rows=100)

    assert len(caught.value.details) == 20


def test_more_rows_than_the_limit_are_refused():
    with pytest.raises(TooManyRows, match="limit of 10 rows"):
        read([{"ID": number} for number in range(11)])


def test_a_nested_value_becomes_an_empty_list_that_any_model_can_refuse():
    assert read({"ID": 1, "AGE": [1, [2]], "NOTE": {"a": 1}}).records == [
        {"ID": 1, "AGE": [], "NOTE": []}
    ]


def test_a_nul_character_is_refused_because_numpy_would_cut_it_off():
    with pytest.raises(NotJson, match="NUL"):
        read({"ID": "a\0"})


@pytest.mark.parametrize(
    ("payload", "rows"),
    [
        ({"inputs": [{}, {}]}, 2),
        ({"dataframe_records": [{}, {}, {}]}, 3),
        ({"dataframe_split": {"columns": ["a"], "data": [[1], [2]]}}, 2),
        ({"instances": {"a": [1, 2, 3], "b": [1, 2, 3]}}, 3),
        ({"inputs": {"a": 1}}, 1),
        ({"inputs": 1}, None),
        ({}, None),
        ([], None),
        (None, None),
        (False, None),
        (1.5, None),
        ("text", None),
    ],
)
def test_rows_of_each_of_mlflows_formats_are_counted(payload, rows):
    assert check_invocation(json.dumps(payload).encode(), 3) == rows


def test_too_many_rows_for_mlflow_are_refused():
    with pytest.raises(TooManyRows):
        check_invocation(b'{"inputs": [{}, {}, {}]}', 2)


def test_nesting_that_mlflow_could_not_read_is_refused():
    deep = b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)

    assert check_invocation(deep[1:-1], 1) is None
    with pytest.raises(NotJson, match="nesting"):
        check_invocation(deep, 1)
