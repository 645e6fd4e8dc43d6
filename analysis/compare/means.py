"""Differences of means and shares: two groups, a group and the rest, all pairs, a published figure.

The two-sample test is that of the regression on the group (R `svyttest`), which is the difference
of two domain means with their covariance. `groups` are codes 0, 1, …, −1 for none.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats

from analysis.compare.results import Test
from analysis.errors import DataError
from analysis.estimates import Design, Estimate, by_group, intervals
from analysis.estimates.arrays import Codes, Floats

NO_SPREAD = "The answers of the two groups do not vary, so the difference cannot be tested."


def t_test(values: Floats, weights: Floats, groups: Codes, sample: Design | None) -> Test:
    """Mean of group 1 less that of group 0; df = sampling units − strata − 1 of those who answered.

    Without a sample only the difference. Raises DataError where a group has no answer.
    """
    inside = ~np.isnan(values) & (weights > 0) & ((groups == 0) | (groups == 1))
    for g in (0, 1):
        if not (inside & (groups == g)).any():
            raise DataError(
                "One of the two groups to compare has no answer with a weight above 0. Compare "
                "groups that answered, or join it to another."
            )
    pair = np.where(inside, groups, -1)
    found = by_group(values, weights, pair, sample).contrast(np.array([-1.0, 1.0]))
    name = "Design-based t test"
    if sample is None or found.se is None:
        return Test(name, None, (), None, found.value)
    difference = float(found.value or 0.0)
    df = sample.freedom(inside) - 1
    if df < 1 or not found.se > 1e-14 * max(1.0, abs(difference)):
        return Test(name, None, (float(df),), None, difference, warnings=(NO_SPREAD,))
    t = difference / found.se
    low, high = intervals.student(difference, found.se, df) or (None, None)
    p = intervals.tails(t, df)
    return Test(name, t, (float(df),), p, difference, found.se, low, high)


def against_rest(
    values: Floats, weights: Floats, groups: Codes, group: int, sample: Design | None
) -> Test:
    """A group's mean less that of everybody in another group."""
    return t_test(values, weights, np.where(groups < 0, -1, groups == group), sample)


@dataclass(frozen=True, slots=True)
class Pair:
    """Group `high` less group `low` (their codes)."""

    low: int
    high: int
    test: Test


def pairs(values: Floats, weights: Floats, groups: Codes, sample: Design | None) -> list[Pair]:
    """The t test of every pair of groups that have answers."""
    answered = ~np.isnan(values) & (weights > 0) & (groups >= 0)
    found = []
    for low, high in combinations(np.unique(groups[answered]).tolist(), 2):
        pair = np.where(groups == low, 0, np.where(groups == high, 1, -1))
        found.append(Pair(low, high, t_test(values, weights, pair, sample)))
    return found


def published(estimate: Estimate, figure: float, se: float, warnings: tuple[str, ...] = ()) -> Test:
    """Our figure less a published one with a standard error of its own (0 for a census): z test.

    The two are taken as independent samples. `warnings`, such as a difference of mode or wording,
    are passed on: the test cannot see them. Raises DataError for a negative or missing `se`.
    """
    if not (math.isfinite(figure) and math.isfinite(se) and se >= 0):
        raise DataError(
            "The published figure needs a value and a standard error of 0 or more, such as "
            "0.42,0.0065."
        )
    name = "z against a published figure"
    if estimate.value is None:
        return Test(name, None, (), None, warnings=warnings)
    difference = estimate.value - figure
    both = math.hypot(estimate.se, se) if estimate.se is not None else 0.0
    if not both > 0:
        return Test(name, None, (), None, difference, warnings=warnings)
    z = difference / both
    low, high = intervals.normal(difference, both) or (None, None)
    p = float(2 * stats.norm.sf(abs(z)))
    return Test(name, z, (), p, difference, both, low, high, warnings)


def independent(before: Estimate, after: Estimate, warnings: tuple[str, ...] = ()) -> Test:
    """A change between two samples drawn separately, such as two years' files: z test."""
    if before.value is None or after.value is None:
        return Test("z between two samples", None, (), None, warnings=warnings)
    if before.se is None or after.se is None:
        change = after.value - before.value
        return Test("z between two samples", None, (), None, change, warnings=warnings)
    found = published(after, before.value, before.se, warnings)
    return Test(
        "z between two samples", found.statistic, (), found.p, found.estimate, found.se,
        found.low, found.high, warnings,
    )  # fmt: skip
