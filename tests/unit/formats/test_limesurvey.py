"""LimeSurvey in, from .lss and .txt."""

import pytest

from consult.questionnaire.formats.outcome import FormatError
from tests.unit.formats.making import notes, problems, questions, read, when

COLUMNS = (
    "class",
    "type/scale",
    "name",
    "relevance",
    "text",
    "help",
    "language",
    "mandatory",
    "other",
    "validation",
    "max_answers",
    "random_order",
    "prefix",
)


def tsv(*rows: tuple[str, ...]) -> bytes:
    head = (
        ("S", "", "language", "1", "en"),
        ("S", "", "format", "1", "G"),
        ("SL", "", "surveyls_title", "1", "A form", "", "en"),
        ("SL", "", "surveyls_endtext", "1", "<p>Thank you</p>", "", "en"),
        ("G", "1", "About", "1", "", "", "en"),
    )
    return "\n".join("\t".join(row) for row in (COLUMNS, *head, *rows)).encode()


def parts(*codes: str, kind: str = "A", scale: str = "") -> list[tuple[str, ...]]:
    return [(kind, scale, code, "", f"Part {code}", "", "en") for code in codes]


@pytest.mark.parametrize(
    ("letter", "more", "ours"),
    [
        ("L", parts("A1", "A2"), {"type": "choice", "options": ["a1", "a2"]}),
        ("!", parts("A1", "A2"), {"type": "choice", "autocomplete": True, "options": ["a1", "a2"]}),
        ("M", parts("x", "y", kind="SQ"), {"type": "choices", "options": ["x", "y"]}),
        ("Y", [], {"type": "choice", "options": ["y", "n"]}),
        ("G", [], {"type": "choice", "options": ["f", "m"]}),
        ("5", [], {"type": "scale", "options": ["1", "2", "3", "4", "5"]}),
        ("N", [], {"type": "number", "decimals": 2}),
        ("S", [], {"type": "short_text"}),
        ("T", [], {"type": "long_text"}),
        ("U", [], {"type": "long_text"}),
        ("D", [], {"type": "date"}),
        ("X", [], {"type": "statement"}),
        ("R", parts("A1", "A2"), {"type": "ranking", "options": ["a1", "a2"]}),
        (
            "F",
            [*parts("r1", "r2", kind="SQ"), *parts("A1", "A2")],
            {"type": "grid", "rows": ["r1", "r2"], "options": ["a1", "a2"]},
        ),
        (
            "A",
            parts("r1", kind="SQ"),
            {"type": "grid", "rows": ["r1"], "options": ["1", "2", "3", "4", "5"]},
        ),
        ("C", parts("r1", kind="SQ"), {"type": "grid", "rows": ["r1"], "options": ["y", "u", "n"]}),
        ("E", parts("r1", kind="SQ"), {"type": "grid", "rows": ["r1"], "options": ["i", "s", "d"]}),
    ],
)
def test_each_question_type(
    letter: str, more: list[tuple[str, ...]], ours: dict[str, object]
) -> None:
    imported = read("t.txt", tsv(("Q", letter, "q", "1", "Q?", "", "en"), *more))
    assert problems(imported) == []
    found = questions(imported)["q"]
    assert {key: value for key, value in found.items() if key != "id"} == ours
    assert imported.words["en"]["thanks"] == "Thank you"


def test_types_of_several_questions() -> None:
    imported = read(
        "t.txt",
        tsv(
            ("Q", "O", "o", "1", "O?", "", "en"),
            *parts("A1", "A2"),
            ("Q", "K", "k", "1", "K?", "", "en"),
            *parts("a", "b", kind="SQ"),
            ("Q", "Q", "m", "1", "M?", "", "en"),
            *parts("a", kind="SQ"),
            ("Q", "1", "dual", "1", "D?", "", "en"),
            *parts("r", kind="SQ"),
            *parts("x", "y", scale="0"),
            *parts("u", "v", scale="1"),
        ),
    )
    assert problems(imported) == []
    assert list(questions(imported)) == ["o", "o_comment", "k_a", "k_b", "m_a", "dual_1", "dual_2"]
    assert questions(imported)["dual_2"]["options"] == ["u", "v"]


def test_relevance_pipes_attributes_and_losses() -> None:
    imported = read(
        "t.txt",
        tsv(
            ("Q", "M", "many", "1", "Many?", "", "en", "Y", "Y", "", "2", "1"),
            *parts("SQ1", "SQ2", kind="SQ"),
            ("Q", "L", "Area", "1", "Area?", "Help", "en", "S"),
            *parts("A1", "A2"),
            ("G", "2", "Next", "Area.NAOK == 'A1'", "<b>Read</b> this", "", "en"),
            (
                "Q",
                "S",
                "say",
                "many_SQ1.NAOK == 'Y' and !is_empty(Area)",
                "You said {Area.shown}, {if(1, 2, 3)}",
                "",
                "en",
                "",
                "",
                "/^a/",
                "",
                "",
                "£",
            ),
            ("Q", "*", "eq", "1", "{1+1}", "", "en"),
            ("Q", ":", "table", "1", "T?", "", "en"),
            ("Q", "T", "last", "count(many_SQ1, many_SQ2) > 1", "Last?", "", "en"),
        ),
    )
    assert problems(imported) == []
    found = questions(imported)
    assert found["many"] == {
        "id": "many",
        "type": "choices",
        "required": True,
        "maximum": 2,
        "shuffle": True,
        "options": ["sq1", "sq2", {"code": "other", "words": True}],
    }
    assert when(imported, "say") == 'area == "a1" && "sq1" in many'
    words = imported.words["en"]
    assert words["questions"]["say"]["ask"] == "You said {area}, …"
    assert words["questions"]["group_2_text"]["body"] == "**Read** this"
    said = notes(imported)
    for part in (
        "softly mandatory",
        "'prefix'",
        "its validation",
        "eq",
        "table",
        "{if(1, 2, 3)}",
        "'count'",
    ):
        assert part in said, part


