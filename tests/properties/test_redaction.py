"""Redaction for any text: it can be undone, done twice it changes nothing, and pieces are true."""

from hypothesis import given
from hypothesis import strategies as st

from analysis.redaction import KINDS, redact, restore

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
