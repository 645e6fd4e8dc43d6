"""Changes of a questionnaire's build: what is added, copied, moved, deleted, and what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from consult.designing import tree
from consult.designing.tree import Data
from consult.errors import ConsultError
from consult.questionnaire.answers import AnyQuestion
from consult.questionnaire.checks import TAKEN
from consult.questionnaire.conditions import RESERVED
from consult.questionnaire.document import Document


@dataclass(frozen=True)
class Edit:
    """A changed document, what was done in plain words, and where to look next."""

    document: Document
    summary: str
    #: The id of the question or page to go to.
    at: str = ""


def types() -> dict[str, Any]:
    """The class of every question type, by its name in survey.yaml."""
    schema = TypeAdapter(AnyQuestion).core_schema
    choices = schema["choices"] if "choices" in schema else schema["schema"]["choices"]
    found: dict[str, Any] = {}
    for name, inner in choices.items():
        held = inner
        while "cls" not in held:
            held = held["schema"]
        found[str(name)] = held["cls"]
    return found


#: A new question of a type begins with these, so that it can be seen at once.
_OPTIONS = {"options": ["yes", "no"]}
STARTS: dict[str, Data] = {
    "choice": _OPTIONS,
    "choices": _OPTIONS,
    "scale": _OPTIONS,
    "ranking": _OPTIONS,
    "points": _OPTIONS,
    "best_worst": {
        "options": ["a", "b", "c", "d"],
        "design": [["a", "b", "c", "d"], ["a", "b", "c", "d"], ["a", "b", "c", "d"]],
    },
    "grid": {"rows": ["a", "b"], **_OPTIONS},
    "precept_amount": {"maximum": 20},
    "postcode": _OPTIONS,
}
_LABELS = {"yes": "Yes", "no": "No", "a": "A", "b": "B", "c": "C", "d": "D"}


# -- adding ----------------------------------------------------------------------------------------


def add_question(document: Document, kind: str, ask: str, after: str = "", page: str = "") -> Edit:
    """A new question, at the end, after an entry, or on a page of several."""
    if kind not in types():
        raise ConsultError(f"There is no question type '{kind}'.")
    taken = tree.ids(document) | TAKEN | RESERVED
    qid = tree.name_from(ask, taken, "note" if kind == "statement" else "question")
    question: Data = {"id": qid, "type": kind, **STARTS.get(kind, {})}
    entries = tree.entries(document)
    if page:
        number = tree.page_number(document, page)
        entry = entries[number]
        entries[number] = {**_as_page(document, entry), "questions": [*tree.inner(entry), question]}
    else:
        place = tree.page_number(document, after) + 1 if after else len(entries)
        part = entries[place - 1].get("part") if place else None
        entries.insert(place, {**question, **({"part": part} if part else {})})
    made = tree.with_pages(document, entries)
    first = made.languages[0] if made.languages else "en"
    labels: Data = {"body": ask} if kind == "statement" else {"ask": ask}
    for key in ("options", "rows"):
        if key in question:
            labels[key] = {code: _LABELS[code] for code in question[key]}
    if kind in tree.GIVEN:
        labels["options"] = {code: _given(code) for code in tree.GIVEN[kind]}
    words = dict(made.words)
    words[first] = tree.put(words.get(first, {}), ("questions", qid), labels)
    return Edit(replace(made, words=words), f"Question ‘{ask or qid}’ added", qid)


def _given(code: str) -> str:
    """What an option that comes with its type is called, until somebody words it."""
    known = {"yes": "I agree", "dont_know": "I don’t know"}
    known["no_council_tax"] = "I don’t pay council tax"
    return known.get(code, f"Band {code.upper()}")


def add_page(document: Document, heading: str, after: str = "") -> Edit:
    """A page of several questions, with a statement on it to begin with."""
    if not heading:
        raise ConsultError("Give the page a heading.")
    pid = tree.name_from(heading, tree.ids(document), "page")
    note = tree.name_from(f"about {heading}", tree.ids(document) | {pid}, "note")
    entries = tree.entries(document)
    place = tree.page_number(document, after) + 1 if after else len(entries)
    entries.insert(place, {"id": pid, "questions": [{"id": note, "type": "statement"}]})
    made = _head(tree.with_pages(document, entries), pid, heading)
    return Edit(made, f"Page ‘{heading}’ added", pid)


def _head(document: Document, page: str, heading: str) -> Document:
    first = document.languages[0] if document.languages else "en"
    words = dict(document.words)
    words[first] = tree.put(words.get(first, {}), ("pages", page), heading)
    return replace(document, words=words)


def add_block(document: Document, reference: str, after: str = "") -> Edit:
    """A block of the question bank."""
    entries = tree.entries(document)
    if reference in {tree.key_of(entry) for entry in entries}:
        raise ConsultError(f"The block {reference} is in this questionnaire already.")
    place = tree.page_number(document, after) + 1 if after else len(entries)
    entries.insert(place, {"include": reference})
    return Edit(tree.with_pages(document, entries), f"Block {reference} added", reference)


# -- copying, deleting, moving ---------------------------------------------------------------------


def copy(document: Document, key: str) -> Edit:
    """A copy of a question or page right after it, wording too, under new names."""
    number, index = _where(document, key)
    entries = tree.entries(document)
    source = entries[number] if index is None else tree.inner(entries[number])[index]
    if "include" in source:
        raise ConsultError("A block of the bank stands in a questionnaire once.")
    taken = tree.ids(document) | TAKEN | RESERVED
    names: dict[str, str] = {}
    for old in dict.fromkeys([key, *(str(q.get("id")) for q in tree.inner(source))]):
        names[old] = tree.name_from(f"{old} copy", taken | set(names.values()), "copy")
    made = _renamed_copy(source, names)
    if index is None:
        entries.insert(number + 1, made)
    else:
        held = tree.inner(entries[number])
        entries[number] = {**entries[number], "questions": _inserted(held, index + 1, made)}

    def change(words: Data) -> Data:
        for old, new in names.items():
            for group in ("questions", "pages"):
                labels = tree.get(words, (group, old))
                if labels is not None:
                    words = tree.put(words, (group, new), labels)
        return words

    after = tree.with_words(tree.with_pages(document, entries), change)
    return Edit(after, f"{spoken(document, key)} copied", names[key])


def _renamed_copy(source: Data, names: dict[str, str]) -> Data:
    made = {**source, "id": names[str(source["id"])]}
    if "questions" in made:
        made["questions"] = [{**q, "id": names[str(q["id"])]} for q in tree.inner(source)]
    return made


def _inserted(items: list[Data], place: int, item: Data) -> list[Data]:
    return [*items[:place], item, *items[place:]]


def delete(document: Document, key: str) -> Edit:
    """Without a question, page or block, and its wording. Conditions on it stay; the check says."""
    number, index = _where(document, key)
    entries = tree.entries(document)
    entry = entries[number]
    gone = [entry] if index is None else [tree.inner(entry)[index]]
    if len(entries) == 1 and (index is None or len(tree.inner(entry)) == 1):
        raise ConsultError("A questionnaire needs a question. Add another, then delete this one.")
    if index is None or len(tree.inner(entry)) == 1:
        gone = [entry]
        entries.pop(number)
    else:
        held = [q for n, q in enumerate(tree.inner(entry)) if n != index]
        entries[number] = {**entry, "questions": held}
    names = {str(q.get("id")) for item in gone for q in (item, *tree.inner(item))}

    def change(words: Data) -> Data:
        for name in names:
            for group in ("questions", "pages"):
                if tree.get(words, (group, name)) is not None:
                    words = tree.put(words, (group, name), None)
        return words

    after = tree.with_words(tree.with_pages(document, entries), change)
    near = tree.key_of(entries[min(number, len(entries) - 1)])
    return Edit(after, f"{spoken(document, key)} deleted", near)


def move(document: Document, key: str, by: int) -> Edit:
    """A page or question moved up (-1) or down (+1) among its neighbours."""
    number, index = _where(document, key)
    entries = tree.entries(document)
    items = entries if index is None else tree.inner(entries[number])
    place = number if index is None else index
    return place_at(document, key, min(max(place + by, 0), len(items) - 1))


def place_at(document: Document, key: str, place: int) -> Edit:
    """A page among the pages, or a question among its page's, put at a place (from 0)."""
    number, index = _where(document, key)
    entries = tree.entries(document)
    if index is None:
        entries.insert(place, entries.pop(number))
    else:
        held = tree.inner(entries[number])
        held.insert(place, held.pop(index))
        entries[number] = {**entries[number], "questions": held}
    return Edit(tree.with_pages(document, entries), f"{spoken(document, key)} moved", key)


