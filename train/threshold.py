"""`credit-scoring threshold`: a registered model with another threshold, without training."""

import sys
from collections.abc import Sequence

from train.command import run
from train.options import ThresholdChange, given
from train.registry import versions
from train.registry.export import EXPORT
from train.registry.store import connect
from train.registry.threshold import Change, change_threshold


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code, see `train.command.run`."""
    return run("threshold", _change, argv)


def _change(options: ThresholdChange) -> str | None:
    name, version = options.name, str(options.version)
    change = Change(
        name=name,
        version=version,
        cost_ratio=options.cost_ratio,
        threshold=options.threshold,
        why=options.why,
        limits=options.limits,
        seed=options.seed,
        experiment=options.experiment,
        promote=options.promote,
        export=options.export or EXPORT,
    )
    connect()
    done = change_threshold(change, given(options))
    tags = [versions.version(name, number).tags for number in (version, done.version)]
    before, now = (tag.get("threshold", "unknown") for tag in tags)
    print(f"the threshold is {now}, that of version {version} is {before}")
    print(done.says)
    return done.refusal if options.require_promotion else None


if __name__ == "__main__":
    sys.exit(main())
