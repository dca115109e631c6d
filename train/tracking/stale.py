"""Runs that a process left open when it was killed."""

from mlflow.entities import LoggedModelStatus, Run, RunStatus, ViewType
from mlflow.tracking import MlflowClient
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

from train.process import Process

RUNNING = "attributes.status = 'RUNNING'"


def close_stale_runs() -> list[str]:
    """Closes as KILLED every run of a process that has surely ended, with its nested runs.

    Returns their ids. Runs of other machines, and of processes that may still live, stay open.
    """
    client = MlflowClient()
    experiments = [found.experiment_id for found in client.search_experiments()]
    closed: list[str] = []
    for run in client.search_runs(experiments, RUNNING, ViewType.ACTIVE_ONLY):
        process = Process.from_tags(run.data.tags)
        parent = run.data.tags.get(MLFLOW_PARENT_RUN_ID)
        if (process and process.surely_gone) or (not process and _is_closed(client, parent)):
            _give_up_models(client, run)
            client.set_terminated(run.info.run_id, RunStatus.to_string(RunStatus.KILLED))
            closed.append(run.info.run_id)
    return closed


def _is_closed(client: MlflowClient, parent: str | None) -> bool:
    """Whether a run without a process of its own belongs to a run that was killed."""
    if not parent:
        return False
    run = client.get_run(parent)
    process = Process.from_tags(run.data.tags)
    return bool(process and process.surely_gone)


def _give_up_models(client: MlflowClient, run: Run) -> None:
    """Marks as failed what the run was logging: nothing will finish it."""
    mine = f"source_run_id = '{run.info.run_id}'"
    for model in client.search_logged_models([run.info.experiment_id], mine):
        if model.status == LoggedModelStatus.PENDING:
            client.finalize_logged_model(model.model_id, LoggedModelStatus.FAILED)
