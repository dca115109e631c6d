import threading
import time
import uuid

import pytest

from ledger.decision import Decision, new_id, time_text
from ledger.errors import InvalidDecision
from tests.ledger.decisions import decision


def test_a_decision_survives_encoding():
    kept = decision("Zoë \0", solvency=0.1 + 0.2, coverage=None)
    assert Decision.decode(Decision.encode([kept])) == [kept]


def test_a_text_that_utf_8_cannot_hold_is_not_encoded():
    with pytest.raises(InvalidDecision):
        Decision.encode([decision("Zoë \ud800")])


@pytest.mark.parametrize(
    "change",
    [
        {"id": "17"},
        {"solvency": float("nan")},
        {"coverage": float("inf")},
        {"request_id": "a\0b"},
        {"key_name": "\ud800"},
        {"time": decision().time.replace(tzinfo=None)},
    ],
)
def test_what_no_database_can_hold_is_refused(change):
    with pytest.raises(InvalidDecision):
        decision(**change)


def test_an_id_is_a_uuid_of_version_7_with_the_present_time():
    made = uuid.UUID(new_id())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert abs((made.int >> 80) - time.time() * 1000) < 60_000


def test_ids_rise_while_the_clock_jumps_back(monkeypatch):
    before = new_id()
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now - 3600 * 10**9)
    later = [new_id() for _ in range(10_000)]  # more than a counter of 12 bits holds
    assert [before, *later] == sorted({before, *later})


def test_ids_of_many_threads_are_distinct():
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(new_id() for _ in range(2000)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 16_000


def test_times_are_written_in_utc_with_microseconds():
    assert time_text(decision().time).endswith("+00:00")
    assert len(time_text(decision().time.replace(microsecond=0))) == 32
