"""In Chromium: a link with a code, the task that the browser works out, and the pages of both."""

import asyncio
import re
from dataclasses import replace

from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from sqlalchemy import text

from consult import clock
from consult.database import Database
from consult.inviting import codes, store
from consult.inviting.keys import root_key
from consult.questionnaire.loading import load
from consult.settings import Settings
from tests.conftest import SURVEYS, published
from tests.e2e.conftest import Site, apart
from tests.e2e.test_resident import answer_everything, checked, no_violation, sign_in

__all__ = ["checked"]


def prepare(site: Site) -> list[str]:
    """A survey for each way in; codes for the one that takes them."""

    async def work() -> list[str]:
        database = Database(site.database_url)
        everything = load(SURVEYS / "everything")
        for access in ("invited", "soft"):
            settings = {"survey": f"by-{access}", "access": access}
            definition = everything.definition.model_copy(update=settings)
            await published(database, replace(everything, definition=definition))
        made = codes.marked(await root_key(database, Settings()), 2)
        async with database.writing() as session:
            marks = [mark for _, mark in made]
            await store.make_batch(
                session, "by-invited", "victims", "letter", "en", marks=marks, by="test",
                now=clock.now(),
            )  # fmt: skip
        await database.close()
        return [code for code, _ in made]

    found: list[str] = []
    apart(lambda: found.extend(asyncio.run(work())))
    return found


def flags(site: Site, slug: str) -> list[list[str]]:
    async def work() -> list[list[str]]:
        database = Database(site.database_url)
        query = (
            "SELECT r.flags FROM response r JOIN survey_version v ON v.id = r.version_id "
            "WHERE v.survey_slug = :slug"
        )
        async with database.reading() as session:
            rows = (await session.execute(text(query), {"slug": slug})).scalars().all()
        await database.close()
        return [list(row) for row in rows]

    found: list[list[str]] = []
    apart(lambda: found.extend(asyncio.run(work())))
    return found


def test_a_link_leads_in_and_the_browser_does_its_task(
    browser: Browser, checked: Page, site: Site
) -> None:
    code, other = prepare(site)
    context = browser.new_context()
    context.set_default_timeout(15_000)
    page = context.new_page()
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    page.on("console", hear)
    page.goto(f"{site.address}/i/{code.replace('-', '')}")
    expect(page).to_have_url(f"{site.address}/s/by-invited/en")
    expect(page.locator("body")).to_contain_text("Your code works")
    page.get_by_role("button", name="Start now").click()
    answer_everything(page)
    box = page.locator("input[name=work]")
    expect(box).to_have_value(re.compile(r"^\d+$"), timeout=10_000)
    page.get_by_role("button", name="Send my answers").click()
    expect(page.locator(".govuk-panel")).to_be_visible()
    assert said == []
    context.close()
    [found] = flags(site, "by-invited")
    assert "no_proof" not in found

    def look(where: str, shows: str) -> None:
        checked.goto(f"{site.address}{where}")
        expect(checked.locator("h1")).to_contain_text(shows)
        no_violation(checked)

    look("/s/by-invited/en", "Everything at once")
    look("/s/by-invited/en/enter", "Enter your code")
    checked.get_by_role("button", name="Continue").click()
    no_violation(checked)
    checked.get_by_label("Code").fill(code)
    checked.get_by_role("button", name="Continue").click()
    expect(checked.locator("h1")).to_contain_text("This code has been used")
    no_violation(checked)
    look("/s/by-invited/en/enter", "Enter your code")
    checked.get_by_label("Code").fill(other)
    checked.get_by_role("button", name="Continue").click()
    expect(checked.get_by_role("button", name="Start now")).to_be_visible()
    cookie = {"name": "consult_answered", "value": "1", "domain": "127.0.0.1", "path": "/s/by-soft"}
    checked.context.add_cookies([cookie])  # type: ignore[list-item]
    look("/s/by-soft/en/again?wrong=1", "Why do you want to answer again?")
    sign_in(checked, site, "designer@example.org")
    look("/staff/invitations/by-invited", "Invitations")
