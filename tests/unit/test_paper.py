"""Paper questionnaires: what is printed, that it is accessible, and that it can be keyed in."""

import csv
import io
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from consult.__main__ import cli
from consult.datasets.imports import read_rows
from consult.datasets.rows import raw_of, unknown
from consult.questionnaire import paper
from consult.questionnaire.formats.outcome import FormatError
from consult.questionnaire.loading import load
from consult.questionnaire.model import Definition, Words
from consult.questionnaire.paper.blocks import Item, Paper
from consult.questionnaire.paper.build import paper as built
from consult.questionnaire.survey import Survey
from consult.respond.journey import travel
from tests.unit.formats.surveys import surveys

ROOT = Path(__file__).parents[2]
EVERY_TYPE = ROOT / "tests/surveys/every-type"
FOLDERS = sorted(
    path.parent
    for part in ("surveys", "surveys/templates", "tests/surveys")
    for path in (ROOT / part).glob("*/survey.yaml")
)
SHIPPED = [(folder, language) for folder in FOLDERS for language in load(folder).languages]
HOSTILE = (
    "#set text(red) *b* $x$ @ref [a](b) \\u{41} \\* <script>alert(1)</script> `c` // c /* d */ "
    '#panic("x") _e_ ~ --- "q" {{ 1 }} {% x %} \\'
)


def named(given: tuple[Path, str]) -> str:
    return f"{given[0].name}-{given[1]}"


def survey(pages: list[dict[str, Any]], questions: dict[str, Any], **more: Any) -> Survey:
    language = more.pop("language", "en")
    definition = {"survey": "a-survey", "body": "A body", "languages": [language], **more}
    words = {"title": "A title", "summary": "A summary.", "questions": questions}
    return Survey(
        Definition.model_validate({"closes": "2030-01-01T10:00", "pages": pages} | definition),
        {language: Words.model_validate(words)},
    )


@cache
def text_of(content: bytes) -> str:
    """What is printed, without breaks and places to break."""
    pages = PdfReader(io.BytesIO(content)).pages
    text = "".join(page.extract_text() for page in pages)
    return re.sub(r"[\s\u200b]+", "", unicodedata.normalize("NFKC", text))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", unicodedata.normalize("NFKC", text))


def questions(made: Paper) -> list[Item]:
    return [item for item in made.items if item.kind == "question"]


# -- tags ------------------------------------------------------------------------------------------


def catalogue(reader: PdfReader) -> Any:
    """What the file says of itself."""
    return reader.trailer["/Root"]


def tags(reader: PdfReader) -> Iterator[str]:
    """The structure's tags, in reading order."""

    def walk(node: Any) -> Iterator[str]:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, ArrayObject):
            for inner in node:
                yield from walk(inner)
        elif isinstance(node, DictionaryObject):
            if "/S" in node and node.get("/Type") != "/OBJR":
                yield str(node["/S"])
            if "/K" in node:
                yield from walk(node["/K"])

    yield from walk(catalogue(reader)["/StructTreeRoot"])


@pytest.mark.parametrize("layout", paper.LAYOUTS)
@pytest.mark.parametrize("given", SHIPPED, ids=named)
def test_every_shipped_survey_is_an_accessible_pdf(
    given: tuple[Path, str], layout: paper.Layout
) -> None:
    folder, language = given
    found = load(folder)
    content = paper.pdf(found, language, layout)
    reader = PdfReader(io.BytesIO(content))
    root = catalogue(reader)
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata is not None
    assert reader.metadata.title == found.words[language].title
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    seen = list(tags(reader))
    assert {"/L", "/LI", "/LBody"} <= set(seen)
    assert ("/Table" in seen) is ("/TH" in seen)
    level = 0
    for tag in seen:
        if re.fullmatch(r"/H[1-6]", tag):
            assert int(tag[2]) <= level + 1
            level = int(tag[2])
    assert level
    text = text_of(content)
    for column, held in codes(built(found, language)).items():
        assert column in text
        assert all(code in text for code in held)
    assert found.content_hash[:12] in text


@pytest.mark.parametrize("given", SHIPPED, ids=named)
def test_everything_shipped_can_be_said_on_paper(given: tuple[Path, str]) -> None:
    made = built(load(given[0]), given[1])
    assert {note.place for note in made.notes} <= {"contact"}
    assert "{" not in str([item.text for item in made.items])


