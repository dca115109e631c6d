"""A program with all that it starts, in a process group that cannot outlive the supervisor."""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

KEEPER = 'read -r _ || kill -s KILL -- "-$1"'
"""Waits for a line, which says that the group is gone, or for the end of its input, which says
that the supervisor is: the kernel closes a pipe however its owner dies."""

SHIELDED = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}

ECHO = b"returned non zero return code"
"""How `mlflow models serve` ends when its own child has already said why."""


class Group:
    """Starts `command` in a process group of its own.

    With `shielded`, it never receives SIGTERM: a platform that sends it to every process at
    once cannot take the scoring server away from requests that the shim has accepted. Its
    output is then held back too, and only `reason` tells of it.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        *,
        shielded: bool = False,
        pass_fds: Sequence[int] = (),
    ) -> None:
        with _blocked(SHIELDED if shielded else set()):
            self._leader = subprocess.Popen(
                command,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if shielded else None,
                stderr=subprocess.STDOUT if shielded else None,
                start_new_session=True,
                pass_fds=pass_fds,
            )
        with _blocked(SHIELDED):
            self._keeper = subprocess.Popen(
                ["/bin/sh", "-c", KEEPER, "keeper", str(self._leader.pid)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._headlines: deque[bytes] = deque(maxlen=1)
        if self._leader.stdout:
            os.set_blocking(self._leader.stdout.fileno(), False)

    def exit_code(self) -> int | None:
        """None while it runs; negative for a signal."""
        return self._leader.poll()

    def read_output(self) -> None:
        """Takes what it has written, so that it never waits for a reader."""
        output = self._leader.stdout
        while output and not output.closed and (chunk := output.read(65536)):
            self._headlines.extend(line for line in chunk.splitlines() if _is_headline(line))

    def reason(self) -> str:
        """Why it failed, by its own account: of a Python program, the exception."""
        return (
            self._headlines[-1].decode(errors="replace") if self._headlines else "no reason given"
        )

    def terminate(self) -> None:
        """Asks the leader to stop."""
        with suppress(ProcessLookupError):
            self._leader.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends what is left of the group, and waits for the leader. Once is enough."""
        if self._keeper.returncode is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._leader.pid, signal.SIGKILL)
        self._leader.wait()
        self.read_output()
        with suppress(BrokenPipeError):
            self._keeper.communicate(b"gone\n")
        if self._leader.stdout:
            self._leader.stdout.close()


def _is_headline(line: bytes) -> bool:
    """Not the body of a traceback, which is indented."""
    return line[:1].strip() != b"" and not line.startswith(b"Traceback") and ECHO not in line


def environ_for_children() -> dict[str, str]:
    """This environment, with this Python's programs first: MLflow starts uvicorn by name."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


@contextmanager
def _blocked(signals: set[signal.Signals]) -> Iterator[None]:
    """A new process inherits the mask; Python and uvicorn set handlers, but never unblock."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
