"""Rank tests for a sample: Wilcoxon for two groups, Kruskal and Wallis for more.

Lumley and Scott (2013, Biometrika 100:831–842); R `svyranktest`. A rank is the share of the
population estimated to lie below, ties sharing the mean of theirs.
"""

import numpy as np
from scipy import stats

from analysis.compare.results import Test
from analysis.errors import DataError
from analysis.estimates import Design, intervals
from analysis.estimates.arrays import Bools, Codes, Floats


def rank_test(
    values: Floats,
    weights: Floats,
    groups: Codes,
    sample: Design,
    inside: Bools | None = None,
) -> Test:
    """Do the groups' answers tend to be higher or lower? `groups` are codes, −1 = in none.

    Two groups: Student's t of the difference in mean rank (group with the higher code less the
    other). More: Wald's F with df of numerator and denominator; `statistic` is R's chi-square.
    Raises DataError for fewer than two groups with answers.
    """
    known = ~np.isnan(values) & (groups >= 0) & (weights > 0)
    if inside is not None:
        known &= inside
    codes = np.unique(groups[known])
    if len(codes) < 2:
        raise DataError(
            "A rank test needs answers from two groups or more. Choose another question to group "
            "by, or take a larger group."
        )
    beta, scores = _fit(values, weights, groups, known, codes)
    spread = sample.covariance(scores)[1:, 1:]
    name = "Design-based Wilcoxon test" if len(codes) == 2 else "Design-based Kruskal–Wallis test"
    df = sample.freedom(known) - len(codes) + 1
    if df < 1 or not np.all(np.diag(spread) > 1e-28):
        return Test(name, None, (float(df),), None, warnings=("The answers do not vary.",))
    if len(codes) == 2:
        se = float(np.sqrt(spread[0, 0]))
        t = float(beta[1]) / se
        low, high = intervals.student(float(beta[1]), se, df) or (None, None)
        return Test(name, t, (float(df),), intervals.tails(t, df), float(beta[1]), se, low, high)
    chisq = float(beta[1:] @ np.linalg.solve(spread, beta[1:]))
    k = len(codes) - 1
    return Test(name, chisq, (float(k), float(df)), float(stats.f.sf(chisq / k, k, df)))


def _fit(
    values: Floats, weights: Floats, groups: Codes, known: Bools, codes: Codes
) -> tuple[Floats, Floats]:
    """Regression of the ranks on the groups: coefficients, and their influence values (n, p)."""
    w = weights[known]
    ranks = mid_ranks(values[known], w) / w.sum()
    dummies = (groups[known][:, None] == codes[1:]).astype(np.float64)
    rows = np.column_stack([np.ones(len(w)), dummies])
    inverse = np.linalg.inv(rows.T @ (w[:, None] * rows))
    beta = inverse @ (rows.T @ (w * ranks))
    scores = np.zeros((len(values), len(beta)))
    scores[known] = (rows * (w * (ranks - rows @ beta))[:, None]) @ inverse
    return beta, scores


def mid_ranks(values: Floats, weights: Floats) -> Floats:
    """The weight below each value and half its own, averaged over equal values."""
    order = np.argsort(values, kind="stable")
    running = np.cumsum(weights[order]) - weights[order] / 2
    _, tied = np.unique(values[order], return_inverse=True)
    tied = tied.reshape(-1)
    ranks = np.empty(len(values))
    ranks[order] = (np.bincount(tied, running) / np.bincount(tied))[tied]
    return ranks
