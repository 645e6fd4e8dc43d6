"""Estimates of one group: share, mean, median, and for a probability sample their uncertainty.

Standard errors are linearised with fixed weights (Taylor series; Särndal, Swensson and Wretman
1992, ch. 5), as R's `survey::svymean` gives for a design that is not calibrated. A group is a
domain: its standard error uses n/(n−1) of the whole file, not its own n.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.dataset import Dataset
from analysis.errors import DataError

CONFIDENCE = 0.95

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure; what cannot be given (open mode, empty group, share of 0 or 1) is None."""

    value: float | None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    deff: float | None = None


NOTHING = Estimate(None)


@dataclass(frozen=True, slots=True)
class Design:
    """How a probability sample was drawn: each row's primary sampling unit and its stratum.

    `fractions` is the share of a stratum's units that was drawn; 0 where there is no correction.
    """

    units: Codes
    unit_stratum: Codes
    unit_counts: Codes
    fractions: Floats
    row_stratum: Codes

    def variance(self, scores: Floats) -> float:
        """Variance of the sum of `scores`, one per row."""
        totals = np.bincount(self.units, scores, minlength=len(self.unit_stratum))
        n = self.unit_counts
        means = np.bincount(self.unit_stratum, totals, minlength=len(n)) / n
        squares = (totals - means[self.unit_stratum]) ** 2
        spread = np.bincount(self.unit_stratum, squares, minlength=len(n))
        return float(np.sum((1 - self.fractions) * n / (n - 1) * spread))

    def freedom(self, inside: Bools) -> int:
        """Degrees of freedom of a domain: its sampling units less its strata (R `degf`)."""
        return len(np.unique(self.units[inside])) - len(np.unique(self.row_stratum[inside]))


def design(
    dataset: Dataset, strata: str | None = None, cluster: str | None = None, fpc: str | None = None
) -> Design:
    """The design from columns of the file; clusters are nested in strata.

    `fpc` is either the sampled share of the stratum's units (all ≤ 1) or their number in the
    population. Raises DataError for a missing value, a stratum of one unit, or an `fpc` that is
    not one figure per stratum.
    """
    rows = len(dataset)
    stratum, names = _levels(dataset, strata) if strata else (np.zeros(rows, np.int64), [""])
    member = _levels(dataset, cluster)[0] if cluster else np.arange(rows)
    pairs, units = np.unique(np.column_stack([stratum, member]), axis=0, return_inverse=True)
    unit_stratum = pairs[:, 0].astype(np.int64)
    counts = np.bincount(unit_stratum, minlength=len(names))
    if (counts < 2).any():
        which = names[int(np.argmax(counts < 2))]
        where = f"Stratum “{which}”" if strata else "The file"
        raise DataError(
            f"{where} has a single sampling unit, so nothing can be said of how units vary. "
            "Join it to a similar stratum."
        )
    fractions = np.zeros(len(names))
    if fpc:
        fractions = _fractions(dataset, fpc, stratum, counts)
    return Design(units.reshape(-1), unit_stratum, counts, fractions, stratum)


def _levels(dataset: Dataset, column: str) -> tuple[Codes, list[str]]:
    cells = dataset.column(column)
    if cells.null_count():
        row = int(cells.is_null().arg_true()[0]) + 1
        raise DataError(f"{dataset.name}: column “{column}” is empty in row {row}; fill it in.")
    names, codes = np.unique(cells.to_numpy().astype(str), return_inverse=True)
    return codes.reshape(-1).astype(np.int64), [str(n) for n in names]


def _fractions(dataset: Dataset, fpc: str, stratum: Codes, counts: Codes) -> Floats:
    given = dataset.numbers(fpc)
    low = np.full(len(counts), np.inf)
    high = np.full(len(counts), -np.inf)
    np.minimum.at(low, stratum, given)
    np.maximum.at(high, stratum, given)
    if np.isnan(given).any() or not np.array_equal(low, high) or (low <= 0).any():
        raise DataError(
            f"{dataset.name}: column “{fpc}” must hold one figure above 0 per stratum: the share "
            "of its units that was sampled, or how many units it has in the population."
        )
    fractions = low if (low <= 1).all() else counts / low
    if (fractions > 1).any():
        raise DataError(
            f"{dataset.name}: column “{fpc}” gives a stratum fewer units in the population than "
            "are in the sample."
        )
    return fractions


