from datetime import UTC, datetime, timedelta

import pytest

from ledger import reading
from ledger.database import connect
from ledger.errors import UnknownDecision, WrongKey
from ledger.settings import Settings
from tests.ledger.decisions import decision


def test_what_was_kept_is_read_back_to_the_bit(ledger, database):
    kept = decision("Zoë \ud800", solvency=0.1 + 0.2, threshold=1 / 3)
    ledger.keep([kept])
    record = reading.get(database, kept.id)
    assert record.decision == kept
    assert (record.forgotten, record.outcome, record.contest, record.reviews) == (
        False,
        None,
        None,
        (),
    )


@pytest.mark.parametrize("unknown", ["0193a5f0-0000-7000-8000-000000000000", "17", "", "' OR 1=1"])
def test_an_unknown_id_is_an_error(database, unknown):
    with pytest.raises(UnknownDecision):
        reading.get(database, unknown)


def test_pages_hold_every_decision_once_newest_first(ledger, database):
    kept = [decision(str(client)) for client in range(7)]
    ledger.keep(kept)
    seen, cursor = [], None
    while True:
        page = reading.page(database, cursor=cursor, limit=3)
        seen += [record.decision.id for record in page.records]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == [each.id for each in reversed(kept)]
    assert reading.page(database, cursor="17").records == ()


def test_pages_filter_by_client_time_and_decision(ledger, database):
    start = datetime(2026, 11, 20, tzinfo=UTC)
    kept = [
        decision(client, time=start + timedelta(days=day), decision=answer)
        for client, day, answer in [
            ("1", 0, "No"),
            ("2", 1, "Yes"),
            ("1", 2, "Yes"),
            ("2", 3, "No"),
        ]
    ]
    ledger.keep(kept)

    def found(**filters) -> list[int]:
        ids = [record.decision.id for record in reading.page(database, **filters).records]
        return [position for position, each in enumerate(kept) if each.id in ids]

    assert found(client="1") == [0, 2]
    assert found(client="1", decision="Yes") == [2]
    assert found(since=start + timedelta(days=1), until=start + timedelta(days=3)) == [1, 2]
    assert found(client="3") == []


def test_records_since_gives_all_in_order(ledger, database):
    start = datetime(2026, 11, 20, tzinfo=UTC)
    kept = [decision(str(day), time=start + timedelta(minutes=day)) for day in range(1100)]
    ledger.keep(kept)
    found = reading.records_since(database, start + timedelta(minutes=10))
    assert [record.decision for record in found] == kept[10:]


def test_no_personal_data_stands_in_the_tables(ledger, database):
    ledger.keep([decision("client-155312")])
    with database.read() as connection:
        for table in ("decisions", "client_keys"):
            text = str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            assert "155312" not in text
            assert "AMT_CREDIT" not in text


def test_another_key_reads_nothing(ledger, settings):
    kept = decision()
    ledger.keep([kept])
    other = connect(Settings(settings.database_url, bytes(32)))
    with pytest.raises(WrongKey):
        reading.get(other, kept.id)
    assert reading.page(other, client=kept.client).records == ()
    other.close()
