"""From a table to the counts that add up in it, and back to which of its figures to hide."""

import numpy as np

from analysis import suppression
from analysis.crosstabs import Group, Table
from analysis.suppression import Bools, Counts, Hidden


def hidden(table: Table, threshold: int, round_to: int, protect_unstated: bool) -> Hidden:
    """What to hide of a table: masks in the order of its groups and of each group's cells."""
    if threshold <= 0:
        return _nothing(table)

    def pattern(part: Counts, bases: list[Bools] | None) -> Hidden:
        return suppression.pattern(
            part, threshold, round_to, protect_unstated=protect_unstated, bases=bases
        )

    parts = _parts(table)
    found = [pattern(part, None) for part in parts]
    if len(found) > 1:
        # The options share one base: a group hidden whole for one is hidden for all.
        bases = [np.any([h.bases[b] for h in found], axis=0) for b in range(len(table.breakdowns))]
        found = [pattern(part, bases) for part in parts]
    joined = _nothing(table)
    joined.all = any(h.all for h in found)
    for b in range(len(table.breakdowns)):
        joined.bases[b] = np.any([h.bases[b] for h in found], axis=0)
    places = [_places(table, number) for number in range(len(parts))]
    for place, part in zip(places, found, strict=True):
        joined.everyone[place] = part.everyone[: len(place)] | joined.all
        for b, cells in enumerate(part.groups):
            joined.groups[b][:, place] = cells[:, : len(place)] | joined.bases[b][:, None]
    _hide_nets_and_medians(table, joined)
    return joined


def _nothing(table: Table) -> Hidden:
    k = len(table.everyone.cells)
    sizes = [len(b.groups) for b in table.breakdowns]
    return Hidden(
        np.zeros(k, dtype=bool),
        [np.zeros((g, k), dtype=bool) for g in sizes],
        [np.zeros(g, dtype=bool) for g in sizes],
    )


def _categories(table: Table) -> list[int]:
    """Where the cells that add up to the base stand among all cells: nets are not among them."""
    return [k for k, cell in enumerate(table.everyone.cells) if not cell.net]


def _places(table: Table, number: int) -> list[int]:
    """Which cells the figures of one part belong to."""
    categories = _categories(table)
    if table.several:
        return [categories[number]]
    return [0] if table.question.numeric else categories


def _parts(table: Table) -> list[Counts]:
    """The additive tables inside: one, or for a question of several answers one per option."""

    def column(group: Group, cells: list[int] | None, option: int | None) -> list[int]:
        if option is not None:
            ticked = group.cells[option].count or 0
            return [ticked, group.n - ticked]
        return [group.cells[c].count or 0 for c in cells] if cells else [group.n]

    def counts(cells: list[int] | None, option: int | None) -> Counts:
        everyone = np.array(column(table.everyone, cells, option), dtype=np.int64)
        return Counts(
            everyone,
            tuple(
                # Nobody may have said which group they are in: no rows, but as many columns.
                np.array([column(g, cells, option) for g in b.groups], dtype=np.int64).reshape(
                    len(b.groups), len(everyone)
                )
                for b in table.breakdowns
            ),
            tuple(
                np.array(column(b.unstated, cells, option), dtype=np.int64)
                for b in table.breakdowns
            ),
            tied=option is not None,
            answers=bool(cells) or option is not None,
        )

    if table.several:
        return [counts(None, k) for k in _categories(table)]
    return [counts(None if table.question.numeric else _categories(table), None)]


def _hide_nets_and_medians(table: Table, hidden: Hidden) -> None:
    """A net is hidden when it or any of its answers is; a median when its mean is."""
    place = {cell.category: k for k, cell in enumerate(table.everyone.cells)}
    for k, cell in enumerate(table.everyone.cells):
        if cell.net:
            net = next(n for n in table.question.nets if n.id == cell.category)
            parts = [place[code] for code in net.codes if code in place]
        elif table.question.numeric and k > 0:
            parts = [0]
        else:
            continue
        hidden.everyone[k] = hidden.everyone[parts].any()
        for cells in hidden.groups:
            cells[:, k] = cells[:, parts].any(axis=1)
