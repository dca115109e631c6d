"""From a trained model to a candidate for champion: scored, compared, described."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from scoring_model.artifacts import Artifacts
from train import card, tracking
from train.card import Card, Data, Facts, Judged
from train.dataset import Dataset
from train.fairness import Fairness, fairness, plot
from train.fitting.folds import Outcomes, Rows
from train.gate import Case, Limits, Scores, Verdict, judge
from train.judging.contrast import Weighed
from train.judging.evaluation import Evaluation
from train.judging.holdout import Holdout, score
from train.judging.scored import HOLDOUT, OUT_OF_FOLD, Scored
from train.promotion.comparison import Clients, Learned, aside, champion, reloaded
from train.provenance import Provenance
from train.row_models.beside import columns_beside
from train.row_models.history import History

MOST_FACTORS = 15

NEIGHBOURS = (
    "The model holds the outcomes of the clients it learned from, with what neighbours are told by "
    "(three scores and the term of the loan) but no id: who may not have these data may not have "
    "the model's files."
)
ROW_MODELS = (
    "Columns named ROWS_... are scores that the model's own row models (row_models.json) give to "
    "single earlier applications and credits. Who calls the service has to make them with the row "
    "models of this very version: those of another one mean something else."
)


@dataclass(frozen=True)
class Trained:
    """What training has made. `learned` are the clients of `dataset` as they came, with the columns
    that were excluded; `gains` is the total gain of the model's columns, `protected` says which
    protected attributes it uses, `weighed` what was tried besides, `history` has the rows of the
    clients, where these are at hand."""

    dataset: Dataset
    learned: Learned
    target: str
    model: Artifacts
    evaluation: Evaluation
    holdout: Holdout | None
    metrics: Mapping[str, float]
    gains: Mapping[str, float]
    protected: str
    weighed: tuple[Weighed, ...] = ()
    history: History | None = None


@dataclass(frozen=True)
class Terms:
    """On what terms a model is judged, and what it came from."""

    limits: Limits
    cost_ratio: float
    seed: int
    threads: int
    before: tracking.Version | None
    source: str
    excluded: tuple[str, ...]
    provenance: Provenance


def keep_scores(trained: Trained) -> None:
    """Logs who was scored how, for a change of threshold and for the next candidate."""
    tracking.log_scored(_out_of_fold(trained), OUT_OF_FOLD)
    held = trained.holdout
    if held:
        clients = aside(held.clients, trained.dataset.contract.id, held.defaulted)
        scored = Scored(clients.ids, held.defaulted, held.probability, clients.groupings)
        tracking.log_scored(scored, HOLDOUT)


def verdict(trained: Trained, uri: str, terms: Terms) -> Verdict:
    """The gate's, on the holdout; without one, on out-of-fold scores, and then it says so."""
    held = trained.holdout
    history = trained.history
    if held:
        id = trained.dataset.contract.id
        clients = aside(held.clients, id, held.defaulted, history)
        probability, final, basis = held.probability, held.probability, "holdout"
    else:
        rows, raw = trained.learned.rows, trained.learned.table
        some = _out_of_fold(trained, rows)
        clients = Clients(some.ids, some.outcome, some.groupings, raw, history)
        probability, basis = some.probability, "out of fold, for want of a holdout"
        wide = columns_beside(raw, trained.dataset.row_models, history, terms.threads)
        final = score(wide, trained.target, trained.model, terms.threads).probability
    case = Case(
        defaulted=clients.defaulted,
        groupings=clients.groupings,
        basis=basis,
        challenger=Scores(probability, trained.model.threshold),
        champion=champion(terms.before, clients),
        reloaded=reloaded(uri, clients.table, final, history),
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


@dataclass(frozen=True)
class Description:
    """What goes into the card besides the verdict."""

    name: str
    run_id: str
    digest: str
    fairness: Fairness
    figures: Mapping[str, Figure]


def describe(
    trained: Trained, terms: Terms, described: Description, verdict: Verdict, fate: str
) -> Card:
    """Writes the model card."""
    evaluation, metrics = trained.evaluation, trained.metrics
    judged = [_judged("out of fold", evaluation.defaulted, metrics, "")]
    defaulted, probability = evaluation.defaulted, evaluation.probability
    if trained.holdout:
        defaulted, probability = trained.holdout.defaulted, trained.holdout.probability
        judged.append(_judged("holdout", defaulted, metrics, "holdout_"))
    facts = Facts(
        name=described.name,
        fate=fate,
        verdict=verdict,
        provenance=terms.provenance,
        run_id=described.run_id,
        model_digest=described.digest,
        data=_data(trained, terms),
        judged=tuple(judged),
        baselines={
            "the model's": metrics["business_cost"],
            "lend to all": metrics["business_cost_lend_to_all"],
            "lend to none": metrics["business_cost_lend_to_none"],
        },
        threshold=card.Measure("threshold", evaluation.threshold, *evaluation.interval),
        cost_ratio=terms.cost_ratio,
        calibration=evaluation.calibrated.why,
        tenths=card.tenths(defaulted, probability),
        fairness=described.fairness,
        protected=trained.protected,
        factors=_factors(trained),
        weighed=trained.weighed,
        notes=_notes(trained),
    )
    return card.render(facts, described.figures)


def version_tags(trained: Trained, terms: Terms, digest: str) -> dict[str, str]:
    """What a version says of itself besides the verdict."""
    return {
        "model_digest": digest,
        "data_digest": trained.dataset.digest,
        "git_commit": terms.provenance.commit,
        "threshold": f"{trained.model.threshold!r}",
        "cost_ratio": f"{terms.cost_ratio:g}",
        **{found.name: found.says for found in trained.weighed},
    }


def writer(trained: Trained, terms: Terms, described: Description) -> "partial[Card]":
    """Writes the card once the verdict is complete: called with verdict and fate."""
    return partial(describe, trained, terms, described)


def _judged(basis: str, defaulted: Outcomes, metrics: Mapping[str, float], prefix: str) -> Judged:
    return Judged(basis, len(defaulted), card.measures(metrics, prefix))


def _data(trained: Trained, terms: Terms) -> Data:
    dataset = trained.dataset
    return Data(
        source=terms.source,
        digest=dataset.digest,
        clients=len(dataset.ids),
        aside=len(trained.holdout.defaulted) if trained.holdout else 0,
        default_rate=float(np.mean(dataset.defaulted)),
        columns=tuple(dataset.contract.columns),
        derived=len(set(dataset.columns) - set(dataset.contract.columns)),
        excluded=terms.excluded,
    )


def _factors(trained: Trained) -> tuple[card.Factor, ...]:
    """The strongest factors in words, by the gain of the columns that they explain."""
    total = sum(trained.gains.values()) or 1.0
    shares = [
        card.Factor(factor.en, sum(trained.gains.get(name, 0.0) for name in factor.columns) / total)
        for factor in trained.model.factors
    ]
    return tuple(sorted(shares, key=lambda factor: -factor.share)[:MOST_FACTORS])


def _notes(trained: Trained) -> tuple[str, ...]:
    """Limits of this model in particular."""
    said = {
        NEIGHBOURS: trained.dataset.derivation.neighbours,
        ROW_MODELS: trained.dataset.row_models,
    }
    return tuple(note for note, there in said.items() if there)


def _out_of_fold(trained: Trained, rows: Rows | None = None) -> Scored:
    """The clients learned from, or some of them by position."""
    some = np.arange(len(trained.dataset.ids)) if rows is None else rows
    return Scored(
        trained.dataset.ids[some],
        trained.dataset.defaulted[some],
        trained.evaluation.probability[some],
        tuple(grouping.of(some) for grouping in trained.learned.groupings),
    )
