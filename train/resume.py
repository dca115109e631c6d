"""`credit-scoring resume`: register a model that was trained when the store was away."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from train.command import run, say
from train.options import Resume
from train.registry import evidence, runs, versions
from train.registry.comparison import champion
from train.registry.kept import Kept, given_up_when_done, prepare
from train.registry.promotion import Publication
from train.registry.registration import hand_over


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code, see `train.command.run`."""
    return run("resume", _resume, argv)


def _resume(options: Resume) -> str | None:
    kept = Kept.read(options.file)
    if options.promote:
        kept = replace(kept, to=replace(kept.to, promote=options.promote))
    published = resume(kept, options.file, say)
    print(f"{kept.to.name} version {published.version} is {published.place}")
    return published.refusal


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
        with runs.training_run(to.experiment, kept.parameters) as started:
            evidence.log_provenance(terms.provenance)
            runs.log_dataset(trained.dataset, terms.source)
            runs.tag("trained_in_run", kept.run_id)
            return hand_over(trained, terms, to, started.info.run_id)


if __name__ == "__main__":
    sys.exit(main())
