"""The champion as a flat folder that serves without a tracking store."""

import ctypes
import errno
import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scoring_model.integrity import Manifest
from train.registry import logged_model

ARTIFACTS = "artifacts"


def export(model_uri: str, out: Path) -> None:
    """Writes a logged model to `out`, replacing what stands there.

    The artifacts move from `artifacts/` to the root, and `MLmodel` loses every path of the
    machine that logged it; then comes the manifest. The new folder is complete before it takes
    the old one's place.
    """
    out = out.resolve()
    with staging(out) as folder:
        fresh = logged_model.download(model_uri, folder / "fresh")
        for file in (fresh / ARTIFACTS).iterdir():
            file.rename(fresh / file.name)
        (fresh / ARTIFACTS).rmdir()
        (fresh / "registered_model_meta").unlink(missing_ok=True)
        logged_model.forget_paths(fresh / "MLmodel")
        Manifest.of(fresh).write(fresh)
        swap(fresh, out, folder)


REPLACED, STAGING = "replaced", ".staging"
RANDOM = 8
"""Characters that `tempfile` puts into a name."""
AT_FDCWD, RENAME_EXCHANGE = -100, 2
"""Of Linux' include/uapi/linux/fcntl.h and fs.h: renameat2(2)."""


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A folder beside `out` to prepare its successor in, gone at the end.

    First puts right what killed processes have left there.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    recover(out)
    folder = Path(tempfile.mkdtemp(STAGING, f".{out.name}-", out.parent))
    with held(folder):
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def recover(out: Path) -> None:
    """Gives `out` back if a process died between taking it away and putting another there, and
    removes the folders of processes that died. Those of processes that live are left alone."""
    pattern = f".{glob.escape(out.name)}-{'?' * RANDOM}{STAGING}"
    for folder in sorted(out.parent.glob(pattern)):
        with held(folder) as mine:
            if not mine:
                continue
            if not out.exists() and (folder / REPLACED).exists():
                (folder / REPLACED).rename(out)
            shutil.rmtree(folder, ignore_errors=True)


def swap(fresh: Path, out: Path, folder: Path) -> None:
    """Puts `fresh` in the place of `out`, which ends up in `folder`, of `staging`.

    In one step where the system can exchange two names; elsewhere there is a moment without `out`,
    and `recover` gives it back to whoever comes after a kill in that moment.
    """
    if not out.exists():
        fresh.rename(out)
    elif not exchanged(fresh, out):
        in_two_steps(fresh, out, folder / REPLACED)


def exchanged(one: Path, other: Path) -> bool:
    """Exchanges two names at once; False where the system or its file system cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    if rename(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))


def in_two_steps(fresh: Path, out: Path, replaced: Path) -> None:
    """Renames `out` to `replaced` and `fresh` to `out`; gives `out` back if the second fails."""
    out.rename(replaced)
    try:
        fresh.rename(out)
    except OSError:
        replaced.rename(out)
        raise


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Whether nobody else holds `path`, a file or a folder, which is then held: the operating
    system frees it however a process ends."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # removed meanwhile, or of another user
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)
