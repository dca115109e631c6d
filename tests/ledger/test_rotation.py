"""Another LEDGER_KEY: what was kept under the former one is read, found, forgotten and verified."""

from dataclasses import replace

import pytest

from ledger import clients, reading, reviews
from ledger.database import connect
from ledger.errors import WrongKey
from ledger.ledger import Ledger
from tests.ledger.decisions import decision, findings, ids, wait_until

NEW = bytes(reversed(range(32)))


@pytest.fixture
def both(settings):
    return replace(settings, key=NEW, old_keys=(settings.key,))


@pytest.fixture
def only_new(settings):
    database = connect(replace(settings, key=NEW))
    yield database
    database.close()


def test_after_a_rotation_the_former_key_is_not_needed(ledger, both, only_new):
    forgotten, *kept = [decision("0"), decision("1"), decision("2")]
    ledger.keep([forgotten, *kept])
    clients.forget(ledger.database, "0")
    reviews.contest(ledger.database, kept[0].id, "I am client 1")
    with pytest.raises(WrongKey):
        reading.get(only_new, kept[0].id)
    with Ledger(both) as rotating:
        later = decision("1")
        rotating.keep([later])
        found = [record.decision for record in reading.page(rotating.database, client="1").records]
        rotated = [clients.rotate(rotating.database) for _ in range(2)]

    assert found == [later, kept[0]]
    assert rotated == [2, 2]
    assert reading.page(only_new, client="1").records[1].contest.words == "I am client 1"
    assert [reading.get(only_new, each.id).decision for each in kept] == kept
    assert reading.get(only_new, forgotten.id).forgotten
    assert findings(only_new) == []
    assert clients.forget(only_new, "1") == 2


def test_a_spool_under_the_former_key_is_delivered(settings, database, both):
    new = decision()
    with Ledger(replace(settings, mode="spool"), deliver=False) as ledger:
        ledger.keep([new])
    with Ledger(replace(both, mode="spool")):
        wait_until(lambda: ids(database) == [new.id])


def test_without_the_former_key_nothing_is_rotated(ledger, only_new):
    ledger.keep([decision("1")])
    with pytest.raises(WrongKey):
        clients.rotate(only_new)
    assert reading.page(ledger.database, client="1").records
