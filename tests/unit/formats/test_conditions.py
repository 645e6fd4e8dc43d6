"""Conditions from and to other formats: what they mean stays what it was."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.questionnaire import conditions
from consult.questionnaire.answers import Choice, Choices, Number, Option, Question, ShortText
from consult.questionnaire.formats import cel, limesurvey_logic, surveyjs_logic, xpath
from consult.questionnaire.formats import meaning as m
from consult.questionnaire.formats.expression import NotUnderstood

OPTIONS = tuple(Option(code=code) for code in ("x", "y", "10"))
QUESTIONS: dict[str, Question] = {
    "a": Choice(type="choice", id="a", options=OPTIONS),
    "b": Choices(type="choices", id="b", options=OPTIONS),
    "n": Number(type="number", id="n"),
    "t": ShortText(type="short_text", id="t"),
}
TARGETS = cel.targets(QUESTIONS)
SCOPE = cel.scope(TARGETS)


def ours(tree: Any) -> str:
    return cel.write(m.understood(tree, SCOPE))


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ("${a} = 'x'", 'a == "x"'),
        ("${a} = 10", 'a == "10"'),
        ("${a} != 'x'", '!answered.a || a != "x"'),
        ("${a} != '' and ${a} != 'x'", 'a != "x"'),
        ("selected(${b}, 'y') and ${n} >= 18", '"y" in b && n >= 18'),
        ("not(selected(${b}, 'y'))", '!answered.b || !("y" in b)'),
        ("not(${n} > 3)", "!answered.n || n <= 3"),
        ("18 <= ${n}", "n >= 18"),
        ("count-selected(${b}) > 0", "answered.b"),
        ("${t} = ''", "!answered.t"),
        ("${a} = 'x' or ${a} = 'y' or ${n} = 2", 'a in ["x", "y"] || n == 2'),
        ("${n} = -1 or contains(${t}, 'q')", 'n == -1 || t.contains("q")'),
    ],
)
def test_xlsform(theirs: str, expected: str) -> None:
    assert ours(xpath.read(theirs)) == expected


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ("{a} = 'x' and {b} contains 'y'", 'a == "x" && "y" in b'),
        ("{a} notempty or {n} empty", "answered.a || !answered.n"),
        ("{b} anyof ['x', 'y']", '"x" in b || "y" in b'),
        ("{b} allof ['x', 'y']", '"x" in b && "y" in b'),
        ("!({a} = x)", '!answered.a || a != "x"'),
        ("{n} > 3 && {n} <= 9", "n > 3 && n <= 9"),
        ("['x', 'y'] contains {a}", 'a in ["x", "y"]'),
        ("{a} >= 9", 'a == "10"'),
    ],
)
def test_surveyjs(theirs: str, expected: str) -> None:
    def scope(name: str) -> m.Target:
        numbers = {"10": "10"} if ">= 9" in theirs else TARGETS["a"].codes
        return m.Target("a", "one", numbers) if name == "a" else TARGETS[name]

    assert cel.write(m.understood(surveyjs_logic.read(theirs), scope)) == expected


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ('a.NAOK == "x"', 'a == "x"'),
        ('((a.NAOK == "x" or a.NAOK eq "y"))', 'a in ["x", "y"]'),
        ("!is_empty(t.NAOK) && n.NAOK gt 3", "answered.t && n > 3"),
        ('b_y.NAOK == "Y"', '"y" in b'),
        ('b_y.NAOK != "Y" and n > 1', 'n > 1 && (!answered.b || !("y" in b))'),
    ],
)
def test_limesurvey(theirs: str, expected: str) -> None:
    member = m.Target("b", "several", TARGETS["b"].codes, "y")
    scope = cel.scope({**TARGETS, "b_y": member})
    assert set(cel.write(m.understood(limesurvey_logic.read(theirs), scope)).split(" && ")) == set(
        expected.split(" && ")
    )


@pytest.mark.parametrize(
    ("theirs", "reason"),
    [
        ("${a} = 'z'", "'z' is no option"),
        ("${gone} = 'x'", "no question carried over"),
        ("${a} = ${t}", "two answers"),
        ("pulldata('x', 'y') = 1", "'pulldata'"),
        ("${n} + 1 > 3", "'+'"),
        ("${n} > 'many'", "no number"),
        ("${a} = ", "breaks off"),
        ("${a} = 'x", "cannot be read"),
        ("(" * 90 + "${a} = 'x'" + ")" * 90, "nested"),
        ("${a} = 'x' " + "or ${a} = 'x' " * 2000, "characters"),
    ],
)
def test_what_cannot_be_said(theirs: str, reason: str) -> None:
    with pytest.raises(NotUnderstood) as raised:
        ours(xpath.read(theirs))
    assert reason in str(raised.value)


def atoms() -> st.SearchStrategy[str]:
    codes = st.sampled_from(["x", "y", "10"])
    return st.one_of(
        st.builds('a {} "{}"'.format, st.sampled_from(["==", "!="]), codes),
        st.builds('"{}" in b'.format, codes),
        st.builds(
            "n {} {}".format,
            st.sampled_from(["<", "<=", "==", "!=", ">", ">="]),
            st.integers(-2, 2),
        ),
        st.builds(
            "t {} {}".format,
            st.sampled_from(["==", "!="]),
            st.sampled_from(['"p"', '"it\'s"', r'"a \"b\""']),
        ),
        st.builds("answered.{}".format, st.sampled_from(sorted(QUESTIONS))),
        st.builds('a in ["{}", "{}"]'.format, codes, codes),
    )


CONDITIONS = st.recursive(
    atoms(),
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=6,
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "a": st.sampled_from(["x", "y", "10"]),
        "b": st.sampled_from([("x",), ("x", "y"), ("10",)]),
        "n": st.integers(-3, 3).map(Decimal),
        "t": st.sampled_from(["p", "it's", 'a "b"', "other"]),
    },
)


@settings(max_examples=200, deadline=None)
@given(CONDITIONS, st.lists(ANSWERS, min_size=1, max_size=6))
def test_a_condition_means_the_same_after_each_format(
    condition: str, answers: list[dict[str, Any]]
) -> None:
    meaning = cel.read(condition, TARGETS)
    written = cel.write(meaning)
    assert cel.write(cel.read(written, TARGETS)) == written
    dialects = (xpath, surveyjs_logic)
    others = [written, *(ours(each.read(each.write(meaning))) for each in dialects)]
    for given_ in answers:
        expected = conditions.holds(condition, QUESTIONS, given_)
        for other in others:
            assert conditions.holds(other, QUESTIONS, given_) is expected, other
