"""From closed consultation to signed codes in the browser: by keyboard, and without scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from consult.services import running_worker
from tests.e2e.conftest import Site
from tests.e2e.test_designer import signed_in
from tests.e2e.test_resident import no_violation

SURVEY = "warwickshire-precept-2025-26"
BASE = f"/staff/coding/{SURVEY}/comments"
#: Reading 1,162 comments takes seconds; a machine that does much else takes its time.
PATIENCE = 120_000


@pytest.fixture(scope="module", autouse=True)
def worker(site: Site) -> Iterator[None]:
    """What does the long work that pages ask for."""
    with running_worker(site.database_url):
        yield


@pytest.fixture
def desk(browser: Browser, site: Site) -> Iterator[Page]:
    """An analyst at a desk; axe may look into the pages."""
    context, page = signed_in(browser, site, "analyst@example.org", bypass_csp=True)
    yield page
    context.close()


def test_an_analyst_codes_what_people_wrote(desk: Page, site: Site) -> None:
    def look(path: str, says: str) -> None:
        desk.goto(f"{site.address}{path}")
        expect(desk.locator("main")).to_contain_text(says)
        no_violation(desk)
        desk.set_viewport_size({"width": 1280, "height": 900})

    desk.goto(f"{site.address}/staff/consultations/{SURVEY}")
    desk.get_by_role("link", name="What people wrote").click()
    no_violation(desk)
    desk.get_by_role("link", name="Is there anything else").click()
    expect(desk.locator("main")).to_contain_text("have not been read yet")
    desk.get_by_role("button", name="Read the comments").click()
    expect(desk.get_by_role("heading", name="Candidates")).to_be_visible(timeout=PATIENCE)
    candidates = desk.get_by_role("group").or_(desk.locator(".coding-candidates"))
    expect(candidates.first).to_be_visible()
    no_violation(desk)
    desk.set_viewport_size({"width": 1280, "height": 900})
    for box in desk.locator(".coding-candidates input").all()[:3]:
        box.check()
    desk.get_by_role("button", name="Take the chosen into the frame").click()
    expect(desk.locator("#frame")).to_contain_text("Not signed off")
    desk.get_by_text("Start from another frame").click()
    desk.get_by_label("A frame that is here").select_option(label="Warwickshire 2016 concerns")
    desk.get_by_role("button", name="Add its codes").click()
    expect(desk.locator(".coding-frame")).to_contain_text("Firearms licensing")
    no_violation(desk)
    desk.set_viewport_size({"width": 1280, "height": 900})
    code_by_keyboard(desk, site)
    look(f"{BASE}/find", "A word or a phrase")
    desk.get_by_label("A word or a phrase").fill("speed")
    desk.get_by_role("button", name="Find").click()
    expect(desk.locator("#found")).to_contain_text("comments with “speed”")
    no_violation(desk)
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.get_by_label("not only those chosen above").check()
    desk.get_by_label("Give them a code").select_option(
        label="Roads, speeding and dangerous driving"
    )
    desk.get_by_role("button", name="See what that does").click()
    no_violation(desk)
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.get_by_role("button", name="Do it").click()
    expect(desk.get_by_role("status")).to_contain_text("were coded")
    look(f"{BASE}/campaigns", "copies")
    look(f"{BASE}/history", "Started from")
    look(f"{BASE}/waves", "an earlier wave")
    code_the_sample(desk, site)
    look(f"{BASE}/agreement", "F1 over all codes together")
    desk.goto(f"{site.address}{BASE}")
    desk.get_by_role("button", name="Sign off").click()
    signed = desk.locator("#frame .govuk-tag--green")
    expect(signed).to_be_visible(timeout=PATIENCE)
    no_violation(desk)
    look(f"{BASE}/codes/c1", "Who says so")
    look(f"/staff/coding/{SURVEY}", "Signed off")
    desk.goto(f"{site.address}/staff/consultations/{SURVEY}/report")
    expect(desk.locator("main")).to_contain_text("was coded by a frame of")


def code_by_keyboard(desk: Page, site: Site) -> None:
    """Choose, save, pass over and take back by single keys."""
    desk.goto(f"{site.address}{BASE}/next")
    no_violation(desk)
    desk.set_viewport_size({"width": 1280, "height": 900})
    status = desk.get_by_role("status")
    for number in range(4):
        expect(status).to_contain_text(f"{number} of 1,108")
        if not desk.locator("[data-key]:checked").count():
            desk.keyboard.press("1")
        alone(desk)
        desk.keyboard.press("Enter")
    expect(status).to_contain_text("4 of 1,108")
    before = desk.locator(".coding-comment").inner_text()
    desk.keyboard.press("p")
    expect(desk.locator(".coding-comment")).not_to_have_text(before)
    alone(desk)
    desk.keyboard.press("0")
    expect(status).to_contain_text("5 of 1,108")
    desk.keyboard.press("u")
    expect(status).to_contain_text("4 of 1,108")


def alone(desk: Page) -> None:
    """Code this comment and not its copies, which would be counted too."""
    for box in desk.locator("input[name=copies]").all():
        box.uncheck()


def code_the_sample(desk: Page, site: Site) -> None:
    desk.goto(f"{site.address}{BASE}/sample")
    for number in range(3):
        expect(desk.get_by_role("status")).to_contain_text(re.compile(rf"^{number} of \d+ done"))
        desk.locator(".govuk-checkboxes__input").nth(number).check()
        desk.get_by_role("button", name="Save and next").click()
    no_violation(desk)
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.get_by_role("button", name="Save and next").click()
    expect(desk.locator(".govuk-error-summary")).to_contain_text("Choose one or more codes")
    no_violation(desk)


def test_two_questions_by_one_frame(desk: Page, site: Site) -> None:
    base = f"{site.address}/staff/coding/{SURVEY}/rise_first"
    desk.goto(base)
    desk.get_by_role("button", name="Read the comments").click()
    expect(desk.get_by_role("heading", name="Candidates")).to_be_visible(timeout=PATIENCE)
    desk.get_by_label("Name", exact=True).fill("Fewer buildings")
    desk.get_by_role("button", name="Add", exact=True).click()
    desk.get_by_text("Code other questions by this frame too").click()
    desk.get_by_label("Question", exact=True).select_option(value=f"{SURVEY} freeze_savings v1")
    desk.get_by_role("button", name="Take it in").click()
    expect(desk.locator("main")).to_contain_text("are not here yet: read all comments again")
    no_violation(desk)
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.get_by_role("button", name="Read all comments again").click()
    expect(desk.locator("main")).to_contain_text("answers to 2 questions", timeout=PATIENCE)
    desk.goto(f"{base}/next")
    expect(desk.locator("main")).to_contain_text("It answers “")
    no_violation(desk)
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.goto(f"{site.address}/staff/coding/{SURVEY}")
    expect(desk.locator("main")).to_contain_text("Coded together with")
    no_violation(desk)
    desk.goto(base)
    desk.get_by_role("button", name="Let it go").click()
    expect(desk.locator("main")).to_contain_text("Let go of “freeze_savings”")


def test_coding_without_scripts(browser: Browser, site: Site) -> None:
    context, page = signed_in(browser, site, "analyst@example.org", java_script_enabled=False)
    base = f"{site.address}/staff/coding/{SURVEY}/freeze_savings"
    page.goto(base)
    page.get_by_role("button", name="Read the comments").click()
    expect(page.get_by_role("link", name="See how far it is")).to_be_visible()
    for _ in range(PATIENCE // 500):
        if page.get_by_role("heading", name="Candidates").count():
            break
        page.wait_for_timeout(500)
        page.goto(base)
    page.get_by_label("Name", exact=True).fill("Buildings")
    page.get_by_label("Description").fill("Offices, stations and houses to sell or let")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="Code comments").first.click()
    page.locator(".govuk-checkboxes__input").first.check()
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    page.get_by_role("button", name="Take my last one back").click()
    expect(page.locator("main")).to_contain_text("0 of 285")
    context.close()
