"""One value of a questionnaire under an address of its own: what a form's field reads and writes.

Addresses are the names of form fields: ``question/age/required``, ``words/en/questions/age/ask``,
``option/age/options/16_24/exclusive``, ``settings/opens``. Whatever is edited is read and written
here, so that two people's edits can be held against each other value by value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from consult.designing import edits, options, renaming, tree
from consult.designing.edits import with_word
from consult.designing.tree import Data
from consult.errors import ConsultError, NotFound
from consult.questionnaire.document import Document
from consult.questionnaire.translation import fingerprint, source_language

#: Characters of a wording: a page of questions is no place for a book.
LONGEST = 50_000
LONGEST_POPULATION = 300_000
NUMBERS = frozenset(
    {"minimum", "maximum", "decimals", "step", "top", "total", "size", "sets", "grace_minutes"}
    | {"suppress", "round", "band_d", "baseline", "baseline_error", "target", "tolerance"}
)
FLAGS = frozenset(
    {"required", "shuffle", "autocomplete", "exclusive", "not_in_population", "words"}
    | {"fixed", "sensitive", "reworded"}
)
#: Values that are lists of names, as a form's text: names between spaces.
NAME_LISTS = frozenset(
    {"apart", "codes", "shuffle_sections", "email_domains", "embed_on", "offers"}
)


@dataclass(frozen=True)
class Change:
    """A new value for an address, as a form sent it."""

    field: str
    text: str


def read(document: Document, field: str) -> str:
    """The value at an address as a form's text. Raises NotFound."""
    kind, *path = _path(document, field)
    match kind, path:
        case "question", [qid, *keys]:
            return _text(tree.get(tree.question_of(document, qid), keys), keys[-1])
        case "page", [key, *keys]:
            entry = tree.entries(document)[tree.page_number(document, key)]
            return _text(tree.get(entry, keys), keys[-1])
        case "option", [qid, key, code, name]:
            option = _option(document, qid, key, code)
            if name == "apart":
                apart = tree.question_of(document, qid).get("apart") or []
                return "yes" if code in apart else ""
            return _text(option.get(name), name)
        case "net", [qid, net, "codes"]:
            return _text(tree.get(tree.question_of(document, qid), ("nets", net)), "codes")
        case "words", [language, *keys]:
            return _text(tree.get(document.words.get(language, {}), keys), keys[-1])
        case "settings", keys:
            return _text(tree.get(document.definition, keys), keys[-1])
        case "part", [part, name]:
            return _text(_listed(document, "parts", part).get(name), name)
        case "section", [section, name]:
            return _text(_listed(document, "sections", section).get(name), name)
        case "population", []:
            return document.population
    raise NotFound(field)


