"""What the setting MODEL names, watched: which state it is in, and that state as a folder."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from urllib.parse import unquote, urlsplit

from app.registry import fetch

_ALIAS = re.compile(r"models:/(?P<name>[^/@]+)@(?P<alias>[^/@]+)")


class Source(Protocol):
    """Both methods raise whatever a disk or a tracking store can fail with."""

    def state(self) -> str:
        """Differs as soon as there is something new."""

    def opened(self, state: str) -> AbstractContextManager[str]:
        """The model of that state as a folder, for as long as it takes to load it."""


def source_of(model: str) -> Source | None:
    """None for a URI that names one model for ever."""
    if found := _ALIAS.fullmatch(model):
        return Alias(found["name"], found["alias"])
    url = urlsplit(model)
    if url.scheme == "file":
        return Folder(Path(unquote(url.path)))
    return None if url.scheme else Folder(Path(model))


@dataclass(frozen=True)
class Folder:
    """Its state is the names, sizes and times of its files."""

    path: Path

    def state(self) -> str:
        files = sorted(path for path in self.path.rglob("*") if "__pycache__" not in path.parts)
        states = ((str(file), file.stat()) for file in files if file.is_file())
        return repr([(name, stat.st_size, stat.st_mtime_ns) for name, stat in states])

    @contextmanager
    def opened(self, state: str) -> Iterator[str]:  # noqa: ARG002 # a folder has one state at a time
        yield str(self.path)


@dataclass(frozen=True)
class Alias:
    """Its state is the version that the registry gives for it."""

    name: str
    alias: str

    def state(self) -> str:
        from mlflow import MlflowClient

        return str(MlflowClient().get_model_version_by_alias(self.name, self.alias).version)

    @contextmanager
    def opened(self, state: str) -> Iterator[str]:
        with TemporaryDirectory(prefix="credit-scoring-") as scratch:
            yield str(fetch(f"models:/{self.name}/{state}", scratch))
