"""The command line of `python -m train`, and what `MLproject` passes on to it."""

import argparse
from pathlib import Path

from scoring_model.decision import COST_RATIO
from train.fit import Plan
from train.pipeline import Request


def parser() -> argparse.ArgumentParser:
    """Every parameter with its type, default and a line of help."""
    parser = argparse.ArgumentParser(
        prog="python -m train",
        description="Learn from past clients who will repay; register, export and promote it.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--data", type=_text, help="folder with the Home Credit tables, or one CSV/Parquet file")
    add("--id", type=_text, help="id column of a single file (without one, rows are numbered)")
    add("--target", type=_text, help="target column of a single file")
    add("--positive", type=_text, help="target value of a client who defaulted, if not 1")
    add("--cost-ratio", type=_ratio, default=COST_RATIO, help="weight of a missed default")
    add("--folds", type=_folds, default=Plan.folds, help="folds of the cross-validation")
    add("--seed", type=int, default=Plan.seed, help="of folds, sample and model")
    add("--threads", type=_count, default=Plan.threads, help="processors to use")
    add("--memory", type=_text, help="memory that reading the tables may use, such as 4GB")
    add("--experiment", default="credit-scoring", help="MLflow experiment of the run")
    add("--name", default="credit-scoring", help="registered model")
    add("--export", type=Path, default=Path("mlruns_reduced"), help="folder for the champion")
    return parser


def request(options: argparse.Namespace) -> Request:
    """The parsed options in training's own terms."""
    return Request(
        data=options.data,
        id=options.id,
        target=options.target,
        positive=options.positive,
        cost_ratio=options.cost_ratio,
        plan=Plan(folds=options.folds, seed=options.seed, threads=options.threads),
        experiment=options.experiment,
        name=options.name,
        export=options.export,
        memory=options.memory,
    )


def _text(value: str) -> str | None:
    """Text, where an empty one stands for none: MLproject has no other way to say so."""
    return value or None


def _count(value: str) -> int:
    return _at_least(int(value), 1)


def _folds(value: str) -> int:
    return _at_least(int(value), 2)


def _at_least(number: int, least: int) -> int:
    if number < least:
        raise argparse.ArgumentTypeError(f"must be at least {least}, got {number}")
    return number


def _ratio(value: str) -> float:
    ratio = float(value)
    if not 0 < ratio < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, got {value}")
    return ratio
