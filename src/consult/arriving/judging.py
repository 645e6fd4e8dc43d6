"""What is wrong with a response that came whole, by the rules of the web's own pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from consult.arriving.shapes import Misshapen, raw_of, sectors
from consult.consultations.store import Version
from consult.questionnaire.answers import Invalid
from consult.questionnaire.answers.base import Identifier
from consult.questionnaire.survey import Survey
from consult.respond.journey import Journey, travel
from consult.respond.store import Submission

#: More problems than this help nobody.
MOST_PROBLEMS = 100


@dataclass(frozen=True)
class Problem:
    """Something wrong with a response: the question, what, and how to mend it; never the answer."""

    question: str
    code: str
    detail: str


def judged(
    survey: Survey,
    answers: Mapping[str, Any],
    closed_parts: Collection[str] = (),
    seed: int | None = None,
) -> tuple[Journey, list[Problem]]:
    """The journey of ``answers`` (JSON as stored), and every problem on it.

    An answer to a question off the path is read as strictly as any and kept, as the web keeps it.
    """
    raw: dict[str, Sequence[str]] = {}
    problems: list[Problem] = []
    of_postcodes = sectors(survey.questions)
    for name, value in answers.items():
        question = survey.questions.get(name)
        if question is None:
            # A key can hold anything: only what could be a question's name is said again.
            called = name if re.fullmatch(Identifier, name) else ""
            said = "This version of the survey has no such question. Leave it out."
            problems.append(Problem(called, "unknown-question", said))
            continue
        try:
            raw[name] = raw_of(question, value, sector=name in of_postcodes)
        except Misshapen as error:
            problems.append(Problem(name, "shape", str(error)))
    journey = travel(survey, raw, (), closed_parts, seed)
    told = {problem.question for problem in problems}
    for name, wrong in {**_off_the_path(journey), **journey.errors}.items():
        if name not in told:
            code = "required" if not any(raw.get(name, ())) else "invalid"
            problems.append(Problem(name, code, f"{wrong.message % wrong.params}."))
    return journey, problems[:MOST_PROBLEMS]


def _off_the_path(journey: Journey) -> dict[str, Invalid]:
    """Answers that cannot be read and that nobody asked for: errors of a journey leave them out."""
    found: dict[str, Invalid] = {}
    for name, raw in journey.raw.items():
        try:
            journey.survey.questions[name].parse(raw)
        except Invalid as error:
            found[name] = error
    return found


def stored_answers(journey: Journey) -> dict[str, Any]:
    """All that was answered, on the path or off it, as JSON."""
    questions = journey.survey.questions
    return {name: questions[name].store(value) for name, value in journey.answers.items()}


def submission(
    version: Version,
    journey: Journey,
    *,
    response_id: UUID,
    channel: str,
    language: str,
    received_on: date,
    closed_parts: Collection[str],
    flags: Sequence[str] = (),
    source: int | None = None,
) -> Submission:
    """A journey without problems, as it is stored."""
    return Submission(
        id=response_id,
        version_id=version.id,
        channel=channel,
        language=language,
        received_on=received_on,
        answers=stored_answers(journey),
        closed_parts=sorted(closed_parts),
        order_seed=journey.seed,
        quotas=sorted(journey.quotas()),
        flags=flags,
        source=source,
    )
