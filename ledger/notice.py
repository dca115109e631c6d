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
from ledger.errors import NoLender
from ledger.settings import Settings

Language = Literal["en", "fr"]
MediaType = Literal["application/json", "text/html", "text/plain"]

LAYOUTS = {"text/html": "notice.html.jinja", "text/plain": "notice.txt.jinja"}
TEMPLATES = Path(__file__).parent / "templates"

MOST_REASONS = 4
"""Principal reasons of one notice (US Regulation B, comment 9(b)(2)-1)."""

Words = Mapping[str, Any]


def render(decision: Decision, lang: Language, media_type: MediaType, settings: Settings) -> bytes:
    """The notice in UTF-8. Raises `NoLender` where the settings do not say who to write to."""
    if not (settings.lender_name and settings.lender_contact):
        raise NoLender
    folders = [*([settings.notice_templates] if settings.notice_templates else []), TEMPLATES]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=media_type == "text/html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    words = json.loads(environment.loader.get_source(environment, f"{lang}.json")[0])  # type: ignore[union-attr] # it has a loader
    lender = {"name": settings.lender_name, "contact": settings.lender_contact}
    content = {"lang": lang, "lender": lender, **_content(decision, lang, words)}
    if media_type == "application/json":
        return json.dumps(content, ensure_ascii=False, indent=1).encode()
    number = _french if lang == "fr" else _english
    layout = environment.get_template(LAYOUTS[media_type])
    return layout.render(content, words=words, number=number).encode()


def _content(decision: Decision, lang: str, words: Words) -> dict[str, Any]:
    """What the JSON notice holds and the layouts show; values as they were received."""
    explanation = json.loads(decision.explanation) or {}
    return {
        "id": decision.id,
        "date": decision.time.date().isoformat(),
        "client": decision.client,
        "decision": decision.decision,
        "solvency": decision.solvency,
        "threshold": decision.threshold,
        "reasons": [
            {"code": reason["code"], "reason": _sentence(reason["sentence"], lang)}
            | _named(reason["feature"], reason["value"], words)
            for reason in (json.loads(decision.reasons) or [])[:MOST_REASONS]
        ],
        "data": _data(json.loads(decision.inputs), decision.client, words),
        "changes": [
            [
                {**_named(each["column"], each["to"], words), "instead_of": each["from"]}
                for each in counterfactual["changes"]
            ]
            for counterfactual in explanation.get("counterfactuals") or []
        ],
        "review": words["review"],
    }


def _sentence(sentence: str | Mapping[str, str], lang: str) -> str:
    return sentence if isinstance(sentence, str) else sentence[lang]


def _data(inputs: Mapping[str, Any], client: str, words: Words) -> list[dict[str, Any]]:
    """The values that were known, by where they came from: the application form, unless a pattern
    of the words names another source."""
    by_source: dict[str, list[dict[str, Any]]] = {}
    for column, value in inputs.items():
        if value is not None:
            source = _first(words["sources"], column) or words["application"]
            value = client if str(value) == client else value  # an id is no amount
            by_source.setdefault(source, []).append(_named(column, value, words))
    return [{"source": source, "values": values} for source, values in by_source.items()]


def _first(patterns: Sequence[Sequence[str]], column: str) -> str | None:
    return next((text for pattern, text in patterns if fnmatchcase(column, pattern)), None)


def _named(column: str, value: Any, words: Words) -> dict[str, Any]:
    return {"column": column, "label": words["columns"].get(column, column), "value": value}


def _english(value: Any, digits: int = 4) -> str:
    """495,000 and 0.25; whole numbers are given whole, others to `digits` decimals at most."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _french(value: Any, digits: int = 4) -> str:
    """495 000 and 0,25, with a narrow no-break space."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return _english(value, digits).replace(",", "\u202f").replace(".", ",")
