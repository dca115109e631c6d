"""The commands of README.md, run as they stand in a copy of the project, print what it shows."""

import contextlib
import csv
import os
import random
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.service.conftest import environment
from tests.service.processes import alive, descendants, until
from tests.shipping.conftest import sources
from tests.shipping.test_dyno import free_port
from tests.trained import ROOT

pytestmark = [pytest.mark.process, pytest.mark.long]

README = (ROOT / "README.md").read_text()
SECTIONS = dict(re.findall(r"^## (.*?)$(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL))
NOT_RUN = {
    "make test": "runs the tests, this one among them",
    "curl -s": "is sent by tests/service/test_readme.py",
}
"""Commands of the first screen that are not run here, and why. `benchmarks.serving --quick`, in the
text, is a job of its own in deploy.yml."""
SAMPLE = re.search(r"`(credit-scoring sample [^`]*)`", README)[1]


def block(section, language="sh"):
    return re.search(rf"```{language}\n(.*?)```", SECTIONS[section], re.DOTALL)[1]


TRAIN, UI, CHANGE, SERVE = map(
    block, ("Train on your own tables", "Browse", "Who becomes champion", "Serve")
)


class Copy:
    """A copy of the project with this environment, in which no command installs anything and
    `credit-scoring` runs the code of the copy."""

    def __init__(self, folder):
        self.folder = sources(folder)
        (folder / ".venv").symlink_to(sys.prefix)
        for file in folder.glob("requirements*.txt"):
            os.utime(file, (0, 0))

    def environment(self, **more):
        clean = {k: v for k, v in environment().items() if not k.startswith(("MLFLOW_", "PORT"))}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return clean | {"PATH": path, "PYTHONPATH": str(self.folder), **more}

    def run(self, commands):
        """What the commands print, of which each must succeed."""
        done = subprocess.run(
            ["bash", "-e", "-c", commands],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout + done.stderr

    @contextlib.contextmanager
    def running(self, command, **environ):
        """While the command goes on."""
        process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment(**environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield
        finally:
            below = descendants(process.pid)
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)
            for pid in filter(alive, below):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def answers(port, path):
    with contextlib.suppress(urllib.error.URLError, ConnectionError):
        return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).status == 200
    return False


def applications(file):
    """Made-up applications with the columns that the command names."""
    draw = random.Random(0)
    with file.open("w", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(["ID", "LIMIT", "AGE", "default payment next month"])
        for id_ in range(1, 3001):
            limit = draw.randrange(10_000, 800_000)
            default = draw.random() < (0.5 if limit < 300_000 else 0.1)
            rows.writerow([id_, limit, draw.randrange(21, 70), int(default)])


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    if not Path(sys.prefix, "train").exists():
        pytest.skip("needs the environment that make has set up")
    return Copy(tmp_path_factory.mktemp("readme"))


@pytest.fixture(scope="module")
def trained(copy):
    """The copy after the commands of the section on training, and what they printed."""
    copy.run(SAMPLE)
    applications(copy.folder / "applications.csv")
    return copy, copy.run(TRAIN.replace("/path/to/home-credit", str(copy.folder / "data/sample")))


def shown_in(printed, section):
    """Whether every line that is shown was printed; figures may differ by the processor."""
    for line in block(section, "text").splitlines():
        if figure := re.fullmatch(r"(\w+ +)([\d.]+)", line):
            found = re.search(rf"^{figure[1]}([\d.]+)$", printed, re.MULTILINE)
            assert float(found[1]) == pytest.approx(float(figure[2]), abs=0.03), line
        else:
            assert line in printed


def test_training_prints_what_is_shown(trained):
    shown_in(trained[1], "Train on your own tables")


def test_the_tracking_server_shows_the_runs(trained):
    port = free_port()
    with trained[0].running(UI, MLFLOW_PORT=str(port)):
        until(lambda: answers(port, "/"))


def test_a_champion_is_withdrawn_and_a_threshold_changed(trained):
    again = TRAIN.splitlines()[-1] + " --folds 2 --promote always"
    trained[0].run(again)

    shown_in(trained[0].run(CHANGE), "Who becomes champion")


@pytest.mark.parametrize("command", SERVE.splitlines())
def test_the_champion_and_the_shipped_model_are_served(trained, command):
    port = free_port()
    with trained[0].running(command.replace("5001", str(port)), PORT=str(port)):
        until(lambda: answers(port, "/ping"))


def test_make_serve_serves(copy):
    port = free_port()
    with copy.running("make serve", PORT=str(port)):
        until(lambda: answers(port, "/health/ready"))


def test_every_command_is_run_here_or_has_its_reason():
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    run = {TRAIN, UI, CHANGE, SERVE}
    others = "\n".join(found for found in blocks if found not in run)
    starts = re.findall(r"^(?:make \w+|curl \S+)", others, re.MULTILINE)

    assert set(starts) == {"make serve", *NOT_RUN}
