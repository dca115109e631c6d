"""Kept decisions on the page, as a loan officer reviews them."""

import base64
from zlib import crc32

import pytest

from app.auth import digest_of, make_key
from app.settings import Settings
from ledger.database import connect
from ledger.migration import upgrade
from tests.service.browser import PHONE, WIDE

DESK, SHOP = make_key(), make_key()
KEYS = f"desk:{digest_of(DESK)}:score+review,shop:{digest_of(SHOP)}"
LENDER = {"LENDER_NAME": "Example Bank", "LENDER_CONTACT": "1 High Street, Exampleton"}
WORDS = "My income is higher than stated."


@pytest.fixture(scope="module")
def keeping(serving, tmp_path_factory):
    """A service with a ledger and keys."""
    folder = tmp_path_factory.mktemp("ledger")
    environ = {
        "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
        "LEDGER_KEY": base64.b64encode(bytes(32)).decode(),
        "LEDGER_SPOOL": str(folder / "spool"),
        "LEDGER": "strict",
        "API_KEYS": KEYS,
        **LENDER,
    }
    database = connect(Settings.from_environ(environ).ledger)
    upgrade(database)
    database.close()
    with serving(SCORER="in-process", **environ) as service:
        yield service.ready()


@pytest.fixture
def ask(keeping):
    """A function: sends a request with the key that may review; the answer's JSON."""

    def send(method, path, body=None):
        return keeping.ask(method, path, body, X_API_Key=DESK).json()

    return send


@pytest.fixture
def refused(ask, typical, model, request):
    """The id of a No on a client of the test's own."""
    client = {**typical, "EXT_SOURCE_2": 0.25, "EXT_SOURCE_3": 0.25}
    client[model["id"]] = crc32(request.node.name.encode())
    [made] = ask("POST", "/decisions", {"data": client})
    assert made["decision"] == "No"
    return made["id"]


@pytest.fixture
def page(browser, keeping):
    """With the key given."""
    browser.driver.get("about:blank")
    browser.open(keeping.url)
    if browser.shown("unlock"):
        browser.unlock(DESK)
    return browser


def open_record(page, id_):
    page.driver.execute_script("location.hash = `decision/${arguments[0]}`", id_)
    page.text("record-title")
    page.wait(lambda: id_ in page.by_id("record-facts").get_attribute("textContent"))


def search(page, **fields):
    """The texts of the rows that are found."""
    for name in ("client", "decision", "from", "until"):
        field = page.driver.find_element("css selector", f"#records-search [name={name}]")
        page.driver.execute_script("arguments[0].value = arguments[1]", field, fields.get(name, ""))
    page.driver.execute_script("arguments[0].textContent = ''", page.by_id("records-count"))
    page.click("#records-search [type=submit]")
    page.text("records-count")
    return [row.text for row in page.all("#records-rows tr")]


def test_a_decision_made_on_the_page_leads_to_its_record(page, ask, typical):
    page.paste({**typical, "EXT_SOURCE_2": 0.25, "EXT_SOURCE_3": 0.25})
    assert page.score() == "No"
    page.picture("kept")
    page.click("#number a")
    assert "155312" in page.text("record-title")
    id_ = page.driver.current_url.rpartition("/")[2]
    record = ask("GET", f"/decisions/{id_}")

    assert page.text("record-decision") == "No"
    assert f"{record['solvency']:.3f}" in page.text("record-levels")
    assert len(page.all("#record-reasons li")) == len(record["reasons"])
    page.click("#record-values-title")
    assert "Amount of the loan" in page.text("record-values")
    page.picture("record")
    page.type("AMT_CREDIT", "1234567")
    page.wait(lambda: page.shown("what-if"))
    page.answer()
    assert not page.by_id("number").text
    assert page.problems() == []


def test_decisions_are_found_by_client_decision_and_day(page, ask, typical, model):
    accepted = {**typical, model["id"]: 300001}
    ask("POST", "/decisions", {"data": [accepted]})
    ask("POST", "/decisions", {"data": {**accepted, "EXT_SOURCE_2": 0.25, "EXT_SOURCE_3": 0.25}})
    today = page.driver.execute_script("return new Date().toLocaleDateString('sv')")

    assert len(search(page, client="300001")) == 2
    [row] = search(page, client="300001", decision="Yes")
    assert "Yes" in row
    assert len(search(page, client="300001", **{"from": today, "until": today})) == 2
    assert search(page, client="300001", until="2020-01-01") == []
    page.picture("records")
    page.click("#records-queue")