def test_the_same_survey_gives_the_same_bytes(tmp_path: Path) -> None:
    out = tmp_path / "form.pdf"
    subprocess.run(
        [sys.executable, "-m", "consult", "survey", "export", EVERY_TYPE, "-o", out],
        check=True,
        capture_output=True,
    )
    assert out.read_bytes() == paper.pdf(load(EVERY_TYPE), "en")


# -- keying in -------------------------------------------------------------------------------------


def codes(made: Paper) -> dict[str, list[str]]:
    """What a clerk reads off the paper: its columns, and the codes that each may hold."""
    found: dict[str, list[str]] = {}
    for item in questions(made):
        form = item.form
        assert form is not None
        boxes = form.options + form.apart
        keys = [box.key for box in boxes]
        for column in (*item.columns, *(row.column for row in form.rows)):
            found[column] = keys if form.kind in {"ticks", "pair", "grid", "postcode"} else []
        if boxes and f"{item.id}." in keys[0]:
            found |= {key: ["0", "1"] if form.kind == "ticks" else [] for key in keys}
        found |= {box.column: [] for box in boxes if box.column}
        if f"{item.id}_sector" in item.columns:
            found[f"{item.id}_sector"] = []
    return found


@pytest.mark.parametrize("given", SHIPPED, ids=named)
def test_the_paper_names_every_column_and_code(given: tuple[Path, str]) -> None:
    found = load(given[0])
    printed = codes(built(found, given[1]))
    wanted = {name for question in found.questions.values() for name, _ in question.columns()}
    assert set(printed) == wanted


def test_a_form_keyed_in_as_the_paper_says_is_imported() -> None:
    found = load(EVERY_TYPE)
    printed = codes(built(found, "en"))
    written = {
        "home_sector": "CV21 1", "rise": "7.50", "since": "2007-03-27", "plate": "AB12 CDE",
        "why_unsafe": "Dark", "name_of_road": "High Street", "work_something_else": "Baker",
        "heard_other": "By post", "first.roads": "1", "first.patrols": "2",
        "share.roads": "4", "share.burglary": "6",
    }  # fmt: skip
    row = {column: written.get(column, held[0] if held else "") for column, held in printed.items()}
    row |= {name: held[1] for name, held in printed.items() if name.endswith(".worst")}
    row |= {"work": "something_else", "heard.none": "0", "heard.other": "1", "heard.radio": "1"}
    row |= {"safe_night": "not_at_all", "id": "P-001", "received_on": "2026-11-02"}
    out = io.StringIO()
    table = csv.DictWriter(out, list(row))
    table.writeheader()
    table.writerow(row)
    rows = read_rows("keyed.csv", out.getvalue().encode())
    assert not unknown(found, rows)
    raw, wrong = raw_of(found, rows[0])
    assert not wrong
    answers = travel(found, raw).answers
    assert set(answers) == set(found.questions)
    assert answers["heard"] == ("radio", "other")
    assert answers["first"] == ("roads", "patrols")
    assert answers["share"] == {"roads": 4, "burglary": 6, "patrols": 0}


# -- what is asked, how ----------------------------------------------------------------------------


def test_every_type_has_its_form() -> None:
    made = {item.id: item for item in questions(built(load(EVERY_TYPE), "en"))}
    kinds = {name: item.form.kind for name, item in made.items() if item.form}
    assert kinds == {
        "agree": "ticks", "home": "postcode", "band": "ticks", "rise": "box", "work": "ticks",
        "heard": "ticks", "since": "parts", "first": "numbers", "share": "numbers",
        "best_1": "pair", "best_2": "pair", "best_3": "pair", "best_4": "pair", "safe": "grid",
        "plate": "line", "why_unsafe": "lines", "read": "ticks", "name_of_road": "line",
    }  # fmt: skip
    assert made["band"].form is not None
    assert made["band"].form.options[3].text == "Band D – £289.71 a year now"
    assert made["rise"].form is not None
    table = made["rise"].form.table
    assert table is not None
    assert table.head == ("Band", "£5", "£10", "£15", "£20")
    assert table.rows[0] == ("A", "£3.33", "£6.67", "£10", "£13.33")
    assert made["heard"].form is not None
    assert made["heard"].form.apart_says == "Or tick only this:"
    assert made["since"].text == "Since when have you lived in your area?"
    statement = next(i for i in built(load(EVERY_TYPE), "en").items if i.kind == "statement")
    assert statement.documents[0].shown == "https://www.example.org/plan.pdf"


