"""`python -m train.resume`: hand over a model that was trained when the store was away."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from train.errors import TrainError, ended, failed
from train.registry import evidence, runs, versions
from train.registry.comparison import champion
from train.registry.kept import Kept, given_up_when_done, prepare
from train.registry.promotion import POLICIES, Publication
from train.registry.registration import hand_over


def parser() -> argparse.ArgumentParser:
    """Every parameter with a line of help."""
    parser = argparse.ArgumentParser(
        prog="python -m train.resume",
        description="Log, judge, register and promote a model that was trained, and could not be"
        " handed over, as the training would have done. Nothing is trained.",
    )
    parser.add_argument("file", type=Path, help="what the training has kept, and has named")
    parser.add_argument("--promote", choices=POLICIES, help="another decision than that of then")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0; after one line on stderr 2 if there is something for the user to mend, 3 if the
    new version was refused as champion."""
    options = parser().parse_args(argv)
    try:
        kept = Kept.read(options.file)
        if options.promote:
            kept = replace(kept, to=replace(kept.to, promote=options.promote))
        published = resume(kept, options.file, _say)
    except TrainError as error:
        return failed("train.resume", error)
    print(f"{kept.to.name} version {published.version} is {published.place}")
    return ended("train.resume", published.refusal)


def resume(kept: Kept, path: Path, say: Callable[[str], None]) -> Publication:
    """Hands over in a run of its own, which has all that the training knew.

    The champion is compared with anew if it is not the one of then. Raises TrainError.
    """
    to, trained, terms = kept.to, kept.trained, kept.terms
    with given_up_when_done(path, say):
        prepare(to.export, say)
        before = versions.champion(to.name)
        changed = (before and before.number) != (terms.champion and terms.champion.version)
        if changed:
            terms = replace(terms, champion=champion(before, trained.compared_on))
        with runs.training_run(to.experiment, kept.parameters) as run:
            evidence.log_provenance(terms.provenance)
            runs.log_dataset(trained.dataset, terms.source)
            runs.tag("trained_in_run", kept.run_id)
            return hand_over(trained, terms, to, run.info.run_id)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
