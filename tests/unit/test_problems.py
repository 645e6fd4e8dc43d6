"""Every entry of the catalogue of problems is brought about by a tiny broken survey."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from consult.questionnaire.answers import LongText, Money
from consult.questionnaire.conditions import check, holds
from consult.questionnaire.loading import load
from consult.questionnaire.problems import CATALOGUE, SurveyError
from consult.questionnaire.wording import resolver

SOUND = {
    "survey.yaml": """\
survey: tiny
body: Test Body
languages: [en]
opens: 2025-01-01T09:00
parts:
  - id: first
    closes: 2025-01-28T17:00
precept: {band: band, band_d: 289.71, rises: {freeze: 0}}
headline: mood
pages:
  - id: band
    part: first
    type: choice
    options: [a, b, c, d, e, f, g, h]
  - id: mood
    type: scale
    options: [good, poor]
    nets: {top: [good]}
  - id: visits
    type: number
    when: mood == "poor"
    minimum: 0
    maximum: 9
  - id: wishes
    type: choices
    options: [roads, patrols]
    minimum: 1
    maximum: 2
  - id: both
    questions:
      - id: note
        type: statement
      - id: comments
        type: long_text
""",
    "en.yaml": """\
title: Tiny
summary: A tiny survey.
parts: {first: First part}
pages: {both: Two things}
questions:
  band:
    ask: Band?
    options: {a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H}
  mood:
    ask: Mood?
    unanswered: your mood
    options: {good: Good, poor: Poor}
    nets: {top: Good}
  visits: {ask: "Visits, being {mood}?", hint: "{precept.freeze.year}"}
  wishes: {ask: Wishes?, options: {roads: Roads, patrols: Patrols}}
  note: {body: A note.}
  comments: {ask: Comments?}
""",
    "population.csv": """\
margin,category,population
mood,good,60
mood,poor,40
band,a,20
band,b,20
band,c,10
band,d,10
band,e,10
band,f,10
band,g,10
band,h,10
""",
}
#: code: (file, what stands in the sound survey, what the broken one has, line of the problem)
END = "      - id: comments\n        type: long_text\n"
GRID = "  - {id: many, type: grid, rows: [x], options: [a, b]}\n"
FAITH = "  - {id: faith, type: choice, role: equality, required: true, options: [a, b]}\n"
SETS = """\
  - id: trade
    type: best_worst
    size: 3
    options: [a, b, c, d]
    design: DESIGN
