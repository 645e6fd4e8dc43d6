"""The page of partners' responses, with nothing chosen and with something wrong, under axe."""

import asyncio

from playwright.sync_api import Page, expect

from consult import clock
from consult.accounts.passwords import token_hash
from consult.api import store
from consult.database import Database
from tests.e2e.conftest import Site, apart
from tests.e2e.test_resident import checked, no_violation, sign_in

__all__ = ["checked"]


def partner(site: Site) -> None:
    """A key for a partner with a long name."""

    async def work() -> None:
        database = Database(site.database_url)
        async with database.writing() as session:
            await store.add(
                session, "Wohnungsbaugenossenschaftsverband", "everything", token_hash("k"),
                by="test", now=clock.now(),
            )  # fmt: skip
        await database.close()

    apart(lambda: asyncio.run(work()))


def test_partners_are_set_aside_from_the_keyboard(checked: Page, site: Site) -> None:
    partner(site)
    sign_in(checked, site, "analyst@example.org")
    checked.goto(f"{site.address}/staff/consultations/everything")
    checked.get_by_role("link", name="Partners' responses").press("Enter")
    no_violation(checked)
    checked.get_by_label("Wohnungsbaugenossenschaftsverband").press("Space")
    checked.get_by_label("Why?").fill("The key was published")
    checked.keyboard.press("Enter")
    summary = checked.locator(".govuk-error-summary")
    expect(summary).to_contain_text("Fewer than 10 responses")
    expect(checked.get_by_label("Why?")).to_have_value("The key was published")
    no_violation(checked)
