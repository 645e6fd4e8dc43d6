"""Answers in the JSON that a response is stored in, read from somebody who may send anything.

Each value becomes the form text that the web's own form would have sent, so that from there on an
answer is judged by the same code, wherever it came from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from consult.questionnaire.answers import (
    BestWorstSet,
    Choices,
    Date,
    Numeric,
    OneOf,
    Points,
    Postcode,
    Question,
    Ranking,
    Text,
)

#: The outward part of a postcode, a space and one digit; more would say where somebody lives.
SECTOR = r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9]"
WHOLE = "-?[0-9]{1,14}"
NUMBER = rf"{WHOLE}(\.[0-9]{{1,6}})?"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
#: Control characters that no keyboard types; PostgreSQL cannot hold the first at all.
UNKEPT = re.compile("[\x00\ud800-\udfff]")


class Misshapen(ValueError):
    """A value that is not of the JSON type its question takes; says which that is."""


def raw_of(question: Question, value: Any, *, sector: bool = False) -> list[str]:
    """The form text of ``value``; ``sector`` is for the companion of a postcode.

    Raises Misshapen.
    """
    if not value and value != 0:
        raise Misshapen("Leave out what was not answered.")
    for kinds, read in _READERS:
        if isinstance(question, kinds):
            raw = read(question, value)
            break
    else:
        raise TypeError(type(question).__name__)
    if sector and raw and not re.fullmatch(SECTOR, raw[0]):
        raise Misshapen("Give the sector of a postcode alone, like CV21 1.")
    if any(UNKEPT.search(text) for text in raw):
        raise Misshapen("Leave out NUL characters and halves of surrogate pairs.")
    return raw


def _text(question: Question, value: Any) -> list[str]:
    if not isinstance(value, str):
        raise Misshapen("Give a text.")
    return [value]


def _code(question: Question, value: Any) -> list[str]:
    assert isinstance(question, OneOf)  # noqa: S101  by _READERS
    if not isinstance(value, str) or value not in question.codes:
        raise Misshapen("Give the code of one of the options, as a text.")
    return [value]


def _codes(question: Question, value: Any) -> list[str]:
    if not _texts(value) or len(set(value)) < len(value):
        raise Misshapen("Give a list of option codes, each once.")
    return list(value)


def _ranked(question: Question, value: Any) -> list[str]:
    assert isinstance(question, Ranking)  # noqa: S101  by _READERS
    if not _texts(value) or len(value) > question.places:
        raise Misshapen(f"Give a list of at most {question.places} option codes, the first first.")
    return question.raw(tuple(value))


def _points(question: Question, value: Any) -> list[str]:
    assert isinstance(question, Points)  # noqa: S101  by _READERS
    good = isinstance(value, dict) and all(
        code in question.codes and type(points) is int and 0 <= points <= question.total
        for code, points in value.items()
    )
    if not good:
        raise Misshapen(
            f"Give an object of whole numbers from 0 to {question.total} by option code."
        )
    return question.raw(value)


def _pair(question: Question, value: Any) -> list[str]:
    assert isinstance(question, BestWorstSet)  # noqa: S101  by _READERS
    if not _texts(value) or len(value) != 2:
        raise Misshapen("Give a list of two option codes: the best, then the worst.")
    return question.raw((value[0], value[1]))


def _number(question: Question, value: Any) -> list[str]:
    if not isinstance(value, str) or not re.fullmatch(NUMBER, value):
        raise Misshapen('Give the number as a text in figures alone, like "12" or "12.50".')
    return [value]


def _date(question: Question, value: Any) -> list[str]:
    if not isinstance(value, str) or not re.fullmatch(DAY, value):
        raise Misshapen('Give the date as a text like "2027-01-31".')
    year, month, day = value.split("-")
    return [f"day={int(day)}", f"month={int(month)}", f"year={year}"]


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_READERS: tuple[tuple[type[Question], Callable[[Question, Any], list[str]]], ...] = (
    (OneOf, _code),
    (Choices, _codes),
    (Ranking, _ranked),
    (Points, _points),
    (BestWorstSet, _pair),
    (Numeric, _number),
    (Date, _date),
    (Text, _text),
)


def sectors(questions: Mapping[str, Question]) -> frozenset[str]:
    """The questions that take the sector of a postcode."""
    return frozenset(
        made.id
        for question in questions.values()
        if isinstance(question, Postcode)
        for made in question.companions()
        if made.id == f"{question.id}_sector"
    )
