"""The database: connecting, transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ledger.encryption import Keyring
from ledger.errors import DatabaseUnavailable, InvalidSetting
from ledger.settings import Settings


@dataclass(frozen=True)
class Database:
    """The engine and the keys that its encrypted columns need."""

    engine: Engine
    keyring: Keyring

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of all tables. Raises `DatabaseUnavailable`."""
        with _translated(), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed at the end. Raises `DatabaseUnavailable`."""
        with _translated(), self.engine.connect() as connection:
            connection.execution_options(ledger_begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close the idle connections; the next use opens another."""
        self.engine.dispose()


def connect(settings: Settings) -> Database:
    """Connects when first used: the database may be down now. Raises `InvalidSetting`."""
    url = _url(settings.database_url)
    options: dict[str, Any] = {"hide_parameters": True}  # no client's data in an error
    if url.drivername == "sqlite":
        engine = create_engine(url, connect_args={"timeout": 10}, **options)
        _use_explicit_transactions(engine)
    else:
        # A server that vanished without a word is noticed within ten seconds.
        arguments = {"connect_timeout": 5, "tcp_user_timeout": 10_000}
        options |= {"pool_pre_ping": True, "pool_size": 2, "max_overflow": 2, "pool_timeout": 10}
        engine = create_engine(url, connect_args=arguments, **options)
    return Database(engine, Keyring(settings.key, *settings.old_keys))


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        raise InvalidSetting("DATABASE_URL", "is not a database URL") from None
    if url.drivername in ("postgres", "postgresql"):  # Heroku says postgres
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("postgresql+psycopg", "sqlite"):
        raise InvalidSetting("DATABASE_URL", "must begin with postgres:// or sqlite://")
    return url


def _use_explicit_transactions(engine: Engine) -> None:
    """The sqlite3 module's own transactions begin late and take no lock: begin them ourselves, as
    https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable recommends."""

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get("ledger_begin", "BEGIN")
        connection.exec_driver_sql(statement)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, ProgrammingError, PoolTimeout) as error:
        raise DatabaseUnavailable(_cause(error)) from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailable(_cause(error)) from None
        raise


def _cause(error: Exception) -> str:
    """The name alone: the database's own messages repeat values."""
    return type(getattr(error, "orig", None) or error).__name__
