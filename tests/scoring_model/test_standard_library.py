"""What a service uses without loading the model loads no scientific library."""

import subprocess
import sys

import pytest

HEAVY = ("mlflow", "numpy", "pandas", "lightgbm", "sklearn", "cloudpickle")


@pytest.mark.parametrize("name", ["errors", "integrity", "expected", "params"])
def test_it_needs_the_standard_library_alone(name):
    code = f"import sys, scoring_model.{name}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {module.partition(".")[0] for module in run.stdout.split()} & {*HEAVY}
