"""A resident answers in Chromium without JavaScript; the analyst's report counts the response."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PASSWORD, Site, database_away

SLUG = "warwickshire-precept-2025-26"
WIDTHS = (1280, 375, 320)
#: What axe finds wrong, and nothing of all that it finds right: that takes longer to hand over
#: than to find.
LOOK = """async () => ({
    wrong: (await axe.run({resultTypes: ["violations"]})).violations
        .map((found) => [found.id, found.nodes[0].html.slice(0, 200)]),
    wide: document.documentElement.scrollWidth,
})"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone without JavaScript."""
    context = browser.new_context(viewport={"width": 375, "height": 700}, java_script_enabled=False)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def checked(browser: Browser) -> Iterator[Page]:
    """A page that axe can look into; its script needs the content policy out of the way."""
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def press(page: Page) -> None:
    """The page's own button, by its place: its words differ by language."""
    page.locator("main form button.govuk-button[type=submit]:visible").last.click()


def answer_everything(page: Page, look: bool = False) -> list[str]:
    """Answer whatever is asked until the check page; returns the pages passed."""
    passed = []
    for _ in range(60):
        if page.url.endswith("/check"):
            return passed
        passed.append(page.url.rsplit("/", 1)[-1])
        if look:
            no_violation(page)
        names = page.locator("main form input[type=radio]").evaluate_all(
            "all => [...new Set(all.map(i => i.name))]"
        )
        for name in names:
            page.locator(f"main form input[name='{name}']").first.check()
        if page.locator("main form input[type=checkbox]").count():
            page.locator("main form input[type=checkbox]").first.check()
        if page.locator("main form input[inputmode]").count():
            page.locator("main form input[inputmode]").first.fill("12")
        if page.locator("main form textarea").count():
            page.locator("main form textarea").first.fill("More patrols on our street, please.")
        press(page)
    raise AssertionError(f"no end after {passed}")


def no_violation(page: Page) -> None:
    """Axe finds nothing at any width, and nothing sticks out at the side."""
    if not page.evaluate("'axe' in window"):  # its half a megabyte once a page, not once a width
        page.evaluate(AXE_SCRIPT)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found = page.evaluate(LOOK)
        assert not found["wrong"], (page.url, width, found["wrong"])
        assert found["wide"] <= width, f"{page.url} is {found['wide']} wide at {width}"


def sign_in(page: Page, site: Site, who: str) -> None:
    page.goto(f"{site.address}/staff")
    page.get_by_label("Email address").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_resident_answers_without_javascript_and_the_report_counts_them(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.address}/s/{SLUG}")
    page.get_by_role("button", name="Start now").click()
    press(page)  # nothing chosen
    expect(page.locator(".govuk-error-summary")).to_contain_text("Select an answer")
    answer_everything(page)
    page.get_by_role("button", name="Send my answers").click()
    code = page.locator(".govuk-panel strong").inner_text()
    assert re.fullmatch(r"([0-9A-Z]{4}-){4}[0-9A-Z]{4}", code)
    page.reload()
    assert page.locator(".govuk-panel strong").inner_text() == code
    sign_in(page, site, "analyst@example.org")
    row = page.get_by_role("row", name="How much should you pay for policing")
    expect(row).to_contain_text("2,001")
    row.get_by_role("link").click()
    expect(page.locator(".consult-figures")).to_contain_text("2,001")
    page.get_by_role("button", name="Read the report").click()
    expect(page.locator("body")).to_contain_text("About 2,000 people responded")


