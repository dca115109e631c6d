"""Bringing the database's schema to the version of this code. Serving does not import this."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext

from ledger.database import Database


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`; what the tables hold stays. Raises `DatabaseUnavailable`."""
    config = Config()
    config.set_main_option("script_location", "ledger:migrations")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def current(database: Database) -> str | None:
    """The version of the schema; None where `upgrade` was never run."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()
