"""How every command of training begins and ends."""

import functools
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

Main = Callable[..., int]


def command(name: str) -> Callable[[Callable[[Any], str | None]], Main]:
    """Makes the main function of the command `name` from a function of its options.

    It takes the command line (default: that of this process) and returns the exit code:

    - 0: done, or help was shown;
    - 2: the user has to correct something, which one line on stderr names;
    - 3: the new version was refused as champion: the function returned why, and has printed it.

    SIGTERM ends the function as an exception does. An empty option, `--name=`, is not given:
    `mlflow run` passes every parameter.
    """

    def decorated(work: Callable[[Any], str | None]) -> Main:
        @functools.wraps(work)
        def main(argv: Sequence[str] | None = None) -> int:
            signal.signal(signal.SIGTERM, _terminate)
            tokens = sys.argv[1:] if argv is None else argv
            tokens = [t for t in tokens if not (t.startswith("--") and t.endswith("="))]
            try:
                options = application(name)(
                    tokens, exit_on_error=False, print_error=False, result_action="return_value"
                )
                refusal = None if options is None else work(options)
            except (CycloptsError, TrainError) as error:
                print(f"{name}: {error}", file=sys.stderr)
                return USER_ERROR
            return REFUSED if refusal else 0

        return main

    return decorated


def say(line: str) -> None:
    """Prints to stderr, above a progress bar."""
    tqdm.write(line, file=sys.stderr)


def _terminate(*_: object) -> NoReturn:
    raise SystemExit(TERMINATED)
