"""Which figures of a table must be hidden so that no small count can be worked out.

First the small counts themselves; then companions, so that no line of the table that adds up
has exactly one hidden figure; last an attacker's linear programme over all that is published
(Fischetti and Salazar 2001 call it the auditing phase), which finds what lines taken one by one
do not. Everything works on exact unweighted counts.
"""

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Place = tuple[int, int, int]
"""(breakdown, group, category); everyone is breakdown −1, group 0."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one table; categories add up to the base in every column.

    `everyone` is (k,); per breakdown, `groups` holds (g, k) and `unstated` (k,), the people in
    none of its groups. `tied`: the categories are one answer and its absence, hidden together.
    `answers`: the categories are answers (false for a mean, where only the base is a count).
    """

    everyone: Ints
    groups: tuple[Ints, ...] = ()
    unstated: tuple[Ints, ...] = ()
    tied: bool = False
    answers: bool = True


@dataclass(slots=True)
class Hidden:
    """What is hidden: cells of everyone, cells of groups, and whole groups with their bases."""

    everyone: Bools
    groups: list[Bools]
    bases: list[Bools]
    all: bool = field(default=False)


def pattern(
    counts: Counts,
    threshold: int,
    round_to: int,
    *,
    protect_unstated: bool = True,
    bases: list[Bools] | None = None,
) -> Hidden:
    """The figures to hide. `bases` are groups that must be hidden whole for another reason."""
    hidden = _primary(counts, threshold)
    for b, forced in enumerate(bases or []):
        hidden.bases[b] |= forced
    if threshold <= 0 or hidden.all:
        return hidden
    audit = _Audit(counts, threshold, round_to, protect_unstated)
    while True:
        while _companion(counts, hidden):
            pass
        exposed = audit.exposed(hidden)
        if exposed is None or not _cover(counts, hidden, exposed, audit):
            return hidden


def interval(count: int, threshold: int, round_to: int) -> tuple[float, float]:
    """The counts that a published figure may stand for."""
    if count == 0 or round_to <= 1:
        return float(count), float(count)
    centre = round_to * math.floor(count / round_to + 0.5)
    low = math.ceil(centre - round_to / 2)
    return float(max(low, min(threshold, count))), float(math.ceil(centre + round_to / 2) - 1)


def small(count: int, threshold: int) -> bool:
    """Whether a count is too small to print. Nought is not: it tells of nobody who is there."""
    return 0 < count < threshold


def _primary(counts: Counts, threshold: int) -> Hidden:
    hidden = Hidden(
        (counts.everyone > 0) & (counts.everyone < threshold),
        [(g > 0) & (g < threshold) for g in counts.groups],
        [(g.sum(axis=1) > 0) & (g.sum(axis=1) < threshold) for g in counts.groups],
    )
    if small(int(counts.everyone.sum()), threshold):
        hidden.all = True
        hidden.everyone[:] = True
        for b in range(len(counts.groups)):
            hidden.groups[b][:] = True
            hidden.bases[b][:] = True
    _settle(counts, hidden)
    return hidden


def _settle(counts: Counts, hidden: Hidden) -> None:
    """Carry through what follows: a hidden base hides its group; tied categories hide together."""
    for b, cells in enumerate(hidden.groups):
        if not counts.answers:
            hidden.bases[b] |= cells[:, 0]
        cells[hidden.bases[b]] = True
        if counts.tied:
            cells[cells.any(axis=1)] = True
    if counts.tied and hidden.everyone.any():
        hidden.everyone[:] = True


def _companion(counts: Counts, hidden: Hidden) -> bool:
    """Mend the first line with exactly one hidden figure; false when there is none to mend."""
    for b, masked in enumerate(hidden.bases):
        if masked.sum() == 1 and _hide_base(counts, hidden, b):
            return True
    for line, cover in _lines(counts, hidden):
        if sum(_is_hidden(hidden, p) for p in line) + cover == 1:
            chosen = _smallest(counts, hidden, line)
            if chosen is not None:
                _hide(counts, hidden, chosen)
                return True
    return False


