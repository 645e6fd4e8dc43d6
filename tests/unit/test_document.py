"""A document is its files: every change comes back, and what was not touched stays to the byte."""

import copy
import difflib
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consult.questionnaire.document import Document
from consult.questionnaire.problems import SurveyError
from consult.settings import shipped

SURVEYS = sorted(p.parent for p in shipped("surveys").glob("*/survey.yaml"))
EVERYTHING = Path(__file__).parents[1] / "surveys/everything"
FOLDERS = [*SURVEYS, EVERYTHING]
WARWICKSHIRE = shipped("surveys") / "warwickshire-precept-2025-26"
KEYS = st.text("abcxyz_", min_size=1, max_size=6)
TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["yes", "no", "~", "16_24", "2026-11-01", "a: b", "- x", "#", "1e3", "|", "'"]),
    st.text("ab \n\t:#-'\"{}[],&*!%@`>|", max_size=30),
    st.lists(st.text("abc", min_size=1, max_size=9), min_size=20, max_size=40).map(" ".join),
)
SCALARS = st.one_of(TEXT, st.booleans(), st.integers(), st.floats(allow_nan=False), st.none())
NUMBERS_CAN_BE_WRITTEN = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
BOMB = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
ANY = st.dictionaries(KEYS, NUMBERS_CAN_BE_WRITTEN, max_size=5)


def fine(value: Any) -> bool:
    """Whether JSON can hold it: no infinity, no half of a character."""
    try:
        return "Infinity" not in __import__("json").dumps(value) and bool(repr(value).encode())
    except UnicodeEncodeError:
        return False


