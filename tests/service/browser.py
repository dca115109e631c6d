"""A headless Chromium, and what a person does with the page."""

import json
import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

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
)
SECONDS = 30
WIDE, PHONE = (1280, 1000), (390, 844)
AXE = Path(__file__).parents[1] / "page/node_modules/axe-core/axe.min.js"
SET = """
const [field, value] = arguments;
field.value = value;
field.dispatchEvent(new Event("input", { bubbles: true }));
"""


@contextmanager
def chromium(profile, language="en"):
    """A browser that prefers `language`; `profile` is an empty folder."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={profile}", f"--lang={language}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(DRIVER, env=os.environ | {"LANGUAGE": language})
    driver = webdriver.Chrome(options, service)
    try:
        driver.set_window_size(*WIDE)
        yield Page(driver)
    finally:
        driver.quit()


class Page:
    """The page in a browser: what is on it, and what a person does there."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, url):
        self.driver.get_log("browser")  # of earlier pages
        self.driver.get(url)
        self.wait(lambda: not self.shown("loading"))
        return self

    def wait(self, condition):
        WebDriverWait(self.driver, SECONDS).until(lambda _: condition())

    def by_id(self, id_):
        return self.driver.find_element(By.ID, id_)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def shown(self, id_):
        return self.by_id(id_).is_displayed()

    def text(self, id_):
        """Once it is shown and not empty."""
        self.wait(lambda: self.shown(id_) and self.by_id(id_).text)
        return self.by_id(id_).text

    def field(self, name):
        return self.driver.find_element(By.NAME, name)

    def type(self, name, value):
        """Puts a value into a field, as typing or choosing does."""
        self.driver.execute_script(SET, self.field(name), str(value))

    def click(self, selector):
        found = self.driver.find_element(By.CSS_SELECTOR, selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()

    def paste(self, client):
        """Pastes a client, as JSON unless it is text."""
        self.click("#paste-open")
        text = client if isinstance(client, str) else json.dumps(client)
        self.driver.execute_script(SET, self.by_id("paste-text"), text)
        self.click("#paste-load")

    def score(self):
        """The words of the decision."""
        self.click("#submit")
        return self.answer()

    def answer(self):
        """The words of the decision, once the reasons are there too."""
        self.wait(lambda: self.by_id("result").get_attribute("aria-busy") is None)
        return self.text("decision")

    def example(self, name):
        self.click(f"[data-example={name}]")
        return self.answer()

    def unlock(self, key):
        self.by_id("key").clear()
        self.by_id("key").send_keys(key)
        self.click("#unlock button")
        self.wait(lambda: not self.shown("loading"))

    def overflow(self):
        """Pixels by which the page is wider than the screen."""
        return self.driver.execute_script(
            "return document.documentElement.scrollWidth - window.innerWidth"
        )

    def violations(self):
        """What axe finds serious or critical."""
        if not AXE.exists():
            pytest.skip("needs `npm ci` in tests/page")
        self.driver.execute_script(AXE.read_text())
        found = self.driver.execute_async_script(
            "axe.run().then((done) => arguments[0](done.violations))"
        )
        return [
            (one["id"], [node["target"] for node in one["nodes"]])
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]

    def problems(self):
        """What the browser has written to its console."""
        return self.driver.get_log("browser")

    def picture(self, name, width=WIDE[0]):
        """A picture of the whole page in the folder $SCREENSHOTS, where that is set."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.driver.execute_script("window.scrollTo(0, 0)")
            height = self.driver.execute_script("return document.documentElement.scrollHeight")
            self.driver.set_window_size(width, min(height + 150, 6000))
            self.driver.save_screenshot(str(Path(folder) / f"{name}.png"))
            self.driver.set_window_size(*(WIDE if width == WIDE[0] else PHONE))