def _lines(counts: Counts, hidden: Hidden) -> list[tuple[list[Place], int]]:
    """Cells that add up to something published, and how many unpublished others are with them."""
    k = len(counts.everyone)
    lines: list[tuple[list[Place], int]] = [([(-1, 0, c) for c in range(k)], 0)]
    for b, cells in enumerate(counts.groups):
        open_groups = [g for g in range(len(cells)) if not hidden.bases[b][g]]
        lines += [([(b, g, c) for c in range(k)], 0) for g in open_groups]
        for c in range(k):
            row = [(b, g, c) for g in range(len(cells))] + [(-1, 0, c)]
            some = any(_is_hidden(hidden, p) for p in row)
            # Those in no group are never printed, so they cover for one hidden figure.
            lines.append((row, int(some and counts.unstated[b][c] > 0)))
    return lines


def _is_hidden(hidden: Hidden, place: Place) -> bool:
    b, g, c = place
    return bool(hidden.everyone[c] if b < 0 else hidden.groups[b][g, c])


def _count(counts: Counts, place: Place) -> int:
    b, g, c = place
    return int(counts.everyone[c] if b < 0 else counts.groups[b][g, c])


def _hide(counts: Counts, hidden: Hidden, place: Place) -> None:
    b, g, c = place
    if b < 0:
        hidden.everyone[c] = True
    else:
        hidden.groups[b][g, c] = True
    _settle(counts, hidden)


def _order(counts: Counts, place: Place) -> tuple[bool, bool, int, Place]:
    """Fewest people lost first; a nought protects worst and everyone's figure is wanted most."""
    n = _count(counts, place)
    return (n == 0, place[0] < 0, n, place)


def _smallest(counts: Counts, hidden: Hidden, line: list[Place]) -> Place | None:
    free = [p for p in line if not _is_hidden(hidden, p)]
    return min(free, key=lambda p: _order(counts, p), default=None)


def _hide_base(counts: Counts, hidden: Hidden, b: int) -> bool:
    sizes = counts.groups[b].sum(axis=1)
    free = [g for g in range(len(sizes)) if not hidden.bases[b][g]]
    if not free:
        return False
    hidden.bases[b][min(free, key=lambda g: (sizes[g] == 0, sizes[g], g))] = True
    _settle(counts, hidden)
    return True


def _cover(counts: Counts, hidden: Hidden, exposed: Place, audit: "_Audit") -> bool:
    """Hide one more figure for the exposed one: the smallest that helps, else the smallest.

    False when everything that could help is hidden already.
    """
    b, g, c = exposed
    k = len(counts.everyone)
    row = [(-1, 0, c)]
    for other, cells in enumerate(counts.groups):
        if b in (-1, other):
            row += [(other, i, c) for i in range(len(cells))]
    inside = b >= 0 and g < len(counts.groups[b])
    column = [(b, g, i) for i in range(k)] if inside or b < 0 else []
    free = [p for p in {*row, *column} if not _is_hidden(hidden, p)]
    free.sort(key=lambda p: _order(counts, p))
    for place in free:
        tried = Hidden(hidden.everyone.copy(), [m.copy() for m in hidden.groups], hidden.bases)
        _hide(counts, tried, place)
        if audit.most(tried, exposed) >= audit.threshold:
            _hide(counts, hidden, place)
            return True
    if free:
        _hide(counts, hidden, free[0])
        return True
    return any(_hide_base(counts, hidden, other) for other in range(len(counts.groups)))


