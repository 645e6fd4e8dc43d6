"""Routing: which pages an answer set leads through. Recomputed from the answers, never stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from consult.questionnaire.answers import Question, Value
from consult.questionnaire.conditions import holds
from consult.questionnaire.model import Page, Survey


@dataclass(frozen=True)
class Step:
    """A page on the path, with those of its questions that are asked."""

    page: Page
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Route:
    """The path of one response: its steps, and the answers that count.

    ``answers`` are those to questions on the path; whatever else a respondent said before
    changing course is kept by whoever holds it and counted by nobody.
    """

    steps: tuple[Step, ...]
    answers: Mapping[str, Value]

    @property
    def asked(self) -> tuple[Question, ...]:
        """Questions on the path that take an answer."""
        return tuple(q for step in self.steps for q in step.questions if q.takes_answer)

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
    survey: Survey, answers: Mapping[str, Value], closed_parts: Collection[str] = ()
) -> Route:
    """The path through ``survey`` for typed ``answers``; one pass over the pages, so it ends."""
    live: dict[str, Value] = {}
    steps: list[Step] = []
    for page in survey.pages:
        if page.part in closed_parts or not _met(survey, page.when, live):
            continue
        asked = tuple(q for q in page.questions if _met(survey, q.when, live))
        if not asked:
            continue
        steps.append(Step(page, asked))
        # Only now: a question's condition looks at earlier pages, never at its own.
        live.update({q.id: answers[q.id] for q in asked if answers.get(q.id) is not None})
    return Route(tuple(steps), live)


def _met(survey: Survey, condition: str | None, live: Mapping[str, Value]) -> bool:
    return condition is None or holds(condition, survey.questions, live)
