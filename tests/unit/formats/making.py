"""Small forms of our own, for the readers."""

import io
from collections.abc import Sequence
from typing import Any

import openpyxl

from consult.questionnaire.document import Document
from consult.questionnaire.formats import imports
from consult.questionnaire.formats.outcome import Imported
from consult.questionnaire.loading import examine
from consult.questionnaire.model import Definition, Words
from consult.questionnaire.survey import Survey


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    """A workbook of those sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsform(
    *rows: Sequence[object], choices: Sequence[Sequence[object]] = (), **settings: str
) -> bytes:
    """An XLSForm whose first row holds the headings; choices are (list, name, label)."""
    return workbook(
        survey=rows,
        choices=[("list_name", "name", "label"), *choices],
        settings=[tuple(settings), tuple(settings.values())]
        if settings
        else [("form_title",), ("A form",)],
    )


def survey_of(imported: Imported) -> Survey:
    """An imported survey with what no form says filled in."""
    said = {**imported.definition, "body": "A body", "closes": "2031-01-01T10:00"}
    words = {language: Words.model_validate(each) for language, each in imported.words.items()}
    return Survey(Definition.model_validate(said), words)


def problems(imported: Imported) -> list[str]:
    """What check finds of an import, but for what no form says."""
    found = examine(Document(imported.definition, imported.words), imported.definition["survey"])
    return [
        str(problem)
        for problem in found.problems
        if problem.code != "no-deadline" and problem.params.get("key") != "body"
    ]


def questions(imported: Imported) -> dict[str, dict[str, Any]]:
    """The questions of an import by id, whatever page they stand on."""
    return {
        question["id"]: question
        for page in imported.definition["pages"]
        for question in page.get("questions", [page])
    }


def notes(imported: Imported) -> str:
    """All notes, as text."""
    return "\n".join(map(str, imported.notes))


def read(name: str, data: bytes) -> Imported:
    """An import."""
    return imports.read(name, data)


def when(imported: Imported, question: str) -> str | None:
    """A question's condition, or its page's."""
    for page in imported.definition["pages"]:
        for each in page.get("questions", [page]):
            if each["id"] == question:
                return each.get("when", page.get("when"))
    raise KeyError(question)
