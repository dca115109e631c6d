"""Which form of the scorer a service gets: one setting decides."""

from app.errors import InvalidSetting
from app.scorer.protocol import Scorer
from app.settings import Settings


def choose(settings: Settings) -> Scorer:
    """Only the form that was chosen is imported. Raises InvalidSetting and CannotStart."""
    if settings.in_process:
        from app.scorer.in_process import InProcess

        return InProcess(settings.model)
    from app.scorer.forwarding import Forwarding

    if settings.scorer_url is None:
        raise InvalidSetting("SCORER_URL", "the address of a scoring server to forward to", "")
    return Forwarding(settings.scorer_url, settings.timeout_seconds, settings.threads)
