"""`credit-scoring threshold`: a registered model with another threshold, without training."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from train.command import run
from train.data.provenance import Provenance
from train.options import ThresholdChange, given
from train.registry import evidence, runs, versions
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
        promote=options.promote,
        export=options.export,
        provenance=Provenance.current(),
    )
    runs.connect()
    versions.version(name, version)
    with (
        runs.training_run(options.experiment, given(options)) as started,
        tempfile.TemporaryDirectory() as folder,
    ):
        evidence.log_provenance(change.provenance)
        published = change_threshold(change, started.info.run_id, Path(folder))
    tags = [versions.version(name, number).tags for number in (version, published.version)]
    before, now = (tag.get("threshold", "unknown") for tag in tags)
    print(f"{name} version {published.version} is {published.place}")
    print(f"its threshold is {now}, that of version {version} is {before}")
    return published.refusal


if __name__ == "__main__":
    sys.exit(main())
