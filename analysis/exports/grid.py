"""An export as it is laid out: rows of cells, of which the first one or two are headers."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from analysis import files, workbook
from analysis.errors import DataError

SHEETS = 10
"""Sheets looked through for responses."""
MOST = 20_000
"""Columns an export may have."""


@dataclass(frozen=True)
class Grid:
    """The cells of an export. `depth` is how many rows of headers it has, 1 or 2."""

    name: str
    cells: list[list[str]]
    depth: int = 1

    @property
    def headers(self) -> list[str]:
        """The first row."""
        return self.cells[0]

    @property
    def second(self) -> list[str]:
        """The second row of headers, empty cells where there is none."""
        return self.cells[1] if self.depth == 2 else [""] * len(self.cells[0])

    @property
    def rows(self) -> list[list[str]]:
        """The responses."""
        return self.cells[self.depth :]

    @cached_property
    def _columns(self) -> list[tuple[str, ...]]:
        rows = self.rows
        return list(zip(*rows, strict=True)) if rows else [()] * len(self.headers)

    def column(self, place: int) -> tuple[str, ...]:
        """The cells of a column, counted from 0, below its header."""
        return self._columns[place]


@dataclass(frozen=True, slots=True)
class Part:
    """A column of a block, counted from 0; `label` is an option, a row of a table, or empty.

    `kind` is set where the header tells what it is: other, comment, place, sub (a row or option).
    """

    place: int
    label: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """The columns that one question of the tool made. `code` is the tool's own name for it."""

    text: str
    parts: tuple[Part, ...]
    code: str = ""


def read(path: Path) -> Iterator[Grid]:
    """The cells of a CSV file, or of each sheet of an XLSX file that holds any.

    Raises DataError when it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from None
    if path.suffix.lower() != ".xlsx":
        yield _grid(path, files.rows(path, content))
        return
    with files.reading(path):
        for sheet in workbook.sheets(path.name, content)[:SHEETS]:
            table: list[list[str]] = []
            # The file was looked into already, so all that can be wrong is that it is empty.
            with suppress(DataError):
                table = workbook.rows(path.name, content, sheet)
            if any(map(any, table)):
                yield _grid(path, table)


def _grid(path: Path, cells: list[list[str]]) -> Grid:
    width = max((k for row in cells for k, cell in enumerate(row, start=1) if cell), default=0)
    if not 0 < width <= MOST:
        raise DataError(f"{path.name}: it has {width} columns. Export the responses again.")
    cells = [[cell.strip() for cell in row[:width]] for row in cells]
    while not any(cells[-1]):
        cells.pop()
    return Grid(path.name, cells)
