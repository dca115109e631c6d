"""What a training has made."""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring_model.artifacts import Artifacts
from scoring_model.contract import Vector
from train.data.dataset import Dataset
from train.evaluation.clients import Clients, Scored
from train.evaluation.evaluation import Evaluation
from train.evaluation.exclusion import Exclusion


@dataclass(frozen=True)
class Trained:
    """A fitted model with all that was found of it.

    `out_of_fold` are the clients of the cross-validation, `judged` those that the gate judges on:
    the holdout if there is one (`set_aside`), else some of `out_of_fold`. `compared_on` are the
    same clients with their raw columns, `in_training` the probabilities that the model as it was
    fitted gives these. `gains` is the total gain of the model's columns, `protected` says which
    protected attributes it uses.
    """

    dataset: Dataset
    out_of_fold: Scored
    judged: Scored
    set_aside: bool
    compared_on: Clients
    in_training: Vector
    target: str
    model: Artifacts
    evaluation: Evaluation
    metrics: Mapping[str, float]
    gains: Mapping[str, float]
    protected: str
    exclusion: Exclusion | None = None

    @property
    def basis(self) -> str:
        """How the clients of the cross-validation were scored, in words."""
        if self.dataset.times is None:
            return "out of fold"
        return "out of fold in time, each by a model of earlier clients"

    @property
    def holdout(self) -> Scored | None:
        """The clients set aside, scored by the finished model."""
        return self.judged if self.set_aside else None
