"""`credit-scoring threshold`: a registered model with another threshold, without training."""

import sys

from train.command import command
from train.options import ThresholdChange, given
from train.registry.export import EXPORT
from train.registry.store import connect
from train.registry.threshold import Change, change_threshold
from train.registry.versions import version


@command("threshold")
def main(options: ThresholdChange) -> str | None:
    connect()
    name, number = options.name, str(options.version)
    change = Change(
        name=name,
        version=number,
        cost_ratio=options.cost_ratio,
        threshold=options.threshold,
        why=options.why,
        limits=options.limits,
        seed=options.seed,
        experiment=options.experiment,
        promote=options.promote,
        export=options.export or EXPORT,
    )
    done = change_threshold(change, given(options))
    tags = [version(name, n).tags for n in (number, done.version)]
    before, now = (tag.get("threshold", "unknown") for tag in tags)
    print(f"the threshold is {now}, that of version {number} is {before}")
    print(done.says)
    return done.refusal if options.require_promotion else None


if __name__ == "__main__":
    sys.exit(main())
