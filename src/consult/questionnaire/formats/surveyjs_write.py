"""SurveyJS (.json) written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt

from consult.questionnaire.answers import (
    Choices,
    Date,
    Grid,
    Labels,
    Numeric,
    Optioned,
    Question,
    Ranking,
    ShortText,
    Text,
)
from consult.questionnaire.formats import surveyjs_logic
from consult.questionnaire.formats.constraints import number
from consult.questionnaire.formats.outcome import Exported
from consult.questionnaire.formats.written import Writing, kind, places
from consult.questionnaire.model import Page
from consult.questionnaire.survey import Survey

_SAID = frozenset({"exclusive", "autocomplete", "top", "shuffle of a page", "shuffle of a grid"})
_HTML = MarkdownIt("commonmark", {"html": False}).enable("table")
Json = dict[str, Any]


def html(markdown: str) -> str:
    """Markdown as HTML; HTML in it stays text."""
    return str(_HTML.render(markdown)).strip()


def write(survey: Survey) -> Exported:
    """``survey`` as SurveyJS's JSON."""
    writer = _Writer(survey)
    content = json.dumps(writer.root(), ensure_ascii=False, indent=2) + "\n"
    return Exported(content.encode(), writer.on.notebook.notes)


class _Writer:
    def __init__(self, survey: Survey) -> None:
        rows = {
            f"{grid.id}_{row.code}": f"{grid.id}.{row.code}"
            for page, _ in survey.written()
            for grid in page.questions
            if isinstance(grid, Grid)
            for row in grid.rows
        }
        self.survey, self.on = survey, Writing(survey, rows)
        self.own = survey.languages[0]

    def root(self) -> Json:
        words = self.survey.words
        root: Json = {"locale": self.own}
        root["title"] = self._texts(lambda language: words[language].title)
        root["description"] = self._texts(lambda language: words[language].summary)
        root["completedHtml"] = self._texts(lambda language: html(words[language].thanks))
        if any(each.contact for each in words.values()):
            self.on.notebook.add(
                "wording", "'contact' is not carried over", "There is no place for it in SurveyJS."
            )
        root["pages"] = [self._page(page, questions) for page, questions in self.on.pages()]
        self.on.note_lost("SurveyJS", _SAID)
        return _said(root)

    def _texts(self, text: Callable[[str], str]) -> Any:
        """A text: as it is where there is one language, else by language, its own as default."""
        said = {
            language: self.on.pipe(text(language), "{%s}") for language in self.survey.languages
        }
        said = {language: words for language, words in said.items() if words}
        if set(said) <= {self.own}:
            return said.get(self.own, "")
        return {
            ("default" if language == self.own else language): words
            for language, words in said.items()
        }

    def _page(self, page: Page, questions: list[Question]) -> Json:
        made: Json = {"name": page.id}
        made["title"] = self._texts(
            lambda language: self.survey.words[language].pages.get(page.id, "")
        )
        made["visibleIf"] = self.on.condition(surveyjs_logic.write, page.when)
        if page.shuffle:
            made["questionsOrder"] = "random"
        made["elements"] = [element for q in questions for element in self._elements(q)]
        return _said(made)

    # -- questions ---------------------------------------------------------------------------------

    def _labels(self, question: Question, language: str) -> Labels:
        return self.on.labels(question.id, language)

    def _elements(self, question: Question) -> list[Json]:
        when = self.on.condition(surveyjs_logic.write, question.when)
        body = self._texts(lambda language: html(self._labels(question, language).body))
        if kind(question) == "statement":
            return [
                _said({"type": "html", "name": question.id, "html": body or " ", "visibleIf": when})
            ]
        above: Json = {"type": "html", "name": f"consult_body_{question.id}", "html": body}
        made: Json = {"type": "", "name": question.id}
        made["title"] = self._texts(lambda language: self._labels(question, language).ask)
        made["description"] = self._texts(lambda language: self._labels(question, language).hint)
        made["isRequired"] = question.required
        made["visibleIf"] = above["visibleIf"] = when
        made |= self._typed(question)
        elements = [_said(above), _said(made)] if body else [_said(made)]
        for code, own in self.on.companions(question):
            asked = self._texts(self._part(question, "words", code))
            chosen = surveyjs_logic.write(self.on.chosen(question, code))
            elements.append(
                _said(
                    {
                        "type": "text",
                        "name": own,
                        "title": asked,
                        "visibleIf": chosen,
                        "maxLength": 200,
                    }
                )
            )
        return elements

    def _part(self, question: Question, group: str, code: str) -> Callable[[str], str]:
        return lambda language: str(getattr(self._labels(question, language), group).get(code, ""))

    def _typed(self, question: Question) -> Json:
        match question:
            case Numeric():
                step = 10 ** -places(question)
                made: Json = {"type": "text", "inputType": "number", "step": step}
                return made | _bounds(question.minimum, question.maximum, number)
            case Date():
                made = {"type": "text", "inputType": "date"}
                return made | _bounds(
                    question.minimum, question.maximum, lambda day: day.isoformat()
                )
            case ShortText():
                made = {"type": "text", "maxLength": question.maximum}
                if question.pattern:
                    made["validators"] = [{"type": "regex", "regex": f"^(?:{question.pattern})$"}]
                return made
            case Text():
                return {"type": "comment", "maxLength": question.maximum}
            case Grid():
                return self._grid(question)
            case Optioned():
                return self._optioned(question)
        raise AssertionError(question.type)

    def _optioned(self, question: Optioned) -> Json:
        if question.type == "consent":
            return {
                "type": "boolean",
                "renderAs": "checkbox",
                "label": self._texts(self._part(question, "options", "yes")),
            }
        choices = [
            self._item(question, "options", option.code, isExclusive=option.exclusive)
            for option in question.options
        ]
        if question.type == "scale":
            return {
                "type": "rating",
                "displayMode": "buttons",
                "rateValues": choices,
                **self._order(question),
            }
        made: Json = {"type": "radiogroup", "choices": choices, **self._order(question)}
        if getattr(question, "autocomplete", False):
            made["type"] = "dropdown"
        if isinstance(question, Choices):
            made["type"] = "checkbox"
            made["minSelectedChoices"], made["maxSelectedChoices"] = (
                question.minimum,
                question.maximum,
            )
        if isinstance(question, Ranking):
            made["type"] = "ranking"
            if question.top:
                made |= {"selectToRankEnabled": True, "maxSelectedChoices": question.top}
        return made

    def _order(self, question: Optioned) -> Json:
        if question.shuffle and question.type == "scale":
            self.on.notebook.add(
                question.id, "'shuffle' is not carried over", "A rating has its order."
            )
            return {}
        return {"choicesOrder": "random"} if question.shuffle else {}

    def _item(self, question: Question, group: str, code: str, **keys: bool) -> Json:
        set_ = {key: True for key, on in keys.items() if on}
        return {"value": code, "text": self._texts(self._part(question, group, code)), **set_}

    def _grid(self, grid: Grid) -> Json:
        made: Json = {
            "type": "matrix",
            "columns": [self._item(grid, "options", option.code) for option in grid.options],
            "rows": [self._item(grid, "rows", row.code) for row in grid.rows],
            "eachRowRequired": grid.required,
            "isRequired": False,
        }
        return made | ({"rowOrder": "random"} if grid.shuffle else {})


def _bounds(minimum: Any, maximum: Any, held: Callable[[Any], Any]) -> Json:
    pairs = (("min", minimum), ("max", maximum))
    return {key: held(value) for key, value in pairs if value is not None}


def _said(node: Json) -> Json:
    """Without the keys that say nothing."""
    return {k: v for k, v in node.items() if v is not None and v is not False and v != ""}