def test_a_grid_is_a_table_in_standard_and_questions_in_large_print() -> None:
    found = load(EVERY_TYPE)
    standard, large = (text_of(paper.pdf(found, "en", each)) for each in ("standard", "large"))
    assert standard.count("Notatallsafe") == 2  # the head of the table, and a condition
    assert large.count("Notatallsafe") == 3
    assert "14b.Howsafedoyoufeelwalkingalone?Afterdark" in large


def test_a_long_list_is_written_in_and_listed_in_the_preview() -> None:
    options = [f"o{place}" for place in range(200)]
    found = survey([{"id": "town", "type": "choice", "options": options}], {"town": {"ask": "?"}})
    assert "o150" not in text_of(paper.pdf(found, "en"))
    assert "o150" in paper.html(found, "en")


CONDITIONS = [
    ('c == "x"', "you ticked “Ex” at question 1"),
    ('c != "x"', "you ticked an answer other than “Ex” at question 1"),
    ('c in ["x", "y"]', "you ticked “Ex” or “Why” at question 1"),
    ('!(c in ["x", "y"])', "you ticked an answer other than “Ex” or “Why” at question 1"),
    ('"x" in s', "you ticked “Ex” at question 2"),
    ('!("x" in s)', "you answered question 2 but did not tick “Ex”"),
    ('"x" in s && "y" in s', "you ticked “Ex” and “Why” at question 2"),
    ('"x" in s || "y" in s', "you ticked “Ex” or “Why” at question 2"),
    ('"x" in r', "you wrote a number beside “Ex” at question 3"),
    ("n >= 18", "your answer to question 4 is 18 or more"),
    ('d < "2000-03-27"', "your answer to question 5 is before 27/03/2000"),
    ("answered.n", "you answered question 4"),
    ("!answered.n", "you did not answer question 4"),
    (
        'n > 3 && (c == "x" || "x" in s)',
        "your answer to question 4 is more than 3, and also you ticked “Ex” at question 1 or "
        "you ticked “Ex” at question 2",
    ),
    (
        'c == "x" || answered.n && "y" in s',
        "you ticked “Ex” at question 1, or else you answered question 4 and you ticked “Why” "
        "at question 2",
    ),
    ("n + 1 > 3", None),
    ("true", None),
    ('c == "x" || answered.n && ("y" in s || n > 3 && d > "2000-01-01")', None),
]


@pytest.mark.parametrize(("condition", "said"), CONDITIONS)
def test_a_condition_is_a_sentence(condition: str, said: str | None) -> None:
    options = {"x": "Ex", "y": "Why", "z": "Zed"}
    pages: list[dict[str, Any]] = [
        {"id": "c", "type": "choice", "options": list(options)},
        {"id": "s", "type": "choices", "options": list(options)},
        {"id": "r", "type": "ranking", "options": list(options)},
        {"id": "n", "type": "number"},
        {"id": "d", "type": "date"},
        {"id": "last", "type": "number", "when": condition},
    ]
    made = built(survey(pages, {name: {"options": options} for name in "csr"}), "en")
    wanted = f"Answer this only if {said}." if said else "Answer this if it applies to you."
    assert made.items[-1].condition == wanted
    assert ("last" in {note.place for note in made.notes}) is (said is None)


def test_a_page_of_several_says_its_condition_once() -> None:
    two = {"id": "p", "when": 'c == "x"', "questions": [{"id": n, "type": "number"} for n in "ab"]}
    found = survey([{"id": "c", "type": "choice", "options": ["x", "y"]}, two], {})
    notes = [item.text for item in built(found, "en").items if item.kind == "note"]
    assert notes == ["Answer questions 2 and 3 only if you ticked “x” at question 1."]


# -- hostile and strange ---------------------------------------------------------------------------


