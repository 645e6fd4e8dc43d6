"""What the designer calls things: kinds of answer, keys of a question, how each is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from consult.designing import tree
from consult.designing.edits import types
from consult.questionnaire.answers import Question

#: Kinds of answer in the order they are offered: what it is called, and what it is for.
KINDS: Mapping[str, tuple[str, str]] = {
    "choice": ("One of several", "radio buttons"),
    "choices": ("Any of several", "tick boxes"),
    "scale": ("A scale", "points in order, such as agree to disagree"),
    "grid": ("A grid", "the same scale for several things"),
    "short_text": ("A few words", "one line"),
    "long_text": ("A comment", "as many lines as people like"),
    "number": ("A number", ""),
    "money": ("An amount of money", "pounds and pence"),
    "date": ("A date", ""),
    "ranking": ("An order", "put in order of importance"),
    "points": ("Points to share out", "such as 100 pounds to spend"),
    "best_worst": ("Best and worst", "of a few at a time, in sets"),
    "postcode": ("A postcode", "only the area is kept"),
    "tax_band": ("Council tax band", "with help to find it"),
    "precept_amount": ("An amount of precept", "with what it costs in one's band"),
    "consent": ("Consent", "a box to tick"),
    "statement": ("Something to read", "asks nothing"),
}
ROLES: Mapping[str, str] = {
    "": "Nothing",
    "area": "Where they live",
    "age": "Their age",
    "sex": "Their sex",
    "group": "A group they belong to",
    "strand": "On whose behalf they answer",
    "tax_band": "Their council tax band",
    "equality": "An equality characteristic",
}
#: Label and hint of each key of a question or of a setting.
KEYS: Mapping[str, tuple[str, str]] = {
    "minimum": ("Least", "Leave empty for no limit"),
    "maximum": ("Most", "Leave empty for no limit"),
    "decimals": ("Decimals", "0 for whole numbers"),
    "step": ("Steps", "How far apart the amounts are"),
    "pattern": ("Pattern", "A regular expression (RE2) that the whole answer fits"),
    "top": ("Places", "How many places there are to fill; empty for all"),
    "total": ("Points", "How many there are to share out"),
    "size": ("Options in a set", ""),
    "sets": ("Sets", "How many sets; empty for a balanced number"),
    "design": ("The sets", "Made for you. To set them yourself: one a line, codes between spaces"),
    "shuffle": ("Show the options in an order of chance", ""),
    "autocomplete": ("A list to type into", "For long lists"),
    "lookup": ("Lookup file", "The file of postcodes that was loaded"),
    "keeps": ("What is kept", ""),
    "documents": ("Documents", "One a line: a name of your own | its address"),
}
CHOICES: Mapping[str, Mapping[str, str]] = {
    "keeps": {"": "The area", "area": "The area", "sector": "The area and the postcode sector"},
}
#: Keys with a part of the page to themselves.
APART = frozenset({"options", "rows", "apart", "nets"})


@dataclass(frozen=True)
class Key:
    """A key of a type's own, and how it is filled in."""

    name: str
    label: str
    hint: str
    #: number, checkbox, date, select, lines or text
    control: str
    choices: Mapping[str, str]


@cache
def keys_of(kind: str) -> tuple[Key, ...]:
    """The keys that a type has beside those of every question."""
    made = types().get(kind)
    if made is None:
        return ()
    own = [name for name in made.model_fields if name not in Question.model_fields]
    left_out = APART | ({"shuffle"} if kind in tree.GIVEN else set())
    return tuple(
        _key(name, made.model_fields[name].annotation, kind) for name in own if name not in left_out
    )


def _key(name: str, annotation: Any, kind: str) -> Key:
    label, hint = KEYS.get(name, (name.replace("_", " ").capitalize(), ""))
    if name in ("minimum", "maximum") and kind == "choices":
        label = {"minimum": "Least to choose", "maximum": "Most to choose"}[name]
    if name == "maximum" and kind in ("short_text", "long_text"):
        label, hint = "Most characters", ""
    if name == "shuffle" and kind == "grid":
        label = "Show the rows in an order of chance"
    return Key(name, label, hint, _control(annotation), CHOICES.get(name, {}))


def _control(annotation: Any) -> str:
    if get_origin(annotation) in (UnionType, Union):
        inner = [part for part in get_args(annotation) if part is not type(None)]
        return _control(inner[0])
    if get_origin(annotation) is Literal:
        return "select"
    if get_origin(annotation) is tuple:
        return "lines"
    if isinstance(annotation, type):
        for kind, control in ((bool, "checkbox"), (int, "number"), (Decimal, "number")):
            if issubclass(annotation, kind):
                return control
        if issubclass(annotation, date):
            return "date"
    return "text"


def has(kind: str, key: str) -> bool:
    """Whether a type has a key."""
    made = types().get(kind)
    return made is not None and key in made.model_fields
