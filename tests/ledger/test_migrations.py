from dataclasses import replace

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from ledger import reading
from ledger.database import connect
from ledger.ledger import Ledger
from ledger.migration import current, upgrade
from ledger.schema import metadata
from tests.ledger.decisions import decision, findings


def test_the_migrations_make_the_tables_that_the_code_uses(database):
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    assert differences == []


def test_upgrading_leaves_the_data_in_place(settings):
    database = connect(settings)
    upgrade(database, "0001")
    kept = [decision(str(number)) for number in range(100)]
    with Ledger(settings) as ledger:
        ledger.keep(kept)
    assert not inspect(database.engine).has_table("notices")
    upgrade(database)
    assert inspect(database.engine).has_table("notices")
    assert [reading.get(database, each.id).decision for each in kept] == kept
    assert findings(database) == []
    database.close()


def test_upgrading_twice_changes_nothing(database):
    before = current(database)
    upgrade(database)
    assert current(database) == before


def test_heroku_s_own_form_of_the_url_is_understood(postgresql, settings):
    assert postgresql.startswith("postgres://")
    database = connect(replace(settings, database_url=postgresql))
    upgrade(database)
    assert current(database)
    database.close()
