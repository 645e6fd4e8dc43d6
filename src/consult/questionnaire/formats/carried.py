"""What a survey keeps on its way through another format and back: what both can say.

``carried(survey, format)`` is that, as plain data. A survey and what is read back from its export
carry the same; everything that is left out here is noted when a survey is exported.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from consult.questionnaire.answers import (
    Choices,
    Grid,
    Labels,
    Numeric,
    Option,
    Optioned,
    Question,
    ShortText,
)
from consult.questionnaire.formats import cel, markup, xpath
from consult.questionnaire.formats.expression import NotUnderstood
from consult.questionnaire.formats.surveyjs_write import html
from consult.questionnaire.formats.wordings import question_and_rest
from consult.questionnaire.formats.written import Writing, kind, places
from consult.questionnaire.model import Page
from consult.questionnaire.survey import Survey
from consult.questionnaire.wording import PIPE

Format = Literal["xlsform", "surveyjs"]
Data = dict[str, Any]


def carried(survey: Survey, format_: Format) -> Data:
    """What ``survey`` and the format can both say."""
    return _Carried(survey, format_).whole()


class _Carried:
    def __init__(self, survey: Survey, format_: Format) -> None:
        self.survey, self.xlsform, self.on = survey, format_ == "xlsform", Writing(survey)
        self.own = survey.languages[0]
        self.companions = {
            made
            for page, questions in self.on.pages()
            for q in questions
            for _, made in self.on.companions(q)
        }

    def whole(self) -> Data:
        return {
            "languages": list(self.survey.languages),
            "texts": {language: self._texts(language) for language in self.survey.languages},
            "pages": [self._page(page, questions) for page, questions in self.on.pages()],
        }

    def _texts(self, language: str) -> Data:
        words = self.survey.words[language]
        made = {"summary": self._prose(words.summary), "thanks": self._prose(words.thanks)}
        if self.xlsform:
            made["contact"] = self._prose(words.contact)
        if language == self.own or not self.xlsform:
            made["title"] = _line(words.title)
        return made

    # -- wording -----------------------------------------------------------------------------------

    def _pipes(self, text: str) -> str:
        def one(name: str) -> str:
            known = name in self.on.targets and name not in self.companions
            return f"{{{name}}}" if known else "…"

        return PIPE.sub(lambda match: one(match[1]), text)

    def _prose(self, text: str) -> Any:
        """Markdown as it is; where it becomes HTML, its words."""
        text = self._pipes(text)
        if self.xlsform:
            return markup.markdown(text)[0]
        return re.findall(r"\w+", markup.plain(html(text))[0])

    def _words(self, question: Question, language: str) -> Data:
        labels = self.survey.own_labels(question.id, language) or Labels()
        if question.type == "statement":
            return {"body": self._prose(labels.body), "hint": ""}
        above, ask = question_and_rest(markup.markdown(self._pipes(labels.ask))[0])
        body = self._prose("\n\n".join(text for text in (labels.body, above) if text))
        made: Data = {"ask": ask, "body": body}
        if not (isinstance(question, Grid) and self.xlsform):
            made["hint"] = self._line(labels.hint)
        if isinstance(question, Optioned | Grid) and not (
            question.type == "consent" and self.xlsform
        ):
            made["options"] = {c: self._line(t) for c, t in labels.options.items()}
        if isinstance(question, Grid):
            made["rows"] = {c: self._line(t) for c, t in labels.rows.items()}
        for code, _ in self.on.companions(question):
            made.setdefault("words", {})[code] = self._line(labels.words.get(code, ""))
        return made

    def _line(self, text: str) -> str:
        return self._pipes(_line(text))

    # -- pages -------------------------------------------------------------------------------------

    def _page(self, page: Page, questions: list[Question]) -> Data:
        headings = {
            language: _line(heading)
            for language in self.survey.languages
            if (heading := self.survey.words[language].pages.get(page.id, ""))
        }
        if isinstance(questions[0], Grid):
            headings = {}
        alone = len(questions) == 1 and not headings
        made: Data = {"id": questions[0].id if alone else page.id, "headings": headings}
        made["questions"] = [self._question(q, page.when) for q in questions]
        if self.xlsform:
            made["section"] = self._section(page.section)
        elif not alone:
            made["shuffle"] = page.shuffle
        return made

    def _section(self, section: str | None) -> Data | None:
        if section is None:
            return None
        named = {
            language: text
            for language in self.survey.languages
            if (text := _line(self.survey.words[language].sections.get(section, "")))
        }
        return {"id": section, "named": named} if named else None

    def _question(self, question: Question, page_when: str | None) -> Data:
        made: Data = {"id": question.id, "type": kind(question), "required": question.required}
        made["when"] = self._when(page_when, question.when)
        made |= self._keys(question)
        made["words"] = {
            language: self._words(question, language) for language in self.survey.languages
        }
        return made

    def _when(self, *conditions: str | None) -> str:
        meaning = self.on.meaning(*conditions)
        try:
            if self.xlsform:
                xpath.write(meaning)
        except NotUnderstood:
            return "true"
        return cel.write(meaning)

    def _keys(self, question: Question) -> Data:
        made: Data = {}
        for key in ("minimum", "maximum"):
            if hasattr(question, key):
                made[key] = getattr(question, key)
        if kind(question) == "choice":
            made["autocomplete"] = getattr(question, "autocomplete", False)
        if isinstance(question, Numeric):
            made["decimals"] = places(question)
        if not self.xlsform:
            made["top"] = getattr(question, "top", None)
        if self._shuffled(question):
            made["shuffle"] = getattr(question, "shuffle", False)
        if isinstance(question, ShortText):
            made["pattern"] = self._pattern(question.pattern)
        if isinstance(question, Optioned) and question.type != "consent":
            made["options"] = [self._option(question, option) for option in question.options]
        if isinstance(question, Grid):
            made["options"] = [option.code for option in question.options]
            made["rows"] = [row.code for row in question.rows]
        return made

    def _shuffled(self, question: Question) -> bool:
        if isinstance(question, Grid):
            return not self.xlsform
        return isinstance(question, Optioned) and (self.xlsform or question.type != "scale")

    def _pattern(self, pattern: str | None) -> str | None:
        try:
            xpath.quoted(pattern or "")
        except NotUnderstood:
            return None if self.xlsform else pattern
        return pattern

    def _option(self, question: Optioned, option: Option) -> tuple[str, bool, bool]:
        exclusive = option.exclusive and (isinstance(question, Choices) or not self.xlsform)
        return option.code, exclusive, option.words


def _line(text: str) -> str:
    return markup.plain(text)[0]
