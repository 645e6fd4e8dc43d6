"""Reading and writing .xlsx workbooks as tables of text."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
import xlsxwriter

from consult.questionnaire.formats import limits
from consult.questionnaire.formats.outcome import FormatError, Notebook

ROWS = 20_000
COLUMNS = 250
#: Empty rows after which a sheet is taken to have ended: formatting can reach to its last row.
GAP = 1_000


@dataclass(frozen=True)
class Row:
    """A row of a table: its cells' text by the heading of their column."""

    sheet: str
    number: int
    cells: Mapping[str, str]

    def get(self, heading: str) -> str:
        """A cell's text, empty where there is none."""
        return self.cells.get(heading, "")

    @property
    def place(self) -> str:
        """Where the row stands, for a message."""
        return f"sheet '{self.sheet}', row {self.number}"


@dataclass(frozen=True)
class Table:
    """A sheet whose first row holds headings."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def read(name: str, data: bytes, notebook: Notebook) -> dict[str, Table]:
    """The sheets of a workbook by name in small letters. Raises FormatError."""
    limits.file_size(name, data)
    limits.unpacked(name, data)
    try:
        with warnings.catch_warnings():
            # What a spreadsheet program adds (validation lists, colours) is none of a form's text.
            warnings.simplefilter("ignore")
            return _Book(data, notebook).tables()
    except FormatError:
        raise
    except Exception as error:
        # A damaged workbook makes the reader fail in as many ways as it has lines.
        raise FormatError(
            name,
            f"the workbook cannot be read ({type(error).__name__}: {str(error)[:200]})",
            "Open it in a spreadsheet program and save it again as .xlsx.",
        ) from None


class _Book:
    """A workbook being read; of a formula, the value that was calculated last is taken."""

    def __init__(self, data: bytes, notebook: Notebook) -> None:
        self.data, self.notebook = data, notebook
        self.values: dict[str, dict[str, Any]] = {}
        self.book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)

    def tables(self) -> dict[str, Table]:
        return {sheet.title.strip().lower(): self._table(sheet) for sheet in self.book.worksheets}

    def _calculated(self, sheet: str, place: str) -> Any:
        """The cell with the value that its formula had last; each sheet is read for it once."""
        if sheet not in self.values:
            book = openpyxl.load_workbook(io.BytesIO(self.data), read_only=True, data_only=True)
            self.values[sheet] = {
                cell.coordinate: cell for cell in _cells(book[sheet]) if cell.value is not None
            }
        return self.values[sheet].get(place)

    def _table(self, sheet: Any) -> Table:
        title = str(sheet.title)
        headings: dict[int, str] = {}
        rows: list[Row] = []
        for number, found in self._filled(sheet):
            if not headings:
                headings = _headings(title, number, found)
                continue
            limits.how_many(f"sheet '{title}'", "rows", len(rows), ROWS)
            cells = {headings[c]: t for c, t in found.items() if c in headings}
            rows.append(Row(title, number, cells))
        return Table(title, tuple(headings.values()), tuple(rows))

    def _filled(self, sheet: Any) -> Iterator[tuple[int, dict[int, str]]]:
        """The rows that hold anything, by number; their cells' text by column."""
        sheet.reset_dimensions()  # what the file says of its own size is not to be believed
        empty = 0
        for number, cells in enumerate(sheet.iter_rows(max_col=COLUMNS), start=1):
            found = {cell.column: text for cell in cells if (text := self._text(sheet, cell))}
            empty = 0 if found else empty + 1
            if empty > GAP:
                break
            if found:
                yield number, found

    def _text(self, sheet: Any, cell: Any) -> str:
        value = cell.value
        if value is None:
            return ""
        place = f"sheet '{sheet.title}', cell {cell.coordinate}"
        kind = cell.data_type
        if kind == "f":
            held = self._calculated(sheet.title, cell.coordinate)
            if held is None:
                raise FormatError(
                    place,
                    "there is a formula, and no value that it was calculated to",
                    "Open and save the form in a spreadsheet program, or paste it as values.",
                )
            value, kind = held.value, held.data_type
            self.notebook.add(
                place,
                "there is a formula",
                f"What it was last calculated to was taken: '{str(value)[:80]}'.",
            )
        if kind == "e":
            raise FormatError(place, f"there is an error, {value}", "Mend the cell.")
        return limits.text_length(place, _said(value)).strip()


def _cells(sheet: Any) -> Iterator[Any]:
    """The cells of as many rows of a sheet as a form may have."""
    sheet.reset_dimensions()
    for row in sheet.iter_rows(max_col=COLUMNS, max_row=ROWS + GAP):
        yield from row


def _headings(title: str, number: int, found: Mapping[int, str]) -> dict[int, str]:
    seen: dict[str, int] = {}
    for column, text in found.items():
        name = text.strip()
        if name.lower() in seen:
            raise FormatError(
                f"sheet '{title}', row {number}",
                f"two columns are called '{name}'",
                "Keep one of them, or give the other a name of its own.",
            )
        seen[name.lower()] = column
    return {column: text.strip() for column, text in found.items()}


def _said(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{Decimal(str(value)).normalize():f}" if value == value else ""
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
    return str(value).replace("\xa0", " ").replace("_x000D_", "")


def write(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """A workbook of tables of text; the same tables give the same bytes."""
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001  a workbook has no zones
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                for column, text in enumerate(row):
                    if text:
                        sheet.write_string(number, column, text, None if number else bold)
    return out.getvalue()
