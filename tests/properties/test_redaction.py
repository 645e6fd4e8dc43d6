"""Redaction for any text: it can be undone, done twice it changes nothing, and pieces are true."""

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.redaction import KINDS, redact, redact_all, restore
from analysis.redaction.lists import cues, own

WORDS = [
    "[NAME]", "[PHONE]", "[NAME", "]", "Dave", "dave", "SHEILA", "O'Neill", "Mr", "PC", "Smith",
    "my neighbour", "called", "and", "&", ",", ".", "\n", "'s", "14", "Elm", "Road", "I live on",
    "CV34 5AB", "07700 900123", "AB12 CDE", "born on", "12/03/1985", "@jd_99", "j@x.uk", "Regards",
    "account", "12345678", "12-34-56", "Flat 3", "J.", "de", "İ", "ß", "é", "\u0301", "‘", "🏠",
    "dot",
]  # fmt: skip
texts = st.one_of(
    st.text(max_size=80),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=14).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=14).map("".join),
)


@given(texts)
def test_what_is_taken_out_can_be_put_back(text: str) -> None:
    found = redact(text)
    assert restore(found.text, found.pieces) == text


@given(texts)
def test_redacting_twice_is_redacting_once(text: str) -> None:
    once = redact(text)
    again = redact(once.text)
    assert again.text == once.text
    assert again.pieces == ()


@given(texts)
def test_pieces_are_in_order_apart_and_as_the_text_has_them(text: str) -> None:
    end = 0
    for piece in redact(text).pieces:
        assert end <= piece.start < piece.end
        assert text[piece.start : piece.end] == piece.text
        assert piece.kind in KINDS
        end = piece.end


SAID = [
    *sorted(word for words in cues().values() for word in words),
    *sorted(own("both") | own("mostly") | own("strong") | own("not")),
    "i", "a", "e", "and", "staff", "very", "kind", "good", "zqxv", "abramova", "to", "do", "the",
    "live", "home", "our", "in", "at", "flat", "b", "elm", "rose", "own", "so", "much", "in-laws",
    "12", "3", "20mph", "m6", "jiz 1234", "a12 bcd", "cv34 5ab", "07700 900123", "don't5", "2024",
]  # fmt: skip
GAPS = [" "] * 12 + [", ", ". ", "\n", " - ", "'s ", "-", "! ", "; ", " & ", "/", "  ", "...", "’"]
said = st.lists(
    st.tuples(
        st.sampled_from(SAID),
        st.sampled_from([str.lower, str.lower, str.lower, str.capitalize, str.upper]),
        st.sampled_from(GAPS),
    ).map(lambda parts: parts[1](parts[0]) + parts[2]),
    max_size=9,
).map("".join)


@settings(deadline=None)  # the first time, lists are read and patterns made
@given(st.lists(st.one_of(texts, said), max_size=12))
def test_many_at_once_are_as_each_by_itself(many: list[str]) -> None:
    assert redact_all(many) == [redact(text) for text in many]
