"""A client is the same in each form: its id keeps type and value, and odd input is refused."""

import csv
import io
import json

import pandas as pd
import pytest

JSON, CSV = "application/json", "text/csv"
PARQUET = "application/vnd.apache.parquet"
BIG = 9007199254740993
"""The first whole number that is no float64."""


def as_csv(rows):
    file = io.StringIO()
    csv.writer(file).writerows([rows[0].keys(), *(row.values() for row in rows)])
    return file.getvalue().encode()


def as_parquet(rows):
    file = io.BytesIO()
    ids = pd.array([row["SK_ID_CURR"] for row in rows], dtype="Int64")
    pd.DataFrame(rows).assign(SK_ID_CURR=ids).to_parquet(file)
    return file.getvalue()


def as_columns(rows):
    return {name: [row[name] for row in rows] for name in rows[0]}


def as_split(rows):
    return {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}


FORMS = {
    "inputs": lambda rows: (JSON, {"inputs": rows}),
    "inputs of columns": lambda rows: (JSON, {"inputs": as_columns(rows)}),
    "instances": lambda rows: (JSON, {"instances": rows}),
    "dataframe_records": lambda rows: (JSON, {"dataframe_records": rows}),
    "dataframe_split": lambda rows: (JSON, {"dataframe_split": as_split(rows)}),
    "csv": lambda rows: (CSV, as_csv(rows)),
    "parquet": lambda rows: (PARQUET, as_parquet(rows)),
}


def invoke(service, kind, body):
    return service.ask("POST", "/invocations", body, Content_Type=kind)


@pytest.mark.parametrize("count", [3, 20])
@pytest.mark.parametrize("form", FORMS)
def test_ids_keep_type_and_value_and_a_missing_one_is_null(service, form, count):
    ids = [BIG, None, *range(2, count)]
    rows = [{"SK_ID_CURR": id_, "AMT_CREDIT": 5.0} for id_ in ids]
    answer = invoke(service, *FORMS[form](rows))
    assert answer.status == 200, answer.data
    strict = json.loads(answer.data, parse_constant=pytest.fail)  # no NaN, which is not JSON
    assert [row["SK_ID_CURR"] for row in strict["predictions"]] == ids
    assert str(BIG).encode() in answer.data


@pytest.mark.parametrize("ids", [["a", "b"], ["007", "7"], [1, "x"]])
def test_ids_that_are_texts_are_texts(service, ids):
    rows = [{"SK_ID_CURR": id_, "AMT_CREDIT": 5.0} for id_ in ids]
    for form in ("inputs", "inputs of columns", "instances", "dataframe_split"):
        (kind, body) = FORMS[form](rows)
        answer = invoke(service, kind, body).json()["predictions"]
        assert [row["SK_ID_CURR"] for row in answer] == ids, form
    prediction = service.ask("POST", "/predict", {"data": rows}).json()["prediction"]
    assert list(prediction) == [f"client n°{id_}" for id_ in ids]


BAD_CSV = {
    "a byte order mark and too many rows": (b'\xef\xbb\xbf"AMT_CREDIT"\n' + b"1\n" * 1001, 413),
    "two million rows": (b'\xef\xbb\xbf"AMT_CREDIT"\n' + b"1\n" * 2_000_000, 413),
    "a quoted header and too many rows": (b'"AMT_CREDIT"\r\n' + b"1\r\n" * 1001, 413),
    "a row wider than the header": (b"SK_ID_CURR,EXT_SOURCE_2\n9,0.1,0.9\n", 400),
    "every row wider": (b"SK_ID_CURR,EXT_SOURCE_2\n" + b"9,0.1,0.9\n" * 3, 400),
    "a column given twice": (b"EXT_SOURCE_2,EXT_SOURCE_2\n0.1,0.9\n", 400),
    "a quote that is not closed": (b'EXT_SOURCE_2\n"0.1\n', 400),
}


@pytest.mark.parametrize("name", BAD_CSV)
def test_csv_that_would_be_read_otherwise_than_meant_is_refused(service, name):
    body, status = BAD_CSV[name]
    answer = invoke(service, CSV, body)
    assert answer.status == status, answer.data
    assert answer.json().keys() == {"error", "details", "request_id"}


def test_a_byte_order_mark_is_no_part_of_the_first_name(service):
    text = b"AMT_CREDIT\n5\n"
    plain, marked = (invoke(service, CSV, mark + text) for mark in (b"", b"\xef\xbb\xbf"))
    assert plain.status == marked.status == 200
    assert plain.data == marked.data


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("csv", "parquet")])
@pytest.mark.parametrize("count", [2, 20])
def test_a_nested_value_is_refused_alike_in_every_form(service, form, count):
    rows = [{"SK_ID_CURR": n, "AMT_CREDIT": 5.0} for n in range(count)]
    rows[1]["AMT_CREDIT"] = [1, [2]]
    kind, body = FORMS[form](rows)
    answer = invoke(service, kind, body)
    assert answer.status == 422, answer.data
    assert answer.json()["details"] == [{"row": 1, "column": "AMT_CREDIT", "expected": "a number"}]


def test_a_column_that_is_nearly_one_of_the_models_is_a_warning(service):
    client = {"SK_ID_CURR": 1, "AMT_CREDITT": 5, "EXT_SOURCE_2": 0.5}
    for many in (1, 20):
        rows = [{**client, "SK_ID_CURR": number} for number in range(many)]
        answer = service.ask("POST", "/predict", {"data": rows}).json()
        named = [w for w in answer["warnings"] if "AMT_CREDITT" in w.values()]
        assert len(named) == many, answer["warnings"]
        assert all("AMT_CREDIT" in {w.get("meant"), *w["warning"].split()} for w in named), named


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/predict", "data"),
        ("/predict_proba", "data"),
        ("/invocations", "inputs"),
        ("/invocations", "dataframe_records"),
    ],
)
def test_params_that_do_not_exist_are_400_on_every_route(service, path, form):
    rows = [{"SK_ID_CURR": 1, "AMT_CREDIT": 5}]
    for params in ({"treshold": 0.5}, {"reasons": -1}, {"lang": "xx"}, ["reasons"], {"": 1}):
        answer = service.ask("POST", path, {form: rows, "params": params})
        assert answer.status == 400, params
    assert service.ask("POST", path, {form: rows, "params": {"reasons": 2}}).status == 200


def test_reasons_can_be_asked_for_in_french(service):
    body = {"data": {"SK_ID_CURR": 1, "AMT_CREDIT": 5, "EXT_SOURCE_2": 0.5}}
    texts = set()
    for lang in ("en", "fr"):
        answer = service.ask("POST", "/predict", body | {"params": {"reasons": 2, "lang": lang}})
        (reasons,) = answer.json()["reasons"].values()
        assert len(reasons) == 2
        texts.add(json.dumps(reasons, sort_keys=True))
    assert len(texts) == 2
