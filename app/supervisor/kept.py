"""A program that is started again whenever it ends, or is up and no longer answers."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.journal import tell
from app.supervisor.group import Group
from app.supervisor.pulse import Pulse

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a restart; doubled each time the program ends before it was up."""


@dataclass
class Kept:
    """`start` starts the program, `is_up` says whether it can do its work, and `pulse`, if it has
    one, whether it still does."""

    name: str
    start: Callable[[], Group]
    is_up: Callable[[], bool]
    pulse: Pulse | None = None
    group: Group | None = field(default=None, init=False)
    last_code: int | None = field(default=None, init=False)
    _up: bool = field(default=False, init=False)
    _pause: float = field(default=FIRST_PAUSE, init=False)
    _start_at: float = field(default=0.0, init=False)

    def look_after(self) -> None:
        """Starts what should run and does not; notes what came up or died, and ends what hangs.
        To be called often.
        """
        if self.group is None:
            self._start_when_due()
            return
        self.group.read_output()
        code = self.group.exit_code()
        if code is not None:
            self._bury(self.group, code)
        elif not self._up:
            if self.is_up():
                self._greet()
        elif self.pulse and self.pulse.is_lost():
            tell(f"{self.name} hangs", silent_seconds=round(self.pulse.silence, 1))
            self.group.kill()

    def _start_when_due(self) -> None:
        if time.monotonic() >= self._start_at:
            self.group = self.start()

    def _greet(self) -> None:
        self._up, self._pause = True, FIRST_PAUSE
        if self.pulse:
            self.pulse.begin()
        tell(f"{self.name} is up")

    def _bury(self, group: Group, code: int) -> None:
        """A program that was up may have written a client's data: then its words are not told."""
        group.kill()
        if self.pulse:
            self.pulse.end()
        why = _manner(code) if self._up else f"{_manner(code)}: {group.reason()}"
        tell(f"{self.name} ended", why=why, restart_in_seconds=self._pause)
        self._start_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self.group, self.last_code, self._up = None, code, False


def _manner(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
