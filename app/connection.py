"""One connection of a caller: uvicorn's, with three habits of our own."""

import asyncio
import select
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.error_answers import answer_to
from app.errors import NotHttp
from app.exchange import HEADER, make_id
from app.journal import tell

HEAD_SECONDS = 20.0
"""How long a caller may take to send the head of a request; Heroku's router gives 30."""

FIRST_WORD_SECONDS = 0.5
"""How long a caller who has asked nothing yet may still begin to, once the service stops."""


class Connection(HttpToolsProtocol):
    """Refuses what is not HTTP in the service's own form, hangs up on who never gets to the point,
    and, when the service stops, not on who has already asked."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._lose_patience_later()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head() and not self._patience:
            self._lose_patience_later()

    def on_headers_complete(self) -> None:
        self._be_patient()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 # uvicorn's words
        request_id = make_id()
        status, headers, body = answer_to(NotHttp(), request_id)
        headers += [("Connection", "close"), (HEADER, request_id)]
        headers += [("Content-Length", str(len(body)))]
        tell("not http", request_id=request_id, status=400)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.transport.write(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body)
        self.transport.close()

    def shutdown(self) -> None:
        """Called once, when the service stops: what is on its way is still answered, and who has
        only just come may say what he wants."""
        if self.scope is None:
            self.loop.call_later(FIRST_WORD_SECONDS, self._hang_up_on_silence)
        elif not self._in_head() and not self._has_unread():
            super().shutdown()

    def _hang_up_on_silence(self) -> None:
        if self.scope is None and not self._has_unread():
            self.transport.close()

    def _in_head(self) -> bool:
        """Whether a request has begun that cannot be answered yet."""
        scope: Any = self.scope
        return scope is not None and (self.cycle is None or self.cycle.scope is not scope)

    def _has_unread(self) -> bool:
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def _lose_patience_later(self) -> None:
        self._patience = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _be_patient(self) -> None:
        if self._patience:
            self._patience.cancel()
            self._patience = None
