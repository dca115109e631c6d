"""The command line of `python -m train`, and what `MLproject` passes on to it."""

import argparse
from pathlib import Path

from scoring_model.decision import COST_RATIO
from train.fitting.monotone import signs
from train.fitting.plan import Plan
from train.fitting.search import Search
from train.judging.holdout import Setting
from train.promotion.arguments import add_gate, limits
from train.readers import ratio, text
from train.request import Request

PRICE = ("measure", "skip")


def parser() -> argparse.ArgumentParser:
    """Every parameter with its type, default and a line of help."""
    parser = argparse.ArgumentParser(
        prog="python -m train",
        description="Learn from past clients who will repay; register, export and promote it.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--data", type=text, help="folder with the Home Credit tables, or one CSV/Parquet file")
    add("--features", type=text, help="table that train.features has built, in place of --data")
    add("--id", type=text, help="id column of a single file (without one, rows are numbered)")
    add("--target", type=text, help="target column of a single file")
    add("--positive", type=text, help="target value of a client who defaulted, if not 1")
    add("--exclude", type=text, help="columns to keep from the model, with commas between")
    add("--exclude-price", choices=PRICE, default="measure", help="what they would be worth")
    add("--cost-ratio", type=ratio, default=COST_RATIO, help="weight of a missed default")
    add("--folds", type=_folds, default=Plan.folds, help="folds of the cross-validation")
    add("--repeats", type=_count, default=Plan.repeats, help="cross-validations, each its own way")
    add("--holdout", type=_share, default=0.0, help="share of clients set aside to judge by")
    add("--time-column", type=text, help="the holdout is the latest clients by this column")
    add("--group", type=text, help="column that tells persons apart, who may have several ids")
    add("--max-features", type=_count, default=Plan.max_features, help="most columns of the model")
    add("--monotone", type=text, help="signs such as EXT_SOURCE_2:-1, or declared")
    add("--trials", type=_natural, default=0, help="hyperparameters to try (0: the usual ones)")
    add("--search-minutes", type=_minutes, default=0.0, help="no new trial after (0: no limit)")
    add("--study", type=Path, default=Search.study, help="file of the search, to go on with")
    add("--seed", type=int, default=Plan.seed, help="of folds, sample and model")
    add("--threads", type=_count, default=Plan.threads, help="processors to use")
    add("--memory", type=text, help="memory that reading the tables may use, such as 4GB")
    add("--experiment", default="credit-scoring", help="MLflow experiment of the run")
    add("--name", default="credit-scoring", help="registered model")
    add("--export", type=Path, default=Path("mlruns_reduced"), help="folder for the champion")
    add_gate(parser, promote="gate")
    return parser


def request(options: argparse.Namespace) -> Request:
    """The parsed options in training's own terms."""
    return Request(
        data=options.data,
        features=options.features,
        id=options.id,
        target=options.target,
        positive=options.positive,
        cost_ratio=options.cost_ratio,
        plan=_plan(options),
        experiment=options.experiment,
        name=options.name,
        export=options.export,
        memory=options.memory,
        aside=_setting(options),
        search=Search(options.trials, options.search_minutes, options.study),
        promote=options.promote,
        limits=limits(options),
        exclude=tuple(name.strip() for name in (options.exclude or "").split(",") if name.strip()),
        exclude_price=options.exclude_price == "measure",
    )


def _plan(options: argparse.Namespace) -> Plan:
    return Plan(
        folds=options.folds,
        repeats=options.repeats,
        seed=options.seed,
        threads=options.threads,
        max_features=options.max_features,
        monotone=signs(options.monotone),
    )


def _setting(options: argparse.Namespace) -> Setting:
    return Setting(options.holdout, options.time_column, options.group, options.seed)


def _count(value: str) -> int:
    return _at_least(int(value), 1)


def _folds(value: str) -> int:
    return _at_least(int(value), 2)


def _at_least(number: int, least: int) -> int:
    if number < least:
        raise argparse.ArgumentTypeError(f"must be at least {least}, got {number}")
    return number


def _natural(value: str) -> int:
    return _at_least(int(value), 0)


def _minutes(value: str) -> float:
    minutes = float(value)
    if not 0 <= minutes < float("inf"):
        raise argparse.ArgumentTypeError(f"must be 0 or more, got {value}")
    return minutes


def _share(value: str) -> float:
    share = float(value)
    if not 0 <= share <= 0.5:
        raise argparse.ArgumentTypeError(f"must be a share from 0 to 0.5, got {value}")
    return share