"""
MANY = "".join(f"  - {{id: q{number}, type: long_text}}\n" for number in range(1000))
BROKEN = {
    # -- the whole language
    "bad-reference": ("survey.yaml", END, END + "  - include: Sex@one\n", 35),
    "bad-url": (
        "survey.yaml",
        "        type: statement",
        "        type: statement\n        documents: [{id: plan, url: 'javascript:x'}]",
        33,
    ),
    "bad-site": ("survey.yaml", "\nheadline: mood\n", "\nheadline: mood\nexit_to: weather\n", 10),
    "too-long": ("en.yaml", "Mood?", "Mood? " + "x" * 3000, 10),
    "too-many": ("survey.yaml", END, END + MANY, 10),
    "unknown-block": ("survey.yaml", END, END + "  - include: nothing@1\n", 35),
    "measure-net": (
        "survey.yaml",
        "    nets: {top: [good]}",
        "    nets: {top: [good]}\n    measure: {direction: up, net: bottom}",
        19,
    ),
    "measure-rows": (
        "survey.yaml",
        END,
        END + GRID.replace("b]}", "b], measure: {direction: up, target: 60}}"),
        35,
    ),
    "measure-figure": (
        "survey.yaml",
        "    nets: {top: [good]}",
        "    nets: {top: [good]}\n    measure: {direction: up, target: 64}",
        19,
    ),
    "measure-percent": (
        "survey.yaml",
        "    nets: {top: [good]}",
        "    nets: {top: [good]}\n    measure: {direction: up, net: top, baseline: 0.62}",
        19,
    ),
    "measure-hold": (
        "survey.yaml",
        "    nets: {top: [good]}",
        "    nets: {top: [good]}\n    measure: {direction: hold, net: top, baseline: 62}",
        19,
    ),
    "words-nowhere": (
        "survey.yaml",
        "options: [good, poor]",
        "options: [good, {code: poor, words: true}]",
        17,
    ),
    "grid-row": ("survey.yaml", END, END + GRID.replace("[x", "[x-y"), 35),
    "not-alone": (
        "survey.yaml",
        END,
        END + "      - {id: many, type: grid, rows: [x], options: [a, b]}\n",
        35,
    ),
    "design-missing": ("survey.yaml", END, END + SETS.replace("DESIGN", "[]"), 35),
    "design-set": ("survey.yaml", END, END + SETS.replace("DESIGN", "[[a, b], [b, c, d]]"), 39),
    "design-unshown": ("survey.yaml", END, END + SETS.replace("DESIGN", "[[a, b, c]]"), 38),
    "precept-missing": (
        "survey.yaml",
        "precept: {band: band, band_d: 289.71, rises: {freeze: 0}}\nheadline: mood\npages:",
        "headline: mood\npages:\n  - {id: pay, type: precept_amount, maximum: 10}",
        10,
    ),
    "unknown-section": ("survey.yaml", "    part: first", "    part: first\n    section: one", 13),
    "unused-section": (
        "survey.yaml",
        "headline: mood",
        "headline: mood\nsections: [{id: one}]",
        10,
    ),
    "section-apart": (
        "survey.yaml",
        END,
        END
        + "  - {id: l, section: one, type: long_text}\n"
        + "  - {id: m, type: long_text}\n"
        + "  - {id: n, section: one, type: long_text}\n",
        37,
    ),
    "domains-missing": ("survey.yaml", "headline: mood", "headline: mood\naccess: signed_in", 10),
    "domains-unused": (
        "survey.yaml",
        "headline: mood",
        "headline: mood\nemail_domains: [example.org]",
        10,
    ),
    "bad-domain": (
        "survey.yaml",
        "headline: mood",
        "headline: mood\naccess: signed_in\nemail_domains: [example]",
        11,
    ),
    "equality-early": (
        "survey.yaml",
        "    nets: {top: [good]}",
        "    nets: {top: [good]}\n    role: equality",
        15,
    ),
    "equality-required": ("survey.yaml", END, END + FAITH.replace("]", ", prefer_not_to_say]"), 35),
    "equality-refusal": ("survey.yaml", END, END + FAITH, 35),
    "support-area": (
        "survey.yaml",
        "headline: mood",
        "headline: mood\nsupport: [{id: line, phone: '116 006', areas: [moon]}]",
        10,
    ),
    "quota-open": (
        "survey.yaml",
        "headline: mood",
        "headline: mood\nquotas: [{id: few, limit: 2, when: 'mood == \"good\"'}]",
        10,
    ),
    "embed": ("survey.yaml", "headline: mood", "headline: mood\nembed_on: [www.example.org]", 10),
    "file-missing": ("en.yaml", None, None, 1),
    "file-unreadable": ("en.yaml", "title: Tiny", b"title: \xff\xfe", 1),
    "yaml-syntax": ("survey.yaml", "body: Test Body", "body: 'Test Body", 2),
    "duplicate-key": ("survey.yaml", "body: Test Body", "body: A\nbody: B", 3),
    "slug-folder": ("survey.yaml", "survey: tiny", "survey: other", 1),
    "unknown-key": ("survey.yaml", "body: Test Body", "body: Test Body\ncolour: red", 3),
    "missing-key": ("survey.yaml", "body: Test Body\n", "", 1),
    "unknown-type": ("survey.yaml", "type: long_text", "type: longtext", 34),
    "bad-value": ("survey.yaml", "minimum: 0", "minimum: some", 22),
    "bad-id": ("survey.yaml", "- id: visits", "- id: Visits!", 19),
    "bad-slug": ("survey.yaml", "survey: tiny", "survey: Tiny Survey", 1),
    "bad-code": ("survey.yaml", "[roads, patrols]", "[Roads, patrols]", 26),
    "bad-list": ("survey.yaml", "[roads, patrols]", "roads", 26),
    "bad-text": ("survey.yaml", "[roads, patrols]", "[1, patrols]", 26),
    "bad-time": ("survey.yaml", "2025-01-28T17:00", "2025-01-28", 7),
    "reserved-id": ("survey.yaml", "- id: visits", "- id: size", 19),
    "duplicate-id": ("survey.yaml", "- id: visits", "- id: wishes", 24),
    "too-few-options": ("survey.yaml", "options: [roads, patrols]", "options: [roads]", 26),
    "duplicate-option": ("survey.yaml", "[roads, patrols]", "[roads, patrols, roads]", 26),
    "all-exclusive": (
        "survey.yaml",
        "[roads, patrols]",
        "[{code: roads, exclusive: true}, {code: patrols, exclusive: true}]",
        26,
    ),
    "bounds": ("survey.yaml", "maximum: 9", "maximum: -9", 19),
    "unknown-code": ("survey.yaml", "nets: {top: [good]}", "nets: {top: [best]}", 18),
    "condition-syntax": ("survey.yaml", 'mood == "poor"', 'mood == "poor" &&', 21),
    "condition-unknown-name": ("survey.yaml", 'mood == "poor"', 'moon == "poor"', 21),
    "condition-later": ("survey.yaml", 'mood == "poor"', "'\"roads\" in wishes'", 21),
    "condition-type": ("survey.yaml", 'mood == "poor"', "mood == 3", 21),
    "condition-not-yes-or-no": ("survey.yaml", 'mood == "poor"', "size(mood)", 21),
    "condition-option": ("survey.yaml", 'mood == "poor"', 'mood == "bad"', 21),
    "wording-missing": ("en.yaml", "comments: {ask: Comments?}", "comments: {hint: Say}", 17),
    "wording-unknown": ("en.yaml", "comments: {", "remarks: {ask: x}\n  comments: {", 17),
    "pipe-unknown": ("en.yaml", "{mood}", "{moon}", 14),
    "pipe-later": ("en.yaml", "{mood}", "{wishes}", 14),
    "pipe-unanswered": ("en.yaml", "    unanswered: your mood\n", "", 13),
    "pipe-nowhere": ("en.yaml", "title: Tiny", "title: Tiny {mood}", 1),
    "no-deadline": ("survey.yaml", "parts:\n  - id: first\n    closes: 2025-01-28T17:00\n", "", 1),
    "deadline-order": ("survey.yaml", "2025-01-28T17:00", "2024-01-28T17:00", 6),
    "unknown-part": ("survey.yaml", "part: first", "part: second", 12),
    "unused-part": ("survey.yaml", "    part: first\n", "", 6),
    "unknown-question": ("survey.yaml", "headline: mood", "headline: moon", 9),
    "precept-band": ("survey.yaml", "precept: {band: band,", "precept: {band: mood,", 8),
    "population-table": ("population.csv", "mood,good,60", "mood,good,sixty", 2),
    "population-unknown": ("population.csv", "mood,good,60", "moon,good,60", 2),
    "population-missing": ("population.csv", "mood,good,60\nmood,poor,40", "mood,good,100", 1),
    "population-totals": ("population.csv", "mood,good,60", "mood,good,70", 1),
}


def write(folder: Path, change: tuple[str, object, object, int] | None = None) -> Path:
    """The sound survey in a folder called tiny, with one change."""
    target = folder / "tiny"
    target.mkdir()
    for name, text in SOUND.items():
        content = text.encode()
        if change is not None and change[0] == name:
            _, old, new, _ = change
            if old is None:
                continue
            assert old in text, f"{old!r} is not in {name}"
            new_bytes = new if isinstance(new, bytes) else str(new).encode()
            content = content.replace(str(old).encode(), new_bytes, 1)
        (target / name).write_bytes(content)
    return target


def test_the_sound_survey_has_no_problem(tmp_path: Path) -> None:
    assert load(write(tmp_path)).questions.keys() == {
        "band",
        "mood",
        "visits",
        "wishes",
        "comments",
    }


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_entry_is_found_at_its_place(code: str, tmp_path: Path) -> None:
    file, *_, line = change = BROKEN[code]
    with pytest.raises(SurveyError) as caught:
        load(write(tmp_path, change))
    found = [p for p in caught.value.problems if p.code == code]
    assert found, [p.code for p in caught.value.problems]
    assert (Path(found[0].file).name, found[0].line) == (file, line)
    assert "{" not in found[0].mend
    assert str(found[0]).startswith(found[0].file)


def test_no_broken_survey_is_left_over() -> None:
    assert BROKEN.keys() == CATALOGUE.keys()


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path)
    survey = folder / "survey.yaml"
    survey.write_text(
        survey.read_text()
        .replace('mood == "poor"', "mood == 3")
        .replace("headline: mood", "colour: x")
    )
    words = folder / "en.yaml"
    words.write_text(words.read_text().replace("title: Tiny", "title: Tiny\ntitel: Tiny"))
    with pytest.raises(SurveyError) as caught:
        load(folder)
    assert {p.code for p in caught.value.problems} == {"unknown-key", "condition-type"}
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        # Two of a kind on one line are two problems.
        ("en.yaml", "{roads: Roads, patrols: Patrols}", "{}", ["roads", "patrols"]),
        ("survey.yaml", "[roads, patrols]", "[yes, no, true, 16_24]", ["entry 3", "1624"]),
        ("survey.yaml", "type: long_text", "maximum: 9", ["'type' is missing"]),
        ("survey.yaml", "- id: visits", "- id: language", ["'language' has a meaning"]),
        ("survey.yaml", "2025-01-28T17:00", "2025-02-30", ["'closes' is not a day"]),
        ("survey.yaml", "2025-01-28T17:00", "20250128", ["'closes' is not a day"]),
        ("survey.yaml", "languages: [en]", "languages: [xx]", ["'languages, entry 1'"]),
        ("en.yaml", "roads: Roads", "roads: {precept.now}", ["'roads' is keys or a list"]),
        ("en.yaml", "comments: {ask: Comments?}", "comments: {ask: C, short: '{x}'}", ["'{x}'"]),
        ("en.yaml", "title: Tiny", "<<: {colour: red}\ntitle: Tiny", ["'colour'"]),
        ("population.csv", "mood,good,60", b"mood,g\xf4d,60", ["UTF-8"]),
        ("population.csv", "mood,good,60", "mood,good,sNaN", ["not above zero"]),
        ("population.csv", "mood,good,60", "mood,good,Infinity", ["not above zero"]),
        ("population.csv", "mood,good,60", "mood,good,60\nmood,good,60", ["stands twice"]),
    ],
)
def test_slips_are_named_so_that_they_can_be_mended(
    file: str, old: str, new: object, said: list[str], tmp_path: Path
) -> None:
    with pytest.raises(SurveyError) as caught:
        load(write(tmp_path, (file, old, new, 0)))
    for words in said:
        assert words in str(caught.value)


def test_a_problem_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(SurveyError) as caught:
        load(write(tmp_path, ("survey.yaml", "- id: visits", "- id: Visits!", 0)))
    assert [p.code for p in caught.value.problems] == ["bad-id"]


def test_the_file_itself_may_be_named(tmp_path: Path) -> None:
    assert load(write(tmp_path) / "survey.yaml").slug == "tiny"


def test_a_text_in_a_condition_stays_as_it_was_written() -> None:
    pay, said = Money(id="pay", type="money"), LongText(id="said", type="long_text")
    questions = {"pay": pay, "said": said}
    condition = 'said == "pay > 10" && pay > 10'
    assert not list(check(condition, questions, {}))
    assert holds(condition, questions, {"said": "pay > 10", "pay": Decimal(11)})


def test_a_question_that_cannot_be_read_hides_nothing_else(tmp_path: Path) -> None:
    folder = write(tmp_path)
    survey = folder / "survey.yaml"
    text = survey.read_text().replace("type: number", "type: nummer")  # visits: unreadable
    text = text.replace("headline: mood", "headline: moon").replace("body: Test Body\n", "")
    survey.write_text(text.replace("options: [roads, patrols]", "options: [roads, roads]"))
    words = folder / "en.yaml"
    words.write_text(words.read_text().replace("comments: {ask: Comments?}", "comments: {ask: 3}"))
    with pytest.raises(SurveyError) as caught:
        load(folder)
    # Without the body's line everything stands a line higher.
    assert sorted((p.code, p.line) for p in caught.value.problems) == [
        ("bad-text", 17),
        ("duplicate-option", 25),
        ("missing-key", 1),
        ("unknown-question", 8),
        ("unknown-type", 19),
        ("wording-unknown", 15),
    ]


def test_a_missing_language_hides_nothing_else(tmp_path: Path) -> None:
    folder = write(tmp_path)
    survey = folder / "survey.yaml"
    text = survey.read_text().replace("languages: [en]", "languages: [en, cy]")
    survey.write_text(text.replace("headline: mood", "headline: moon"))
    with pytest.raises(SurveyError) as caught:
        load(folder)
    assert sorted(p.code for p in caught.value.problems) == ["file-missing", "unknown-question"]


def test_wordings_that_take_each_other_in_are_found_and_do_no_harm(tmp_path: Path) -> None:
    folder = write(tmp_path)
    words = folder / "en.yaml"
    text = words.read_text()
    text = text.replace("good: Good,", "good: 'As {wishes}',")
    words.write_text(text.replace("roads: Roads", "roads: '{mood}'"))
    with pytest.raises(SurveyError) as caught:
        load(folder)
    assert "pipe-later" in {p.code for p in caught.value.problems}
    (tmp_path / "sound").mkdir()
    survey = load(write(tmp_path / "sound"))
    mood = survey.words["en"].questions["mood"]
    wishes = survey.words["en"].questions["wishes"]
    circle = {
        "mood": mood.model_copy(update={"options": {"good": "As {wishes}"}}),
        "wishes": wishes.model_copy(update={"options": {"roads": "{mood}"}}),
    }
    questions = {**survey.words["en"].questions, **circle}
    said = survey.words["en"].model_copy(update={"questions": questions})
    drawn = replace(survey, words={"en": said})
    resolve = resolver(drawn, "en", {"mood": "good", "wishes": ("roads",)})
    assert resolve("mood") == "As your mood"
