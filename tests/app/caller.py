"""Calls an ASGI application in memory, with the answers of Flask's test client."""

import asyncio
from urllib.parse import unquote

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, TestResponse

from app.asgi import Application
from app.flask_app import flask_app

JSON = "application/json"


def messages(*parts, ends=True):
    """The body in parts; with `ends=False` the rest never arrives."""
    for number, part in enumerate(parts):
        more = number < len(parts) - 1 or not ends
        yield {"type": "http.request", "body": part, "more_body": more}


async def ask(application, method, path, headers=(), parts=(b"",), ends=True, send=None):
    """The messages that the application sent."""
    target, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(target),
        "raw_path": target.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers],
        "client": ("192.0.2.7", 50000),
        "server": ("127.0.0.1", 8000),
    }
    sent, incoming = [], messages(*parts, ends=ends)

    async def receive():
        message = next(incoming, None)
        return message or await asyncio.Future()

    async def keep(message):
        sent.append(message)

    await application(scope, receive, send or keep)
    return sent


def answer(sent):
    """A response of Werkzeug's test client, from the messages of an ASGI application."""
    start, *parts = sent
    headers = [(n.decode("latin-1").title(), v.decode("latin-1")) for n, v in start["headers"]]
    body = b"".join(part.get("body", b"") for part in parts)
    request = EnvironBuilder().get_request()
    return TestResponse([body], str(start["status"]), Headers(headers), request=request)


class FlaskEntry:
    """The Flask application alone."""

    def __init__(self, service):
        self._client = flask_app(service).test_client()

    def ask(self, method, path, headers=(), body=b""):
        target, _, query = path.partition("?")
        # Werkzeug's client would take what follows // for a host.
        environ = {"PATH_INFO": unquote(target), "REMOTE_ADDR": "192.0.2.7"}
        if length := dict(headers).get("Content-Length"):  # which it would set itself
            environ["CONTENT_LENGTH"] = length
        return self._client.open(
            "/",
            method=method,
            headers=Headers([*headers]),
            data=body,
            query_string=query,
            buffered=True,
            environ_overrides=environ,
        )


class AsgiEntry:
    """The ASGI application, with Flask behind it."""

    def __init__(self, service):
        self.application = Application(service)

    def ask(self, method, path, headers=(), body=b""):
        if body:
            headers = [*headers, ("Content-Length", str(len(body)))]
        return answer(asyncio.run(ask(self.application, method, path, headers, [body])))


ENTRIES = {"flask": FlaskEntry, "asgi": AsgiEntry}
