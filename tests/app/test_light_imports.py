"""The service and its supervisor stay small by not importing what only a model needs."""

import subprocess
import sys

import pytest

HEAVY = {
    "sqlalchemy",
    "cryptography",
    "pandas",
    "numpy",
    "mlflow",
    "lightgbm",
    "sklearn",
    "pyarrow",
}


def modules_after(code):
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in ran.stdout.split()}


def test_a_forwarding_service_imports_nothing_that_a_model_needs(model_folder):
    environ = {"MODEL": str(model_folder), "SCORER_URL": "http://127.0.0.1:1"}
    environ["MANIFEST"] = "optional"
    imported = modules_after(
        "import app.asgi\nfrom app.flask_app import create_app\nfrom app.settings import Settings\n"
        f"create_app(Settings.from_environ({environ!r}))"
    )

    assert "flask" in imported
    assert not imported & HEAVY


@pytest.mark.parametrize("module", ["app.supervisor", "app.__main__", "app.key"])
def test_the_supervisor_imports_no_server_either(module):
    heavy = {*HEAVY, "flask", "werkzeug", "prometheus_client", "urllib3", "granian", "a2wsgi"}

    assert not modules_after(f"import {module}") & heavy


def test_help_is_printed_without_starting_anything():
    ran = subprocess.run(
        [sys.executable, "-m", "app", "--help"], capture_output=True, text=True, check=True
    )

    assert "MAX_ROWS" in ran.stdout
    assert not ran.stderr
