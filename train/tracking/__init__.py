"""Training's every call into MLflow: the run, the model, the registry."""

from train.tracking.evidence import (
    log_card,
    log_fairness,
    log_provenance,
    log_scored,
    log_verdict,
    scored,
    text,
)
from train.tracking.faults import BrokenStore, faults_told
from train.tracking.lease import Lease, lease
from train.tracking.model import Logged, download, forget_paths, log_changed, log_model
from train.tracking.registry import (
    CHALLENGER,
    CHAMPION,
    Version,
    champion,
    drop_alias,
    promote,
    register,
    set_alias,
    tag_version,
    version,
)
from train.tracking.run import (
    claim_run,
    connect,
    log_choice,
    log_dataset,
    log_results,
    log_weighed,
    tag,
    training_run,
)
from train.tracking.scoring import Fetched, Scorer, fetch, load, on_spark
from train.tracking.stale import close_stale_runs
from train.tracking.trials import log_trial

__all__ = [
    "CHALLENGER",
    "CHAMPION",
    "BrokenStore",
    "Fetched",
    "Lease",
    "Logged",
    "Scorer",
    "Version",
    "champion",
    "claim_run",
    "close_stale_runs",
    "connect",
    "download",
    "drop_alias",
    "faults_told",
    "fetch",
    "forget_paths",
    "lease",
    "load",
    "log_card",
    "log_changed",
    "log_choice",
    "log_dataset",
    "log_fairness",
    "log_model",
    "log_provenance",
    "log_results",
    "log_scored",
    "log_trial",
    "log_verdict",
    "log_weighed",
    "on_spark",
    "promote",
    "register",
    "scored",
    "set_alias",
    "tag",
    "tag_version",
    "text",
    "training_run",
    "version",
]
