"""Translations know what they translate, and travel to translators and back."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.errors import ConsultError
from consult.questionnaire.document import Document
from consult.questionnaire.loading import examine
from consult.questionnaire.translation import (
    accept,
    from_po,
    source_language,
    status,
    texts,
    to_po,
    translate,
)

FOLDER = Path(__file__).parents[1] / "surveys" / "everything"
DOCUMENT = Document.from_folder(FOLDER)


def states(document: Document, language: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in status(document, language):
        counts[entry.state] = counts.get(entry.state, 0) + 1
    return counts


def reworded(document: Document, title: str) -> Document:
    words = {**document.words, "en": {**document.words["en"], "title": title}}
    return replace(document, words=words)


def test_a_translation_is_unsure_until_accepted_and_stale_once_its_source_changes() -> None:
    count, done = len(texts(DOCUMENT.words["en"])), len(texts(DOCUMENT.words["cy"]))
    rest = {"missing": count - done}
    assert source_language(DOCUMENT) == "en"
    assert states(DOCUMENT, "cy") == {"unsure": done, **rest}
    accepted = accept(DOCUMENT, "cy")
    assert states(accepted, "cy") == {"translated": done, **rest}
    changed = reworded(accepted, "Something else")
    assert [e.key for e in status(changed, "cy") if e.state == "stale"] == ["title"]
    mended = translate(changed, "cy", {"title": "Rhywbeth arall"})
    assert states(mended, "cy") == {"translated": done, **rest}
    assert states(DOCUMENT, "ur") == {"missing": count}


def test_accepting_changes_nothing_else_of_the_file() -> None:
    before = DOCUMENT.texts["cy.yaml"]
    after = accept(DOCUMENT, "cy").as_texts()["cy.yaml"]
    assert after.startswith(before.rstrip("\n"))


def test_a_new_language_goes_out_and_comes_back_whole() -> None:
    empty = to_po(DOCUMENT, "ur")
    catalogue = read_po(io.BytesIO(empty))
    for message in catalogue:
        if message.id:
            message.string = f"اردو {message.id}"
    stream = io.BytesIO()
    write_po(stream, catalogue)
    document, notes = from_po(DOCUMENT, "ur", "ur.po", stream.getvalue())
    assert notes == []
    assert states(document, "ur") == {"translated": len(texts(DOCUMENT.words["en"]))}
    assert document.definition["languages"] == ["en", "cy", "ur"]
    # And it is a survey: nothing is missing, no name in braces went astray.
    assert examine(document, "everything").problems == []
    again = Document.from_texts(document.as_texts())
    assert again.words["ur"] == document.words["ur"]


def test_what_a_file_brings_that_cannot_be_taken_is_listed() -> None:
    po = to_po(accept(DOCUMENT, "cy"), "cy").decode()
    odd = po.replace('msgctxt "title"', 'msgctxt "nowhere"')
    _, notes = from_po(DOCUMENT, "cy", "cy.po", odd.encode())
    assert ["nowhere" in note for note in notes] == [True]
    stale = to_po(reworded(accept(DOCUMENT, "cy"), "New"), "cy")
    assert any("fuzzy" in note for note in from_po(DOCUMENT, "cy", "cy.po", stale)[1])
    changed = reworded(DOCUMENT, "New")
    assert any("has changed since" in n for n in from_po(changed, "cy", "cy.po", po.encode())[1])
    pipe = next(e for e in status(DOCUMENT, "cy") if "{" in e.source)
    assert pipe.text in po
    lost = po.replace(pipe.text, pipe.text.replace("{", "(").replace("}", ")"))
    _, notes = from_po(DOCUMENT, "cy", "cy.po", lost.encode())
    assert any("must have {" in note for note in notes)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfem\x00s\x00", "line 1: not text in UTF-8"),
        (b"hello", "PO file"),
        (b'msgid "a"\n' * 600_000, "larger than 5 MB"),
    ],
)
def test_a_broken_file_is_named_and_changes_nothing(content: bytes, said: str) -> None:
    with pytest.raises(ConsultError, match=said):
        from_po(DOCUMENT, "cy", "cy.po", content)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ConsultError, match="two letters"):
        from_po(DOCUMENT, "xx", "xx.po", to_po(DOCUMENT, "cy"))


@given(st.dictionaries(st.sampled_from(sorted(texts(DOCUMENT.words["en"]))),
                       st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
                       .filter(lambda t: t.strip() and "{" not in t)))  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_any_translation_survives_the_file_for_translators(said: dict[str, str]) -> None:
    piped = {e.key for e in status(DOCUMENT, "ur") if "{" in e.source}
    said = {key: text for key, text in said.items() if key not in piped}
    made = translate(DOCUMENT, "ur", said)
    back, notes = from_po(DOCUMENT, "ur", "ur.po", to_po(made, "ur"))
    assert notes == []
    expected = {key: text.strip() for key, text in said.items()}
    assert texts(back.words["ur"]) == expected
