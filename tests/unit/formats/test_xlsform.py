"""XLSForm in."""

import pytest

from consult.questionnaire.formats.outcome import FormatError
from tests.unit.formats.making import notes, problems, questions, read, workbook, xlsform

HEAD = (
    "type",
    "name",
    "label",
    "hint",
    "required",
    "relevant",
    "constraint",
    "appearance",
    "parameters",
)
YES_NO = [("yn", "yes", "Yes"), ("yn", "no", "No")]


def test_each_question_type() -> None:
    data = xlsform(
        HEAD,
        ("note", "hello", "Welcome <script>alert(1)</script><b>all</b>"),
        ("select_one yn", "Park", "Use the park?", "Any park", "yes"),
        (
            "select_multiple areas",
            "where",
            "Where?",
            "",
            "",
            "${Park} = 'yes'",
            "count-selected(.) <= 2 and not(selected(., 'none') and count-selected(.) > 1)",
        ),
        (
            "select_one areas or_other",
            "nearest",
            "Nearest?",
            "",
            "",
            "",
            "",
            "autocomplete",
            "randomize=true",
        ),
        ("select_one yn", "good", "Good?", "", "", "", "", "likert"),
        ("integer", "age", "Age?", "", "", "", ". >= 16 and . < 120"),
        ("decimal", "miles", "How far?"),
        ("text", "plate", "Plate?", "", "", "", "regex(., '^[A-Z]{2}$')"),
        (
            "text",
            "why",
            "Why?",
            "",
            "",
            "selected(${where}, 'north')",
            "string-length(.) <= 500",
            "multiline",
        ),
        ("date", "when_", "When?", "", "", "", ". >= date('2026-01-01')"),
        ("range", "level", "Level?", "", "", "", "", "", "start=0 end=10 step=1"),
        ("rank areas", "order", "Order?"),
        ("acknowledge", "agree", "Do you agree?"),
        choices=[
            *YES_NO,
            ("areas", "north", "North"),
            ("areas", "South", "South"),
            ("areas", "none", "None"),
        ],
        form_title="Parks",
        form_id="parks",
    )
    imported = read("parks.xlsx", data)
    assert problems(imported) == []
    found = questions(imported)
    assert imported.definition["survey"] == "parks"
    assert found["park"] == {
        "id": "park",
        "type": "choice",
        "required": True,
        "options": ["yes", "no"],
    }
    assert found["where"] == {
        "id": "where", "type": "choices", "when": 'park == "yes"', "maximum": 2,
        "options": ["north", "south", {"code": "none", "exclusive": True}],
    }  # fmt: skip
    assert found["nearest"]["options"][-1] == {"code": "other", "words": True}
    assert found["nearest"]["autocomplete"]
    assert found["nearest"]["shuffle"]
    assert found["good"]["type"] == "scale"
    assert (found["age"]["minimum"], found["age"]["maximum"]) == (16, 119)
    assert found["miles"]["decimals"] == 2
    assert found["plate"]["pattern"] == "[A-Z]{2}"
    assert found["why"] == {
        "id": "why",
        "type": "long_text",
        "when": '"north" in where',
        "maximum": 500,
    }
    assert found["when_"]["minimum"] == "2026-01-01"
    assert (found["level"]["minimum"], found["level"]["maximum"]) == (0, 10)
    assert found["order"]["type"] == "ranking"
    assert found["agree"]["type"] == "consent"
    words = imported.words["en"]["questions"]
    assert words["hello"]["body"] == "Welcome **all**"
    assert "<script>" in notes(imported)
    assert "Park is park" in notes(imported)
    assert "South is south" in notes(imported)


