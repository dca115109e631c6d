"""What a person adds to a decision, which itself never changes: notice, contest, review."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, case, func, insert, select
from sqlalchemy.exc import IntegrityError

from ledger.clients import ciphers_for_reading
from ledger.database import Database
from ledger.decision import is_id
from ledger.encryption import Cipher
from ledger.errors import AlreadyContested, AlreadyReviewed, UnknownDecision
from ledger.schema import contests, decisions, notices, outcomes, reviews

Action = Literal["confirm", "override"]
Reason = Literal[
    "decision_correct",
    "input_wrong",
    "input_missing",
    "income_verified",
    "circumstances_changed",
    "policy_exception",
    "fraud_suspected",
    "other",
]


@dataclass(frozen=True)
class Contest:
    """`words` are the client's own; "" once the client is forgotten."""

    time: datetime
    words: str

    @classmethod
    def from_row(cls, row: Row[Any], cipher: Cipher | None) -> "Contest":
        return cls(row.time, _decrypted(row, cipher, "contest"))


@dataclass(frozen=True)
class Review:
    """One person's review. `complete`: with it enough people agreed, and `action` holds.
    `text` is "" once the client is forgotten."""

    time: datetime
    action: Action
    reason: Reason
    author: str
    text: str
    complete: bool

    @classmethod
    def from_row(cls, row: Row[Any], cipher: Cipher | None) -> "Review":
        text = _decrypted(row, cipher, f"review {row.number}")
        return cls(row.time, row.action, row.reason, row.author, text, row.complete)


@dataclass(frozen=True)
class Report:
    """Completed reviews.

    overrides : how many, by (reason, author).
    agreement : the proportion of reviews that confirmed the decision; None without any.
    outcomes : how many, by (action, decision, outcome), as far as outcomes are known.
    """

    overrides: dict[tuple[str, str], int]
    agreement: float | None
    outcomes: dict[tuple[str, str, str], int]


def contest(database: Database, decision_id: str, words: str) -> None:
    """Keep that a client contests a decision. Raises `UnknownDecision`, `AlreadyContested`."""
    try:
        with database.write() as connection:
            cipher = _cipher(database, connection, decision_id)
            encrypted = _encrypted(cipher, f"contest {decision_id}", words)
            row = {"decision_id": decision_id, "time": datetime.now(UTC), "encrypted": encrypted}
            connection.execute(insert(contests), row)
    except IntegrityError:
        raise AlreadyContested(decision_id) from None


def review(
    database: Database,
    decision_id: str,
    *,
    action: Action,
    reason: Reason,
    author: str,
    text: str,
    reviewers: int = 1,
) -> Review:
    """Keep one person's review. It is complete once `reviewers` people gave the same action: two
    who differ need a third.

    Raises `UnknownDecision`, `AlreadyReviewed`.
    """
    try:
        with database.write() as connection:
            cipher = _cipher(database, connection, decision_id)
            of_decision = select(reviews).where(reviews.c.decision_id == decision_id)
            given = connection.execute(of_decision).all()
            if any(each.complete or each.author == author for each in given):
                raise AlreadyReviewed(decision_id)
            number = len(given) + 1
            complete = 1 + sum(each.action == action for each in given) >= reviewers
            new = Review(datetime.now(UTC), action, reason, author, text, complete)
            encrypted = _encrypted(cipher, f"review {number} {decision_id}", text)
            row = {"decision_id": decision_id, "number": number, "time": new.time, "action": action}
            row |= {"reason": reason, "author": author, "complete": complete}
            connection.execute(insert(reviews), row | {"encrypted": encrypted})
            return new
    except IntegrityError:  # another person was faster
        raise AlreadyReviewed(decision_id) from None


def report(database: Database, since: datetime, until: datetime) -> Report:
    """On the reviews that were completed at `since <= time < until`."""
    chosen = reviews.c.complete & (reviews.c.time >= since) & (reviews.c.time < until)
    overridden = reviews.c.action == "override"
    with database.read() as connection:
        overrides = connection.execute(
            select(reviews.c.reason, reviews.c.author, func.count())
            .where(chosen, overridden)
            .group_by(reviews.c.reason, reviews.c.author)
        )
        agreement = connection.scalar(
            select(func.avg(case((overridden, 0.0), else_=1.0))).where(chosen)
        )
        known = connection.execute(
            select(reviews.c.action, decisions.c.decision, outcomes.c.outcome, func.count())
            .select_from(
                reviews.join(decisions).join(outcomes, outcomes.c.decision_id == decisions.c.id)
            )
            .where(chosen)
            .group_by(reviews.c.action, decisions.c.decision, outcomes.c.outcome)
        )
        return Report(
            {(reason, author): count for reason, author, count in overrides},
            None if agreement is None else float(agreement),
            {(action, decision, outcome): count for action, decision, outcome, count in known},
        )


def notice(database: Database, decision_id: str, form: str, render: Callable[[], bytes]) -> bytes:
    """The notice of a decision: rendered once, and the same bytes ever after.

    form : what there is one notice of, such as "fr text/html", up to 64 characters.
    Raises `UnknownDecision`, also where the client was forgotten.
    """
    context = f"notice {form} {decision_id}"
    first = select(notices.c.encrypted).where(
        notices.c.decision_id == decision_id, notices.c.form == form
    )
    with database.write() as connection:
        cipher = _cipher(database, connection, decision_id)
        if cipher is None:
            raise UnknownDecision(decision_id)
        encrypted: bytes | None = connection.scalar(first)
        if encrypted is None:
            encrypted = cipher.encrypt(render(), context)
            row = {"decision_id": decision_id, "form": form, "time": datetime.now(UTC)}
            try:
                with connection.begin_nested():
                    connection.execute(insert(notices), row | {"encrypted": encrypted})
            except IntegrityError:  # another caller was faster
                encrypted = connection.execute(first).scalar_one()
        return cipher.decrypt(encrypted, context)


def _cipher(database: Database, connection: Connection, decision_id: str) -> Cipher | None:
    """The client's key, None once it was destroyed. Raises `UnknownDecision`."""
    key_id = None
    if is_id(decision_id):
        key_id = connection.scalar(
            select(decisions.c.client_key).where(decisions.c.id == decision_id)
        )
    if key_id is None:
        raise UnknownDecision(decision_id)
    return ciphers_for_reading(connection, database.keyring, [key_id]).get(key_id)


def _encrypted(cipher: Cipher | None, context: str, text: str) -> bytes:
    """Empty for a forgotten client, of which nothing is kept."""
    return cipher.encrypt(text.encode("utf-8", "surrogatepass"), context) if cipher else b""


def _decrypted(row: Row[Any], cipher: Cipher | None, context: str) -> str:
    if cipher is None or not row.encrypted:
        return ""
    content = cipher.decrypt(row.encrypted, f"{context} {row.decision_id}")
    return content.decode("utf-8", "surrogatepass")
