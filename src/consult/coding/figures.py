"""A code's share of everyone and of each group: the report's own figures."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from anyio import to_process

from consult.coding.columns import ANY, SUFFIX, coded_dataset
from consult.coding.shell import Opened
from consult.database import Database
from consult.datasets.files import DatasetFiles

if TYPE_CHECKING:
    from analysis.disclosure import PublishedCell, PublishedGroup

SUPPRESSED = "[c]"
#: Days over which a trend is told day by day; over more, week by week.
DAILY = 31
KEPT = 4
_kept: OrderedDict[str, dict[str, dict[str, Shares]]] = OrderedDict()


@dataclass(frozen=True)
class Group:
    """A code's share of a group, its interval and the group's base, as they may be printed."""

    label: str
    share: str
    interval: str
    base: str
    percent: int | None = None


@dataclass(frozen=True)
class Shares:
    """A code's shares: of everyone, and by each question that tells of people or places."""

    weighted: bool
    everyone: Group
    by: tuple[tuple[str, tuple[Group, ...]], ...]
    #: Of each question by itself, where it is of everyone who answered any of several.
    each: tuple[Group, ...] = ()


async def shares(database: Database, here: Opened) -> dict[str, Shares]:
    """By code its shares, by the frame as it is now; without those of which none may be printed.

    They are protected together with the other questions' codes: all may be looked at.
    """
    files = (await coded_dataset(database, here.place.slug, signed=False)).files
    made = await asyncio.to_thread(files)
    if made.manifest not in _kept:
        _kept[made.manifest] = await to_process.run_sync(published, made)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(made.manifest)
    told, names = _kept[made.manifest], [one.name + SUFFIX for one in here.every]
    if len(names) < 2:
        return told.get(names[0], {})
    alone = [(one.short, told.get(name, {})) for one, name in zip(here.every, names, strict=True)]
    return {
        code: replace(
            one,
            each=tuple(replace(t[code].everyone, label=s) for s, t in alone if code in t),
        )
        for code, one in told.get(names[0] + ANY, {}).items()
    }


def published(files: DatasetFiles) -> dict[str, dict[str, Shares]]:
    """By coded question the shares of every code. In a process of its own: loads the analysis."""
    from analysis import pipeline, population
    from analysis.errors import DataError

    try:
        with files.written() as (responses, codebook, targets):
            data, _ = pipeline.prepare(responses, codebook, targets)
            margins = population.read(targets) if targets else None
            tables = pipeline.release(data, margins).tables
    except DataError:
        return {}
    weighted = data.population is not None
    return {
        table.question.id: {
            cell.category: Shares(
                weighted,
                _group(table.everyone, place),
                tuple(
                    (b.by.short, tuple(_group(group, place) for group in b.groups))
                    for b in table.breakdowns
                ),
            )
            for place, cell in enumerate(table.everyone.cells)
        }
        for table in tables
        if table.question.coded
    }


def _group(group: PublishedGroup, place: int) -> Group:
    cell = group.cells[place]
    base = SUPPRESSED if group.suppressed or group.n is None else f"{group.n:,}"
    said = not cell.suppressed and cell.estimate is not None
    percent = round(100 * (cell.estimate or 0)) if said else None
    label = group.label or "Everyone who wrote"
    return Group(label, _share(cell), _interval(cell), base, percent)


def _share(cell: PublishedCell) -> str:
    if cell.suppressed:
        return SUPPRESSED
    return "–" if cell.estimate is None else f"{cell.estimate:.0%}"


def _interval(cell: PublishedCell) -> str:
    if cell.suppressed or cell.low is None or cell.high is None:
        return ""
    return f"{cell.low:.0%} to {cell.high:.0%}"


@dataclass(frozen=True)
class Span:
    """A day or a week: comments of a code, and all that were coded; ``steps`` draws the share."""

    label: str
    count: int
    of: int
    steps: int


def trend(days: Sequence[date | None], every: Sequence[date | None]) -> list[Span]:
    """How many of the comments of each day, or week, have a code; exact, for staff."""
    known = [day for day in every if day]
    if not known:
        return []
    weekly = max(known) - min(known) > timedelta(DAILY)

    def of(day: date) -> date:
        return day - timedelta(day.weekday()) if weekly else day

    own, overall = Counter(of(d) for d in days if d), Counter(of(d) for d in known)
    return [
        Span(
            f"{'Week of ' if weekly else ''}{span:%-d %B %Y}",
            own[span],
            overall[span],
            round(20 * own[span] / overall[span]),
        )
        for span in sorted(overall)
    ]
