"""The responses of an export by a mapping: a table, its codebook, and who was left out."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from analysis.codebook import NOT_ASKED
from analysis.errors import DataError, listed
from analysis.exports import days, grid, questions, tools
from analysis.exports.grid import Grid
from analysis.exports.layouts import worded
from analysis.exports.mapping import Entry, Mapping, check
from analysis.exports.tools import FINISHED, TRIALS, Tool

UNFINISHED = "not finished: it was never sent"
TRIAL = "a trial, not a response"
EMPTY = "no question was answered"


@dataclass(frozen=True, slots=True)
class Converted:
    """Responses with a row each, all cells text; `codebook` is of format 1.

    `exclusions` counts what was left out by its reason. `tool` is the export's.
    """

    frame: pl.DataFrame
    codebook: dict[str, Any]
    exclusions: dict[str, int]
    tool: str


def convert(path: Path, mapping: Mapping) -> Converted:
    """The responses that count, of the columns that the mapping keeps.

    Unfinished ones, trials and those without any answer are left out and counted, whatever is
    kept. Raises DataError when the mapping does not fit the export, or an answer its type; it
    names the row of the mapping, or the column and row of the export.
    """
    found, tool = opened(path)
    check(mapping)
    fit(found, mapping)
    kept, exclusions = _counted(found, mapping, tool)
    columns, book = _asked(found, kept, mapping, tool)
    answered = [
        any(cell is not None and cell != NOT_ASKED for cell in row)
        for row in zip(*columns.values(), strict=True)
    ]
    if answered.count(False):
        exclusions[EMPTY] = answered.count(False)
    frame = pl.DataFrame(
        [
            pl.Series(name, cells, dtype=pl.String)
            for name, cells in (_about(found, kept, mapping, tool) | columns).items()
        ]
    ).filter(pl.Series(answered, dtype=pl.Boolean))
    if not frame.height:
        raise DataError(f"{path.name}: no response counts: {_counts(exclusions)}.")
    return Converted(frame, _codebook(path, book, frame), exclusions, tool.name)


def _asked(
    found: Grid, kept: list[int], mapping: Mapping, tool: Tool
) -> tuple[dict[str, questions.Cells], list[dict[str, Any]]]:
    """The answers by column, and the questions of the codebook."""
    asked = questions.gathered(mapping)
    if not asked:
        raise DataError(f"{mapping.name}: no question is kept. Write yes under “keep”.")
    wordings = _wordings(found, tool, mapping)
    columns: dict[str, questions.Cells] = {}
    book: list[dict[str, Any]] = []
    for entries in asked.values():
        answers, described = questions.made(found, kept, entries, wordings, tool)
        clash = sorted(columns.keys() & answers.keys())
        if clash:
            raise DataError(
                f"{mapping.name}: two questions would have the column {listed(clash)}. Write "
                f"another name under “question” for {entries[0].question}."
            )
        columns |= answers
        book += described
    return columns, book


def opened(path: Path) -> tuple[Grid, Tool]:
    """The export and the tool it is of. Raises DataError when it is none that is known."""
    tool, _, found = tools.recognised(path.name, grid.read(path))
    return found, tool


def fit(found: Grid, mapping: Mapping) -> None:
    """Raises DataError naming the first row of a mapping that is made for another export."""
    for row, entry in mapping.rows():
        where = f"{mapping.name}: row {row}"
        if entry.column > len(found.headers):
            raise DataError(
                f"{where}: {found.name} has no column {entry.column}, only {len(found.headers)}. "
                "Make the mapping anew from this export."
            )
        place = entry.column - 1
        there = (_plain(found.headers[place]), _plain(found.second[place]))
        if there != (_plain(entry.header), _plain(entry.option_header)):
            raise DataError(
                f"{where}: column {entry.column} of {found.name} is headed otherwise "
                f"(“{found.headers[place]}”). Leave column, header and option_header as they "
                "were, or make the mapping anew from this export."
            )
    told = {entry.column for entry in mapping.entries}
    lacking = [k for k in range(1, len(found.headers) + 1) if k not in told]
    if lacking:
        raise DataError(
            f"{mapping.name}: there is no row for column {lacking[0]} of {found.name} "
            f"(“{found.headers[lacking[0] - 1]}”). Add one with “no” under “keep”."
        )


def _plain(cell: str) -> str:
    # A spreadsheet may change the ends of lines in a cell, and cut blanks.
    return " ".join(cell.split())


def _counts(exclusions: dict[str, int]) -> str:
    return "; ".join(f"{count} {reason}" for reason, count in exclusions.items()) or "there is none"


def _counted(found: Grid, mapping: Mapping, tool: Tool) -> tuple[list[int], dict[str, int]]:
    """The rows of finished responses, and how many others there are by reason."""
    ways = [(e.column - 1, e.type) for e in mapping.entries if e.type in ("ended", "complete",
                                                                          "test")]  # fmt: skip
    kept: list[int] = []
    left: Counter[str] = Counter()
    for k, row in enumerate(found.rows):
        if not any(row):
            continue
        reason = ""
        for place, kind in ways:
            said = row[place].lower()
            if said in TRIALS or (kind == "test" and said in FINISHED):
                reason = TRIAL
                break
            if (kind == "ended" and (not said or said in tool.not_asked)) or (
                kind == "complete" and said not in FINISHED
            ):
                reason = UNFINISHED
        if reason:
            left[reason] += 1
        else:
            kept.append(k)
    return kept, dict(sorted(left.items()))


def _about(
    found: Grid, kept: list[int], mapping: Mapping, tool: Tool
) -> dict[str, list[str | None]]:
    """The columns id, day and language, as far as they are kept."""
    by_type: dict[str, Entry] = {}
    for entry in mapping.entries:
        if entry.keep and entry.type in ("id", "ended", "day", "language"):
            by_type.setdefault(entry.type, entry)
    made = {"id": _ids(found, kept, by_type.get("id"))}
    at = by_type.get("ended") or by_type.get("day")
    if at:
        cells = [found.rows[k][at.column - 1] for k in kept]
        made["day"] = days.cut(found, at.column, kept, cells, tool.month_first)
    if "language" in by_type:
        place = by_type["language"].column - 1
        made["language"] = [found.rows[k][place] or None for k in kept]
    return made


def _ids(found: Grid, kept: list[int], entry: Entry | None) -> list[str | None]:
    """The tool's numbers of the responses, else the places of the responses in the export."""
    if entry is None:
        return [str(k + 1) for k in kept]
    seen: dict[str, int] = {}
    for k in kept:
        cell, row = found.rows[k][entry.column - 1], k + found.depth + 1
        if not cell:
            raise DataError(
                f"{found.name}: row {row} has no “{entry.header}” (column {entry.column}). "
                "Export the responses again, or write no under “keep” for that column."
            )
        if cell in seen:
            raise DataError(
                f"{found.name}: rows {seen[cell]} and {row} have the same “{entry.header}” "
                f"(column {entry.column}). Remove one if the response is there twice."
            )
        seen[cell] = row
    return list(seen)


def _wordings(found: Grid, tool: Tool, mapping: Mapping) -> dict[int, tuple[str, str]]:
    """The wording of each column's question and, in a table, of its row, by column from 1."""
    own = set(tools.about(tool, found))
    said = {
        part.place + 1: (worded(block.text), worded(part.label) if part.label else "")
        for block in tool.blocks(found, own)
        for part in block.parts
    }
    # A column about the response may be made a question of by the analyst.
    return {e.column: said.get(e.column, (worded(e.header), "")) for e in mapping.entries}


def _codebook(path: Path, book: list[dict[str, Any]], frame: pl.DataFrame) -> dict[str, Any]:
    at = frame["day"].drop_nulls() if "day" in frame.columns else pl.Series([], dtype=pl.String)
    return {
        "format": 1,
        "consultation": {
            "slug": "",
            "title": {"en": path.stem},
            "body": "",
            "mode": "open",
            "opens": at.min() if len(at) else None,
            "closes": at.max() if len(at) else None,
        },
        "survey": {"slug": path.stem, "version": None, "content_hash": ""},
        "languages": ["en"],
        "illustrative": [],
        "disclosure": {},
        "headline": None,
        "questions": book,
    }
