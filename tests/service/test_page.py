"""The page, as a loan officer's browser shows it."""

import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from selenium.webdriver.common.by import By

from app.auth import digest_of, make_key
from tests.service.browser import PHONE, WIDE

KEY = make_key()


@pytest.fixture
def page(browser, forwarding):
    return browser.open(forwarding.url)


def asked(service, client, **params):
    """What /predict_proba answers: solvency, threshold, and all."""
    answer = service.ask("POST", "/predict_proba", {"data": client, "params": params}).json()
    [levels] = answer["prediction"].values()
    return levels["niveau de solvabilité"], levels["seuil"], answer


def test_the_inputs_of_most_weight_come_first_in_groups_with_labels(page, model):
    by_weight = sorted(model["features"], key=lambda feature: -feature["weight"])
    first = {field.get_attribute("data-column") for field in page.all("#essential .field")}

    assert by_weight[0]["name"] in first
    weight = sum(feature["weight"] for feature in by_weight if feature["name"] in first)
    assert 0.8 <= weight < 0.8 + max(feature["weight"] for feature in by_weight)
    assert "THE LOAN" in [legend.text.upper() for legend in page.all("#essential legend")]
    labels = [label.text for label in page.all("#essential .field > span")]
    assert all(labels)
    assert not any(label.isupper() for label in labels)
    page.picture("form")


def test_an_example_is_scored_with_one_click(page):
    said = page.example("exampleYes")
    levels = page.text("levels")
    page.wait(lambda: page.all("#reasons-for li"))

    assert said == "Yes"
    assert "Threshold" in levels
    assert page.all("#scale svg[role=img]")
    assert page.all("#reasons-against li")
    page.picture("yes")


def test_a_client_typed_in_gets_the_decision_that_the_routes_give(page, forwarding, model):
    page.type(model["id"], "155312")
    page.type("AMT_CREDIT", "450,000.50")
    page.type("EXT_SOURCE_2", "0.6")
    page.type("DAYS_BIRTH", "1980-05-17")
    page.type("NAME_CONTRACT_TYPE", "Cash loans")
    page.score()
    code = page.by_id("curl").get_attribute("textContent")
    sent = json.loads(re.search(r"-d '(.*)'", code).group(1))["data"]
    solvency, threshold, _ = asked(forwarding, sent)

    assert (sent[model["id"]], sent["AMT_CREDIT"], sent["EXT_SOURCE_2"]) == (155312, 450000.5, 0.6)
    assert -20000 < sent["DAYS_BIRTH"] < -15000
    assert f"{solvency:.3f}" in page.text("levels")
    assert f"{threshold:.3f}" in page.text("levels")
    assert str(155312) in page.text("who")


def test_too_little_known_is_neither_a_yes_nor_a_no(page, model):
    page.type(model["id"], "1")
    page.type("AMT_CREDIT", "450000")

    assert page.score() == "Not enough is known"


def test_a_whole_client_can_be_pasted_as_json_or_csv(page, forwarding, typical, model):
    page.paste(typical)
    page.score()
    solvency, _, _ = asked(forwarding, typical)
    assert f"{solvency:.3f}" in page.text("levels")

    page.paste(",".join(typical) + "\n" + ",".join(f"{value}" for value in typical.values()))
    assert page.field("AMT_CREDIT").get_attribute("value") == f"{typical['AMT_CREDIT']:,.0f}"
    page.score()
    assert f"{solvency:.3f}" in page.text("levels")
    page.click("#clear")
    assert page.field(model["id"]).get_attribute("value") == ""
    assert not page.shown("answer")


def test_reasons_for_and_against_come_with_the_clients_own_values(page, forwarding, typical):
    page.paste(typical)
    page.score()
    page.wait(lambda: page.all("#reasons-for .bar") and page.all("#reasons-against .bar"))
    _, _, answer = asked(forwarding, typical, reasons=5)
    [reasons] = answer["reasons"].values()
    side = "for" if reasons[0]["contribution"] > 0 else "against"
    drawn = [row.text for row in page.all(f"#reasons-{side} li")]

    assert len(drawn) == len(reasons)
    for row, reason in zip(drawn, reasons, strict=True):
        assert f"{100 * abs(reason['contribution']):.1f}" in row


