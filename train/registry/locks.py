"""One promotion at a time, among all who use a registry.

MLflow cannot set an alias on condition. Beside a database file on this machine an operating system
lock is exact. Elsewhere the one thing that any registry does atomically stands in: of two that
create a registered model of one name, one is told that it exists.
"""

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlparse

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import (
    RESOURCE_ALREADY_EXISTS,
    RESOURCE_DOES_NOT_EXIST,
    ErrorCode,
)
from mlflow.tracking import MlflowClient

from train.registry.errors import BusyRegistry, LostLease
from train.registry.faults import clearing_up
from train.registry.process import Process

PATIENCE_SECONDS = 600.0
LOCK_PAUSE_SECONDS = 0.1
TOKEN = "lease"
LEASE_SECONDS = 120.0
"""How long a lease counts that nobody gives back: a promotion takes seconds."""
PAUSE_SECONDS = 0.5


class Lease:
    """The right to move the aliases of one registered model."""

    def check(self) -> None:
        """Raises LostLease if another has taken it over."""


@contextmanager
def lease(name: str, patience: float = PATIENCE_SECONDS) -> Iterator[Lease]:
    """The only lease on the aliases of registered model `name`. Raises BusyRegistry."""
    file = _file(mlflow.get_registry_uri())
    if file is None:
        with leased(f"{name}.promotion", patience) as held:
            yield held
        return
    digest = sha256(name.encode()).hexdigest()[:8]
    with locked(file.with_name(f"{file.name}.{digest}.lock"), patience):
        yield Lease()


def _file(uri: str) -> Path | None:
    """Where a registry that is a file or a folder of this machine lies."""
    parts = urlparse(uri)
    if parts.scheme == "sqlite":
        return Path(parts.path[1:] or "memory").resolve()
    if parts.scheme in ("", "file"):
        return Path(parts.path).resolve()
    return None


class _RegistryLease(Lease):
    """A registered model that exists as long as the lease does, tagged with who holds it."""

    def __init__(self, name: str) -> None:
        self._client, self._name, self._token = MlflowClient(), name, uuid.uuid4().hex

    def take(self) -> bool:
        """Whether nobody else holds it."""
        tags = {TOKEN: self._token} | Process.current().tags()
        try:
            self._client.create_registered_model(
                self._name, tags, "Held while an alias is moved; gone when that is done."
            )
        except MlflowException as error:
            if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
                raise
            return self._mine  # a try of ours whose answer was lost has made it
        return True

    def check(self) -> None:
        if not self._mine:
            raise LostLease(self._name)

    @property
    def _mine(self) -> bool:
        return self.holder().get(TOKEN) == self._token

    def holder(self) -> dict[str, str]:
        """The tags of who holds it; empty if nobody does."""
        try:
            return dict(self._client.get_registered_model(self._name).tags)
        except MlflowException as error:
            if error.error_code != ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
                raise
            return {}

    def end(self, token: str | None = None) -> None:
        """Ends it if its holder is still `token`, or this one."""
        if self.holder().get(TOKEN) == (token or self._token):
            self._client.delete_registered_model(self._name)


@contextmanager
def leased(name: str, patience: float, lasts: float = LEASE_SECONDS) -> Iterator[Lease]:
    """Holds a lease as a registered model called `name`, which nobody can use for `lasts` seconds
    after its holder has died on another machine. Raises BusyRegistry."""
    held = _RegistryLease(name)
    _wait(held, name, patience, lasts)
    try:
        yield held
    except BaseException as error:
        with clearing_up(error):
            held.end()
        raise
    held.end()


def _wait(wanted: _RegistryLease, name: str, patience: float, lasts: float) -> None:
    """Until the lease is free, its holder surely gone, or the same holder seen for too long."""
    start = since = time.monotonic()
    seen: str | None = None
    while not wanted.take():
        holder = wanted.holder()
        token, process = holder.get(TOKEN), Process.from_tags(holder)
        if token != seen:
            seen, since = token, time.monotonic()
        expired = time.monotonic() - since > lasts
        if token and (expired or (process and process.surely_gone)):
            wanted.end(token)
        elif time.monotonic() - start > patience:
            raise BusyRegistry(name, patience)
        else:
            time.sleep(PAUSE_SECONDS)


@contextmanager
def locked(path: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Holds the lock file `path`; the operating system frees it however the process ends.

    Raises BusyRegistry where another process holds it for longer than `patience` seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        _acquire(descriptor, path, patience)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise BusyRegistry(str(path), patience) from error
            time.sleep(LOCK_PAUSE_SECONDS)
        else:
            return