# -- pages of several ------------------------------------------------------------------------------

#: What belongs to a page, and not to a question on it.
_OF_PAGES = ("part", "section")


def _as_page(document: Document, entry: Data) -> Data:
    """A page of several: what an entry is, or becomes when it is a question alone."""
    if "include" in entry:
        raise ConsultError("A block of the bank cannot take in other questions.")
    if not tree.alone(entry):
        return entry
    pid = tree.name_from(f"{entry['id']} page", tree.ids(document), "page")
    return {"id": pid, **{k: entry[k] for k in _OF_PAGES if k in entry}, "questions": [entry]}


def merge(document: Document, key: str) -> Edit:
    """An entry's questions put on the page before it."""
    number = tree.page_number(document, key)
    if number == 0:
        raise ConsultError("There is no page before it.")
    entries = tree.entries(document)
    before, entry = entries[number - 1], entries.pop(number)
    if "include" in before or "include" in entry:
        raise ConsultError("A block of the bank cannot share a page with other questions.")
    page = _as_page(document, before)
    together = [*tree.inner(before), *(_with_condition(q, entry) for q in tree.inner(entry))]
    page = {**page, "questions": [_bare(question) for question in together]}
    entries[number - 1] = page
    made = tree.with_pages(document, entries)
    pid = str(page["id"])
    if tree.alone(before):
        made = _head(made, pid, "Questions that belong together")
    return Edit(made, f"{spoken(document, key)} put on the page before", pid)


