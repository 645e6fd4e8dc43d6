"""A whole journey by keyboard alone, in the order in which a screen reader meets it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site
from tests.e2e.test_every_page import fill
from tests.e2e.test_resident import press

#: What is focused: what it is, what it is called, where it stands, and whether one sees it.
FOCUSED = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect(), style = getComputedStyle(it);
  const label = it.labels?.[0] ? getComputedStyle(it.labels[0], '::before') : style;
  return {
    tag: it.tagName.toLowerCase(), type: it.type || '', name: it.name || '',
    value: it.value || '', text: (it.labels?.[0] || it).innerText || '',
    top: Math.round(box.top + scrollY), left: Math.round(box.left),
    ring: style.boxShadow !== 'none' || style.outlineStyle !== 'none' || label.boxShadow !== 'none',
  };
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    made = context.new_page()
    # Not a single click: whoever has no mouse gets through.
    made.add_init_script("addEventListener('pointerdown', () => { throw Error('a mouse') }, true)")
    yield made
    context.close()


def focused(page: Page) -> dict[str, object]:
    found: dict[str, object] = page.evaluate(FOCUSED)
    return found


def tab_to(page: Page, tag: str, **wanted: str) -> dict[str, object]:
    """Press Tab until something is focused, each stop visible and further on than the last."""
    before: tuple[int, int] | None = None
    for _ in range(60):
        page.keyboard.press("Tab")
        at = focused(page)
        if at["tag"] == "body":
            continue
        assert at["ring"], f"nobody sees that {at} is focused"
        if "govuk-skip-link" not in (page.evaluate("document.activeElement.className") or ""):
            place = (int(str(at["top"])), int(str(at["left"])))
            assert before is None or place[0] >= before[0] - 60, (before, at)
            before = place
        if at["tag"] == tag and all(str(at[key]).strip().startswith(wanted[key]) for key in wanted):
            return at
    raise AssertionError(f"no {tag} {wanted} on {page.url}")


def go_on(page: Page) -> None:
    tab_to(page, "button", text="Continue")
    page.keyboard.press("Enter")


def arrived(page: Page, at: str) -> None:
    page.wait_for_url(f"**/q/{at}")
    expect(page.locator("body.js-enabled")).to_have_count(1)


def test_a_whole_journey_by_keyboard(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/s/everything/en")
    expect(page.locator("body.js-enabled")).to_have_count(1)
    page.keyboard.press("Tab")
    assert focused(page)["text"] == "Skip to main content"
    tab_to(page, "button", text="Start now")
    page.keyboard.press("Enter")
    arrived(page, "district")
    # Nothing chosen: the error summary has the focus, and its link leads to the question.
    go_on(page)
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert page.title().startswith("Error: ")
    page.keyboard.press("Tab")
    assert focused(page)["text"] == "Select an answer"
    page.keyboard.press("Enter")
    assert focused(page)["type"] == "radio"
    page.keyboard.press("Space")
    go_on(page)
    arrived(page, "band")
    tab_to(page, "input", name="band")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    go_on(page)
    arrived(page, "view")
    tab_to(page, "input", name="view")
    page.keyboard.press("Space")
    while focused(page)["value"] != "freeze":
        page.keyboard.press("ArrowDown")
    go_on(page)
    arrived(page, "why_freeze")
    tab_to(page, "textarea", name="why_freeze")
    page.keyboard.type("Too dear")
    go_on(page)
    arrived(page, "priorities")
    for value in ("roads", "patrols"):
        tab_to(page, "input", name="priorities", value=value)
        page.keyboard.press("Space")
    go_on(page)
    arrived(page, "roads_more")
    tab_to(page, "input", name="roads_more")
    page.keyboard.type("7")
    page.keyboard.press("Enter")  # in a text box Enter goes on, and switches no language
    arrived(page, "about_money")
    assert "/en/" in page.url
    for _ in range(8):
        if page.url.endswith("/check"):
            break
        before = page.url
        go_on(page)
        page.wait_for_url(lambda url, before=before: url != before)
    # Change an answer from the check page: its link says which.
    expect(page.locator("body.js-enabled")).to_have_count(1)
    change = tab_to(page, "a", text="Change")
    assert len(str(change["text"])) > len("Change ")
    page.keyboard.press("Enter")
    arrived(page, "district?change=1")
    go_on(page)
    page.wait_for_url("**/check")
    expect(page.locator("body.js-enabled")).to_have_count(1)
    tab_to(page, "button", text="Send my answers")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sent")
    assert page.locator(".consult-receipt").inner_text()


def test_a_screen_reader_meets_each_page_in_the_order_it_is_read(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/s/everything/en")
    tab_to(page, "button", text="Start now")
    page.keyboard.press("Enter")
    arrived(page, "district")
    tree = page.locator("main").aria_snapshot()
    said = [line.strip("- ").split(" [")[0] for line in tree.splitlines()][1:]
    assert "Question 1 of" in said[0]
    order = [i for i, line in enumerate(said) if line.startswith(("group", "radio", "button"))]
    kinds = [said[i].split(" ")[0].rstrip(":") for i in order]
    # The question once, as the group's name and the page's heading; then options; then buttons.
    assert kinds[0] == "group"
    assert set(kinds[1 : kinds.index("button")]) == {"radio"}
    assert tree.count("heading") == 1
    assert page.locator("h1").count() == 1
    # Every control has a name, and the page says its language and its landmarks.
    assert page.locator("main").count() == page.locator("header").count() == 1
    for control in page.locator("main input:visible").all():
        assert control.evaluate("it => it.labels.length") == 1


def test_matrices_and_radios_a_screen_reader_can_use(browser: Browser, site: Site) -> None:
    """A grid is a page a row: each group of radios is named by the question and its row."""
    context = browser.new_context()
    page = context.new_page()
    base = f"{site.address}/s/every-type/en"
    page.goto(base)
    page.locator("main form button").first.click()
    seen = set()
    for _ in range(40):
        if page.url.endswith("/check"):
            break
        assert page.locator("table input").count() == 0  # no table of bare buttons anywhere
        if "/q/safe_" in page.url:
            group = page.get_by_role("group").first
            row = page.url.rsplit("_", 1)[1]
            assert page.locator("h1").count() == 1
            seen.add((row, group.aria_snapshot().splitlines()[0]))
            for radio in page.get_by_role("radio").all():
                assert radio.evaluate("it => it.labels.length === 1 && it.labels[0].innerText")
        fill(page)
        press(page)
    assert {row for row, _ in seen} == {"day", "night"}
    assert len({name for _, name in seen}) == 2
    assert all("safe" in name.lower() for _, name in seen)
    context.close()
