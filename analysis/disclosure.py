"""Disclosure control: the only place where figures become publishable.

A count of 1 to 9 is hidden and all others are rounded to 5; `analysis.suppression` says which
more must be hidden. A count of 0 is printed: it tells of nobody who is there. A group in which
all gave the same answer is printed if its base is: these are opinions people chose to give us, and
the share of one says nothing that the base does not allow for.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis import linking
from analysis.codebook import Question
from analysis.crosstabs import Breakdown, Cell, Group, Table
from analysis.errors import DataError
from analysis.estimates import Estimate
from analysis.linking import Key, Linked, Nested
from analysis.measures import HALF, MEAN
from analysis.suppression import Exposed, small
from analysis.themes import ThemedDataset

THRESHOLD = 10
ROUND = 5

MEANS = {
    "ranking": "average place",
    "points": "average points",
    "best_worst": "score from −1 to 1",
}

SHARE_DECIMALS = 3
NUMBER_DECIMALS = 2

_SEAL = object()


@dataclass(frozen=True, slots=True)
class Rules:
    """A body's settings: hide counts below `suppress`, round to `round_to`; 0 and 1 are off.

    `protect_unstated`: whether the people in no group of a breakdown, whose counts others could
    get by subtraction, are protected as a group is.
    """

    suppress: int = THRESHOLD
    round_to: int = ROUND
    protect_unstated: bool = True

    def rounded(self, count: float) -> float:
        """A count as published; halves go up."""
        if self.round_to <= 1:
            return count
        return self.round_to * math.floor(count / self.round_to + 0.5 + 1e-9)

    def count(self, exact: int) -> "Count":
        """A number of people as it may be printed in words."""
        if small(exact, self.suppress):
            return Count(None, False)
        return Count(int(self.rounded(exact)), self.round_to > 1 and exact > 0)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people for a sentence: None is “fewer than the threshold”."""

    value: int | None
    about: bool


@dataclass(frozen=True, slots=True)
class PublishedCell:
    """One figure as it may be printed; everything None where it is suppressed or not to be had.

    `estimate` is a share from 0 to 1, or a mean or median; `unweighted` the share of respondents.
    """

    category: str
    label: str
    suppressed: bool
    net: bool = False
    estimate: float | None = None
    unweighted: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    deff: float | None = None


@dataclass(frozen=True, slots=True)
class PublishedGroup:
    """A column of a table as it may be printed; a suppressed one has no base either."""

    by: str
    group: str
    label: str
    suppressed: bool
    cells: tuple[PublishedCell, ...]
    n: int | None = None
    weighted_n: float | None = None
    n_effective: float | None = None
    deff: float | None = None


@dataclass(frozen=True, slots=True)
class PublishedBreakdown:
    """The groups of one question, how many answered in all and how many are in none of them."""

    by: Question
    groups: tuple[PublishedGroup, ...]
    unstated: Count


