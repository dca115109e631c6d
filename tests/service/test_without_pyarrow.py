"""The serving set has no pyarrow: a Parquet body is told so, everything else is served."""

import io

import pandas as pd
import pytest

PARQUET = "application/vnd.apache.parquet"


@pytest.fixture(scope="module")
def service(serving, tmp_path_factory):
    """Its Python finds a pyarrow that cannot be imported, as if there were none."""
    first = tmp_path_factory.mktemp("first")
    (first / "pyarrow.py").write_text("raise ImportError('No module named pyarrow')\n")
    with serving(SCORER="in-process", PYTHONPATH=str(first)) as service:
        yield service.ready()


def test_parquet_is_415_and_says_what_is_missing_and_what_to_send(service):
    file = io.BytesIO()
    pd.DataFrame({"AMT_CREDIT": [1.0]}).to_parquet(file)
    answer = service.ask("POST", "/invocations", file.getvalue(), Content_Type=PARQUET)

    assert answer.status == 415
    assert "pyarrow is not installed" in answer.json()["error"]
    assert "JSON or CSV" in answer.json()["error"]


def test_the_same_table_as_csv_is_served(service):
    answer = service.ask("POST", "/invocations", b"AMT_CREDIT\n1.0\n", Content_Type="text/csv")

    assert answer.status == 200
