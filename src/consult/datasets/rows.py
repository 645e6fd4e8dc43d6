"""A response as a row of cells and back: the shape of every export and import.

``table.py`` makes the same rows of many responses at once, and is held to this by tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from consult.datasets.codebook import META, STRAND
from consult.questionnaire.answers import Invalid, OneOf
from consult.questionnaire.answers.base import N_
from consult.questionnaire.routing import Route, route
from consult.questionnaire.survey import Survey

#: A question that was not on the respondent's path; an empty cell is one left unanswered.
NOT_ASKED = "(not asked)"


@dataclass(frozen=True)
class StoredResponse:
    """A response as the database holds it, with the survey version it answered."""

    id: UUID
    survey: Survey
    number: int
    channel: str
    language: str
    received_on: date
    closed_parts: tuple[str, ...]
    answers: Mapping[str, Any]
    order_seed: int | None = None
    flags: tuple[str, ...] = ()
    again: str = ""
    strand: str = ""


def cells(response: StoredResponse) -> dict[str, str]:
    """The row of a response: answers on its path count, others do not."""
    survey, taken = response.survey, _route(response)
    asked = {question.id for question in taken.asked}
    row = {
        "id": str(response.id),
        "channel": response.channel,
        "language": response.language,
        "received_on": response.received_on.isoformat(),
        "survey_version": str(response.number),
        "order_seed": "" if response.order_seed is None else str(response.order_seed),
        "flags": " ".join(response.flags),
        "again": response.again,
        STRAND: response.strand,
    }
    for question in survey.questions.values():
        if question.id not in asked:
            row |= {name: NOT_ASKED for name, _ in question.columns()}
        elif question.id in taken.answers:
            row |= question.cells(taken.answers[question.id])
    return row


def off_path(response: StoredResponse) -> int:
    """How many of a response's answers its path does not lead to: kept, and counted by nobody."""
    known = sum(qid in response.survey.questions for qid in response.answers)
    return known - len(_route(response).answers)


def _route(response: StoredResponse) -> Route:
    questions = response.survey.questions
    values = {
        qid: questions[qid].restore(stored)
        for qid, stored in response.answers.items()
        if qid in questions
    }
    return route(response.survey, values, response.closed_parts)


def row_of(response: StoredResponse, book: Mapping[str, Any]) -> dict[str, str]:
    """The row of a response among those of every version: what its own never asked is marked."""
    own = cells(response)
    row = {name: own[name] for name in META}
    for entry in book["questions"]:
        asked = response.number in entry["versions"]
        for column in entry["columns"]:
            name = entry["question"] + column["name"].removeprefix(entry["id"])
            # An option that came with a later version was not there to be chosen.
            row[column["name"]] = own.get(name, "") if asked else NOT_ASKED
    return row


def raw_of(
    survey: Survey, row: Mapping[str, str]
) -> tuple[dict[str, list[str]], dict[str, Invalid]]:
    """Form text by question from a row of cells, and what could not be read, by column."""
    raw: dict[str, list[str]] = {}
    wrong: dict[str, Invalid] = {}
    for question in survey.questions.values():
        own = {
            name: "" if (cell := row.get(name, "").strip()) == NOT_ASKED else cell
            for name, _ in question.columns()
        }
        try:
            text = question.from_cells(own)
            if isinstance(question, OneOf):
                text = [_code(survey, question, cell) for cell in text]
            question.parse(text)
        except Invalid as error:
            wrong[next(iter(own))] = error
        else:
            raw[question.id] = text
    return raw, wrong


def _code(survey: Survey, question: OneOf, cell: str) -> str:
    """An option's code; people who key in paper forms write its wording as often."""
    if cell in question.codes:
        return cell
    for language in survey.languages:
        for code, label in survey.labels(question.id, language).options.items():
            if label.casefold() == cell.casefold():
                return code
    raise Invalid(N_("Use one of %(codes)s"), codes=", ".join(question.codes))


def unknown(survey: Survey, rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Columns with answers to questions that the survey does not have (any more)."""
    known = {*META, STRAND, *(name for q in survey.questions.values() for name, _ in q.columns())}
    strange = [name for name in (rows[0] if rows else ()) if name not in known]
    return [name for name in strange if any(row[name] not in {"", NOT_ASKED} for row in rows)]
