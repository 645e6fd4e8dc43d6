"""Raking: iterative proportional fitting (Deming and Stephan 1940; R `survey::rake`)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.weighting import calibration
from analysis.weighting.cells import Codes, Floats, Keys, collapse

TOLERANCE = 1e-12
"""The largest relative distance from a margin at which it counts as met."""

PATIENCE = 500
MAX_ROUNDS = 20_000
"""Rounds of raking before Newton's method tries the same, and before raking gives up."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Ratios of weight to base weight per cell, the rounds taken, and how far off the margins are.

    `gap` is the largest relative distance; `margin` and `category` are where it is.
    """

    ratio: Floats
    rounds: int
    gap: float
    margin: int = 0
    category: int = 0


def rake(
    codes: Sequence[Codes],
    totals: Sequence[Floats],
    base: Floats | None = None,
) -> Floats:
    """Raked weights of coded rows: one array of codes (rows,) and of totals (categories,) a margin.

    A code as large as the margin has categories means that the row is in none of them: it is left
    out of that margin's steps. Weights sum to the first margin's total. Raises ValueError where
    the margins cannot all be met to 1e-12 of themselves.
    """
    cells = collapse(codes, [len(t) for t in totals], base)
    shares = [t / t.sum() for t in totals]
    fit = on_cells(cells.mass, cells.keys, shares)
    if not fit.gap <= TOLERANCE:
        raise ValueError(f"margin {fit.margin}, category {fit.category}: {fit.gap:.2g} off")
    people = math.fsum(totals[0])
    return cells.spread(fit.ratio, base, people / float(cells.mass @ fit.ratio))


def on_cells(mass: Floats, keys: Keys, shares: Sequence[Floats]) -> Fit:
    """Raking factors of cells: `mass` (cells,), `keys` (cells, margins), `shares` per margin.

    Goes on past the tolerance while the fit still improves. Where raking is slow, Newton's method
    looks for the same weights: they are exp of a sum of one multiplier per category (Deville and
    Särndal 1992), unless rows are left out of margins.
    """
    fit = _iterate(mass, keys, shares, PATIENCE)
    if fit.gap <= TOLERANCE:
        return fit
    whole = all((keys[:, m] < len(s)).all() for m, s in enumerate(shares))
    if whole:
        wanted = [s * mass.sum() for s in shares]
        ratio, rounds = calibration.solve(mass, list(keys.T), wanted, "rake", None)
        quick = measured(ratio, mass, keys, shares, fit.rounds + rounds)
        if quick.gap <= TOLERANCE:
            return quick
    return _iterate(mass, keys, shares, MAX_ROUNDS if len(mass) < 10_000 else PATIENCE)


def _iterate(mass: Floats, keys: Keys, shares: Sequence[Floats], most: int) -> Fit:
    weights = mass.copy()
    best, rounds, idle, gap = math.inf, 0, 0, math.inf
    columns = [np.ascontiguousarray(column) for column in keys.T]
    factors = [np.ones(len(share) + 1) for share in shares]
    while rounds < most:
        rounds += 1
        gap = 0.0
        for code, share, factor in zip(columns, shares, factors, strict=True):
            sums = np.bincount(code, weights, minlength=len(factor))[:-1]
            told = factor[:-1]
            np.divide(share * sums.sum(), sums, out=told, where=sums > 0)
            # How far off a margin was before its own step: nought for all means that none moved.
            gap = max(gap, 1 / float(told.min()) - 1, 1 - 1 / float(told.max()))
            weights *= factor.take(code)
        idle = 0 if gap < best else idle + 1
        best = min(best, gap)
        if best <= TOLERANCE and (idle >= 3 or gap <= 1e-15):
            break
    ratio = np.divide(weights, mass, out=np.zeros_like(mass), where=mass > 0)
    return measured(ratio, mass, keys, shares, rounds)


def measured(ratio: Floats, mass: Floats, keys: Keys, shares: Sequence[Floats], rounds: int) -> Fit:
    """A fit with its largest relative distance from a margin, and where that is."""
    weights = mass * ratio
    worst = (0.0, 0, 0)
    for m, share in enumerate(shares):
        sums = np.bincount(keys[:, m], weights, minlength=len(share) + 1)[: len(share)]
        gaps = np.abs(sums / (share * sums.sum()) - 1)
        gaps[np.isnan(gaps)] = np.inf
        k = int(np.argmax(gaps))
        worst = max(worst, (float(gaps[k]), m, k))
    return Fit(ratio, rounds, *worst)
