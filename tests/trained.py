"""One real training on the German credit data, shared by every test that looks at its results."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import mlflow
import pytest
from mlflow.tracking import MlflowClient

ROOT = Path(__file__).parents[1]
GERMAN = ROOT / "tests/data/german.csv"


@dataclass(frozen=True)
class Workplace:
    """A folder of its own with a tracking store; commands run in it, none in the project."""

    folder: Path

    @property
    def tracking_uri(self) -> str:
        return f"sqlite:///{self.folder}/mlflow.db"

    @property
    def export(self) -> Path:
        return self.folder / "champion"

    @property
    def environment(self) -> dict[str, str]:
        """Without the experiment that MLflow notes there for whatever this process starts."""
        kept = {name: value for name, value in os.environ.items() if name != "MLFLOW_EXPERIMENT_ID"}
        return kept | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "MLFLOW_TRACKING_URI": self.tracking_uri,
        }

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def train(self, *options: str, **environment: str) -> subprocess.CompletedProcess:
        fixed = ("--export", str(self.export), "--threads", "1")
        command = (sys.executable, "-m", "train", *fixed, *options)
        return self.run(*command, **environment)


@pytest.fixture
def workplace(tmp_path):
    return Workplace(tmp_path)


@pytest.fixture(scope="session")
def german_options():
    data = "--data", str(GERMAN), "--target", "class", "--positive", "bad"
    return *data, "--cost-ratio", "5"  # of Statlog, where the data was published


@pytest.fixture(scope="session")
def trained(made_once, german_options):
    """The workplace after `python -m train` on the German data."""

    def make(folder):
        done = Workplace(folder).train(*german_options, "--folds", "2")
        assert done.returncode == 0, done.stderr
        assert "fitting fold 2 of 2" in done.stderr
        assert "auc " in done.stdout

    return Workplace(made_once("trained", make))


@pytest.fixture
def tracking(trained):
    """A client of the tracking store that `trained` wrote; MLflow's own calls use it too."""
    mlflow.set_tracking_uri(trained.tracking_uri)
    return MlflowClient()


@pytest.fixture(scope="session")
def blank(made_once):
    """An empty tracking store: making one takes MLflow many seconds, copying it none."""

    def make(folder):
        MlflowClient(Workplace(folder).tracking_uri).search_experiments()

    return made_once("blank", make) / "mlflow.db"


@pytest.fixture
def store(workplace, blank, monkeypatch):
    """A client of the workplace's tracking store, for training inside this process."""
    shutil.copy(blank, workplace.folder)
    monkeypatch.chdir(workplace.folder)
    mlflow.set_tracking_uri(workplace.tracking_uri)
    return MlflowClient()
