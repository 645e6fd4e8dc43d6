"""The data dictionary (.csv): a row for each column of the dataset and each of its options."""

from __future__ import annotations

import csv
import io

from consult.questionnaire.answers import OneOf, Question
from consult.questionnaire.formats.ddi import columns
from consult.questionnaire.formats.outcome import Exported
from consult.questionnaire.survey import Survey

HEADINGS = ("column", "question", "type", "option", "role", "required", "condition")


def write(survey: Survey) -> Exported:
    """``survey`` as a data dictionary."""
    out = io.StringIO(newline="")
    # A cell of it is text to read, not data to keep: what a spreadsheet would calculate is marked.
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow([*HEADINGS, *(f"label {language}" for language in survey.languages)])
    for question, column, code in columns(survey):
        for option in _options(question, code):
            table.writerow(_row(survey, question, column, option))
    return Exported(b"\xef\xbb\xbf" + out.getvalue().encode(), ())


def _options(question: Question, code: str | None) -> list[str | None]:
    """The column itself, or a row for each option that its cells can hold."""
    if code is None and isinstance(question, OneOf):
        return [None, *question.codes]
    return [code]


def _row(survey: Survey, question: Question, column: str, option: str | None) -> list[str]:
    place = survey.place_of[question.id]
    conditions = [c for c in dict.fromkeys((place.page.when, place.question.when)) if c]
    labels = [survey.labels(question.id, language) for language in survey.languages]
    texts = [each.options.get(option or "") or each.short or each.ask for each in labels]
    return [
        column,
        question.id,
        question.type,
        option or "",
        question.role or "",
        "yes" if question.required else "no",
        " && ".join(conditions),
        *(_harmless(text) for text in texts),
    ]


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text
