"""`credit-scoring train`: learn from past clients, register the model, export it."""

import sys
from collections.abc import Sequence
from typing import Any

from tqdm import tqdm

from train.command import run, say
from train.fitting.fit import crossings
from train.options import Request, given
from train.pipeline import train


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code, see `train.command.run`."""
    return run("train", _train, argv)


def _train(options: Request) -> str | None:
    priced = bool(options.exclude) and options.exclude_price == "measure"
    total = 2 + options.trials + crossings(options.plan) * (1 + priced)
    with tqdm(total=total, unit="fit", disable=None) as bar:
        outcome = train(options, given(options), say, _Progress(bar))
    for name, value in outcome.metrics.items():
        print(f"{name:28} {value:,.4f}" if isinstance(value, float) else f"{name:28} {value:,}")
    print(outcome.says)
    return outcome.refusal if options.require_promotion else None


class _Progress:
    """Advances the bar when another fit begins; shows its rounds."""

    def __init__(self, bar: "tqdm[Any]") -> None:
        self._bar = bar
        self._current: str | None = None

    def __call__(self, fit: str, rounds: int) -> None:
        if fit != self._current:
            self._bar.update(self._current is not None)
            self._current = fit
            say(f"fitting {fit}")
        self._bar.set_postfix_str(f"{fit}: {rounds} rounds", refresh=rounds % 20 == 0)


if __name__ == "__main__":
    sys.exit(main())
