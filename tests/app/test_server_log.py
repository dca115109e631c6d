"""What gunicorn and libraries say, as JSON lines that name no client."""

import json
import logging

import pytest
from gunicorn.config import Config

from app.server_log import LibraryLog, ServerLog


@pytest.fixture
def log():
    return ServerLog(Config())


def said(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_numbers_and_signals_are_told(log, capsys):
    log.error("Worker (pid:%s) was sent %s!", 12, "SIGKILL")

    assert said(capsys) == [
        {"event": "server", "level": "error", "says": "Worker (pid:12) was sent SIGKILL!"}
    ]


def test_a_path_is_not(log, capsys):
    log.warning("Error handling request %s", "/clients/987654?name=Doe")

    assert said(capsys)[0]["says"] == "Error handling request %s"


def test_an_exception_is_told_by_its_type(log, capsys):
    try:
        raise ValueError("SECRET")
    except ValueError:
        log.exception("Exception in worker process")
    [line] = said(capsys)

    assert line["type"] == "ValueError"
    assert "SECRET" not in json.dumps(line)


@pytest.fixture
def library():
    logger, handler = logging.getLogger("a library"), LibraryLog()
    logger.addHandler(handler)
    logger.propagate = False
    yield logger
    logger.removeHandler(handler)
    logger.propagate = True


def test_so_is_one_of_a_library(library, capsys):
    try:
        raise ValueError("SECRET")
    except ValueError:
        library.exception("in the application")

    facts = {"level": "error", "says": "in the application", "type": "ValueError"}
    assert said(capsys) == [{"event": "server", **facts}]
