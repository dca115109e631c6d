"""How every command of training reads its options, begins and ends."""

import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, get_type_hints

from cyclopts import App, CycloptsError, Group, Parameter
from tqdm import tqdm

from train.errors import TrainError

USER_ERROR, REFUSED = 2, 3
TERMINATED = 128 + signal.SIGTERM
HELP = Group.create_ordered("Help")


@dataclass(frozen=True)
class Command:
    """A command, made of a function of its options, a dataclass.

    Call it with the command line (default: that of this process); it returns the exit code:

    - 0: done, or help was shown;
    - 2: the user has to correct something, which one line on stderr names;
    - 3: the new version was refused as champion: the function returned why, and has printed it.

    SIGTERM ends the function as an exception does. An empty option, `--name=`, is not given.
    """

    name: str
    work: Callable[[Any], str | None]

    def application(self) -> App:
        """What reads the command line."""
        app = App(
            name=f"credit-scoring {self.name}",
            version_flags=(),
            help_format="plaintext",
            default_parameter=Parameter(negative=(), allow_leading_hyphen=True),
        )
        app.default(get_type_hints(self.work)["options"])
        app["--help"].group = HELP
        return app

    def __call__(self, argv: Sequence[str] | None = None) -> int:
        signal.signal(signal.SIGTERM, _terminate)
        tokens = sys.argv[1:] if argv is None else argv
        tokens = [t for t in tokens if not (t.startswith("--") and t.endswith("="))]
        try:
            options = self.application()(
                tokens, exit_on_error=False, print_error=False, result_action="return_value"
            )
            refusal = None if options is None else self.work(options)
        except (CycloptsError, TrainError) as error:
            print(f"{self.name}: {error}", file=sys.stderr)
            return USER_ERROR
        return REFUSED if refusal else 0


def command(name: str) -> Callable[[Callable[[Any], str | None]], Command]:
    """Decorates the function of a command."""
    return lambda work: Command(name, work)


def say(line: str) -> None:
    """Prints to stderr, above a progress bar."""
    tqdm.write(line, file=sys.stderr)


def _terminate(*_: object) -> NoReturn:
    raise SystemExit(TERMINATED)
