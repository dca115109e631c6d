"""`credit-scoring score`: decisions for a file or a folder of clients."""

import sys

from tqdm import tqdm

from train.command import command, say
from train.options import Scoring
from train.scoring.run import score


@command("score")
def main(options: Scoring) -> None:
    with tqdm(unit=" clients", unit_scale=True, disable=None) as bar:

        def progress(rows: int, total: int | None) -> None:
            bar.total = total
            bar.update(rows)

        score(options, say, progress)
    say(f"wrote {options.out}")


if __name__ == "__main__":
    sys.exit(main())