def test_no_text_of_a_survey_is_markup() -> None:
    texts = {"ask": HOSTILE, "hint": HOSTILE, "options": {"x": HOSTILE, "y": HOSTILE}}
    document = {"id": "d", "url": "https://example.org/?a=#b"}
    pages: list[dict[str, Any]] = [
        {"id": "a", "type": "choice", "options": ["x", {"code": "y", "words": True}]},
        {"id": "b", "type": "best_worst", "options": ["x", "y", "z"], "design": [["x", "y", "z"]]},
        {"id": "g", "type": "grid", "rows": ["x"], "options": ["x", "y"]},
        {"id": "s", "type": "statement", "documents": [document]},
        {"id": "n", "type": "number"},
    ]
    said = {name: dict(texts) for name in "abgn"}
    said["a"]["words"] = {"y": HOSTILE}
    said["g"]["rows"] = {"x": HOSTILE}
    said["n"]["suffix"] = HOSTILE
    said["s"] = {"documents": {"d": HOSTILE}, "body": "<script>alert(1)</script>\n\n<b>x</b>"}
    found = survey(pages, said, body=HOSTILE)
    for layout in paper.LAYOUTS:
        text = text_of(paper.pdf(found, "en", layout))
        assert text.count(squeezed(HOSTILE)) >= 10
        assert "<script>alert(1)</script><b>x</b>" in text
    html = paper.html(found, "en")
    assert "<script" not in html
    assert "<b>" not in html
    assert html.count("&lt;script&gt;") >= 12


def test_markdown_is_set_and_links_show_their_address() -> None:
    body = (
        "# One\n\n### Two\n\nA **b** [c](https://a.example/x).\n\n- e\n  1. f\n\n> g\n\n"
        "|h|i|\n|-|-|\n|j|k|\n\n[m](javascript:alert(1)) ![n](https://a.example/n.png)"
    )
    found = survey([{"id": "a", "type": "statement"}], {"a": {"body": body}})
    html = paper.html(found, "en")
    assert '<a href="https://a.example/x">c</a> (https://a.example/x)' in html
    assert 'href="javascript' not in html
    assert "<img" not in html
    assert "<strong>b</strong>" in html
    assert "c(https://a.example/x)" in text_of(paper.pdf(found, "en"))
    assert [block.level for block in built(found, "en").items[0].body if block.level] == [1, 2]


def resources(page: Any) -> Any:
    """What a page is set with."""
    return page["/Resources"]


def right_edge(content: bytes) -> float:
    """How far right anything printed reaches, in points."""
    reached = [0.0]

    def visit(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if text.strip():
            reached.append(tm[4] * cm[0] + cm[4])

    for page in PdfReader(io.BytesIO(content)).pages:
        page.extract_text(visitor_text=visit)
    return max(reached)


@pytest.mark.parametrize("layout", paper.LAYOUTS)
def test_long_words_stay_on_the_paper(layout: paper.Layout) -> None:
    word = "W" * 900
    texts = {"ask": word, "hint": word, "options": {"x": word, "y": word}, "rows": {"x": word}}
    pages = [
        {"id": "a" * 60, "type": "choice", "options": ["x", "y"]},
        {"id": "g", "type": "grid", "rows": ["x"], "options": ["x", "y"]},
    ]
    content = paper.pdf(survey(pages, {"a" * 60: texts, "g": texts}), "en", layout)
    lines = [
        line for page in PdfReader(io.BytesIO(content)).pages
        for line in page.extract_text().split("\n")
    ]  # fmt: skip
    assert max(line.count("W") for line in lines) < 50
    assert right_edge(content) < 595


def test_one_statement_is_a_questionnaire() -> None:
    content = paper.pdf(survey([{"id": "a", "type": "statement"}], {"a": {"body": "Read."}}), "en")
    assert len(PdfReader(io.BytesIO(content)).pages) == 2
    empty = survey([{"id": "a", "type": "statement"}], {})
    assert paper.pdf(empty, "en")
    assert paper.html(empty, "en")


def test_a_thousand_questions_take_seconds() -> None:
    pages = [{"id": f"q{n}", "type": "choice", "options": ["a", "b", "c"]} for n in range(1_000)]
    for place, page in enumerate(pages[1:]):
        page["when"] = f'q{place} == "a"'
    found = survey(pages, {f"q{n}": {"ask": f"Question {n}?"} for n in range(1_000)})
    began = time.monotonic()
    content = paper.pdf(found, "en")
    assert time.monotonic() - began < 60  # 5 seconds where nobody else is at work
    assert "Question999?" in text_of(content)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(surveys(), st.sampled_from(paper.LAYOUTS))
def test_any_survey_can_be_printed_with_all_its_columns(found: Survey, layout: Any) -> None:
    for language in found.languages:
        made = built(found, language)
        wanted = {name for question in found.questions.values() for name, _ in question.columns()}
        assert set(codes(made)) == wanted
        text = text_of(paper.pdf(found, language, layout))
        assert all(name in text for name in wanted)
        assert paper.html(found, language)


# -- languages -------------------------------------------------------------------------------------


def test_the_paper_words_are_the_same_in_every_language() -> None:
    from consult.questionnaire.paper.words import PaperWords

    english = PaperWords("en").all
    for language in ("cy", "pa", "pl", "pt", "ur", "zh"):
        words = PaperWords(language)
        assert words.known
        assert set(words.all) == set(english)
        for key, text in words.all.items():
            assert sorted(re.findall(r"{\d}", text)) == sorted(re.findall(r"{\d}", english[key]))


def test_urdu_runs_from_right_to_left() -> None:
    found = load(EVERY_TYPE)
    reader = PdfReader(io.BytesIO(paper.pdf(found, "ur")))
    assert catalogue(reader)["/ViewerPreferences"]["/Direction"] == "/R2L"
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in map(resources, reader.pages)
        for font in page["/Font"].values()
    }
    assert any("Arab" in font or "DejaVu" in font for font in fonts), fonts
    assert '<html lang="ur" dir="rtl">' in paper.html(found, "ur")