def mean(
    values: Floats, weights: Floats, group: Bools, sample: Design | None, *, share: bool = False
) -> Estimate:
    """The weighted mean of `values` (NaN = no answer) in a group; a share where they are 0 or 1.

    With a design: standard error, 95% interval (for a share the logit interval in its exact form,
    R `svyciprop(method="xlogit")`; else Student's t) and design effect (R `svymean(deff=TRUE)`).
    """
    inside = group & ~np.isnan(values)
    base = float(weights[inside].sum())
    if not base > 0:
        return NOTHING
    value = float(weights[inside] @ values[inside]) / base
    if sample is None:
        return Estimate(value)
    scores = np.zeros(len(values))
    scores[inside] = weights[inside] * (values[inside] - value) / base
    variance = sample.variance(scores)
    simple = _simple_variance(values[inside], weights[inside], value)
    se = math.sqrt(variance)
    deff = variance / simple if simple > 0 else None
    df = sample.freedom(group & (weights > 0))
    if share and not 0 < value < 1:
        # The linearised standard error of a share of 0 or 1 is 0, which would claim certainty.
        return Estimate(value)
    low, high = _interval(value, se, df, share)
    return Estimate(value, se, low, high, deff)


def _simple_variance(values: Floats, weights: Floats, mean: float) -> float:
    """Variance of the mean if as many had been drawn at random (without replacement, as R)."""
    n, base = int((weights > 0).sum()), float(weights.sum())
    if n < 2:
        return 0.0
    spread = float(weights @ (values - mean) ** 2) / base * n / (n - 1)
    # Weights that sum to no more than n do not describe a population to correct for.
    return spread * (base - n) / (base * n) if base > n else spread / n


def _interval(value: float, se: float, df: int, share: bool) -> tuple[float | None, float | None]:
    if df < 1:
        return None, None
    t = float(stats.t.ppf((1 + CONFIDENCE) / 2, df))
    if not share:
        return value - t * se, value + t * se
    centre, reach = math.log(value / (1 - value)), t * se / (value * (1 - value))
    return 1 / (1 + math.exp(reach - centre)), 1 / (1 + math.exp(-reach - centre))


def median(values: Floats, weights: Floats, group: Bools, sample: Design | None) -> Estimate:
    """The weighted median: the least value with at least half of the weight at or below it.

    That is R's `svyquantile(qrule="math")`. With a design: Woodruff's interval from that of the
    share at or below the median, and the standard error its width implies.
    """
    inside = group & ~np.isnan(values) & (weights > 0)
    if not inside.any():
        return NOTHING
    order = np.argsort(values[inside], kind="stable")
    ordered = values[inside][order]
    running = np.cumsum(weights[inside][order])
    value = _quantile(ordered, running, 0.5)
    if sample is None:
        return Estimate(value)
    below = np.where(np.isnan(values), np.nan, (values <= value).astype(np.float64))
    share = mean(below, weights, group, sample)
    df = sample.freedom(inside)
    if share.low is None or share.high is None or df < 1:
        return Estimate(value)
    low = _quantile(ordered, running, share.low)
    high = _quantile(ordered, running, share.high)
    se = (high - low) / (2 * float(stats.t.ppf((1 + CONFIDENCE) / 2, df)))
    return Estimate(value, se, low, high)


def _quantile(ordered: Floats, running: Floats, share: float) -> float:
    # A hair below the goal, so that a tie that is exact on paper is one in floating point too.
    goal = min(max(share, 0.0), 1.0) * running[-1] * (1 - 1e-12)
    return float(ordered[min(int(np.searchsorted(running, goal)), len(ordered) - 1)])