def write(document: Document, field: str, text: str) -> Document:
    """``document`` with the form's text at an address. Raises NotFound and ConsultError."""
    longest = LONGEST_POPULATION if field == "population" else LONGEST
    if len(text) > longest:
        raise ConsultError(f"That is {len(text):,} characters. Keep it to {longest:,} or fewer.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kind, *path = _path(document, field)
    match kind, path:
        case "question", [qid, "id"]:
            return renaming.rename(document, qid, text.strip()).document
        case "question", [qid, "type"]:
            return edits.change_type(document, qid, text).document
        case "question", [qid, *keys]:
            question = tree.question_of(document, qid)
            value = _value(text, keys[-1], question)
            return tree.with_question(document, qid, tree.put(question, keys, value))
        case "page", [key, "id"]:
            return renaming.rename(document, key, text.strip()).document
        case "page", [key, *keys]:
            number = tree.page_number(document, key)
            entry = tree.put(tree.entries(document)[number], keys, _value(text, keys[-1]))
            return tree.with_entry(document, number, entry)
        case "option", [qid, key, code, "code"]:
            if text.strip() == code:
                return document
            return options.rename(document, qid, key, code, text.strip()).document
        case "option", [qid, key, code, name]:
            return _write_option(document, qid, key, code, name, text)
        case "net", [qid, net, "codes"]:
            question = tree.question_of(document, qid)
            value = tree.put(question, ("nets", net), _value(text, "codes") or [])
            return tree.with_question(document, qid, value)
        case "words", [language, *keys]:
            value = _value(_tidy(text, keys), keys[-1])
            made = with_word(document, language, tuple(keys), value)
            return _translated(made, language, keys, value)
        case "settings", keys:
            value = _value(text, keys[-1])
            return replace(document, definition=tree.put(document.definition, keys, value))
        case (("part" | "section"), [name, key]):
            return _write_listed(document, f"{kind}s", name, key, _value(text, key))
        case "population", []:
            return replace(document, population=text)
    raise NotFound(field)


def _path(document: Document, field: str) -> list[str]:
    """The parts of an address, whose subject is there. Raises NotFound."""
    kind, *path = field.split("/")
    least = {"population": 0, "settings": 1, "question": 2, "page": 2, "words": 2}
    if len(path) < least.get(kind, 2) or not all(path) or len(path) > 6:
        raise NotFound(field)
    match kind, path:
        case "words", [language, *_] if language not in document.languages:
            raise NotFound(field)
        case "words", [_, "questions", qid, *rest]:
            question = tree.question_of(document, qid)
            if rest[:1] and rest[0] in options.LISTS and len(rest) > 1:
                codes = {option["code"] for option in tree.options_of(question, rest[0])}
                if rest[1] not in codes:
                    raise NotFound(field)
        case "words", [_, "pages", page, *_]:
            tree.page_number(document, page)
        case "settings", ["pages" | "survey" | "languages" | "parts" | "sections", *_]:
            raise NotFound(field)
    return [kind, *path]


def _tidy(text: str, keys: list[str]) -> str:
    """A wording as it is kept; Markdown of several lines ends with a line's end, as files do."""
    text = text.strip()
    return f"{text}\n" if "\n" in text and keys[-1] != "illustrative" else text


def _translated(document: Document, language: str, keys: list[str], value: Any) -> Document:
    """A translation that knows which text it translates, so that it is seen to be stale one day."""
    source = source_language(document)
    if language == source:
        return document
    original = tree.get(document.words.get(source, {}), keys)
    mark = fingerprint(original) if isinstance(original, str) and value else None
    return with_word(document, language, ("translated", ".".join(keys)), mark)


def _option(document: Document, qid: str, key: str, code: str) -> Data:
    for option in tree.options_of(tree.question_of(document, qid), key):
        if option["code"] == code:
            return option
    raise NotFound(code)


def _write_option(
    document: Document, qid: str, key: str, code: str, name: str, text: str
) -> Document:
    question = tree.question_of(document, qid)
    _option(document, qid, key, code)
    listed = tree.options_of(question, key)
    if name == "apart":
        codes = [str(option["code"]) for option in listed]
        apart = set(question.get("apart") or []) - {code} | ({code} if text else set())
        value = [c for c in codes if c in apart] or None
        return tree.with_question(document, qid, tree.put(question, ("apart",), value))
    changed = [tree.put(o, (name,), _value(text, name)) if o["code"] == code else o for o in listed]
    return tree.with_question(document, qid, {**question, key: tree.short(changed)})


def _listed(document: Document, group: str, name: str) -> Data:
    for item in document.definition.get(group) or []:
        if isinstance(item, dict) and item.get("id") == name:
            return item
    raise NotFound(name)


def _write_listed(document: Document, group: str, name: str, key: str, value: Any) -> Document:
    _listed(document, group, name)
    items = [
        tree.put(i, (key,), value) if isinstance(i, dict) and i.get("id") == name else i
        for i in document.definition[group]
    ]
    return replace(document, definition={**document.definition, group: items})


# -- texts and values ------------------------------------------------------------------------------


def _text(value: Any, key: str) -> str:
    """A value as a form shows it."""
    match value:
        case False if key == "anonymous":
            return "no"
        case None | False:
            return ""
        case True:
            return "yes"
        case list() if key == "illustrative":
            return "\n".join(" ".join(str(item).split()) for item in value)
        case list() if key == "support":
            return "\n".join(_service(item) for item in value)
        case list() if key in ("design", "documents", "quotas"):
            return "\n".join(_row(item) for item in value)
        case list():
            return " ".join(str(item) for item in value)
        case dict():
            return "\n".join(f"{name} {amount}" for name, amount in value.items())
    return str(value)


#: What a line of a support service says, in this order; what it lacks is left empty.
SERVICE = ("id", "phone", "text", "href", "areas")


def _service(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    said = (item.get(name) or "" for name in SERVICE)
    cells = [" ".join(map(str, cell)) if isinstance(cell, list) else str(cell) for cell in said]
    return " | ".join(cells).rstrip(" |")


def _row(item: Any) -> str:
    if isinstance(item, dict):
        return " | ".join(str(value) for value in item.values())
    return " ".join(str(part) for part in item) if isinstance(item, list) else str(item)


def _value(text: str, key: str, question: Data | None = None) -> Any:
    """What a form's text stands for; None for nothing. What is no number stays the text it is."""
    stripped = text.strip()
    if not stripped:
        return None
    if key in FLAGS:
        return True if stripped != "no" else None
    if key in NUMBERS:
        return _number(stripped)
    if key in NAME_LISTS:
        return stripped.split()
    lines = [line.strip() for line in stripped.split("\n") if line.strip()]
    match key:
        case "illustrative":
            return lines
        case "design":
            return [line.split() for line in lines]
        case "rises":
            pairs = (line.partition(" ") for line in lines)
            return {
                name: _number(amount.strip()) if amount.strip() else 0 for name, _, amount in pairs
            }
        case "documents":
            return [_record(line, ("id", "url")) for line in lines]
        case "quotas":
            return [_record(line, ("id", "when", "limit")) for line in lines]
        case "support":
            return [_offered(line) for line in lines]
        case "anonymous":
            return False if stripped == "no" else None
    return text if "\n" in text else stripped


def _record(line: str, names: tuple[str, ...]) -> Data:
    cells = [cell.strip() for cell in line.split(" | ")]
    made: Data = dict(zip(names, cells, strict=False))
    if "limit" in made:
        made["limit"] = _number(str(made["limit"]))
    return made


def _offered(line: str) -> Data:
    cells = [cell.strip() for cell in line.split("|")]
    made: Data = {name: cell for name, cell in zip(SERVICE, cells, strict=False) if cell}
    if "id" in made:
        # Whoever writes "Women's line" means a name that can be one here: womens_line.
        bare = re.sub(r"[’']", "", made["id"]).lower()
        made["id"] = re.sub(r"[^a-z0-9_]+", "_", bare).strip("_") or made["id"]
    if "areas" in made:
        made["areas"] = made["areas"].split()
    return made


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            made = kind(text)
        except ValueError:
            continue
        return made if str(made) not in ("inf", "-inf", "nan") else text
    return text
