"""A questionnaire as plain data: what is printed, in the order in which it is printed."""

from __future__ import annotations

from dataclasses import dataclass

from consult.questionnaire.formats.outcome import Note
from consult.questionnaire.paper.prose import Block


@dataclass(frozen=True)
class Box:
    """Something to tick or to write a number beside; ``key`` is its code or column.

    ``prompt`` asks for words of whoever ticks it; they go to ``column``.
    """

    key: str
    text: str
    hint: str = ""
    prompt: str = ""
    column: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a grid: a question of its own."""

    number: str
    text: str
    column: str


@dataclass(frozen=True)
class Table:
    """Figures to read."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Form:
    """What is filled in.

    ``kind``: ticks, numbers (a box to write in beside each option), box, parts (boxes with labels),
    line, lines, pair (a tick in each of two columns), grid. ``write_in``: too many options to
    print, so the answer is written and the office finds its code; a preview lists them all.
    """

    kind: str
    says: tuple[str, ...] = ()
    options: tuple[Box, ...] = ()
    apart: tuple[Box, ...] = ()
    apart_says: str = ""
    before: str = ""
    after: str = ""
    lines: int = 0
    labels: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    table: Table | None = None
    write_in: bool = False


@dataclass(frozen=True)
class Document:
    """Something to read: ``shown`` is the address as it is printed."""

    name: str
    url: str
    shown: str


@dataclass(frozen=True)
class Item:
    """A heading, a note, a statement or a question."""

    kind: str
    level: int = 0
    number: str = ""
    text: str = ""
    stem: str = ""
    hint: str = ""
    condition: str = ""
    body: tuple[Block, ...] = ()
    form: Form | None = None
    id: str = ""
    columns: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Paper:
    """A whole questionnaire in one language."""

    language: str
    direction: str
    title: str
    body: str
    slug: str
    version: str
    words: dict[str, str]
    deadlines: tuple[str, ...]
    summary: tuple[Block, ...]
    contact: tuple[Block, ...]
    illustrative: tuple[str, ...]
    items: tuple[Item, ...]
    thanks: tuple[Block, ...]
    notes: tuple[Note, ...] = ()
