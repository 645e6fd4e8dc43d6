"""Which of many counts that add up must be hidden so that no small one can be worked out.

First the small counts themselves; then companions, so that no sum has exactly one hidden part;
last an attacker's linear programme over all that is published together (Fischetti and Salazar 2001,
Management Science 47:1008, call it the auditing phase), which finds what sums taken one by one do
not. Everything works on exact unweighted counts; `analysis.linking` says which counts there are.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LOOSE = 4.0
"""How far apart an attacker's least and most must be for people nobody prints a figure of: those in
no group, and those who came since an earlier release. Rounding does as much; without it one more
figure is hidden."""

SLACK = 1e-6


@dataclass(slots=True)
class Counts:
    """Counts that add up.

    `values` are the exact counts; `printed` says which are published unless hidden; `kept` which
    of these cannot be hidden (they are in words, or were published before). `sums` are (total,
    parts). `follows[k]` are the counts hidden with count k. `loose` are never printed but watched;
    `known` is said in words, as least and most; `released` was printed in an earlier release.
    """

    values: list[int] = field(default_factory=list)
    printed: list[bool] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)
    sums: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    follows: dict[int, set[int]] = field(default_factory=dict)
    loose: set[int] = field(default_factory=set)
    known: dict[int, tuple[float, float]] = field(default_factory=dict)
    released: set[int] = field(default_factory=set)
    nets: set[int] = field(default_factory=set)

    def add(self, value: int, *, printed: bool, kept: bool = False) -> int:
        """One more count; its number."""
        self.values.append(value)
        self.printed.append(printed)
        self.kept.append(kept)
        return len(self.values) - 1

    def hide_with(self, leader: int, follower: int) -> None:
        """Hide `follower` whenever `leader` is hidden."""
        self.follows.setdefault(leader, set()).add(follower)


class Exposed(Exception):
    """Nothing that can still be hidden protects a small count."""


def small(count: int, threshold: int) -> bool:
    """Whether a count is too small to print. Nought is not: it tells of nobody who is there."""
    return 0 < count < threshold


def interval(count: int, threshold: int, round_to: int) -> tuple[float, float]:
    """The counts that a published figure may stand for."""
    if count == 0 or round_to <= 1:
        return float(count), float(count)
    centre = round_to * math.floor(count / round_to + 0.5)
    low = math.ceil(centre - round_to / 2)
    return float(max(low, min(threshold, count))), float(math.ceil(centre + round_to / 2) - 1)


def pattern(counts: Counts, threshold: int, round_to: int) -> Bools:
    """Which counts to hide: true for those not printed too.

    Raises Exposed where an earlier release, which cannot be taken back, gives a small count away.
    """
    search = _Search(counts, threshold, round_to)
    if threshold <= 0:
        return search.hidden
    for k, value in enumerate(counts.values):
        if counts.printed[k] and not counts.kept[k] and small(value, threshold):
            search.hide(k)
    while True:
        while search.companion():
            pass
        exposed = search.exposed()
        if exposed is None:
            return search.hidden
        search.cover(exposed)


class _Search:
    """The counts with what is hidden so far."""

    def __init__(self, counts: Counts, threshold: int, round_to: int) -> None:
        self.counts, self.threshold, self.round_to = counts, threshold, round_to
        self.values = np.array(counts.values, dtype=np.int64)
        self.hidden: Bools = ~np.array(counts.printed, dtype=bool)
        self._in: dict[int, list[int]] = {}
        for s, (total, parts) in enumerate(counts.sums):
            for k in {total, *parts}:
                self._in.setdefault(k, []).append(s)
        self._sums = self._matrix()
        self._stale = set(range(len(counts.sums)))
        self._told: set[int] = set()
        self._most = float(self.values.max(initial=0)) + 10.0 * max(threshold, 1)

    def _matrix(self) -> sparse.csr_matrix:
        rows, columns, signs = [], [], []
        for s, (total, parts) in enumerate(self.counts.sums):
            rows += [s] * (len(parts) + 1)
            columns += [total, *parts]
            signs += [-1.0] + [1.0] * len(parts)
        shape = (len(self.counts.sums), len(self.values))
        return sparse.csr_matrix((signs, (rows, columns)), shape=shape)

    def hide(self, k: int) -> None:
        """Hide a count and all that follows it."""
        waiting = [k]
        while waiting:
            k = waiting.pop()
            if self.counts.kept[k] or (self.hidden[k] and k not in self.counts.follows):
                continue
            self.hidden[k] = True
            self._stale.update(self._in.get(k, ()))
            waiting += [f for f in self.counts.follows.get(k, ()) if not self.hidden[f]]

    def companion(self) -> bool:
        """Mend a sum with exactly one unknown; false when there is none to mend."""
        while self._stale:
            total, parts = self.counts.sums[self._stale.pop()]
            # Those never printed are unknown too, and cover for others if there are any.
            unknown = [
                k
                for k in (total, *parts)
                if self.hidden[k] and (self.counts.printed[k] or self.values[k] > 0)
            ]
            if len(unknown) != 1 or not self.counts.printed[unknown[0]]:
                continue
            chosen = self._least((total, *parts))
            if chosen is not None:
                self.hide(chosen)
                return True
        return False

    def _free(self, among: Iterable[int]) -> list[int]:
        """Counts that may still be hidden, the one whose loss hurts least first."""
        totals = {total for total, _ in self.counts.sums}
        free = {k for k in among if not self.hidden[k] and not self.counts.kept[k]}
        # Nought protects worst; figures that others add up to are wanted most.
        return sorted(free, key=lambda k: (self.values[k] == 0, k in totals, self.values[k], k))

    def _least(self, among: Iterable[int]) -> int | None:
        return next(iter(self._free(among)), None)

    def _bounds(self) -> list[tuple[float, float]]:
        bounds = []
        for k, value in enumerate(self.counts.values):
            if k in self.counts.known:
                bounds.append(self.counts.known[k])
            elif self.hidden[k]:
                bounds.append((-self._most if value < 0 else 0.0, self._most))
            else:
                bounds.append(interval(value, self.threshold, self.round_to))
        return bounds

    def _wide_enough(self, k: int, low: float, high: float) -> bool:
        if k in self.counts.loose:
            return high - low >= LOOSE - SLACK
        return high - low >= self.threshold - SLACK and high >= self.threshold - SLACK

    def exposed(self) -> int | None:
        """A count that the published figures tell too much of, or None."""
        bounds = self._bounds()
        watched = [k for k in np.flatnonzero(self.hidden).tolist() if self._watch(k)]
        low = dict.fromkeys(watched, math.inf)
        high = dict.fromkeys(watched, -math.inf)

        def waiting() -> list[int]:
            return [k for k in watched if not self._wide_enough(k, low[k], high[k])]

        before = len(watched) + 1
        while (left := waiting()) and len(left) < before:
            before = len(left)
            for found in self._solutions(bounds, left):
                for k in watched:
                    low[k], high[k] = min(low[k], found[k]), max(high[k], found[k])
        for k in waiting():
            for found in self._solutions(bounds, [k]):
                low[k], high[k] = min(low[k], found[k]), max(high[k], found[k])
            if not self._wide_enough(k, low[k], high[k]):
                return k
        return None

    def _watch(self, k: int) -> bool:
        """Whether a hidden count needs protection: one that is printed elsewhere, and loose ones.

        A hidden nought, or a count hidden for another's sake, is watched as well: who knows it to
        a few knows what it protects to a few.
        """
        if k in self._told:
            return False
        if k in self.counts.loose:
            return small(abs(self.counts.values[k]), self.threshold)
        # A net is hidden with its parts, and is theirs to protect.
        return self.counts.printed[k] and (
            k not in self.counts.nets or small(self.counts.values[k], self.threshold)
        )

    def _solutions(self, bounds: list[tuple[float, float]], wanted: list[int]) -> Iterator[Floats]:
        """Counts that fit all that is published: with most, and with least, of those wanted."""
        goal = np.zeros(len(self.values))
        zeros = np.zeros(self._sums.shape[0])
        for sign in (-1.0, 1.0):
            goal[wanted] = sign
            found = linprog(goal, A_eq=self._sums, b_eq=zeros, bounds=bounds, method="highs")
            if found.x is None:  # cannot be: the true counts are one solution
                raise AssertionError(f"the audit of a release found no solution: {found.message}")
            yield np.asarray(found.x, dtype=np.float64)

    def cover(self, exposed: int) -> None:
        """Hide one more count for the exposed one: the smallest that helps, else the smallest."""
        near = {k for s in self._in.get(exposed, ()) for k in self._members(s)}
        free = self._free(near)
        if not free:
            sums = {s for k in near for s in self._in.get(k, ())}
            free = self._free({k for s in sums for k in self._members(s)})
        if not free and self.counts.released:
            raise Exposed
        if not free:
            # All around it is hidden: what is known is that few answered at all, which is said.
            self._told.add(exposed)
            return
        for k in free[:8]:
            before = self.hidden.copy()
            self.hide(k)
            if self._protected(exposed):
                return
            self.hidden = before
        self.hide(free[0])

    def _members(self, s: int) -> tuple[int, ...]:
        total, parts = self.counts.sums[s]
        return (total, *parts)

    def _protected(self, k: int) -> bool:
        most, least = (found[k] for found in self._solutions(self._bounds(), [k]))
        return self._wide_enough(k, float(least), float(most))
