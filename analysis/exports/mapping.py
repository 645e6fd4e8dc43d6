"""What becomes of each column of an export: a table that an analyst edits in a spreadsheet."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from analysis.errors import DataError, listed

ABOUT = ("id", "ended", "complete", "test", "day", "language")
"""Types of columns about a response: `ended` is a time that only finished ones have, `complete`
says whether it is finished, `test` whether it was a trial, `day` is a time cut to its day."""
ASKED = (
    "choice", "choices", "ranking", "places", "number", "long_text", "short_text", "date", "other",
)  # fmt: skip
"""Types of columns with answers. `places` hold the option ranked first, second …; `other` is what
was written in beside the options of a question."""
SEVERAL = ("choices", "ranking", "places")
"""Types a question of several columns may have."""
ROLES = ("", "area", "age", "sex", "group", "strand", "tax_band", "equality")
BETWEEN = " | "
"""Between the options in a cell of the mapping."""
WRITTEN_IN = "(other)"
"""In a list of options: an answer that is none of them was written in by hand."""
RESERVED = ("id", "day", "language", "flags")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CHANGED = re.compile(r"[=+\-@\t'].*|0\d+|\d(?!\d*$).{0,14}|\d{12,}", re.DOTALL)
"""What a spreadsheet would take for a formula, a date or a rounded number: 10-12, 007."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A column of the export: where it stands, what it is headed, what is made of it and why.

    `column` counts from 1. `option` is one option of a question with several columns, else the
    options in order with ` | ` between them, empty for those that the answers show.
    """

    column: int
    header: str
    option_header: str
    question: str
    type: str
    role: str
    option: str
    keep: bool
    why: str

    @property
    def options(self) -> tuple[str, ...]:
        """The options that the cell lists."""
        return tuple(part.strip() for part in self.option.split(BETWEEN.strip()) if part.strip())


HEADER = tuple(field.name for field in fields(Entry))


@dataclass(frozen=True, slots=True)
class Mapping:
    """All columns of an export in order; `tool` made it, as `why` says. `name` is for messages."""

    entries: tuple[Entry, ...]
    tool: str = ""
    why: str = ""
    name: str = "mapping.csv"

    def rows(self) -> Iterator[tuple[int, Entry]]:
        """The entries with the rows they have in a spreadsheet."""
        return enumerate(self.entries, start=2)

    def as_csv(self) -> str:
        """The text of mapping.csv; what a spreadsheet would change has a ' before."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        for entry in self.entries:
            cells = ["yes" if c is True else "no" if c is False else c for c in astuple(entry)]
            writer.writerow(
                [f"'{c}" if isinstance(c, str) and _CHANGED.fullmatch(c) else c for c in cells]
            )
        return out.getvalue()

    def write(self, path: Path) -> None:
        """Write it as CSV, with the mark by which spreadsheets know UTF-8."""
        path.write_text(self.as_csv(), encoding="utf-8-sig")

    @property
    def sha256(self) -> str:
        """The SHA-256 of its text, however a spreadsheet has stored it."""
        return hashlib.sha256(self.as_csv().encode()).hexdigest()


def read(path: Path) -> Mapping:
    """Read a mapping from CSV or XLSX as a spreadsheet saves it.

    Raises DataError naming the row, and what to write there, when a cell cannot be meant or rows
    contradict each other.
    """
    from analysis import files

    try:
        table = files.rows(path, path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from None
    missing = [name for name in HEADER if name != "why" and name not in (table or [[]])[0]]
    if missing:
        raise DataError(
            f"{path.name}: the column {listed(missing)} is missing. "
            f"The first row must read {','.join(HEADER)}."
        )
    place = {name: k for k, name in enumerate(table[0]) if name}
    entries = [
        _entry({n: _plain(cells[k]) for n, k in place.items()}, f"{path.name}: row {row}")
        for row, cells in enumerate(table[1:], start=2)
    ]
    mapping = Mapping(tuple(entries), name=path.name)
    check(mapping)
    return mapping


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _CHANGED.fullmatch(cell[1:]) else cell


def _entry(cells: dict[str, str], where: str) -> Entry:
    if not cells["column"].isdecimal() or int(cells["column"]) < 1:
        raise DataError(f"{where}: “column” must be the number of a column, from 1.")
    kept = {"yes": True, "y": True, "1": True, "true": True,
            "no": False, "n": False, "0": False, "false": False, "": False}.get(
                cells["keep"].lower())  # fmt: skip
    if kept is None:
        raise DataError(f"{where}: “keep” must be yes or no.")
    kind = cells["type"].lower()
    if (kind or kept) and kind not in (*ABOUT, *ASKED):
        raise DataError(f"{where}: “type” must be one of {', '.join((*ABOUT, *ASKED))}.")
    role = cells["role"].lower()
    if role not in ROLES:
        raise DataError(f"{where}: “role” must be empty or one of {', '.join(ROLES[1:])}.")
    return Entry(
        int(cells["column"]), cells["header"], cells["option_header"], cells["question"], kind,
        role, cells["option"], kept, cells.get("why", ""),
    )  # fmt: skip


def check(mapping: Mapping) -> None:
    """Raises DataError naming the first row that cannot be meant beside the others."""
    columns: dict[int, int] = {}
    once: dict[str, int] = {}
    asked: dict[str, list[tuple[int, Entry]]] = {}
    for row, entry in mapping.rows():
        where = f"{mapping.name}: row {row}"
        if entry.column in columns:
            raise DataError(
                f"{where}: column {entry.column} stands in row {columns[entry.column]} too. "
                "Remove one of the two."
            )
        columns[entry.column] = row
        if not entry.keep:
            continue
        if entry.type in ABOUT:
            if entry.type in once and entry.type in ("id", "language"):
                raise DataError(
                    f"{where}: row {once[entry.type]} is of type {entry.type} too. "
                    "Write “no” under “keep” in one of the two."
                )
            once[entry.type] = row
            continue
        if not _ID.fullmatch(entry.question) or entry.question in RESERVED:
            raise DataError(
                f"{where}: “question” must be a short name of letters without accents, figures "
                f"and _, such as q1, and none of {', '.join(RESERVED)}."
            )
        asked.setdefault(entry.question, []).append((row, entry))
    for rows in asked.values():
        _check_question(mapping.name, rows)


def _check_question(name: str, rows: list[tuple[int, Entry]]) -> None:
    question = rows[0][1].question
    own = [(row, entry) for row, entry in rows if entry.type != "other"]
    if not own:
        raise DataError(
            f"{name}: row {rows[0][0]} is what was written in beside the options of {question}, "
            "of which no column is kept. Give it the type long_text, or keep those columns."
        )
    first_row, first = own[0]
    seen: dict[str, int] = {}
    for row, entry in own[1:]:
        if entry.type != first.type:
            raise DataError(
                f"{name}: row {row}: {question} is of type {first.type} in row {first_row} and "
                f"{entry.type} here. Write the same type, or another name under “question”."
            )
        if entry.type not in SEVERAL:
            raise DataError(
                f"{name}: row {row}: row {first_row} is {question} too, and a question of type "
                f"{entry.type} has one column. Write another name under “question”."
            )
    for row, entry in own:
        if len(own) == 1 or entry.type == "places":
            continue
        if not entry.option:
            raise DataError(f"{name}: row {row}: write under “option” what this column stands for.")
        if entry.option in seen:
            raise DataError(
                f"{name}: row {row}: row {seen[entry.option]} stands for the same option of "
                f"{question}. Reword one of the two."
            )
        seen[entry.option] = row
