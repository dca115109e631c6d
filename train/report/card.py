"""The model card as Markdown, as a page of its own, and as the description of a version."""

import base64
import io
import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markdown_it import MarkdownIt
from matplotlib.figure import Figure
from scipy.stats import binomtest

from scoring_model.contract import Vector
from train.data.provenance import Provenance
from train.evaluation.trained import Trained
from train.fitting.folds import Outcomes
from train.gate import Verdict
from train.report.summary import headline, parameters

CARD, CARD_PAGE = "model_card.md", "model_card.html"
LONGEST_DESCRIPTION = 5000
"""Characters that MLflow's database keeps of a version's description."""
REST = "\n\nThe rest of this card is in the run: `model_card.html`.\n"
SECTION_OF = {
    "roc": "How good it is",
    "scores": "How good it is",
    "cost": "Threshold and cost",
    "calibration": "Calibration",
    "fairness": "Fairness",
}
"""The plots of the page, each with the section where it belongs."""
METRICS = {
    "auc": "AUC (chance that a defaulter is ranked below a payer)",
    "gini": "Gini (2 x AUC - 1)",
    "ks": "KS (largest distance of the two score distributions)",
    "pr_auc": "PR-AUC (average precision)",
    "business_cost": "business cost per client",
    "brier": "Brier score",
    "log_loss": "log loss",
    "accepted_share": "share of clients accepted",
    "accuracy": "share of decisions that were right",
}
"""Those of a card, by their names in MLflow."""
MOST_FACTORS = 15


def model_card(
    trained: Trained,
    verdict: Verdict,
    provenance: Provenance,
    name: str,
    digest: str,
    figures: Mapping[str, Figure],
) -> dict[str, str]:
    """The files of the card of a model that is to be registered as `name`."""
    judged = [("out of fold", trained.out_of_fold, measures(trained.metrics))]
    if trained.holdout:
        judged.append(("holdout", trained.holdout, measures(trained.metrics, "holdout_")))
    last = judged[-1][1]
    return card_files(
        "model_card.md.jinja",
        name,
        verdict,
        {title: figure for title, figure in figures.items() if title in SECTION_OF},
        trained=trained,
        provenance=provenance,
        digest=digest,
        headline=headline(trained, verdict),
        parameters={"LightGBM": version("lightgbm"), **parameters(trained)},
        judged=[(basis, len(scored.probability), rows) for basis, scored, rows in judged],
        tenths=tenths(last.clients.defaulted, last.probability),
        factors=_strongest_factors(trained),
    )


def card_files(
    template: str, name: str, verdict: Verdict, figures: Mapping[str, Figure], **facts: Any
) -> dict[str, str]:
    """A template of this package, filled in: the card of the model `name` as Markdown and as a page
    that needs no other file."""
    filled = _template(template, escape=False).render(name=name, verdict=verdict, **facts)
    markdown = re.sub(r"\n{3,}", "\n\n", filled).strip() + "\n"
    return {CARD: markdown, CARD_PAGE: page(markdown, name, figures)}


def page(markdown: str, name: str, figures: Mapping[str, Figure]) -> str:
    """The card as HTML, with each plot in its section; those of no section come last."""
    # Raw HTML stays text: a column may be called anything.
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    sections = [(part, dict[str, str]()) for part in re.split("(?=<h2>)", body)]
    for title, figure in figures.items():
        head = f"<h2>{SECTION_OF.get(title)}</h2>"
        of = [images for part, images in sections if part.startswith(head)] or [sections[-1][1]]
        of[0][title] = _png(figure)
    template = _template("page.html.jinja", escape=True)
    return template.render(title=f"Model card: {name}", sections=sections)


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


def measures(metrics: Mapping[str, float], prefix: str = "") -> list[dict[str, Any]]:
    """Those of `metrics` that a card shows, each with its 95 % interval, None where that was not
    computed."""
    return [
        {"name": label}
        | {end: metrics.get(f"{prefix}{name}_{end}") for end in ("low", "high")}
        | {"value": metrics[prefix + name]}
        for name, label in METRICS.items()
        if prefix + name in metrics
    ]


def tenths(defaulted: Outcomes, probability: Vector) -> list[dict[str, float]]:
    """The clients by rising probability in ten equal parts: what was predicted and observed, with
    the 95 % score interval of the latter (Wilson, 1927). Arrays are of shape (clients,)."""
    found = []
    for part in np.array_split(np.argsort(probability, kind="stable"), 10):
        if not len(part):
            continue
        observed = binomtest(int(np.count_nonzero(defaulted[part])), len(part))
        interval = observed.proportion_ci(method="wilson")
        found.append(
            {
                "clients": len(part),
                "predicted": float(np.mean(probability[part])),
                "observed": float(observed.statistic),
                "low": float(interval.low),
                "high": float(interval.high),
            }
        )
    return found


def _strongest_factors(trained: Trained) -> list[tuple[str, float]]:
    """In words, with their fraction of the total gain."""
    gains = trained.gains
    total = sum(gains.values()) or 1.0
    found = [
        (factor.en, sum(gains.get(name, 0.0) for name in factor.columns) / total)
        for factor in trained.model.factors
    ]
    return sorted(found, key=lambda factor: -factor[1])[:MOST_FACTORS]


def _template(name: str, escape: bool) -> Template:
    environment = Environment(
        loader=PackageLoader("train", "report"),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = _cell
    environment.filters["measure"] = _measure
    environment.filters["change"] = "{:+.4f}".format
    return environment.get_template(name)


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
