"""What a model's folder must hold, byte for byte: written last, compared before it runs.

Needs the standard library only, for who starts a scoring server has not loaded anything yet.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.machinery import all_suffixes
from pathlib import Path, PurePosixPath
from typing import Self

from scoring_model.errors import BrokenModel

NAME = "manifest.json"

TAG = "manifest_sha256"
"""Of a registered version: the digest of its manifest, kept apart from the files."""

NOT_LISTED = {NAME, "registered_model_meta"}
"""The manifest cannot list itself. MLflow writes the other one, name and version, into every copy
that it brings from a registry."""

CACHE = "__pycache__"
"""What Python makes of the sources beside them. Not listed, and so not in a `copy` either."""

CODE = "code"


@dataclass(frozen=True)
class Manifest:
    """SHA-256 in hexadecimal by file, as a path with slashes below the model's folder."""

    files: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Of the files as they are now."""
        return cls({name: _digest(folder / name) for name in sorted(_found(folder))})

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises BrokenModel if there is none, or if the file is no manifest."""
        path = folder / NAME
        try:
            files = json.loads(path.read_bytes())["sha256"]
            listed = {str(name): str(digest) for name, digest in files.items()}
        except OSError as error:
            raise BrokenModel(str(path), error.strerror or "cannot be read") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BrokenModel(str(path), "is not a manifest") from error
        if not all(map(_is_below, listed)):
            raise BrokenModel(str(path), "lists a file outside the model's folder")
        return cls(listed)

    def write(self, folder: Path) -> Path:
        """Puts it into the folder that it is of; returns the file."""
        path = folder / NAME
        path.write_text(json.dumps({"sha256": self.files}, indent=1) + "\n", encoding="utf-8")
        return path

    def check(self, folder: Path) -> None:
        """Raises BrokenModel naming a file that differs or is missing, or code that is extra."""
        self._check_extra(folder)
        for name in self.files:
            self.content(folder, name)

    def copy(self, folder: Path, to: Path) -> None:
        """Checks `folder`, and writes to `to` what was checked: whatever happens to `folder`
        afterwards, and whatever lies in it besides, is not what runs."""
        self._check_extra(folder)
        for name in self.files:
            content = self.content(folder, name)
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).write_bytes(content)
        shutil.copyfile(folder / NAME, to / NAME)

    def content(self, folder: Path, name: str) -> bytes:
        """The bytes of a file. Raises BrokenModel if they are not the ones that are listed."""
        path = folder / name
        if name not in self.files:
            raise BrokenModel(str(path), f"is not listed in {NAME}")
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BrokenModel(str(path), error.strerror or "cannot be read") from error
        if hashlib.sha256(content).hexdigest() != self.files[name]:
            raise BrokenModel(str(path), f"is not the file that {NAME} lists")
        return content

    def _check_extra(self, folder: Path) -> None:
        for name in sorted(_found(folder)):
            if name not in self.files and _is_code(name):
                raise BrokenModel(str(folder / name), f"is code that {NAME} does not list")


def digest(folder: Path) -> str:
    """Of the manifest itself: one number for the whole model."""
    return _digest(folder / NAME)


def check_artifacts(paths: Iterable[Path]) -> None:
    """Compares artifact files with the manifest of the model that they belong to, if it has one.

    Raises BrokenModel naming the one that differs.
    """
    for path in paths:
        home = next((folder for folder in path.parents[:2] if _has_manifest(folder)), None)
        if home is not None:
            Manifest.read(home).content(home, path.relative_to(home).as_posix())


def _has_manifest(folder: Path) -> bool:
    return (folder / NAME).is_file() and (folder / "MLmodel").is_file()


def _found(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        is_file = path.is_symlink() or not path.is_dir()
        if is_file and CACHE not in name.parts and name.as_posix() not in NOT_LISTED:
            yield name.as_posix()


def _is_code(name: str) -> bool:
    return PurePosixPath(name).parts[0] == CODE or name.endswith(tuple(all_suffixes()))


def _is_below(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
