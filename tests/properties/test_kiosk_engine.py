"""The tablet's engine, in Chromium, does what the Python does: every survey, every answer."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from consult.arriving.shapes import sectors
from consult.kiosk.bundle import CLOSE, MESSAGES, OPEN, field_html, labels_for, rules
from consult.kiosk.conditions import compiled
from consult.questionnaire import order
from consult.questionnaire.answers import Optioned
from consult.questionnaire.conditions import holds
from consult.questionnaire.formats.expression import NotUnderstood
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.questionnaire.wording import piped, resolver
from consult.respond.journey import Journey, travel
from consult.settings import shipped
from tests.conftest import SURVEYS
from tests.e2e.conftest import browser
from tests.properties.generated import answer_sets, surveys

__all__ = ["browser"]
ENGINE = shipped("migrations").parent / "src/consult/web/static/kiosk-engine.js"
RUN = """async ([rules, raw, closed, seed, words]) => {
  const engine = await import("/kiosk-engine.js");
  const order = await engine.orderOf(rules, seed);
  const journey = engine.journey(rules, raw, closed, order);
  const { review } = engine.wording(rules, words, journey.live);
  const said = Object.fromEntries(Object.keys(journey.live).map((id) => [id, review(id)]));
  return JSON.stringify({ ...journey, order, said });
}"""
#: What people type that no list of options has.
JUNK = st.sampled_from(
    ["", " ", "0", "-0", "12", "12.50", "1,250", "12,5", "£5", "1e9", "+7", ".5", "5.", "٥", "۱۲",
     "x", "99999999999999999", "007", "\u2028", "🚓", "a\r\nb", "1=2", "none"]
)  # fmt: skip


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of a secure context that has the engine beside it."""
    context = browser.new_context()
    made = context.new_page()
    script = ENGINE.read_text(encoding="utf-8")
    made.route(
        "http://localhost/**",
        lambda route: route.fulfill(
            body=script if route.request.url.endswith(".js") else "<!DOCTYPE html>",
            content_type="text/javascript" if route.request.url.endswith(".js") else "text/html",
        ),
    )
    made.goto("http://localhost/")
    yield made
    context.close()


def words_of(survey: Survey) -> dict[str, Any]:
    named = survey.questions.items()
    return {"questions": {name: labels_for(survey, question, "en") for name, question in named}}


def in_chromium(
    page: Page, survey: Survey, raw: dict[str, list[str]], closed: list[str], seed: int
) -> dict[str, Any]:
    words = words_of(survey)
    return dict(json.loads(page.evaluate(RUN, [rules(survey), raw, closed, seed, words])))


def in_python(journey: Journey) -> dict[str, Any]:
    """The same, as the web works it out."""
    survey = journey.survey
    resolve = resolver(survey, "en", journey.route.answers)

    def stored(answers: Any) -> dict[str, Any]:
        return {name: survey.questions[name].store(value) for name, value in answers.items()}

    return {
        "answers": stored(journey.answers),
        "live": stored(journey.route.answers),
        "steps": [
            {
                "page": step.page.id,
                "shown": [question.id for question in step.questions],
                "asked": [question.id for question in step.asked],
            }
            for step in journey.route.steps
        ],
        "errors": {
            name: (error.message, {key: str(value) for key, value in error.params.items()})
            for name, error in journey.errors.items()
        },
        "said": {
            name: survey.questions[name].review(value, piped(survey.labels(name, "en"), resolve))
            for name, value in journey.route.answers.items()
        },
    }


def agrees(page: Page, survey: Survey, raw: dict[str, list[str]], seed: int, *closed: str) -> None:
    looked_up = sectors(survey.questions)
    raw = {name: texts for name, texts in raw.items() if name not in looked_up}
    expected = in_python(travel(survey, raw, (), closed, seed))
    for step in expected["steps"]:
        step["asked"] = [name for name in step["asked"] if name not in looked_up]
    found = in_chromium(page, survey, raw, list(closed), seed)
    shown = found.pop("order")
    found["errors"] = {
        name: (error["message"], {key: str(value) for key, value in error["params"].items()})
        for name, error in found["errors"].items()
    }
    assert found == expected
    assert {message for message, _ in found["errors"].values()} <= set(MESSAGES)
    assert shown["pages"] == [each.id for each in order.pages(survey, seed)]
    for name, moved in shown["options"].items():
        question = survey.questions[name]
        assert isinstance(question, Optioned)
        moving = [o.code for o in order.options(question, seed) if not question.stays(o)]
        assert moved == moving


