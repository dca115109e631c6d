"""Which form of the scorer a service gets: one setting decides."""

from pathlib import Path

from app.errors import InvalidSetting
from app.model_folder import ModelFolder
from app.scorer.champion import Champion
from app.scorer.checks import asked_of
from app.scorer.protocol import Scorer
from app.settings import Settings
from app.verification import check


def choose(settings: Settings) -> Champion:
    """Only the form that was chosen is imported.

    Raises BrokenModel, InvalidSetting and CannotStart.
    """
    if settings.in_process:
        return _in_process(settings)
    from app.scorer.forwarding import Forwarding

    if settings.scorer_url is None:
        raise InvalidSetting("SCORER_URL", "the address of a scoring server to forward to", "")
    model = ModelFolder.read(Path(settings.model))
    params = asked_of(model, settings.min_coverage)
    return Champion(
        Forwarding(settings.scorer_url, model, settings.timeout_seconds, settings.threads, params)
    )


def _in_process(settings: Settings) -> Champion:
    from app.scorer.in_process import InProcess

    def load(folder: str) -> Scorer:
        check(Path(folder), settings.manifest_required)
        return InProcess(folder, settings.timeout_seconds, settings.min_coverage)

    champion = Champion(load(settings.model))
    if settings.reload_seconds:
        from app.scorer.renewal import Renewal
        from app.scorer.source import source_of

        if source := source_of(settings.model_source or settings.model):
            champion.renewal = Renewal(source, load, settings.reload_seconds)
    return champion
