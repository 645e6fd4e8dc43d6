"""Designing in Chromium: the shipped survey from a blank page, by mouse and by keyboard alone."""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from consult.accounts import passwords
from consult.accounts.store import put_staff
from consult.database import Database
from consult.questionnaire.document import Document
from consult.questionnaire.loading import examine, load
from consult.settings import shipped
from tests.e2e.conftest import PASSWORD, Site, apart
from tests.e2e.test_resident import no_violation, sign_in

SLUG = "warwickshire-precept-2025-26"
SHIPPED = shipped("surveys") / SLUG
DESIGNER = "designer@example.org"
TOM = "tom@example.org"


async def add_designer(url: str) -> None:
    """A second designer."""
    database = Database(url)
    async with database.writing() as session:
        await put_staff(session, TOM, "designer", passwords.hashed(PASSWORD), by="test")
    await database.close()


def signed_in(
    browser: Browser, site: Site, who: str = DESIGNER, **settings: Any
) -> tuple[BrowserContext, Page]:
    context = browser.new_context(locale="en-GB", **settings)
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, site, who)
    return context, page


@pytest.fixture
def desk(browser: Browser, site: Site) -> Iterator[Page]:
    """A designer at a desk."""
    context, page = signed_in(browser, site)
    yield page
    context.close()


class Hands(Protocol):
    """What a person does to a page."""

    def write(self, field: Locator, text: str) -> None: ...
    def choose(self, field: Locator, value: str) -> None: ...
    def tick(self, field: Locator, wanted: bool = True) -> None: ...
    def press(self, button: Locator) -> None: ...


class Mouse:
    """Points and types."""

    def write(self, field: Locator, text: str) -> None:
        field.fill(text)

    def choose(self, field: Locator, value: str) -> None:
        field.select_option(value)

    def tick(self, field: Locator, wanted: bool = True) -> None:
        field.set_checked(wanted)

    def press(self, button: Locator) -> None:
        button.click()


#: Letters of a text that are typed one by one: each is a message to the browser and back.
SPELT = 24


