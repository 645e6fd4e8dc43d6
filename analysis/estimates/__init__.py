"""Estimates: shares, means, totals, quantiles and ratios, and how far to trust them.

`design` says how the sample was drawn; every standard error comes from its covariance of totals
(`Design.covariance`), or from replicate weights. Without a design there are figures only.
"""

from analysis.estimates.calibrated import Calibration
from analysis.estimates.design import Design, design
from analysis.estimates.figures import (
    NOTHING,
    Estimate,
    Several,
    by_group,
    kish,
    mean,
    ratio,
    total,
)
from analysis.estimates.intervals import CONFIDENCE
from analysis.estimates.quantiles import median, quantile
from analysis.estimates.replicates import Replicates
from analysis.estimates.statistics import Means, Ratios, Totals, covariance, listwise, within

__all__ = [
    "CONFIDENCE",
    "NOTHING",
    "Calibration",
    "Design",
    "Estimate",
    "Means",
    "Ratios",
    "Replicates",
    "Several",
    "Totals",
    "by_group",
    "covariance",
    "design",
    "kish",
    "listwise",
    "mean",
    "median",
    "quantile",
    "ratio",
    "total",
    "within",
]
