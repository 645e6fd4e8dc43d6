"""SurveyJS in."""

import json
from typing import Any

import pytest

from consult.questionnaire.formats.outcome import FormatError
from tests.unit.formats.making import notes, problems, questions, read, when


def form(*elements: dict[str, Any], **keys: Any) -> bytes:
    root = {
        "title": "A form",
        "pages": [{"name": "p1", "title": "Page", "elements": elements}],
        **keys,
    }
    return json.dumps(root).encode()


def one(**keys: Any) -> dict[str, Any]:
    """The only question of a form."""
    imported = read("t.json", form({"name": "q", "title": "Q?", **keys}))
    assert problems(imported) == []
    found = questions(imported)["q"]
    return {key: value for key, value in found.items() if key != "id"}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (
            {"type": "radiogroup", "choices": ["a", {"value": "b", "text": "B"}]},
            {"type": "choice", "options": ["a", "b"]},
        ),
        (
            {"type": "dropdown", "choices": [1, 2], "isRequired": True},
            {"type": "choice", "required": True, "autocomplete": True, "options": ["1", "2"]},
        ),
        (
            {
                "type": "checkbox",
                "choices": ["a", "b"],
                "hasOther": True,
                "showNoneItem": True,
                "maxSelectedChoices": 2,
                "choicesOrder": "random",
            },
            {
                "type": "choices",
                "maximum": 2,
                "shuffle": True,
                "options": [
                    "a",
                    "b",
                    {"code": "other", "words": True},
                    {"code": "none", "exclusive": True},
                ],
            },
        ),
        (
            {"type": "tagbox", "choices": ["a", "b"], "minSelectedChoices": 1},
            {"type": "choices", "minimum": 1, "options": ["a", "b"]},
        ),
        ({"type": "rating", "rateMax": 3}, {"type": "scale", "options": ["1", "2", "3"]}),
        ({"type": "boolean"}, {"type": "choice", "options": ["true", "false"]}),
        ({"type": "comment", "maxLength": 400}, {"type": "long_text", "maximum": 400}),
        (
            {"type": "text", "validators": [{"type": "regex", "regex": "^\\d+$"}]},
            {"type": "short_text", "pattern": "\\d+"},
        ),
        (
            {"type": "text", "inputType": "number", "min": 0, "max": 9.5, "step": 0.1},
            {"type": "number", "minimum": 0, "maximum": 9.5, "decimals": 1},
        ),
        (
            {"type": "text", "inputType": "date", "max": "2030-12-31"},
            {"type": "date", "maximum": "2030-12-31"},
        ),
        (
            {
                "type": "ranking",
                "choices": ["a", "b", "c"],
                "selectToRankEnabled": True,
                "maxSelectedChoices": 2,
            },
            {"type": "ranking", "top": 2, "options": ["a", "b", "c"]},
        ),
        (
            {
                "type": "matrix",
                "columns": ["x", "y"],
                "rows": ["r1", {"value": "r-2", "text": "R"}],
                "isAllRowRequired": True,
            },
            {"type": "grid", "required": True, "rows": ["r1", "r_2"], "options": ["x", "y"]},
        ),
        (
            {"type": "html", "html": "<p>Read <a href='https://a.example'>this</a></p>"},
            {"type": "statement"},
        ),
    ],
)
def test_each_question_type(theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    assert one(**theirs) == ours


def test_panels_conditions_languages_and_several_texts() -> None:
    data = form(
        {
            "type": "radiogroup",
            "name": "Use",
            "title": {"default": "Use it?", "cy": "Defnyddio?"},
            "choices": [
                {"value": "y", "text": {"default": "Yes", "cy": "Ie"}},
                {"value": "n", "text": {"default": "No", "cy": "Na"}},
            ],
        },
        {
            "type": "panel",
            "name": "p",
            "title": {"default": "More", "cy": "Mwy"},
            "visibleIf": "{Use} = 'y'",
            "elements": [
                {
                    "type": "multipletext",
                    "name": "who",
                    "title": "You",
                    "items": [
                        {"name": "town", "title": {"default": "Town", "cy": "Tref"}},
                        {
                            "name": "age",
                            "title": {"default": "Age", "cy": "Oed"},
                            "inputType": "number",
                            "step": 1,
                        },
                    ],
                }
            ],
        },
        {
            "type": "matrix",
            "name": "m",
            "title": {"default": "Rate", "cy": "S"},
            "columns": [1, 2],
            "rows": ["a", "b"],
        },
        {
            "type": "comment",
            "name": "z",
            "title": {"default": "{who.town}, {Use}?", "cy": "?"},
            "visibleIf": "{m.a} >= 2 and {who.age} > 17",
        },
        locale="en",
    )
    imported = read("t.json", data)
    found = questions(imported)
    assert imported.definition["languages"] == ["en", "cy"]
    assert {name: each["type"] for name, each in found.items()} == {
        "use": "choice",
        "who_town": "short_text",
        "who_age": "number",
        "m": "grid",
        "z": "long_text",
    }
    assert when(imported, "z") == 'm_a == "2" && who_age > 17'
    assert imported.words["en"]["questions"]["z"]["ask"] == "{who_town}, {use}?"
    assert "## More" in imported.words["en"]["questions"]["who_town"]["body"]
    assert when(imported, "who_town") == when(imported, "who_age") == 'use == "y"'
    assert all("wording" in problem for problem in problems(imported))  # Welsh that the form lacks


def test_what_is_not_carried_is_noted() -> None:
    data = form(
        {"type": "matrixdropdown", "name": "md"},
        {"type": "image", "name": "pic"},
        {"type": "file", "name": "up"},
        {
            "type": "text",
            "name": "a",
            "defaultValue": "x",
            "requiredIf": "{b} = 1",
            "inputType": "email",
        },
        {
            "type": "text",
            "name": "b",
            "visibleIf": "age({a}) > 3",
            "validators": [{"type": "expression", "expression": "{a}"}],
        },
        {"type": "text", "name": "c", "visible": False},
        {
            "type": "checkbox",
            "name": "d",
            "choices": [{"value": 1, "visibleIf": "{a}"}, 2],
            "choicesByUrl": {"url": "u"},
            "hasComment": True,
        },
        logo="x.png",
        triggers=[{"type": "complete"}],
        calculatedValues=[{"name": "v"}],
    )
    imported = read("t.json", data)
    assert problems(imported) == []
    said = notes(imported)
    for part in (
        "md",
        "pic",
        "up",
        "elements[3].defaultValue",
        "elements[3].requiredIf",
        "'email'",
        "age",
        "elements[4].validators[0]",
        "not shown to respondents",
        "choices[0].visibleIf",
        "elements[6].choicesByUrl",
        "elements[6].hasComment",
        "$.logo",
        "$.triggers",
        "$.calculatedValues",
    ):
        assert part in said, part


@pytest.mark.parametrize(
    ("data", "place", "what"),
    [
        (b'{"pages": [', "line 1", "not JSON"),
        (b'{"pages": 3}', "$.pages", "no list"),
        (b"[1]", "$", "no 'pages'"),
        (form({"type": "text"}), "elements[0]", "no name"),
        (
            form({"type": "text", "name": "a"}, {"type": "text", "name": "a"}),
            "elements[1]",
            "two questions",
        ),
        (form({"type": "radiogroup", "name": "a", "choices": [1, 1]}), "choices[1]", "twice"),
        (form({"type": "radiogroup", "name": "a", "choices": {"x": 1}}), "choices", "no list"),
        (form({"type": "rating", "name": "a", "rateMax": 0}), "elements[0]", "no range"),
        (b'{"pages": ' + b"[" * 100 + b"]" * 100 + b"}", "t.json", "nested"),
        (b'{"pages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "t.json", "nested"),
        ('{"title": "é"}'.encode("latin-1"), "line 1", "UTF-8"),
        (form(), "t.json", "no question"),
    ],
)
def test_mistakes_name_their_place(data: bytes, place: str, what: str) -> None:
    with pytest.raises(FormatError) as raised:
        read("t.json", data)
    assert what in str(raised.value)
    assert place in raised.value.place
    assert raised.value.remedy


def test_a_byte_order_mark_is_read() -> None:
    data = form({"type": "text", "name": "a", "title": "Où?"}).decode()
    for encoding in ("utf-16", "utf-8-sig", "utf-32"):
        assert questions(read("t.json", data.encode(encoding)))["a"]["type"] == "short_text"
