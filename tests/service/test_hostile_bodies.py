"""Bodies that mean harm: a clear 4xx in bounded time and memory, and the next request is served."""

import functools
import gzip
import io
import json
import re
import socket
import time

import pandas as pd
import pytest

from tests.service.processes import growing_less_than

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
LIMIT = 8 * 1024 * 1024
SECONDS = 60
"""For an answer on a busy machine; none takes more than a few seconds on an idle one."""
MEGABYTES = 500
"""By which any one process may have grown, at its highest, over what serving takes."""

ROW = '{"SK_ID_CURR": 1, "AMT_CREDIT": %s}'
BODIES = {
    "/predict": '{"data": [%s]}',
    "/predict_proba": '{"data": %s}',
    "/invocations inputs": '{"inputs": [%s]}',
    "/invocations records": '{"dataframe_records": [%s]}',
    "/invocations instances": '{"instances": [%s]}',
}


@pytest.fixture(params=BODIES)
def row_of(request):
    """A function: a client as JSON text -> path and body, in each form that takes clients."""
    return lambda row: (request.param.split()[0], (BODIES[request.param] % row).encode())


def served(service, model):
    """The next request is answered."""
    column = next(f["name"] for f in model["features"] if f["kind"] == "number")
    answer = service.ask("POST", "/predict", {"data": {model["id"]: 7, column: 1}})
    assert answer.status == 200, answer.data
    assert list(answer.json()["prediction"]) == ["client n°7"]


def refused(answer, *statuses):
    assert answer.status in statuses, (answer.status, answer.data[:300])
    assert answer.headers["Content-Type"] == JSON
    body = answer.json()
    assert set(body) == {"error", "details", "request_id"}
    assert len(answer.data) < 10_000
    assert not re.search(r"Traceback|pandas|numpy|pyarrow|mlflow\.", body["error"])
    return body


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", r'"\u0000"', r'"\ud800"', "1, 2"]
)
def test_what_is_no_strict_json_is_400(service, model, row_of, value):
    path, body = row_of(ROW % value)
    refused(service.ask("POST", path, body), 400)
    served(service, model)


@pytest.mark.parametrize("value", ['"12"', '"1e3"', "true", "[1]", '{"a": 1}', "[[1], [2, 3]]"])
def test_a_value_of_another_kind_is_422_naming_the_column_or_400(service, model, row_of, value):
    path, body = row_of(ROW % value)
    error = refused(service.ask("POST", path, body), *([422] if value[0] in '"t' else [400, 422]))
    assert error["details"] == [] or error["details"][0]["column"] == "AMT_CREDIT"
    served(service, model)


@pytest.mark.parametrize("second", ["AMT_CREDIT", r"\u0041MT_CREDIT", "SK_ID_CURR"])
def test_a_key_given_twice_is_400(service, model, row_of, second):
    path, body = row_of(ROW % f'5, "{second}": 6')
    assert "twice" in refused(service.ask("POST", path, body), 400)["error"]
    served(service, model)


NAMES = ["__class__", "__dict__", "__len__", "shape", "values", "index", "columns", "dtype", "T"]


def test_columns_named_like_attributes_are_columns_like_any_other(service, row_of):
    names = "".join(f', "{name}": {place}' for place, name in enumerate(NAMES))
    path, plain = row_of(ROW % "5")
    _, odd = row_of(ROW % f"5{names}")
    assert service.ask("POST", path, plain).status == 200
    assert service.ask("POST", path, odd).data == service.ask("POST", path, plain).data


@pytest.mark.parametrize("name", NAMES)
def test_a_client_of_attributes_alone_is_422(service, model, row_of, name):
    path, body = row_of(f'{{"SK_ID_CURR": 1, "{name}": 5}}')
    refused(service.ask("POST", path, body), 422)
    served(service, model)


def test_columns_named_like_attributes_in_csv_and_tables(service):
    csv = ",".join(["AMT_CREDIT", *NAMES]) + "\n" + ",".join(["5"] * (len(NAMES) + 1)) + "\n"
    frame = pd.read_csv(io.StringIO(csv))
    bodies = [(CSV, csv.encode()), (PARQUET, parquet(frame))]
    for form in ("dataframe_split", "inputs"):
        table = frame.to_dict("split" if form == "dataframe_split" else "list")
        bodies.append((JSON, json.dumps({form: table}).encode()))
    expected = service.ask("POST", "/invocations", {"inputs": [{"AMT_CREDIT": 5}]}).json()
    for kind, body in bodies:
        answer = service.ask("POST", "/invocations", body, Content_Type=kind)
        assert answer.json()["predictions"] == expected["predictions"], kind


def parquet(frame, **options):
    file = io.BytesIO()
    frame.to_parquet(file, **options)
    return file.getvalue()


def wide(rows):
    """A header of two million columns, and rows that do not have them."""
    return b"A," * 2_000_000 + b"A\n" + b"1\n" * rows


def rows(count):
    return b",".join([b"{}"] * count)


