"""What staff see of a running consultation: who answered, and what they said, as published.

Made from ``Publishable`` tables only, so that a screen shows no more than a report may.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consult.datasets.files import DatasetFiles

if TYPE_CHECKING:
    from analysis.disclosure import Count, Publishable, PublishedCell, PublishedGroup
    from analysis.report import WhoAnswered

SUPPRESSED = "[c]"


@dataclass(frozen=True)
class WhoRow:
    """A group's share of those who answered, and of the population (None where not known)."""

    label: str
    share: str
    percent: int | None
    population: str


@dataclass(frozen=True)
class WhoTable:
    """Who answered, by one question."""

    title: str
    base: str
    rows: tuple[WhoRow, ...]
    compared: bool


@dataclass(frozen=True)
class ResultTable:
    """A question's results: a row an option, a column everyone and each group of an area."""

    title: str
    note: str
    groups: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    bases: tuple[str, ...]


@dataclass(frozen=True)
class Overview:
    """All of it; ``weighted`` says whether the results are."""

    weighted: bool
    left_out: tuple[str, ...]
    who: tuple[WhoTable, ...]
    results: tuple[ResultTable, ...]
    #: How many responses are flagged, and for what: empty where none is.
    flags: tuple[tuple[str, str], ...] = ()


def overview(files: DatasetFiles) -> Overview:
    """The overview of a dataset. Runs in a process of its own: it loads the analysis."""
    from analysis import pipeline, population

    with files.written() as (responses, codebook, targets):
        data, left_out = pipeline.prepare(responses, codebook, targets)
        margins = population.read(targets) if targets else None
        # The report's own tables, of which a screen shows fewer columns: tables protected for
        # different groupings could be held against each other.
        shown = pipeline.release(data, margins)
    return Overview(
        weighted=data.population is not None,
        left_out=left_out,
        who=tuple(_who(part) for part in shown.who),
        results=tuple(_result(table) for table in shown.tables),
        flags=tuple(_flags(list(shown.flags))) if shown.flags else (),
    )


def _flags(tables: list[Publishable]) -> Iterator[tuple[str, str]]:
    """What was noticed, and about how many times; first for any reason."""
    any_of, why = tables
    yield (
        "Any of these",
        _number(any_of, next(c for c in any_of.everyone.cells if c.label == "Flagged")),
    )
    for cell in why.everyone.cells:
        yield cell.label, _number(why, cell)


def _number(table: Publishable, cell: PublishedCell) -> str:
    if cell.suppressed or cell.unweighted is None:
        return SUPPRESSED
    return f"{round(cell.unweighted * (table.everyone.n or 0)):,}"


def _who(part: WhoAnswered) -> WhoTable:
    table, shares = part.table, part.shares()
    rows = []
    for cell in table.everyone.cells:
        share = cell.unweighted
        known = shares.get(cell.category)
        rows.append(
            WhoRow(
                label=cell.label,
                share=_percent(cell, unweighted=True),
                percent=None if share is None else round(share * 100),
                population="" if known is None else f"{known:.0%}",
            )
        )
    return WhoTable(table.question.short, _said(table.answered), tuple(rows), bool(shares))


def _result(table: Publishable) -> ResultTable:
    areas = [b for b in table.breakdowns if b.by.role == "area"][:1]
    groups = [table.everyone, *(g for b in areas for g in b.groups)]
    labels = ("Everyone", *(group.label for group in groups[1:]))
    rows = tuple(
        (cell.label, tuple(_figure(group.cells[number]) for group in groups))
        for number, cell in enumerate(table.everyone.cells)
    )
    note = f"{_said(table.answered)} answered, {_said(table.not_answered)} did not"
    if table.not_asked.value != 0:
        note += f", {_said(table.not_asked)} were not asked"
    return ResultTable(
        table.question.text, note + ".", labels, rows, tuple(_base(group) for group in groups)
    )


def _figure(cell: PublishedCell) -> str:
    if cell.category.startswith("("):  # (mean), (median): a number, not a share
        return SUPPRESSED if cell.suppressed else _plain(cell.estimate)
    return _percent(cell)


def _percent(cell: PublishedCell, *, unweighted: bool = False) -> str:
    share = cell.unweighted if unweighted else cell.estimate
    if cell.suppressed:
        return SUPPRESSED
    return "–" if share is None else f"{share:.0%}"


def _plain(number: float | None) -> str:
    return "–" if number is None else f"{number:,.2f}"


def _base(group: PublishedGroup) -> str:
    return SUPPRESSED if group.suppressed or group.n is None else f"{group.n:,}"


def _said(count: Count) -> str:
    if count.value is None:
        return "Fewer than 10"
    return f"{'About ' if count.about else ''}{count.value:,}"
