"""The command line of `python -m train`, and what `MLproject` passes on to it."""

import argparse
from dataclasses import dataclass, field
from pathlib import Path

from scoring_model.decision import COST_RATIO
from train.evaluation.holdout import Setting
from train.fitting.monotone import signs
from train.fitting.plan import Plan
from train.fitting.search import Search
from train.gate import Limits
from train.registry.saved import POLICIES, Policy

PRICE = ("measure", "skip")


@dataclass(frozen=True)
class Request:
    """What to train on, how, and where the model goes.

    `features` names a table that `train.features` has built, which then stands for `data`.
    `exclude_price` says whether to measure what the excluded columns would have been worth.
    """

    data: str | None
    features: str | None
    id: str | None
    target: str | None
    positive: str | None
    cost_ratio: float
    plan: Plan
    experiment: str
    name: str
    export: Path | None
    memory: str | None
    exclude: tuple[str, ...] = ()
    exclude_price: bool = True
    categories: tuple[str, ...] = ()
    aside: Setting = field(default_factory=Setting)
    search: Search = field(default_factory=Search)
    promote: Policy = "gate"
    limits: Limits = field(default_factory=Limits)


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
    add("--categories", type=text, help="integer columns that are categories, with commas between")
    add("--exclude-price", choices=PRICE, default="measure", help="what they would be worth")
    add("--cost-ratio", type=ratio, default=COST_RATIO, help="weight of a missed default")
    add("--folds", type=_folds, default=Plan.folds, help="folds of the cross-validation")
    add("--repeats", type=_count, default=Plan.repeats, help="cross-validations, each its own way")
    add("--holdout", type=_share, default=0.0, help="share of clients set aside to judge by")
    add(
        "--time-column",
        type=text,
        help="orders clients in time: the latest are the holdout, or the folds",
    )
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
    add(
        "--export",
        type=folder,
        help="folder for the champion (none: mlruns_reduced; build/model if generated)",
    )
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
        exclude=_names(options.exclude),
        categories=_names(options.categories),
        exclude_price=options.exclude_price == "measure",
    )


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


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


def text(value: str) -> str | None:
    """Text, where an empty one stands for none: MLproject has no other way to say so."""
    return value or None


def folder(value: str) -> Path | None:
    """A path, where an empty text stands for none."""
    return Path(value) if value else None


def ratio(value: str) -> float:
    """A positive, finite number."""
    number = float(value)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, got {value}")
    return number


def share(value: str) -> float:
    """A number from 0 to 1."""
    number = float(value)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"must be from 0 to 1, got {value}")
    return number


def add_gate(parser: argparse.ArgumentParser, promote: Policy) -> None:
    """Adds `--promote`, with its default, and the limits of the gate."""
    add = parser.add_argument
    add("--promote", choices=POLICIES, default=promote, help="whether the gate decides on champion")
    add("--require-promotion", action="store_true", help="exit with 3 if promotion is refused")
    add("--gate", choices=("default", "strict"), default="default", help="strict: proven no worse")
    add("--cost-tolerance", type=share, default=Limits.cost, help="share of cost more allowed")
    add("--auc-tolerance", type=share, default=Limits.auc, help="AUC less allowed")
    add("--calibration-limit", type=share, default=Limits.calibration, help="calibration error")
    add(
        "--group-calibration-limit",
        type=share,
        default=Limits.group_calibration,
        help="calibration error in the worst group by a protected attribute",
    )
    add(
        "--acceptance-limit",
        type=share,
        default=Limits.ratio,
        help="least acceptance of a group over that of the most accepted (not by age)",
    )
    add(
        "--acceptance-tolerance",
        type=share,
        default=Limits.ratio_drop,
        help="by how much that ratio may fall below the champion's",
    )


def limits(options: argparse.Namespace) -> Limits:
    """The gate's limits among parsed options."""
    return Limits(
        cost=options.cost_tolerance,
        auc=options.auc_tolerance,
        calibration=options.calibration_limit,
        group_calibration=options.group_calibration_limit,
        ratio=options.acceptance_limit,
        ratio_drop=options.acceptance_tolerance,
        strict=options.gate == "strict",
    )


def given(options: argparse.Namespace, parser: argparse.ArgumentParser) -> dict[str, object]:
    """The options that differ from their defaults."""
    return {
        name: value
        for name, value in vars(options).items()
        if value not in (None, "") and value != parser.get_default(name)
    }
