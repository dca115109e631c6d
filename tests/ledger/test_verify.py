"""Tampering is found and named, in the database and with only an export."""

import base64
import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update

from ledger import reading, roots
from ledger.chain import plain, row_hash
from ledger.schema import decisions, writers
from tests.ledger.decisions import decision, findings

SEED = bytes(range(32))


@pytest.fixture
def kept(ledger):
    """Five decisions of one writer, in the order of their sequence numbers."""
    kept = [decision(str(client), solvency=client / 10) for client in range(5)]
    ledger.keep(kept)
    return kept


def export(database) -> list[str]:
    out = io.StringIO()
    roots.export(database, out)
    return out.getvalue().splitlines()


def alter(database, statement) -> None:
    with database.write() as connection:
        connection.execute(statement)


@pytest.mark.usefixtures("kept")
def test_nothing_is_found_where_nothing_was_altered(ledger, database):
    root = roots.sign(database, SEED)
    ledger.keep([decision()])
    roots.sign(database, SEED)
    assert findings(database) == []
    assert list(roots.verify_export(export(database), root.public_key)) == []


def test_a_clock_that_jumps_back_breaks_no_chain(ledger, database):
    now = datetime.now(UTC)
    kept = [decision(time=now - timedelta(hours=hours)) for hours in range(3)]
    for each in kept:
        ledger.keep([each])
    assert findings(database) == []
    newest_first = [record.decision for record in reading.page(database).records]
    assert newest_first == kept[::-1]


def test_a_changed_row_is_named(database, kept):
    alter(database, update(decisions).where(decisions.c.id == kept[2].id).values(solvency=0.9))
    (found,) = findings(database)
    assert found.startswith("changed")
    assert kept[2].id in found


def rehash(database, decision_id: str, **changes) -> None:
    """Change a row and make its hash fit."""
    with database.write() as connection:
        row = connection.execute(select(decisions).where(decisions.c.id == decision_id)).one()
        changed = row._asdict() | changes
        changed["hash"] = row_hash(plain(changed))
        connection.execute(update(decisions).where(decisions.c.id == decision_id).values(changed))


@pytest.mark.parametrize("position", [0, 2, 4])
def test_a_changed_row_with_a_hash_that_fits_is_named(database, kept, position):
    rehash(database, kept[position].id, decision="Yes")
    (found,) = findings(database)
    assert found.startswith("changed")
    assert kept[position].id in found


@pytest.mark.parametrize("position", [0, 2, 4])
def test_a_removed_row_is_found(database, kept, position):
    alter(database, delete(decisions).where(decisions.c.id == kept[position].id))
    (found,) = findings(database)
    assert found.startswith("removed")
    assert f"sequence {position + 1}" in found


@pytest.mark.usefixtures("kept")
def test_a_removed_chain_is_found(database):
    alter(database, delete(decisions))
    (found,) = findings(database)
    assert "rows 1 to 5" in found


@pytest.mark.usefixtures("kept")
def test_an_inserted_row_is_named(database):
    with database.write() as connection:
        last = connection.execute(select(decisions).where(decisions.c.sequence == 5)).one()
        false = last._asdict() | {"id": decision().id, "sequence": 6, "previous": last.hash}
        false["hash"] = row_hash(plain(false))
        connection.execute(insert(decisions), false)
    (found,) = findings(database)
    assert found.startswith("inserted")
    assert false["id"] in found


def test_a_signed_root_finds_a_chain_that_was_rebuilt_whole(database, kept):
    root = roots.sign(database, SEED)
    rehash(database, kept[4].id, decision="Yes")
    with database.write() as connection:
        last = connection.execute(select(decisions.c.hash).where(decisions.c.sequence == 5)).one()
        connection.execute(update(writers).values(hash=last.hash))
    for found in (findings(database), list(roots.verify_export(export(database), root.public_key))):
        assert len(found) == 1
        assert "signed root" in str(found[0])


@pytest.mark.usefixtures("kept")
def test_a_signed_root_finds_a_chain_that_was_cut(database):
    roots.sign(database, SEED)
    with database.write() as connection:
        connection.execute(delete(decisions).where(decisions.c.sequence == 5))
        fourth = connection.execute(select(decisions.c.hash).where(decisions.c.sequence == 4)).one()
        connection.execute(update(writers).values(sequence=4, hash=fourth.hash))
    (found,) = findings(database)
    assert found.startswith("removed")


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE roots SET statement = replace(statement, 'heads', 'beads') WHERE number = 2",
        "DELETE FROM roots WHERE number = 1",
    ],
)
def test_an_altered_or_removed_root_is_found(database, tamper):
    key = roots.sign(database, SEED).public_key
    roots.sign(database, SEED)
    roots.sign(database, SEED)
    with database.write() as connection:
        connection.execute(text(tamper))
    assert any("root" in str(each) for each in roots.verify(database, key))


@pytest.mark.usefixtures("kept")
def test_roots_that_another_key_signed_are_found(database):
    key = roots.sign(database, SEED).public_key
    other = roots.public_key(bytes(32))
    assert base64.b64decode(key) != base64.b64decode(other)
    assert list(roots.verify_export(export(database), key)) == []
    assert len(list(roots.verify_export(export(database), other))) == 1
