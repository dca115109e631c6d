"""The notice of a decision for the client: what was decided, why, by which data, and what to do.

The layout (`notice.html.jinja`, `notice.txt.jinja`) and the words of each language (`en.json`,
`fr.json`) are files in `templates/`; those of the folder NOTICE_TEMPLATES take their place.
"""

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ledger.decision import Decision
from ledger.display import Display, Words
from ledger.errors import NoLender
from ledger.settings import Settings

Language = Literal["en", "fr"]
MediaType = Literal["application/json", "text/html", "text/plain"]

LAYOUTS = {"text/html": "notice.html.jinja", "text/plain": "notice.txt.jinja"}
TEMPLATES = Path(__file__).parent / "templates"

MOST_REASONS = 4
"""Principal reasons of one notice (US Regulation B, comment 9(b)(2)-1)."""


def render(
    decision: Decision,
    lang: Language,
    media_type: MediaType,
    settings: Settings,
    features: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """The notice in UTF-8; `features` are those of the model's contract, for labels and formats.

    Raises `NoLender` where the settings do not say who to write to.
    """
    if not (settings.lender_name and settings.lender_contact):
        raise NoLender
    folders = [*([settings.notice_templates] if settings.notice_templates else []), TEMPLATES]
    loader = FileSystemLoader(folders)
    environment = Environment(
        loader=loader,
        autoescape=media_type == "text/html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    words = json.loads(loader.get_source(environment, f"{lang}.json")[0])
    display = Display(features, lang, words, decision.time.date())
    lender = {"name": settings.lender_name, "contact": settings.lender_contact}
    content = {"lang": lang, "lender": lender, **_content(decision, lang, words, display)}
    if media_type == "application/json":
        return json.dumps(content, ensure_ascii=False, indent=1).encode()
    layout = environment.get_template(LAYOUTS[media_type])
    return layout.render(content, words=words, number=display.number).encode()


def _content(decision: Decision, lang: str, words: Words, display: Display) -> dict[str, Any]:
    """What the JSON notice holds and the layouts show; each value as received and as text."""

    def named(column: str, value: Any) -> dict[str, Any]:
        text = display.text(column, value)
        return {"column": column, "label": display.label(column), "value": value, "text": text}

    def instead(change: Mapping[str, Any]) -> dict[str, Any]:
        text = display.text(change["column"], change["from"])
        return {"instead_of": change["from"], "instead_of_text": text}

    explanation = json.loads(decision.explanation) or {}
    by_source: dict[str, list[dict[str, Any]]] = {}
    for column, value in json.loads(decision.inputs).items():
        if value is not None:
            value = decision.client if str(value) == decision.client else value  # no amount
            by_source.setdefault(_source(column, words), []).append(named(column, value))
    return {
        "id": decision.id,
        "date": decision.time.date().isoformat(),
        "client": decision.client,
        "decision": decision.decision,
        "solvency": decision.solvency,
        "threshold": decision.threshold,
        "reasons": [
            {"code": reason["code"], "reason": _sentence(reason["sentence"], lang)}
            | named(reason["feature"], reason["value"])
            for reason in (json.loads(decision.reasons) or [])[:MOST_REASONS]
        ],
        "data": [{"source": source, "values": values} for source, values in by_source.items()],
        "changes": [
            [named(each["column"], each["to"]) | instead(each) for each in found["changes"]]
            for found in explanation.get("counterfactuals") or []
        ],
        "review": words["review"],
    }


def _sentence(sentence: str | Mapping[str, str], lang: str) -> str:
    return sentence if isinstance(sentence, str) else sentence[lang]


def _source(column: str, words: Words) -> str:
    """Where a column comes from: the application form, unless a pattern names another source."""
    fits = (source for pattern, source in words["sources"] if fnmatchcase(column, pattern))
    return str(next(fits, words["application"]))