def lss(version: str = "640", *, questions: str = "", more: str = "") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>{version}</DBVersion>
<languages><language>en</language></languages>
<groups><rows><row><gid>1</gid><group_order>1</group_order></row></rows></groups>
<group_l10ns><rows><row><gid>1</gid>
<group_name>About</group_name><language>en</language></row></rows></group_l10ns>
<questions><rows><row><qid>11</qid><gid>1</gid><sid>5</sid><type>L</type><title>Area</title><mandatory>Y</mandatory>
<question_order>1</question_order><relevance>1</relevance></row>
<row><qid>12</qid><gid>1</gid><sid>5</sid><type>T</type><title>why</title><question_order>2</question_order>
<relevance>((5X1X11.NAOK == "A1"))</relevance></row>{questions}</rows></questions>
<question_l10ns><rows><row><qid>11</qid><question>Area?</question><language>en</language></row>
<row><qid>12</qid><question>Why?</question><language>en</language></row></rows></question_l10ns>
<answers><rows><row><aid>1</aid><qid>11</qid><code>A1</code><sortorder>1</sortorder></row>
<row><aid>2</aid><qid>11</qid><code>A2</code><sortorder>2</sortorder></row></rows></answers>
<answer_l10ns><rows><row><aid>1</aid><answer>North</answer><language>en</language></row>
<row><aid>2</aid><answer>South</answer><language>en</language></row></rows></answer_l10ns>
<surveys><rows><row><language>en</language><expires>2030-01-31 17:00:00</expires>
<format>G</format></row></rows></surveys>
<surveys_languagesettings><rows><row>
<surveyls_title>Form</surveyls_title><surveyls_language>en</surveyls_language></row></rows>
</surveys_languagesettings>
{more}</document>""".encode()


def test_lss() -> None:
    imported = read("t.lss", lss(more="<quota><rows><row><id>1</id></row></rows></quota>"))
    assert problems(imported) == []
    assert imported.definition["closes"] == "2030-01-31T17:00"
    assert when(imported, "why") == 'area == "a1"'
    assert imported.words["en"]["questions"]["area"]["options"] == {"a1": "North", "a2": "South"}
    assert "quota (1)" in notes(imported)


def test_an_older_lss_keeps_its_texts_with_its_rows() -> None:
    data = b"""<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>155.5</DBVersion>
<groups><rows><row><gid>1</gid><group_name>G</group_name>
<language>en</language></row></rows></groups>
<questions><rows><row><qid>2</qid><gid>1</gid><type>Y</type><title>q</title>
<question>Yes?</question><language>en</language></row></rows></questions>
<surveys><rows><row><language>en</language></row></rows></surveys></document>"""
    assert read("t.lss", data).words["en"]["questions"]["q"]["ask"] == "Yes?"


LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><document>&b;</document>"""
OUTSIDE = b"""<?xml version="1.0"?>
<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]><document>&a;</document>"""


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("t.lss", lss("999"), "version '999'"),
        ("t.lss", lss("9"), "version '9'"),
        ("t.lss", lss()[:400], "not well-formed XML"),
        ("t.lss", LAUGHS, "entities"),
        ("t.lss", OUTSIDE, "entities"),
        ("t.lss", b"<other/>", "no LimeSurvey survey"),
        ("t.lss", lss().replace(b"North", b"x" * 200_000), "200,000 characters"),
        (
            "t.txt",
            tsv(("Q", "S", "caf\xe9", "1", "Q?")).decode().encode("latin-1"),
            "not text in UTF-8",
        ),
        ("t.txt", tsv(("Q", "S", "q", "1", "Q?")).decode().encode("utf-16-le"), "null characters"),
        ("t.txt", b"a\tb\nc\td", "no column 'class'"),
        (
            "t.txt",
            tsv(("Q", "S", "q", "1", "?", "", "en"), ("Q", "S", "q", "1", "?", "", "en")),
            "two questions 'q'",
        ),
        ("t.txt", "\n".join(("\t".join(COLUMNS), "Q\tS\tq")).encode(), "before any group"),
        ("t.txt", tsv(), "no question"),
    ],
)
def test_mistakes_are_told(name: str, data: bytes, what: str) -> None:
    with pytest.raises(FormatError) as raised:
        read(name, data)
    assert what in str(raised.value)
    assert raised.value.remedy
    assert "hostname" not in str(raised.value)
