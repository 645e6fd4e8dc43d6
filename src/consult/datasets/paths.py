"""The paths of many responses at once: ``route`` of ``questionnaire/routing.py``, column by column.

A condition looks at few answers, so it is asked once for each of the few ways to have answered them
and not once for every response. The tests hold this to ``route`` itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from consult.datasets.stream import Column, Form
from consult.questionnaire.answers import Question, Value
from consult.questionnaire.conditions import holds
from consult.questionnaire.conditions import names as spoken
from consult.questionnaire.model import Page
from consult.questionnaire.survey import Survey

Mask = NDArray[np.bool_]
#: Combinations for which a table is made; where there could be more, those that there are.
TABLED = 1 << 20


class Answers:
    """The answers of many to one question."""

    def __init__(self, question: Question, stored: Column | pl.Series, form: Form) -> None:
        self.question = question
        self.stored = stored
        self._form = form

    @cached_property
    def given(self) -> Mask:
        """Where there is one."""
        stored = self.stored
        found = stored.is_not_null().to_numpy() if isinstance(stored, pl.Series) else stored.numbers
        return np.asarray(found, dtype=bool)

    @cached_property
    def values(self) -> list[Value | None]:
        """The different typed answers, by number."""
        if isinstance(self.stored, pl.Series):
            raise TypeError(f"'{self.question.id}' was to arrive by its different texts")
        read = json.loads if self._form == "json" else str
        return [
            None if text is None else self.question.restore(read(text))
            for text in self._used(self.stored)
        ]

    @staticmethod
    def _used(stored: Column) -> list[str | None]:
        """The texts that a row has; others are of other versions, and could mean nothing here."""
        used = np.bincount(stored.numbers, minlength=len(stored.texts)) > 0
        return [text if there else None for text, there in zip(stored.texts, used, strict=True)]


class Paths:
    """Which questions each of many responses to one version was asked."""

    def __init__(self, survey: Survey, answers: Mapping[str, Answers], closed: Column) -> None:
        self._survey = survey
        self._answers = answers
        self._height = len(closed.numbers)
        self._live: dict[str, Mask] = {}
        #: By question; one that nobody was asked may be missing.
        self.asked: dict[str, Mask] = {}
        for page in survey.pages:
            self._pass(page, closed)

    def _pass(self, page: Page, closed: Column) -> None:
        here = self._met(page.when) & ~self._closed(page.part, closed)
        now: dict[str, Mask] = {}
        for question in page.questions:
            asked = here & self._met(question.when)
            if not question.takes_answer:
                continue
            self.asked[question.id] = asked
            given = self._answers.get(question.id)
            if given is None:
                continue
            now[question.id] = asked & given.given
            for companion in question.companions():
                wanted = now[question.id] & self._wanting(given, companion)
                self.asked[companion.id] = wanted
                if companion.id in self._answers:
                    now[companion.id] = wanted & self._answers[companion.id].given
        # Only now: a question's condition looks at earlier pages, never at its own.
        self._live |= now

    def _closed(self, part: str | None, closed: Column) -> Mask:
        if part is None:
            return np.zeros(self._height, dtype=bool)
        texts = [part in (text or "").split(",") for text in closed.texts]
        found: Mask = np.array(texts, dtype=bool)[closed.numbers]
        return found

    @staticmethod
    def _wanting(given: Answers, companion: Question) -> Mask:
        wants = [v is not None and given.question.wants(companion, v) for v in given.values]
        stored = given.stored
        if isinstance(stored, pl.Series):
            raise TypeError("words have no companions")
        found: Mask = np.array(wants, dtype=bool)[stored.numbers]
        return found

    def _met(self, condition: str | None) -> Mask:
        if condition is None:
            return np.ones(self._height, dtype=bool)
        known = [name for name in spoken(condition) if name in self._survey.questions]
        several = [self._answers[name] for name in known if name in self._answers]
        keys, combinations = _combined(
            [np.where(self._on_path(a), _numbers(a), 0) for a in several],
            [len(a.values) for a in several],
            self._height,
        )
        met = []
        for combination in combinations:
            chosen = zip(several, combination, strict=True)
            live = {a.question.id: a.values[number] for a, number in chosen if number}
            met.append(holds(condition, self._survey.questions, live))
        found: Mask = np.array(met, dtype=bool)[keys]
        return found

    def _on_path(self, answers: Answers) -> Mask:
        none = np.zeros(self._height, dtype=bool)
        return self._live.get(answers.question.id, none)


def _numbers(answers: Answers) -> NDArray[np.int64]:
    assert isinstance(answers.stored, Column)  # noqa: S101  ``forms`` sees to it
    return answers.stored.numbers.astype(np.int64)


def _combined(
    columns: Sequence[NDArray[np.int64]], sizes: Sequence[int], height: int
) -> tuple[NDArray[np.intp], list[tuple[int, ...]]]:
    """Which combination each row has, and the combinations that there are."""
    keys = np.zeros(height, dtype=np.int64)
    found: list[tuple[int, ...]] = [()]
    for column, size in zip(columns, sizes, strict=True):
        pairs = keys * size + column
        if len(found) * size <= TABLED:
            there = np.flatnonzero(np.bincount(pairs, minlength=len(found) * size))
            place = np.zeros(len(found) * size, dtype=np.int64)
            place[there] = np.arange(len(there))
            keys = place[pairs]
        else:
            there, keys = np.unique(pairs, return_inverse=True)
        found = [(*found[pair // size], int(pair % size)) for pair in there]
    return keys, found
