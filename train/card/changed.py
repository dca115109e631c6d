"""The card of a version that differs from another in its threshold alone."""

from dataclasses import dataclass

from train.card.render import Card, card_of, markdown_of
from train.fairness import Fairness
from train.gate import Verdict
from train.provenance import Provenance


@dataclass(frozen=True)
class Changed:
    """What has changed. `thresholds` are the old and the new one, `decisions` business cost and
    accepted share at each, out of fold; `original` is the card of the version that it comes from,
    None if that has none."""

    name: str
    version: str
    why: str
    provenance: Provenance
    run_id: str
    model_digest: str
    cost_ratio: float
    thresholds: tuple[float, float]
    decisions: tuple[tuple[float, float], tuple[float, float]]
    fairness: Fairness
    original: str | None


def render_changed(changed: Changed, verdict: Verdict, fate: str) -> Card:
    """Writes the card: the change and its verdict, then the original card."""
    markdown = markdown_of("changed.md.jinja", changed=changed, verdict=verdict, fate=fate)
    return card_of(markdown, changed.name, {})
