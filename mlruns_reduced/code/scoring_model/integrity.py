"""Whether a model's folder holds exactly the files that were exported. Standard library only."""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.machinery import BYTECODE_SUFFIXES, all_suffixes
from pathlib import Path, PurePath, PurePosixPath
from typing import Self

from scoring_model.errors import BrokenModel

NAME = "manifest.json"

TAG = "manifest_sha256"
"""Tag of a registered version: the digest of its manifest, kept apart from the files."""

SIGNATURE = "model.sig"

NOT_LISTED = {NAME, SIGNATURE, "registered_model_meta"}
"""The manifest cannot list itself, nor its signature. MLflow writes the last one, name and version,
into every copy that it downloads from a registry."""

CACHE = "__pycache__"
CODE = "code"


@dataclass(frozen=True)
class Manifest:
    """SHA-256 in hexadecimal by file, as a path with slashes below the model's folder.

    Compiled Python files are never listed, and so never copied.
    """

    files: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The manifest of the files as they are now. Raises BrokenModel for what is no file."""
        paths = [path for path in _files(folder) if not _is_compiled(path.relative_to(folder))]
        names = sorted(path.relative_to(folder).as_posix() for path in paths)
        return cls(
            {name: _sha256(_read(folder / name)) for name in names if name not in NOT_LISTED}
        )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises BrokenModel if there is none, or if the file is no manifest."""
        return cls._parsed(_read(folder / NAME), folder / NAME)

    @classmethod
    def _parsed(cls, content: bytes, path: Path) -> Self:
        try:
            files = json.loads(content)["sha256"]
            listed = {str(name): str(digest) for name, digest in files.items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BrokenModel(str(path), "is not a manifest") from error
        for name in listed:
            if not name.isprintable():  # a NUL or a line break among others
                raise BrokenModel(str(path), "lists a file name with a control character")
            if not _is_below(name):
                raise BrokenModel(str(path), "lists a file outside the model's folder")
            if _is_compiled(PurePosixPath(name)):
                raise BrokenModel(str(path), f"lists a compiled file, {name}")
        return cls(listed)

    def write(self, folder: Path) -> Path:
        """Writes the manifest into the model's folder; returns its path."""
        path = folder / NAME
        path.write_text(json.dumps({"sha256": self.files}, indent=1) + "\n", encoding="utf-8")
        return path

    def check(self, folder: Path) -> None:
        """Raises BrokenModel naming a file that differs or is missing, or code that is extra."""
        self._check_extra(folder)
        for name in self.files:
            self.content(folder, name)

    def copy(self, folder: Path, to: Path) -> None:
        """Writes to `to` the very bytes that were checked: each file is read once.

        Files that the manifest does not list are not copied. Raises BrokenModel as `check` does.
        """
        self._check_extra(folder)
        content = _read(folder / NAME)
        if self._parsed(content, folder / NAME) != self:
            raise BrokenModel(str(folder / NAME), "has changed since it was read")
        to.mkdir(parents=True, exist_ok=True)
        (to / NAME).write_bytes(content)
        for name in self.files:
            content = self.content(folder, name)
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).write_bytes(content)

    def content(self, folder: Path, name: str) -> bytes:
        """The bytes of a file. Raises BrokenModel if they are not the ones that are listed."""
        path = folder / name
        if name not in self.files:
            raise BrokenModel(str(path), f"is not listed in {NAME}")
        content = _read(path)
        if _sha256(content) != self.files[name]:
            raise BrokenModel(str(path), f"is not the file that {NAME} lists")
        return content

    def _check_extra(self, folder: Path) -> None:
        for path in _files(folder):
            name = path.relative_to(folder)
            # Python writes its cache beside the sources; loading a copy never uses it.
            if name.as_posix() not in self.files and _is_code(name) and CACHE not in name.parts:
                raise BrokenModel(str(path), f"is code that {NAME} does not list")


def digest(folder: Path) -> str:
    """SHA-256 of the manifest itself: one number for the whole model."""
    return _sha256(_read(folder / NAME))


def check_artifacts(paths: Iterable[Path]) -> None:
    """Compares artifact files with the manifest of the model that they belong to, if it has one.

    Raises BrokenModel naming the one that differs.
    """
    for path in paths:
        for home in path.parents[:2]:
            if (home / NAME).is_file() and (home / "MLmodel").is_file():
                Manifest.read(home).content(home, path.relative_to(home).as_posix())
                break


def pickles_allowed() -> bool:
    """Whether the environment lets MLflow unpickle. Any word but "true" and "1" is a no."""
    return os.environ.get("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "true").lower() in {"true", "1"}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def _is_code(name: PurePath) -> bool:
    return name.parts[0] == CODE or name.name.endswith(tuple(all_suffixes()))


def _is_compiled(name: PurePath) -> bool:
    return CACHE in name.parts or name.suffix in BYTECODE_SUFFIXES


def _is_below(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(path: Path) -> bytes:
    """Raises BrokenModel for what is no regular file, without waiting for a FIFO's writer."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read()
    except OSError as error:
        raise BrokenModel(str(path), error.strerror or "cannot be read") from error
    raise BrokenModel(str(path), "is not a regular file")