@given(data=st.data(), survey=surveys(), seed=st.integers(0, 2**31 - 1))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_survey_is_led_through_alike(
    page: Page, data: st.DataObject, survey: Survey, seed: int
) -> None:
    answers = data.draw(answer_sets(survey))
    raw = {name: survey.questions[name].raw(value) for name, value in answers.items()}
    spoiled = data.draw(st.lists(st.sampled_from(sorted(survey.questions)), max_size=3))
    for name in spoiled:
        parts = getattr(survey.questions[name], "parts", lambda: ())()
        typed = data.draw(st.lists(JUNK, max_size=2))
        raw[name] = [f"{data.draw(st.sampled_from(parts))}={t}" for t in typed] if parts else typed
    agrees(page, survey, raw, seed)


@pytest.mark.parametrize("name", ["everything", "every-type"])
@given(data=st.data(), seed=st.integers(0, 2**31 - 1))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_our_own_surveys_are_too(page: Page, name: str, data: st.DataObject, seed: int) -> None:
    survey = load(SURVEYS / name)
    answers = data.draw(answer_sets(survey))
    # Only checked where the response arrives: the two languages of patterns differ.
    answers.pop("plate", None)
    agrees(page, survey, {n: survey.questions[n].raw(v) for n, v in answers.items()}, seed)


def test_parts_close_alike(page: Page) -> None:
    survey = load(shipped("surveys") / "west-mercia-plan-2013")
    part = survey.definition.parts[0].id
    agrees(page, survey, {}, 7, part)
    agrees(page, survey, {}, 7)


CONDITIONS = [
    'view == "freeze"', 'view != "freeze"', '!(view == "freeze")', "answered.view",
    "!answered.view", '"roads" in priorities', '!("roads" in priorities)', "pay > 10",
    "pay <= 10 || !answered.pay", "roads_more != 7", 'district in ["north", "south"]',
    'why_freeze.contains("🚓")', '!why_freeze.contains("x")', 'why_freeze < "b"',
    '"roads" in priorities && district != "elsewhere" || pay == 12.5',
    '!answered.view || view != "freeze"', '!answered.priorities || !("roads" in priorities)',
    '!answered.why_freeze || !why_freeze.contains("x")', 'why_freeze < "a🚓"',
]  # fmt: skip


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_conditions_hold_alike(page: Page, data: st.DataObject) -> None:
    survey = load(SURVEYS / "everything")
    answers = data.draw(answer_sets(survey))
    some = data.draw(st.sampled_from(["🚓", "x", "a\ufffd", "a🚓", "b", "B"]))
    if data.draw(st.booleans()):
        answers["why_freeze"] = some
    live = {name: survey.questions[name].store(value) for name, value in answers.items()}
    trees = [compiled(condition, survey) for condition in CONDITIONS]
    found = page.evaluate(
        """async ([trees, live]) => {
          const { holds } = await import("/kiosk-engine.js");
          return trees.map((tree) => holds(tree, live));
        }""",
        [trees, live],
    )
    assert found == [holds(condition, survey.questions, answers) for condition in CONDITIONS]


def test_a_condition_no_tablet_can_work_out_is_named() -> None:
    survey = load(SURVEYS / "everything")
    with pytest.raises(NotUnderstood):
        compiled("pay * 2.0 > 10.0", survey)


def test_marks_are_filled_as_the_web_fills_pipes(page: Page) -> None:
    survey = load(SURVEYS / "everything")
    html = field_html(survey, survey.questions["view"], "en", "", True)
    assert f"{OPEN}district{CLOSE}" in html
    for raw, said in (
        ({}, "What should happen in your district?"),
        ({"district": ["north"]}, "What should happen in North?"),
        ({"band": ["a"]}, "£193.14"),
        ({"band": ["dont_know"]}, "£289.71"),
    ):
        filled = page.evaluate(
            """async ([rules, words, raw, html]) => {
              const engine = await import("/kiosk-engine.js");
              const order = await engine.orderOf(rules, 1);
              const { live } = engine.journey(rules, raw, [], order);
              return engine.wording(rules, words, live).fill(html);
            }""",
            [
                rules(survey),
                words_of(survey),
                raw,
                html,
            ],
        )
        assert said in filled
        assert OPEN not in filled
