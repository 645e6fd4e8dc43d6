"""Routing: which pages an answer set leads through. Recomputed from the answers, never stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from consult.questionnaire import order
from consult.questionnaire.answers import Question, Value
from consult.questionnaire.conditions import holds
from consult.questionnaire.model import Page
from consult.questionnaire.survey import Survey


@dataclass(frozen=True)
class Step:
    """A page on the path, with those of its questions that are asked.

    ``companions`` are asked there too, of who picked the option that wants words.
    """

    page: Page
    questions: tuple[Question, ...]
    companions: tuple[Question, ...] = ()

    @cached_property
    def asked(self) -> tuple[Question, ...]:
        """What takes an answer, each companion after its question."""
        if not self.companions:
            return tuple([question for question in self.questions if question.takes_answer])
        made: list[Question] = []
        for question in self.questions:
            made += [question] if question.takes_answer else []
            own = {companion.id for companion in question.companions()}
            made += [companion for companion in self.companions if companion.id in own]
        return tuple(made)


@dataclass(frozen=True)
class Route:
    """The path of one response: its steps, and the answers that count.

    ``answers`` are those to questions on the path; whatever else a respondent said before
    changing course is kept by whoever holds it and counted by nobody.
    """

    steps: tuple[Step, ...]
    answers: Mapping[str, Value]

    @cached_property
    def asked(self) -> tuple[Question, ...]:
        """Questions on the path that take an answer."""
        return tuple([question for step in self.steps for question in step.asked])

    def step(self, page_id: str) -> Step | None:
        """The step at a page, None where the page is not on the path."""
        return next((step for step in self.steps if step.page.id == page_id), None)

    def number(self, page_id: str) -> int:
        """The place of a page on the path, from 1; one past the end where it is not on it."""
        ids = [step.page.id for step in self.steps]
        return ids.index(page_id) + 1 if page_id in ids else len(ids) + 1

    def before(self, page_id: str) -> Step | None:
        """The step before a page."""
        return next(iter(self.steps[: self.number(page_id) - 1][-1:]), None)

    def after(self, page_id: str) -> Step | None:
        """The step after a page."""
        return next(iter(self.steps[self.number(page_id) :]), None)


def route(
    survey: Survey,
    answers: Mapping[str, Value],
    closed_parts: Collection[str] = (),
    seed: int | None = None,
) -> Route:
    """The path through ``survey`` for typed ``answers``; one pass over the pages, so it ends.

    ``seed`` makes the order of what comes in an order of chance; None is the order as written.
    """
    live: dict[str, Value] = {}
    steps: list[Step] = []
    for page in order.pages(survey, seed):
        if page.part in closed_parts or not _met(survey, page.when, live):
            continue
        asked = tuple([q for q in order.questions(page, seed) if _met(survey, q.when, live)])
        if not asked:
            continue
        companions: list[Question] = []
        now: dict[str, Value] = {}
        for question in asked:
            value = answers.get(question.id)
            if value is not None and question.takes_answer:
                now[question.id] = value
                companions += [c for c in question.companions() if question.wants(c, value)]
        for made in companions:
            if made.id in answers:
                now[made.id] = answers[made.id]
        steps.append(Step(page, asked, tuple(companions)))
        # Only now: a question's condition looks at earlier pages, never at its own.
        live |= now
    return Route(tuple(steps), live)


def _met(survey: Survey, condition: str | None, live: Mapping[str, Value]) -> bool:
    return condition is None or holds(condition, survey.questions, live)
