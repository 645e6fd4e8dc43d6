"""What an interviewer does with a question that was written to be read on a page."""

from __future__ import annotations

from dataclasses import dataclass

from consult.questionnaire.answers import (
    BestWorstSet,
    Choice,
    Choices,
    Consent,
    Date,
    LongText,
    Numeric,
    OneOf,
    Optioned,
    Points,
    Postcode,
    Question,
    Ranking,
    Scale,
)
from consult.questionnaire.survey import Survey


@dataclass(frozen=True)
class Help:
    """What to do, and the codes that stand on paper and in the data."""

    says: str
    codes: tuple[tuple[str, str], ...]
    language: str


def help_for(question: Question, survey: Survey, language: str) -> Help:
    """Help with one question."""
    labels = survey.labels(question.id, language)
    options = question.options if isinstance(question, Optioned) else ()
    codes = tuple((o.code, labels.options.get(o.code, o.code)) for o in options)
    return Help(_says(question, dict(codes)), codes, language)


def _says(question: Question, named: dict[str, str]) -> str:
    match question:
        case Consent():
            return "Read it out. Tick it only if they say yes."
        case Postcode():
            return (
                "Ask for the postcode. Only the area is kept. Who would rather not say it names "
                "their area."
            )
        case Choice(autocomplete=True):
            return "Do not read the list out. Type what they say and pick it."
        case Scale(apart=apart) if apart:
            silent = ", ".join(named[code] for code in apart if code in named)
            return f"Read every answer out but these, which they must say themselves: {silent}."
        case OneOf():
            return "Read every answer out, in the order shown. They pick one."
        case Choices():
            return "Read the answers out one by one and wait for yes or no at each."
        case Ranking() | BestWorstSet():
            return "Read all of them out first, then ask. Read them again as often as they like."
        case Points():
            return "Read all of them out, then ask for the points of each. Say what is left."
        case Date():
            return "Day, month and year. Do not help by naming a date."
        case Numeric():
            return "Write the number they say. Do not suggest one."
        case LongText():
            return "Write down what they say, word for word. Read nothing out."
    return "Write down what they say."
