"""Why a model refused its input: from MLflow's words to one of our errors.

MLflow prints the input, or a traceback, before the reason, so nothing of its message is ever passed
on; `ScoringModel` puts what may be told, as JSON, on the last line.
"""

from app.errors import NoParquet, ScorerFailed, ServiceError, UnreadableInput
from scoring_model.errors import InvalidRows

NO_PYARROW = "is required for parquet support"
"""In pandas's words where neither pyarrow nor another reader of Parquet is installed."""


def refusal(status: int, message: str) -> InvalidRows | ServiceError:
    """The error for what MLflow answers with `status` and `message`."""
    invalid = InvalidRows.from_json(message.strip().rpartition("\n")[2])
    if invalid is not None and invalid.problems:
        return invalid
    if NO_PYARROW in message:
        return NoParquet()
    return UnreadableInput() if 400 <= status < 500 else ScorerFailed()
