"""A real `mlflow server` on loopback that can be killed and started again, and its trainings."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.csv as pc

from tests.train.made import table
from tests.trained import Workplace

DATA = ("--data", "clients.csv", "--id", "id", "--target", "y")
QUICK = (*DATA, "--folds", "2", "--threads", "1", "--export", "champion")


@dataclass
class Server:
    """Keeps its database and its artifacts in the workplace's folder, and serves both."""

    workplace: Workplace
    port: int = field(default_factory=lambda: _free_port())
    process: subprocess.Popen | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def artifacts(self) -> Path:
        return self.workplace.folder / "artifacts-of-all"

    def start(self) -> None:
        """Returns when it answers."""
        self.begin()
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(f"{self.uri}/health", timeout=5):
                    return
            except OSError:
                assert time.monotonic() < deadline, "the server does not come up"
                time.sleep(0.1)

    def begin(self) -> None:
        options = ("--host", "127.0.0.1", "--port", f"{self.port}", "--workers", "1")
        kept = ("--backend-store-uri", self.workplace.tracking_uri)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "mlflow", "server", *options, *kept),
                *("--artifacts-destination", str(self.artifacts)),
            ],
            cwd=self.workplace.folder,
            env=self.workplace.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # its workers die with it
        )

    def kill(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=30)
            self.process = None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def small_workplace(folder: Path, blank: Path) -> Workplace:
    """With a small table to train on and an empty tracking store."""
    pc.write_csv(table(clients=200, columns=3), folder / "clients.csv")
    if not (folder / blank.name).exists():
        shutil.copy(blank, folder)
    return Workplace(folder)


def started(workplace, uri, *options, **environment):
    """A training that has begun."""
    return subprocess.Popen(
        [sys.executable, "-m", "train", *QUICK, *options],
        cwd=workplace.folder,
        env=workplace.environment | {"MLFLOW_TRACKING_URI": uri} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(training, line):
    """Reads until the training says a line that begins so."""
    said = training.stderr.readline()
    while not said.startswith(line):
        assert said, "the training ended too early"
        said = training.stderr.readline()
