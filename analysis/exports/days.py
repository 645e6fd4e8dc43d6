"""Times as tools write them, cut to their day."""

import datetime
import re
from collections.abc import Sequence

from analysis.errors import DataError
from analysis.exports.grid import Grid

_ISO = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ].*)?")
_PARTS = re.compile(r"(\d\d?)[/.\-](\d\d?)[/.\-](\d{4}|\d\d)(?:[ ,T].*)?")
_NAMED = re.compile(r"(\d\d?)[ -]([A-Za-z]{3})[a-z]*[ ,-](\d{4})(?:[ ,].*)?")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_EXCEL = datetime.date(1899, 12, 30)
LIME_NONE = "1980-01-01"
"""What LimeSurvey writes for a time that it was told not to keep."""


def cut(
    grid: Grid, column: int, kept: Sequence[int], cells: Sequence[str], month_first: bool
) -> list[str | None]:
    """Days as 2025-01-31, null where there is none; `kept` are the rows of the cells.

    Whether 3/4 is in March or April is told by the other cells of the column, else by
    `month_first`, the habit of the tool. Raises DataError naming the row of a cell that is no day.
    """
    pairs = [(int(m[1]), int(m[2])) for m in map(_PARTS.fullmatch, cells) if m]
    if any(first > 12 for first, _ in pairs):
        month_first = False
    elif any(second > 12 for _, second in pairs):
        month_first = True
    found: list[str | None] = []
    for k, cell in zip(kept, cells, strict=True):
        day = _day(cell, month_first) if cell else None
        if cell and day is None:
            raise DataError(
                f"{grid.name}: row {k + grid.depth + 1}, column {column} "
                f"(“{grid.headers[column - 1]}”) is not a day that can be read. Write days as "
                "2025-01-31, or write no under “keep” for that column."
            )
        found.append(None if day is None or str(day) == LIME_NONE else str(day))
    return found


def _day(cell: str, month_first: bool) -> datetime.date | None:
    try:
        if found := _ISO.fullmatch(cell):
            return datetime.date(int(found[1]), int(found[2]), int(found[3]))
        if found := _PARTS.fullmatch(cell):
            one, two, year = (int(part) for part in found.groups())
            month, day = (one, two) if month_first else (two, one)
            return datetime.date(year if year > 99 else 2000 + year, month, day)
        if found := _NAMED.fullmatch(cell):
            month = _MONTHS.index(found[2].lower()) + 1
            return datetime.date(int(found[3]), month, int(found[1]))
        if _SERIAL.fullmatch(cell):
            return _EXCEL + datetime.timedelta(days=int(float(cell)))
    except ValueError:
        pass
    return None
