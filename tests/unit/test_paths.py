"""The report of paths, held to trying every answer; reading ages, to texts whose grade is known."""

import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.questionnaire.answers import Choice
from consult.questionnaire.loading import load
from consult.questionnaire.model import Definition, Words
from consult.questionnaire.paths import around, paths, reading_ages, walks
from consult.questionnaire.readability import reading_age, syllables
from consult.questionnaire.routing import route
from consult.questionnaire.survey import Survey

ROOT = Path(__file__).parents[2]


def survey_of(*pages: dict[str, Any]) -> Survey:
    definition = {"survey": "any", "body": "B", "languages": ["en"], "closes": "2099-01-01T17:00"}
    return Survey(
        Definition.model_validate({**definition, "pages": list(pages)}),
        {"en": Words(title="T", summary="S")},
    )


@st.composite
def small_surveys(draw: st.DrawFn) -> Survey:
    """Choices of two or three options whose pages depend on each other, few enough to try all."""
    pages: list[dict[str, Any]] = []
    for number in range(draw(st.integers(2, 6))):
        page: dict[str, Any] = {
            "id": f"q{number}",
            "type": "choice",
            "required": draw(st.booleans()),
            "options": ["a", "b", "c"][: draw(st.integers(2, 3))],
        }
        if pages:
            terms = []
            for _ in range(draw(st.integers(0, 2))):
                name = f"q{draw(st.integers(0, number - 1))}"
                forms = [
                    f'{name} == "a"',
                    f'{name} != "b"',
                    f"answered.{name}",
                    f"!answered.{name}",
                ]
                terms.append(draw(st.sampled_from(forms)))
            if terms:
                page["when"] = draw(st.sampled_from([" && ", " || "])).join(terms)
        pages.append(page)
    return survey_of(*pages)


@given(small_surveys())
@settings(max_examples=150, deadline=None)
def test_the_walk_finds_what_trying_every_answer_finds(survey: Survey) -> None:
    ways: set[tuple[str, ...]] = set()
    choices = [
        (*q.codes, *(() if q.required else (None,)))
        for q in survey.questions.values()
        if isinstance(q, Choice)
    ]
    for given_ in product(*choices):
        answers = {q: v for q, v in zip(survey.questions, given_, strict=True) if v is not None}
        ways.add(tuple(step.page.id for step in route(survey, answers).steps))
    found = paths(survey)
    assert found.whole
    assert len(found.shortest.pages) == min(map(len, ways))
    assert len(found.longest.pages) == max(map(len, ways))
    reached = {page for way in ways for page in way}
    assert set(found.unreachable) == set(survey.questions) - reached
    assert {way.pages for way in walks(survey, most=10_000)} == ways
    # The answers told do lead along the path told.
    for way in (found.shortest, found.longest, *walks(survey)):
        taken = route(survey, {q: v for q, v in way.answers.items() if v is not None})
        assert tuple(step.page.id for step in taken.steps) == way.pages


@pytest.mark.parametrize(
    ("question", "condition", "reachable"),
    [
        ({"type": "number", "minimum": 0, "maximum": 9}, "q > 8", True),
        ({"type": "number", "minimum": 0, "maximum": 9}, "q > 9", False),
        ({"type": "money", "minimum": 0, "maximum": 9}, "q > 3 && q < 3.02", True),
        ({"type": "money", "minimum": 0, "maximum": 9}, "q > 3 && q < 3.01", False),
        ({"type": "choices", "options": ["a", "b", "c"]}, '"a" in q && "b" in q', True),
        (
            {"type": "choices", "maximum": 1, "options": ["a", "b", "c"]},
            '"a" in q && "b" in q',
            False,
        ),
        (
            {"type": "choices", "options": ["a", {"code": "b", "exclusive": True}]},
            '"a" in q && "b" in q',
            False,
        ),
        ({"type": "ranking", "top": 1, "options": ["a", "b"]}, '"a" in q && "b" in q', False),
        ({"type": "ranking", "options": ["a", "b"]}, 'q[0] == "b"', True),
        ({"type": "points", "total": 1, "options": ["a", "b"]}, '"a" in q && "b" in q', False),
        ({"type": "date", "maximum": "2020-01-01"}, 'q > "2020-01-01"', False),
        ({"type": "date"}, 'q >= "2020-01-01" && q < "2020-01-02"', True),
        ({"type": "short_text"}, 'q.contains("flood") && q != "flood"', True),
    ],
)
def test_what_an_answer_can_be_decides_what_is_reached(
    question: dict[str, Any], condition: str, reachable: bool
) -> None:
    last = {"id": "last", "type": "long_text", "when": condition}
    found = paths(survey_of({"id": "q", **question}, last))
    assert found.unreachable == (() if reachable else ("last",))


