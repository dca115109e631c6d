from datetime import UTC, date, datetime, timedelta

import pytest

from ledger import outcomes, reading, reviews
from ledger.errors import AlreadyContested, AlreadyReviewed, UnknownDecision
from ledger.outcomes import Outcome, ReportedOutcome
from tests.ledger.decisions import decision

NOW = datetime.now(UTC)


def give(database, decision_id, author="Ada", action="override", reviewers=1, reason="input_wrong"):
    return reviews.review(
        database,
        decision_id,
        action=action,
        reason=reason,
        author=author,
        text="The income was typed wrongly.",
        reviewers=reviewers,
    )


def waiting(database) -> list[str]:
    return [record.decision.id for record in reading.waiting_for_review(database)]


def test_a_contested_decision_waits_until_it_is_reviewed(ledger, database):
    kept = decision()
    ledger.keep([kept, decision()])
    reviews.contest(database, kept.id, "I earn more than that")
    assert waiting(database) == [kept.id]
    given = give(database, kept.id)
    assert given.complete
    assert waiting(database) == []
    record = reading.get(database, kept.id)
    assert record.decision == kept
    assert record.contest.words == "I earn more than that"
    assert record.reviews == (given,)


def test_a_decision_is_contested_once(ledger, database):
    kept = decision()
    ledger.keep([kept])
    reviews.contest(database, kept.id, "first")
    with pytest.raises(AlreadyContested):
        reviews.contest(database, kept.id, "second")
    assert reading.get(database, kept.id).contest.words == "first"


def test_a_second_person_is_needed_where_policy_asks_for_one(ledger, database):
    kept = decision()
    ledger.keep([kept])
    assert not give(database, kept.id, "Ada", reviewers=2).complete
    assert waiting(database) == [kept.id]
    with pytest.raises(AlreadyReviewed):
        give(database, kept.id, "Ada", reviewers=2)
    assert not give(database, kept.id, "Bob", "confirm", reviewers=2).complete
    assert give(database, kept.id, "Cleo", reviewers=2).complete
    with pytest.raises(AlreadyReviewed):
        give(database, kept.id, "Dan", reviewers=2)
    assert waiting(database) == []


@pytest.mark.parametrize("unknown", ["0193a5f0-0000-7000-8000-000000000000", "17"])
def test_an_unknown_decision_cannot_be_contested_or_reviewed(database, unknown):
    with pytest.raises(UnknownDecision):
        reviews.contest(database, unknown, "words")
    with pytest.raises(UnknownDecision):
        give(database, unknown)
    with pytest.raises(UnknownDecision):
        reviews.notice(database, unknown, "en", lambda: b"")


def test_the_report_counts_reasons_authors_agreement_and_outcomes(ledger, database):
    kept = [decision(str(client)) for client in range(4)]
    ledger.keep(kept)
    give(database, kept[0].id, "Ada")
    give(database, kept[1].id, "Ada")
    give(database, kept[2].id, "Bob", reason="policy_exception")
    give(database, kept[3].id, "Bob", "confirm", reason="decision_correct")
    day = date(2027, 11, 20)
    outcomes.record(
        database,
        [
            ReportedOutcome(kept[0].id, "", Outcome("repaid", day)),
            ReportedOutcome(kept[1].id, "", Outcome("defaulted", day)),
            ReportedOutcome(kept[3].id, "", Outcome("repaid", day)),
        ],
    )
    report = reviews.report(database, NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert report.overrides == {("input_wrong", "Ada"): 2, ("policy_exception", "Bob"): 1}
    assert report.agreement == 0.25
    assert report.outcomes == {
        ("override", "No", "repaid"): 1,
        ("override", "No", "defaulted"): 1,
        ("confirm", "No", "repaid"): 1,
    }
    nothing = reviews.report(database, NOW - timedelta(days=3), NOW - timedelta(days=2))
    assert nothing == reviews.Report({}, None, {})


def test_a_notice_stays_as_it_was_first_rendered(ledger, database):
    kept = decision()
    ledger.keep([kept])
    first = reviews.notice(database, kept.id, "fr text/html", lambda: "Cher Zoë".encode())
    again = reviews.notice(database, kept.id, "fr text/html", lambda: b"another template")
    assert first == again == "Cher Zoë".encode()
    assert reviews.notice(database, kept.id, "en text/html", lambda: b"Dear") == b"Dear"
