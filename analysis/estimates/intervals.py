"""Confidence intervals of shares and means, each at 95% and never NaN: None where undefined.

The names are those of R `survey::svyciprop`. All but the likelihood interval are closed formulas.
"""

import math

import numpy as np
from scipy import optimize, stats

from analysis.estimates.arrays import Floats

CONFIDENCE = 0.95
_TAIL = (1 + CONFIDENCE) / 2

Interval = tuple[float, float] | None


def student(value: float, se: float, df: int) -> Interval:
    """Value ± t·se; with `df` 0 or less None."""
    if df < 1 or not math.isfinite(se):
        return None
    reach = float(stats.t.ppf(_TAIL, df)) * se
    return value - reach, value + reach


def normal(value: float, se: float) -> Interval:
    """Value ± 1.96·se (R `confint` of an estimate without degrees of freedom)."""
    reach = float(stats.norm.ppf(_TAIL)) * se
    return (value - reach, value + reach) if math.isfinite(se) else None


def xlogit(share: float, se: float, df: int) -> Interval:
    """Student's interval of log(p/(1−p)), turned back: the exact form of `method="logit"`."""
    if df < 1 or not 0 < share < 1:
        return None
    centre = math.log(share / (1 - share))
    reach = float(stats.t.ppf(_TAIL, df)) * se / (share * (1 - share))
    return _expit(centre - reach), _expit(centre + reach)


def beta(share: float, se: float, n: int, df: int) -> Interval:
    """Korn and Graubard's (1998) exact interval on the effective sample size.

    `n` is the rows the degrees of freedom are set against: R takes all rows of the domain, those
    without an answer too (and all of the file where weights are calibrated); complete-case is the
    number that answered.
    """
    if df < 1 or n < 2 or not 0 < share < 1 or not se > 0:
        return None
    ratio = float(stats.t.ppf(_TAIL, n - 1)) / float(stats.t.ppf(_TAIL, df))
    return clopper_pearson(share, share * (1 - share) / se**2 * ratio**2)


def clopper_pearson(share: float, effective: float) -> Interval:
    """The exact binomial interval for a share of `effective` answers; defined at 0 and 1 too."""
    if not effective > 0:
        return None
    yes, no = effective * share, effective * (1 - share)
    low = float(stats.beta.ppf(1 - _TAIL, yes, no + 1)) if yes > 0 else 0.0
    high = float(stats.beta.ppf(_TAIL, yes + 1, no)) if no > 0 else 1.0
    return low, high


def wilson(share: float, effective: float) -> Interval:
    """Wilson's (1927) interval on the effective sample size; defined at 0 and 1 too."""
    if not effective > 0:
        return None
    z2 = float(stats.norm.ppf(_TAIL)) ** 2
    centre = (share + z2 / (2 * effective)) / (1 + z2 / effective)
    inner = share * (1 - share) / effective + z2 / (4 * effective**2)
    reach = math.sqrt(z2 * inner) / (1 + z2 / effective)
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


def likelihood(
    share: float, se: float, values: Floats, weights: Floats, df: int, scale: float, rows: int
) -> Interval:
    """The interval where the scaled profile deviance of log(p/(1−p)) reaches its limit.

    `values` are 0 or 1, `weights` theirs, `scale` the mean weight of the domain's `rows`. R follows
    the profile in steps and interpolates, so it agrees with this exact root to four digits or more.
    """
    if df < 1 or not 0 < share < 1:
        return None
    yes, no = float(weights @ values) / scale, float(weights @ (1 - values)) / scale
    # R's dispersion: that of Pearson residuals, the weights' mean taken with those who answered.
    n = int((weights > 0).sum())
    dispersion = float(weights.sum()) / (scale * rows) * n / (n - 1)
    naive = 1 / ((yes + no) * share * (1 - share))
    inflation = (se / (share * (1 - share))) ** 2 / naive
    cut = float(stats.t.ppf(_TAIL, df)) ** 2 * inflation

    def over(logit: float) -> float:
        p = _expit(logit)
        gain = yes * math.log(share / p) + no * math.log((1 - share) / (1 - p))
        return 2 * gain / dispersion - cut

    centre = math.log(share / (1 - share))
    if over(centre) >= 0:  # no spread at all
        return share, share
    far = 30.0  # logits; further out is 0 or 1 for all purposes
    low, high = 0.0, 1.0
    if over(centre - far) > 0:
        low = _expit(optimize.brentq(over, centre - far, centre, xtol=1e-13))
    if over(centre + far) > 0:
        high = _expit(optimize.brentq(over, centre, centre + far, xtol=1e-13))
    return low, high


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def tails(statistic: float, df: float) -> float:
    """Two-sided p-value of Student's t; of the normal where `df` is infinite."""
    if math.isinf(df):
        return float(2 * stats.norm.sf(abs(statistic)))
    return float(2 * stats.t.sf(abs(statistic), df))


def finite(value: float) -> float | None:
    """The number, or None where it is not one."""
    return float(value) if np.isfinite(value) else None
