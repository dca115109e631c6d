"""The sockets on which callers arrive: some are let in in each round of the event loop.

The loop's own servers let one in a round. While a round is full of requests of those who are
in, that is the slower the more there are: of 200 callers at once the last waited for 15 seconds.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable

AT_ONCE = 32
"""Callers that are let in in one round, so that with several workers one does not get them all."""

FULL_SECONDS = 1.0
"""How long nobody is let in after the system has had no room for another connection."""


class Listener:
    """Lets callers in until it is closed. To be made inside an event loop."""

    def __init__(
        self, sockets: Iterable[socket.socket], connection: Callable[[], asyncio.Protocol]
    ) -> None:
        self._sockets = tuple(sockets)
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._coming: set[asyncio.Task[object]] = set()
        for each in self._sockets:
            each.setblocking(False)
            self._listen(each)

    async def close(self) -> None:
        """Lets in who has arrived, and nobody any more."""
        for each in self._sockets:
            self._loop.remove_reader(each.fileno())
            while self._let_one_in(each):
                pass
            each.close()
        await asyncio.gather(*self._coming, return_exceptions=True)

    def _listen(self, listening: socket.socket) -> None:
        if listening.fileno() >= 0:
            self._loop.add_reader(listening.fileno(), self._let_in, listening)

    def _let_in(self, listening: socket.socket) -> None:
        for _ in range(AT_ONCE):
            if not self._let_one_in(listening):
                return

    def _let_one_in(self, listening: socket.socket) -> bool:
        """Whether somebody was there, and there was room."""
        try:
            caller, _ = listening.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return False
        except OSError:  # too many open files, or no memory for another
            self._loop.remove_reader(listening.fileno())
            self._loop.call_later(FULL_SECONDS, self._listen, listening)
            return False
        caller.setblocking(False)
        caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = self._loop.create_task(self._connect(caller))
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)
        return True

    async def _connect(self, caller: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._connection, caller)
        except OSError:  # gone already
            caller.close()
