"""What must hold for any survey and any answers: routing ends, nothing is lost, all round-trips."""

import json
import string
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.clock import now, today
from consult.datasets.rows import NOT_ASKED, StoredResponse, cells, raw_of
from consult.questionnaire.answers import (
    Choice,
    Choices,
    Invalid,
    LongText,
    Money,
    Number,
    Question,
    Scale,
)
from consult.questionnaire.loading import load
from consult.questionnaire.model import Definition, Words
from consult.questionnaire.routing import route
from consult.questionnaire.survey import Survey
from consult.respond.draft import Draft, Token
from consult.respond.journey import travel

EVERYTHING = load(Path(__file__).parents[1] / "surveys" / "everything")
codes = st.lists(st.sampled_from(string.ascii_lowercase), min_size=2, max_size=6, unique=True)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=60)


@st.composite
def answers_of(draw: st.DrawFn, question: Question) -> Any:
    """A value that a question could be answered with."""
    if isinstance(question, Choice | Scale):
        return draw(st.sampled_from(question.codes))
    if isinstance(question, Choices):
        alone = [o.code for o in question.options if o.exclusive]
        others = [code for code in question.codes if code not in alone]
        most = question.maximum or len(others)
        chosen = draw(st.lists(st.sampled_from(others), min_size=1, max_size=most, unique=True))
        picked = draw(st.sampled_from([chosen, *([code] for code in alone)]))
        return tuple(code for code in question.codes if code in picked)
    if isinstance(question, Number | Money):
        low = question.minimum if question.minimum is not None else Decimal(-1000)
        high = question.maximum if question.maximum is not None else Decimal(1000)
        return draw(st.decimals(low, high, places=question.places)) + Decimal(0)
    assert isinstance(question, LongText)
    return draw(words.map(str.strip).filter(lambda t: 0 < len(t) <= question.maximum))


@st.composite
def answer_sets(draw: st.DrawFn, survey: Survey) -> dict[str, Any]:
    """Answers to some of a survey's questions, on the path or not."""
    asked = draw(st.lists(st.sampled_from(list(survey.questions.values())), unique_by=id))
    return {q.id: draw(answers_of(q)) for q in asked}


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    """A survey of choices whose later pages depend on earlier answers in every way."""
    pages: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 7))):
        page: dict[str, Any] = {"id": f"q{number}", "type": "choice", "options": draw(codes)}
        if pages and draw(st.booleans()):
            page["when"] = " || ".join(draw(st.lists(conditions(pages), min_size=1, max_size=3)))
        pages.append(page)
    definition = {"survey": "any", "body": "B", "languages": ["en"], "closes": "2099-01-01T17:00"}
    return Survey(
        Definition.model_validate({**definition, "pages": pages}),
        {"en": Words(title="T", summary="S")},
    )


@st.composite
def conditions(draw: st.DrawFn, pages: list[dict[str, Any]]) -> str:
    """A condition on one or two of the pages so far."""
    page = draw(st.sampled_from(pages))
    name, code = page["id"], draw(st.sampled_from(page["options"]))
    other = draw(st.sampled_from(pages))["id"]
    forms = [
        f'{name} == "{code}"',
        f'{name} != "{code}"',
        f'!({name} == "{code}") && answered.{other}',
        f'{name} in ["{code}"]',
    ]
    return f"({draw(st.sampled_from(forms))})"


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_routing_ends_is_ordered_and_counts_each_answer_on_the_path(data: st.DataObject) -> None:
    survey = data.draw(surveys())
    answers = data.draw(answer_sets(survey))
    taken = route(survey, answers)
    pages = [step.page.id for step in taken.steps]
    assert pages == [page.id for page in survey.pages if page.id in pages]
    asked = {question.id for question in taken.asked}
    # An answer on the path is never lost, and one off it is never counted.
    assert taken.answers == {qid: value for qid, value in answers.items() if qid in asked}


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_following_the_path_page_by_page_reaches_the_end(data: st.DataObject) -> None:
    survey = data.draw(surveys())
    answers = data.draw(answer_sets(survey))
    draft = Draft(now())
    for _ in range(len(survey.pages) + 1):
        journey = travel(survey, draft.raw, draft.seen)
        step = journey.unfinished()
        if step is None:
            break
        typed = {q.id: q.raw(answers[q.id]) for q in step.questions if q.id in answers}
        draft = draft.with_page(step.page.id, typed, seen=True)
    else:
        pytest.fail("the journey did not end")
    assert journey.route.answers == route(survey, journey.answers).answers


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_every_answer_round_trips_through_form_store_and_export(data: st.DataObject) -> None:
    answers = data.draw(answer_sets(EVERYTHING))
    questions = EVERYTHING.questions
    stored: dict[str, Any] = {}
    for qid, value in answers.items():
        question = questions[qid]
        assert question.parse(question.raw(value)) == value
        stored[qid] = json.loads(json.dumps(question.store(value)))
        assert question.restore(stored[qid]) == value
    response = StoredResponse(uuid4(), EVERYTHING, 1, "web", "en", today(now()), (), stored)
    row = cells(response)
    live = route(EVERYTHING, answers).answers
    raw, wrong = raw_of(EVERYTHING, row)
    assert not wrong
    back = travel(EVERYTHING, raw)
    assert dict(back.answers) == dict(live)
    for qid in set(questions) - {q.id for q in route(EVERYTHING, answers).asked}:
        assert all(row[name] == NOT_ASKED for name, _ in questions[qid].columns())


@given(st.dictionaries(st.sampled_from(list(EVERYTHING.questions)), st.lists(words, max_size=4)))
@settings(max_examples=200, deadline=None)
def test_whatever_a_form_sends_is_taken_or_refused_in_words(raw: dict[str, list[str]]) -> None:
    journey = travel(EVERYTHING, raw)
    for error in journey.errors.values():
        assert isinstance(error, Invalid)
        assert error.message % error.params
    for qid, value in journey.answers.items():
        assert EVERYTHING.questions[qid].parse(EVERYTHING.questions[qid].raw(value)) == value


@given(st.dictionaries(words, st.lists(words, max_size=3)), st.lists(words, max_size=3))
@settings(deadline=None)
def test_a_draft_opens_with_its_own_token_and_no_other(
    raw: dict[str, list[str]], seen: list[str]
) -> None:
    token, draft = Token.new(), Draft(now(), raw, tuple(seen))
    sealed = token.seal(draft)
    assert token.unseal(sealed) == draft
    assert Token.new().unseal(sealed) is None
    assert Token.read(str(token)) == token
    assert token.draft_id != token.receipt.response_id


@given(st.sampled_from([EVERYTHING]))
def test_a_survey_round_trips_through_its_published_form(survey: Survey) -> None:
    back = Survey.from_json(json.loads(json.dumps(survey.as_json())))
    assert back == survey
    assert back.content_hash == survey.content_hash
