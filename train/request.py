"""What a user asks of a training."""

from dataclasses import dataclass, field
from pathlib import Path

from train.fitting.plan import Plan
from train.fitting.search import Search
from train.gate import Limits
from train.judging.holdout import Setting
from train.promotion.publish import Policy


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
    export: Path
    memory: str | None
    exclude: tuple[str, ...] = ()
    exclude_price: bool = True
    aside: Setting = field(default_factory=Setting)
    search: Search = field(default_factory=Search)
    promote: Policy = "gate"
    limits: Limits = field(default_factory=Limits)