def test_more_than_a_page_of_decisions_is_shown_on_demand(page, ask, typical, model):
    clients = [{**typical, model["id"]: 400001 + number} for number in range(60)]
    ask("POST", "/decisions", {"data": clients})
    before = len(search(page, decision="Yes"))
    page.click("#records-more")

    assert before == 50
    page.wait(lambda: len(page.all("#records-rows tr")) >= 60)


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Your application was refused"), ("fr", "a été refusée")]
)
def test_the_notice_is_read_in_the_clients_language_and_printed(page, refused, lang, said):
    open_record(page, refused)
    page.click("#notice-open")
    page.driver.execute_script(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change'))",
        page.by_id("notice-lang"), lang,
    )  # fmt: skip
    page.wait(lambda: said in page.by_id("notice-text").text)
    assert LENDER["LENDER_NAME"] in page.text("notice-text")
    page.picture(f"notice-{lang}")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert page.shown("notice-text")
    assert not page.shown("app")
    assert not page.shown("notice-print")
    page.picture(f"notice-{lang}-print", 800)
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    page.driver.set_window_size(*WIDE)
    assert page.problems() == []


def test_a_contest_waits_in_the_queue_until_it_is_reviewed(page, ask, refused):
    open_record(page, refused)
    page.driver.find_element("css selector", "#contest textarea").send_keys(WORDS)
    page.click("#contest [type=submit]")
    page.wait(lambda: WORDS in page.text("record-history"))
    assert not page.shown("contest")
    page.click("#record-close")
    page.wait(lambda: not page.shown("record"))
    assert "contested" in page.text("records-rows")
    page.picture("queue")

    page.click(f"#records-rows a[href$='{refused}']")
    page.text("record-title")
    page.type("action", "override")
    page.type("reason", "income_verified")
    page.field("author").send_keys("4711")
    page.driver.find_element("css selector", "#review textarea").send_keys("Two payslips.")
    page.picture("review")
    page.click("#review [type=submit]")
    page.wait(lambda: "4711" in page.text("record-history"))
    [review] = ask("GET", f"/decisions/{refused}")["reviews"]

    assert (review["action"], review["reason"]) == ("override", "income_verified")
    assert "Two payslips." in page.text("record-history")
    assert not page.shown("review")
    page.wait(lambda: not page.all(f"#records-rows a[href$='{refused}']"))
    page.picture("reviewed")
    assert page.problems() == []


def test_in_french_a_record_is_french(make_browser, keeping, refused, ask):
    ask("POST", f"/decisions/{refused}/contest", {"text": "Mes revenus sont plus élevés."})
    with make_browser("fr") as page:
        page.open(keeping.url).unlock(DESK)
        assert "contestée" in page.text("records-rows")
        open_record(page, refused)
        assert page.text("record-decision") == "Non"
        assert "contestée par le client" in page.text("record-history")
        assert "revenus vérifiés" in page.text("review-reason")
        page.picture("record-french")
        assert page.problems() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_a_record_and_its_notice(page, refused, scheme):
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    search(page, decision="No")
    open_record(page, refused)
    found = page.violations()
    page.picture(f"record-{scheme}")
    page.click("#notice-open")
    page.text("notice-text")

    assert found + page.violations() == []
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_on_a_phone_a_record_is_no_wider_than_the_screen(page, refused):
    page.driver.set_window_size(*PHONE)
    search(page, decision="No")
    open_record(page, refused)

    assert page.overflow() <= 0
    page.picture("record-phone", PHONE[0])
    page.driver.set_window_size(*WIDE)


def test_an_unknown_decision_is_named(page):
    page.driver.execute_script("location.hash = 'decision/unknown'")

    assert "no such decision" in page.text("record-error")


def test_a_key_that_may_not_review_sees_no_records(make_browser, keeping):
    with make_browser("en") as page:
        page.open(keeping.url).unlock(SHOP)
        page.example("exampleYes")
        page.click("#submit")
        page.text("number")

        assert not page.all("#number a")
        assert not page.shown("records")
        assert not page.shown("records-link")
        assert page.problems() == []
