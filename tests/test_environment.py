"""What is deployed is pinned, and stated the same everywhere."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
SETS = {
    "requirements.txt": [],
    "requirements-train.txt": ["train"],
    "requirements-dev.txt": ["train", "spark", "signing", "dev"],
}


def pins(file):
    text = (ROOT / file).read_text()
    return {canonicalize_name(name): version for name, version in PIN.findall(text)}


def wanted(extras):
    further = [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    return [Requirement(line) for line in [*PROJECT["dependencies"], *further]]


@pytest.mark.parametrize("file", SETS)
def test_every_dependency_is_pinned_within_its_range(file):
    pinned = pins(file)
    for requirement in wanted(SETS[file]):
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("file", SETS)
def test_every_pin_has_hashes(file):
    text = (ROOT / file).read_text()
    assert text.count("--hash=sha256:") >= len(pins(file))


def test_what_is_served_is_pinned_as_it_was_trained_and_tested():
    serving, training, testing = (pins(file) for file in SETS)
    assert serving.items() <= training.items() <= testing.items()


def test_serving_needs_neither_the_whole_of_mlflow_nor_training_libraries():
    absent = {"mlflow", "pyarrow", "duckdb", "ibis-framework", "matplotlib", "pyspark", "pytest"}
    assert not absent & pins("requirements.txt").keys()


def test_conda_and_python_env_state_the_same():
    python_env = yaml.safe_load((ROOT / "python_env.yaml").read_text())
    conda = yaml.safe_load((ROOT / "conda.yaml").read_text())["dependencies"]
    assert f"python={python_env['python']}" in conda
    assert {"pip": python_env["dependencies"]} in conda
    assert python_env["dependencies"] == ["-r requirements-train.txt"]


def test_every_file_names_a_python_that_the_project_takes():
    python = yaml.safe_load((ROOT / "python_env.yaml").read_text())["python"]
    heroku = (ROOT / ".python-version").read_text().strip()
    assert python.startswith(f"{heroku}.")
    assert python in Requirement(f"python{PROJECT['requires-python']}").specifier


def test_nothing_pinned_comes_from_elsewhere_than_the_index():
    for file in SETS:
        assert not re.search(r"https?://|file:|--index|--find-links", (ROOT / file).read_text())
