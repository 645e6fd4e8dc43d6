"""LimeSurvey's tab-separated structure export (.txt)."""

from __future__ import annotations

import csv
import io

from consult.questionnaire.formats import limits
from consult.questionnaire.formats.limesurvey_model import (
    Answer,
    LimeGroup,
    LimeQuestion,
    LimeSurvey,
)
from consult.questionnaire.formats.outcome import FormatError
from consult.questionnaire.formats.plaintext import decoded

_OWN = frozenset(
    {"id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language"}
    | {"validation", "mandatory", "other", "default", "same_default", "encrypted"}
)
ROWS = 100_000


def read(name: str, data: bytes) -> LimeSurvey:
    """The survey in a .txt file. Raises FormatError."""
    text = decoded(name, data)
    try:
        csv.field_size_limit(limits.FILE)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t"))
    except csv.Error as error:
        raise FormatError(name, f"the table cannot be read ({error})", "Export it again.") from None
    headings = [cell.strip().lower() for cell in rows[0]] if rows else []
    missing = [column for column in ("class", "name", "text") if column not in headings]
    if missing:
        raise FormatError(
            f"{name}, line 1",
            f"there is no column '{missing[0]}'",
            "Export the survey's structure from LimeSurvey as tab-separated values.",
        )
    limits.how_many(name, "lines", len(rows), ROWS)
    reader = _Reader(name)
    for number, row in enumerate(rows[1:], start=2):
        cells = dict(zip(headings, row, strict=False))
        for cell in row:
            limits.text_length(f"{name}, row {number}", cell)
        reader.row(f"row {number}", cells)
    return reader.survey


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.survey = LimeSurvey([])
        self.groups: dict[str, LimeGroup] = {}
        self.questions: dict[str, LimeQuestion] = {}
        self.question: LimeQuestion | None = None
        self.group: LimeGroup | None = None
        self.position: dict[str, int] = {}

    def row(self, place: str, cells: dict[str, str]) -> None:
        kind = cells.get("class", "").strip().upper()
        language = cells.get("language", "").strip() or (self.survey.languages or [""])[0]
        match kind:
            case "":
                return
            case "S":
                self._setting(cells)
            case "SL":
                if cells.get("text"):
                    self.survey.texts.setdefault(cells["name"], {})[language] = cells["text"]
            case "G":
                self._group(place, cells, language)
            case "Q":
                self._question(place, cells, language)
            case "SQ":
                self._part(cells, language, "subquestions")
            case "A":
                self._part(cells, language, "answers")
            case _:
                self.survey.unread.append(f"{kind} {cells.get('name', '')} ({place})")

    def _setting(self, cells: dict[str, str]) -> None:
        name, text = cells.get("name", ""), cells.get("text", "")
        self.survey.settings[name] = text
        if name == "language":
            self.survey.languages.insert(0, text)
        elif name == "additional_languages":
            self.survey.languages += [code for code in text.split() if code]

    def _know(self, language: str) -> None:
        if language not in self.survey.languages:
            self.survey.languages.append(language)

    def _group(self, place: str, cells: dict[str, str], language: str) -> None:
        self._know(language)
        # A group has an id, or the same number in every language.
        key = cells.get("id") or cells.get("type/scale") or cells.get("name", "")
        if key not in self.groups:
            self.groups[key] = LimeGroup(place, key)
            self.survey.groups.append(self.groups[key])
        self.group = self.groups[key]
        self.group.relevance = self.group.relevance or cells.get("relevance", "")
        self.group.random = cells.get("random_group", "")
        if cells.get("name"):
            self.group.name[language] = cells["name"]
        if cells.get("text"):
            self.group.description[language] = cells["text"]

    def _question(self, place: str, cells: dict[str, str], language: str) -> None:
        if self.group is None:
            raise FormatError(
                f"{self.name}, {place}", "a question stands before any group", "Add its G row."
            )
        self._know(language)
        code = cells.get("name", "")
        if code not in self.questions:
            made = LimeQuestion(f"question {code} ({place})", code, cells.get("type/scale", ""))
            made.mandatory, made.other = cells.get("mandatory", ""), cells.get("other") == "Y"
            made.relevance, made.validation = (
                cells.get("relevance", ""),
                cells.get("validation", ""),
            )
            made.default = cells.get("default", "")
            self.questions[code] = made
            self.group.questions.append(made)
        elif language in self.questions[code].ask:
            raise FormatError(
                f"{self.name}, {place}",
                f"there are two questions '{code}'",
                "Give each its own code.",
            )
        self.question = self.questions[code]
        self.question.ask[language] = cells.get("text", "")
        self.question.help[language] = cells.get("help", "")
        for column, value in cells.items():
            if column not in _OWN and value.strip():
                self.question.attributes.setdefault(column, {})[language] = value

    def _part(self, cells: dict[str, str], language: str, group: str) -> None:
        if self.question is None:
            return
        parts: list[Answer] = getattr(self.question, group)
        code, scale = cells.get("name", ""), cells.get("type/scale", "") or "0"
        found = next((p for p in parts if (p.code, p.scale) == (code, scale)), None)
        if found is None:
            found = Answer(
                code,
                scale=scale,
                relevance=cells.get("relevance", "") if group == "subquestions" else "",
            )
            parts.append(found)
        found.label.setdefault(language, cells.get("text", ""))
