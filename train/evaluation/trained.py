"""What a model is trained and judged on, and what training has made of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring_model.artifacts import Artifacts
from scoring_model.contract import Vector
from train.data.dataset import Dataset
from train.evaluation.clients import Clients, Scored
from train.evaluation.evaluation import Evaluation
from train.evaluation.exclusion import Exclusion
from train.evaluation.fairness import Fairness
from train.fitting.fit import Fitted
from train.fitting.folds import Rows


@dataclass(frozen=True)
class Data:
    """What a model is trained and judged on.

    `dataset` holds the clients learned from, with the columns that the model may use, and
    `learned` the same clients without their raw columns. `unrestricted` has the columns of
    `excluded` too; None if nothing is to be compared with that. `compared_on` are the clients that
    the gate judges on, with their raw columns: the holdout, for which `rows` is None; without one,
    the clients of `dataset` at the positions `rows`. `source` is what the user named, `generated`
    says that the clients are made up.
    """

    source: str
    generated: bool
    target: str
    excluded: tuple[str, ...]
    dataset: Dataset
    unrestricted: Dataset | None
    learned: Clients
    compared_on: Clients
    rows: Rows | None

    @property
    def aside(self) -> int:
        """How many clients were set aside."""
        return 0 if self.rows is not None else len(self.compared_on.ids)


@dataclass(frozen=True)
class Trained:
    """What training has made of `data`.

    `model` is what is registered, and `probability` what it gives to the clients of
    `data.compared_on`, shape (clients,). `out_of_fold` are the clients of the cross-validation,
    `judged` those that the gate judges on: the holdout if there is one, otherwise some of
    `out_of_fold`. `protected` names the protected attributes that the model uses, empty for none.
    """

    data: Data
    fitted: Fitted
    model: Artifacts
    evaluation: Evaluation
    probability: Vector
    out_of_fold: Scored
    judged: Scored
    fairness: Fairness
    exclusion: Exclusion | None
    metrics: Mapping[str, float]
    cost_ratio: float
    protected: str

    @property
    def holdout(self) -> Scored | None:
        """The clients set aside, scored by the model."""
        return self.judged if self.data.rows is None else None

    @property
    def gains(self) -> dict[str, float]:
        """The total gain of each of the model's columns."""
        gains = self.fitted.estimator.booster_.feature_importance("gain").tolist()
        return dict(zip(self.fitted.dataset.columns, gains, strict=True))
