"""What the pages show of a questionnaire: its outline, sentences, problems and places."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from consult.designing import labels, tree
from consult.designing.condition import read, sentence
from consult.designing.edits import spoken
from consult.designing.store import Draft
from consult.designing.tree import Data
from consult.questionnaire.document import Document
from consult.questionnaire.languages import name as language_name
from consult.questionnaire.loading import Examined, examine
from consult.questionnaire.problems import Problem

_examined: OrderedDict[tuple[str, int, float], Examined] = OrderedDict()
_KEPT = 8


def examined(draft: Draft) -> Examined:
    """What is wrong with a draft; a revision never changes, so it is looked at once."""
    key = (draft.slug, draft.revision.number, draft.revision.at.timestamp())
    if key not in _examined:
        _examined[key] = examine(draft.document, draft.slug)
        while len(_examined) > _KEPT:
            _examined.popitem(last=False)
    return _examined[key]


# -- problems and where they are mended ------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A problem in the catalogue's words, the page where it is mended, and the field there."""

    says: str
    mend: str
    href: str
    field: str
    question: str
    page: str
    #: The wording that would mend it by going: en/questions/age/hint.
    unworded: str = ""


def told(draft: Draft) -> list[Told]:
    """Every problem of a draft."""
    return [_told(draft, problem) for problem in examined(draft).problems]


def _told(draft: Draft, problem: Problem) -> Told:
    document, place = draft.document, tuple(problem.place)
    base = f"/staff/surveys/{draft.slug}"
    says, mend = _sentence(problem.says), problem.mend
    language = problem.file.removesuffix(".yaml")
    if problem.file.endswith("population.csv"):
        return Told(says, mend, f"{base}/settings#f-population", "population", "", "")
    if language in document.words:
        found = _told_of_words(document, base, language, place, says, mend)
        if problem.code != "wording-unknown":
            return found
        unworded = "/".join([language, *map(str, place)])
        return replace(found, href=f"{base}/problems", field="", unworded=unworded)
    if place[:1] == ("pages",) and len(place) > 1 and isinstance(place[1], int):
        return _told_of_pages(document, base, place, says, mend)
    field = f"settings/{place[0]}" if place else ""
    return Told(says, mend, f"{base}/settings{_anchor(field)}", field, "", "")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _anchor(field: str) -> str:
    return f"#{identity(field)}" if field else ""


def identity(field: str) -> str:
    """The id in the page of the field for an address."""
    return "f-" + "".join(c if c.isalnum() or c in "_-" else "-" for c in field)


def _told_of_words(
    document: Document, base: str, language: str, place: tuple[Any, ...], says: str, mend: str
) -> Told:
    suffix = f"?lang={language}" if language != next(iter(document.languages), "") else ""
    keys = [str(key) for key in place]
    field = "/".join(["words", language, *keys])
    if keys[:1] == ["questions"] and len(keys) > 1:
        if len(keys) == 3 and keys[2] in ("options", "nets"):
            field = ""
        link = f"{base}/questions/{quote(keys[1])}{suffix}{_anchor(field)}"
        return Told(says, mend, link, field, keys[1], "")
    if keys[:1] == ["pages"] and len(keys) > 1:
        link = f"{base}/pages/{quote(keys[1])}{suffix}{_anchor(field)}"
        return Told(says, mend, link, field, "", keys[1])
    if keys[:1] == ["pages"]:
        return Told(says, mend, base, "", "", "")
    return Told(says, mend, f"{base}/settings{suffix}{_anchor(field)}", field, "", "")


def _told_of_pages(
    document: Document, base: str, place: tuple[Any, ...], says: str, mend: str
) -> Told:
    entries = tree.entries(document)
    number, keys = int(place[1]), list(place[2:])
    if number >= len(entries):
        return Told(says, mend, base, "", "", "")
    entry = entries[number]
    question = entry if tree.alone(entry) else None
    if keys[:1] == ["questions"] and len(keys) > 1:
        held = tree.inner(entry)
        question = held[int(keys[1])] if int(keys[1]) < len(held) else None
        keys = keys[2:]
    if question is None:
        key = tree.key_of(entry)
        field = f"page/{key}/{keys[0]}" if keys else ""
        return Told(says, mend, f"{base}/pages/{quote(key)}{_anchor(field)}", field, "", key)
    qid = str(question.get("id"))
    field = f"question/{qid}/{keys[0]}" if keys else ""
    return Told(says, mend, f"{base}/questions/{quote(qid)}{_anchor(field)}", field, qid, "")


# -- conditions in words ---------------------------------------------------------------------------


def asked_when(document: Document, condition: Any) -> str:
    """Who is asked, in a sentence; a condition that lines cannot show as its text."""
    if not condition:
        return ""
    group = read(str(condition))
    if group is None:
        return f"Asked when {condition}"
    said = sentence(
        group,
        lambda qid: spoken(document, qid)[1:-1],
        lambda qid, code: option_label(document, qid, code),
    )
    return f"Asked when {said}"


def option_label(document: Document, qid: str, code: str) -> str:
    """What people read for an option's code."""
    for language in document.languages:
        labels_of = tree.get(document.words.get(language, {}), ("questions", qid))
        said = tree.get(labels_of, ("options", code))
        if said:
            return str(said)
    return code


# -- the outline -----------------------------------------------------------------------------------


def outline(draft: Draft, problems: Sequence[Told]) -> list[Data]:
    """Every page and question in order, as the overview lists them."""
    document = draft.document
    base = f"/staff/surveys/{draft.slug}"
    counts: dict[str, int] = {}
    for problem in problems:
        for key in (problem.question, problem.page):
            counts[key] = counts.get(key, 0) + 1
    lines = []
    entries = tree.entries(document)
    for number, entry in enumerate(entries):
        key = tree.key_of(entry)
        line = {
            "key": key, "number": number + 1, "first": number == 0,
            "last": number == len(entries) - 1, "problems": counts.get(key, 0),
            "when": asked_when(document, entry.get("when")),
            "part": entry.get("part"), "section": entry.get("section"),
        }  # fmt: skip
        if tree.alone(entry):
            line |= question_line(document, entry, base)
        elif "include" in entry:
            line |= {"block": True, "says": f"Block {key}", "href": f"{base}/pages/{quote(key)}"}
        else:
            held = tree.inner(entry)
            line |= {
                "says": spoken(document, key)[1:-1],
                "href": f"{base}/pages/{quote(key)}",
                "questions": [
                    {
                        **question_line(document, question, base),
                        "key": str(question.get("id")),
                        "when": asked_when(document, question.get("when")),
                        "first": index == 0,
                        "last": index == len(held) - 1,
                        "problems": counts.get(str(question.get("id")), 0),
                    }
                    for index, question in enumerate(held)
                ],
            }
        lines.append(line)
    return lines


def question_line(document: Document, question: Data, base: str) -> Data:
    """A question in the outline."""
    qid, kind = str(question.get("id")), str(question.get("type"))
    return {
        "says": spoken(document, qid)[1:-1],
        "href": f"{base}/questions/{quote(qid)}",
        "kind": labels.KINDS.get(kind, (kind, ""))[0],
        "required": bool(question.get("required")),
    }


def languages_of(document: Document) -> list[tuple[str, str]]:
    """The languages a questionnaire says it has, with what each calls itself."""
    return [(language, language_name(language)) for language in document.languages]


def title_of(document: Document, slug: str) -> str:
    """A questionnaire's title in the first language that has one."""
    for language in (*document.languages, *document.words):
        title = document.words.get(language, {}).get("title")
        if isinstance(title, str) and title:
            return title
    return slug
