"""Leaving in a hurry, and a page that hides itself, in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import Site
from tests.e2e.test_resident import no_violation, press

NEUTRAL = "https://www.example.org/weather"
WEATHER = "<!DOCTYPE html><html lang='en'><title>Weather</title><h1>Weather</h1></html>"


def phone(browser: Browser, **options: bool) -> BrowserContext:
    """A browser in which the neutral site is there."""
    context = browser.new_context(viewport={"width": 375, "height": 700}, **options)
    context.set_default_timeout(15_000)
    context.route(
        "https://www.example.org/**",
        lambda route: route.fulfill(body=WEATHER, content_type="text/html"),
    )
    return context


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = phone(browser)
    yield context.new_page()
    context.close()


def to_the_words(page: Page, site: Site, *, scripted: bool = True) -> None:
    """On to the page where words are typed, as somebody would."""

    def ready(path: str) -> None:
        """Before its script is there a page is left and sent as one without."""
        page.wait_for_url(f"**{path}")
        if scripted:
            expect(page.locator("body.js-enabled")).to_have_count(1)

    page.goto(f"{site.address}/s/sensitive/en")
    ready("/en")
    page.get_by_role("button", name="Start now").click()
    ready("/staying-safe")
    page.get_by_role("button", name="I am safe to go on").click()
    ready("/q/lives")
    page.get_by_label("North").check()
    press(page)
    ready("/q/helped")
    page.get_by_label("No", exact=True).check()
    press(page)
    ready("/q/why_not")
    page.locator("textarea").fill("He is here")


def by_button(page: Page) -> None:
    page.get_by_role("button", name="Exit this page").click()


def by_shift(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("Shift")


@pytest.mark.parametrize("leave", [by_button, by_shift])
def test_leaving_replaces_the_history_and_back_shows_nothing(
    leave: object, page: Page, site: Site
) -> None:
    page.goto("about:blank")
    to_the_words(page, site)
    # Page after page took the place of the one before: about:blank and one of ours.
    assert page.evaluate("history.length") == 2
    assert callable(leave)
    leave(page)
    page.wait_for_url(NEUTRAL)
    assert page.evaluate("history.length") == 2
    page.go_back()
    assert page.url == "about:blank"
    # And who types the address is led to the neutral site too, for ten minutes.
    typed = page.context.request.get(f"{site.address}/s/sensitive/en/q/why_not", max_redirects=0)
    assert typed.headers["location"] == NEUTRAL
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert names == {"consult_left"}


def test_two_presses_of_shift_say_what_the_third_does(page: Page, site: Site) -> None:
    to_the_words(page, site)
    page.keyboard.press("Shift")
    expect(page.locator(".govuk-exit-this-page [role=status]")).to_have_text(
        "Shift, press 2 more times to exit."
    )
    page.locator("textarea").press_sequentially("Ab")  # capitals are no presses to leave
    page.keyboard.press("Shift")
    assert page.url.endswith("/q/why_not")


def test_leaving_without_a_script(browser: Browser, site: Site) -> None:
    context = phone(browser, java_script_enabled=False)
    page = context.new_page()
    to_the_words(page, site, scripted=False)
    by_button(page)
    page.wait_for_url(NEUTRAL)
    # Each page before it in the history leads to the neutral site too.
    answers = page.context.request
    for path in ("/q/why_not", "/q/helped", "/q/lives", "/staying-safe", ""):
        back = answers.get(f"{site.address}/s/sensitive/en{path}", max_redirects=0)
        assert back.headers["location"] == NEUTRAL
    context.close()


def test_a_slip_on_a_sensitive_page_is_shown_and_can_be_mended(page: Page, site: Site) -> None:
    to_the_words(page, site)
    press(page)
    page.wait_for_url("**/q/amount")
    page.get_by_label("How many times").fill("eleven")
    press(page)
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    expect(page.get_by_label("How many times")).to_have_value("eleven")
    by_shift(page)  # the page that took its place can be left too
    page.wait_for_url(NEUTRAL)


def idle(page: Page, minutes: float) -> None:
    page.clock.run_for(int(minutes * 60_000))


def test_an_idle_page_asks_can_be_extended_and_loses_nothing(page: Page, site: Site) -> None:
    page.clock.install()
    page.goto(f"{site.address}/s/everything/en")
    page.get_by_role("button", name="Start now").click()
    page.get_by_label("North").check()
    press(page)
    page.wait_for_url("**/q/band")
    page.locator("input[type=radio]").nth(2).check()
    idle(page, 24)
    expect(page.get_by_role("dialog")).to_have_count(0)
    idle(page, 1.5)
    expect(page.get_by_role("dialog", name="Are you still there?")).to_be_visible()
    expect(page.locator("[data-consult-left]")).to_have_text("5 minutes")
    page.get_by_role("button", name="Stay on this page").click()
    idle(page, 24)
    expect(page.get_by_role("dialog")).to_have_count(0)
    idle(page, 6.2)
    page.wait_for_url("**/away")
    expect(page.get_by_role("heading", name="Your answers are hidden")).to_be_visible()
    page.get_by_role("button", name="Go on with my answers").click()
    page.wait_for_url("**/q/band")
    expect(page.locator("input[type=radio]").nth(2)).to_be_checked()


def test_an_idle_sensitive_page_is_left(page: Page, site: Site) -> None:
    page.clock.install()
    to_the_words(page, site)
    idle(page, 8.1)
    expect(page.get_by_role("dialog")).to_be_visible()
    by_shift(page)  # leaving works with the question on the screen
    page.wait_for_url(NEUTRAL)


def test_a_phone_can_leave_from_the_idle_question(page: Page, site: Site) -> None:
    page.clock.install()
    to_the_words(page, site)
    idle(page, 8.1)
    page.get_by_role("dialog").get_by_role("button", name="Exit this page").click()
    page.wait_for_url(NEUTRAL)


def test_a_sensitive_page_that_nobody_touches_leaves_by_itself(page: Page, site: Site) -> None:
    page.clock.install()
    to_the_words(page, site)
    idle(page, 10.1)
    page.wait_for_url(NEUTRAL)


@pytest.mark.parametrize("language", ["en", "ur"])
def test_the_pages_around_answering_are_accessible(
    language: str, browser: Browser, site: Site
) -> None:
    context = phone(browser, bypass_csp=True)
    page = context.new_page()
    base = f"{site.address}/s/sensitive/{language}"
    for path in ("", "/staying-safe", "/help", "/return", "/receipt", "/updates/kept"):
        page.goto(base + path)
        no_violation(page)

    def slip(path: str) -> None:
        page.goto(base + path)
        no_violation(page)
        page.locator("main form button.govuk-button").last.click()
        expect(page.locator(".govuk-error-summary")).to_be_visible()
        no_violation(page)

    slip("/return")
    slip("/receipt")
    page.goto(f"{base}/staying-safe")
    press(page)
    page.wait_for_url("**/q/lives")
    no_violation(page)
    page.locator("button[name=later]:visible").click()
    page.wait_for_url("**/later")
    no_violation(page)
    press(page)
    expect(page.locator(".consult-code")).to_be_visible()
    no_violation(page)
    page.goto(f"{base}/resume")
    press(page)
    page.wait_for_url("**/q/helped")
    page.locator("input[type=radio]").first.check()
    press(page)
    page.wait_for_url("**/q/amount")
    press(page)
    page.wait_for_url("**/check")
    press(page)
    page.wait_for_url("**/sent")
    no_violation(page)
    receipt = page.locator(".consult-receipt").inner_text()
    slip("/updates")
    page.goto(f"{base}/receipt")
    page.locator("#code").fill(receipt)
    press(page)
    expect(page.locator("#sure")).to_be_visible()
    no_violation(page)
    page.locator("button[value=correct]").click()
    page.wait_for_url("**/check")
    no_violation(page)
    press(page)
    page.wait_for_url("**/sent")
    page.goto(f"{base}/receipt")
    page.locator("#code").fill(receipt)
    press(page)
    press(page)  # withdraw without the tick
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    no_violation(page)
    page.locator("#sure").check()
    press(page)
    expect(page.locator("#sure")).to_have_count(0)
    no_violation(page)
    context.close()
    context = phone(browser, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{site.address}/s/everything/en")
    press(page)
    page.wait_for_url("**/q/*")
    page.goto(f"{site.address}/s/everything/en/away")
    no_violation(page)
    context.close()


def test_large_text_and_paper_keep_everything(browser: Browser, site: Site) -> None:
    """Text twice as large leaves nothing out of reach; paper shows answers and no buttons."""
    context = phone(browser)
    page = context.new_page()
    page.goto(f"{site.address}/s/everything/en")
    press(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)
    expect(page.locator("h1")).to_be_visible()
    context.close()
