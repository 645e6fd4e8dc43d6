"""The surveys that ship with consult, and the interface's Welsh."""

from __future__ import annotations

import csv
import io
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from consult.questionnaire.answers import Optioned
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.questionnaire.wording import plain, resolver
from consult.respond.journey import travel
from consult.web import catalogues
from consult.web.templating import LOCALES

ROOT = Path(__file__).parents[2]
SURVEYS = sorted(path.parent for path in (ROOT / "surveys").glob("*/survey.yaml"))
PLACE = re.compile(r"%\(\w+\)s|%\{\w+\}")
PIPE = re.compile(r"\{[a-z][a-z0-9_.]*\}")


def _survey(slug: str) -> Survey:
    return load(ROOT / "surveys" / slug)


@pytest.mark.parametrize("folder", SURVEYS, ids=lambda path: path.name)
def test_loads_without_a_problem(folder: Path) -> None:
    survey = load(folder)
    assert survey.slug == folder.name
    assert Survey.from_json(survey.as_json()).content_hash == survey.content_hash


@pytest.mark.parametrize("folder", SURVEYS, ids=lambda path: path.name)
def test_languages_say_the_same_things(folder: Path) -> None:
    survey = load(folder)
    first, *others = (survey.words[language] for language in survey.languages)
    for other in others:
        assert set(other.questions) == set(first.questions)
        assert len(other.illustrative) == len(first.illustrative)
        for name, labels in first.questions.items():
            twin = other.questions[name]
            filled = {key for key, value in labels.model_dump().items() if value}
            assert filled == {key for key, value in twin.model_dump().items() if value}, name
            assert set(labels.hints) == set(twin.hints), name
            pipes = [sorted(PIPE.findall(repr(said.model_dump()))) for said in (labels, twin)]
            assert pipes[0] == pipes[1], name


@pytest.mark.parametrize("folder", SURVEYS, ids=lambda path: path.name)
def test_every_figure_has_its_source(folder: Path) -> None:
    survey = load(folder)
    rows = list(csv.DictReader(io.StringIO(survey.population)))
    for row in rows:
        assert row["source"], row
        assert row["date"], row
        assert row["status"] in {"official", "illustrative"}, row
    if any(row["status"] == "illustrative" for row in rows):
        for words in survey.words.values():
            assert any("population" in line or "boblogaeth" in line for line in words.illustrative)


@pytest.mark.parametrize("folder", SURVEYS, ids=lambda path: path.name)
def test_equality_questions_are_optional_explained_and_last(folder: Path) -> None:
    survey = load(folder)
    ids = list(survey.questions)
    equality = [q for q in survey.questions.values() if q.role in {"equality", "sex", "age"}]
    for question in equality:
        assert not question.required
        assert isinstance(question, Optioned)
        assert "prefer_not_to_say" in question.codes
        assert survey.labels(question.id, "en").hint
    if equality:
        first = ids.index(equality[0].id)
        roles = {survey.questions[qid].role for qid in ids[first:]}
        assert roles <= {"equality", "sex", "age", "group"}


def test_each_option_shows_its_cost_in_the_persons_own_band() -> None:
    survey = _survey("warwickshire-precept-2025-26")
    labels = survey.labels("option", "en")

    def said(band: str) -> list[str]:
        resolve = resolver(survey, "en", {"tax_band": band})
        return [plain(labels.options[code], resolve) for code in ("freeze", "middle", "maximum")]

    assert said("a") == [
        "Freeze: no rise for a band A home",
        "Middle: £4.67 more a year for a band A home",
        "Maximum: £9.33 more a year for a band A home",
    ]
    assert said("h")[2] == "Maximum: £28 more a year for a band H home"
    assert said("dont_know") == said("no_council_tax") == said("d")


def test_follow_ups_are_asked_of_those_they_concern() -> None:
    survey = _survey("warwickshire-precept-2025-26")

    def asked(**answers: str) -> set[str]:
        raw = {qid: [code] for qid, code in answers.items()}
        return {q.id for q in travel(survey, raw).route.asked}

    home = {"district": "rugby", "tax_band": "c"}
    assert "freeze_savings" in asked(**home, option="freeze")
    assert "rise_first" not in asked(**home, option="freeze")
    assert "rise_first" in asked(**home, option="maximum")
    assert not {"freeze_savings", "rise_first"} & asked(**home, option="dont_know")
    assert "affordable" in asked(**home)
    assert "affordable" not in asked(district="rugby", tax_band="no_council_tax")


def test_the_draft_plan_has_four_aims_thirteen_objectives_and_two_deadlines() -> None:
    survey = _survey("west-mercia-plan-2013")
    important = [qid for qid in survey.questions if qid.startswith("important_")]
    agree = [qid for qid in survey.questions if qid.startswith("agree_aim_")]
    assert (len(important), len(agree)) == (13, 4)
    everyone = {"area": ["shropshire"], "aims": ["efficient", "crime", "harm", "voice"]}
    asked = {q.id for q in travel(survey, everyone).route.asked}
    assert {name.replace("important_", "agree_") for name in important} < asked
    later = {q.id for q in travel(survey, everyone, closed_parts={"precept"}).route.asked}
    assert asked - later == {"precept_level", "precept_reason"}


# -- the interface in other languages -------------------------------------------------------------

LANGUAGES = catalogues.known()
_marked = cache(catalogues.messages)


def _said(language: str) -> dict[str, str]:
    with (LOCALES / f"{language}.po").open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, locale=language) if m.id}


def test_there_is_welsh_and_a_language_from_right_to_left() -> None:
    assert {"cy", "ur"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    marked, said = _marked(), _said(language)
    assert len(marked) > 100
    assert {m: where for m, where in marked.items() if not said.get(m)} == {}
    assert set(said) - set(marked) == set(), "no page says these any more"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_places_to_fill(language: str) -> None:
    for english, other in _said(language).items():
        assert sorted(PLACE.findall(english)) == sorted(PLACE.findall(other)), english
        spaces = [
            (len(text) - len(text.lstrip()), len(text) - len(text.rstrip()))
            for text in (english, other)
        ]
        assert spaces[0] == spaces[1], english
