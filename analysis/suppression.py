"""Which of many counts that add up must be hidden so that no small one can be worked out.

First the small counts themselves; then companions, so that no sum has exactly one hidden part;
last an attacker's linear programme over all that is published together (Fischetti and Salazar 2001,
Management Science 47:1008, call it the auditing phase), which finds what sums taken one by one do
not. Everything works on exact unweighted counts; `analysis.linking` says which counts there are.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.programme import Floats, Programme

Bools = NDArray[np.bool_]

LOOSE = 4.0
"""How far apart an attacker's least and most must be for people nobody prints a figure of: those in
no group, those who came since an earlier release, those with a code but not with a part of it.
Rounding does as much; without it one more figure is hidden."""

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
        self._programme = Programme(self._matrix())
        self._stale = set(range(len(counts.sums)))
        self._told: set[int] = set()
        self._most = float(self.values.max(initial=0)) + 10.0 * max(threshold, 1)
        ends = [self._ends(k) for k in range(len(self.values))]
        self._low, self._high = np.array(ends, dtype=np.float64).reshape(-1, 2).T.copy()
        # What some solution had: whatever else is hidden, it stays a solution.
        self._least_seen = self.values.astype(np.float64)
        self._most_seen = self._least_seen.copy()

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
            self._low[k], self._high[k] = self._ends(k)
            self._stale.update(self._in.get(k, ()))
            waiting += [f for f in self.counts.follows.get(k, ()) if not self.hidden[f]]

    def companion(self) -> bool:
        """Mend a sum that tells too much by itself; false when there is none to mend."""
        while self._stale:
            members = self._members(self._stale.pop())
            if not self._lonely(members) and not self._tells(members):
                continue
            chosen = self._least(members)
            if chosen is not None:
                self.hide(chosen)
                return True
        return False

    def _lonely(self, members: Sequence[int]) -> bool:
        """Whether a sum has exactly one unknown."""
        # Those never printed are unknown too, and cover for others if there are any.
        unknown = [
            k for k in members if self.hidden[k] and (self.counts.printed[k] or self.values[k] > 0)
        ]
        return len(unknown) == 1 and self.counts.printed[unknown[0]]

    def _tells(self, members: Sequence[int]) -> bool:
        """Whether a sum bounds one of its hidden counts too well: what a programme over all sums
        would find as well, at a thousand times the work."""
        total, *parts = members
        least = sum(self._low[k] for k in parts)
        most = sum(self._high[k] for k in parts)
        for k in members:
            if not self.hidden[k] or not self._watch(k):
                continue
            if k == total:
                low, high = least, most
            else:
                low = self._low[total] - (most - self._high[k])
                high = self._high[total] - (least - self._low[k])
            low, high = max(low, self._low[k]), min(high, self._high[k])
            if not self._wide_enough(k, low, high):
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

    def _ends(self, k: int) -> tuple[float, float]:
        """What a count may be by itself, as far as it is told."""
        if k in self.counts.known:
            return self.counts.known[k]
        value = self.counts.values[k]
        if self.hidden[k]:
            return -self._most if value < 0 else 0.0, self._most
        return interval(value, self.threshold, self.round_to)

    def _wide_enough(self, k: int, low: float, high: float) -> bool:
        if k in self.counts.loose:
            return high - low >= LOOSE - SLACK
        return high - low >= self.threshold - SLACK and high >= self.threshold - SLACK

    def exposed(self) -> int | None:
        """A count that the published figures tell too much of, or None."""
        left = [k for k in np.flatnonzero(self.hidden).tolist() if self._watch(k)]
        # What is best for one shows how great many others can be, one of each sum: so they are
        # worth something too, and each something else.
        dice = np.random.default_rng(0)
        while left := [k for k in left if not self._seen_wide(k)]:
            k, worth = left[0], dice.uniform(0.5, 1.0, len(left))
            worth[0] *= 1000
            self._look(left, worth)
            for alone in (-1.0, 1.0):
                if not self._seen_wide(k):
                    self._look([k], alone)
            if not self._seen_wide(k):
                return k
        return None

    def _look(self, wanted: Sequence[int], worth: Floats | float) -> None:
        found = self._solution(wanted, worth)
        np.minimum(self._least_seen, found, out=self._least_seen)
        np.maximum(self._most_seen, found, out=self._most_seen)

    def _seen_wide(self, k: int) -> bool:
        return self._wide_enough(k, self._least_seen[k], self._most_seen[k])

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

    def _solution(self, wanted: Sequence[int], worth: Floats | float) -> Floats:
        """Counts that fit all that is published, with as much of those wanted as can be."""
        goal = np.zeros(len(self.values))
        goal[wanted] = worth
        return self._programme.best(goal, self._low, self._high)

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
            before = self.hidden.copy(), self._low.copy(), self._high.copy()
            self.hide(k)
            if self._protected(exposed):
                return
            self.hidden, self._low, self._high = before
        self.hide(free[0])

    def _members(self, s: int) -> tuple[int, ...]:
        total, parts = self.counts.sums[s]
        return (total, *parts)

    def _protected(self, k: int) -> bool:
        most, least = (float(self._solution([k], worth)[k]) for worth in (1.0, -1.0))
        return self._wide_enough(k, least, most)
