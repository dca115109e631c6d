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
    """`commit` is that of the project, with "+" if its files differ from it; `packages` are the
    installed ones, as requirements."""

    commit: str
    command: str
    user: str
    time: str
    python: str
    platform: str
    packages: tuple[str, ...]

    @classmethod
    def current(cls) -> Self:
        """Of this process, now."""
        return cls(
            commit=_commit(),
            command=shlex.join(["python", *(a for a in sys.orig_argv[1:] if a[-1:] != "=")]),
            user=user(),
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            python=platform.python_version(),
            platform=platform.platform(),
            packages=tuple(sorted({f"{d.name}=={d.version}" for d in distributions()})),
        )

    @property
    def environment(self) -> str:
        """Interpreter, platform and packages, as the text of a requirements file."""
        head = f"# Python {self.python}, {self.platform}"
        return "\n".join([head, *self.packages, ""])


def _commit() -> str:
    """Of the project, or "none" where it is no repository."""
    commit = _git("rev-parse", "HEAD")
    return f"{commit}{'+' if _git('status', '--porcelain') else ''}" if commit else NONE


def _git(*command: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(PROJECT), *command],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def user() -> str:
    """The name under which this process runs, "none" where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return NONE
