"""Every question page of the shipped surveys, the templates and every type, under axe."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site
from tests.e2e.test_resident import no_violation, press

#: A date, an amount, a plate, a postcode: what fits where only some things do.
TYPED = {
    "day": "2", "month": "3", "year": "2007", "rise": "7.50", "plate": "AB12 CDE",
    "postcode": "CV21 1AA",
}  # fmt: skip


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def scripted(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts; axe can look only into one that does."""
    return bool(request.param)


@pytest.fixture
def page(scripted: bool, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(bypass_csp=True, java_script_enabled=scripted)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def fill(page: Page) -> None:
    """Answer what is asked, whatever its type."""
    fields = page.locator("main form").last
    names = fields.locator("input[type=radio]").evaluate_all(
        "all => [...new Set(all.map(i => i.name))]"
    )
    for name in names:
        # The worst of a set is another than the best.
        place = 1 if name.endswith(".worst") else 0
        fields.locator(f"input[type=radio][name='{name}']").nth(place).check()
    if fields.locator("input[type=checkbox]").count():
        fields.locator("input[type=checkbox]").first.check()
    # Not the first: of farmers a sample needs two, and who comes after is thanked and sent away.
    for number, select in enumerate(fields.locator("select:visible").all(), start=2):
        select.select_option(index=number)
    for field in fields.locator("input[name]:visible, textarea[name]:visible").all():
        if (field.get_attribute("type") or "text") != "text":
            continue
        name = field.get_attribute("name") or ""
        part = name.rpartition(".")[2]
        if part in TYPED:
            field.fill(TYPED[part])
        elif name.startswith(("share.", "budget.")):
            first = name in {"share.roads", "budget.speeding"}
            field.fill("10" if first else "0")
        elif field.get_attribute("inputmode"):
            field.fill("12")


def onward(page: Page) -> None:
    """Press the page's button; a sensitive survey's page is replaced a moment later."""
    before = page.url
    press(page)
    page.wait_for_url(lambda url: url != before)
    page.wait_for_load_state()


def begin(page: Page, *, scripted: bool) -> None:
    """On from the start page to the first question, past the page on staying safe."""
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile("/q/|/staying-safe"))
    if page.url.endswith("/staying-safe"):
        if scripted:
            no_violation(page)
        onward(page)


@pytest.mark.parametrize(
    ("slug", "language", "least"),
    [
        ("every-type", "en", 17),
        ("every-type", "ur", 17),
        ("west-mercia-plan-2013", "en", 10),
        ("west-mercia-plan-2013", "cy", 10),
        ("precept-2023-24-again", "en", 2),
        ("victim-satisfaction", "en", 12),
        ("crime-and-safety-telephone", "en", 18),
        ("forum-vote", "en", 4),
        ("staff-survey", "en", 8),
    ],
)
def test_every_page_is_shown_accessible_and_answered(
    page: Page, scripted: bool, site: Site, slug: str, language: str, least: int
) -> None:
    page.goto(f"{site.address}/s/{slug}/{language}")
    direction = page.locator("html").get_attribute("dir")
    assert direction == ("rtl" if language == "ur" else None)
    begin(page, scripted=scripted)
    for number in range(60):
        if page.url.endswith("/check"):
            assert number >= least
            break
        assert "/q/" in page.url, page.url
        if scripted:
            no_violation(page)
        fill(page)
        onward(page)
        expect(page.locator(".govuk-error-summary")).to_have_count(0)
    if scripted:
        no_violation(page)
    onward(page)
    assert page.url.endswith("/sent")
    assert re.search(r"([0-9A-Z]{4}-){4}[0-9A-Z]{4}", page.locator(".govuk-panel").inner_text())


def test_other_please_say_opens_for_whoever_picks_it(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{site.address}/s/victim-satisfaction/en")
    begin(page, scripted=True)
    for _ in range(2):
        fill(page)
        onward(page)
    assert page.url.endswith("/reached")
    expect(page.locator("body.js-enabled")).to_have_count(1)
    expect(page.get_by_label("How?")).to_be_hidden()
    page.get_by_label("In some other way").check()
    page.get_by_label("How?").fill("Through a neighbour")
    page.get_by_label("I called 101").check()
    expect(page.get_by_label("How?")).to_be_hidden()
    page.get_by_label("In some other way").check()
    onward(page)
    page.get_by_role("link", name="Back").click()  # a sensitive survey has no history to go back in
    page.wait_for_url("**/reached")
    expect(page.get_by_label("How?")).to_have_value("Through a neighbour")
    context.close()


def test_slips_of_every_type_are_accessible(page: Page, scripted: bool, site: Site) -> None:
    page.goto(f"{site.address}/s/every-type/en")
    page.locator("main form button").first.click()
    slips = {
        "agree": {}, "home": {"home.postcode": "CV99 9ZZ"}, "rise": {"rise": "21"},
        "since": {"since.day": "31", "since.month": "2", "since.year": "2024"},
        "share": {"share.roads": "3"}, "plate": {"plate": "12345"},
    }  # fmt: skip
    for _ in range(40):
        if page.url.endswith("/check"):
            break
        name = page.url.rpartition("/")[2]
        if name in slips:
            for field, text in slips.pop(name).items():
                page.locator(f"[name='{field}']").first.fill(text)
            press(page)
            expect(page.locator(".govuk-error-summary")).to_be_visible()
            link = page.locator(".govuk-error-summary a")
            target = (link.get_attribute("href") or "")[1:]
            expect(page.locator(f"[id='{target}']")).to_be_visible()
            if scripted:
                no_violation(page)
        fill(page)
        onward(page)
    assert page.url.endswith("/check")
    assert not slips, "never asked, so nobody slipped there"


def test_a_long_list_is_typed_into_and_a_slider_and_a_sum_help(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 700})
    context.set_default_timeout(15_000)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{site.address}/s/every-type/en")
    page.locator("main form button").first.click()
    for _ in range(4):
        if page.url.endswith("/rise"):
            expect(page.locator("input[type=range]")).to_have_count(1)
            page.locator("[name=rise]").fill("9")
            # Band A pays six ninths: 289.71 + 9 and 289.71, each rounded to the penny.
            expect(page.locator("[data-consult-cost]")).to_have_text(
                "In band A this costs £6 more a year, 50p a month."
            )
            page.locator("input[type=range]").fill("12")
            expect(page.locator("[name=rise]")).to_have_value("12")
        else:
            fill(page)
        press(page)
    assert page.url.endswith("/work")
    page.locator("input[role=combobox]").press_sequentially("nur")
    page.get_by_role("option", name="Nurse").click()
    press(page)
    for _ in range(30):
        if page.url.endswith(("/share", "/check")):
            break
        fill(page)
        press(page)
    page.locator("[name='share.roads']").fill("4")
    expect(page.locator("[data-consult-sum]")).to_have_text("Points left: 6")
    page.locator("[name='share.patrols']").fill("6")
    press(page)
    for _ in range(30):
        if page.url.endswith("/check"):
            break
        fill(page)
        press(page)
    expect(page.locator("main")).to_contain_text("Nurse")
    expect(page.locator("main")).to_contain_text("£12.00")
    # The strict content policy let everything run.
    assert said == []
    context.close()
