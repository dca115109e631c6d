"""A program that is started again whenever it ends."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.journal import tell
from app.supervisor.group import Group

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a restart; doubled each time the program ends before it was up."""


@dataclass
class Kept:
    """`start` starts the program, `is_up` says whether it can do its work."""

    name: str
    start: Callable[[], Group]
    is_up: Callable[[], bool]
    group: Group | None = field(default=None, init=False)
    last_code: int | None = field(default=None, init=False)
    _up: bool = field(default=False, init=False)
    _pause: float = field(default=FIRST_PAUSE, init=False)
    _start_at: float = field(default=0.0, init=False)

    def look_after(self) -> None:
        """Starts what should run and does not; notes what came up or died. To be called often.

        A server that hangs is not found out here yet; the place for it is after `_greet`.
        """
        if self.group is None:
            self._start_when_due()
            return
        self.group.read_output()
        code = self.group.exit_code()
        if code is not None:
            self._bury(self.group, code)
        elif not self._up and self.is_up():
            self._greet()

    def _start_when_due(self) -> None:
        if time.monotonic() >= self._start_at:
            self.group = self.start()

    def _greet(self) -> None:
        self._up, self._pause = True, FIRST_PAUSE
        tell(f"{self.name} is up")

    def _bury(self, group: Group, code: int) -> None:
        """A program that was up may have written a client's data: then its words are not told."""
        group.kill()
        why = _manner(code) if self._up else f"{_manner(code)}: {group.reason()}"
        tell(f"{self.name} ended", why=why, restart_in_seconds=self._pause)
        self._start_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self.group, self.last_code, self._up = None, code, False


def _manner(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
