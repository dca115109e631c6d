"""Empty environments, as `make dist` and a host like Heroku make them."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.conftest import make_client, model  # noqa: F401 (fixtures)
from tests.trained import ROOT

UV = Path(sys.executable).with_name("uv")


def uv(*arguments, **options):
    """Runs uv, which takes packages from its cache where it has them."""
    return subprocess.run([UV, *map(str, arguments)], check=True, capture_output=True, **options)


def sources(folder):
    """A copy of what git would commit of the project: building writes beside the sources."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in names.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def wheel(made_once):
    """The wheel, built from the source archive that is released beside it."""
    folder = made_once("dist", _build)
    return next((folder / "dist").glob("*.whl"))


def _build(folder):
    uv("build", "--out-dir", folder / "dist", sources(folder / "sources"))


@pytest.fixture(scope="session")
def environment_of(made_once):
    """A function: (Python, requirements) -> the `bin` of an environment with these alone."""

    def environment(python, *requirements):
        def make(folder):
            uv("venv", "--no-python-downloads", "--python", python, folder / "env")
            installed = folder / "env/bin/python"
            uv("pip", "install", "--compile-bytecode", "--python", installed, *requirements)

        of_these = hashlib.sha256(repr((python, requirements)).encode()).hexdigest()[:16]
        return made_once(f"environment_{of_these}", make) / "env/bin"

    return environment