def test_an_unlikely_value_is_pointed_out(page, typical):
    page.paste(typical | {"AMT_CREDIT": 1e12})
    page.score()

    assert "Amount of the loan" in page.text("warnings")


def test_a_changed_value_is_scored_as_one_types_and_the_last_answer_counts(
    page, forwarding, typical
):
    page.paste(typical)
    page.score()
    before = page.text("levels")
    for amount in ("1", "12", "123", "1234567"):
        page.type("AMT_CREDIT", amount)
    page.wait(lambda: page.shown("what-if") and page.text("levels") != before)
    page.answer()
    solvency, _, _ = asked(forwarding, typical | {"AMT_CREDIT": 1234567})

    assert f"{solvency:.3f}" in page.text("levels")
    assert "1,234,567" in page.text("changed")
    assert "points" in page.text("change")
    page.picture("what-if")
    page.click("#undo")
    page.wait(lambda: page.text("levels") == before)
    assert not page.shown("what-if")


def test_a_value_that_is_no_number_is_pointed_out(page, model):
    page.type(model["id"], "1")
    page.type("AMT_CREDIT", "plenty")
    page.click("#submit")

    assert "Amount of the loan" in page.text("error")
    assert page.field("AMT_CREDIT").get_attribute("aria-invalid") == "true"
    assert page.driver.switch_to.active_element == page.field("AMT_CREDIT")
    assert not page.shown("answer")
    page.picture("wrong-value")


def test_a_missing_id_is_pointed_out(page, model):
    page.click("#submit")

    assert "number" in page.text("error")
    assert page.driver.switch_to.active_element == page.field(model["id"])


def test_the_other_inputs_are_found_by_label_and_column(page):
    page.click("#more summary")
    for wanted in ("Owns a car", "flag_own"):
        page.driver.execute_script("arguments[0].value = ''", page.by_id("search"))
        page.by_id("search").send_keys(wanted)
        shown = [field for field in page.all("#more .field[data-column]") if field.is_displayed()]

        assert [field.get_attribute("data-column") for field in shown] == ["FLAG_OWN_CAR"]


def test_nothing_comes_from_elsewhere_and_nothing_is_refused(page, forwarding):
    page.example("exampleYes")
    loaded = page.driver.execute_script("return performance.getEntries().map(entry => entry.name)")

    assert all(name.startswith(forwarding.url) for name in loaded if "://" in name)
    assert page.problems() == []


REFUSED = {"EXT_SOURCE_1": 0.05, "EXT_SOURCE_2": 0.02, "EXT_SOURCE_3": 0.02}


def test_a_no_shows_the_changes_that_lead_to_a_yes_and_tries_one(page, forwarding, typical):
    params = forwarding.ask("GET", "/model").json()["params"]
    if "counterfactuals" not in params:
        pytest.skip("the model looks for none")
    refused = typical | {"EXT_SOURCE_2": 0.25, "EXT_SOURCE_3": 0.25}
    page.paste(refused)
    assert page.score() == "No"
    page.wait(lambda: page.all("#counterfactuals li"))
    page.picture("no")
    if page.all("#counterfactuals button"):
        page.click("#counterfactuals button")
        page.wait(lambda: page.by_id("decision").text == "Yes")
        assert page.text("changed")


def test_the_page_shows_where_the_client_stands(page, forwarding, typical):
    page.paste(typical)
    page.score()
    if forwarding.ask("GET", "/model").json()["solvency_histogram"] is None:
        assert not page.shown("stands-part")
        return

    assert page.all("#stands svg rect.repaid")
    assert "%" in page.text("stands-text")


