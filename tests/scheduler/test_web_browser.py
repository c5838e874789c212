"""The page in a real browser: nothing is loaded from elsewhere, it fits a phone, and it is dark in the dark."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from scheduler.web.app import make_app
from scheduler.web.feeds import Feeds
from storage import deliveries
from storage.archive import Archive
from storage.fates import Fates
from storage.model.articles import Article
from tests.press import BEGAN, Press
from tests.reading_room import rulebook, served
from tests.storage.desk import Desk
from tests.storage.watch import Watch

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="no chromium and chromedriver here: install the packages chromium, chromium-driver"
)

DEEP, LONG = "d" * 64, "w" * 200
RULES = f"""
[[rule]]
name = "{DEEP}"
query = "{"(a OR b " * 39}({LONG} OR ferry){")" * 39}"
channels = ["mail"]
[lists]
long = ["{LONG}"]
[[channel]]
name = "mail"
type = "webhook"
url = "http://127.0.0.1:9/"
"""
NOW = BEGAN + timedelta(hours=3)
PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
HOSTILE = (
    '<p>Met.</p><img src="https://tracker.example/p.png"><link rel=stylesheet href="https://tracker.example/s.css">'
)


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
async def url(store):
    press, archive = Press(store, judged=False), Archive(store)
    guid = press.publish(Article("Ferry to run all winter", "The council met on Sunday.", html=HOSTILE))
    press.publish(Article("W" * 300, "x" * 900, html=f"<pre>{'x' * 900}</pre><table><tr>{'<td>wide' * 60}</table>"))
    press.edit(guid, body="The council met on Monday.")
    press.source("Post", state="down", message="unreachable: " + "y" * 200)
    desk = Desk(Watch(store, NOW))
    desk.config(channels=("mail", "h" * 200))
    desk.raise_alerts(desk.unmatched(), channels=("mail", "h" * 200, "pager"), rules=("r" * 200, DEEP))
    desk.close()
    desk.pause("mail")
    due = desk.take("h" * 200)
    store.write(lambda connection: deliveries.give_up(connection, due, "e" * 300, NOW))

    def make(base_url):
        feeds = Feeds(archive, [], [], base_url, now=lambda: NOW)
        book = rulebook(store, RULES)
        return make_app(archive, Fates(store), feeds, list, base_url, "127.0.0.1", rulebook=book, now=lambda: NOW)

    async with served(make) as base_url:
        yield base_url


async def look(work):
    """Run what waits for the browser in a thread: the page is served in this loop."""
    return await asyncio.to_thread(work)


async def test_reader_finds_what_changed(browser, url):
    """From the first page a reader follows an article to its text and its change, in colour."""

    def read():
        browser.get(url)
        struck = browser.find_element(By.CSS_SELECTOR, ".changes del")
        assert struck.text == "Sunday"
        added = browser.find_element(By.CSS_SELECTOR, ".changes ins")
        assert struck.value_of_css_property("background-color") != added.value_of_css_property("background-color")
        browser.find_element(By.LINK_TEXT, "Ferry to run all winter").click()
        assert browser.find_element(By.CSS_SELECTOR, ".text").text.startswith("Met.")
        browser.find_element(By.LINK_TEXT, "revision 1").click()
        assert "This is revision 1" in browser.find_element(By.CSS_SELECTOR, ".notice").text

    await look(read)


async def test_reader_finds_why_an_alert_came(browser, url):
    """From the page of alerts to the reason, clause by clause, and on to the rule, without a script."""

    def read():
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        browser.get(url + "/alerts")
        browser.find_element(By.CSS_SELECTOR, "#alert-2").find_element(By.LINK_TEXT, "Why this?").click()
        assert browser.find_element(By.CSS_SELECTOR, ".clauses .found").text == "title: [Ferry] to run all winter"
        browser.find_element(By.LINK_TEXT, DEEP).click()
        assert browser.find_element(By.CSS_SELECTOR, "h1").text == DEEP
        browser.find_element(By.LINK_TEXT, "Rules").click()
        browser.find_element(By.ID, "has").send_keys("nothing of this kind", Keys.ENTER)
        assert browser.find_element(By.CSS_SELECTOR, ".none").text == "No rule has that in its name or its query."
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    await look(read)


async def test_nothing_is_loaded_from_elsewhere(browser, url):
    """No page asks another server for anything, and none breaks its own policy."""

    def read():
        browser.get_log("browser")
        browser.get(url)
        article = browser.find_element(By.LINK_TEXT, "Ferry to run all winter").get_attribute("href")
        ours = ("/changes", "/alerts", "/alerts/1", "/alerts/2", "/rules", "/sources", "/feeds")
        for path in (url, article, *(url + one for one in ours)):
            browser.get(path)
            loaded = browser.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
            assert loaded and all(one.startswith(url) for one in loaded)
        assert browser.get_log("browser") == []

    await look(read)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/changes",
        "/alerts",
        "/alerts/1",
        "/alerts/2",
        "/rules",
        f"/rules/{DEEP}",
        "/sources",
        "/feeds",
        "/article/00000000-0000-4000-8000-000000000001",
        "/article/00000000-0000-4000-8000-000000000002",
    ],
)
async def test_page_fits_a_phone(browser, url, path):
    """On a narrow screen nothing stands out to the side, however long the words."""

    def read():
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
        browser.get(url + path)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= PHONE["width"]
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    await look(read)


async def test_sliders_compare_any_two_revisions(browser, store):
    """By the keyboard and without another page: what lies between them, the text, and the address follow; a reader
    without eyes hears which revision it is."""
    press, archive = Press(store), Archive(store)
    guid = press.publish(Article("Ferry to run all winter", "The council met on Sunday."))
    press.edit(guid, body="The council met on Monday.")
    press.edit(guid, title="Ferry to run until spring")
    press.edit(guid, body="The council met on Tuesday.")

    def make(base_url):
        feeds = Feeds(archive, [], [], base_url, now=lambda: NOW)
        return make_app(
            archive, Fates(store), feeds, list, base_url, "127.0.0.1", rulebook=rulebook(store), now=lambda: NOW
        )

    def read(url):
        def slider(name):
            return browser.find_element(By.CSS_SELECTOR, f'input[type="range"][name="{name}"]')

        def marks():
            found = "[...document.querySelectorAll('#compared del, #compared ins')].map(one => one.textContent)"
            return browser.execute_script(f"return {found}")

        def until(wanted):
            WebDriverWait(browser, 180).until(lambda _: marks() == wanted)

        browser.get_log("browser")
        browser.get(f"{url}/article/{guid}")
        browser.execute_script("window.stays = true")
        assert marks() == ["Monday", "Tuesday"]
        assert slider("against").get_attribute("aria-valuetext") == "revision 3, 8 November 2026, 06:03 UTC"
        slider("against").send_keys(Keys.HOME)
        until(["all winter", "until spring", "Sunday", "Tuesday"])
        slider("revision").send_keys(Keys.ARROW_LEFT)
        until(["all winter", "until spring", "Sunday", "Monday"])
        assert browser.current_url.endswith("?revision=3&against=1")
        assert browser.find_element(By.CSS_SELECTOR, "#shown .text").text == "The council met on Monday."
        assert "This is revision 3" in browser.find_element(By.ID, "shown").text
        assert browser.switch_to.active_element.get_attribute("name") == "revision", "the focus stays"
        assert browser.execute_script("return window.stays")
        browser.refresh()
        assert (slider("against").get_attribute("value"), slider("revision").get_attribute("value")) == ("0", "2")
        assert browser.get_log("browser") == []

    def read_without_script(url):
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        browser.get(f"{url}/article/{guid}")
        assert not browser.find_elements(By.CSS_SELECTOR, 'input[type="range"]')
        browser.find_element(By.CSS_SELECTOR, 'nav[aria-label="From revision"] a[data-number="1"]').click()
        assert [one.text for one in browser.find_elements(By.CSS_SELECTOR, "#compared del")] == ["all winter", "Sunday"]
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    async with served(make) as url:
        await look(lambda: read(url))
        await look(lambda: read_without_script(url))


async def test_texts_run_as_their_script_does(browser, store):
    """An Arabic headline and its text run from the right on every page, whatever stands above them in English."""
    press, archive = Press(store), Archive(store)
    guid = press.publish(Article("وصول العبارة إلى الجزيرة", "وصلت العبارة يوم الأحد.", language="ar"))
    press.edit(guid, body="وصلت العبارة يوم الاثنين.")
    press.publish(Article("Ferry to run all winter", "The council met on Sunday.", language="en"))

    def make(base_url):
        feeds = Feeds(archive, [], [], base_url, now=lambda: NOW)
        return make_app(
            archive, Fates(store), feeds, list, base_url, "127.0.0.1", rulebook=rulebook(store), now=lambda: NOW
        )

    def read(url):
        for path in ("/", "/changes", "/search?q=العبارة"):
            browser.get(url + path)
            texts = browser.find_elements(By.CSS_SELECTOR, "article h3, article .lead, article .diff")
            assert any("العبارة" in text.text for text in texts), path
            for text in texts:
                runs = "ltr" if "Ferry" in text.text or "council" in text.text else "rtl"
                assert text.value_of_css_property("direction") == runs, (path, text.text)
            for ours in browser.find_elements(By.CSS_SELECTOR, "article .kicker, article .when"):
                assert ours.value_of_css_property("direction") == "ltr", (path, ours.text)

    async with served(make) as url:
        await look(lambda: read(url))


async def test_dark_where_the_reader_wants_it_dark(browser, url):
    """The page follows the reader's choice of light or dark."""

    def paper(scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        browser.get(url)
        return browser.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")

    def read():
        light, dark = paper("light"), paper("dark")
        assert light == "rgba(251, 249, 244, 1)"
        assert dark == "rgba(22, 21, 19, 1)"

    await look(read)
