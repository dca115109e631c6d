"""Options, declared once: type, range, default, group and help.

The command line, `MLproject`, `docs/options.md` and a run's parameters are made of these classes,
and of those of the smaller commands, which stand beside their code.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter
from cyclopts.validators import Number

from scoring_model.contract import Change
from scoring_model.decision import COST_RATIO
from train.data.engines import Engine
from train.evaluation.holdout import Setting
from train.fitting.plan import Plan
from train.fitting.search import Search
from train.gate import Limits
from train.home_credit.directions import changes, signs
from train.registry.saved import Policy


def whole(_: Any, tokens: Any) -> int:
    """2 and 2.0, but not 2.5."""
    number = float(tokens[0].value)
    if not number.is_integer():
        raise ValueError(f"{tokens[0].value} is not a whole number")
    return int(number)


def _names(_: Any, tokens: Any) -> tuple[str, ...]:
    """Names with commas between."""
    return tuple(name for t in tokens for text in t.value.split(",") if (name := text.strip()))


def number(convert: Any = None, **limits: float) -> Parameter:
    return Parameter(converter=convert, validator=Number(**limits))


def _checked_by(parse: Any) -> Parameter:
    return Parameter(validator=lambda _, text: parse(text), show_default=False)


INFINITE = float("inf")
DATA, CLIENTS, VALIDATION, MODEL, MACHINE, REGISTRY, GATE = (
    Parameter(group=Group.create_ordered(name))
    for name in ("Data", "Clients", "Validation", "Model", "Machine", "Registry", "Gate")
)
Integer = Annotated[int, number(whole)]
Natural = Annotated[int, number(whole, gte=0)]
Count = Annotated[int, number(whole, gte=1)]
Fraction = Annotated[float, number(gte=0, lte=1)]
Ratio = Annotated[float, number(gt=0, lt=INFINITE)]
Names = Annotated[tuple[str, ...], Parameter(converter=_names, n_tokens=1, show_default=False)]


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Where a model goes."""

    name: Annotated[str, REGISTRY] = "credit-scoring"
    """Registered model."""
    export: Annotated[Path | None, REGISTRY] = None
    """Folder for the champion (default: mlruns_reduced; build/model if it is of generated
    clients)."""


@dataclass(frozen=True, kw_only=True)
class Gated(Registry):
    """Whether a new version becomes champion."""

    experiment: Annotated[str, REGISTRY] = "credit-scoring"
    """MLflow experiment of the run."""
    promote: Annotated[Policy, GATE] = "gate"
    """Whether the gate decides on champion."""
    require_promotion: Annotated[bool, GATE] = False
    """Exit code 3 if the new version does not become champion."""
    gate: Annotated[Literal["default", "strict"], GATE] = "default"
    """Strict: the whole interval of each comparison must lie within its tolerance."""
    cost_tolerance: Annotated[Fraction, GATE] = Limits.cost
    """Fraction of the champion's business cost by which the new cost may exceed it."""
    auc_tolerance: Annotated[Fraction, GATE] = Limits.auc
    """By how much the AUC may fall below the champion's."""
    calibration_limit: Annotated[Fraction, GATE] = Limits.calibration
    """Largest mean distance of predicted and observed default rate."""
    group_calibration_limit: Annotated[Fraction, GATE] = Limits.group_calibration
    """The same in the worst group by a protected attribute."""
    acceptance_limit: Annotated[Fraction, GATE] = Limits.ratio
    """Least acceptance rate of a group over that of the most accepted one (not by age)."""
    acceptance_tolerance: Annotated[Fraction, GATE] = Limits.ratio_drop
    """By how much that ratio may fall below the champion's."""

    @property
    def limits(self) -> Limits:
        """The gate's limits."""
        return Limits(
            cost=self.cost_tolerance,
            auc=self.auc_tolerance,
            calibration=self.calibration_limit,
            group_calibration=self.group_calibration_limit,
            ratio=self.acceptance_limit,
            ratio_drop=self.acceptance_tolerance,
            strict=self.gate == "strict",
        )


