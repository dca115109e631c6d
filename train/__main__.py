"""`python -m train`: learn from past clients, register the model, export it."""

import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from tqdm import tqdm

from train.errors import TrainError, ended, failed
from train.fitting.fit import crossings
from train.options import Request, given, parser, request
from train.pipeline import train
from train.registry.registration import Outcome

TERMINATED = 128 + signal.SIGTERM


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0; after one line on stderr 2 if there is something for the user to correct; 3 if the
    new version was refused as champion, and --require-promotion was given."""
    options = parser().parse_args(argv)
    asked = request(options)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        with _Fits(_steps(asked)) as bar:
            outcome = train(asked, given(options, parser()), _say, bar.report)
    except TrainError as error:
        return failed("train", error)
    _print(outcome)
    return ended(outcome.says, options.require_promotion and outcome.refusal is not None)


def _steps(asked: Request) -> int:
    """Of fitting, as far as is known before."""
    priced = bool(asked.exclude and asked.exclude_price)
    return 2 + asked.search.trials + crossings(asked.plan) * (1 + priced)


class _Fits:
    """A progress bar over the fits of a training."""

    def __init__(self, total: int) -> None:
        self._bar = tqdm(total=total, unit="fit", disable=None)
        self._current: str | None = None

    def __enter__(self) -> "_Fits":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def report(self, fit: str, rounds: int) -> None:
        """Advances when another fit begins; shows its rounds."""
        if fit != self._current:
            self._bar.update(self._current is not None)
            self._current = fit
            _say(f"fitting {fit}")
        self._bar.set_postfix_str(f"{fit}: {rounds} rounds", refresh=rounds % 20 == 0)


def _say(line: str) -> None:
    tqdm.write(line, file=sys.stderr)


def _print(outcome: Outcome) -> None:
    for name, value in outcome.metrics.items():
        print(f"{name:28} {value:,.4f}" if isinstance(value, float) else f"{name:28} {value:,}")


def _terminate(*_: object) -> NoReturn:
    """SIGTERM ends training as an exception does, so that its run is closed as failed."""
    raise SystemExit(TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
