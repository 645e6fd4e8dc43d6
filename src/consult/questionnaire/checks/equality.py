"""Equality questions: optional, with a way not to say, and after everything else.

Public bodies ask them to see who has been heard (Equality Act 2010, section 149); people who meet
them first, or cannot pass them, leave.
"""

from __future__ import annotations

from collections.abc import Iterator

from consult.questionnaire.answers import Optioned
from consult.questionnaire.checks.finding import Finding
from consult.questionnaire.survey import Survey

ROLES = {"sex", "equality"}
DECLINED = "prefer_not_to_say"


def check(survey: Survey) -> Iterator[Finding]:
    """Every problem with a survey's equality questions."""
    told: set[str] = set()
    places = [place for place in survey.places if place.question.takes_answer]
    last = max((p.number for p in places if p.question.role is None), default=-1)
    for place in places:
        question = place.question
        if question.role not in ROLES or place.written.id in told:
            continue
        told.add(place.written.id)
        params = {"name": place.written.id}
        if place.number < last:
            yield Finding("", place.where, "equality-early", params)
        if question.required:
            yield Finding("", place.where, "equality-required", params)
        if isinstance(question, Optioned) and DECLINED not in question.codes:
            yield Finding("", place.where, "equality-refusal", params)
