"""The whole way from tables to a promoted model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from train import tracking
from train.candidate import Terms
from train.dataset import Say
from train.fitting.fit import Progress
from train.gate import Champion
from train.hand_over import To, hand_over
from train.judging.holdout import Holdout
from train.kept import Kept, how_to_resume, kept_meanwhile, left_over
from train.learn import learn
from train.material import Material, read, source_of
from train.promotion.comparison import champion, columns_of
from train.promotion.errors import Incomparable
from train.provenance import Provenance
from train.request import Request
from train.swap import recover


@dataclass(frozen=True)
class Outcome:
    """What training led to: the new version, its metrics, and the clients set aside, judged.

    `refusal` says in a line why it did not become champion although it was to.
    """

    version: str
    metrics: Mapping[str, float]
    holdout: Holdout | None
    refusal: str | None


@tracking.faults_told()
def train(request: Request, parameters: Mapping[str, Any], say: Say, progress: Progress) -> Outcome:
    """Trains, logs, registers, exports and promotes a model.

    `parameters` are logged as given. Raises TrainError, before a run is started wherever the data
    and the champion alone can tell.
    """
    prepare(request, say)
    with source_of(request, say) as source:
        before = tracking.champion(request.name)
        material = read(source, request, say, columns_of(before) if request.exclude else ())
        compared = _compared(before, material, request, say)
        with tracking.training_run(request.experiment, parameters) as run:
            provenance = Provenance.current()
            tracking.log_provenance(provenance)
            tracking.log_dataset(material.dataset, source)
            trained = learn(material, source, request, say, progress)
            terms = _terms(request, compared, source, provenance)
            run_id = run.info.run_id
            with kept_meanwhile(Kept(run_id, request, parameters, trained, terms), say):
                to = To(request.name, request.promote, request.export, run_id)
                published = hand_over(trained, terms, to)
            say(f"{request.name} version {published.version} is {published.place}")
            return Outcome(published.version, trained.metrics, trained.holdout, published.refusal)


def prepare(request: Request, say: Say) -> None:
    """Looks whether the store answers, and puts right what killed trainings have left."""
    tracking.connect(say)
    tracking.claim_run()
    for stale in tracking.close_stale_runs():
        say(f"run {stale} was left open by a training that was killed: closed")
    for file in left_over():
        say(f"{file} holds a model that was trained and not handed over: {how_to_resume(file)}")
    recover(request.export.resolve())


def _compared(
    before: tracking.Version | None, material: Material, request: Request, say: Say
) -> Champion | None:
    """The champion on the clients that the new model will be judged on.

    Raises Incomparable if that cannot be, and the gate is to decide.
    """
    found = champion(before, material.compared_on)
    if found and not found.scores:
        if request.promote == "gate":
            raise Incomparable(request.name, found.version, found.how)
        say(f"champion version {found.version} cannot be compared with: {found.how}")
    return found


def _terms(
    request: Request, compared: Champion | None, source: str, provenance: Provenance
) -> Terms:
    return Terms(
        limits=request.limits,
        cost_ratio=request.cost_ratio,
        seed=request.plan.seed,
        champion=compared,
        source=source,
        excluded=request.exclude,
        provenance=provenance,
    )