@dataclass(frozen=True, slots=True)
class Publishable:
    """A table that may be printed. Made only by `protect`."""

    question: Question
    everyone: PublishedGroup
    breakdowns: tuple[PublishedBreakdown, ...]
    responses: Count
    answered: Count
    not_answered: Count
    not_asked: Count
    rules: Rules
    _seal: object = field(repr=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("a Publishable is made by analysis.disclosure.protect alone")

    def rows(self) -> list[dict[str, Any]]:
        """The rows of `tabulate`, by the names of `crosstabs.COLUMNS`."""
        groups = [self.everyone, *(g for b in self.breakdowns for g in b.groups)]
        return [_row(self.question.id, g, c) for g in groups for c in g.cells]


def protect(table: Table, rules: Rules | None = None) -> Publishable:
    """One table made publishable by itself: see `release`."""
    return release([table], rules)[0]


def release(
    tables: Sequence[Table],
    rules: Rules | None = None,
    *,
    nested: Nested | None = None,
    before: Sequence[Table] = (),
    shown: Mapping[Key, bool] | None = None,
) -> list[Publishable]:
    """Hide and round what must be in tables that are published together, and let them go.

    By default counts below 10 are hidden and others rounded to 5; `Rules(0, 1)` leaves the exact
    figures, for the analyst's own eyes. `nested`: which areas lie in which (`linking.nesting`).
    `before`: the tables of an earlier release as they were, from the responses there were then;
    `shown`: which counts of these very responses were released before (`linking.shown_before`).

    Raises DataError where so few responses came since the earlier release that their answers could
    be told from the two, or where what was released before gives a small count away.
    """
    rules = rules or Rules()
    if before and rules.suppress:
        since = abs(max(t.responses for t in tables) - max(t.responses for t in before))
        if small(since, rules.suppress):
            raise DataError(
                f"Fewer than {rules.suppress} responses came or went since the earlier release, so "
                "the two could be subtracted. Publish again when there are more."
            )
    try:
        linked = linking.link(
            tables, rules.suppress, rules.round_to,
            protect_unstated=rules.protect_unstated, nested=nested, before=before, shown=shown,
        )  # fmt: skip
    except Exposed:
        raise DataError(
            "These tables cannot be published beside what was released before: together they would "
            "give a small count away. Leave out a breakdown."
        ) from None
    return [_released(table, linked, rules) for table in tables]


def _released(table: Table, linked: Linked, rules: Rules) -> Publishable:
    everyone = _publish(table, None, table.everyone, linked, rules)
    breakdowns = []
    for breakdown in table.breakdowns:
        groups = tuple(
            _publish(table, breakdown, group, linked, rules) for group in breakdown.groups
        )
        labelled = tuple(_named(group, breakdown.by.label(group.group)) for group in groups)
        rest = rules.count(breakdown.unstated.n)
        breakdowns.append(PublishedBreakdown(breakdown.by, labelled, rest))
    return Publishable(
        question=table.question,
        everyone=everyone,
        breakdowns=tuple(breakdowns),
        responses=rules.count(table.responses),
        answered=rules.count(table.everyone.n),
        not_answered=rules.count(table.asked - table.everyone.n),
        not_asked=rules.count(table.responses - table.asked),
        rules=rules,
        _seal=_SEAL,
    )


def _named(group: PublishedGroup, label: str) -> PublishedGroup:
    return PublishedGroup(
        group.by, group.group, label, group.suppressed, group.cells,
        group.n, group.weighted_n, group.n_effective, group.deff,
    )  # fmt: skip


def _publish(
    table: Table, breakdown: Breakdown | None, group: Group, linked: Linked, rules: Rules
) -> PublishedGroup:
    """A group's figures. Rounded to a base of nought, there is nothing to give a share of."""
    base = rules.rounded(group.n)
    whole = linked.base_hidden(table, breakdown, group) or (group.n > 0 and base == 0)
    masked = linked.cells_hidden(table, breakdown, group)
    hidden = [
        whole or mask or _extreme(cell, group, rules)
        for cell, mask in zip(group.cells, masked, strict=True)
    ]
    cells = tuple(
        _cell(table.question, group, cell, base, mask, rules)
        for cell, mask in zip(group.cells, hidden, strict=True)
    )
    if whole:
        return PublishedGroup(group.by, group.group, "", True, cells)
    deff = None if table.sample or not group.n_effective else group.n / group.n_effective
    if rules.round_to > 1 and deff is not None:
        deff = round(deff, NUMBER_DECIMALS)
    return PublishedGroup(
        group.by, group.group, "", False, cells,
        int(base), rules.rounded(group.weighted_n), rules.rounded(group.n_effective), deff,
    )  # fmt: skip


def _extreme(cell: Cell, group: Group, rules: Rules) -> bool:
    """Whether a quantile has so few people beyond it that it tells of one of them."""
    if cell.at is None or cell.at == HALF:  # there are as many on either side, and both are many
        return False
    return min(cell.at, 1 - cell.at) * group.n < rules.suppress - 1e-9


def _cell(
    question: Question, group: Group, cell: Cell, base: float, hidden: bool, rules: Rules
) -> PublishedCell:
    label = _label(question, cell)
    if hidden:
        return PublishedCell(cell.category, label, True, cell.net)
    estimate = cell.estimate
    exact = rules.round_to <= 1
    value, unweighted = estimate.value, None
    if cell.count is not None and group.n > 0:
        unweighted = cell.count / group.n
        if not exact:
            unweighted = rules.rounded(cell.count) / base
            value = _stepped(value, cell.count, group.n, base, rules)
    elif value is not None and not exact:
        value = round(value, NUMBER_DECIMALS)
    decimals = NUMBER_DECIMALS if cell.count is None else SHARE_DECIMALS
    se, low, high, deff = (
        x if exact or x is None else _short(x, decimals) for x in _uncertainty(estimate)
    )
    return PublishedCell(
        cell.category, label, False, cell.net, value, unweighted, se, low, high, deff
    )


def _short(x: float, decimals: int) -> float:
    """Rounded, but never to fewer than two figures: the error of a large sample is not nought."""
    return round(
        x, decimals if abs(x) >= 10**-decimals or not x else 1 - math.floor(math.log10(abs(x)))
    )


def _uncertainty(estimate: Estimate) -> tuple[float | None, ...]:
    return estimate.se, estimate.low, estimate.high, estimate.deff


def _stepped(share: float | None, count: int, n: int, base: float, rules: Rules) -> float | None:
    """A share as a whole number of rounding steps of the rounded base.

    With equal weights that is the rounded count over the rounded base, so a share never tells
    more than the two counts. An answer that people gave never shows as nought.
    """
    if share is None:
        return None
    steps = rules.rounded(share * n)
    if count > 0 and share > 0:
        steps = max(steps, float(rules.round_to))
    return min(steps / base, 1.0)


def _label(question: Question, cell: Cell) -> str:
    if cell.net:
        return next((n.label for n in question.nets if n.id == cell.category), cell.category)
    code, mean, _ = cell.category.partition(f" {MEAN}")
    return f"{question.label(code)}, {MEANS[question.type]}" if mean else question.label(code)


def _row(question: str, group: PublishedGroup, cell: PublishedCell) -> dict[str, Any]:
    empty = cell.suppressed
    deff = cell.deff if cell.deff is not None else group.deff
    return {
        "question": question,
        "category": cell.category,
        "by": group.by,
        "group": group.group,
        "estimate": cell.estimate,
        "se": cell.se,
        "ci_low": cell.low,
        "ci_high": cell.high,
        "n": None if empty else group.n,
        "weighted_n": None if empty else group.weighted_n,
        "n_effective": None if empty else group.n_effective,
        "deff": None if empty else deff,
        "suppressed": cell.suppressed,
    }


@dataclass(frozen=True, slots=True)
class PublishedTheme:
    """A theme as it may be printed; a small one has neither size nor quotations."""

    id: str
    label: str
    size: int | None
    share: float | None
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishableThemes:
    """The themes of one open question as they may be printed. Made only by `protect_themes`."""

    question: Question
    themes: tuple[PublishedTheme, ...]
    responses: Count
    answered: Count
    campaigns: tuple[tuple[Count, str], ...]
    letters: Count
    rules: Rules
    _seal: object = field(repr=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError(
                "PublishableThemes are made by analysis.disclosure.protect_themes alone"
            )


def protect_themes(themed: ThemedDataset, question: Question, rules: Rules) -> PublishableThemes:
    """Round the sizes of themes and leave out the size and the words of small ones.

    A theme that all but a few comments share is hidden too: the few could be counted.
    """
    base = rules.rounded(themed.answered)
    labels = {theme.id: theme.label for theme in themed.themes}
    published = []
    for theme in themed.themes:
        few = small(theme.size, rules.suppress)
        others = small(themed.answered - theme.size, rules.suppress)
        if few or others or base == 0:
            published.append(PublishedTheme(theme.id, theme.label, None, None, ()))
            continue
        size = int(rules.rounded(theme.size))
        shown = min(size / base, 1.0)
        published.append(PublishedTheme(theme.id, theme.label, size, shown, theme.examples))
    campaigns = tuple((rules.count(c.size), labels.get(c.theme, "")) for c in themed.campaigns)
    return PublishableThemes(
        question=question,
        themes=tuple(published),
        responses=rules.count(len(themed.data.dataset)),
        answered=rules.count(themed.answered),
        campaigns=campaigns,
        letters=rules.count(sum(c.size for c in themed.campaigns)),
        rules=rules,
        _seal=_SEAL,
    )
