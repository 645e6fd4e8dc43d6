"""The sheets of an XLSForm: its settings, its languages, its lists of choices."""

from __future__ import annotations

import re
from collections.abc import Mapping

from consult.questionnaire.formats import limits, tongues
from consult.questionnaire.formats.outcome import FormatError, Notebook
from consult.questionnaire.formats.sketch import Choosable, Texts, piped
from consult.questionnaire.formats.workbook import Row, Table
from consult.questionnaire.formats.xlsform_types import HARMLESS_SETTINGS, canonical_column

_PIPE = re.compile(r"\$\{\s*(?:last-saved#)?([^{}]+?)\s*\}")


YES = frozenset({"yes", "true", "true()", "1", "required", "y"})


NO = frozenset({"", "no", "false", "false()", "0", "n"})


class Tables:
    """An XLSForm whose questions have not been read yet."""

    def __init__(self, file: str, tables: Mapping[str, Table], notebook: Notebook) -> None:
        self.file, self.tables, self.notebook = file, tables, notebook
        survey = tables.get("survey")
        if survey is None:
            raise FormatError(
                file,
                f"there is no sheet 'survey' (there is {', '.join(tables) or 'nothing'})",
                "An XLSForm keeps its questions in a sheet of that name.",
            )
        self.survey = _canonical(survey)
        for column in ("type", "name"):
            if column not in self.survey.headings:
                raise FormatError(
                    f"sheet '{survey.name}'", f"there is no column '{column}'", "Add it in row 1."
                )
        self.settings = self._settings()
        self.languages = self._languages()
        self.lists = self._lists()
        self.lost: dict[str, list[str]] = {}

    def _settings(self) -> dict[str, str]:
        table = self.tables.get("settings")
        cells = dict(table.rows[0].cells) if table and table.rows else {}
        settings = {key.strip().lower().replace(" ", "_"): text for key, text in cells.items()}
        settings.setdefault("form_title", settings.get("title", ""))
        settings.setdefault("form_id", settings.get("id_string", ""))
        for key, text in settings.items():
            if text and key not in HARMLESS_SETTINGS:
                self.notebook.add(
                    "sheet 'settings'", f"'{key}' is not carried over", f"It says '{text[:80]}'."
                )
        return settings

    def _languages(self) -> list[str]:
        found: dict[str, None] = {}
        for table in (self.survey, self.tables.get("choices")):
            for heading in table.headings if table else ():
                column, _, language = heading.partition("::")
                if canonical_column(column) in {"label", "hint"}:
                    found[language.strip()] = None
        # A column without a language goes with the default one.
        default = self.settings.get("default_language", "").strip()
        named = [language for language in found if language]
        self.default = next((n for n in named if default and _same(n, default)), "")
        if "" in found and not self.default and (not default or default == "default"):
            # Unsaid is English, unless the form calls another column so.
            self.default = next((n for n in named if tongues.code(n) == "en"), "")
        if "" in found and not self.default:
            self.default = default if default != "default" else ""
            return [self.default, *(n for n in named if n != self.default)]
        self.default = self.default or (named[0] if named else default)
        return [self.default, *(n for n in named if n != self.default)]

    def _everywhere(self, text: str) -> Texts:
        """A text that is not translated: piped, in every language."""
        text = piped(text, _PIPE)
        return dict.fromkeys(self.languages, text) if text else {}

    def _texts(self, row: Row, column: str) -> Texts:
        said: Texts = {}
        for heading, text in row.cells.items():
            name, _, language = heading.partition("::")
            if canonical_column(name) == column:
                said[language.strip()] = piped(text, _PIPE)
        unsaid = {self.default: said.pop("")} if "" in said else {}
        return unsaid | said

    def _lists(self) -> dict[str, list[Choosable]]:
        table = self.tables.get("choices") or self.tables.get("choice")
        lists: dict[str, list[Choosable]] = {}
        other: dict[str, None] = {}
        if table is None:
            return lists
        table = _canonical(table)
        for row in table.rows:
            name, code = row.get("list_name"), row.get("name")
            if not name and not code:
                continue
            if not name or not code:
                missing = "list_name" if not name else "name"
                raise FormatError(row.place, f"the option has no '{missing}'", "Fill the cell.")
            options = lists.setdefault(name, [])
            if any(option.name == code for option in options):
                if self.settings.get("allow_choice_duplicates", "").lower() in YES:
                    self.notebook.add(
                        row.place, f"'{code}' stands twice in '{name}'", "The first was kept."
                    )
                    continue
                raise FormatError(
                    row.place,
                    f"'{code}' stands twice in the list '{name}'",
                    "Give each its own name.",
                )
            options.append(Choosable(code, self._texts(row, "label")))
            limits.how_many(
                row.place, f"options in the list '{name}'", len(options), limits.OPTIONS
            )
            for heading in row.cells:
                column = canonical_column(heading.partition("::")[0])
                if column not in {"list_name", "name", "label"}:
                    other[heading] = None
        if other:
            self.notebook.add(
                f"sheet '{table.name}'",
                f"columns are not carried over: {', '.join(other)}",
                "Options have a code and a label here; choices are not filtered by other answers.",
            )
        return lists


def _canonical(table: Table) -> Table:
    """A table with its columns called as XLSForm's reference calls them, languages kept."""

    def name(heading: str) -> str:
        column, sign, language = heading.partition("::")
        return canonical_column(column) + sign + language.strip()

    rows = tuple(
        Row(row.sheet, row.number, {name(h): text for h, text in row.cells.items()})
        for row in table.rows
    )
    return Table(table.name, tuple(map(name, table.headings)), rows)


def _same(one: str, other: str) -> bool:
    return one.strip().lower() == other.strip().lower()
