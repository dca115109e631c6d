"""The page, as a loan officer's browser shows it."""

import os
import re
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from app.auth import digest_of, make_key

KEY = make_key()

BROWSER, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1200,1000",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if not (shutil.which(BROWSER) and shutil.which(DRIVER)):
        pytest.skip("needs Debian's chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, forwarding):
    browser.get_log("browser")  # what earlier pages left
    browser.get(forwarding.url)
    return browser


def by_id(page, id_):
    return page.find_element(By.ID, id_)


def submit(page):
    page.find_element(By.CSS_SELECTOR, "button[type=submit]").click()


def shown(page, id_):
    WebDriverWait(page, 30).until(lambda _: by_id(page, id_).is_displayed())
    return by_id(page, id_).text


def test_a_client_typed_in_gets_the_decision_that_the_routes_give(page, forwarding, model):
    fields = {field["name"]: field for field in model["features"][:12]}
    sent = {model["id"]: 155312}
    page.find_element(By.NAME, model["id"]).send_keys("155312")
    for name, field in fields.items():
        element = page.find_element(By.NAME, name)
        if field["kind"] == "category":
            Select(element).select_by_index(1)
            sent[name] = field["categories"][0]
        else:
            element.send_keys("1.5")
            sent[name] = 1.5
    submit(page)
    text = shown(page, "answer")
    said = forwarding.ask("POST", "/predict", {"data": sent}).json()["prediction"]
    level = forwarding.ask("POST", "/predict_proba", {"data": sent}).json()["prediction"]

    assert list(said) == ["client n°155312"]
    assert text.startswith(f"{said['client n°155312']}\nclient n°155312")
    assert f"{level['client n°155312']['niveau de solvabilité']:.3f}" in text
    assert "threshold" in by_id(page, "bar").get_attribute("aria-label")
    if "SCREENSHOT" in os.environ:
        page.save_screenshot(os.environ["SCREENSHOT"])


def test_a_whole_client_can_be_pasted(page, forwarding, make_client):
    client = make_client("pasted")
    page.find_element(By.TAG_NAME, "summary").click()
    page.execute_script(
        "document.getElementById('json').value = JSON.stringify(arguments[0])", client
    )
    submit(page)
    said = forwarding.ask("POST", "/predict", {"data": client}).json()["prediction"]

    assert shown(page, "answer").startswith(f"{said['client n°pasted']}\nclient n°pasted")


def test_the_decision_comes_with_its_reasons_and_what_is_known_of_the_client(
    page, forwarding, make_client
):
    client = make_client(7)
    page.find_element(By.TAG_NAME, "summary").click()
    page.execute_script(
        "document.getElementById('json').value = JSON.stringify(arguments[0])", client
    )
    submit(page)
    shown(page, "answer")
    asked = {"inputs": [client], "params": {"reasons": 4, "checks": True}}
    [said] = forwarding.ask("POST", "/invocations", asked).json()["predictions"]
    told = [one.text for one in by_id(page, "reasons").find_elements(By.TAG_NAME, "li")]
    warned = by_id(page, "warnings").text

    assert len(told) == len(said["reasons"]) > 0
    for line, reason in zip(told, said["reasons"], strict=True):
        assert line.startswith(reason["sentence"]["en"])
        assert f"{abs(reason['contribution']):.3f}" in line
    assert said["warnings"]
    assert all(warning["column"] in warned for warning in said["warnings"])
    assert f"{round(said['coverage'] * 100)} %" in by_id(page, "coverage").text


def test_a_value_that_is_no_number_is_pointed_out(page, model):
    name = next(f["name"] for f in model["features"][:12] if f["kind"] == "number")
    page.find_element(By.NAME, model["id"]).send_keys("1")
    page.find_element(By.NAME, name).send_keys("plenty")
    submit(page)

    assert f"{name}: expected a number" in shown(page, "error")
    assert page.find_element(By.NAME, name).get_attribute("aria-invalid") == "true"
    assert page.switch_to.active_element == page.find_element(By.NAME, name)
    assert not by_id(page, "answer").is_displayed()


def test_a_missing_id_is_pointed_out(page, model):
    submit(page)

    assert f"{model['id']}: expected an id" in shown(page, "error")


def test_nothing_comes_from_elsewhere_and_nothing_is_refused(page, forwarding):
    loaded = page.execute_script("return performance.getEntries().map(entry => entry.name)")

    assert all(name.startswith(forwarding.url) for name in loaded if "://" in name)
    assert page.get_log("browser") == []


def test_every_field_has_a_label_and_a_reader_hears_the_result(page):
    unlabelled = page.execute_script(
        "return [...document.querySelectorAll('input, select, textarea')]"
        ".filter(field => !field.labels.length).map(field => field.name)"
    )

    assert unlabelled == []
    assert by_id(page, "result").get_attribute("aria-live") == "polite"
    assert by_id(page, "error").get_attribute("role") == "alert"


@pytest.fixture(scope="module")
def guarded(serving, forwarding):
    """A service with a key, before the scoring server of another."""
    with serving(SCORER_URL=forwarding.url, API_KEYS=f"desk:{digest_of(KEY)}") as service:
        yield service.ready()


def test_the_form_asks_for_the_key_where_there_are_keys(browser, guarded, model):
    browser.get(guarded.url)
    browser.find_element(By.NAME, model["id"]).send_keys("1")
    browser.find_element(By.TAG_NAME, "summary").click()
    browser.find_element(By.ID, "json").send_keys('{"AMT_CREDIT": 450000}')
    submit(browser)
    assert "needs an API key" in shown(browser, "error")
    assert browser.switch_to.active_element == by_id(browser, "key")

    by_id(browser, "key").send_keys(KEY)
    submit(browser)
    assert shown(browser, "answer").startswith(("Yes", "No"))


def columns_drawn(page, model):
    WebDriverWait(page, 30).until(lambda _: page.find_elements(By.CSS_SELECTOR, "#columns tr"))
    rows = page.find_elements(By.CSS_SELECTOR, "#columns tr")
    assert len(rows) == len(model["features"]) + 1
    return [row.text for row in rows]


def test_docs_shows_every_route_and_column_without_a_word_from_elsewhere(
    browser, forwarding, model
):
    browser.get_log("browser")
    browser.get(f"{forwarding.url}/docs")
    rows = columns_drawn(browser, model)
    routes = [route.text for route in browser.find_elements(By.CSS_SELECTOR, "#routes h3")]
    loaded = browser.execute_script("return performance.getEntries().map(entry => entry.name)")

    assert any("training saw" in row for row in rows)
    assert {"POST /predict", "GET /health/ready"} < set(routes)
    assert all(name.startswith(forwarding.url) for name in loaded if "://" in name)
    assert browser.get_log("browser") == []
    if "SCREENSHOT" in os.environ:
        browser.save_screenshot(os.environ["SCREENSHOT"].replace(".png", "-docs.png"))


def test_docs_has_a_request_for_each_route_and_sends_it(browser, forwarding, model):
    browser.get(f"{forwarding.url}/docs")
    columns_drawn(browser, model)
    routes = browser.find_elements(By.CSS_SELECTOR, "#routes article")
    probability = by_id(browser, "predict_proba")
    asked, answered = probability.find_elements(By.TAG_NAME, "pre")
    browser.execute_script("arguments[0].textContent = ''", answered)
    probability.find_element(By.CLASS_NAME, "send").click()
    WebDriverWait(browser, 30).until(lambda _: answered.text)

    assert all("curl http://" in route.text for route in routes)
    assert f"curl {forwarding.url}/predict_proba" in asked.text
    assert "niveau de solvabilité" in answered.text
    assert not re.search(r"\d\.\d{6}", answered.text)


def test_docs_lists_each_error_once(browser, forwarding, model):
    browser.get(f"{forwarding.url}/docs")
    columns_drawn(browser, model)
    statuses = [
        cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "#errors td:first-child")
    ]

    assert {"400", "404", "413", "422", "431", "503"} < set(statuses)
    assert len(set(statuses)) == len(statuses)


def test_columns_are_found_by_name_meaning_and_category(browser, forwarding, model):
    browser.get(f"{forwarding.url}/docs")
    columns_drawn(browser, model)
    for wanted, name in (("amt_cred", "AMT_CREDIT"), ("Revolving", "NAME_CONTRACT_TYPE")):
        by_id(browser, "search").clear()
        by_id(browser, "search").send_keys(wanted)
        rows = browser.find_elements(By.CSS_SELECTOR, "#columns tr")

        assert [row.text.split()[0] for row in rows if row.is_displayed()] == [name]


def test_docs_shows_nothing_of_the_model_before_a_key_is_given(browser, guarded, model):
    browser.get(f"{guarded.url}/docs")
    assert not browser.find_elements(By.CSS_SELECTOR, "#columns tr")

    by_id(browser, "key").send_keys("wrong")
    submit(browser)
    assert "needs an API key" in shown(browser, "error")
    by_id(browser, "key").clear()
    by_id(browser, "key").send_keys(KEY)
    submit(browser)
    columns_drawn(browser, model)
