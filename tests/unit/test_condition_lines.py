"""Conditions as lines: CEL both ways, and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.designing.condition import (
    NUMBER,
    Group,
    Line,
    option_renamed,
    read,
    renamed,
    sentence,
    text_of,
)

NAMES = st.sampled_from(["district", "age", "option", "answered_it", "inn"])
VALUES = st.text(max_size=8).filter(lambda t: t.isprintable())
NUMBERS = st.from_regex(NUMBER, fullmatch=True).filter(str.isascii)
ONE = st.tuples(VALUES)
TEXTS = st.sampled_from(
    ["is", "is_not", "has", "has_not", "contains", "contains_not", "before", "after"]
)
COUNTS = st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"])
SEVERAL = st.lists(VALUES, min_size=1, max_size=3).map(tuple)
LINES = st.one_of(
    st.builds(Line, NAMES, TEXTS, ONE),
    st.builds(Line, NAMES, COUNTS, st.tuples(NUMBERS)),
    st.builds(Line, NAMES, st.sampled_from(["one_of", "none_of"]), SEVERAL),
    st.builds(Line, NAMES, st.sampled_from(["answered", "unanswered"])),
)


@st.composite
def groups(draw: st.DrawFn) -> Group:
    """A group with groups in it that are joined otherwise, as the pages make them."""
    join = draw(st.sampled_from(["all", "any"]))
    other = st.sampled_from([j for j in ("all", "any", "none", "not_all") if j != join])
    inner = st.builds(Group, other, st.lists(LINES, min_size=2, max_size=3).map(tuple))
    items = draw(st.lists(LINES | inner, min_size=1, max_size=4))
    only_group = len(items) == 1 and isinstance(items[0], Group)
    return Group(join, (*items, draw(LINES)) if only_group else tuple(items))


@given(groups())
def test_what_is_chosen_comes_back(group: Group) -> None:
    found = read(text_of(group))
    assert found is not None
    assert text_of(found) == text_of(group)
    if len(group.items) > 1:
        assert found == group


@pytest.mark.parametrize(
    "text",
    [
        'district == "rugby"',
        'option in ["middle", "maximum"]',
        '"roads" in priorities && district != "elsewhere"',
        "age >= 18 && answered.district",
        'pay > 10.50 || !(option in ["a", "b"])',
        'comments.contains("dog") && (age < 18 || !answered.age)',
        '!(a == "b" && c == "d")',
    ],
)
def test_a_text_is_shown_and_written_as_it_was(text: str) -> None:
    group = read(text)
    assert group is not None
    assert text_of(group) == text


@pytest.mark.parametrize(
    "text",
    ["", "size(priorities) > 2", "a == b", "a ? b : c", "18 <", 'a == "b" c', "a.b.c == 1", "((",
     'a == "x" && (b == "x" || (c == "x" && d == "x"))', 'x.matches("a+")', "(" * 3000],
)  # fmt: skip
def test_what_lines_cannot_show_stays_text(text: str) -> None:
    assert read(text) is None


def test_in_words() -> None:
    group = read('district in ["rugby", "warwick"] && (age >= 18 || "roads" in priorities)')
    assert group is not None
    asked = {
        "district": "Where do you live?",
        "age": "How old are you?",
        "priorities": "What matters?",
    }
    said = sentence(group, lambda q: asked[q], lambda q, v: v.title())
    assert said == (
        "‘Where do you live?’ is Rugby or Warwick and "
        "(‘How old are you?’ is 18 or more or ‘What matters?’ includes Roads)"
    )


def test_names_are_followed() -> None:
    text = 'area == "area" && answered.area && areas > 1 && x.area'
    assert (
        renamed(text, "area", "place") == 'place == "area" && answered.place && areas > 1 && x.area'
    )
    assert option_renamed('a == "x" && b == "x"', "a", "x", "y") == 'a == "y" && b == "x"'
