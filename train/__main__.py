"""`credit-scoring train`: learn from past clients, register the model, export it."""

import sys

from tqdm import tqdm

from train.command import command, say
from train.fitting.fit import crossings
from train.options import Request
from train.pipeline import train


@command("train")
def main(options: Request) -> str | None:
    priced = bool(options.exclude) and options.exclude_price == "measure"
    total = 2 + options.trials + crossings(options.plan) * (1 + priced)
    current = None
    with tqdm(total=total, unit="fit", disable=None) as bar:

        def progress(fit: str, rounds: int) -> None:
            """Advances the bar when another fit begins; shows its rounds."""
            nonlocal current
            if fit != current:
                bar.update(current is not None)
                current = fit
                say(f"fitting {fit}")
            bar.set_postfix_str(f"{fit}: {rounds} rounds", refresh=rounds % 20 == 0)

        outcome = train(options, say, progress)
    for name, value in outcome.metrics.items():
        print(f"{name:28} {value:,.4f}")
    print(outcome.says)
    return outcome.refusal if options.require_promotion else None


if __name__ == "__main__":
    sys.exit(main())
