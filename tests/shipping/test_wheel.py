"""The built wheel in an empty environment: what a user installs, not the source tree."""

import json
import os
import shutil
import subprocess
import sys
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.service.conftest import Service
from tests.shipping.test_release import PROJECT, VERSION
from tests.trained import ROOT

pytestmark = [pytest.mark.process, pytest.mark.long]


def python_of(version):
    """The path of a Python of this version, in PATH or where pyenv keeps them; None without."""
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    for python in (shutil.which(f"python{version}"), *kept.glob(f"{version}.*/bin/python")):
        if python and subprocess.run([python, "-V"], capture_output=True).returncode == 0:
            return python
    return None


@pytest.fixture(scope="module", params=["3.11", "3.12", "3.13"])
def installed(request, wheel, environment_of):
    """The `bin` of an environment with the wheel, its dependencies at the pinned versions."""
    python = python_of(request.param)
    if python is None:
        pytest.skip(f"Python {request.param} is not on this machine")
    return environment_of(python, "--constraint", ROOT / "requirements.txt", wheel)


def run(installed, folder, *command):
    """`credit-scoring COMMAND` in a folder that has nothing of the project."""
    return subprocess.run(
        [installed / "credit-scoring", *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_metadata_is_complete(wheel):
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    assert (metadata["Version"], metadata["License-Expression"]) == (VERSION, "Apache-2.0")
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert metadata.get_all("Provides-Extra") == [*PROJECT["optional-dependencies"]]


def test_it_says_what_it_can_do_and_what_a_command_needs(installed, tmp_path):
    usage = run(installed, tmp_path, "--help")
    settings = run(installed, tmp_path, "serve", "--help")
    lacking = run(installed, tmp_path, "train", "--help")
    assert (usage.returncode, settings.returncode, lacking.returncode) == (0, 0, 2)
    assert "MAX_ROWS" in settings.stdout
    assert "credit-scoring[train]" in lacking.stderr
    assert "Traceback" not in lacking.stderr


@pytest.mark.parametrize("scorer", ["forward", "in-process"])
def test_it_serves_the_champion_that_is_inside(installed, tmp_path_factory, scorer):
    folder = tmp_path_factory.mktemp("serve")  # short, as the path of a socket has to be
    golden = json.loads((ROOT / "tests/data/golden.json").read_text())
    service = Service(
        folder / "log",
        {"SCORER": scorer, "PYTHONPATH": ""},
        command=[installed / "credit-scoring", "serve"],
        folder=folder,
    )
    try:
        service.ready()
        answer = service.ask("POST", "/invocations", {"inputs": golden["clients"]})
        assert answer.status == 200
        assert answer.json()["predictions"] == golden["scores"]
    finally:
        service.stop()


@pytest.fixture(scope="module")
def with_training(wheel, environment_of):
    return environment_of(sys.executable, "--constraint", ROOT / "requirements-train.txt",
                          f"{wheel}[train]")  # fmt: skip


def test_with_the_extra_it_trains_and_scores(with_training, tmp_path):
    data = ROOT / "tests/data/german.csv"
    trained = run(
        with_training,
        tmp_path,
        *("train", "--data", data, "--target", "class", "--positive", "bad", "--folds", "2"),
        *("--threads", "1", "--export", "model", "--promote", "always"),
    )
    assert trained.returncode == 0, trained.stderr
    scored = run(
        with_training,
        tmp_path,
        *("score", "--data", data, "--model", "model", "--out", "scores.csv"),
    )
    assert scored.returncode == 0, scored.stderr
    assert len((tmp_path / "scores.csv").read_text().splitlines()) == 1001
