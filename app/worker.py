"""gunicorn's worker process: uvicorn's event loop in front of the Flask application."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from gunicorn.workers.base import Worker as GunicornWorker  # type: ignore[import-untyped]

from app.bridge import Bridge
from app.connection import Connection
from app.listener import Listener
from app.server_log import LibraryLog
from app.service import settings_of, watch

LAST_CALL_SECONDS = 0.5
"""How long a worker that stops goes on taking connections: the supervisor and gunicorn's master
hold the listening socket too, and where a platform signals all processes at once, they may let go
of it after the worker. Whoever connects in between would wait for nobody, and be cut off."""


class Worker(GunicornWorker):  # type: ignore[misc]
    """Started, watched and replaced by gunicorn; stops without losing a request."""

    def init_signals(self) -> None:
        """The event loop takes SIGTERM over once it runs; before, there is nothing to be lost."""
        for number in self.SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)

    def run(self) -> None:
        """Serves until asked to stop. Threads do not survive a fork: they start here."""
        logging.basicConfig(handlers=[LibraryLog()], level=logging.ERROR, force=True)
        watch(self.wsgi)
        bridge = Bridge(self.wsgi, settings_of(self.wsgi))
        Server(bridge, self._config(bridge)).run(sockets=self.sockets)

    def _config(self, bridge: Bridge) -> uvicorn.Config:
        return uvicorn.Config(
            bridge,
            interface="asgi3",
            http=Connection,
            loop="uvloop",
            lifespan="off",
            ws="none",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=self.cfg.keepalive,
            timeout_graceful_shutdown=self.cfg.graceful_timeout,
            timeout_notify=1,
            callback_notify=self._give_sign_of_life,
        )

    async def _give_sign_of_life(self) -> None:
        self.notify()
        if self.ppid != os.getppid():  # without its master, nobody would replace or stop it
            os.kill(os.getpid(), signal.SIGTERM)


class Server(uvicorn.Server):
    """Stops in two steps: first it lets its callers know, and a little later it is gone."""

    def __init__(self, bridge: Bridge, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._bridge = bridge
        self._listener: Listener

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Those of the worker, not uvicorn's own, which would end the process by the signal."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._begin_to_stop, loop)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """With a listener of our own instead of the loop's."""
        await super().startup([])
        self._listener = Listener(sockets or (), self._connection)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Whoever has arrived by now is answered still."""
        await self._listener.close()
        await super().shutdown([])

    def _connection(self) -> Connection:
        return Connection(self.config, self.server_state, {})

    def _begin_to_stop(self, loop: Any) -> None:
        if not self._bridge.closing:
            self._bridge.closing = True
            loop.call_later(LAST_CALL_SECONDS, self.handle_exit, signal.SIGTERM, None)
