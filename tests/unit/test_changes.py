"""What may have changed an answer's meaning is told in plain words, and nothing else is."""

from pathlib import Path

from consult.questionnaire.changes import apart, changes
from consult.questionnaire.document import Document
from consult.questionnaire.loading import examine, load
from consult.questionnaire.survey import Survey

SURVEYS = Path(__file__).parents[1] / "surveys"
BEFORE = load(SURVEYS / "everything")
EVERY_TYPE = load(SURVEYS / "every-type")


def edited(folder: str, *edits: tuple[str, str, str]) -> Survey:
    """A survey of the tests with texts of its files replaced."""
    texts = dict(Document.from_folder(SURVEYS / folder).texts)
    for name, old, new in edits:
        assert old in texts[name], old
        texts[name] = texts[name].replace(old, new, 1)
    found = examine(Document.from_texts(texts), folder)
    assert found.problems == []
    assert found.survey is not None
    return found.survey


def told(after: Survey, before: Survey = BEFORE) -> dict[str, tuple[str, ...]]:
    return {change.question: change.sentences for change in changes(before, after)}


def test_the_same_survey_has_no_changes() -> None:
    assert changes(BEFORE, BEFORE) == []
    assert changes(EVERY_TYPE, EVERY_TYPE) == []


DONT_KNOW = ("en.yaml", "Poor, dont_know: Don't know", "Poor, dont_know: I do not know")


def test_options_are_told_by_their_words() -> None:
    after = edited(
        "everything",
        ("survey.yaml", "[roads, burglary, patrols, {", "[burglary, roads, drugs, {"),
        ("en.yaml", "patrols: Patrols, none", "drugs: Drug dealing, none"),
        ("cy.yaml", "patrols: Patrolau", "drugs: Delio cyffuriau"),
        DONT_KNOW,
    )
    assert told(after) == {
        "priorities": (
            "Option ‘Drug dealing’ added", "Option ‘Patrols’ removed", "Options in another order",
        ),
        "feeling": ("‘Don't know’ became ‘I do not know’ (English)",),
    }  # fmt: skip


def test_words_kinds_and_bounds_are_told() -> None:
    after = edited(
        "everything",
        ("en.yaml", "Which district do you live in?", "Where do you live?"),
        ("en.yaml", "    hint: Choose up to two.\n", ""),
        ("survey.yaml", "minimum: 0\n    maximum: 100", "minimum: 1\n    maximum: 100"),
        ("survey.yaml", "type: long_text\n    when: view", "type: short_text\n    when: view"),
    )
    found = {change.question: change for change in changes(BEFORE, after)}
    assert {qid: change.sentences for qid, change in found.items()} == {
        "district": ("The question (English): ‘Which district do you live in?’ became "
                     "‘Where do you live?’",),
        "why_freeze": ("The kind of answer: long text became short text",),
        "priorities": ("The hint (English): ‘Choose up to two.’ became nothing",),
        "roads_more": ("The least that can be answered: 0 became 1",),
    }  # fmt: skip
    assert [qid for qid, change in found.items() if change.forced] == ["why_freeze"]
    kept, undecided = apart(list(found.values()), {"district": "apart", "priorities": "same"})
    assert kept == {"why_freeze", "district"}
    assert [change.question for change in undecided] == ["roads_more"]


def test_what_cannot_touch_an_answer_is_not_asked_about() -> None:
    after = edited(
        "everything",
        ("survey.yaml", "    required: true\n", ""),
        ("survey.yaml", 'when: view == "freeze"', "when: answered.view"),
        ("survey.yaml", "nets: {fair_or_better: [good, fair]}", "nets: {fair_or_better: [good]}"),
        ("en.yaml", "short: District", "short: Area"),
    )
    assert told(after) == {}


def test_a_grid_stands_for_its_rows_and_an_option_for_its_words() -> None:
    after = edited(
        "every-type",
        ("en.yaml", "night: After dark", "night: After sunset"),
        ("en.yaml", "What work?", "Which job?"),
    )
    found = {change.question: change for change in changes(EVERY_TYPE, after)}
    assert found["safe"].asked == ("safe_day", "safe_night")
    assert found["safe"].sentences == ("‘After dark’ became ‘After sunset’ (English)",)
    assert found["work"].asked == ("work", "work_something_else")


def test_another_version_of_a_block_is_a_change() -> None:
    def including(reference: str) -> Survey:
        return edited(
            "everything",
            ("survey.yaml", "  - id: sex", f"  - include: {reference}\n  - id: sex"),
        )  # fmt: skip

    five, nineteen = including("ethnicity@1"), including("ethnicity@2")
    [change] = changes(five, nineteen)
    assert change.question == "ethnicity"
    assert "Option ‘Asian: Indian’ added" in change.sentences
