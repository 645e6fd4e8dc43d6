"""What is estimated: figures as functions of weights, with their influence values.

Each statistic gives its `figures(weights)`, (k,), and `scores(weights)`, (n, k): what a row adds to
the figure, weight included (Deville 1999). From the scores comes the linearised covariance; with
replicate weights the figures are computed anew with each of them.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.estimates.arrays import Bools, Floats
from analysis.estimates.design import Design


class Statistic(Protocol):
    """Figures that can be computed with any weights."""

    def figures(self, weights: Floats) -> Floats:
        """The k figures with these weights (n,); NaN where a base is empty."""

    def scores(self, weights: Floats) -> Floats:
        """Influence values × weight, (n, k)."""


def covariance(statistic: Statistic, weights: Floats, sample: Design) -> Floats:
    """(k, k) design-based covariance of a statistic's figures."""
    if sample.replicates is not None:
        return sample.replicates.covariance(statistic.figures)
    return sample.covariance(statistic.scores(weights))


@dataclass(frozen=True, slots=True)
class Means:
    """Means of the columns of `values` (n, k), each over the rows where it is not NaN.

    A group is a column that is NaN outside it, so one call gives several groups with their
    covariances. R drops a row that lacks any column (`listwise`).
    """

    values: Floats

    def figures(self, weights: Floats) -> Floats:
        """Weighted means, (k,)."""
        known = ~np.isnan(self.values)
        with np.errstate(invalid="ignore", divide="ignore"):
            top = weights @ np.where(known, self.values, 0.0)
            return np.asarray(top / (weights @ known))

    def scores(self, weights: Floats) -> Floats:
        """w·(y − mean) ÷ Σw, 0 where y is NaN."""
        known = ~np.isnan(self.values)
        base = weights @ known
        off = np.where(known, self.values - self.figures(weights), 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(weights[:, None] * off / base)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of the columns of `values` (n, k); NaN adds nothing."""

    values: Floats

    def figures(self, weights: Floats) -> Floats:
        """Weighted sums, (k,)."""
        return np.asarray(weights @ np.nan_to_num(self.values))

    def scores(self, weights: Floats) -> Floats:
        """w·y."""
        return np.asarray(weights[:, None] * np.nan_to_num(self.values))


@dataclass(frozen=True, slots=True)
class Ratios:
    """Ratios of the totals of `top` (n, k) to those of `bottom` (n, k), rows without NaN."""

    top: Floats
    bottom: Floats

    def figures(self, weights: Floats) -> Floats:
        """Σwy ÷ Σwx, (k,)."""
        top, bottom = self._known()
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((weights @ top) / (weights @ bottom))

    def scores(self, weights: Floats) -> Floats:
        """w·(y − ratio·x) ÷ Σwx."""
        top, bottom = self._known()
        off = top - self.figures(weights) * bottom
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(weights[:, None] * off / (weights @ bottom))

    def _known(self) -> tuple[Floats, Floats]:
        known = ~(np.isnan(self.top) | np.isnan(self.bottom))
        return np.where(known, self.top, 0.0), np.where(known, self.bottom, 0.0)


def listwise(values: Floats) -> Floats:
    """`values` (n, k) with every row that lacks one column made NaN throughout (R `na.rm`)."""
    return np.where(np.isnan(values).any(axis=1, keepdims=True), np.nan, values)


def within(values: Floats, group: Bools) -> Floats:
    """`values` (n,) or (n, k), NaN outside the group."""
    mask = group if values.ndim == 1 else group[:, None]
    return np.where(mask, values, np.nan)