def test_groups_languages_and_pipes() -> None:
    head = ("type", "name", "label::English (en)", "label::Cymraeg (cy)", "relevant", "appearance")
    data = workbook(
        survey=[
            head,
            ("text", "name1", "Your town?", "Eich tref?"),
            ("begin_group", "roads", "Roads in ${name1}", "Ffyrdd", "${name1} != ''", "field-list"),
            ("select_one yn", "fast", "Too fast in ${name1}?", "Rhy gyflym?"),
            ("text", "say", "Say more", "Dywedwch", "${fast} = 'yes'"),
            ("end_group",),
            ("begin_group", "about", "About you", "Amdanoch", "${fast} = 'no'"),
            ("select_one yn", "victim", "A victim?", "Dioddefwr?"),
            ("end_group",),
            ("begin_group", "rate", "Rate these", "Sgoriwch", "", "table-list"),
            ("select_one yn", "rate_a", "Lights", "Goleuadau"),
            ("select_one yn", "rate_b", "Bins", "Biniau"),
            ("end_group",),
            ("text", "last", "Last", "Olaf", "${rate_b} = 'yes'"),
        ],
        choices=[
            ("list_name", "name", "label::English (en)", "label::Cymraeg (cy)"),
            ("yn", "yes", "Yes", "Ie"),
            ("yn", "no", "No", "Na"),
        ],
        settings=[("form_title", "default_language"), ("T", "English (en)")],
    )
    imported = read("t.xlsx", data)
    assert problems(imported) == []
    assert imported.definition["languages"] == ["en", "cy"]
    found = questions(imported)
    # Asked on the page it hangs on there, on the next one here.
    assert [page["id"] for page in imported.definition["pages"]][:3] == [
        "name1",
        "roads",
        "roads_2",
    ]
    assert (
        found["say"].get("when", imported.definition["pages"][2].get("when"))
        == 'answered.name1 && fast == "yes"'
    )
    assert imported.definition["sections"] == [{"id": "about"}]
    assert found["victim"]["when"] == 'fast == "no"'
    assert found["rate"] == {
        "id": "rate",
        "type": "grid",
        "options": ["yes", "no"],
        "rows": ["a", "b"],
    }
    assert found["last"]["when"] == 'rate_b == "yes"'
    assert imported.words["en"]["questions"]["fast"]["ask"] == "Too fast in {name1}?"
    assert imported.words["en"]["questions"]["name1"]["unanswered"] == "…"
    assert imported.words["cy"]["questions"]["rate"]["rows"] == {"a": "Goleuadau", "b": "Biniau"}
    assert "'name1' is not taken into the wording" in notes(imported)  # in a heading


def test_what_is_not_carried_is_noted() -> None:
    data = workbook(
        survey=[
            (*HEAD, "default", "calculation", "media::image", "choice_filter", "hxl"),
            ("start", "start"),
            ("calculate", "sum", "", "", "", "", "", "", "", "", "1 + 1"),
            ("geopoint", "place", "Where?"),
            ("text", "a", "A?", "", "", "", "", "", "", "x", "", "a.png", "", "#x"),
            ("text", "b", "B? ${sum}", "", "${a} = 'x'", "${sum} > 1", "pulldata(.) = 1"),
            ("begin_repeat", "kids", "Children"),
            ("text", "kid", "Name?"),
            ("end_repeat",),
            ("text", "c", "C?", "", "", "${kid} = 'x'"),
        ],
        choices=[("list_name", "name", "label", "region")],
        settings=[("form_title", "public_key"), ("T", "k")],
        entities=[("dataset",), ("trees",)],
    )
    imported = read("t.xlsx", data)
    assert problems(imported) == []
    said = notes(imported)
    for part in (
        "start", "sum", "geopoint", "'default' of 'a'", "'media::image' of 'a'", "'hxl' of 'a'",
        "'public_key'", "sheet 'entities'", "the repeat 'kids'", "kid",
        "required under a condition",
        "the constraint of 'b' is not carried over", "the condition of 'b'", "the condition of 'c'",
        "the answer 'sum' is not taken", "body (who consults), closes",
    ):  # fmt: skip
        assert part in said, part


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Q1", "q1"),
        ("1a", "q_1a"),
        ("weight", "q_weight"),
        ("in", "q_in"),
        ("Où?", "ou"),
        ("a-b", "a_b"),
    ],
)
def test_names_become_valid(name: str, expected: str) -> None:
    imported = read(
        "t.xlsx",
        xlsform(HEAD, ("text", name, "A?"), ("text", "z", "Z?", "", "", f"${{{name}}} = 'x'")),
    )
    assert next(iter(questions(imported))).rstrip("_") == expected
    assert problems(imported) == []
    assert questions(imported)["z"]["when"] == f'{next(iter(questions(imported)))} == "x"'
    assert name == expected or "new names" in notes(imported)