def test_the_exact_response_is_in_the_data(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/s/{SLUG}/en")
    page.get_by_role("button", name=re.compile("Start|Continue")).click()
    answer_everything(page)
    page.get_by_role("button", name="Send my answers").click()
    expect(page.locator(".govuk-panel")).to_be_visible()
    sign_in(page, site, "analyst@example.org")
    page.goto(f"{site.address}/staff/consultations/{SLUG}")
    answer = page.request.get(f"{site.address}/staff/consultations/{SLUG}/responses.csv")
    assert "More patrols on our street, please." in answer.text()


def test_every_page_of_a_resident_is_accessible(checked: Page, site: Site) -> None:
    checked.goto(site.address)
    no_violation(checked)
    checked.goto(f"{site.address}/s/{SLUG}/en")
    no_violation(checked)
    checked.get_by_role("button", name="Start now").click()
    press(checked)
    assert checked.title().startswith("Error:")
    assert checked.evaluate("document.activeElement.className") == "govuk-error-summary"
    no_violation(checked)
    assert len(answer_everything(checked, look=True)) > 10
    no_violation(checked)
    checked.get_by_role("link", name=re.compile("^Change")).first.click()
    no_violation(checked)
    checked.go_back()
    checked.get_by_role("button", name="Send my answers").click()
    no_violation(checked)
    checked.goto(f"{site.address}/nowhere")
    no_violation(checked)


def test_a_closed_survey_says_so(checked: Page, site: Site) -> None:
    checked.goto(f"{site.address}/s/warwickshire-precept-2023-24/en")
    no_violation(checked)
    expect(checked.locator("main")).to_contain_text(
        "This survey closed at 5pm on Monday 16 January"
    )
    expect(checked.get_by_role("button", name="Start now")).to_have_count(0)


def test_a_plan_in_two_parts_is_answered_in_welsh(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/s/west-mercia-plan-2013/cy")
    assert page.locator("html").get_attribute("lang") == "cy"
    assert page.locator("main ul li").filter(has_text="erbyn").count() >= 2
    page.locator("main form button").first.click()
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="Cymraeg").click()
    passed = answer_everything(page)
    assert "precept" in passed
    press(page)
    expect(page.locator(".govuk-panel")).to_be_visible()


def test_every_question_type_is_accessible_in_welsh(checked: Page, site: Site) -> None:
    checked.goto(f"{site.address}/s/everything/cy")
    checked.locator("main form button").first.click()
    passed = answer_everything(checked, look=True)
    assert {"district", "why_freeze", "priorities", "roads_more", "about_money"} <= set(passed)
    no_violation(checked)
    english = re.compile("Continue|Change|Not answered|Back|Send my answers|Question")
    expect(checked.locator("body")).not_to_contain_text(english)
    press(checked)
    expect(checked.locator(".govuk-panel")).to_be_visible()
    no_violation(checked)
    expect(checked.locator("body")).not_to_contain_text(re.compile("Your|Keep|What happens"))


def test_every_staff_page_is_accessible(checked: Page, site: Site) -> None:
    checked.goto(f"{site.address}/staff/sign-in")
    no_violation(checked)
    press(checked)
    no_violation(checked)
    sign_in(checked, site, "analyst@example.org")
    no_violation(checked)
    for slug in ("warwickshire-precept-2023-24", SLUG, "west-mercia-plan-2013"):
        checked.goto(f"{site.address}/staff/consultations/{slug}")
        no_violation(checked)
    for slug in ("warwickshire-precept-2023-24", SLUG):
        checked.goto(f"{site.address}/staff/consultations/{slug}/report")
        no_violation(checked)
    checked.goto(f"{site.address}/staff/datasets/{SLUG}")
    no_violation(checked)
    checked.get_by_role("button", name="Freeze").click()
    expect(checked.locator("main table tbody tr")).to_have_count(1)
    no_violation(checked)
    for which in ("now/weighting", "1/report"):
        checked.goto(f"{site.address}/staff/datasets/{SLUG}/{which}")
        no_violation(checked)


def test_the_pages_of_things_gone_wrong_are_accessible(checked: Page, site: Site) -> None:
    checked.goto(f"{site.address}/s/{SLUG}/en?lost=1")
    expect(checked.locator("main")).to_contain_text("Allow cookies")
    no_violation(checked)
    checked.get_by_role("button", name="Start now").click()
    checked.context.clear_cookies()
    press(checked)
    expect(checked.locator("h1")).to_have_text("Your answers could not be found")
    no_violation(checked)
    sign_in(checked, site, "designer@example.org")
    checked.goto(f"{site.address}/staff/consultations/{SLUG}/responses.csv")
    expect(checked.locator("h1")).to_have_text("That did not work")
    no_violation(checked)
    checked.goto(f"{site.address}/staff/consultations/everything")
    no_violation(checked)


def test_the_page_that_could_not_be_saved_is_accessible(checked: Page, site: Site) -> None:
    checked.goto(f"{site.address}/s/everything/en")
    checked.locator("main form button").first.click()
    checked.locator("main input[type=radio]").first.check()
    with database_away(site):
        press(checked)
        expect(checked.locator("main")).to_contain_text("We could not save your answers just now")
        expect(checked.locator("main input[type=radio]").first).to_be_checked()
        no_violation(checked)
        checked.goto(f"{site.address}/staff")
        expect(checked.locator("main")).to_contain_text("Sign in")
        checked.goto(site.address)
        expect(checked.locator("h1")).to_have_text("Sorry, we cannot answer just now")
        no_violation(checked)
    checked.goto(site.address)
    expect(checked.locator("h1")).to_have_text("Have your say")


def test_two_tabs_and_a_double_click_send_once(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    first = context.new_page()
    first.goto(f"{site.address}/s/{SLUG}/en")
    first.get_by_role("button", name="Start now").click()
    answer_everything(first)
    second = context.new_page()
    second.goto(first.url)
    first.get_by_role("button", name="Send my answers").dblclick()
    code = first.locator(".govuk-panel strong").inner_text()
    second.get_by_role("button", name="Send my answers").click()
    assert second.locator(".govuk-panel strong").inner_text() == code
    context.close()


def test_enter_sends_the_page_and_does_not_switch_the_language(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}/s/{SLUG}/en")
    page.get_by_role("button", name="Start now").click()
    page.locator("main input[type=radio]").first.check()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/en/q/(?!district)"))
    context.close()