def changed(before: str, after: str) -> list[str]:
    """The lines that differ, with + and -."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def edited(document: Document, **definition: Any) -> Document:
    return Document({**document.definition, **definition}, document.words, "", document.texts)


def again(document: Document) -> Document:
    return Document.from_texts(document.as_texts())


@pytest.fixture
def survey() -> Document:
    return Document.from_folder(WARWICKSHIRE)


def pages(document: Document) -> list[Any]:
    return copy.deepcopy(document.definition["pages"])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_unchanged_is_the_same_to_the_byte(folder: Path) -> None:
    document = Document.from_folder(folder)
    assert document.as_texts() == dict(document.texts)
    assert Document.from_json(document.as_json()) == document
    fresh = again(Document(document.definition, document.words, document.population))
    assert (fresh.definition, fresh.words) == (document.definition, document.words)


def test_a_moved_question_takes_its_comments_along(survey: Document) -> None:
    moved = pages(survey)
    age = next(n for n, page in enumerate(moved) if page["id"] == "age")
    moved.insert(0, moved.pop(age))
    text = edited(survey, pages=moved).as_texts()["survey.yaml"]
    assert "pages:\n  # Equality questions: optional, explained, and last.\n  - id: age\n" in text
    assert "not_in_population: true}\n\n  - id: district\n" in text
    assert sorted(text.split()) == sorted(survey.texts["survey.yaml"].split())
    assert edited(survey, pages=moved).definition == again(edited(survey, pages=moved)).definition


def test_a_change_touches_its_own_line(survey: Document) -> None:
    precept = {**survey.definition["precept"], "band_d": 300}
    text = edited(survey, precept=precept).as_texts()["survey.yaml"]
    assert changed(survey.texts["survey.yaml"], text) == [
        "-  band_d: 289.71  # 2024/25",
        "+  band_d: 300  # 2024/25",
    ]


def test_a_new_page_is_written_as_the_shipped_ones_are(survey: Document) -> None:
    more = pages(survey)
    new = {"options": ["16_24", "yes", "north"], "id": "more", "type": "choice", "when": '"a" in b'}
    more.insert(1, new)
    text = edited(survey, pages=more).as_texts()["survey.yaml"]
    assert changed(survey.texts["survey.yaml"], text) == [
        "+",
        "+  - id: more",
        "+    type: choice",
        "+    when: '\"a\" in b'",
        '+    options: ["16_24", "yes", north]',
    ]


def test_questions_put_on_one_page_keep_their_lines(survey: Document) -> None:
    both = pages(survey)
    one, other = both.pop(3), both.pop(3)
    both.insert(3, {"id": "savings", "questions": [one, other]})
    text = edited(survey, pages=both).as_texts()["survey.yaml"]
    assert "      - id: freeze_savings\n        type: long_text\n        when: option ==" in text
    apart = edited(again(edited(survey, pages=both)), pages=pages(survey))
    assert apart.as_texts()["survey.yaml"] == survey.texts["survey.yaml"]


def test_what_an_alias_stands_for_changes_in_one_place_alone() -> None:
    survey = Document.from_folder(shipped("surveys") / "west-mercia-plan-2013")
    new = pages(survey)
    first = new[2]["questions"][1]
    first["options"].append("refused")  # where the anchor stands
    made = edited(survey, pages=new)
    assert again(made).definition == made.definition
    text = made.as_texts()["survey.yaml"]
    assert "# -- aim: voice" in text
    again_at = pages(survey)
    again_at[4]["questions"][1]["options"] = ["one", "two"]  # where an alias stands
    text = edited(survey, pages=again_at).as_texts()["survey.yaml"]
    assert changed(survey.texts["survey.yaml"], text) == [
        "-        options: *agreement",
        "+        options: [one, two]",
    ]


def test_windows_line_ends_stay(survey: Document) -> None:
    texts = {name: text.replace("\n", "\r\n") for name, text in survey.texts.items()}
    document = Document.from_texts(texts)
    text = edited(document, body="Somebody else").as_texts()["survey.yaml"]
    assert len(changed(texts["survey.yaml"], text)) == 2


def scrambled(value: Any, chance: random.Random, spice: Any) -> Any:
    """``value`` with entries dropped, added, moved and replaced here and there."""
    if isinstance(value, dict):
        made = {k: scrambled(v, chance, spice) for k, v in value.items() if chance.random() > 0.05}
        if chance.random() < 0.08:
            made[chance.choice(["note", "when", "hint", "zz"])] = spice
        return made
    if isinstance(value, list):
        made = [scrambled(v, chance, spice) for v in value if chance.random() > 0.05]
        if chance.random() < 0.1:
            chance.shuffle(made)
        if chance.random() < 0.05:
            made.insert(chance.randrange(len(made) + 1), spice)
        return made
    return spice if chance.random() < 0.02 else value


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False), spice=NUMBERS_CAN_BE_WRITTEN.filter(fine))
def test_any_change_comes_back(folder: Path, chance: random.Random, spice: Any) -> None:
    document = Document.from_folder(folder)
    definition = scrambled(document.definition, chance, spice)
    words = {lang: scrambled(held, chance, spice) for lang, held in document.words.items()}
    made = Document(definition, words, document.population, document.texts)
    back = again(made)
    assert (back.definition, back.words, back.population) == (definition, words, made.population)
    assert back.as_texts() == made.as_texts()


@settings(max_examples=60, deadline=None)
@given(before=ANY.filter(fine), after=ANY.filter(fine))
def test_anything_can_be_written_and_changed(before: Any, after: Any) -> None:
    first = again(Document(before, {"en": after}))
    assert (first.definition, first.words) == (before, {"en": after})
    second = again(Document(after, {"en": before}, texts=first.texts))
    assert (second.definition, second.words) == (after, {"en": before})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("survey: [", "yaml-syntax"),
        ("a: 1\na: 2", "duplicate-key"),
        ("closes: 2026-02-31", "bad-time"),
        ("- a", "bad-value"),
        ("a: " + "x" * 2_000_000, "yaml-syntax"),
        (BOMB, "yaml-syntax"),
        ("[" * 5000, "yaml-syntax"),
        ("a: !!python/object:os.system x", None),
        ("a: \x01", "yaml-syntax"),
    ],
)  # fmt: skip
def test_broken_texts_say_what_is_wrong(text: str, code: str | None) -> None:
    if code is None:
        assert Document.from_texts({"survey.yaml": text}).definition == {"a": "x"}
        return
    with pytest.raises(SurveyError) as raised:
        Document.from_texts({"survey.yaml": text})
    assert [problem.code for problem in raised.value.problems] == [code]
    assert raised.value.problems[0].file == "survey.yaml"


def test_every_broken_file_is_named() -> None:
    with pytest.raises(SurveyError) as raised:
        Document.from_texts({"en.yaml": "title: [", "cy.yaml": "\n\nteitl: 'x"})
    said = {problem.file: problem.line for problem in raised.value.problems}
    assert said == {"survey.yaml": 1, "en.yaml": 1, "cy.yaml": 3}
