"""The model card as Markdown, as a page of its own, and as the description of a version."""

import base64
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markdown_it import MarkdownIt
from matplotlib.figure import Figure

from train.data.provenance import Provenance
from train.evaluation.trained import Trained
from train.gate import Verdict
from train.report.plots import card_plots
from train.report.summary import headline, parameters
from train.report.tables import measures, strongest_factors, tenths

LONGEST_DESCRIPTION = 5000
"""Characters that MLflow's database keeps of a version's description."""
SECTION_OF = {
    "roc": "How good it is",
    "scores": "How good it is",
    "cost": "Threshold and cost",
    "calibration": "Calibration",
    "fairness": "Fairness",
}
"""Where in the page a plot belongs."""
REST = "\n\nThe rest of this card is in the run: `model_card.html`.\n"


@dataclass(frozen=True)
class Card:
    """The same card twice; `html` needs no other file."""

    markdown: str
    html: str


def model_card(
    trained: Trained, verdict: Verdict, provenance: Provenance, name: str, digest: str
) -> Card:
    """Writes the card of a model that is to be registered as `name`."""
    judged = [("out of fold", len(trained.out_of_fold.probability), measures(trained.metrics))]
    if trained.holdout:
        aside = len(trained.holdout.probability)
        judged.append(("holdout", aside, measures(trained.metrics, "holdout_")))
    markdown = markdown_of(
        "model_card.md.jinja",
        trained=trained,
        verdict=verdict,
        provenance=provenance,
        name=name,
        digest=digest,
        headline=headline(trained, verdict),
        parameters={"LightGBM": version("lightgbm"), **parameters(trained)},
        judged=judged,
        tenths=tenths(trained.holdout or trained.out_of_fold),
        factors=strongest_factors(trained),
    )
    return card_of(markdown, name, card_plots(trained.evaluation, trained.fairness))


def markdown_of(template: str, **facts: object) -> str:
    """A Markdown template of this package, filled in."""
    filled = _template(template, escape=False).render(**facts)
    return re.sub(r"\n{3,}", "\n\n", filled).strip() + "\n"


def card_of(markdown: str, name: str, plots: Mapping[str, Figure]) -> Card:
    """The card in both forms, from the first."""
    # Raw HTML stays text: a column may be called anything.
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    html = _template("page.html.jinja", escape=True).render(
        title=f"Model card: {name}", sections=_illustrated(body, plots)
    )
    return Card(markdown, html)


def _illustrated(body: str, plots: Mapping[str, Figure]) -> list[tuple[str, dict[str, str]]]:
    """The sections of the page, each with its plots as images; those of no section come last."""
    sections = [(part, dict[str, str]()) for part in re.split("(?=<h2>)", body)]
    for title, figure in plots.items():
        head = f"<h2>{SECTION_OF.get(title)}</h2>"
        of = [images for part, images in sections if part.startswith(head)] or [sections[-1][1]]
        of[0][title] = _png(figure)
    return sections


def description(markdown: str) -> str:
    """As many whole sections of a card, from the first, as a version's description holds."""
    if len(markdown) <= LONGEST_DESCRIPTION:
        return markdown
    kept = ""
    for section in re.split(r"(?m)^(?=## )", markdown):
        if len(kept) + len(section) + len(REST) > LONGEST_DESCRIPTION:
            break
        kept += section
    return (kept.rstrip() or markdown[: LONGEST_DESCRIPTION - len(REST)]) + REST


def _template(name: str, escape: bool) -> Template:
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = _cell
    environment.filters["measure"] = _measure
    environment.filters["change"] = "{:+.4f}".format
    return environment.get_template(name)


def _source(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _cell(value: object) -> str:
    """Text from the data, as it can stand in a table."""
    return re.sub(r"([\\`*_<>|\[\]])", r"\\\1", " ".join(f"{value}".split()))


def _measure(value: float | None, digits: int = 4) -> str:
    return "" if value is None or value != value else f"{value:.{digits}f}"


def _png(figure: Figure) -> str:
    """As the address of an image within the page."""
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=110)
    return "data:image/png;base64," + base64.b64encode(written.getvalue()).decode()


def changed_card(name: str, verdict: Verdict, **facts: object) -> Card:
    """Writes the card of a version with another threshold: the change, the original card and the
    verdict. `facts` are named in the template."""
    return card_of(markdown_of("changed.md.jinja", name=name, verdict=verdict, **facts), name, {})
