"""How commands end: what the shell and a person are told."""

import sys

from train.errors import TrainError

USER_ERROR, REFUSED = 2, 3


def failed(program: str, error: TrainError) -> int:
    """The exit code after one line on stderr: there is something for the user to mend."""
    print(f"{program}: {error}", file=sys.stderr)
    return USER_ERROR


def ended(program: str, refusal: str | None) -> int:
    """0, or after one line on stderr the exit code of a new version refused as champion."""
    if not refusal:
        return 0
    print(f"{program}: {refusal}", file=sys.stderr)
    return REFUSED
