"""What ``check`` accepts works to the end: every path ends, renders, stores, exports, imports."""

import json
from collections import Counter
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.clock import now, today
from consult.consultations.store import Version
from consult.datasets.codebook import codebook, columns
from consult.datasets.rows import StoredResponse, cells, raw_of, row_of
from consult.questionnaire import order
from consult.questionnaire.checks import check
from consult.questionnaire.loading import load
from consult.questionnaire.maxdiff import design
from consult.questionnaire.routing import route
from consult.questionnaire.survey import Survey
from consult.respond.journey import travel, typed
from consult.respond.rendering import question_context
from consult.web.templating import render
from tests.properties.generated import answer_sets, surveys, values

EVERY_TYPE = load(Path(__file__).parents[1] / "surveys" / "every-type")
seeds = st.none() | st.integers(0, 2**31 - 1)


class Fields(HTMLParser):
    """What a browser without a script would send of a page as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._select = ""
        self._area: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        name = given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.sent.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "textarea":
            self._area = self.sent.setdefault(name, [])
            self._area.append("")
        elif tag == "input" and name:
            kind = given.get("type", "text")
            if kind not in {"radio", "checkbox"} or "checked" in given:
                self.sent.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_what_check_accepts_is_asked_shown_stored_exported_and_imported(
    data: st.DataObject,
) -> None:
    survey = data.draw(surveys())
    assert list(check(survey, survey.slug)) == []
    assert Survey.from_json(json.loads(json.dumps(survey.as_json()))) == survey
    answers, seed = data.draw(answer_sets(survey)), data.draw(seeds)
    raw = {qid: survey.questions[qid].raw(value) for qid, value in answers.items()}
    journey = travel(survey, raw, (), (), seed)
    # Typed as a form would send it, every value comes back.
    assert journey.answers == answers
    pages = [step.page.id for step in journey.route.steps]
    assert len(set(pages)) == len(pages) <= len(survey.pages)
    for step in journey.route.steps:
        context = question_context(journey, step, "en", {})
        page = render(
            "respond/question.html", "en", survey=survey, base="/s/any/en", back="", action="/",
            change=False, unsaved=False, service_name="B", words=survey.words["en"],
            other_languages=[], **context,
        )  # fmt: skip
        fields = Fields()
        fields.feed(str(page))
        # The page shows what was answered: sent again as it stands, it says the same.
        again = typed(step, fields.sent)
        for question in step.asked:
            # A sector is not on the page: it stays in the draft.
            if question.id in answers and not question.id.endswith("_sector"):
                assert question.parse(again[question.id]) == answers[question.id], question
    stored = {q: json.loads(json.dumps(survey.questions[q].store(v))) for q, v in answers.items()}
    response = StoredResponse(
        uuid4(), survey, 1, "web", "en", today(now()), (), stored, seed
    )  # fmt: skip
    book = codebook([Version(1, 1, survey, "any", "published", current=True)])
    row = row_of(response, book)
    assert list(row) == columns(book)
    back, wrong = raw_of(survey, row)
    assert wrong == {}
    counted = {qid: survey.questions[qid].parse(text) for qid, text in back.items()}
    assert {q: v for q, v in counted.items() if v is not None} == dict(journey.route.answers)


@pytest.mark.parametrize("question", EVERY_TYPE.questions.values(), ids=lambda q: q.id)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_an_answer_of_every_type_round_trips(question: object, data: st.DataObject) -> None:
    asked = EVERY_TYPE.questions[question.id]  # type: ignore[attr-defined]
    value = data.draw(values(asked))
    assert asked.parse(asked.raw(value)) == value
    assert asked.restore(json.loads(json.dumps(asked.store(value)))) == value
    assert asked.parse(asked.from_cells(asked.cells(value))) == value
    assert asked.review(value, EVERY_TYPE.labels(asked.id, "en"))
    assert {name for name, _ in asked.columns()} >= set(asked.cells(value))


@given(st.integers(0, 2**31 - 1))
@settings(max_examples=60, deadline=None)
def test_an_order_of_chance_loses_nothing_and_comes_again(seed: int) -> None:
    pages = order.pages(EVERY_TYPE, seed)
    assert pages == order.pages(EVERY_TYPE, seed)
    assert Counter(p.id for p in pages) == Counter(p.id for p in EVERY_TYPE.pages)
    runs = [page.section for page in pages if page.section]
    # Each section stays together, and the grid's rows stay together inside theirs.
    assert [s for n, s in enumerate(runs) if n == 0 or runs[n - 1] != s] in (
        ["trade", "words"], ["words", "trade"],
    )  # fmt: skip
    places = [n for n, page in enumerate(pages) if page.id.startswith("safe_")]
    assert places[1] - places[0] == 1
    heard = EVERY_TYPE.questions["heard"]
    options = [option.code for option in order.options(heard, seed)]  # type: ignore[arg-type]
    assert sorted(options) == sorted(heard.codes)  # type: ignore[attr-defined]
    assert options[2:] == ["friend", "other", "none"]


def test_every_place_is_as_likely_in_an_order_of_chance() -> None:
    first = EVERY_TYPE.questions["first"]
    counts = Counter(order.options(first, seed)[0].code for seed in range(6000))  # type: ignore[arg-type]
    # Three options: 2,000 each; six standard deviations are 219.
    assert all(abs(count - 2000) < 219 for count in counts.values()), counts


def test_a_condition_cannot_look_at_what_chance_may_put_later() -> None:
    pages = EVERY_TYPE.pages
    number = next(n for n, page in enumerate(pages) if page.id == "share")
    before = EVERY_TYPE.before(number)
    assert "rise" in before
    assert "first" not in before
    assert "safe_day" not in before


def test_companions_are_asked_of_who_picked_them() -> None:
    taken = route(EVERY_TYPE, {"work": "something_else", "work_something_else": "Vet"})
    assert taken.answers["work_something_else"] == "Vet"
    other = route(EVERY_TYPE, {"work": "nurse", "work_something_else": "Vet"})
    assert "work_something_else" not in other.answers
    assert "work_something_else" not in {q.id for q in other.asked}


@pytest.mark.parametrize(
    ("options", "size", "sets", "together"),
    [(7, 3, 7, 1), (13, 4, 13, 1), (9, 3, 12, 1), (6, 3, 10, 2), (10, 4, 15, 2)],
)
def test_known_balanced_designs_are_found(
    options: int, size: int, sets: int, together: int
) -> None:
    """Balanced incomplete block designs of Cochran and Cox (1957), table 11.3."""
    names = [f"o{number}" for number in range(options)]
    found = design(names, size, sets)
    alone = Counter(name for members in found for name in members)
    pairs = Counter(pair for members in found for pair in combinations(members, 2))
    assert set(alone.values()) == {sets * size // options}
    assert {pairs[pair] for pair in combinations(names, 2)} == {together}


@given(st.integers(3, 15), st.integers(3, 5), st.integers(4, 14), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_any_design_shows_each_option_equally_often(
    options: int, size: int, sets: int, seed: int
) -> None:
    names = [f"o{number}" for number in range(options)]
    if options < size or size * sets < options:
        with pytest.raises(ValueError, match="set"):
            design(names, size, sets, seed=seed)
        return
    found = design(names, size, sets, seed=seed)
    assert all(len(set(members)) == size for members in found)
    alone = Counter(name for members in found for name in members)
    assert max(alone.values()) - min(alone[name] for name in names) <= 1
    assert found == design(names, size, sets, seed=seed)


def test_cells_of_every_type_are_those_of_its_row() -> None:
    response = StoredResponse(
        uuid4(), EVERY_TYPE, 1, "web", "en", today(now()), (), {"work": "nurse"}, 7
    )
    assert cells(response)["order_seed"] == "7"
