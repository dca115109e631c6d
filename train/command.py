"""How every command of training begins and ends."""

import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from cyclopts import CycloptsError
from tqdm import tqdm

from train.errors import TrainError
from train.options import application

USER_ERROR, REFUSED = 2, 3
TERMINATED = 128 + signal.SIGTERM


def run(command: str, work: Callable[[Any], str | None], argv: Sequence[str] | None) -> int:
    """Calls `work` with the options in `argv` (None: those of this process); returns the exit code.

    - 0: done, or help was shown;
    - 2: the user has to correct something, which one line on stderr names;
    - 3: the new version was refused as champion; `work` has returned why, which is printed too.

    SIGTERM ends `work` as an exception does. An empty option, `--name=`, is not given: `mlflow run`
    passes every parameter.
    """
    signal.signal(signal.SIGTERM, _terminate)
    tokens = sys.argv[1:] if argv is None else argv
    tokens = [token for token in tokens if not (token.startswith("--") and token.endswith("="))]
    try:
        options = application(command)(
            tokens, exit_on_error=False, print_error=False, result_action="return_value"
        )
        refusal = None if options is None else work(options)
    except (CycloptsError, TrainError) as error:
        print(f"{command}: {error}", file=sys.stderr)
        return USER_ERROR
    if refusal:
        print(f"{command}: {refusal}", file=sys.stderr)
        return REFUSED
    return 0


def say(line: str) -> None:
    """Prints to stderr, above a progress bar."""
    tqdm.write(line, file=sys.stderr)


def _terminate(*_: object) -> NoReturn:
    raise SystemExit(TERMINATED)
