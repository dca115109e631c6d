"""Why a model refused its input: from MLflow's words to one of our errors.

MLflow prints the input, or a traceback, before the reason, so nothing of its message is ever passed
on; `ScoringModel` puts what may be told, as JSON, on the last line.
"""

import re

from app.errors import InvalidParams, NoParquet, ScorerFailed, ServiceError, UnreadableInput
from scoring_model.errors import InvalidRows

NO_PYARROW = "is required for parquet support"
"""In pandas's words where neither pyarrow nor another reader of Parquet is installed."""

OF_PARAMS = re.compile(
    r"(?:\S*: )?(?:Invalid parameters found|Parameters must be|parameter \w+ must be)"
)
"""How a last line begins that is about the params: MLflow's words for their types, and the model's
for their values."""


def refusal(status: int, message: str) -> InvalidRows | ServiceError:
    """The error for what MLflow answers with `status` and `message`."""
    last = message.strip().rpartition("\n")[2]
    invalid = InvalidRows.from_json(last)
    if invalid is not None and invalid.problems:
        return invalid
    if OF_PARAMS.match(last):
        return InvalidParams()
    if NO_PYARROW in message:
        return NoParquet()
    return UnreadableInput() if 400 <= status < 500 else ScorerFailed()
