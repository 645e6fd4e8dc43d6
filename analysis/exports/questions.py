"""One question of the result: its columns of answers and its entry in the codebook."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from analysis.codebook import NOT_ASKED
from analysis.errors import DataError
from analysis.exports import scales
from analysis.exports.grid import Grid
from analysis.exports.guessing import TICKED, UNTICKED
from analysis.exports.mapping import ASKED, WRITTEN_IN, Entry, Mapping
from analysis.exports.tools import OTHER, Tool

_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)", re.ASCII)
Cells = list[str | None]
Made = tuple[dict[str, Cells], list[dict[str, Any]]]


def gathered(mapping: Mapping) -> dict[str, list[Entry]]:
    """The kept columns with answers by their question, in the order of the export."""
    found: dict[str, list[Entry]] = {}
    for entry in mapping.entries:
        if entry.keep and entry.type in ASKED:
            found.setdefault(entry.question, []).append(entry)
    return found


def made(
    grid: Grid, kept: Sequence[int], entries: list[Entry],
    wordings: dict[int, tuple[str, str]], tool: Tool,
) -> Made:  # fmt: skip
    """The columns of a question by name, and its entries in the codebook: one, or two where
    answers were written in beside the options. Raises DataError where an answer is not of the type.
    """
    own = [e for e in entries if e.type != "other"]
    beside = [e for e in entries if e.type == "other"]
    name, kind = own[0].question, own[0].type
    cells = {e.column: _cells(grid, kept, e, tool) for e in entries}
    texts = _joined([cells[e.column] for e in beside], len(kept))
    text = _text(own, wordings)
    if kind == "choice":
        answers, described, written = _choice(own[0], cells[own[0].column], texts)
    elif kind == "choices":
        labels = {e.column: "" if tool.yes_or_no else wordings[e.column][1] for e in own}
        answers, described, written = _choices(own, cells, texts, labels)
    elif kind in ("ranking", "places"):
        answers, described = _ranked(grid, kept, own, cells)
        written = texts
    else:
        if kind == "number":
            _check_numbers(grid, kept, own[0], cells[own[0].column])
        answers = {name: cells[own[0].column]}
        described, written = {"columns": [{"name": name}]}, texts
    off = any(cell == NOT_ASKED for column in answers.values() for cell in column)
    question = _question(name, kind if kind != "places" else "ranking", text, described, off)
    question["role"] = next((e.role for e in own if e.role), None)
    book = [question]
    if any(written):
        free = f"{name}_other"
        answers |= {free: written}
        column = {"columns": [{"name": free}]}
        book.append(_question(free, "long_text", f"{text} (other)", column, False))
    return answers, book


def _question(name: str, kind: str, text: str, more: dict[str, Any], off: bool) -> dict[str, Any]:
    return {
        "id": name,
        "type": kind,
        "text": {"en": text},
        "role": None,
        "required": False,
        "conditional": off,
        "columns": more["columns"],
        "options": [
            {"code": code, "label": {"en": label}} for code, label in more.get("options", ())
        ],
        "nets": [],
        "minimum": None,
        "maximum": None,
    }


def _text(own: list[Entry], wordings: dict[int, tuple[str, str]]) -> str:
    text, part = wordings[own[0].column]
    if len(own) > 1 or own[0].type in ("choices", "ranking", "places"):
        return text
    return f"{text}: {part}" if part and text else text or part


def _cells(grid: Grid, kept: Sequence[int], entry: Entry, tool: Tool) -> Cells:
    column = grid.column(entry.column - 1)
    found: Cells = []
    for k in kept:
        cell = column[k]
        if cell in tool.not_asked:
            found.append(NOT_ASKED if entry.type != "other" else None)
        elif entry.type in ("long_text", "other"):
            found.append(cell or None)
        else:
            # An option is one however a spreadsheet has broken its line.
            cell = " ".join(cell.split())
            found.append(tool.codes.get(cell, cell) or None)
    return found


def _joined(columns: list[Cells], rows: int) -> Cells:
    """What was written in, in however many columns."""
    return ["; ".join(c for c in row if c) or None for row in zip(*columns, strict=True)] if (
        columns) else [None] * rows  # fmt: skip


def _open(options: Iterable[str]) -> tuple[list[str], bool]:
    """The options without the mark that others were written in, and whether it was there."""
    each = list(options)
    return [o for o in each if o != WRITTEN_IN], WRITTEN_IN in each


def _like_other(options: Iterable[str]) -> str:
    """The option that stands for what was written in."""
    return next((o for o in options if o.lower().startswith("other")), OTHER)


def _with_rest(options: list[str], found: Iterable[str], other: str) -> list[tuple[str, str]]:
    """Codes and labels: the options, then those that answers show beyond them."""
    more = scales.ordered(set(found) - {*options, NOT_ASKED})
    every = [*options, *more] if options else scales.ordered([*more])
    if other and other not in every:
        every.append(other)
    return [(option, option) for option in every]


def _choice(
    entry: Entry, cells: Cells, texts: Cells
) -> tuple[dict[str, Cells], dict[str, Any], Cells]:
    options, is_open = _open(entry.options)
    name, chosen, written = entry.question, list(cells), list(texts)
    other = _like_other(options)
    for k, cell in enumerate(cells):
        if is_open and cell and cell not in (*options, OTHER, NOT_ASKED):
            chosen[k] = other
            written[k] = "; ".join(filter(None, (cell, texts[k])))
        elif cell is None and texts[k]:
            chosen[k] = other
    codes = _with_rest(options, (c for c in chosen if c), other if is_open else "")
    return {name: chosen}, {"columns": [{"name": name}], "options": codes}, written


def _choices(
    own: list[Entry], cells: dict[int, Cells], texts: Cells, labels: dict[int, str]
) -> tuple[dict[str, Cells], dict[str, Any], Cells]:
    written = list(texts)
    rows: list[set[str] | None]
    if len(own) == 1 and not _is_box(own[0], cells[own[0].column]):
        rows, codes = _from_lists(own[0], cells[own[0].column], written)
    else:
        rows = []
        for row in zip(*(cells[e.column] for e in own), strict=True):
            pairs = zip(own, row, strict=True)
            ticks = {e.option for e, c in pairs if _ticked(c, labels[e.column])}
            rows.append(None if all(cell == NOT_ASKED for cell in row) else ticks)
        codes = [(e.option, e.option) for e in own]
    other = _like_other(code for code, _ in codes)
    rows = [{*(row or ()), other} if text else row for row, text in zip(rows, texts, strict=True)]
    if any(texts) and other not in dict(codes):
        codes.append((other, other))
    name = own[0].question
    columns = [f"{name}_{k}" for k in range(1, len(codes) + 1)]
    pairs_of = list(zip(columns, (code for code, _ in codes), strict=True))
    answers = {column: [_tick(row, code) for row in rows] for column, code in pairs_of}
    described = [{"name": column, "option": code} for column, code in pairs_of]
    return answers, {"columns": described, "options": codes}, written


def _from_lists(
    entry: Entry, cells: Cells, written: Cells
) -> tuple[list[set[str] | None], list[tuple[str, str]]]:
    """The options in each cell, and the codes; what is none of them is added to `written`."""
    options, is_open = _open(entry.options)
    other = _like_other(options)
    rows: list[set[str] | None] = []
    for k, cell in enumerate(cells):
        if cell == NOT_ASKED:
            rows.append(None)
            continue
        parts = _split(cell, options)
        strange = [p for p in parts if p not in (*options, OTHER)] if is_open else []
        if strange:
            parts = [*(p for p in parts if p not in strange), other]
            written[k] = "; ".join([*strange, *filter(None, (written[k],))])
        rows.append(set(parts))
    found = (part for row in rows if row for part in row)
    return rows, _with_rest(options, found, other if is_open else "")


def _tick(row: set[str] | None, code: str) -> str | None:
    """Whoever ticked nothing has not answered: tools do not tell skipping from ticking none."""
    if row is None:
        return NOT_ASKED
    return None if not row else str(int(code in row))


def _is_box(entry: Entry, cells: Cells) -> bool:
    marks = {*TICKED, *UNTICKED, entry.option.lower(), NOT_ASKED}
    return len(entry.options) == 1 and all(c is None or c.lower() in marks for c in cells)


def _ticked(cell: str | None, label: str) -> bool:
    """A box beside “No” that holds “No” is ticked."""
    if cell is None or cell == NOT_ASKED:
        return False
    return cell.lower() not in UNTICKED or cell.lower() == label.lower()


def _split(cell: str | None, options: Sequence[str]) -> list[str]:
    """The parts between semicolons; an option that the mapping lists may hold some itself."""
    rest, parts = (cell or "").strip(), []
    known = sorted(options, key=len, reverse=True)
    while rest:
        one = next((o for o in known if rest == o or rest.startswith(f"{o};")), None)
        part = one if one is not None else rest.partition(";")[0]
        rest = rest[len(part) + 1 :].strip()
        if part.strip():
            parts.append(part.strip())
    return parts


def _ranked(
    grid: Grid, kept: Sequence[int], own: list[Entry], cells: dict[int, Cells]
) -> tuple[dict[str, Cells], dict[str, Any]]:
    """A column an option with its rank: from such, from places, or from lists in a cell."""
    name = own[0].question
    if own[0].type == "ranking" and len(own) > 1:
        for entry in own:
            column = cells[entry.column]
            cells[entry.column] = [None if c and c.upper() == "N/A" else c for c in column]
            _check_numbers(grid, kept, entry, cells[entry.column])
        codes = [e.option for e in own]
        columns = [cells[e.column] for e in own]
    else:
        if own[0].type == "ranking":
            listed = [_split(c, own[0].options) for c in cells[own[0].column]]
        else:
            rows = zip(*(cells[e.column] for e in own), strict=True)
            listed = [[c or "" for c in row] for row in rows]
        found = {c for row in listed for c in row if c and c != NOT_ASKED}
        codes = [code for code, _ in _with_rest(list(own[0].options), found, "")]
        columns = [
            [NOT_ASKED if NOT_ASKED in row else str(row.index(code) + 1) if code in row else None
             for row in listed]
            for code in codes
        ]  # fmt: skip
    names = [f"{name}_{k}" for k in range(1, len(codes) + 1)]
    described = [{"name": n, "option": c} for n, c in zip(names, codes, strict=True)]
    return dict(zip(names, columns, strict=True)), {
        "columns": described,
        "options": [(code, code) for code in codes],
    }


def _check_numbers(grid: Grid, kept: Sequence[int], entry: Entry, cells: Cells) -> None:
    for k, cell in zip(kept, cells, strict=True):
        if cell is None or cell == NOT_ASKED:
            continue
        if not _NUMBER.fullmatch(cell):
            raise DataError(
                f"{grid.name}: row {k + grid.depth + 1}, column {entry.column} "
                f"(“{entry.header}”) is not a number. Write plain figures, such as 12.5, or "
                "another type in the mapping."
            )