def _bare(question: Data) -> Data:
    return {key: value for key, value in question.items() if key not in _OF_PAGES}


def _with_condition(question: Data, page: Data) -> Data:
    """A question that leaves its page, with the page's condition beside its own."""
    if question is page or not page.get("when"):
        return question
    own = question.get("when")
    return {**question, "when": f"({page['when']}) && ({own})" if own else page["when"]}


def split(document: Document, key: str) -> Edit:
    """The questions of a page, each on a page of its own."""
    number = tree.page_number(document, key)
    entries = tree.entries(document)
    page = entries[number]
    if tree.alone(page) or "include" in page:
        raise ConsultError("There is one question on this page.")
    shared = {name: page[name] for name in _OF_PAGES if name in page}
    own = [{**_with_condition(q, page), **shared} for q in tree.inner(page)]
    entries[number : number + 1] = own
    made = tree.with_pages(document, entries)
    pid = str(page["id"])
    made = tree.with_words(made, lambda words: _without_heading(words, pid))
    return Edit(made, f"{spoken(document, key)} split into its questions", str(own[0]["id"]))


def _without_heading(words: Data, page: str) -> Data:
    if tree.get(words, ("pages", page)) is None:
        return words
    return dict(tree.put(words, ("pages", page), None))


def unword(document: Document, key: str) -> Edit:
    """Without the wording of something that is not asked: ``key`` is en/questions/age/hint."""
    language, *path = key.split("/")
    if language not in document.words or not path:
        raise ConsultError("That wording is gone already.")
    made = with_word(document, language, tuple(path), None)
    return Edit(made, f"Wording of ‘{path[-1]}’ removed", "")


# -- types ----------------------------------------------------------------------------------------


def change_type(document: Document, qid: str, kind: str) -> Edit:
    """A question of another type, with whatever both have."""
    known = types()
    if kind not in known:
        raise ConsultError(f"There is no question type '{kind}'.")
    before = tree.question_of(document, qid)
    kept = {k: v for k, v in before.items() if k in known[kind].model_fields or k in _OF_PAGES}
    missing = {k: v for k, v in STARTS.get(kind, {}).items() if k not in kept}
    made = tree.with_question(document, qid, {**kept, **missing, "type": kind})
    labels = {"statement": ("ask", "body")}.get(kind)
    if str(before.get("type")) == "statement":
        labels = ("body", "ask")
    for language, words in made.words.items():
        for key in (k for k in missing if isinstance(missing[k], list) and k != "design"):
            for code in missing[key]:
                path = ("questions", qid, key, code)
                if tree.get(words, path) is None:
                    made = with_word(made, language, path, _LABELS.get(code, code))
        words = made.words[language]
        if labels and tree.get(words, ("questions", qid, labels[0])):
            text = tree.get(words, ("questions", qid, labels[0]))
            if tree.get(words, ("questions", qid, labels[1])) is None:
                made = with_word(made, language, ("questions", qid, labels[0]), None)
                made = with_word(made, language, ("questions", qid, labels[1]), text)
    return Edit(made, f"{spoken(document, qid)} is now of another kind", qid)


def with_word(document: Document, language: str, path: tuple[str, ...], text: Any) -> Document:
    """``document`` with another wording at a place."""
    words = dict(document.words)
    words[language] = tree.put(words.get(language, {}), path, text)
    return replace(document, words=words)


# -- in words --------------------------------------------------------------------------------------


def _where(document: Document, key: str) -> tuple[int, int | None]:
    """The number of an entry, and of a question inside it where that is what ``key`` names."""
    for number, entry in enumerate(tree.entries(document)):
        if tree.key_of(entry) == key:
            return number, None
    spot = tree.spot_of(document, key)
    return spot.page, spot.index


def spoken(document: Document, key: str) -> str:
    """A question or page by its wording in the first language that has one."""
    for language in (*document.languages, *document.words):
        words = document.words.get(language, {})
        labels = tree.get(words, ("questions", key)) or {}
        said = labels.get("ask") or labels.get("short") or tree.get(words, ("pages", key))
        said = said or labels.get("body")
        if isinstance(said, str) and said:
            line = " ".join(said.split())
            return f"‘{line if len(line) <= 70 else line[:69] + '…'}’"
    return f"‘{key}’"
