"""A respondent's way through a survey, as pure rules: typed, wrong, next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from consult.questionnaire.answers import Choice, Choices, Invalid, Question, Scale, Value
from consult.questionnaire.answers.base import N_
from consult.questionnaire.model import Survey
from consult.questionnaire.routing import Route, Step, route

Raw = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Journey:
    """A survey answered so far.

    ``answers`` are all that could be read, on the path or off it; ``route`` counts those on it;
    ``errors`` are what could not be read or is missing, by question on the path.
    """

    survey: Survey
    raw: Raw
    answers: Mapping[str, Value]
    route: Route
    errors: Mapping[str, Invalid]
    seen: Collection[str] = ()

    def errors_on(self, step: Step) -> dict[str, Invalid]:
        """What is wrong on one page."""
        return {q.id: self.errors[q.id] for q in step.questions if q.id in self.errors}

    def unfinished(self) -> Step | None:
        """The first page on the path not yet seen, or with something wrong."""
        for step in self.route.steps:
            if step.page.id not in self.seen or self.errors_on(step):
                return step
        return None


def travel(
    survey: Survey, raw: Raw, seen: Collection[str] = (), closed_parts: Collection[str] = ()
) -> Journey:
    """The journey that ``raw`` (form text by question id) leads through."""
    answers: dict[str, Value] = {}
    invalid: dict[str, Invalid] = {}
    for question in survey.questions.values():
        try:
            value = question.parse(raw.get(question.id, ()))
        except Invalid as error:
            invalid[question.id] = error
        else:
            if value is not None:
                answers[question.id] = value
    taken = route(survey, answers, closed_parts)
    wrong = {q.id: _wrong(q, answers, invalid) for q in taken.asked}
    errors = {qid: found for qid, found in wrong.items() if found}
    return Journey(survey, raw, answers, taken, errors, seen)


def _wrong(
    question: Question, answers: Mapping[str, Value], invalid: Mapping[str, Invalid]
) -> Invalid | None:
    if question.id in invalid:
        return invalid[question.id]
    if question.required and question.id not in answers:
        if isinstance(question, Choice | Choices | Scale):
            return Invalid(N_("Select an answer"))
        return Invalid(N_("Enter an answer"))
    return None


def typed(step: Step, form: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What a form sent for the questions of a page; an empty box is an answer taken back."""
    return {
        q.id: [str(text) for text in form.get(q.id, ())] for q in step.questions if q.takes_answer
    }
