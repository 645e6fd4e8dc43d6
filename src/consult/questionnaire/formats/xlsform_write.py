"""XLSForm (.xlsx) written, for ODK, KoboToolbox and their like."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from consult.questionnaire import languages
from consult.questionnaire.answers import (
    Choices,
    Date,
    Grid,
    Labels,
    Numeric,
    Optioned,
    Question,
    ShortText,
    Text,
)
from consult.questionnaire.formats import workbook, xpath
from consult.questionnaire.formats.cel import figure
from consult.questionnaire.formats.expression import NotUnderstood
from consult.questionnaire.formats.outcome import Exported
from consult.questionnaire.formats.written import Writing, kind, places
from consult.questionnaire.model import Page
from consult.questionnaire.survey import Survey

_COLUMNS = [
    "type",
    "name",
    "label",
    "hint",
    "required",
    "relevant",
    "constraint",
    "appearance",
    "parameters",
]
_TRANSLATED = ("label", "hint")
_SAID = frozenset({"exclusive", "section", "autocomplete"})
#: Characters a cell of a workbook can hold.
CELL = 32_767
_SPELT = {
    "choice": "select_one", "scale": "select_one", "choices": "select_multiple", "ranking": "rank",
    "short_text": "text", "long_text": "text", "date": "date", "statement": "note",
    "consent": "acknowledge",
}  # fmt: skip
_LOOKS = {"scale": "likert", "long_text": "multiline"}
Cells = dict[str, str]


def write(survey: Survey) -> Exported:
    """``survey`` as an XLSForm."""
    return _Writer(survey).exported()


class _Writer:
    def __init__(self, survey: Survey) -> None:
        self.survey, self.on = survey, Writing(survey)
        self.rows: list[Cells] = []
        self.lists: dict[tuple[tuple[str, ...], ...], str] = {}
        self.named = {
            language: f"{languages.name(language)} ({language})" for language in survey.languages
        }
        self.taken = set(survey.questions) | {
            q.id for page, _ in survey.written() for q in page.questions
        }

    def exported(self) -> Exported:
        self._extra("summary")
        done: set[str] = set()
        open_: str | None = None
        for page, questions in self.on.pages():
            if page.section != open_:
                self._end(open_)
                open_ = self._begin_section(page.section, done)
            self._page(page, questions)
        self._end(open_)
        self._extra("thanks")
        self._extra("contact")
        self.on.note_lost("XLSForm", _SAID)
        title = self.survey.words[self.survey.languages[0]].title
        for language in self.survey.languages[1:]:
            if self.survey.words[language].title != title:
                self.on.notebook.add(
                    f"{language}.yaml",
                    "the title is not carried over",
                    "An XLSForm has one title, in its first language.",
                )
        content = workbook.write(
            {"survey": self._table(), "choices": self._choices(), "settings": self._settings(title)}
        )
        return Exported(content, self.on.notebook.notes)

    # -- sheets ------------------------------------------------------------------------------------

    def _headings(self, columns: list[str]) -> list[tuple[str, str]]:
        """Columns as (our key, heading): a translated one for each language."""
        made: list[tuple[str, str]] = []
        for column in columns:
            if column not in _TRANSLATED:
                made.append((column, column))
            elif len(self.named) == 1:
                made.append((f"{column}::{next(iter(self.named))}", column))
            else:
                made += [
                    (f"{column}::{code}", f"{column}::{name}") for code, name in self.named.items()
                ]
        return made

    def _table(self) -> list[list[str]]:
        headings = self._headings(_COLUMNS)
        table = [[heading for _, heading in headings]]
        for row in self.rows:
            for key, text in row.items():
                if len(text) > CELL:
                    self.on.notebook.add(
                        row.get("name", ""), f"'{key}' is cut", f"A cell holds {CELL:,} characters."
                    )
            table.append([row.get(key, "")[:CELL] for key, _ in headings])
        return table

    def _choices(self) -> list[list[str]]:
        headings = ["list_name", "name", *(h for _, h in self._headings(["label"]))]
        return [headings, *([name, *row] for rows, name in self.lists.items() for row in rows)]

    def _settings(self, title: str) -> list[list[str]]:
        own = self.survey.languages[0]
        language = self.named[own] if len(self.named) > 1 else own
        return [
            ["form_title", "form_id", "default_language"],
            [title, self.survey.slug, language],
        ]

    # -- rows --------------------------------------------------------------------------------------

    def _row(self, type_: str, name: str, **cells: str) -> None:
        self.rows.append({"type": type_, "name": name, **cells})

    def _texts(self, column: str, text: Callable[[str], str]) -> Cells:
        said = {
            language: self.on.pipe(text(language), "${%s}") for language in self.survey.languages
        }
        return {f"{column}::{language}": words for language, words in said.items() if words}

    def _extra(self, key: str) -> None:
        cells = self._texts(
            "label", lambda language: str(getattr(self.survey.words[language], key))
        )
        if cells:
            self._row("note", f"consult_{key}", **cells)

    def _begin_section(self, section: str | None, done: set[str]) -> str | None:
        if section is None:
            return None
        if section in done:
            self.on.notebook.add(
                f"section {section}",
                "its later pages are outside it",
                "The pages of an XLSForm's group stand together.",
            )
            return None
        done.add(section)
        name = f"consult_section_{section}" if section in self.taken else section
        heading = self._texts(
            "label", lambda language: self.survey.words[language].sections.get(section, "")
        )
        self._row("begin_group", name, **heading)
        return section

    def _end(self, open_: str | None) -> None:
        if open_ is not None:
            self._row("end_group", "")

    def _page(self, page: Page, questions: list[Question]) -> None:
        heading = self._texts(
            "label", lambda language: self.survey.words[language].pages.get(page.id, "")
        )
        if len(questions) == 1 and not heading:
            self._question(questions[0], page.when)
            return
        if len(questions) == 1 and isinstance(questions[0], Grid):
            self.on.notebook.add(
                f"page {page.id}",
                "its heading is not carried over",
                "A table has its own question as its heading.",
            )
            self._question(questions[0], page.when)
            return
        name = f"consult_page_{page.id}" if page.id in self.taken | {page.section} else page.id
        when = self.on.condition(xpath.write, page.when)
        self._row("begin_group", name, relevant=when, appearance="field-list", **heading)
        for question in questions:
            self._question(question, None)
        self._row("end_group", "")

    def _question(self, question: Question, page_when: str | None) -> None:
        when = self.on.condition(xpath.write, page_when, question.when)
        if question.takes_answer or isinstance(question, Grid):
            body = self._texts("label", lambda language: self._labels(question, language).body)
            if body:
                self._row("note", f"consult_body_{question.id}", relevant=when, **body)
        if isinstance(question, Grid):
            self._grid(question, when)
            return
        type_ = self._type(question)
        statement = type_ == "note"
        cells = self._texts(
            "label",
            lambda lang: (
                self._labels(question, lang).body if statement else self._labels(question, lang).ask
            ),
        )
        cells |= self._texts("hint", lambda lang: self._labels(question, lang).hint)
        cells["required"] = "yes" if question.required else ""
        cells["constraint"] = self._constraint(question)
        looks = "autocomplete" if getattr(question, "autocomplete", False) else ""
        cells["appearance"] = looks or _LOOKS.get(question.type, "")
        cells["parameters"] = "randomize=true" if getattr(question, "shuffle", False) else ""
        self._row(type_, question.id, relevant=when, **cells)
        for code, own in self.on.companions(question):
            asked = self._texts("label", self._part(question, "words", code))
            chosen = xpath.write(self.on.chosen(question, code))
            self._row("text", own, relevant=chosen, **asked)

    def _labels(self, question: Question, language: str) -> Labels:
        return self.on.labels(question.id, language)

    def _part(self, question: Question, group: str, code: str) -> Callable[[str], str]:
        """What an option or a row is called, by language."""
        return lambda language: str(getattr(self._labels(question, language), group).get(code, ""))

    def _type(self, question: Question) -> str:
        if isinstance(question, Numeric):
            return "decimal" if places(question) else "integer"
        spelt = _SPELT[kind(question)]
        if spelt.startswith("select") or spelt == "rank":
            assert isinstance(question, Optioned)  # noqa: S101  the types with options
            return f"{spelt} {self._list(question.id, question.codes)}"
        return spelt

    def _list(self, question: str, codes: tuple[str, ...]) -> str:
        """The name of a list of options; questions with the same list share it."""
        rows = tuple(
            (
                code,
                *(
                    self.on.pipe(self.on.labels(question, lang).options.get(code, ""), "${%s}")
                    for lang in self.survey.languages
                ),
            )
            for code in codes
        )
        return self.lists.setdefault(rows, question)

    def _grid(self, grid: Grid, when: str) -> None:
        if any(self._labels(grid, language).hint for language in self.survey.languages):
            self.on.notebook.add(grid.id, "its hint is not carried over", "A group has none.")
        ask = self._texts("label", lambda language: self._labels(grid, language).ask)
        self._row("begin_group", grid.id, relevant=when, appearance="table-list", **ask)
        options = self._list(grid.id, tuple(option.code for option in grid.options))
        for row in grid.rows:
            label = self._texts("label", self._part(grid, "rows", row.code))
            required = "yes" if grid.required else ""
            self._row(
                f"select_one {options}", f"{grid.id}_{row.code}"[:64], required=required, **label
            )
        self._row("end_group", "")

    # -- constraints -------------------------------------------------------------------------------

    def _constraint(self, question: Question) -> str:
        return " and ".join(self._rules(question))

    def _rules(self, question: Question) -> Iterator[str]:
        match question:
            case Numeric():
                if question.minimum is not None:
                    yield f". >= {figure(question.minimum)}"
                if question.maximum is not None:
                    yield f". <= {figure(question.maximum)}"
                if places(question):
                    yield f"round(., {places(question)}) = ."
            case Date():
                if question.minimum is not None:
                    yield f". >= date('{question.minimum.isoformat()}')"
                if question.maximum is not None:
                    yield f". <= date('{question.maximum.isoformat()}')"
            case Choices():
                if question.minimum is not None:
                    yield f"count-selected(.) >= {question.minimum}"
                if question.maximum is not None:
                    yield f"count-selected(.) <= {question.maximum}"
                for option in question.options:
                    if option.exclusive:
                        yield f"not(selected(., '{option.code}') and count-selected(.) > 1)"
            case Text():
                yield f"string-length(.) <= {question.maximum}"
                if isinstance(question, ShortText) and question.pattern:
                    yield from self._pattern(question.id, question.pattern)

    def _pattern(self, name: str, pattern: str) -> Iterator[str]:
        try:
            yield f"regex(., {xpath.quoted(f'^(?:{pattern})$')})"
        except NotUnderstood as error:
            self.on.notebook.add(name, "its pattern is not carried over", f"{error}.")
