"""What requirements.txt brings, and how much room it takes."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution

from tests.test_environment import pins

LIMIT_MB = 360

LARGEST = {"scipy", "pandas", "numpy", "mlflow-skinny"}


def size_mb(name):
    """As installed here; 0 for what this platform or Python does not take."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0
    paths = (file.locate() for file in files if file.suffix != ".pyc")
    return sum(path.stat().st_size for path in paths if path.exists()) / 2**20


def test_the_serving_set_stays_small():
    sizes = {name: size_mb(name) for name in pins("requirements.txt")}
    listed = sorted(((mb, name) for name, mb in sizes.items()), reverse=True)
    told = "\n".join(f"{mb:7.1f} MB {name}" for mb, name in listed)
    print(told)
    assert all(sizes[name] for name in LARGEST), told
    assert sum(sizes.values()) <= LIMIT_MB, told


def test_the_model_scores_without_scikit_learn(shipped):
    """In a process that cannot import it, as with the serving set alone."""
    program = f"""
import sys
sys.modules["sklearn"] = None
from pathlib import Path
from scoring_model import artifacts
folder = Path({str(shipped)!r})
paths = {{name: str(folder / file) for name, file in artifacts.FILES.items()}}
print(artifacts.load(paths).estimator.booster_.num_trees())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert int(done.stdout) > 0, done.stderr