class Keys:
    """Tab, Enter, space, arrows and letters, and nothing else."""

    FOCUSED = "element => element === document.activeElement"
    #: How many stops on the way to an element, about; fewer than none backwards, none at it.
    WAY = """element => {
        const stops = [...document.querySelectorAll("a, button, input, select, textarea, summary")]
            .filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility());
        const away = stops.indexOf(element) - stops.indexOf(document.activeElement);
        if (element === document.activeElement) return 0;
        return away || (document.activeElement
            .compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING ? 1 : -1); }"""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, target: Locator) -> None:
        """Tab to something, forwards or backwards."""
        for time in range(600):
            stops = target.evaluate(self.WAY)
            if not stops:
                return
            # A date is several stops, a group of radios one: nearer each time, then by steps.
            for _ in range(abs(stops) if time == 0 else max(1, abs(stops) // 2)):
                self.page.keyboard.press("Tab" if stops > 0 else "Shift+Tab")
        raise AssertionError(f"Tab does not lead to {target}")

    def write(self, field: Locator, text: str) -> None:
        self.reach(field)
        if field.get_attribute("type") == "datetime-local":
            year, month, day, hour, minute = re.findall(r"\d+", text)
            # Into its first part, coming from before; this machine's browser is American.
            while field.evaluate(self.FOCUSED):
                self.page.keyboard.press("Shift+Tab")
            self.page.keyboard.press("Tab")
            self.page.keyboard.type(f"{month}{day}{year}")
            self.page.keyboard.press("ArrowRight")
            noon = "A" if int(hour) < 12 else "P"
            self.page.keyboard.type(f"{(int(hour) - 1) % 12 + 1:02}{minute}{noon}")
            expect(field).to_have_value(text)
            return
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text[:SPELT])
        self.page.keyboard.insert_text(text[SPELT:])  # the rest of a long one is pasted

    def choose(self, field: Locator, value: str) -> None:
        self.reach(field)
        self.page.keyboard.press("Home")
        for _ in range(60):
            if field.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no {value}")

    def tick(self, field: Locator, wanted: bool = True) -> None:
        if field.is_checked() != wanted:
            self.reach(field)
            self.page.keyboard.press("Space")

    def press(self, button: Locator) -> None:
        self.reach(button)
        self.page.keyboard.press("Enter")


class Walker:
    """Designs a survey that it reads, through the pages alone."""

    def __init__(self, page: Page, site: Site, hands: Hands, slug: str) -> None:
        self.page, self.site, self.hands, self.slug = page, site, hands, slug
        self.base = f"{site.address}/staff/surveys/{slug}"

    def field(self, name: str) -> Locator:
        """The visible field for an address."""
        shown = f'[name="{name}"]:not([type=hidden])'
        return self.page.locator(shown).first

    def save(self) -> None:
        form = self.page.locator("form[data-autosave]")
        self.send(form.get_by_role("button", name="Save", exact=True))

    def send(self, button: Locator) -> None:
        """Press a button that leads to a page, and wait for it."""
        self.page.evaluate("document.body.dataset.old = '1'")
        self.hands.press(button)
        expect(self.page.locator("body:not([data-old])")).to_be_visible()
        self.page.wait_for_load_state()
        expect(self.page.locator(".govuk-error-summary")).to_have_count(0)

    def begin(self, survey: Document) -> None:
        self.page.goto(f"{self.site.address}/staff/surveys/new")
        self.hands.write(self.page.locator("#title"), survey.words["en"]["title"])
        self.hands.write(self.page.locator("#body"), survey.definition["body"])
        self.hands.press(self.page.locator("summary"))
        self.hands.write(self.page.locator("#slug"), self.slug)
        self.send(self.page.get_by_role("button", name="Make the questionnaire"))
        expect(self.page.locator("h1")).to_have_text("Questions")

    def settings(self, survey: Document) -> None:
        self.page.goto(f"{self.base}/settings")
        definition, words = survey.definition, survey.words["en"]
        for key in ("summary", "thanks", "contact"):
            self.hands.write(self.field(f"words/en/{key}"), words[key].rstrip("\n"))
        self.hands.write(self.field("words/en/illustrative"), "\n".join(words["illustrative"]))
        for key in ("opens", "closes", "grace_minutes"):
            self.hands.write(self.field(f"settings/{key}"), str(definition[key]))
        for key, count in definition["disclosure"].items():
            self.hands.write(self.field(f"settings/disclosure/{key}"), str(count))
        self.hands.write(self.field("population"), survey.population)
        self.save()

    def reporting(self, survey: Document) -> None:
        self.page.goto(f"{self.base}/settings")
        precept = survey.definition["precept"]
        self.hands.choose(self.field("settings/headline"), survey.definition["headline"])
        self.hands.choose(self.field("settings/precept/band"), precept["band"])
        self.hands.write(self.field("settings/precept/band_d"), str(precept["band_d"]))
        rises = "\n".join(f"{name} {amount}" for name, amount in precept["rises"].items())
        self.hands.write(self.field("settings/precept/rises"), rises)
        self.save()

    def question(self, question: dict[str, Any], labels: dict[str, Any]) -> None:
        self.page.goto(self.base)
        self.hands.write(self.page.locator("#ask"), labels["ask"])
        self.hands.choose(self.page.locator("#kind"), question["type"])
        self.send(self.page.get_by_role("button", name="Add question"))
        name = self.page.locator('[name$="/id"]')
        expect(name).to_be_visible()
        self.hands.write(name, question["id"])
        self.save()
        qid = question["id"]
        expect(self.page).to_have_url(re.compile(f"/questions/{qid}"))
        if "options" in question:
            self.options(question, labels)
        if "when" in question:
            self.condition(question)
        for key in ("hint", "short", "unanswered"):
            if key in labels:
                self.hands.write(self.field(f"words/en/questions/{qid}/{key}"), labels[key])
        self.hands.tick(self.field(f"question/{qid}/required"), question.get("required", False))
        if "role" in question:
            self.hands.choose(self.field(f"question/{qid}/role"), question["role"])
        for key in ("minimum", "maximum"):
            if key in question:
                self.hands.write(self.field(f"question/{qid}/{key}"), str(question[key]))
        self.save()
        for net, codes in question.get("nets", {}).items():
            self.net(qid, net, labels["nets"][net], codes)

    def options(self, question: dict[str, Any], labels: dict[str, Any]) -> None:
        qid = question["id"]
        listed = [o if isinstance(o, dict) else {"code": o} for o in question["options"]]
        lines = []
        for option in listed:
            code = option["code"]
            hint = labels.get("hints", {}).get(code, "")
            lines.append(f"{code} | {labels['options'][code]}" + (f" | {hint}" if hint else ""))
        details = self.page.locator("details", has_text="Paste options")
        self.hands.press(details.locator("summary"))
        self.hands.write(self.page.locator("#paste-options"), "\n".join(lines))
        self.hands.tick(self.page.locator("#anew-options"))
        self.send(details.get_by_role("button", name="Put them in"))
        expect(self.page.locator(".designer-options > li")).to_have_count(len(listed))
        for option in listed:
            flags = {name for name in option if name != "code"}
            flags |= {"apart"} if option["code"] in question.get("apart", []) else set()
            if not flags:
                continue
            item = self.page.locator(f"#options-{option['code']}")
            self.hands.press(item.locator("summary"))
            for flag in flags:
                self.hands.tick(self.field(f"option/{qid}/options/{option['code']}/{flag}"))
        self.save()

    def net(self, qid: str, net: str, label: str, codes: list[str]) -> None:
        self.hands.write(self.page.locator("#new-net"), f"{net} | {label}")
        self.send(self.page.locator('button[value="net-add:"]'))
        box = self.page.locator(f'[name="net/{qid}/{net}/codes"][type=checkbox]')
        expect(box.first).to_be_visible()
        for code in codes:
            self.hands.tick(self.page.locator(f'[name="net/{qid}/{net}/codes"][value="{code}"]'))
        self.save()

    def condition(self, question: dict[str, Any]) -> None:
        """A condition on one earlier question, as the shipped survey has them."""
        name, sign, rest = question["when"].split(" ", 2)
        codes = re.findall(r'"(\w+)"', rest)
        self.hands.choose(self.page.locator("#when-new"), name)
        self.send(self.page.get_by_role("button", name="Add line"))
        self.hands.choose(self.field("when.0.op"), "is_not" if sign == "!=" else "is")
        boxes = self.page.locator('[name="when.0.value"]')
        for number in range(boxes.count()):
            box = boxes.nth(number)
            self.hands.tick(box, box.get_attribute("value") in codes)
        self.save()

    def made(self) -> Document:
        """The files that the designer gives, read."""
        answer = self.page.request.get(f"{self.base}/files/{self.slug}.zip")
        with zipfile.ZipFile(io.BytesIO(answer.body())) as archive:
            texts = {name.split("/")[1]: archive.read(name).decode() for name in archive.namelist()}
        return Document.from_texts(texts)


def features(question: dict[str, Any], labels: dict[str, Any]) -> set[str]:
    """What whoever designs a question has to find a way to."""
    found = {question["type"], *question, *(f"worded {key}" for key in labels)}
    found |= {
        key for option in question.get("options", ()) if option != str(option) for key in option
    }
    return found | {question["when"].split(" ")[1]} if "when" in question else found


def shortened(survey: Document) -> Document:
    """The survey without questions in which there is nothing that earlier ones have not.

    What margins count stays, and what a condition, the report's headline or a cost is about.
    """
    words = survey.words["en"]["questions"]
    whens = [page.get("when") for page in survey.definition["pages"]]
    asked_for = survey.population + json.dumps({**survey.definition, "pages": whens})
    kept: list[dict[str, Any]] = []
    known: set[str] = set()
    for page in survey.definition["pages"]:
        new = features(page, words[page["id"]]) - known
        if new or re.search(rf"\b{page['id']}\b", asked_for):
            kept.append(page)
        known |= new
    left = {page["id"]: words[page["id"]] for page in kept}
    said = {"en": {**survey.words["en"], "questions": left}}
    return Document({**survey.definition, "pages": kept}, said, survey.population)


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_the_shipped_survey_is_designed_from_a_blank_page(desk: Page, site: Site, way: str) -> None:
    survey = Document.from_folder(SHIPPED)
    hands: Hands = Mouse()
    if way == "keyboard":  # every field is reached once; the mouse makes the whole survey
        survey, hands = shortened(survey), Keys(desk)
    walker = Walker(desk, site, hands, f"designed-by-{way}")
    walker.begin(survey)
    walker.settings(survey)
    for question in survey.definition["pages"]:
        walker.question(question, survey.words["en"]["questions"][question["id"]])
    walker.reporting(survey)
    desk.goto(f"{walker.base}/problems")
    expect(desk.locator("main")).to_contain_text("Nothing is wrong")
    made = walker.made()
    found = examine(
        Document({**made.definition, "survey": SLUG}, made.words, made.population), SLUG
    )
    wanted = examine(survey, SLUG)
    assert found.problems == wanted.problems == []
    assert found.survey is not None
    assert wanted.survey is not None
    assert found.survey.content_hash == wanted.survey.content_hash
    assert (found.survey.content_hash == load(SHIPPED).content_hash) is (way == "mouse")


def template(page: Page, site: Site, slug: str) -> str:
    """A questionnaire from the shipped one; returns its address."""
    form = {"how": "template", "template": SLUG, "slug": slug}
    answer = page.request.post(f"{site.address}/staff/surveys/new", multipart=form)
    assert answer.ok, answer.text()
    return f"{site.address}/staff/surveys/{slug}"


def test_typing_is_saved_checked_and_undone(desk: Page, site: Site) -> None:
    base = template(desk, site, "typing")
    desk.goto(f"{base}/questions/district")
    ask = desk.locator('[name="words/en/questions/district/ask"]')
    ask.fill("Where is your home?")
    expect(desk.locator("[data-status]")).to_have_text("Saved")
    assert ask.evaluate("element => element === document.activeElement")
    ask.fill("")
    expect(desk.locator("[data-count]")).to_have_text("1")
    expect(desk.locator("[data-mending]")).to_contain_text("no wording")
    expect(desk.locator("[data-field$='district/ask'] [data-error]")).to_be_visible()
    ask.fill("Where is your house?")
    expect(desk.locator("[data-count]")).to_have_text("0")
    expect(desk.locator("[data-undo]")).to_be_enabled()
    desk.locator("[data-undo]").click()
    desk.goto(f"{base}/questions/district")
    expect(ask).to_have_value("Where do you live?")
    desk.locator("[data-redo]").click()
    desk.goto(f"{base}/questions/district")
    expect(ask).to_have_value("Where is your house?")


def test_two_people_are_told_and_choose(browser: Browser, desk: Page, site: Site) -> None:
    base = template(desk, site, "two-people")
    apart(lambda: asyncio.run(add_designer(site.database_url)))
    context, other = signed_in(browser, site, who=TOM)
    field = "words/en/questions/district/ask"
    for page in (desk, other):
        page.goto(f"{base}/questions/district")
    desk.locator(f'[name="{field}"]').fill("Mine")
    expect(desk.locator("[data-status]")).to_have_text("Saved")
    other.locator(f'[name="{field}"]').fill("Theirs")
    clash = other.locator(".designer-clash")
    expect(clash).to_contain_text("Mine")
    expect(clash).to_contain_text("Designer changed this too")
    clash.get_by_role("button", name="Use mine").click()
    expect(other.locator("[data-status]")).to_have_text("Saved")
    desk.goto(f"{base}/questions/district")
    expect(desk.locator(f'[name="{field}"]')).to_have_value("Theirs")
    desk.goto(f"{base}/history")
    expect(desk.locator("main")).to_contain_text("Kept aside")
    context.close()


def test_a_question_is_dragged(desk: Page, site: Site) -> None:
    base = template(desk, site, "dragging")
    desk.goto(base)
    rows = desk.locator(".designer-outline > li")
    expect(rows.nth(0)).to_contain_text("Where do you live?")
    expect(desk.locator(".designer-outline--drag")).to_be_visible()
    start = rows.nth(0).locator("[data-handle]").bounding_box()
    end = rows.nth(1).locator("[data-handle]").bounding_box()
    assert start
    assert end
    desk.mouse.move(start["x"] + 8, start["y"] + 15)
    desk.mouse.down()
    desk.wait_for_timeout(100)
    for down in range(40):  # a hand goes on until the row has moved
        desk.mouse.move(end["x"] + 8, end["y"] + 15 + down % 30, steps=3)
        desk.wait_for_timeout(100)
        if "Which council tax band" in rows.nth(0).inner_text():
            break
    desk.mouse.up()
    expect(desk.locator("[data-undo]")).to_be_enabled()  # saved, and the page shown anew
    expect(rows.nth(0)).to_contain_text("Which council tax band")
    desk.reload()
    expect(rows.nth(0)).to_contain_text("Which council tax band")


def test_everything_works_without_javascript(browser: Browser, site: Site) -> None:
    size = {"width": 375, "height": 700}
    context, page = signed_in(browser, site, java_script_enabled=False, viewport=size)
    base = template(page, site, "no-script")
    page.goto(base)
    page.locator('button[value="down:district"]').click()
    expect(page.locator(".designer-outline > li").nth(1)).to_contain_text("Where do you live?")
    assert page.url.endswith("#at-district")
    page.get_by_role("link", name="How old are you?", exact=True).click()
    page.locator("#new-options").fill("Under 16")
    page.get_by_role("button", name="Add option").click()
    expect(
        page.locator(".designer-options > li").last.locator("input[type=text]").first
    ).to_have_value("Under 16")
    page.locator('button[value="option-up:options/under_16"]').click()
    page.locator("form[data-autosave] button", has_text="Save").last.click()
    page.get_by_role("button", name="Undo").click()
    page.goto(f"{base}/preview/en/district")
    page.locator("input[type=radio]").first.check()
    page.get_by_role("button", name="Continue").last.click()
    expect(page.locator("h1")).to_contain_text("Which option")
    context.close()


def test_the_designer_is_accessible(browser: Browser, site: Site) -> None:
    context, page = signed_in(browser, site, bypass_csp=True)
    base = template(page, site, "accessible")
    mercia = f"{site.address}/staff/surveys/mercia-accessible"
    form = {"how": "template", "template": "west-mercia-plan-2013", "slug": "mercia-accessible"}
    assert page.request.post(f"{site.address}/staff/surveys/new", multipart=form).ok
    page.goto(f"{base}/questions/district")
    page.locator('[name="words/en/questions/district/ask"]').fill("")
    expect(page.locator("[data-count]")).to_have_text("1")
    paths = ["", "/questions/district", "/questions/affordable", "/settings", "/languages"]
    paths += ["/problems", "/preview?page=option", "/files", "/history", "/history/1", "/publish"]
    for path in paths:
        page.goto(f"{base}{path}")
        no_violation(page)
    for path in ("", "/pages/plan", "/questions/aims?lang=cy", "/settings?lang=cy"):
        page.goto(f"{mercia}{path}")
        no_violation(page)
    for path in ("", "/new"):
        page.goto(f"{site.address}/staff/surveys{path}")
        no_violation(page)
    context.close()
