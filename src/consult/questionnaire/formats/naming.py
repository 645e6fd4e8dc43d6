"""Names that are valid here, made from names that are valid elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from consult.questionnaire.answers.base import Identifier
from consult.questionnaire.answers.choice import CODE
from consult.questionnaire.checks import TAKEN
from consult.questionnaire.conditions import RESERVED

LONGEST = 64
SLUG = 80


def _plain(text: str) -> str:
    """``text`` in small ASCII letters, digits and single underscores."""
    ascii_ = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_]+", "_", ascii_.lower().strip())


def _free(wanted: str, taken: Callable[[str], bool], longest: int) -> str:
    """``wanted``, or with the first number from 2 that makes it free."""
    name, number = wanted[:longest], 2
    while taken(name):
        ending = f"_{number}"
        name, number = wanted[: longest - len(ending)] + ending, number + 1
    return name


class Identifiers:
    """Ids of questions (or of pages), each given once."""

    def __init__(self) -> None:
        self.given: set[str] = set()

    def new(self, name: str, parts: tuple[str, ...] = ()) -> str:
        """An id like ``name``; ``parts`` are what is asked beside it, as ``<id>_<part>``."""
        wanted = _plain(name)
        if not re.fullmatch(Identifier, wanted[:LONGEST]) or wanted in RESERVED | TAKEN:
            wanted = f"q_{wanted.strip('_')}".rstrip("_")
        free = _free(wanted, lambda one: self._taken(one, parts), LONGEST)
        self.given.update({free, *_beside(free, parts)})
        return free

    def _taken(self, name: str, parts: tuple[str, ...]) -> bool:
        return not self.given.isdisjoint({name, *_beside(name, parts)})


def _beside(name: str, parts: tuple[str, ...]) -> list[str]:
    return [f"{name}_{part.replace('-', '_')}"[:LONGEST] for part in parts]


def codes(names: list[str]) -> dict[str, str]:
    """A valid code for each name of an option, each its own."""
    made: dict[str, str] = {}
    given: set[str] = set()
    # A name that is valid as it stands keeps it, whatever stands before it.
    for name in sorted(names, key=lambda one: not re.fullmatch(CODE, one)):
        if name in made:
            continue
        text = name.strip().lower()
        if not re.fullmatch(CODE, text):
            # A minus tells -1 from 1; other signs become the underscore.
            text = re.sub(r"^[-_]+(?=\d)", "minus_", text)
            text = _plain(text).strip("_") or "option"
        made[name] = _free(text, given.__contains__, LONGEST)
        given.add(made[name])
    return {name: made[name] for name in names}


def slug(text: str) -> str:
    """A survey's name like ``text``."""
    return re.sub(r"[^a-z0-9]+", "-", _plain(text)).strip("-")[:SLUG].strip("-") or "survey"
