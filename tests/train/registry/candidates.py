"""Small registered models, logged and published the way training does it.

Run as a program, it publishes one candidate once a file appears: two of them race.
"""

import pickle
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from scoring_model.artifacts import Artifacts
from train.evaluation.clients import OUT_OF_FOLD, Clients, Scored
from train.gate import Check, Limits, Verdict
from train.registry import evidence, logged_model, runs, versions
from train.registry.promotion import Candidate, publish
from train.report.card import Card

NAME = "credit-scoring"
EXAMPLE = {"SK_ID_CURR": 1, "CODE_GENDER": "F", "AMT_CREDIT": 450_000.0, "EXT_SOURCE_2": 0.5}
CARD = Card("# Card\n\n## One\n\nword\n", "<h1>Card</h1>", "# Card")
PASSED = Verdict((Check("auc", True, "as good"),), "holdout", 100, None, Limits())
REFUSED = replace(PASSED, checks=(Check("auc", False, "AUC is worse"),))


def scores() -> Scored:
    random = np.random.default_rng(0)
    probability = random.beta(1, 6, 500)
    outcome = (random.random(500) < probability).astype(np.int8)
    return Scored(Clients(np.arange(500), outcome), probability)


def publish_small(model: Artifacts, out: Path, policy="gate", verdict=PASSED, before="now"):
    """A run with a model and its scores, published; `before` "now" is today's champion."""
    champion = versions.champion(NAME)
    if before == "now":
        before = champion.number if champion else None
    with runs.training_run(NAME, {}) as run:
        logged = logged_model.log_model(model, EXAMPLE)
        evidence.log_scored(scores(), OUT_OF_FOLD)
        return publish(
            Candidate(
                uri=logged.uri,
                name=NAME,
                run_id=run.info.run_id,
                verdict=verdict,
                before=before,
                tags={"model_digest": logged.digest},
                card=lambda verdict, fate: CARD,  # noqa: ARG005
                export=out,
            ),
            policy,
        )


def main(model: str, out: str, start: str, before: str | None = None) -> None:
    artifacts = pickle.loads(Path(model).read_bytes())
    runs.connect()
    print("ready", flush=True)
    while not Path(start).exists():
        time.sleep(0.01)
    published = publish_small(artifacts, Path(out), before=before)
    print("champion" if published.champion else published.refusal, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
