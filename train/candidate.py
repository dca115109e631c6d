"""From a trained model to a candidate for champion: scored, compared, described."""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring_model.artifacts import Artifacts
from scoring_model.contract import Vector
from train import tracking
from train.dataset import Dataset
from train.fairness import Fairness, fairness, plot
from train.gate import Case, Champion, Limits, Scores, Verdict, judge
from train.judging.contrast import Weighed
from train.judging.evaluation import Evaluation
from train.judging.holdout import Holdout
from train.judging.scored import HOLDOUT, OUT_OF_FOLD, Scored
from train.promotion.clients import Clients, Learned
from train.promotion.comparison import TARGET, reloaded
from train.provenance import Provenance


@dataclass(frozen=True)
class Trained:
    """What training has made. `learned` are the clients of `dataset` as they came, with the columns
    that were excluded, `compared_on` those on whom models are compared, `in_training` the
    probabilities that the model as it was fitted gives these; `gains` is the total gain of the
    model's columns, `protected` says which protected attributes it uses, `weighed` what was tried
    besides."""

    dataset: Dataset
    learned: Learned
    compared_on: Clients
    in_training: Vector
    target: str
    model: Artifacts
    evaluation: Evaluation
    holdout: Holdout | None
    metrics: Mapping[str, float]
    gains: Mapping[str, float]
    protected: str
    weighed: tuple[Weighed, ...] = ()


@dataclass(frozen=True)
class Terms:
    """On what terms a model is judged, against which `champion`, and what it came from."""

    limits: Limits
    cost_ratio: float
    seed: int
    champion: Champion | None
    source: str
    excluded: tuple[str, ...]
    provenance: Provenance


def keep_scores(trained: Trained) -> None:
    """Logs who was scored how, for a change of threshold and for the next candidate."""
    tracking.log_scored(_out_of_fold(trained), OUT_OF_FOLD)
    held, clients = trained.holdout, trained.compared_on
    if held:
        scored = Scored(clients.ids, held.defaulted, held.probability, clients.groupings)
        tracking.log_scored(scored, HOLDOUT)


def verdict(trained: Trained, uri: str, terms: Terms) -> Verdict:
    """The gate's, on the holdout; without one, on out-of-fold scores, and then it says so."""
    held, clients = trained.holdout, trained.compared_on
    if held:
        probability, basis = held.probability, "holdout"
    else:
        probability = trained.evaluation.probability[trained.learned.rows]
        basis = "out of fold, for want of a holdout"
    case = Case(
        defaulted=clients.defaulted,
        groupings=clients.groupings,
        basis=basis,
        challenger=Scores(probability, trained.model.threshold),
        champion=terms.champion,
        reloaded=reloaded(uri, clients, trained.in_training),
        cost_ratio=terms.cost_ratio,
    )
    return judge(case, terms.limits, terms.seed)


def measured(trained: Trained) -> Fairness:
    """Fairness out of fold, logged as table and plot."""
    scored = _out_of_fold(trained)
    lent = Scores(scored.probability, trained.model.threshold).lent
    found = fairness(scored.outcome, scored.probability, lent, scored.groupings)
    tracking.log_fairness(found, plot(found, "out of fold") if len(found.table) else None)
    return found


def version_tags(trained: Trained, terms: Terms, digest: str) -> dict[str, str]:
    """What a version says of itself besides the verdict."""
    return {
        "model_digest": digest,
        "data_digest": trained.dataset.digest,
        "git_commit": terms.provenance.commit,
        "threshold": f"{trained.model.threshold!r}",
        "cost_ratio": f"{terms.cost_ratio:g}",
        TARGET: trained.target,
        **{found.name: found.says for found in trained.weighed},
    }


def _out_of_fold(trained: Trained) -> Scored:
    """The clients learned from."""
    dataset, groupings = trained.dataset, trained.learned.groupings
    return Scored(dataset.ids, dataset.defaulted, trained.evaluation.probability, groupings)
