import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database import connect
from ledger.ledger import Ledger
from ledger.migration import current, upgrade
from ledger.settings import Settings
from tests.ledger.postgresql import Server, binaries


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    found = binaries()
    if found is None:
        assert not os.environ.get("CI"), "CI must install postgresql"
        pytest.skip("PostgreSQL is not installed")
    server = Server(found)
    yield server
    server.stop()


@pytest.fixture
def postgresql(server) -> str:
    """The URL of a new, empty PostgreSQL database."""
    return server.new_database(uuid.uuid4().hex)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    """The URL of a new, empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    return request.getfixturevalue("postgresql")


def settings_for(url: str, folder: Path) -> Settings:
    return Settings(
        url, bytes(range(32)), bytes(range(32, 64)), "strict", spool_directory=folder / "spool"
    )


@pytest.fixture
def settings(url, tmp_path) -> Settings:
    return settings_for(url, tmp_path)


@pytest.fixture
def database(settings):
    """An upgraded database."""
    database = connect(settings)
    upgrade(database)
    yield database
    database.close()


@pytest.fixture
def ledger(settings, database) -> Iterator[Ledger]:
    assert current(database)
    with Ledger(settings) as ledger:
        yield ledger
