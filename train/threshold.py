"""`python -m train.threshold`: a registered model with another threshold, without training."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scoring_model.decision import COST_RATIO
from train.errors import TrainError, ended, failed
from train.options import add_gate, given, limits, ratio, share
from train.registry import versions
from train.registry.store import connect
from train.registry.threshold import Change, change_threshold


def parser() -> argparse.ArgumentParser:
    """Every parameter with its type, default and a line of help."""
    parser = argparse.ArgumentParser(
        prog="python -m train.threshold",
        description="Register a version again with another threshold, chosen on its stored"
        " out-of-fold scores.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--version", type=_version, required=True, help="version to start from")
    add("--cost-ratio", type=ratio, default=COST_RATIO, help="weight of a missed default")
    add("--threshold", type=share, help="solvency that gets a Yes, instead of the cheapest one")
    add("--why", default="", help="reason, kept with the new version")
    add("--seed", type=int, default=0, help="of the gate's resamples")
    add("--experiment", default="credit-scoring", help="MLflow experiment of the run")
    add("--name", default="credit-scoring", help="registered model")
    add("--export", type=Path, default=Path("mlruns_reduced"), help="folder for the champion")
    add_gate(parser, promote="never")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0; after one line on stderr 2 if there is something for the user to correct; 3 if the
    new version was refused as champion, and --require-promotion was given."""
    options = parser().parse_args(argv)
    change = Change(
        name=options.name,
        version=options.version,
        cost_ratio=options.cost_ratio,
        threshold=options.threshold,
        why=options.why,
        limits=limits(options),
        seed=options.seed,
        experiment=options.experiment,
        promote=options.promote,
        export=options.export,
    )
    try:
        connect()
        done = change_threshold(change, given(options, parser()))
        tags = [versions.version(options.name, n).tags for n in (options.version, done.version)]
    except TrainError as error:
        return failed("train.threshold", error)
    before, now = (tag.get("threshold", "unknown") for tag in tags)
    print(f"the threshold is {now}, that of version {options.version} is {before}")
    return ended(done.says, options.require_promotion and done.refusal is not None)


def _version(value: str) -> str:
    if not value.isdigit():
        raise argparse.ArgumentTypeError(f"must be the number of a version, got {value}")
    return value


if __name__ == "__main__":
    sys.exit(main())
