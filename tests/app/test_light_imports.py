"""The shim stays small by not importing what only a model needs."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.process

HEAVY = {"pandas", "numpy", "mlflow", "lightgbm", "sklearn"}


def modules_after(code):
    program = f"import sys\n{code}\nprint(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in ran.stdout.split()}


def test_the_forwarding_shim_imports_neither_numpy_nor_pandas_nor_mlflow(model_folder):
    environ = {"MODEL": str(model_folder), "SCORER_URL": "http://127.0.0.1:1"}
    code = (
        "from app import create_app\nfrom app.settings import Settings\n"
        f"create_app(Settings.from_environ({environ!r}))"
    )
    imported = modules_after(code)

    assert "flask" in imported
    assert not imported & HEAVY


def test_the_supervisor_needs_the_standard_library_only():
    assert not modules_after("import app.supervisor") & {*HEAVY, "flask", "orjson", "urllib3"}
