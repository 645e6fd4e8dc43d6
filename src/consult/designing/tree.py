"""A document's data: finding pages and questions, and changing one value of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from consult.errors import NotFound
from consult.questionnaire.answers import Consent, TaxBand
from consult.questionnaire.document import Document

Data = dict[str, Any]
#: Options that come with a type.
GIVEN: Mapping[str, list[str]] = {
    "tax_band": [option.code for option in TaxBand.model_fields["options"].default],
    "consent": [option.code for option in Consent.model_fields["options"].default],
}


@dataclass(frozen=True)
class Spot:
    """Where a question stands: an entry of ``pages``, alone or inside it."""

    page: int
    index: int | None
    data: Data


def entries(document: Document) -> list[Data]:
    """The entries of ``pages``: questions alone, pages of several, blocks of the bank."""
    return [entry for entry in document.definition.get("pages", []) if isinstance(entry, dict)]


def key_of(entry: Data) -> str:
    """What an entry is addressed by."""
    return str(entry.get("id") or entry.get("include") or "")


def inner(entry: Data) -> list[Data]:
    """The questions of an entry: itself, where it is one alone."""
    if "include" in entry:
        return []
    held = entry.get("questions")
    return [q for q in held if isinstance(q, dict)] if isinstance(held, list) else [entry]


def alone(entry: Data) -> bool:
    """Whether an entry is a question that is a page by itself."""
    return "include" not in entry and "questions" not in entry


def spots(document: Document) -> Iterator[Spot]:
    """Every question, statements too."""
    for number, entry in enumerate(entries(document)):
        if alone(entry):
            yield Spot(number, None, entry)
        else:
            for index, question in enumerate(inner(entry)):
                yield Spot(number, index, question)


def spot_of(document: Document, question: str) -> Spot:
    """Where a question stands. Raises NotFound."""
    for spot in spots(document):
        if spot.data.get("id") == question:
            return spot
    raise NotFound(question)


def question_of(document: Document, question: str) -> Data:
    """A question's data. Raises NotFound."""
    return spot_of(document, question).data


def page_number(document: Document, key: str) -> int:
    """Where an entry stands. Raises NotFound."""
    for number, entry in enumerate(entries(document)):
        if key_of(entry) == key:
            return number
    raise NotFound(key)


def ids(document: Document) -> set[str]:
    """Every name a question or page has."""
    found = {key_of(entry) for entry in entries(document)}
    return found | {str(spot.data.get("id")) for spot in spots(document)}


def options_of(question: Data, key: str = "options") -> list[Data]:
    """A question's options, each as keys and values; those of its type where it names none."""
    held = question.get(key)
    if held is None and key == "options":
        held = GIVEN.get(str(question.get("type")))
    listed = held if isinstance(held, list) else []
    return [option if isinstance(option, dict) else {"code": str(option)} for option in listed]


def short(options: Sequence[Data]) -> list[Any]:
    """Options as they are written: the code alone where there is nothing else."""
    return [o["code"] if set(o) == {"code"} else o for o in options]


# -- changing --------------------------------------------------------------------------------------


def put(data: Any, path: Sequence[str | int], value: Any) -> Any:
    """``data`` with ``value`` at ``path``; None takes a key away, and what it leaves empty."""
    if not path:
        return value
    first, *rest = path
    if isinstance(first, int):
        made = list(data)
        made[first] = put(made[first], rest, value)
        return made
    held: Data = dict(data) if isinstance(data, Mapping) else {}
    before = held.get(first)
    after = put(before, rest, value) if rest or value is not None else None
    if after is None or (rest and not after and isinstance(after, dict)):
        held.pop(first, None)
    else:
        held[first] = after
    return held


def get(data: Any, path: Sequence[str | int]) -> Any:
    """What stands at ``path``, None for nothing."""
    for key in path:
        if isinstance(key, int):
            data = data[key] if isinstance(data, list) and key < len(data) else None
        else:
            data = data.get(key) if isinstance(data, Mapping) else None
    return data


def with_pages(document: Document, pages: Sequence[Data]) -> Document:
    """``document`` with other pages."""
    return replace(document, definition={**document.definition, "pages": list(pages)})


def with_entry(document: Document, number: int, entry: Data | None) -> Document:
    """``document`` with another entry in place of one, or without it."""
    pages = entries(document)
    pages[number : number + 1] = [entry] if entry is not None else []
    return with_pages(document, pages)


def with_question(document: Document, question: str, data: Data) -> Document:
    """``document`` with other data for a question. Raises NotFound."""
    spot = spot_of(document, question)
    entry = entries(document)[spot.page]
    path: tuple[str | int, ...] = () if spot.index is None else ("questions", spot.index)
    return with_entry(document, spot.page, put(entry, path, data))


def with_words(document: Document, change: Callable[[Data], Data]) -> Document:
    """``document`` with every language's wording changed."""
    words = {language: change(dict(held)) for language, held in document.words.items()}
    return replace(document, words=words)


def name_from(text: str, taken: set[str], otherwise: str, *, letter: bool = True) -> str:
    """A name made from a wording: small letters, digits and _, not among ``taken``."""
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in text.casefold())
    made = "_".join([piece for piece in plain.split("_") if piece][:6])[:40].strip("_")
    if not made or (letter and not made[0].isalpha()):
        made = f"{otherwise}_{made}".strip("_") if made else otherwise
    name, number = made, 1
    while name in taken:
        number += 1
        name = f"{made}_{number}"
    return name
