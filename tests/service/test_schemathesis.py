"""Thousands of requests made up from the service's own document, and what it promises for them."""

import re
import subprocess
import sys

import pytest

from tests.service import saved

CHECKS = (
    "not_a_server_error",
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


def test_no_request_breaks_the_service_or_gets_an_answer_that_is_not_in_the_document(
    small, tmp_path
):
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{small.url}/openapi.json"]
    command += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"]
    command += ["--max-examples", "120", "--seed", "1", "--generation-database", "none"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)

    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr[-5000:]
    assert int(re.search(r"(\d+) generated", ran.stdout)[1]) >= CASES
    assert not small.event("failure")
