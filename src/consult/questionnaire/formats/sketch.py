"""A form as it was read, under its own names, before it is made one of ours (see ``assemble``)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from consult.questionnaire.formats.expression import Comparison, Member, Name, Text, Tree

#: A text in each language of the form, by the form's name for the language.
Texts = dict[str, str]
#: Around the name of a question whose answer is taken into a text.
OPEN, CLOSE = "\ue000", "\ue001"
PIPED = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")


def piped(text: str, pattern: re.Pattern[str]) -> str:
    """``text`` with the names that ``pattern`` finds marked, so that they outlast other changes."""
    return pattern.sub(lambda match: f"{OPEN}{match[1].strip()}{CLOSE}", text)


@dataclass
class Choosable:
    """An option, or a row of a grid. ``words`` is what is asked of whoever picks it."""

    name: str
    label: Texts = field(default_factory=dict)
    exclusive: bool = False
    fixed: bool = False
    words: Texts | None = None
    apart: bool = False


@dataclass
class Alias:
    """Another name of the source for a question, or a part of it: an option, a row, its words."""

    name: str
    option: str | None = None
    row: str | None = None
    words: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it is a name of the question itself."""
        return self.option is self.row is self.words is None


@dataclass
class Asked:
    """A question, or something to read. ``keys`` are keys of ours, as they go into the file."""

    place: str
    name: str
    type: str
    keys: dict[str, Any] = field(default_factory=dict)
    options: list[Choosable] = field(default_factory=list)
    rows: list[Choosable] = field(default_factory=list)
    ask: Texts = field(default_factory=dict)
    hint: Texts = field(default_factory=dict)
    body: Texts = field(default_factory=dict)
    suffix: Texts = field(default_factory=dict)
    when: Tree | None = None
    aliases: list[Alias] = field(default_factory=list)


@dataclass
class Sheet:
    """Questions asked together."""

    place: str
    name: str
    heading: Texts = field(default_factory=dict)
    when: Tree | None = None
    section: str | None = None
    shuffle: bool = False
    questions: list[Asked] = field(default_factory=list)


@dataclass
class Heading:
    """A section."""

    name: str
    label: Texts = field(default_factory=dict)


@dataclass
class Form:
    """All of a form."""

    name: str
    languages: list[str]
    title: Texts = field(default_factory=dict)
    summary: Texts = field(default_factory=dict)
    thanks: Texts = field(default_factory=dict)
    contact: Texts = field(default_factory=dict)
    opens: str | None = None
    closes: str | None = None
    sections: list[Heading] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)


def on_each(texts: Texts, change: Callable[[str], str]) -> Texts:
    """Texts changed in every language."""
    return {language: change(text) for language, text in texts.items()}


def as_words(asked: Asked, before: Asked | None) -> bool:
    """Make a short text that asks "other, please say" part of the question before it.

    It is one where it is called ``<question>_<option>`` and asked of whoever picks that option.
    """
    if before is None or asked.type != "short_text" or not set(asked.keys) <= {"maximum"}:
        return False
    if before.type not in {"choice", "choices"}:
        return False
    for option in before.options:
        text = Text(option.name)
        met = (Comparison("==", Name(before.name), text), Member(text, Name(before.name)))
        code = option.name.replace("-", "_")
        if asked.name == f"{before.name}_{code}" and asked.when in met and option.words is None:
            option.words = asked.ask
            before.aliases.append(Alias(asked.name, words=option.name))
            return True
    return False
