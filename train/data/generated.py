"""Which tables are made up: `sample` marks its folder, and what is made of it is marked too."""

from pathlib import Path

MARK = "GENERATED.txt"
MEANING = "These clients are made up by python -m sample.\n"


def is_generated(path: Path) -> bool:
    """Whether `path` is a marked folder, a file in one, or has its mark beside it."""
    folder = path if path.is_dir() else path.parent
    return (folder / MARK).is_file() or _beside(path).is_file()


def mark(path: Path) -> None:
    """Marks a file or a folder by a file beside it: of a folder of part files, all are read."""
    _beside(path).write_text(MEANING)


def _beside(path: Path) -> Path:
    path = path.resolve()  # "." has no name
    return path.with_name(f"{path.name}.{MARK}")
