"""The question bank and the templates: each is sound, and a version keeps its wording."""

from hashlib import sha256
from pathlib import Path

import pytest

from consult.questionnaire import bank
from consult.questionnaire.checks import check
from consult.questionnaire.loading import load
from consult.questionnaire.model import Definition, Words
from consult.questionnaire.paths import paths
from consult.questionnaire.problems import SurveyError
from consult.questionnaire.schema import schemas
from consult.questionnaire.survey import Survey

ROOT = Path(__file__).parents[2]
REFERENCES = bank.references()
TEMPLATES = sorted(path.parent for path in (ROOT / "surveys/templates").glob("*/survey.yaml"))
#: What each published version of a block asks and says, in English. A block whose digest is not
#: this has changed under its number: give it a new one, or figures of two years do not compare.
DIGESTS = {
    "age-bands@1": "8a673049b5e5",
    "age-bands@2": "c413857ee2f8",
    "area-warwickshire@1": "618af415ccc7",
    "area-west-mercia@1": "9f429a7ec2be",
    "confidence@1": "9b2478359aa7",
    "confidence@2": "8636d3457cd6",
    "disability@1": "c59c1b61a6a9",
    "ethnicity@1": "305a2fec6e31",
    "ethnicity@2": "7c72155839ee",
    "gender@1": "f742069a4c4f",
    "gender@2": "aafa0591f0b5",
    "orientation@1": "547814fb7e34",
    "religion@1": "bd0e1cafd8d5",
    "safety@1": "974e95593766",
    "sex@1": "f9b61d281389",
    "tax-band@1": "a28ecdea4d32",
    "victim-experience@1": "1d7dc12f187d",
}


def survey_of(*references: str, language: str = "en", when: str | None = None) -> Survey:
    """A survey of nothing but blocks."""
    entries = [
        {"include": reference} | ({"when": when} if when else {}) for reference in references
    ]
    definition = {
        "survey": "any", "body": "B", "languages": [language], "closes": "2099-01-01T17:00",
        "pages": [{"id": "first", "type": "number"}, *entries],
    }  # fmt: skip
    blocks = {reference: bank.find(reference) for reference in references}
    words = Words.model_validate(
        {"title": "T", "summary": "S", "questions": {"first": {"ask": "First?"}}}
    )
    assert all(blocks.values())
    return Survey(Definition.model_validate(definition), {language: words}, "", blocks)  # type: ignore[arg-type]


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_block_is_sound_in_each_of_its_languages(reference: str) -> None:
    block = bank.find(reference)
    assert block is not None
    assert block.block == reference
    assert "en" in block.words
    for language in block.words:
        survey = survey_of(reference, language=language)
        assert list(check(survey, "any")) == []
        assert paths(survey).unreachable == ()
    assert Survey.from_json(survey_of(reference).as_json()) == survey_of(reference)


def test_a_version_keeps_its_wording() -> None:
    assert {reference: _digest(reference) for reference in REFERENCES} == DIGESTS


def _digest(reference: str) -> str:
    block = bank.find(reference)
    assert block is not None
    said = block.model_dump_json(include={"pages"}, exclude_defaults=True) + block.words[
        "en"
    ].model_dump_json(include={"questions"}, exclude_defaults=True)
    return sha256(said.encode()).hexdigest()[:12]


def test_equality_questions_are_optional_and_offer_not_to_say() -> None:
    for reference in REFERENCES:
        block = bank.find(reference)
        assert block is not None
        for question in (q for page in block.pages for q in page.questions):
            assert not question.required
            if question.role in {"sex", "equality", "age"} or question.id == "victim":
                assert question.codes[-1] == "prefer_not_to_say"  # type: ignore[attr-defined]


def test_an_include_stands_where_it_is_written_and_asks_under_its_condition() -> None:
    survey = survey_of("disability@1", when="first > 3")
    assert list(survey.questions) == ["first", "health_condition", "health_limits"]
    assert survey.pages[2].when == "(first > 3)"
    assert survey.pages[2].questions[0].when == 'health_condition == "yes"'
    assert survey.labels("health_condition", "en").short == "Long-lasting condition or illness"


def test_two_versions_of_a_block_cannot_stand_together() -> None:
    survey = survey_of("ethnicity@1", "ethnicity@2")
    assert "duplicate-id" in {finding.code for finding in check(survey, "any")}


def test_a_survey_may_word_a_blocks_question_anew_and_has_blocks_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    own = tmp_path / "bank" / "pets@1"
    folder.mkdir()
    own.mkdir(parents=True)
    (own / "block.yaml").write_text("block: pets@1\npages:\n  - {id: pets, type: number}\n")
    (own / "en.yaml").write_text("title: Pets\nquestions:\n  pets: {ask: How many pets?}\n")
    (folder / "survey.yaml").write_text(
        "survey: mine\nbody: B\nlanguages: [en]\ncloses: 2099-01-01T17:00\n"
        "pages:\n  - include: pets@1\n  - include: sex@1\n"
    )
    (folder / "en.yaml").write_text(
        "title: T\nsummary: S\nquestions:\n  pets: {ask: How many animals?}\n"
    )
    survey = load(folder)
    assert list(survey.questions) == ["pets", "sex"]
    assert survey.labels("pets", "en").ask == "How many animals?"
    assert survey.labels("sex", "en").ask == "What is your sex?"
    (own / "block.yaml").write_text("block: pets@1\npages:\n  - {id: pets, type: numbers}\n")
    with pytest.raises(SurveyError, match=r"block\.yaml:3: there is no question type 'numbers'"):
        load(folder)


@pytest.mark.parametrize("folder", TEMPLATES, ids=lambda path: path.name)
def test_a_template_is_sound(folder: Path) -> None:
    assert paths(load(folder)).unreachable == ()


def test_there_is_a_template_for_each_kind_of_survey() -> None:
    assert {path.name for path in TEMPLATES} == {
        "victim-satisfaction", "crime-and-safety-telephone", "forum-vote", "staff-survey",
    }  # fmt: skip


def test_the_schemas_beside_the_surveys_are_those_of_the_code() -> None:
    folder = ROOT / "surveys" / "schema"
    assert {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir()} == schemas()
