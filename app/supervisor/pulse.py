"""Whether a server that is up still answers, asked again and again without ever waiting for it."""

import select
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field

from app.supervisor.ports import LOOPBACK

PAUSE_SECONDS = 1.0
"""Between an answer and the next question."""

PATIENCE_SECONDS = 5.0
"""For one question; then it is asked anew, for the fault may be that connection's."""

LONGEST_STEP = 1.0
"""What counts of the time between two looks: if this process itself was stopped, or the machine
asleep, the server may have answered all the while."""

QUESTION = b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@dataclass
class Pulse:
    """Asks the server on loopback `port` for `/ping`, which it answers beside any batch, and calls
    it lost once nothing was heard for `longest_silence` seconds."""

    port: int
    longest_silence: float
    silence: float = field(default=0.0, init=False)
    _looked: float = field(default=0.0, init=False)
    _patience: float = field(default=0.0, init=False)
    _asked: socket.socket | None = field(default=None, init=False)
    _sent: bool = field(default=False, init=False)

    def begin(self) -> None:
        """From when the server is up; before, it may load its model for as long as that takes."""
        self.end()
        self.silence, self._looked = 0.0, time.monotonic()

    def end(self) -> None:
        """From when the server is gone: nothing more is asked of it."""
        if self._asked:
            self._asked.close()
        self._asked = None

    def is_lost(self) -> bool:
        """Takes a look. To be called often."""
        now = time.monotonic()
        step, self._looked = min(now - self._looked, LONGEST_STEP), now
        self.silence += step
        self._patience -= step
        with suppress(OSError):
            if self._asked is None:
                self._ask_when_due()
            elif self._has_answered(self._asked):
                self.silence = 0.0
        return self.silence >= self.longest_silence

    def _ask_when_due(self) -> None:
        if self.silence >= PAUSE_SECONDS:
            self._asked, self._sent, self._patience = socket.socket(), False, PATIENCE_SECONDS
            self._asked.setblocking(False)
            self._asked.connect_ex((LOOPBACK, self.port))

    def _has_answered(self, asked: socket.socket) -> bool:
        answer = None
        try:
            if not self._sent and select.select([], [asked], [], 0)[1]:
                self._sent = asked.send(QUESTION) == len(QUESTION)
            if self._sent and select.select([asked], [], [], 0)[0]:
                answer = asked.recv(64)
        except OSError:
            answer = b""
        if answer is not None or self._patience <= 0:
            self.end()
        return bool(answer)
