"""A respondent's way through a survey, as pure rules: typed, wrong, next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from consult.questionnaire.answers import (
    Consent,
    Invalid,
    Optioned,
    Points,
    Postcode,
    Question,
    Value,
)
from consult.questionnaire.answers.base import N_
from consult.questionnaire.answers.people import normal, sector
from consult.questionnaire.answers.people import typed as typed_postcode
from consult.questionnaire.conditions import holds
from consult.questionnaire.routing import Route, Step, route
from consult.questionnaire.survey import Survey

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
    seed: int | None = None

    def errors_on(self, step: Step) -> dict[str, Invalid]:
        """What is wrong on one page."""
        return {q.id: self.errors[q.id] for q in step.asked if q.id in self.errors}

    def may_change(self, step: Step) -> bool:
        """Whether answers from ``step`` on may still lengthen or shorten the path."""
        if not self.survey.turns:
            return False
        done = self.route.steps[: self.route.number(step.page.id) - 1]
        settled = {question.id for passed in done for question in passed.asked}
        passed = {each.page.id for each in done}
        return any(
            page_id not in passed and not names <= settled
            for page_id, names in self.survey.turns.items()
        )

    def quotas(self) -> frozenset[str]:
        """The quotas that the answers on the path meet."""
        return frozenset(
            quota.id
            for quota in self.survey.definition.quotas
            if holds(quota.when, self.survey.questions, self.route.answers)
        )

    def unfinished(self) -> Step | None:
        """The first page on the path not yet seen, or with something wrong."""
        for step in self.route.steps:
            if step.page.id not in self.seen or self.errors_on(step):
                return step
        return None


def travel(
    survey: Survey,
    raw: Raw,
    seen: Collection[str] = (),
    closed_parts: Collection[str] = (),
    seed: int | None = None,
) -> Journey:
    """The journey that ``raw`` (form text by question id) leads through."""
    answers: dict[str, Value] = {}
    invalid: dict[str, Invalid] = {}
    for question in survey.questions.values():
        typed_text = raw.get(question.id)
        if not typed_text:
            continue  # left empty, whatever its type
        try:
            value = question.parse(typed_text)
        except Invalid as error:
            invalid[question.id] = error
        else:
            if value is not None:
                answers[question.id] = value
    taken = route(survey, answers, closed_parts, seed)
    errors: dict[str, Invalid] = {}
    for question in taken.asked:
        if wrong := _wrong(question, answers, invalid):
            errors[question.id] = wrong
    return Journey(survey, raw, answers, taken, errors, seen, seed)


def _wrong(
    question: Question, answers: Mapping[str, Value], invalid: Mapping[str, Invalid]
) -> Invalid | None:
    if question.id in invalid:
        return invalid[question.id]
    if question.required and question.id not in answers:
        if isinstance(question, Consent):
            return Invalid(N_("Tick the box if you agree"))
        if isinstance(question, Optioned) and not isinstance(question, Points):
            return Invalid(N_("Select an answer"))
        return Invalid(N_("Enter an answer"))
    return None


def typed(step: Step, form: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What a form sent for the questions of a page; an empty box is an answer taken back."""
    sent: dict[str, list[str]] = {}
    for question in step.questions:
        if question.takes_answer:
            for asked in (question, *question.companions()):
                sent[asked.id] = asked.gather(form)
    return sent


def found(question: Postcode, raw: Raw, area: str | None, before: Raw) -> dict[str, list[str]]:
    """Form text once a typed postcode has been looked up: the area's, and the sector's if kept.

    The postcode itself is gone from it, unless no area was found: then it is shown again. A
    sector is not on the page: it stays (from ``before``) as long as the area does.
    """
    sectors = [made.id for made in question.companions() if made.id.endswith("_sector")]
    if not typed_postcode(raw[question.id]):
        same = list(raw[question.id]) == list(before.get(question.id, ()))
        return {name: list(before.get(name, ())) if same else [] for name in sectors}
    postcode = normal(typed_postcode(raw[question.id]))
    if postcode is None or area not in question.codes:
        return {}
    return {question.id: [str(area)], **{name: [sector(postcode)] for name in sectors}}


def without_postcodes(step: Step, raw: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What may be kept of a page: no postcode that was typed and not found."""
    asked = [q.id for q in step.questions if isinstance(q, Postcode) and typed_postcode(raw[q.id])]
    return {**raw, **{name: [] for name in asked}}