def test_names_that_become_alike_stay_two() -> None:
    imported = read(
        "t.xlsx",
        xlsform(
            HEAD,
            ("text", "A", "A?"),
            ("text", "a", "a?"),
            ("text", "z", "Z?", "", "", "${A} = '1' and ${a} = '2'"),
        ),
    )
    assert list(questions(imported)) == ["a", "a_2", "z"]
    assert questions(imported)["z"]["when"] == 'a == "1" && a_2 == "2"'


def test_other_please_say_is_part_of_its_question() -> None:
    data = xlsform(
        HEAD,
        ("select_one c", "how", "How?"),
        ("text", "how_other", "Say how", "", "", "${how} = 'other'"),
        ("text", "z", "Z?", "", "", "${how_other} != ''"),
        choices=[("c", "bus", "Bus"), ("c", "other", "Other")],
    )
    imported = read("t.xlsx", data)
    assert problems(imported) == []
    assert list(questions(imported)) == ["how", "z"]
    assert imported.words["en"]["questions"]["how"]["words"] == {"other": "Say how"}
    assert questions(imported)["z"]["when"] == "answered.how_other"


def test_a_cycle_of_conditions_is_told() -> None:
    imported = read(
        "t.xlsx",
        xlsform(
            HEAD,
            ("text", "a", "A?", "", "", "${b} = 'x'"),
            ("text", "b", "B?", "", "", "${a} = 'x'"),
        ),
    )
    assert problems(imported) == []
    assert "'b' is asked on the same page or later" in notes(imported)
    assert questions(imported)["b"]["when"] == 'a == "x"'


@pytest.mark.parametrize(
    ("rows", "choices", "place", "what"),
    [
        ([("name", "label"), ("a", "A?")], [], "survey", "no column 'type'"),
        ([HEAD, ("select_one gone", "a", "A?")], [], "row 2", "no list 'gone'"),
        ([HEAD, ("text", "a", "A?"), ("text", "a", "B?")], [], "row 3", "two called 'a'"),
        ([HEAD, ("text", "", "A?")], [], "row 2", "no name"),
        ([HEAD, ("begin_group", "g", "G")], [], "row 2", "never ended"),
        ([HEAD, ("text", "a", "A?"), ("end_group",)], [], "row 3", "ends nothing"),
        ([HEAD, ("text", "a", "=1+1")], [], "cell C2", "formula"),
        ([HEAD, ("select_one c", "a", "A?")], [("c", "x", "X"), ("c", "x", "Y")], "row 3", "twice"),
        ([HEAD, ("select_one c", "a", "A?")], [("c", "", "X")], "row 2", "no 'name'"),
        ([HEAD, ("text", "a", "x" * 30_000)], [], "", ""),
        ([(*HEAD, "label"), ("text", "a", "A?")], [], "row 1", "two columns are called 'label'"),
        ([HEAD], [], "", "no question"),
    ],
)
def test_mistakes_name_their_place(
    rows: list[tuple[str, ...]], choices: list[tuple[str, ...]], place: str, what: str
) -> None:
    data = xlsform(*rows, choices=choices)
    if not what:  # a long label is no mistake: it goes above the question
        imported = read("t.xlsx", data)
        assert problems(imported) == []
        return
    with pytest.raises(FormatError) as raised:
        read("t.xlsx", data)
    assert what in str(raised.value)
    assert place in raised.value.place or not place
    assert raised.value.remedy
