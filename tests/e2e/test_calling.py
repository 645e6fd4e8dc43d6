"""An interviewer's pages: accessible, and worked by keyboard alone without JavaScript."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site, database_away
from tests.e2e.test_every_page import fill
from tests.e2e.test_resident import no_violation, press, sign_in

CALLS = "/staff/calls/every-type"


def add(page: Page, site: Site, case: str, phone: str) -> None:
    """A designer adds a case and signs out."""
    sign_in(page, site, "designer@example.org")
    page.goto(f"{site.address}{CALLS}")
    page.get_by_label("Or one case").fill(case)
    page.get_by_label("Telephone number").fill(phone)
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".govuk-notification-banner")).to_contain_text("1 new case.")


def test_every_page_of_a_call_is_accessible(browser: Browser, site: Site) -> None:
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(15_000)
    page = context.new_page()
    add(page, site, "axe-1", "01632 960001")
    no_violation(page)
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, site, "interviewer@example.org")
    page.goto(f"{site.address}{CALLS}")
    page.get_by_role("button", name="Take the next case").click()
    no_violation(page)
    page.get_by_role("button", name="Note this").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Begin the interview in اردو").click()
    assert page.locator("html").get_attribute("dir") == "rtl"
    press(page)
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    no_violation(page)
    fill(page)
    with database_away(site):
        press(page)
        expect(page.locator("main")).to_contain_text("This answer could not be saved just now")
        expect(page.get_by_role("checkbox")).to_be_checked()
        no_violation(page)
    for number in range(40):
        if page.url.endswith("/check"):
            break
        if number in {0, 4, 8}:
            no_violation(page)
        fill(page)
        press(page)
    no_violation(page)
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("row", name=re.compile("Interview finished"))).to_contain_text("1")
    context.close()


def test_a_call_is_made_by_keyboard_without_javascript(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(15_000)
    page = context.new_page()
    add(page, site, "keys-1", "01632 960002")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, site, "interviewer@example.org")
    page.goto(f"{site.address}{CALLS}")

    def tab_to(name: str) -> None:
        """Tab until something of that name has the focus."""
        for _ in range(60):
            page.keyboard.press("Tab")
            here = page.locator(":focus")
            if not here.count():
                continue
            if name in (here.inner_text(), here.get_attribute("id")):
                return
        raise AssertionError(f"{name} is not reached by Tab")

    tab_to("Take the next case")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/case/"))
    tab_to("Begin the interview in English")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/q/agree"))
    tab_to("agree")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/q/home"))
    tab_to("The call ended")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/case/[0-9a-f-]+$"))
    tab_to("outcome")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_label("The call broke off")).to_be_checked()
    tab_to("Note this and give the case back")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/staff/calls/every-type$"))
    expect(page.get_by_role("row", name=re.compile("broke off"))).to_contain_text("1")
    context.close()