def test_a_survey_of_two_hundred_conditions_is_walked_whole() -> None:
    pages: list[dict[str, Any]] = [{"id": "q0", "type": "choice", "options": ["a", "b"]}]
    for number in range(1, 200):
        when = f'q{number - 1} == "a" || q{max(number - 3, 0)} == "b"'
        pages.append({"id": f"q{number}", "type": "choice", "options": ["a", "b"], "when": when})
    found = paths(survey_of(*pages))
    assert found.whole
    assert len(found.longest.pages) == 200


def test_too_many_ways_are_said_to_be_too_many() -> None:
    pages: list[dict[str, Any]] = [
        {"id": f"q{n}", "type": "choice", "options": ["a", "b", "c"]} for n in range(12)
    ]
    every = " && ".join(f'q{n} == "a"' for n in range(12))
    assert not paths(survey_of(*pages, {"id": "last", "type": "long_text", "when": every})).whole


def test_the_command_says_what_nobody_is_asked(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "survey.yaml").write_text(
        "survey: tiny\nbody: B\nlanguages: [en]\ncloses: 2099-01-01T17:00\npages:\n"
        "  - {id: age, type: number, minimum: 18}\n"
        "  - {id: school, type: long_text, when: age < 18}\n"
    )
    (folder / "en.yaml").write_text(
        "title: T\nsummary: S\nquestions:\n  age: {ask: Age?}\n  school: {ask: School?}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "consult", "survey", "paths", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Nobody can be asked: school" in done.stdout
    assert "Shortest path: 1 pages" in done.stdout
    assert "stay safe" not in done.stdout
    assert "When sent" not in done.stdout


def test_the_command_says_what_is_around_the_questions() -> None:
    folder = ROOT / "tests/surveys/sensitive"
    done = subprocess.run(
        [sys.executable, "-m", "consult", "survey", "paths", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.splitlines()[-4:] == [
        "Begins with:   how to stay safe, in consult's (en, ur)",
        "Exit leads to: https://www.example.org/weather",
        "Help lists:    national, northern, southern",
        "When sent:     asks for contact details, to tell people what was decided and for a prize "
        "draw, apart from the answers",
    ]


def test_what_is_around_the_questions_follows_the_settings() -> None:
    survey = load(ROOT / "tests/surveys/sensitive")
    update = {"exit_to": None, "support": (), "offers": ("prize_draw",)}
    own = survey.words["en"].model_copy(update={"staying_safe": "Incomprehensibility " * 30})
    changed = replace(
        survey,
        definition=survey.definition.model_copy(update=update),
        words={**survey.words, "en": own},
    )
    assert around(changed, "https://weather.example") == [
        ("Begins with", "how to stay safe, in your words (en) and in consult's (ur)"),
        ("Exit leads to", "https://weather.example, as exit_to names nothing else"),
        ("Help lists", "nobody: name who helps under support"),
        ("When sent", "asks for contact details, for a prize draw, apart from the answers"),
    ]
    before, after = reading_ages(survey)["en"], reading_ages(changed)["en"]
    assert before is not None
    assert after is not None
    assert after > before  # what is read before the first question counts
    plain = replace(changed, definition=changed.definition.model_copy(update={"sensitive": False}))
    assert [when for when, _ in around(plain, "")] == ["When sent"]


@pytest.mark.parametrize("folder", sorted(p.parent for p in ROOT.glob("surveys/*/survey.yaml")))
def test_the_shipped_surveys_ask_every_question_of_somebody(folder: Path) -> None:
    found = paths(load(folder))
    assert found.whole
    assert found.unreachable == ()


def test_syllables_of_words_whose_number_is_in_every_dictionary() -> None:
    known = {
        "police": 2, "crime": 1, "people": 2, "rate": 1, "rated": 2, "houses": 2, "wanted": 2,
        "called": 1, "table": 2, "area": 3, "science": 2, "idea": 3, "council": 2, "tax": 1,
        "priorities": 4, "visibility": 5, "the": 1, "community": 4, "victims": 2,
    }  # fmt: skip
    assert {word: syllables(word) for word in known} == known


def test_a_reading_age_is_that_of_texts_whose_grade_is_published() -> None:
    # The first sentence of Flesch's formula as the US Navy used it: grade from its three counts.
    text = "The cat sat on the mat. " * 4
    # 24 words, 4 sentences, 24 syllables: 0.39 × 6 + 11.8 × 1 − 15.59 = −1.45; never below five.
    assert reading_age(text) == 5.0
    text = "Considerable organisational responsibility necessitates accountability. " * 4
    # 20 words, 4 sentences, syllables 5 + 6 + 6 + 4 + 6: 0.39 × 5 + 11.8 × 5.4 − 15.59 = 50.08.
    assert reading_age(text) == pytest.approx(55.08, abs=2.5)
    assert reading_age("Too short to tell.") is None
