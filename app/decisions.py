"""The routes for decisions: making, reading, contesting and reviewing them, and their outcomes.

Needs the libraries of the ledger; loaded only where decisions are kept.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, get_args

import orjson
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from app.auth import AUDIT, REVIEW, SCORE
from app.context import JSON, Answer, Context
from app.errors import InvalidRequest, NoDecision
from app.parameters import read_choice, read_moment, read_object, read_query, read_text
from app.recording import COMPLETE, EXPLANATION
from app.requests import check_keys, check_size, read_data
from app.responses import as_json
from app.service import Route, Service
from ledger import notice as notices
from ledger import outcomes, reading, reviews
from ledger.database import Database
from ledger.decision import Answer as YesOrNo
from ledger.outcomes import Outcome, ReportedOutcome
from ledger.reading import Record

LONGEST_AUTHOR = 100
MOST_RECORDS = 500
"""Decisions on one page."""


def make(service: Service, context: Context) -> Answer:
    """Scores clients as `/predict` does; a list in the order given."""
    clients = read_data(context, service.settings, service.scorer.model.id)
    scored = service.score(context, clients, checks=True, more=COMPLETE)
    made = [
        {"id": id_, "client": str(client)}
        | {name: row.get(name) for name in _SHOWN}
        | {name: row[name] for name in EXPLANATION if name in row}
        for id_, client, row in zip(scored.decisions, clients.ids, scored.rows, strict=True)
    ]
    return as_json(made)


_SHOWN = ("decision", "solvency", "threshold", "coverage", "warnings", "reasons")


def get(service: Service, context: Context) -> Answer:
    return as_json(_as_json(_visible(service, context)))


def notice(service: Service, context: Context) -> Answer:
    """The letter to the client; the same bytes ever after the first time."""
    lang = read_choice(
        "lang", read_query(context, "lang").get("lang", "en"), get_args(notices.Language)
    )
    accepted = parse_accept_header(context.headers.get("accept", ""), MIMEAccept)
    media_types: tuple[notices.MediaType, ...] = get_args(notices.MediaType)
    best = accepted.best_match(media_types)
    media_type = next((each for each in media_types if each == best), media_types[0])
    made, settings = _visible(service, context).decision, service.settings.ledger
    assert settings
    content = reviews.notice(
        _database(service),
        made.id,
        f"{lang} {media_type}",
        lambda: notices.render(made, lang, media_type, settings, service.scorer.model.features),
    )
    content_type = JSON if media_type == JSON else f"{media_type}; charset=utf-8"
    return Answer(content, content_type=content_type, headers=[("Vary", "Accept")])


def page(service: Service, context: Context) -> Answer:
    """Newest first; a key that may only score sees its own decisions."""
    query = read_query(context, "client", "from", "to", "decision", "cursor", "limit")
    limit = query.get("limit", "50")
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST_RECORDS:
        raise InvalidRequest(reason=f"limit must be from 1 to {MOST_RECORDS}")
    decision = query.get("decision")
    found = reading.page(
        _database(service),
        client=query.get("client"),
        key_name=_only_key(context),
        since=read_moment(query, "from"),
        until=read_moment(query, "to"),
        decision=None if decision is None else read_choice("decision", decision, get_args(YesOrNo)),
        cursor=query.get("cursor"),
        limit=int(limit),
    )
    return as_json({"decisions": [*map(_as_json, found.records)], "cursor": found.cursor})


def contest(service: Service, context: Context) -> Answer:
    """The client's objection, once, with the client's words."""
    id_ = _visible(service, context).decision.id
    reviews.contest(_database(service), id_, read_text(read_object(context, "text"), "text"))
    return get(service, context)


def review(service: Service, context: Context) -> Answer:
    """One person's review; the decision itself never changes."""
    given = read_object(context, "action", "reason", "author", "text")
    assert service.settings.ledger
    reviews.review(
        _database(service),
        context.parameters["id"],
        action=read_choice("action", given["action"], get_args(reviews.Action)),
        reason=read_choice("reason", given["reason"], get_args(reviews.Reason)),
        author=read_text(given, "author", LONGEST_AUTHOR),
        text=read_text(given, "text"),
        reviewers=service.settings.ledger.reviewers,
    )
    return get(service, context)


def queue(service: Service, context: Context) -> Answer:
    """Contested decisions, and those whose review is not complete; oldest first."""
    read_query(context, "open")
    waiting = reading.waiting_for_review(_database(service), MOST_RECORDS)
    return as_json({"decisions": [*map(_as_json, waiting)]})


