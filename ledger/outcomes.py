"""What became of the loans: outcomes by decision or by client, each recorded once."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal, get_args

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from ledger.clients import belongs_to
from ledger.database import Database
from ledger.decision import is_id
from ledger.errors import InvalidFile
from ledger.schema import decisions, outcomes

Result = Literal["repaid", "defaulted"]
Recorded = Literal["recorded", "unchanged", "conflict", "unknown"]
COLUMNS = ("decision", "client", "outcome", "date")


@dataclass(frozen=True)
class Outcome:
    outcome: Result
    date: date


@dataclass(frozen=True)
class ReportedOutcome:
    """Of a decision or a client (the one of them that is not ""), the outcome that was reported."""

    decision: str
    client: str
    outcome: Outcome


def record(database: Database, reports: Iterable[ReportedOutcome]) -> list[Recorded]:
    """Record outcomes, in one transaction; for each report what was done with it.

    A report by client is about the client's last decision made up to the day of the outcome.
    recorded: new. unchanged: it was there already. conflict: another outcome or date is there,
    and stays. unknown: there is no such decision or client, or the client was forgotten.
    """
    with database.write() as connection:
        return [_record(database, connection, report) for report in reports]


def _record(database: Database, connection: Connection, report: ReportedOutcome) -> Recorded:
    decision_id = _find(database, connection, report)
    if decision_id is None:
        return "unknown"
    of_decision = outcomes.c.decision_id == decision_id
    kept = select(outcomes.c.outcome, outcomes.c.date).where(of_decision)
    found = connection.execute(kept).one_or_none()
    if found is None:
        row = {"decision_id": decision_id, "outcome": report.outcome.outcome}
        row_times = {"date": report.outcome.date, "recorded": datetime.now(UTC)}
        try:
            with connection.begin_nested():
                connection.execute(insert(outcomes), row | row_times)
            return "recorded"
        except IntegrityError:  # another process was faster
            found = connection.execute(kept).one()
    return "unchanged" if Outcome(*found) == report.outcome else "conflict"


def _find(database: Database, connection: Connection, report: ReportedOutcome) -> str | None:
    if report.decision:
        named = select(decisions.c.id).where(decisions.c.id == report.decision)
        return connection.scalar(named) if is_id(report.decision) else None
    end = datetime.combine(report.outcome.date + timedelta(days=1), time(), UTC)
    return connection.scalar(
        select(decisions.c.id)
        .where(belongs_to(database.keyring, report.client), decisions.c.time < end)
        .order_by(decisions.c.time.desc(), decisions.c.id.desc())
        .limit(1)
    )


def read_csv(path: Path) -> Iterator[tuple[int, ReportedOutcome]]:
    """The reports of a file with the columns outcome, date (as in 2026-11-20) and decision or
    client, each with the number of its line. Raises `InvalidFile`, and OSError."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        table = csv.DictReader(file)
        columns = table.fieldnames or []
        missing = {"outcome", "date"} - set(columns)
        if missing or not {"decision", "client"} & set(columns):
            raise InvalidFile(path.name, 1, f"the columns must be of {', '.join(COLUMNS)}")
        for row in table:
            values = {name: (row.get(name) or "").strip() for name in COLUMNS}
            if bool(values["decision"]) == bool(values["client"]):
                raise InvalidFile(path.name, table.line_num, "needs a decision or a client")
            for result in get_args(Result):
                if values["outcome"] == result:
                    break
            else:
                raise InvalidFile(path.name, table.line_num, "outcome must be repaid or defaulted")
            try:
                day = date.fromisoformat(values["date"])
            except ValueError:
                raise InvalidFile(
                    path.name, table.line_num, "date must be as in 2026-11-20"
                ) from None
            outcome = Outcome(result, day)
            yield table.line_num, ReportedOutcome(values["decision"], values["client"], outcome)


def import_csv(database: Database, path: Path) -> tuple[Counter[Recorded], list[int]]:
    """Record a file. Returns how many reports met which end, and the lines of those that were in
    conflict or unknown. A file with an invalid line is not recorded at all."""
    lines = list(read_csv(path))
    results: list[Recorded] = []
    for first in range(0, len(lines), 500):
        results += record(database, [report for _, report in lines[first : first + 500]])
    left = [
        number
        for (number, _), result in zip(lines, results, strict=True)
        if result in ("conflict", "unknown")
    ]
    return Counter(results), left
