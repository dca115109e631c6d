from datetime import UTC, datetime, timedelta

import pytest

from ledger import clients, reading, reviews, roots
from ledger.errors import UnknownDecision
from tests.ledger.decisions import decision, findings


def test_a_forgotten_client_leaves_the_trail_intact(ledger, database):
    kept = [decision("1"), decision("2"), decision("1")]
    ledger.keep(kept)
    reviews.contest(database, kept[0].id, "I am client 1")
    reviews.review(
        database,
        kept[0].id,
        action="override",
        reason="other",
        author="A",
        text="client 1 is right",
    )
    roots.sign(database, bytes(range(32)))
    assert clients.forget(database, "1") == 2

    record = reading.get(database, kept[0].id)
    assert record.forgotten
    assert (record.decision.client, record.decision.inputs) == ("", "null")
    assert (record.decision.reasons, record.decision.explanation) == ("null", "null")
    assert (record.decision.solvency, record.decision.model_version) == (kept[0].solvency, "3")
    assert record.contest
    assert record.contest.words == record.reviews[0].text == ""
    assert reading.get(database, kept[1].id).decision == kept[1]
    assert reading.page(database, client="1").records == ()
    assert findings(database) == []


def test_forgetting_twice_finds_nothing_more(ledger, database):
    ledger.keep([decision("1")])
    assert clients.forget(database, "1") == 1
    assert clients.forget(database, "1") == 0
    assert clients.forget(database, "2") == 0


def test_a_forgotten_client_who_comes_again_is_kept_anew(ledger, database):
    ledger.keep([decision("1")])
    clients.forget(database, "1")
    again = decision("1")
    ledger.keep([again])
    assert [each.decision for each in reading.page(database, client="1").records] == [again]


def test_nothing_can_be_added_about_a_forgotten_client_but_the_facts(ledger, database):
    kept = decision("1")
    ledger.keep([kept])
    clients.forget(database, "1")
    reviews.contest(database, kept.id, "words")
    assert reading.get(database, kept.id).contest.words == ""
    with pytest.raises(UnknownDecision):
        reviews.notice(database, kept.id, "en text/plain", lambda: b"Dear client 1")


def test_old_decisions_are_forgotten_and_recent_ones_are_not(ledger, database):
    now = datetime.now(UTC)
    with database.write() as connection:
        connection.exec_driver_sql("SELECT 1")
    old = decision("1", time=now - timedelta(days=500))
    ledger.keep([old])
    with database.write() as connection:  # as if it had been written at that time
        past = clients.client_keys.update().values(created=now - timedelta(days=500))
        connection.execute(past)
    recent = [decision("1", time=now - timedelta(days=10)), decision("2")]
    ledger.keep(recent)
    assert clients.forget_older(database, now - timedelta(days=400)) == 1
    assert reading.get(database, old.id).forgotten
    assert not any(reading.get(database, each.id).forgotten for each in recent)
    assert findings(database) == []