def report(service: Service, context: Context) -> Answer:
    """Of the reviews completed from `from` until before `to`."""
    query = read_query(context, "from", "to")
    since = read_moment(query, "from") or datetime(1970, 1, 1, tzinfo=UTC)
    made = reviews.report(_database(service), since, read_moment(query, "to") or datetime.now(UTC))
    return as_json(
        {
            "overrides": _counts(made.overrides, "reason", "author"),
            "agreement": made.agreement,
            "outcomes": _counts(made.outcomes, "action", "decision", "outcome"),
        }
    )


def record_outcomes(service: Service, context: Context) -> Answer:
    """For each outcome of the list, whether it was recorded, unchanged, in conflict or unknown."""
    data = read_object(context, "data", keys_checked=False)["data"]
    if not isinstance(data, list):
        raise InvalidRequest(reason="data must be a list")
    check_size(len(data), service.settings.max_rows, "outcomes")
    reports = [_reported(row, number) for number, row in enumerate(data)]
    check_keys(context.body, [{"data": data}, *data])
    results = outcomes.record(_database(service), reports)
    return as_json({"results": results})


# fmt: off
ROUTES = (
    Route("POST", "/decisions", make, "decisions with reasons, kept",
          protected=True, roles={SCORE}, blocking=True, inline=True),
    Route("GET", "/decisions", page, "decisions, newest first",
          protected=True, roles={SCORE, REVIEW, AUDIT}, private=True, blocking=True),
    Route("GET", "/decisions/{id}", get, "a decision with its outcome and reviews",
          protected=True, roles={SCORE, REVIEW, AUDIT}, private=True, blocking=True),
    Route("GET", "/decisions/{id}/notice", notice, "the letter that explains it to the client",
          protected=True, roles={SCORE, REVIEW, AUDIT}, private=True, blocking=True),
    Route("POST", "/decisions/{id}/contest", contest, "a client's objection, once",
          protected=True, roles={SCORE, REVIEW}, private=True, blocking=True),
    Route("POST", "/decisions/{id}/review", review, "a person's review",
          protected=True, roles={REVIEW}, private=True, blocking=True),
    Route("GET", "/reviews", queue, "decisions that wait for a review",
          protected=True, roles={REVIEW, AUDIT}, private=True, blocking=True),
    Route("GET", "/reviews/report", report, "overrides, agreement, and later outcomes",
          protected=True, roles={REVIEW, AUDIT}, private=True, blocking=True),
    Route("POST", "/outcomes", record_outcomes, "which clients repaid or defaulted",
          protected=True, roles={REVIEW}, private=True, blocking=True),
)
# fmt: on


def _database(service: Service) -> Database:
    assert service.ledger
    return service.ledger.database


def _only_key(context: Context) -> str | None:
    """The name of a key that sees its own decisions only."""
    assert context.key
    return context.key.name if context.key.roles == {SCORE} else None


def _visible(service: Service, context: Context) -> Record:
    """The decision of the path. Raises NoDecision where the key may not see it."""
    record = reading.get(_database(service), context.parameters["id"])
    if _only_key(context) not in (None, record.decision.key_name):
        raise NoDecision
    return record


def _as_json(record: Record) -> dict[str, Any]:
    made = record.decision
    return {
        **{name: getattr(made, name) for name in ("id", "time", "request_id", "client")},
        **{name: getattr(made, name) for name in ("decision", "solvency", "threshold", "coverage")},
        **{name: orjson.loads(getattr(made, name)) for name in ("warnings", "reasons", "inputs")},
        **(orjson.loads(made.explanation) or {}),
        "model": {
            "name": made.model_name,
            "version": made.model_version,
            "digest": made.model_digest,
        },
        "policy_version": made.policy_version,
        "key": made.key_name,
        "forgotten": record.forgotten,
        "outcome": record.outcome,
        "contest": record.contest and {"time": record.contest.time, "text": record.contest.words},
        "reviews": record.reviews,
    }


def _counts(counts: Mapping[Any, int], *names: str) -> list[dict[str, Any]]:
    return [
        dict(zip(names, values, strict=True)) | {"count": count}
        for values, count in sorted(counts.items())
    ]


def _reported(row: Any, number: int) -> ReportedOutcome:
    try:
        decision, client = row.get("decision", ""), row.get("client", "")
        outcome = read_choice("outcome", row["outcome"], get_args(outcomes.Result))
        reported = Outcome(outcome, date.fromisoformat(row["date"]))
        if row.keys() - {"decision", "client"} != {"outcome", "date"} or bool(decision) == bool(
            client
        ):
            raise ValueError
        return ReportedOutcome(str(decision), str(client), reported)
    except (AttributeError, KeyError, TypeError, ValueError, InvalidRequest) as error:
        raise InvalidRequest(
            reason=f"row {number} must be an object of decision or client, outcome (repaid or"
            " defaulted) and date (as in 2026-11-20)"
        ) from error
