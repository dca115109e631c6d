"""What the routes share: who may use them, scoring, keeping decisions, and the end of a request."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from app import log, metrics, responses
from app.auth import REVIEW, Authentication
from app.context import Answer, Context
from app.errors import NotFound, TooLarge, Unauthorized
from app.readiness import Readiness
from app.recording import as_asked, decision_of, params_for_record
from app.requests import Clients
from app.scorer import Rows, Scorer, scoring_params
from app.settings import ASKED, FORWARDED, NO, Settings
from ledger.decision import new_id

if TYPE_CHECKING:
    from ledger.ledger import Ledger

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


class Scored(NamedTuple):
    """The model's output as the caller asked for it, and the ids of the decisions where they are
    kept."""

    rows: Rows
    decisions: Sequence[str] = ()


class Route(NamedTuple):
    """A route, and how it is run.

    `path`: a part such as `{id}` stands for any text without a slash. `protected`: needs an API key
    where there are keys, which must have one of `roles` if there are any. `private`: needs such a
    key always. `blocking`: may take long, so that the event loop runs it in a thread, unless it is
    a few clients in-process (`inline`). `page`: rendered by Flask alone.
    """

    method: str
    path: str
    handler: Callable[["Service", Context], Answer]
    about: str
    protected: bool = False
    roles: Set[str] = frozenset()
    private: bool = False
    blocking: bool = False
    inline: bool = False
    page: bool = False


@dataclass
class Service:
    """What the routes need. A new model version replaces `scorer` in one assignment.

    `ledger` is None where no decisions are kept.
    """

    settings: Settings
    scorer: Scorer
    authentication: Authentication
    readiness: Readiness
    routes: Sequence[Route]
    ledger: "Ledger | None" = None

    def admit(self, route: Route, context: Context) -> None:
        """Checks what is known before the body is read. Raises Unauthorized, RateExceeded, NotFound
        and TooLarge."""
        context.route = route.path
        if route.protected:
            context.key = self.authentication.check(context.headers)
            if context.key is None and route.private:
                raise Unauthorized
            if context.key and route.roles and route.roles.isdisjoint(context.key.roles):
                raise NotFound
        length = context.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.settings.max_bytes:
            raise TooLarge(limit=self.settings.max_bytes, unit="bytes")

    def score(
        self,
        context: Context,
        clients: Clients,
        *,
        checks: bool,
        more: Mapping[str, Any] = {},
        trial: bool = False,
    ) -> Scored:
        """The model's output for the clients, counted, and kept where there is a ledger unless it
        is a `trial` and the settings keep no trials. `more` are params that the caller did not ask
        for."""
        scorer = self.scorer
        context.rows, context.model_version = len(clients.ids), scorer.model.version
        asked = scoring_params(
            scorer.model,
            clients.params,
            self.settings.min_coverage,
            checks=checks,
            reasons=self.settings.reasons if checks else ASKED,
            more=more,
        )
        if self.ledger is None or (trial and self.settings.keep_trials == NO):
            scored = Scored(scorer.score(clients.table, asked))
        else:
            rows = scorer.score(clients.table, params_for_record(scorer.model, asked))
            key_name = context.key.name if context.key else ""
            kept = [
                decision_of(
                    *(self.settings, scorer.model, client, row),
                    id=new_id(),
                    request_id=context.request_id,
                    key_name=key_name,
                )
                for client, row in zip(clients.received(), rows, strict=True)
            ]
            if dropped := self.ledger.keep(kept):
                metrics.DROPPED.inc(dropped)
            shown = [as_asked(row, asked) for row in rows]
            scored = Scored(shown, [decision.id for decision in kept])
        metrics.observe_scores(scored.rows)
        return scored

    def has_reviews(self, context: Context) -> bool:
        """Whether decisions are kept, and the request's key may review them."""
        return bool(self.ledger and context.key and REVIEW in context.key.roles)

    @property
    def keeping_waits(self) -> bool:
        """Whether keeping a decision waits for a database or a disk."""
        return self.ledger is not None and self.ledger.settings.waits

    def finish(self, context: Context, status: int, headers: list[tuple[str, str]]) -> None:
        """Completes the headers of an answer, counts it, and writes its log line."""
        responses.complete(headers, context, self.settings.cors_origins or ())
        seconds = perf_counter() - context.started
        metrics.observe_request(context.route, status, seconds, context.rows)
        facts: dict[str, Any] = {
            "request_id": context.request_id,
            "method": context.method if context.method in METHODS else "other",
            "route": context.route,
            "status": int(status),
            "ms": round(seconds * 1000, 3),
            "rows": context.rows,
            "model": context.model_version,
        }
        if context.key:
            facts["key"] = context.key.name
        if context.is_trial:
            facts["trial"] = True
        if self.settings.log_address != NO:
            facts["address"] = self._address(context)
        log.log_event("request", **facts)

    def _address(self, context: Context) -> str:
        if self.settings.log_address == FORWARDED:
            return context.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()[:64]
        return context.peer