class _Audit:
    """What an attacker who adds and subtracts all published figures can know of a hidden one."""

    def __init__(
        self, counts: Counts, threshold: int, round_to: int, protect_unstated: bool
    ) -> None:
        self.counts, self.threshold, self.round_to = counts, threshold, round_to
        self._k = len(counts.everyone)
        sizes = [1, *(len(g) + 1 for g in counts.groups)]
        self._starts: list[int] = [0, *np.cumsum(sizes).tolist()]
        self._columns = self._starts[-1]
        self._watched = self._small_cells(protect_unstated and counts.answers)
        self._sums = self._additions()

    def _small_cells(self, unstated: bool) -> list[Place]:
        found = [(-1, 0, c) for c in range(self._k)]
        for b, cells in enumerate(self.counts.groups):
            last = len(cells) + 1 if unstated else len(cells)
            found += [(b, g, c) for g in range(last) for c in range(self._k)]
        return [p for p in found if small(self._true(p), self.threshold)]

    def _true(self, place: Place) -> int:
        b, g, c = place
        if b >= 0 and g == len(self.counts.groups[b]):
            return int(self.counts.unstated[b][c])
        return _count(self.counts, place)

    def _index(self, place: Place) -> int:
        b, g, c = place
        return (self._starts[b + 1] + g) * self._k + c

    def _additions(self) -> sparse.csr_matrix:
        """Rows: each column's cells less its base; each breakdown's cells less everyone's."""
        k, cells = self._k, self._columns * self._k
        matrix = sparse.lil_matrix(
            (self._columns + len(self.counts.groups) * k, cells + self._columns)
        )
        for column in range(self._columns):
            matrix[column, column * k : (column + 1) * k] = 1
            matrix[column, cells + column] = -1
        for b, (start, stop) in enumerate(pairwise(self._starts[1:])):
            for c in range(k):
                row = self._columns + b * k + c
                matrix[row, [column * k + c for column in range(start, stop)]] = 1
                matrix[row, c] = -1
        return sparse.csr_matrix(matrix)

    def _bounds(self, hidden: Hidden) -> list[tuple[float, float]]:
        counts, k = self.counts, self._k
        everyone = int(counts.everyone.sum())
        most = interval(everyone, self.threshold, self.round_to)[1]
        cells = [(0.0, most)] * (self._columns * k)
        bases = [self._known(everyone, False, most)]
        for c in range(k):
            cells[c] = self._known(int(counts.everyone[c]), bool(hidden.everyone[c]), most)
        for b, group in enumerate(counts.groups):
            for g in range(len(group)):
                for c in range(k):
                    seen = self._known(int(group[g, c]), bool(hidden.groups[b][g, c]), most)
                    cells[self._index((b, g, c))] = seen
                bases.append(self._known(int(group[g].sum()), bool(hidden.bases[b][g]), most))
            rest = int(counts.unstated[b].sum())
            # The report says in words how many are in no group, or that they are fewer than ten.
            few = (1.0, float(self.threshold - 1))
            bases.append(few if small(rest, self.threshold) else self._known(rest, False, most))
        return cells + bases

    def _known(self, count: int, hidden: bool, most: float) -> tuple[float, float]:
        return (0.0, most) if hidden else interval(count, self.threshold, self.round_to)

    def exposed(self, hidden: Hidden) -> Place | None:
        """A small count that the published figures show to be small, or None."""
        bounds = self._bounds(hidden)
        waiting = list(self._watched)
        while waiting:
            solution = self._solve(bounds, waiting)
            left = [p for p in waiting if solution[self._index(p)] < self.threshold - 1e-6]
            if len(left) == len(waiting):
                first = waiting[0]
                if self._solve(bounds, [first])[self._index(first)] < self.threshold - 1e-6:
                    return first
                left = waiting[1:]
            waiting = left
        return None

    def most(self, hidden: Hidden, place: Place) -> float:
        """The largest value that a cell may have, given what is published."""
        return float(self._solve(self._bounds(hidden), [place])[self._index(place)]) + 1e-6

    def _solve(self, bounds: list[tuple[float, float]], wanted: list[Place]) -> NDArray[np.float64]:
        goal = np.zeros(self._sums.shape[1])
        goal[[self._index(p) for p in wanted]] = -1
        zeros = np.zeros(self._sums.shape[0])
        found = linprog(goal, A_eq=self._sums, b_eq=zeros, bounds=bounds, method="highs")
        if found.x is None:  # cannot be: the true counts are one solution
            raise AssertionError(f"the audit of a table found no solution: {found.message}")
        return np.asarray(found.x, dtype=np.float64)
