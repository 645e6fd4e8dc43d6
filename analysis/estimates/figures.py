"""Figures of one group: share, mean, total, ratio, with their uncertainty in a probability sample.

A group is a domain: its standard error uses n/(n−1) of the whole file, not its own n (R
`svymean(subset(design, …))`).
"""

import math
from dataclasses import dataclass

import numpy as np

from analysis.errors import DataError, listed
from analysis.estimates import intervals
from analysis.estimates.arrays import Bools, Codes, Floats
from analysis.estimates.design import Design
from analysis.estimates.statistics import Means, Ratios, Totals, covariance, within

INTERVALS = ("xlogit", "mean", "beta", "beta-complete", "wilson", "likelihood")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure; what cannot be given (open mode, empty group, no spread) is None."""

    value: float | None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    deff: float | None = None


NORMALISED = 1.01

NOTHING = Estimate(None)


def mean(
    values: Floats,
    weights: Floats,
    group: Bools,
    sample: Design | None,
    *,
    share: bool = False,
    interval: str = "xlogit",
) -> Estimate:
    """The weighted mean of `values` (NaN = no answer) in a group; a share where they are 0 or 1.

    With a design: standard error, 95% interval (for a share the one named, by default the logit
    interval in its exact form, R `svyciprop(method="xlogit")`; else Student's t) and design effect
    (R `svymean(deff=TRUE)`). A share of 0 or 1 has no standard error (the formula gives 0, which
    would claim certainty) and the exact binomial interval on Kish's effective n.
    """
    inside = group & ~np.isnan(values)
    base = float(weights[inside].sum())
    if not base > 0:
        return NOTHING
    value = float(weights[inside] @ values[inside]) / base
    if sample is None:
        return Estimate(value)
    answered = weights[inside] > 0
    if share and not 0 < value < 1:
        value = float(round(value))
        effective = base**2 / float(np.sum(weights[inside] ** 2))
        ends = intervals.clopper_pearson(value, effective) if answered.sum() > 1 else None
        return Estimate(value, None, *(ends or (None, None)))
    statistic = Means(within(values, group)[:, None])
    variance = float(covariance(statistic, weights, sample)[0, 0])
    if not np.isfinite(variance) or answered.sum() < 2:
        return Estimate(value)
    simple = _simple_variance(values[inside], weights[inside], value, sample)
    se = math.sqrt(max(variance, 0.0))
    deff = variance / simple if simple > 0 else None
    kind = interval if share else "mean"
    low, high = _ends(kind, value, se, values, weights, group, sample) or (None, None)
    return Estimate(value, se, low, high, deff)


def _ends(
    kind: str,
    value: float,
    se: float,
    values: Floats,
    weights: Floats,
    group: Bools,
    sample: Design,
) -> intervals.Interval:
    """The interval of that kind; degrees of freedom count rows without an answer too, as R."""
    domain = group & (weights > 0)
    inside = domain & ~np.isnan(values)
    df = sample.freedom(domain)
    if kind == "mean":
        return intervals.student(value, se, df)
    if kind == "xlogit":
        return intervals.xlogit(value, se, df)
    if kind == "beta":
        # R's subset of a calibrated design keeps all its rows, so its n is the whole file's.
        rows = len(values) if sample.calibration is not None else int(group.sum())
        return intervals.beta(value, se, rows, df)
    if kind == "beta-complete":
        return intervals.beta(value, se, int(inside.sum()), sample.freedom(inside))
    if kind == "wilson":
        return intervals.wilson(value, value * (1 - value) / se**2) if se > 0 else None
    if kind == "likelihood":
        # The mean weight of all R's rows, and how many of them it takes for the dispersion's.
        whole = sample.calibration is not None
        rows = len(values) if whole else int(group.sum())
        told = len(values) if whole else int((group & ~np.isnan(values)).sum())
        scale = float(weights[group].sum()) / rows
        return intervals.likelihood(value, se, values[inside], weights[inside], df, scale, told)
    raise DataError(f"“{kind}” is no interval: {listed([*INTERVALS])}.")


def total(values: Floats, weights: Floats, group: Bools, sample: Design | None) -> Estimate:
    """The weighted sum of `values` in a group; design effect as R `svytotal(deff=TRUE)`."""
    inside = group & ~np.isnan(values)
    value = float(weights[inside] @ values[inside])
    if sample is None:
        return Estimate(value)
    statistic = Totals(within(values, group)[:, None])
    variance = float(covariance(statistic, weights, sample)[0, 0])
    se = math.sqrt(max(variance, 0.0))
    ends = intervals.student(value, se, sample.freedom(group & (weights > 0)))
    base = float(weights[inside].sum())
    if not base > 0:
        return Estimate(value, se, *(ends or (None, None)))
    average = value / base
    simple = _simple_variance(values[inside], weights[inside], average, sample) * base**2
    low, high = ends or (None, None)
    return Estimate(value, se, low, high, variance / simple if simple > 0 else None)


def ratio(
    top: Floats, bottom: Floats, weights: Floats, group: Bools, sample: Design | None
) -> Estimate:
    """The ratio of two totals over the rows that have both (R `svyratio`)."""
    statistic = Ratios(within(top, group)[:, None], within(bottom, group)[:, None])
    value = float(statistic.figures(weights)[0])
    if not np.isfinite(value):
        return NOTHING
    if sample is None:
        return Estimate(value)
    se = math.sqrt(max(float(covariance(statistic, weights, sample)[0, 0]), 0.0))
    known = group & ~np.isnan(top) & ~np.isnan(bottom) & (weights > 0)
    return Estimate(value, se, *(intervals.student(value, se, sample.freedom(known)) or ()))


@dataclass(frozen=True, slots=True)
class Several:
    """Figures with their covariance: `values` (k,), `covariance` (k, k) or None in open mode."""

    values: Floats
    covariance: Floats | None

    @property
    def se(self) -> Floats | None:
        """Standard errors, (k,)."""
        return None if self.covariance is None else np.sqrt(np.diag(self.covariance))

    def contrast(self, coefficients: Floats) -> Estimate:
        """A linear combination, with its standard error (R `svycontrast`)."""
        value = float(coefficients @ self.values)
        if self.covariance is None:
            return Estimate(value)
        return Estimate(value, math.sqrt(float(coefficients @ self.covariance @ coefficients)))


def by_group(values: Floats, weights: Floats, groups: Codes, sample: Design | None) -> Several:
    """Means of `values` (n,) or (n, k) in every group 0, 1, …, and their full covariance.

    `groups` is each row's code, −1 for none. Figures run group by group, then column by column.
    Clusters that hold several groups make their figures covary.
    """
    columns = values[:, None] if values.ndim == 1 else values
    count = int(groups.max(initial=-1)) + 1
    parts = [within(columns, groups == g) for g in range(count)]
    statistic = Means(np.concatenate(parts, axis=1) if parts else np.empty((len(values), 0)))
    found = None if sample is None else covariance(statistic, weights, sample)
    return Several(statistic.figures(weights), found)


def kish(weights: Floats) -> tuple[int, float, float]:
    """Rows with weight, Kish's effective number (Σw)² ÷ Σw² and design effect n ÷ n_eff (1965)."""
    n, squares = int((weights > 0).sum()), float(np.sum(weights * weights))
    effective = float(np.sum(weights)) ** 2 / squares if squares > 0 else 0.0
    return n, effective, n / effective if effective > 0 else 1.0


def _simple_variance(values: Floats, weights: Floats, mean: float, sample: Design) -> float:
    """Variance of the mean if as many had been drawn at random (without replacement, as R)."""
    n, base = int((weights > 0).sum()), float(weights.sum())
    if sample.replicates is not None:
        n = len(weights)
    if n < 2:
        return 0.0
    spread = float(weights @ (values - mean) ** 2) / base * n / (n - 1)
    return spread * shrunk(base, n) / n


def shrunk(base: float, n: int) -> float:
    """What is left of a variance in a finite population of `base` people of whom n were drawn.

    Weights that average 1 describe the sample and no population: there is nothing to take off.
    """
    return (base - n) / base if base > NORMALISED * n else 1.0
