"""Staff pages around a consultation, empty and filled and with something wrong, under axe."""

import asyncio
from dataclasses import replace

from playwright.sync_api import Page, expect

from consult.calling import store
from consult.calling.cases import listed
from consult.database import Database
from consult.inviting.keys import root_key
from consult.questionnaire.loading import load
from consult.respond.store import Contact, keep_contact
from consult.settings import Settings
from tests.conftest import SURVEYS, published
from tests.e2e.conftest import Site, apart
from tests.e2e.test_invitations import prepare
from tests.e2e.test_resident import checked, no_violation, sign_in

__all__ = ["checked"]
LONG = "Donaudampfschifffahrtsgesellschaftskapitän"


def fill(site: Site) -> None:
    """People with long names: one who left contact details, two to ring; a poll."""

    async def work() -> None:
        database = Database(site.database_url)
        poll = load(SURVEYS / "poll")
        definition = poll.definition.model_copy(update={"survey": "poll-looked-at"})
        await published(database, replace(poll, definition=definition))
        root = await root_key(database, Settings())
        cases = [listed(f"staff-{n}", f"01632 96001{n}", LONG, "victims") for n in range(2)]
        async with database.writing() as session:
            contact = Contact("sensitive", LONG, f"{LONG}@example.org", ("updates",))
            await keep_contact(session, contact)
            await store.add(session, "everything", cases, root, by="test")
        await database.close()

    apart(lambda: asyncio.run(work()))


def test_staff_pages_are_accessible_empty_filled_and_with_mistakes(
    checked: Page, site: Site
) -> None:
    prepare(site)

    def look(path: str, says: str, button: str = "") -> None:
        """A page, or what pressing its button with nothing filled in leads to."""
        checked.goto(f"{site.address}/staff{path}")
        if button:
            checked.get_by_role("button", name=button).first.click()
            expect(checked.locator(".govuk-error-summary")).to_contain_text(says)
        else:
            expect(checked.locator("main")).to_contain_text(says)
        no_violation(checked)

    sign_in(checked, site, "designer@example.org")
    look("/consultations/sensitive/contacts", "Nobody has left contact details yet")
    look("/calls/forum-vote", "There are no cases yet")
    look("/invitations/by-soft", "This survey takes no codes")
    look("/invitations/by-invited", "Say whom you invite", button="Invite them")
    look("/kiosk/by-invited", "No tablet can hold that")
    look("/consultations/everything/stage", "Select what to do", button="Do it")
    form = {"how": "template", "template": "victim-satisfaction", "slug": "victims-looked-at"}
    assert checked.request.post(f"{site.address}/staff/surveys/new", multipart=form).ok
    look("/surveys/victims-looked-at/settings", "Keeping people safe")
    fill(site)
    look("/consultations/sensitive/contacts", "Say why", button="Delete the contact details")
    expect(checked.get_by_role("button", name="Download as a workbook")).to_have_text(
        "Download as a workbook of How were you treated after the crime?"
    )
    look("/polls/poll-looked-at", "Copy these lines into a page of your site")
    checked.get_by_role("button", name="Sign out").click()
    sign_in(checked, site, "interviewer@example.org")
    checked.goto(f"{site.address}/staff/calls/everything")
    checked.get_by_role("button", name="Take the next case").click()
    case = checked.url
    checked.get_by_label("Call back at a time").check()
    checked.get_by_role("button", name="Note this").click()
    expect(checked.locator("#day-error")).to_contain_text("within 60 days")
    no_violation(checked)
    in_an_hour = checked.evaluate(
        "new Intl.DateTimeFormat('sv', {timeZone: 'Europe/London', dateStyle: 'short', "
        "timeStyle: 'short'}).format(Date.now() + 3600e3)"
    )
    day, time = in_an_hour.split(" ")
    checked.locator("#day").fill(day)
    checked.locator("#time").fill(time)
    checked.get_by_role("button", name="Note this").click()
    expect(checked.get_by_role("button", name="Ring staff-")).to_be_visible()
    no_violation(checked)
    checked.goto(case)
    expect(checked.locator("h1")).to_have_text("You do not have this case")
    no_violation(checked)
