"""From scored clients to the decisions that the ledger keeps.

A record holds more than a caller may have asked for: coverage, warnings, and the reasons of a No in
every language.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from app.model_folder import ModelFolder
from app.requests import Record
from app.settings import REFUSED, Settings
from ledger.decision import Decision
from scoring_model.params import MOST_COUNTERFACTUALS

REASONS = 4
"""Reasons of a No in its record: as many as a notice may give."""

COMPLETE = {
    "reasons": REASONS,
    "reasons_for": REFUSED,
    "counterfactuals": MOST_COUNTERFACTUALS,
}
"""Params of a decision with all that a notice may say."""

EXPLANATION = ("counterfactuals",)
"""What else the model gives that is kept with a decision, for a caller or a notice."""

Row = dict[str, Any]


def params_for_record(model: ModelFolder, asked: Mapping[str, Any]) -> dict[str, Any]:
    """`asked`, and what the record needs besides."""
    params = {name: value for name, value in asked.items() if name != "lang"}
    number = params.get("reasons", 0)
    needed = {"checks": True, "reasons": max(number, REASONS)}
    if not number:
        needed["reasons_for"] = REFUSED
    return params | {name: value for name, value in needed.items() if name in model.params}


def as_asked(row: Row, asked: Mapping[str, Any]) -> Row:
    """The model's output for the params `asked`, from its output for those of the record."""
    number, lang = asked.get("reasons", 0), asked.get("lang")
    hidden = set() if asked.get("checks") else {"coverage", "warnings"}
    shown = {name: value for name, value in row.items() if name not in hidden}
    if "reasons" in shown:
        if number:
            shown["reasons"] = [_in_language(reason, lang) for reason in row["reasons"][:number]]
        else:
            del shown["reasons"]
    return shown


def _in_language(reason: Row, lang: str | None) -> Row:
    return {**reason, "sentence": reason["sentence"][lang]} if lang else reason


def decision_of(
    settings: Settings,
    model: ModelFolder,
    client: Record,
    row: Row,
    *,
    id: str,
    request_id: str,
    key_name: str = "",
) -> Decision:
    """What is kept of one client. `client` is the row as received, `row` the model's output."""
    id_ = client.get(model.id)
    explanation = {name: row[name] for name in EXPLANATION if name in row}
    return Decision(
        id=id,
        request_id=request_id,
        time=datetime.now(UTC),
        key_name=key_name,
        client="" if id_ is None else str(id_),
        inputs=_text(client),
        solvency=row["solvency"],
        threshold=row["threshold"],
        decision=row["decision"],
        coverage=row.get("coverage"),
        reasons=_text(row.get("reasons")),
        warnings=_text(row.get("warnings")),
        explanation=_text(explanation or None),
        model_name=settings.model_name,
        model_version=model.version,
        model_digest=model.digest,
        policy_version=settings.policy_version,
    )


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
