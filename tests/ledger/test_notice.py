"""The notice of a decision: what it says, in which form, and that it stays as it was."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ledger import reviews
from ledger.errors import NoLender
from ledger.notice import render
from ledger.settings import Settings
from tests.ledger.decisions import decision

REASON = {
    "code": "LOAN_AMOUNT",
    "feature": "AMT_CREDIT",
    "value": 406597.5,
    "contribution": -0.2,
    "sentence": {
        "en": "Solvency is lowered by the amount of the loan.",
        "fr": "Le niveau de solvabilité est abaissé par le montant du crédit.",
    },
}
CHANGE = {"column": "AMT_CREDIT", "from": 406597.5, "to": 301000.0}
EXPLANATION = {"counterfactuals": [{"changes": [CHANGE], "solvency": 0.5}]}
INPUTS = {"SK_ID_CURR": "155312", "AMT_CREDIT": 406597.5, "EXT_SOURCE_2": 0.25, "OWN_CAR_AGE": None}
MEDIA = ("application/json", "text/html", "text/plain")


def refused(reasons=1, explanation=EXPLANATION, inputs=INPUTS, **changes):
    return decision(
        reasons=json.dumps([REASON] * reasons),
        explanation=json.dumps(explanation),
        inputs=json.dumps(inputs),
        **changes,
    )


@pytest.fixture
def lender(tmp_path):
    return Settings(
        f"sqlite:///{tmp_path}/x.db",
        bytes(32),
        lender_name="Banque A & B",
        lender_contact="12 rue X, Paris",
    )


@pytest.fixture
def notice(lender):
    """A function: decision -> its notice as text."""

    def rendered(made, lang="en", media_type="text/plain", settings=lender, features=()):
        return render(made, lang, media_type, settings, features).decode()

    return rendered


@pytest.mark.parametrize("media_type", MEDIA[1:])
@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("en", ["refused", REASON["sentence"]["en"][:-1], "406,597.5", "301,000", "30 %", "48 %"]),
        (
            "fr",
            ["refusée", REASON["sentence"]["fr"][:-1], "406\u202f597,5", "30\xa0%"],
        ),
    ],
)
def test_it_gives_the_decision_its_reasons_and_the_way_to_a_yes(notice, lang, media_type, expected):
    made = refused()
    text = notice(made, lang, media_type)

    assert [each for each in expected if each not in text] == []
    assert made.id in text
    assert "12 rue X, Paris" in text


def test_as_json_it_has_the_same_facts(notice):
    made = refused()
    found = json.loads(notice(made, "fr", "application/json"))

    assert (found["id"], found["decision"], found["lang"]) == (made.id, "No", "fr")
    assert found["reasons"][0]["value"] == 406597.5
    assert found["reasons"][0]["reason"] == REASON["sentence"]["fr"]
    assert found["changes"][0][0]["value"] == 301000.0
    assert found["lender"] == {"name": "Banque A & B", "contact": "12 rue X, Paris"}


def test_the_known_data_stand_under_their_sources(notice):
    found = json.loads(notice(refused(), media_type="application/json"))["data"]
    form, agencies = ([each["column"] for each in group["values"]] for group in found)

    assert form == ["SK_ID_CURR", "AMT_CREDIT"]
    assert agencies == ["EXT_SOURCE_2"]


def test_a_client_s_number_is_no_amount(notice):
    assert "155312" in notice(refused(inputs={"SK_ID_CURR": 155312}, client="155312"))
    assert "155,312" not in notice(refused(inputs={"SK_ID_CURR": 155312}, client="155312"))


@pytest.mark.parametrize("reasons", [0, 3, 6])
def test_it_has_at_most_four_reasons(notice, reasons):
    made = refused(reasons)

    assert len(json.loads(notice(made, media_type="application/json"))["reasons"]) == min(
        reasons, 4
    )
    assert notice(made).count(REASON["sentence"]["en"][:-1]) == min(reasons, 4)


@pytest.mark.parametrize("media_type", MEDIA[1:])
@pytest.mark.parametrize("explanation", [None, {}, {"counterfactuals": []}])
def test_without_counterfactuals_nothing_is_said_of_them(notice, explanation, media_type):
    with_changes = notice(refused(), media_type=media_type)
    without = notice(refused(explanation=explanation), media_type=media_type)

    assert "changed the decision" in with_changes
    assert "changed the decision" not in without
    assert "review" in without


DISPLAYS = {
    "amount": 1234.5,
    "percent": 0.25,
    "flag": 1,
    "date": -10,
    "days_ago": -3,
    "months": 2,
    "none": 365243,
}


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("en", ["1,234.5", "25 %", "yes", "2026-11-10", "3 days before the application", "Cash"]),
        (
            "fr",
            ["1\u202f234,5", "25\xa0%", "oui", "3 jours avant la demande", "Liquide"],
        ),
    ],
)
def test_values_are_read_as_the_contract_says(notice, lang, expected):
    features = [
        {"name": name, "display": {"format": name, "label": {"en": f"the {name}"}}}
        for name in DISPLAYS
    ]
    features[-1]["display"]["format"] = "date"  # of a client without a job
    names = {"cash": {"en": "Cash", "fr": "Liquide"}}
    features.append({"name": "kind", "categories": ["card", "cash"], "display": {"names": names}})
    made = refused(
        inputs=DISPLAYS | {"kind": 1}, time=datetime(2026, 11, 20, 12, tzinfo=UTC), reasons=0
    )
    [group] = json.loads(notice(made, lang, MEDIA[0], features=features))["data"]
    texts = [value["text"] for value in group["values"]]

    assert [each for each in expected if each not in texts] == []
    assert "3026" not in "".join(texts)
    assert group["values"][0]["label"] == ("the amount" if lang == "en" else "amount")


def test_what_a_client_sent_is_escaped_in_html(notice):
    script = "<script>alert(1)</script>"
    made = refused(inputs={script: script}, client=script)
    html = notice(made, media_type="text/html")

    assert script not in html
    assert html.count("&lt;script&gt;") == 3
    assert "Banque A &amp; B" in html
    assert script in notice(made)


def test_a_yes_has_a_notice(notice):
    made = decision(decision="Yes", reasons="[]", warnings="null", inputs=json.dumps(INPUTS))

    assert "accepted" in notice(made)
    assert "Principal reasons" not in notice(made)


@pytest.mark.parametrize("missing", ["lender_name", "lender_contact"])
def test_without_someone_to_write_to_there_is_none(notice, lender, missing):
    with pytest.raises(NoLender, match="LENDER"):
        notice(refused(), settings=replace(lender, **{missing: ""}))


def test_a_lender_replaces_one_file_and_keeps_the_others(notice, lender, tmp_path):
    (tmp_path / "notice.txt.jinja").write_text("{{ words.title }}: {{ decision }}\n")
    own = replace(lender, notice_templates=tmp_path)

    assert notice(refused(), settings=own) == "Decision on your credit application: No\n"
    assert "<h1>" in notice(refused(), media_type="text/html", settings=own)


def test_it_is_the_same_bytes_after_the_template_changed(ledger, lender, tmp_path):
    made = refused()
    ledger.keep([made])
    template = tmp_path / "notice.txt.jinja"
    own = replace(lender, notice_templates=tmp_path)

    def asked():
        return reviews.notice(
            ledger.database,
            made.id,
            "en text/plain",
            lambda: render(made, "en", "text/plain", own),
        )

    template.write_text("first {{ client }}")
    first = asked()
    template.write_text("second")

    assert first == asked() == b"first 155312"
