"""Thousands of requests made up from the service's own document, and what it promises for them."""

import re
import subprocess
import sys

import pytest

from app.auth import digest_of, make_key
from tests.service import saved
from tests.service.keeping import environ, model, server

__all__ = ["environ", "model", "server"]

PROMISES = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
CASES = 2000


@pytest.fixture(scope="module")
def small(serving, tmp_path_factory, small_artifacts):
    """The service with a model of few columns: making requests up takes longer than answering."""
    folder = tmp_path_factory.mktemp("made-up") / "model"
    saved.save(small_artifacts, folder, folder.with_name("scratch"))
    with serving(SCORER="in-process", MODEL=str(folder)) as service:
        yield service.ready()


@pytest.fixture
def make_up(tmp_path):
    """A function: (service, checks, options) -> how many requests were made up and passed all."""

    def run(service, checks, *options):
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{service.url}/openapi.json"]
        command += ["--checks", ",".join(checks), "--seed", "1", "--generation-database", "none"]
        ran = subprocess.run(
            [*command, *options], cwd=tmp_path, capture_output=True, text=True, timeout=300
        )
        assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr[-5000:]
        return int(re.search(r"(\d+) generated", ran.stdout)[1])

    return run


def test_no_request_breaks_the_service_or_gets_an_answer_that_is_not_in_the_document(
    small, make_up
):
    options = ("--phases", "examples,coverage,fuzzing", "--max-examples", "120")

    assert make_up(small, ("not_a_server_error", *PROMISES), *options) >= CASES
    assert not small.event("failure")


@pytest.mark.parametrize("environ", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database")
def test_no_request_breaks_the_routes_of_decisions(serving, environ, model, make_up):
    key = make_key()
    environ |= {"API_KEYS": f"made-up:{digest_of(key)}:score+review+audit", "LEDGER": "strict"}
    lender = {"LENDER_NAME": "Example Bank", "LENDER_CONTACT": "1 Example Street"}
    options = ("--include-path-regex", "^/(decisions|reviews|outcomes)", "--max-examples", "60")
    with serving(**environ, **lender, MODEL=model) as service:
        service.ready()
        header = ("--header", f"Authorization: Bearer {key}")

        assert make_up(service, ("not_a_server_error", *PROMISES), *options, *header) > 300
        assert not service.event("failure")


def test_without_a_key_nothing_that_wants_one_is_answered(serving, make_up):
    """Before a scoring server that is gone, so that its 503 is held against the document too."""
    key = make_key()
    entry = f"made-up:{digest_of(key)}"
    options = ("--phases", "fuzzing", "--max-examples", "10")
    with serving(SCORER_URL="http://127.0.0.1:1", API_KEYS=entry) as service:
        header = ("--header", f"Authorization: Bearer {key}")

        assert make_up(service, (*PROMISES, "ignored_auth"), *options, *header) > 50
