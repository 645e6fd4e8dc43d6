"""XLSForm (.xlsx) read: what ODK, KoboToolbox and their like write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from consult.questionnaire.formats import expression as tree
from consult.questionnaire.formats import workbook, xpath
from consult.questionnaire.formats.assemble import assemble
from consult.questionnaire.formats.expression import NotUnderstood, Tree
from consult.questionnaire.formats.outcome import FormatError, Imported, Notebook
from consult.questionnaire.formats.sketch import (
    Asked,
    Choosable,
    Form,
    Heading,
    Sheet,
    Texts,
    as_words,
)
from consult.questionnaire.formats.workbook import Row, Table
from consult.questionnaire.formats.xlsform_columns import Columns
from consult.questionnaire.formats.xlsform_tables import YES
from consult.questionnaire.formats.xlsform_types import (
    GROUPS,
    HARMLESS_SHEETS,
    METADATA,
    OURS,
    Typed,
    typed,
)


def read(name: str, data: bytes) -> Imported:
    """The XLSForm in ``data``. Raises FormatError."""
    notebook = Notebook()
    return _Reader(name, workbook.read(name, data, notebook), notebook).form()


@dataclass
class _Group:
    """A group that is open, and what its questions share."""

    name: str
    place: str
    label: Texts
    when: list[Tree]
    page: Sheet | None = None
    grid: Asked | None = None
    announced: bool = True
    names: set[str] = field(default_factory=set)


class _Reader(Columns):
    def __init__(self, file: str, tables: Mapping[str, Table], notebook: Notebook) -> None:
        super().__init__(file, tables, notebook)
        self.sheets: list[Sheet] = []
        self.sections: list[Heading] = []
        self.groups: list[_Group] = []
        self.skipped: list[tuple[str, str]] = []
        self.outermost: set[str] = set()
        self.before: Asked | None = None
        self.extra: dict[str, Texts] = {}
        self.bodies: dict[str, Texts] = {}

    def form(self) -> Imported:
        for row in self.survey.rows:
            self._row(row)
        if self.groups or self.skipped:
            left = self.groups[-1].place if self.groups else self.skipped[-1][1]
            raise FormatError(left, "the group is never ended", "Add its 'end_group' row.")
        self._say_lost()
        self._leftovers()
        form = Form(
            self.settings.get("form_id") or PurePath(self.file).stem,
            self.languages,
            self._everywhere(self.settings.get("form_title", "")),
            self.extra.get("summary", {}),
            self.extra.get("thanks", {}),
            self.extra.get("contact", {}),
            sections=self.sections,
            sheets=self.sheets,
        )
        for sheet in self.sheets:
            for asked in sheet.questions:
                asked.body = self.bodies.get(asked.name, asked.body)
        return assemble(form, self.file, self.notebook)

    # -- settings, languages, choices --------------------------------------------------------------

    # -- rows --------------------------------------------------------------------------------------

    def _row(self, row: Row) -> None:
        kind = re.sub(r"\s+", " ", row.get("type")).strip()
        if not kind:
            if row.get("name") or self._texts(row, "label"):
                self.notebook.add(row.place, "the row has no type", "It was left out: give it one.")
            return
        if row.get("disabled").lower() in YES:
            self.notebook.add(row.place, f"'{row.get('name')}' is disabled", "It was left out.")
            return
        word = kind.lower().replace(" ", "_")
        if word in {"end_group", "end_repeat", "end_loop"}:
            self._end(row, word)
        elif self.skipped or word.split("_over_")[0] in {"begin_repeat", "begin_loop"}:
            self._skip(row, word)
        elif word == "begin_group":
            self._begin(row)
        else:
            self._question(row, typed(kind))

    def _skip(self, row: Row, word: str) -> None:
        if word.startswith("begin"):
            if not self.skipped:
                self.notebook.add(
                    row.place,
                    f"the repeat '{row.get('name')}' is not carried over, nor what is in it",
                    "Ask the questions a fixed number of times, or in words.",
                )
            self.skipped.append((word, row.place))
        elif row.get("name"):
            self.lost.setdefault("they stand in a repeat", []).append(row.get("name"))

    def _end(self, row: Row, word: str) -> None:
        if self.skipped:
            self.skipped.pop()
        elif self.groups and word == "end_group":
            self.groups.pop()
        else:
            raise FormatError(row.place, f"'{row.get('type')}' ends nothing", "Remove the row.")

    def _begin(self, row: Row) -> None:
        looks, label = row.get("appearance").split(), self._texts(row, "label")
        self._once(row, row.get("name"))
        name = GROUPS.sub("", row.get("name"))
        group = _Group(name, row.place, label, [])
        if condition := self._condition(row, "relevant", f"the group '{name}'"):
            group.when.append(condition)
        above = self.groups[-1] if self.groups else None
        if above is not None and above.page is not None:
            group.page, group.announced = above.page, not label
        elif "field-list" in looks or "table-list" in looks:
            group.page = Sheet(row.place, name, label, self._all_conditions(group))
            group.page.section = self._section()
            self.sheets.append(group.page)
        elif above is None and label:
            self.sections.append(Heading(name, label))
        else:
            group.announced = not label
        if "table-list" in looks and group.page is not None:
            group.grid = Asked(row.place, name, "grid", ask=label)
            if not group.page.questions and group.page.name == name:
                group.page.heading = {}
        self.groups.append(group)
        self._other_columns(row, {"relevant", "appearance", "label"})

    def _section(self) -> str | None:
        named = {heading.name for heading in self.sections}
        return next((group.name for group in self.groups if group.name in named), None)

    def _all_conditions(self, *more: _Group) -> Tree | None:
        met = [each for group in (*self.groups, *more) for each in group.when]
        return tree.All(tuple(met)) if met else None

    def _once(self, row: Row, name: str) -> None:
        scope = self.groups[-1].names if self.groups else self.outermost
        if not name:
            raise FormatError(row.place, "the row has no name", "Give it one in the column 'name'.")
        if name in scope:
            raise FormatError(
                row.place, f"there are two called '{name}' in one group", "Give each its own name."
            )
        scope.add(name)

    def _condition(self, row: Row, column: str, whose: str) -> Tree | None:
        text = row.get(column)
        if not text or text.lower() in {"true()", "true", "yes", "1"}:
            return None
        try:
            return xpath.read(text)
        except NotUnderstood as error:
            self.notebook.add(
                row.place,
                f"the condition of {whose} was not carried over: {error}",
                f"It is asked of everybody now; write 'when' yourself. It said: {text[:200]}",
            )
            return None

    # -- questions ---------------------------------------------------------------------------------

    def _question(self, row: Row, kind: Typed) -> None:
        name = row.get("name")
        if kind.ours is None:
            if kind.word in METADATA:
                self.lost.setdefault(
                    "such data about a respondent is not collected here", []
                ).append(name or kind.word)
            else:
                self.lost.setdefault(f"there is no question type like '{kind.word}'", []).append(
                    name or row.place
                )
            return
        if (special := re.fullmatch(OURS, name)) and kind.ours == "statement":
            texts = self._texts(row, "label")
            if special["body"]:
                self.bodies[special["body"]] = texts
            else:
                self.extra[special["text"]] = texts
            return
        self._once(row, name)
        asked = Asked(row.place, name, kind.ours, dict(kind.keys))
        asked.ask, asked.hint = self._texts(row, "label"), self._texts(row, "hint")
        if asked.type == "statement":
            asked.body, asked.ask = asked.ask, {}
        if kind.list is not None:
            asked.options = self._options(row, kind)
        self._looks(row, asked)
        self._parameters(row, asked)
        self._required(row, asked)
        self._constraint(row, asked)
        self._other_columns(
            row,
            {"label", "hint", "relevant", "required", "constraint", "appearance", "parameters"},
        )
        asked.when = self._condition(row, "relevant", f"'{name}'")
        self._put(row, asked, kind)

    def _put(self, row: Row, asked: Asked, kind: Typed) -> None:
        group = self.groups[-1] if self.groups else None
        if as_words(asked, self.before):
            return
        self.before = asked
        if group is not None and group.grid is not None and self._as_row(row, group, asked, kind):
            return
        if group is not None and not group.announced:
            group.announced = True
            asked.body = {
                language: f"## {text}\n\n{asked.body.get(language, '')}".strip()
                for language, text in group.label.items()
            } | {k: v for k, v in asked.body.items() if k not in group.label}
        if group is not None and group.page is not None:
            inner = [
                each for g in self.groups for each in g.when if g.page and g.name != group.page.name
            ]
            if inner:
                own = [asked.when] if asked.when is not None else []
                asked.when = tree.All((*inner, *own))
            group.page.questions.append(asked)
            return
        sheet = Sheet(row.place, asked.name, when=self._all_conditions(), section=self._section())
        sheet.questions.append(asked)
        self.sheets.append(sheet)

    def _as_row(self, row: Row, group: _Group, asked: Asked, kind: Typed) -> bool:
        """Make a question of a table-list group a row of its grid, if it has the grid's list."""
        from consult.questionnaire.formats.sketch import Alias

        grid, page = group.grid, group.page
        if (
            grid is None
            or page is None
            or asked.type not in {"choice", "scale"}
            or asked.when is not None
        ):
            return False
        names = [option.name for option in asked.options]
        if grid.rows and names != [option.name for option in grid.options]:
            return False
        if not grid.rows:
            grid.options = asked.options
            grid.keys = {"required": True} if asked.keys.get("required") else {}
            page.questions.append(grid)
        short = asked.name.removeprefix(f"{grid.name}_") or asked.name
        grid.rows.append(Choosable(short, asked.ask))
        grid.aliases.append(Alias(asked.name, row=short))
        if asked.hint:
            self.notebook.add(
                row.place,
                f"the hint of '{asked.name}' is not carried over",
                "Rows of a grid have none.",
            )
        return True

    def _options(self, row: Row, kind: Typed) -> list[Choosable]:
        if kind.list not in self.lists:
            known = ", ".join(self.lists) or "none"
            raise FormatError(
                row.place,
                f"there is no list '{kind.list}' in the sheet 'choices'",
                f"Add it, or use one of: {known}.",
            )
        options = [Choosable(o.name, dict(o.label)) for o in self.lists[kind.list]]
        if kind.or_other and kind.ours == "ranking":
            self.notebook.add(
                row.place, "'or_other' is not carried over", "A ranking has no 'other'."
            )
        elif kind.or_other:
            name = next(
                n for n in ("other", "other_2", "other_3") if n not in {o.name for o in options}
            )
            options.append(Choosable(name, self._everywhere("Other"), words={}))
        return options

    # -- what is left ------------------------------------------------------------------------------

    def _say_lost(self) -> None:
        for why, names in self.lost.items():
            self.notebook.add(
                f"sheet '{self.survey.name}'",
                f"not carried over: {', '.join(names)}",
                why[:1].upper() + why[1:] + ".",
            )

    def _leftovers(self) -> None:
        for name, table in self.tables.items():
            if name not in HARMLESS_SHEETS and table.rows:
                self.notebook.add(
                    f"sheet '{table.name}'",
                    "the sheet is not carried over",
                    "XLSForm does not say what it is for."
                    if name not in {"entities", "external_choices", "osm"}
                    else "There is nothing like it here.",
                )
