"""A tablet at an event, in Chromium: no line, one person after another, nothing left to read."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

from consult.database import Database
from consult.questionnaire.loading import load
from tests.conftest import SURVEYS, published
from tests.e2e.conftest import Site, apart, await_health, free_port
from tests.e2e.test_every_page import fill
from tests.e2e.test_resident import no_violation, sign_in

MARK = "MARKEDANSWER"
READ_QUEUE = """() => new Promise((resolve) => {
  const asked = indexedDB.open("consult-kiosk");
  asked.onsuccess = () => {
    const all = asked.result.transaction("parcels").objectStore("parcels").getAll();
    all.onsuccess = () => resolve(JSON.stringify(all.result));
  };
})"""
#: Parcels of nothing, to fill the queue to ``count``.
FILL_QUEUE = """(count) => new Promise((resolve) => {
  const asked = indexedDB.open("consult-kiosk");
  asked.onsuccess = () => {
    const transaction = asked.result.transaction("parcels", "readwrite");
    const store = transaction.objectStore("parcels");
    for (let n = 0; n < count; n += 1) {
      store.put({ id: crypto.randomUUID(), key: "", iv: "AAAAAAAAAAAAAAAA", data: "" });
    }
    transaction.oncomplete = resolve;
  };
})"""


class Line:
    """A second service on the site's database, which a test can take away and bring back."""

    def __init__(self, site: Site) -> None:
        self.port = free_port()
        self.site = Site(f"http://127.0.0.1:{self.port}", site.database_url)
        self.process: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        environment = {
            **os.environ,
            "DATABASE_URL": self.site.database_url,
            "CONSULT_PORT": str(self.port),
            "CONSULT_INSECURE_COOKIES": "1",
        }
        command = [sys.executable, "-m", "consult", "serve"]
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
        await_health(self.site.address, self.process)

    def down(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None


@pytest.fixture(scope="module")
def line(site: Site) -> Iterator[Line]:
    made = Line(site)
    made.up()
    yield made
    made.down()


@contextmanager
def offline(line: Line, context: BrowserContext) -> Iterator[None]:
    """No line: the browser is told so, and nobody answers."""
    context.set_offline(True)
    line.down()
    try:
        yield
    finally:
        line.up()
        context.set_offline(False)


def rows(site: Site, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    async def read() -> None:
        database = Database(site.database_url)
        async with database.reading() as session:
            found.extend(dict(r) for r in (await session.execute(text(query))).mappings())
        await database.close()

    apart(lambda: asyncio.run(read()))
    return found


RESPONSES = """SELECT r.id::text, language, answers::text AS answers FROM response r
    JOIN survey_version v ON v.id = version_id WHERE channel = 'kiosk' AND survey_slug = '{}'"""


def set_up(context: BrowserContext, site: Site, slug: str, look: bool = False) -> Page:
    """A designer makes this device a kiosk."""
    page = context.new_page()
    sign_in(page, site, "designer@example.org")
    page.goto(f"{site.address}/staff/kiosk/{slug}")
    if look:
        no_violation(page)
    page.get_by_label("Which event").fill("Rugby market")
    page.get_by_role("button", name="Make it a kiosk").click()
    page.wait_for_url(f"{site.address}/kiosk/{slug}")
    ready(page)
    return page


def ready(page: Page) -> None:
    page.wait_for_selector("body[data-ready]")


def answer(page: Page, language: str = "", words: str = MARK, look: bool = False) -> None:
    """One person, from the start screen to the thanks."""
    if language:
        page.locator(f"[data-language={language}]").click()
    page.locator("[data-do=start]").click()
    for number in range(40):
        if page.locator("[data-do=send]").count():
            break
        fill(page)
        for area in page.locator("main textarea, input[name=matters_other]").all():
            if area.get_attribute("name") == "matters_other":
                page.locator("input[value=other]").check()
            area.fill(words)
        if page.locator("select[name=work]").count():
            page.locator("select[name=work]").select_option("nurse")  # of farmers there are enough
        if look and number % 5 == 0:  # the fields are the web's own, looked at there
            no_violation(page)
        page.locator("main form button").click()
        expect(page.locator(".govuk-error-summary")).to_have_count(0)
    if look:
        no_violation(page)
    page.locator("[data-do=send]").click()
    expect(page.locator(".govuk-panel")).to_be_visible()


def waiting(page: Page, count: int) -> None:
    expect(page.locator("#waiting")).to_have_attribute("data-count", str(count), timeout=45_000)


def publish_poll(site: Site) -> None:
    async def publish() -> None:
        database = Database(site.database_url)
        await published(database, load(SURVEYS / "poll"))
        await database.close()

    apart(lambda: asyncio.run(publish()))


def test_recording_offline_votes(browser: Browser, line: Line) -> None:
    context = browser.new_context()
    context.set_default_timeout(15_000)
    publish_poll(line.site)
    page = set_up(context, line.site, "poll")
    assert [cookie["name"] for cookie in context.cookies()] == ["consult_kiosk"]
    with offline(line, context):
        page.reload()
        ready(page)
        answer(page, words=f"{MARK}one")
        waiting(page, 1)
        page.locator("[data-do=next]").click()
        answer(page, "ur", f"{MARK}two")
        assert page.locator("html").get_attribute("dir") == "rtl"
        page.locator("[data-do=next]").click()
        # The next person meets the first language, and nothing of the last.
        assert page.locator("html").get_attribute("dir") == "ltr"
        page.reload()
        ready(page)
        answer(page, words=f"{MARK}three")
        page.locator("[data-do=next]").click()
        page.locator("[data-do=start]").click()
        page.locator("main input[type=radio]").first.check()
        page.close()  # in the middle of a fourth
        page = context.new_page()
        page.goto(f"{line.site.address}/kiosk/poll")
        ready(page)
        waiting(page, 3)
        queue = page.evaluate(READ_QUEUE)
        assert len(json.loads(queue)) == 3
        for word in (MARK, "matters", "answers", "language"):
            assert word not in queue
        kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert kept == "[{},{}]"
    again = json.loads(queue)
    waiting(page, 0)
    found = rows(line.site, RESPONSES.format("poll"))
    assert sorted(row["language"] for row in found) == ["en", "en", "ur"]
    said = "".join(row["answers"] for row in found)
    assert all(f"{MARK}{who}" in said for who in ("one", "two", "three"))
    # The same parcels once more, as after an answer that was lost on the way.
    sent = page.request.post(f"{line.site.address}/kiosk/poll/sync", data={"parcels": again})
    assert len(sent.json()["done"]) == 3
    assert len(rows(line.site, RESPONSES.format("poll"))) == 3
    assert rows(line.site, "SELECT * FROM kiosk_kept") == []
    assert json.loads(page.evaluate(READ_QUEUE)) == []
    context.close()


def test_slips_are_said_pipes_filled_and_other_please_say_asked(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context(viewport={"width": 768, "height": 1024})
    context.set_default_timeout(15_000)
    page = set_up(context, site, "everything")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.locator("[data-do=start]").click()
    go_on = page.locator("main form button")
    go_on.click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Select an answer")
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    page.locator(".govuk-error-summary a").click()
    assert page.evaluate("document.activeElement.name") == "district"
    page.get_by_label("North").check()
    go_on.click()
    page.get_by_label("A", exact=True).check()
    go_on.click()
    expect(page.locator("h1")).to_contain_text("What should happen in North?")
    expect(page.locator("main")).to_contain_text("£193.14")  # band A: 6/9 of £289.71
    page.get_by_label("No rise").check()
    go_on.click()
    page.locator("textarea").fill("<b>Too dear</b>")
    page.locator("[data-do=back]").click()
    expect(page.get_by_label("No rise")).to_be_checked()
    go_on.click()
    page.locator("textarea").fill("<b>Too dear</b>")
    go_on.click()
    page.get_by_label("Roads").check()
    page.get_by_label("None of these").check()
    expect(page.get_by_label("Roads")).not_to_be_checked()
    page.get_by_label("Roads").check()
    go_on.click()
    page.locator("input[name=roads_more]").fill("sev")
    go_on.click()
    expect(page.locator(".govuk-error-message")).to_contain_text("Enter a number, like 12")
    expect(page.locator("input[name=roads_more]")).to_have_value("sev")
    page.locator("input[name=roads_more]").fill("7")
    go_on.click()
    page.locator("input[name=pay]").fill("1")
    go_on.click()
    go_on.click()
    expect(page.locator("dl")).to_contain_text("<b>Too dear</b>")
    expect(page.locator("dl")).to_contain_text("No rise, £193.14 a year")
    page.locator("[data-do=leave]").click()
    expect(page.locator("[data-do=start]")).to_be_visible()
    assert "Too dear" not in page.content()
    assert said == []
    # "Other, please say": shown once its option is picked.
    other = set_up(context, site, "victim-satisfaction")
    other.locator("[data-do=start]").click()
    for _ in range(8):
        if other.get_by_label("In some other way").count():
            break
        fill(other)
        other.locator("main form button").click()
    expect(other.get_by_label("How?")).to_be_hidden()
    other.get_by_label("In some other way").check()
    expect(other.get_by_label("How?")).to_be_visible()
    context.close()


def test_a_person_who_walks_away_leaves_nothing_behind(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    context.set_default_timeout(15_000)
    page = set_up(context, site, "everything")
    page.clock.install()
    page.reload()
    ready(page)
    page.locator("[data-do=start]").click()
    page.get_by_label("North").check()
    page.clock.run_for(59_000)
    expect(page.locator("dialog")).to_have_count(0)
    page.clock.run_for(2_000)
    expect(page.locator("dialog")).to_contain_text(re.compile("cleared in (19|20) seconds"))
    page.get_by_role("button", name="I need more time").click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_label("North")).to_be_checked()
    page.clock.run_for(61_000)
    expect(page.locator("dialog")).to_be_visible()
    page.clock.run_for(22_000)
    expect(page.locator("[data-do=start]")).to_be_visible()
    expect(page.locator("dialog")).to_have_count(0)
    page.locator("[data-do=start]").click()
    expect(page.get_by_label("North")).not_to_be_checked()
    context.close()


def test_a_full_tablet_says_so_and_takes_no_more(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    context.set_default_timeout(15_000)
    page = set_up(context, site, "everything")
    context.set_offline(True)
    page.evaluate(FILL_QUEUE, 499)
    page.reload()
    ready(page)
    expect(page.locator("#waiting")).to_contain_text(
        "499 waiting to be sent. This device holds 500"
    )
    answer(page)
    page.locator("[data-do=next]").click()
    expect(page.locator("h1")).to_have_text("This device is full")
    expect(page.locator("[data-do=start]")).to_have_count(0)
    context.close()


def test_every_screen_is_accessible(browser: Browser, site: Site) -> None:
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(15_000)
    page = set_up(context, site, "every-type", look=True)
    no_violation(page)
    page.locator("[data-do=start]").click()
    page.locator("main form button").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    no_violation(page)
    page.locator("[data-do=leave]").click()
    answer(page, "ur", look=True)
    no_violation(page)
    waiting(page, 0)
    [stored] = rows(site, RESPONSES.format("every-type"))
    assert set(load(SURVEYS / "every-type").questions) - set(json.loads(stored["answers"])) == {
        "home_sector",  # no postcode is looked up
        "work_something_else",
        "heard_other",
        "why_unsafe",
        "name_of_road",
    }
    context.close()