HOSTILE = {
    "a million empty rows": ("/predict", JSON, lambda: b'{"data": [%b]}' % rows(1_000_000)),
    "a million empty inputs": ("/invocations", JSON, lambda: b'{"inputs": [%b]}' % rows(1_000_000)),
    "too many lines": ("/invocations", CSV, lambda: b"AMT_CREDIT\n" + b"1\n" * 1001),
    "too many rows": (
        "/invocations",
        PARQUET,
        lambda: parquet(pd.DataFrame({"AMT_CREDIT": [1] * 1001})),
    ),
    "too wide a header": ("/invocations", CSV, lambda: wide(999)),
    "too many keys": (
        "/predict",
        JSON,
        lambda: json.dumps(
            {"data": {"SK_ID_CURR": 1} | {f"{n}": 1 for n in range(500_000)}}
        ).encode(),
    ),
    "other columns in every row": (
        "/invocations",
        JSON,
        lambda: json.dumps(
            {"dataframe_records": [{f"{r}-{n}": 1 for n in range(500)} for r in range(900)]}
        ).encode(),
    ),
    "rows to fill up": (
        "/invocations",
        JSON,
        lambda: (
            b'{"dataframe_split": {"columns": ["AMT_CREDIT"], "data": [[%b0]%b]}}'
            % (b"0," * 3_000_000, b",[]" * 900)
        ),
    ),
    "lists in a value": (
        "/invocations",
        JSON,
        lambda: b'{"inputs": {"AMT_CREDIT": [[%b[]]]}}' % (b"[]," * 2_600_000),
    ),
    "an index alone": (
        "/invocations",
        JSON,
        lambda: (
            b'{"dataframe_split": {"columns": ["AMT_CREDIT"], "data": null, "index": [%b0]}}'
            % (b"0," * 3_000_000)
        ),
    ),
    "a chat": (
        "/invocations",
        JSON,
        lambda: b'{"messages": 1, "AMT_CREDIT": [%b0]}' % (b"0," * 3_000_000),
    ),
    "a tight text": (
        "/invocations",
        PARQUET,
        lambda: parquet(pd.DataFrame({"A": ["x" * 200_000_000]}), compression="zstd"),
    ),
    "a text again and again": (
        "/invocations",
        PARQUET,
        lambda: parquet(pd.DataFrame({"A": ["x" * 200_000] * 1000}), compression="gzip"),
    ),
    "a long list": (
        "/invocations",
        PARQUET,
        lambda: parquet(pd.DataFrame({"A": [[0] * 20_000_000]})),
    ),
}


@functools.cache
def made(name):
    return HOSTILE[name][2]()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_small_body_that_would_make_a_large_table_is_4xx_at_once(service, model, name):
    path, kind, _ = HOSTILE[name]
    body = made(name)
    assert len(body) <= LIMIT
    started = time.monotonic()
    with growing_less_than(MEGABYTES, service):
        refused(service.ask("POST", path, body, Content_Type=kind), 400, 413, 422)
    assert time.monotonic() - started < SECONDS
    served(service, model)


def test_csv_of_a_header_and_a_million_empty_lines_holds_no_clients(service):
    with growing_less_than(MEGABYTES, service):
        body = b"AMT_CREDIT" + b"\n" * 1_000_000
        answer = service.ask("POST", "/invocations", body, Content_Type=CSV)
    assert (answer.status, answer.json()) == (200, {"predictions": []})


@pytest.mark.parametrize("path", ["/predict", "/predict_proba", "/invocations", "/data"])
@pytest.mark.parametrize(
    "body",
    [
        b" " * LIMIT,
        b"[" * 10_000 + b"]" * 10_000,
        b'{"data":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * LIMIT,
        b'"' + b"\\u0000" * 100_000,
    ],
    ids=["spaces", "nested lists", "nested objects", "open lists", "open text"],
)
def test_long_nonsense_is_4xx(service, model, path, body):
    refused(service.ask("POST", path, body), 400, 413)
    served(service, model)


@pytest.fixture(scope="module")
def packed_gigabyte():
    return gzip.compress(gzip.compress(b" " * 2**30, 1))


@pytest.mark.parametrize("path", ["/predict", "/data", "/invocations"])
def test_a_packed_gigabyte_is_415_and_never_unpacked(service, model, path, packed_gigabyte):
    with growing_less_than(50, service):
        answer = service.ask("POST", path, packed_gigabyte, Content_Encoding="gzip")
    assert "compressed" in refused(answer, 415)["error"]
    served(service, model)


@pytest.mark.parametrize("declared", [True, False])
def test_a_gigabyte_of_spaces_is_413_and_its_sender_is_cut_off(service, model, declared):
    head = "Content-Length: 1073741824" if declared else "Transfer-Encoding: chunked"
    piece = b" " * 2**20 if declared else b"100000\r\n" + b" " * 2**20 + b"\r\n"
    connection = socket.create_connection(("127.0.0.1", service.port), SECONDS)
    with connection as raw, growing_less_than(50, service):
        raw.sendall(f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\n".encode())
        raw.sendall(f"{head}\r\n\r\n".encode())
        sent = 0
        try:
            while sent < 1024:
                raw.sendall(piece)
                sent += 1
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = raw.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert sent < 300
    served(service, model)
