"""Edits of several people at once: value by value, and nobody's words vanish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consult.designing import fields, tree
from consult.designing.edits import spoken
from consult.designing.fields import Change
from consult.errors import ConsultError, NotFound
from consult.questionnaire.document import Document
from consult.questionnaire.languages import name as language_name


@dataclass(frozen=True)
class Clash:
    """A value that somebody else changed too: what each made of it."""

    field: str
    mine: str
    #: None where what it belongs to is gone.
    theirs: str | None


@dataclass(frozen=True)
class Merged:
    """A document with the changes that could be made, and those that wait for a person.

    ``aside`` is the document with all of them, as their author wanted it.
    """

    document: Document
    applied: tuple[Change, ...]
    clashes: tuple[Clash, ...]
    aside: Document | None = None
    #: What could not be taken, by field.
    refused: tuple[tuple[str, str], ...] = ()


def merge(base: Document | None, head: Document, changes: Sequence[Change]) -> Merged:
    """``changes`` made on ``base`` put on top of ``head``.

    A change touches a value; if that stands in ``head`` as in ``base``, it is made. Where the base
    is no longer kept, whatever differs waits for a person.
    """
    document, applied, clashes = head, [], []
    refused: list[tuple[str, str]] = []
    # A new name comes last: the other changes speak of the old one.
    for change in sorted(changes, key=lambda c: c.field.rsplit("/", 1)[-1] in ("id", "code")):
        try:
            wanted = _normal(base or head, change)
            before = fields.read(base, change.field) if base is not None else None
            if wanted == before:
                continue
            theirs = _read(document, change.field)
            if theirs == wanted:
                continue
            if theirs is None or theirs != before:
                clashes.append(Clash(change.field, wanted, theirs))
                continue
            document = fields.write(document, change.field, change.text)
            applied.append(change)
        except NotFound:
            clashes.append(Clash(change.field, change.text, None))
        except ConsultError as error:
            refused.append((change.field, str(error)))
    aside = _aside(base, head, changes) if clashes else None
    return Merged(document, tuple(applied), tuple(clashes), aside, tuple(refused))


def _normal(document: Document, change: Change) -> str:
    """A change's text as it would be read again."""
    if change.field.rsplit("/", 1)[-1] in ("id", "code", "type"):
        return change.text.strip()
    return fields.read(fields.write(document, change.field, change.text), change.field)


def _read(document: Document, field: str) -> str | None:
    try:
        return fields.read(document, field)
    except NotFound:
        return None


def _aside(base: Document | None, head: Document, changes: Sequence[Change]) -> Document | None:
    for start in (head, base):
        if start is None:
            continue
        try:
            for change in changes:
                start = fields.write(start, change.field, change.text)
        except (ConsultError, NotFound):
            continue
        return start
    return None


#: What a value is called, by the last part of its address.
CALLED = {
    "ask": "question", "hint": "hint", "short": "short name", "body": "text above the question",
    "unanswered": "words for no answer", "suffix": "unit", "type": "kind of answer",
    "required": "whether an answer is required", "role": "what it says about the person",
    "when": "who is asked", "id": "name", "options": "options", "minimum": "minimum",
    "maximum": "maximum", "title": "title", "summary": "introduction", "thanks": "thanks",
    "contact": "other ways to take part", "illustrative": "what is no official figure",
    "opens": "opening date", "closes": "closing date", "headline": "headline question",
    "sensitive": "whether it is sensitive", "exit_to": "where leaving leads",
    "support": "who can help", "anonymous": "whether it is anonymous",
    "offers": "what is asked for afterwards", "staying_safe": "how to stay safe",
    "draw": "rules of the prize draw", "access": "how people get in",
    "email_domains": "addresses that may sign in",
    "embed_on": "sites that may show it", "script": "what an interviewer says first",
    "body_": "organisation", "code": "code", "exclusive": "stands alone",
}  # fmt: skip


def said(document: Document, field: str) -> str:
    """What a change of a value is called in the history."""
    kind, *path = field.split("/")
    last = CALLED.get(path[-1] if path else kind, path[-1].replace("_", " ") if path else kind)
    match kind, path:
        case "question", [qid, *_]:
            return f"{spoken(document, qid)}: {last}"
        case "page", [page, *_]:
            return f"Page {spoken(document, page)}: {last}"
        case "option", [qid, _, code, name]:
            words = CALLED.get(name, name.replace("_", " "))
            return f"{spoken(document, qid)}: option ‘{code}’, {words}"
        case "words", [language, ("questions" | "pages") as group, name, *rest]:
            inside = f"wording of ‘{rest[-1]}’" if len(rest) > 1 else last
            what = inside if group == "questions" else "heading"
            return f"{spoken(document, name)}: {what}{_in(document, language)}"
        case "words", [language, *_]:
            return f"{last.capitalize()}{_in(document, language)}"
        case "population", _:
            return "Population figures"
    return f"{CALLED['body_'] if path == ['body'] else last}".capitalize()


def _in(document: Document, language: str) -> str:
    return f" ({language_name(language)})" if len(document.words) > 1 else ""


def names_of(document: Document) -> list[tuple[str, str]]:
    """Every question that takes an answer, with its wording: for choosing one."""
    return [
        (str(spot.data.get("id")), spoken(document, str(spot.data.get("id"))))
        for spot in tree.spots(document)
        if spot.data.get("type") != "statement"
    ]
