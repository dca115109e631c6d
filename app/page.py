"""The pages for a browser, and what they show of the model."""

import base64
import hashlib
import re
from typing import Any

from flask import render_template

from app import responses
from app.context import JSON, Answer, Context
from app.model_folder import ModelFolder
from app.settings import Settings

HTML = "text/html"
LANGUAGES = ("en", "fr")
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def prefers_page(context: Context) -> bool:
    """Browsers name HTML; programs accept JSON or anything."""
    types = context.headers.get("accept", "").lower()
    return HTML in types and JSON not in types.partition(HTML)[0]


def language(context: Context) -> str:
    """The first of `LANGUAGES` that the browser lists; English without one."""
    listed = re.findall(r"[a-z]{2}", context.headers.get("accept-language", "").lower())
    return next((name for name in listed if name in LANGUAGES), LANGUAGES[0])


def page(template: str, context: Context, **facts: Any) -> Answer:
    """A page that loads its own files only."""
    html = render_template(template, lang=language(context), **facts)
    return _html(html, responses.PAGE_POLICY)


def card(model: ModelFolder) -> Answer | None:
    """The model card; None where the model has none."""
    if not model.card.lstrip().startswith("<"):
        text = model.card.encode()
        return Answer(text, content_type="text/plain; charset=utf-8") if text else None
    hashes = [hashlib.sha256(style.encode()).digest() for style in STYLE.findall(model.card)]
    styles = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes)
    policy = f"{responses.NOTHING_ALLOWED}; img-src data:"
    return _html(model.card, f"{policy}; style-src {styles}" if styles else policy)


def model_facts(model: ModelFolder, settings: Settings) -> dict[str, Any]:
    """What the page shows of the model beside its columns. A model without examples of its own has
    those of its expected scores."""
    examples = []
    if model.expected:
        pairs = zip(model.expected.clients, model.expected.solvencies, strict=True)
        examples = [{"client": client, "solvency": solvency} for client, solvency in pairs]
    return {
        "id": model.id,
        "version": model.version,
        "created": model.created,
        "best_threshold": model.best_threshold,
        "generated": model.generated,
        "params": sorted(model.params),
        "groups": model.groups,
        "card": bool(model.card),
        "limits": {"bytes": settings.max_bytes, "rows": settings.max_rows},
        "metrics": {},
        "solvency_histogram": None,
        "examples": examples,
        **model.summary,
    }


def _html(html: str, policy: str) -> Answer:
    headers = [("Content-Security-Policy", policy)]
    return Answer(html.encode(), content_type=f"{HTML}; charset=utf-8", headers=headers)
