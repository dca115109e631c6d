from datetime import UTC, date, datetime

import pytest

from ledger import outcomes, reading
from ledger.errors import InvalidFile
from ledger.outcomes import Outcome, ReportedOutcome
from tests.ledger.decisions import decision

REPAID = Outcome("repaid", date(2027, 11, 20))
DEFAULTED = Outcome("defaulted", date(2027, 11, 20))


def test_an_outcome_is_recorded_once_and_never_overwritten(ledger, database):
    kept = decision()
    ledger.keep([kept])

    def record(outcome):
        return outcomes.record(database, [ReportedOutcome(kept.id, "", outcome)])

    assert record(REPAID) == ["recorded"]
    assert record(REPAID) == ["unchanged"]
    assert record(DEFAULTED) == ["conflict"]
    assert record(Outcome("repaid", date(2027, 11, 21))) == ["conflict"]
    assert reading.get(database, kept.id).outcome == REPAID


def test_a_clients_outcome_is_that_of_the_last_decision_before_it(ledger, database):
    kept = [
        decision("1", time=datetime(2027, month, 20, 23, 30, tzinfo=UTC)) for month in (1, 11, 12)
    ]
    ledger.keep(kept)
    assert outcomes.record(database, [ReportedOutcome("", "1", REPAID)]) == ["recorded"]
    found = [reading.get(database, each.id).outcome for each in kept]
    assert found == [None, REPAID, None]


@pytest.mark.parametrize("decision_id", ["0193a5f0-0000-7000-8000-000000000000", "17"])
def test_what_nobody_knows_is_reported(database, decision_id):
    reports = [ReportedOutcome(decision_id, "", REPAID), ReportedOutcome("", "9", REPAID)]
    assert outcomes.record(database, reports) == ["unknown", "unknown"]


def test_a_file_is_recorded_and_its_conflicts_are_listed(ledger, database, tmp_path):
    kept = [decision("1"), decision("2")]
    ledger.keep(kept)
    file = tmp_path / "outcomes.csv"
    file.write_text(
        "decision,client,outcome,date\n"
        f"{kept[0].id},,repaid,2027-11-20\n"
        ",2,defaulted,2027-11-20\n"
        f"{kept[1].id},,repaid,2027-11-20\n"
        ",3,repaid,2027-11-20\n"
    )
    counts, left = outcomes.import_csv(database, file)
    assert counts == {"recorded": 2, "conflict": 1, "unknown": 1}
    assert left == [4, 5]
    assert outcomes.import_csv(database, file)[0] == {"unchanged": 2, "conflict": 1, "unknown": 1}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("client,outcome\n1,repaid\n", 1),
        ("outcome,date\nrepaid,2027-11-20\n", 1),
        ("client,outcome,date\n1,repaid,2027-11-20\n2,lost,2027-11-20\n", 3),
        ("client,outcome,date\n1,repaid,20.11.2027\n", 2),
        ("client,outcome,date\n,repaid,2027-11-20\n", 2),
        ("", 1),
    ],
)
def test_an_invalid_file_is_refused_whole(ledger, database, tmp_path, content, line):
    kept = decision("1")
    ledger.keep([kept])
    file = tmp_path / "outcomes.csv"
    file.write_text(content)
    with pytest.raises(InvalidFile) as error:
        outcomes.import_csv(database, file)
    assert error.value.line == line
    assert reading.get(database, kept.id).outcome is None
