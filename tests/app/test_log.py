"""The log: one JSON line for each request, which never names a client and never waits."""

import datetime
import json
import subprocess
import sys

import pytest

from app.log import log_event, print_line
from tests.app.caller import JSON


def test_each_request_is_one_json_line_without_the_clients_data(entry, log):
    body = b'{"data": [{"ID": 987654, "AGE": 31}, {"ID": 2}]}'
    entry.ask("POST", "/predict", [("Content-Type", JSON)], body)
    [line] = log()

    time = datetime.datetime.fromisoformat(line.pop("time"))
    assert time.utcoffset() == datetime.timedelta(0)
    assert line.pop("ms") >= 0
    assert line.pop("request_id")
    assert line == {
        "event": "request",
        "method": "POST",
        "route": "/predict",
        "status": 200,
        "rows": 2,
        "model": "m-1",
    }


def test_neither_path_nor_query_nor_an_odd_method_is_logged(entry, log):
    entry.ask("GET", "/clients/987654?name=Doe")
    entry.ask("DOE", "/987654")
    lines = log()

    assert [line["route"] for line in lines] == [None, None]
    assert lines[1]["method"] == "other"
    assert "987654" not in str(lines)
    assert "Doe" not in str(lines)


@pytest.mark.parametrize(
    ("setting", "address"),
    [("no", None), ("peer", "192.0.2.7"), ("forwarded", "198.51.100.9")],
)
def test_the_callers_address_is_logged_as_the_setting_allows(start, log, setting, address):
    forwarded = [("X-Forwarded-For", "203.0.113.5, 198.51.100.9")]
    start(LOG_ADDRESS=setting).ask("GET", "/best_threshold", forwarded)

    assert log()[0].get("address") == address


@pytest.mark.parametrize("path", ["/best_threshold", "/", "/nope"])
def test_the_callers_request_id_is_used_and_returned(entry, log, path):
    answer = entry.ask("GET", path, [("X-Request-ID", "abc-123")])

    assert answer.headers["X-Request-ID"] == log()[0]["request_id"] == "abc-123"


@pytest.mark.parametrize("sent", ["", "x" * 65, "two words", "caf\xe9", "tab\tbed"])
def test_a_request_id_that_is_long_or_odd_is_replaced(entry, sent):
    made = [
        entry.ask("GET", "/best_threshold", [("X-Request-ID", sent)]).headers["X-Request-ID"]
        for _ in range(2)
    ]

    assert made[0].isalnum()
    assert made[0] != made[1]


def test_a_plain_line_stays_one_line(capfd):
    print_line("two\nlines \udcff")

    assert capfd.readouterr().err.count("\n") == 1


def test_a_line_is_cut_where_a_pipe_would_tear_it(capfd):
    log_event("long", text="x" * 10_000)

    assert len(capfd.readouterr().err) == 4096


WRITE = """
from app import log
for _ in range(10_000):
    log.log_event("line", text="x" * 100)
print(log.lost_lines)
"""


def test_a_full_pipe_costs_lines_that_are_counted_and_never_waits():
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    lost = int(process.stdout.readline())  # while nobody reads the log
    written = process.communicate()[1].splitlines()

    assert lost > 0
    assert lost + len(written) == 10_000
    assert all(json.loads(line)["event"] == "line" for line in written)


def test_a_closed_log_costs_lines_too():
    ran = subprocess.run(
        ["/bin/sh", "-c", '"$0" -c "$1" 2>&-', sys.executable, WRITE],
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(ran.stdout) == 10_000
