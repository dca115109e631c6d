"""The database role of docs/ledger.md can do the service's work, and change no decision."""

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from ledger import clients, reviews, roots
from ledger.database import connect
from ledger.ledger import Ledger
from ledger.migration import upgrade
from tests.ledger.conftest import settings_for
from tests.ledger.decisions import decision, findings


def test_a_role_without_the_right_to_change_decisions_is_enough(postgresql, tmp_path):
    owner = connect(settings_for(postgresql, tmp_path))
    upgrade(owner)
    owner.close()
    with psycopg.connect(postgresql) as connection:
        connection.execute("DROP ROLE IF EXISTS service")
        connection.execute("CREATE ROLE service LOGIN")
        connection.execute("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO service")
        connection.execute("GRANT UPDATE ON writers, client_keys TO service")

    kept = decision("1")
    with Ledger(settings_for(postgresql.replace("ledger@", "service@"), tmp_path)) as ledger:
        database = ledger.database
        ledger.keep([kept, decision("2")])
        reviews.contest(database, kept.id, "words")
        reviews.notice(database, kept.id, "en", lambda: b"Dear client")
        reviews.review(database, kept.id, action="confirm", reason="other", author="A", text="")
        roots.sign(database, bytes(32))
        clients.forget(database, "2")
        assert findings(database) == []
        with database.engine.begin() as connection, pytest.raises(ProgrammingError):
            connection.exec_driver_sql("UPDATE decisions SET solvency = 1")