def test_in_french_everything_is_french(make_browser, forwarding, typical):
    with make_browser("fr") as page:
        page.open(forwarding.url)
        assert "Montant du crédit" in page.text("essential")
        page.paste(typical)
        page.type("AMT_CREDIT", "450 000,50")
        assert page.score() in {"Oui", "Non"}
        page.wait(lambda: page.all("#reasons-for .bar"))
        assert '"AMT_CREDIT":450000.5' in page.by_id("curl").get_attribute("textContent")
        page.type("AMT_CREDIT", "beaucoup")
        page.click("#submit")
        assert "un nombre est attendu" in page.text("error")
        page.type("AMT_CREDIT", "1e12")
        page.score()
        assert "très éloigné" in page.text("warnings")
        page.picture("french")
        page.click("#language")
        page.wait(lambda: page.by_id("language").text == "Français")
        assert "Amount of the loan" in page.text("essential")
        assert page.problems() == []


def test_many_clients_are_scored_sorted_and_downloaded(page, forwarding, typical, model, tmp_path):
    clients = [typical | {model["id"]: number} for number in range(1, 451)]
    clients[1] |= {"AMT_CREDIT": "plenty"}
    clients[2] |= REFUSED
    clients[3][model["id"]] = "=1+1"
    lines = [";".join(typical), *(";".join(map(str, client.values())) for client in clients)]
    file = tmp_path / "clients.csv"
    file.write_text("\n".join(line.replace(".", ",") for line in lines))
    page.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    page.by_id("many-file").send_keys(str(file))
    page.wait(lambda: page.shown("many-result") and not page.shown("many-progress"))
    assert "450 clients" in page.text("many-summary")
    assert "1 could not be scored" in page.text("many-summary")
    page.click("#many-head th[data-column=solvency] button")
    least = page.all("#many-rows tr")[0].text.split()
    assert least[0] == "3"
    solvency, _, _ = asked(forwarding, typical | REFUSED)
    assert least[1] == f"{solvency:.3f}"
    page.picture("many")
    page.click("#many-download")
    saved = tmp_path / "scores.csv"
    page.wait(saved.exists)
    rows = saved.read_text().splitlines()

    assert len(rows) == 451
    assert rows[4].startswith("'=1+1,")
    assert "Amount of the loan" in rows[2]
    page.click("#many-rows tr button")
    assert page.field(model["id"]).get_attribute("value") == "3"


def test_a_parquet_file_is_scored_too_and_a_broken_one_is_named(page, typical, model, tmp_path):
    rows = [typical | {model["id"]: number} for number in (1, 2)]
    good, bad = tmp_path / "good.parquet", tmp_path / "bad.parquet"
    pq.write_table(pa.Table.from_pylist(rows), good)
    bad.write_bytes(b"PAR1 and nothing more")
    page.by_id("many-file").send_keys(str(good))
    page.wait(lambda: len(page.all("#many-rows tr")) == 2)
    page.by_id("many-file").send_keys(str(bad))

    assert page.text("many-error")


def test_the_printed_sheet_has_the_decision_and_the_values_and_no_form(page, typical):
    page.paste(typical)
    page.score()
    page.wait(lambda: page.all("#reasons-for .bar"))
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})

    assert not page.shown("client")
    assert not page.shown("many")
    assert "Amount of the loan" in page.text("values")
    assert page.shown("decision")
    page.picture("print", 800)
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    page.driver.set_window_size(*WIDE)


def test_a_service_that_is_gone_is_named_and_asked_again(browser, serving, forwarding):
    with serving(SCORER_URL=forwarding.url) as service:
        browser.open(service.ready().url)
        browser.example("exampleYes")
    browser.click("#submit")

    assert "does not answer" in browser.text("error")
    assert browser.shown("retry")
    assert not browser.shown("answer")
    browser.picture("service-down")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page, scheme):
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    found = page.violations()
    page.example("exampleYes")
    page.click("#programs summary")
    page.wait(lambda: page.all("#reasons-for .bar"))

    assert found + page.violations() == []
    page.picture(scheme)
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_on_a_phone_nothing_is_wider_than_the_screen(page):
    page.driver.set_window_size(*PHONE)
    page.example("exampleYes")

    assert page.overflow() <= 0
    page.picture("phone", PHONE[0])
    page.driver.set_window_size(*WIDE)


@pytest.fixture(scope="module")
def guarded(serving, forwarding):
    """A service with a key, before the scoring server of another."""
    with serving(SCORER_URL=forwarding.url, API_KEYS=f"desk:{digest_of(KEY)}") as service:
        yield service.ready()