def test_a_language_without_paper_words_says_so() -> None:
    page = [{"id": "a", "type": "number"}]
    exported = paper.export_pdf(survey(page, {"a": {"ask": "Wie viele?"}}, language="de"))
    assert "in English" in str(exported.notes[0])
    assert "Writeanumberinthebox." in text_of(exported.content)


def test_text_that_no_font_can_show_is_refused() -> None:
    # Of the last plane for private use: no font has it.
    found = survey([{"id": "a", "type": "number"}], {"a": {"ask": "What is \U0010fffd?"}})
    with pytest.raises(FormatError, match=r"no font here can show .*fonts-noto-core.*--fonts"):
        paper.pdf(found, "en")
    assert "\U0010fffd" in paper.html(found, "en")


def test_characters_that_nobody_sees_do_no_harm() -> None:
    found = survey([{"id": "a", "type": "number"}], {"a": {"ask": "Ho\x07w many\x1f?"}})
    assert "Howmany?" in text_of(paper.pdf(found, "en"))


# -- the command -----------------------------------------------------------------------------------


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["survey", "export", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_the_command_writes_paper_and_previews(tmp_path: Path) -> None:
    folder = ROOT / "surveys/west-mercia-plan-2013"
    pdf, html = tmp_path / "form.pdf", tmp_path / "form.html"
    assert run(folder, "-o", pdf, "--language", "cy", "--layout", "large")[0] == 0
    assert pdf.read_bytes() == paper.pdf(load(folder), "cy", "large")
    assert run(folder, "-o", pdf, "--fonts", tmp_path)[0] == 0
    assert run(folder, "-o", html, "--language", "cy")[0] == 0
    assert html.read_text("utf-8") == paper.html(load(folder), "cy")
    with pytest.raises(FormatError, match="Use one of en, cy"):
        run(folder, "-o", pdf, "--language", "ur")
    assert run(folder, "-o", html, "--layout", "large")[0] == 2
    assert run(folder, "-o", tmp_path / "form.csv", "--language", "cy")[0] == 2


@pytest.mark.parametrize("given", SHIPPED, ids=named)
def test_a_preview_holds_everything_and_asks_nobody_else(given: tuple[Path, str]) -> None:
    found = load(given[0])
    html = paper.html(found, given[1])
    assert not re.search(r"<(script|img|link|iframe|object)|url\(|@import", html)
    assert f'lang="{given[1]}"' in html
    for question in found.questions.values():
        assert f"{question.id}" in html
    for column in codes(built(found, given[1])):
        assert column in html