@dataclass(frozen=True, kw_only=True)
class Request(Gated):
    """Learn from past clients who will repay; register, export and promote the model.

    Example: credit-scoring train --data german.csv --target class --positive bad
    """

    data: Annotated[str | None, DATA] = None
    """Folder with the Home Credit tables, or one CSV or Parquet file."""
    features: Annotated[str | None, DATA] = None
    """Table that `credit-scoring features` has built, in place of --data."""
    id: Annotated[str | None, DATA] = None
    """Id column of a single file (without one, rows are numbered)."""
    target: Annotated[str | None, DATA] = None
    """Target column of a single file."""
    positive: Annotated[str | None, DATA] = None
    """Target value of a client who defaulted, if not 1."""
    group: Annotated[str | None, CLIENTS] = None
    """Column that identifies a person, who may have several ids."""
    exclude: Annotated[Names, CLIENTS] = ()
    """Columns to keep from the model, with commas between."""
    categories: Annotated[Names, CLIENTS] = ()
    """Integer columns that are categories, with commas between."""
    exclude_price: Annotated[Literal["measure", "skip"], CLIENTS] = "measure"
    """Whether to measure what the excluded columns would be worth."""
    max_features: Annotated[Count, CLIENTS] = Plan.max_features
    """Most columns of the model."""
    display: Annotated[Path | None, CLIENTS] = None
    """JSON file of labels, groups and formats of columns, for the service's page."""
    folds: Annotated[int, VALIDATION, number(whole, gte=2)] = Plan.folds
    """Folds of the cross-validation."""
    repeats: Annotated[Count, VALIDATION] = Plan.repeats
    """Cross-validations, each with other folds."""
    holdout: Annotated[float, VALIDATION, number(gte=0, lte=0.5)] = 0.0
    """Fraction of the clients set aside to evaluate the model on (0: none)."""
    time_column: Annotated[str | None, VALIDATION] = None
    """Column that orders clients in time: the latest are the holdout, or the last folds."""
    cost_ratio: Annotated[Ratio, MODEL] = float(COST_RATIO)
    """Cost of a missed default, in refusals of a client who would have repaid."""
    monotone: Annotated[str, MODEL, _checked_by(signs)] = ""
    """Signs such as EXT_SOURCE_2:-1,AMT_CREDIT:+1, or `declared` for those of Home Credit."""
    changeable: Annotated[str, MODEL, _checked_by(changes)] = ""
    """Columns that a client can change, as AMOUNT:down:1000 (also up, both) with commas between;
    for Home Credit some are declared."""
    trials: Annotated[Natural, MODEL] = Search.trials
    """Hyperparameters to try (0: the usual ones)."""
    search_minutes: Annotated[float, MODEL, number(gte=0, lt=INFINITE)] = Search.minutes
    """Minutes after which no trial is begun (0: no limit)."""
    study: Annotated[Path, MODEL] = Search.study
    """File of the search, to continue it."""
    seed: Annotated[Integer, MODEL] = Plan.seed
    """Seed of folds, sample and model."""
    threads: Annotated[Count, MACHINE] = Plan.threads
    """Processors to use."""
    memory: Annotated[str | None, MACHINE] = None
    """Memory that reading the tables may use, such as 4GB."""

    @property
    def plan(self) -> Plan:
        """How the model is validated and fitted."""
        return Plan(
            folds=self.folds,
            repeats=self.repeats,
            seed=self.seed,
            threads=self.threads,
            max_features=self.max_features,
            monotone=signs(self.monotone),
        )

    @property
    def changes(self) -> dict[str, Change]:
        """How clients can change which columns."""
        return changes(self.changeable)

    @property
    def aside(self) -> Setting:
        """Which clients are the holdout."""
        return Setting(self.holdout, self.time_column, self.group, self.seed)

    @property
    def search(self) -> Search:
        """How long hyperparameters are searched."""
        return Search(self.trials, self.search_minutes, self.study)


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Which tables are read, and by what."""

    data: Annotated[str, DATA]
    """Folder of the Home Credit tables; on Spark also a URL or catalog:DATABASE."""
    engine: Annotated[Engine, MACHINE] = "duckdb"
    """What reads the tables."""
    memory: Annotated[str | None, MACHINE] = None
    """Memory that reading the tables may use, such as 4GB; beyond it DuckDB spills to disk."""


@dataclass(frozen=True, kw_only=True)
class Scoring(Tables):
    """Score many clients with a registered model: solvency, threshold, decision.

    Example: credit-scoring score --data clients.csv --out scores.csv --reasons 3
    """

    data: Annotated[str, DATA]
    """Folder of Home Credit tables, or one CSV or Parquet file; on Spark also a URL."""
    out: Annotated[str, DATA]
    """.parquet, .csv or .csv.gz; on Spark a folder of parts."""
    table: Annotated[str, DATA] = "application_test"
    """Table of clients in a folder."""
    model: Annotated[str, MODEL] = "models:/credit-scoring@champion"
    """models:/NAME@ALIAS, models:/NAME/VERSION, or a model's folder."""
    reasons: Annotated[int, MODEL, number(whole, gte=0, lte=1000)] = 0
    """Most reasons to give for each decision."""
    threshold: Annotated[Fraction | None, MODEL] = None
    """Solvency that gets a Yes, if not the model's own."""
    threads: Annotated[int, MACHINE, number(whole, gte=1, lte=1024)] = 2
    """Processors to use."""

    @property
    def params(self) -> dict[str, Any]:
        """What is asked of the model beyond its scores, as MLflow passes it on."""
        asked = {"reasons": self.reasons or None, "threshold": self.threshold}
        return {name: value for name, value in asked.items() if value is not None}


def given(options: Any) -> dict[str, str]:
    """The options that differ from their defaults, as text."""
    values = {f.name: (getattr(options, f.name), f.default) for f in fields(options)}
    return {
        name: ",".join(value) if isinstance(value, tuple) else str(value)
        for name, (value, default) in values.items()
        if value != default
    }
