"""What a run came from: code, command, environment, and who started it."""

import getpass
import platform
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Self

PROJECT = Path(__file__).parents[2]
NONE = "none"


@dataclass(frozen=True)
class Provenance:
    """`commit` is that of the project, with "+" if its files differ from it, "none" where it is no
    repository; `environment` has the installed packages as the text of a requirements file."""

    commit: str
    command: str
    user: str
    time: str
    python: str
    platform: str
    environment: str

    @classmethod
    def current(cls) -> Self:
        """Of this process, now."""
        python, system = platform.python_version(), platform.platform()
        commit = _git("rev-parse", "HEAD")
        changed = "+" if commit and _git("status", "--porcelain") else ""
        packages = sorted({f"{d.name}=={d.version}" for d in distributions()})
        return cls(
            commit=f"{commit}{changed}" or NONE,
            command=shlex.join(["python", *(a for a in sys.orig_argv[1:] if a[-1:] != "=")]),
            user=user(),
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            python=python,
            platform=system,
            environment="\n".join([f"# Python {python}, {system}", *packages, ""]),
        )


def _git(*command: str) -> str:
    asked = ["git", "-C", str(PROJECT), *command]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def user() -> str:
    """The name under which this process runs, "none" where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return NONE