def test_the_page_asks_for_the_key_where_there_are_keys(browser, guarded):
    browser.open(guarded.url)
    assert not browser.shown("app")
    browser.picture("key")
    for key in ("wrong", KEY):
        browser.unlock(key)
        assert browser.shown("app") == (key == KEY)

    assert browser.example("exampleYes") == "Yes"
    kept = browser.driver.execute_script(
        "return [sessionStorage.length, JSON.stringify(localStorage)]"
    )
    assert kept[0] == 1
    assert KEY not in kept[1]
    browser.click("#forget")
    browser.wait(lambda: browser.shown("unlock"))


def test_the_model_card_opens_over_the_page_and_closes(browser, guarded):
    browser.open(guarded.url)
    if browser.shown("unlock"):
        browser.unlock(KEY)
    browser.click("#card-link")
    assert "business cost" in browser.text("card-text").lower()
    browser.picture("card")
    browser.click("#card-close")
    assert not browser.shown("card")
    assert browser.problems() == []


def columns_drawn(page, model):
    page.wait(lambda: page.all("#columns tr"))
    rows = page.all("#columns tr")
    assert len(rows) == len(model["features"]) + 1
    return [row.text for row in rows]


def test_docs_shows_every_route_and_column_without_a_word_from_elsewhere(
    browser, forwarding, model
):
    browser.problems()
    browser.driver.get(f"{forwarding.url}/docs")
    rows = columns_drawn(browser, model)
    routes = [route.text for route in browser.all("#routes h3")]
    loaded = browser.driver.execute_script(
        "return performance.getEntries().map(entry => entry.name)"
    )

    assert any("training saw" in row for row in rows)
    assert {"POST /predict", "GET /health/ready"} < set(routes)
    assert all(name.startswith(forwarding.url) for name in loaded if "://" in name)
    assert browser.problems() == []
    browser.picture("docs")


def test_docs_has_a_request_for_each_route_and_sends_it(browser, forwarding, model):
    browser.driver.get(f"{forwarding.url}/docs")
    columns_drawn(browser, model)
    routes = browser.all("#routes article")
    probability = browser.by_id("predict_proba")
    asked, answered = probability.find_elements(By.TAG_NAME, "pre")
    browser.driver.execute_script("arguments[0].textContent = ''", answered)
    probability.find_element(By.CLASS_NAME, "send").click()
    browser.wait(lambda: answered.text)

    assert all("curl http://" in route.text for route in routes)
    assert f"curl {forwarding.url}/predict_proba" in asked.text
    assert "niveau de solvabilité" in answered.text
    assert not re.search(r"\d\.\d{6}", answered.text)


def test_docs_lists_each_error_once(browser, forwarding, model):
    browser.driver.get(f"{forwarding.url}/docs")
    columns_drawn(browser, model)
    statuses = [cell.text for cell in browser.all("#errors td:first-child")]

    assert {"400", "404", "413", "422", "431", "503"} < set(statuses)
    assert len(set(statuses)) == len(statuses)


def test_columns_are_found_by_name_meaning_and_category(browser, forwarding, model):
    browser.driver.get(f"{forwarding.url}/docs")
    columns_drawn(browser, model)
    for wanted, name in (("amt_cred", "AMT_CREDIT"), ("Revolving", "NAME_CONTRACT_TYPE")):
        browser.by_id("search").clear()
        browser.by_id("search").send_keys(wanted)
        rows = browser.all("#columns tr")

        assert [row.text.split()[0] for row in rows if row.is_displayed()] == [name]


def test_docs_shows_nothing_of_the_model_before_a_key_is_given(browser, guarded, model):
    browser.driver.get(f"{guarded.url}/docs")
    assert not browser.all("#columns tr")

    browser.by_id("key").send_keys("wrong")
    browser.click("#unlock button")
    assert "needs an API key" in browser.text("error")
    browser.by_id("key").clear()
    browser.by_id("key").send_keys(KEY)
    browser.click("#unlock button")
    columns_drawn(browser, model)
