"""When to stop, and when to look after the children."""

import os
import select
import signal
from types import FrameType

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Signals:
    """Waits for time to pass, a child to die, or a request to stop.

    Every signal also writes a byte into a pipe, so that none can slip in just before a wait.
    """

    def __init__(self) -> None:
        self.stop_requested: str | None = None
        self._wakeup, written = os.pipe()
        os.set_blocking(self._wakeup, False)
        os.set_blocking(written, False)
        signal.set_wakeup_fd(written, warn_on_full_buffer=False)
        for number in STOPPING:
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def wait(self, seconds: float) -> None:
        """Returns after `seconds`, or at a signal."""
        if select.select([self._wakeup], [], [], seconds)[0]:
            os.read(self._wakeup, 4096)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self.stop_requested = signal.Signals(number).name
