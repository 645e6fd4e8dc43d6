"""Weighted quantiles, and Woodruff's interval of one (R `survey::svyquantile`)."""

import numpy as np
from scipy import stats

from analysis.errors import DataError, listed
from analysis.estimates import intervals
from analysis.estimates.arrays import Bools, Floats
from analysis.estimates.design import Design
from analysis.estimates.figures import NOTHING, Estimate, mean

RULES = ("math", "hf7", "school")
TIE = 1e-12


def median(values: Floats, weights: Floats, group: Bools, sample: Design | None) -> Estimate:
    """The weighted median: the least value with at least half of the weight at or below it."""
    return quantile(values, weights, group, sample, 0.5)


def quantile(
    values: Floats,
    weights: Floats,
    group: Bools,
    sample: Design | None,
    share: float,
    rule: str = "math",
) -> Estimate:
    """The value with that `share` of a group's weight at or below it; NaN is no answer.

    `math` is the least such value, `school` the middle between it and the next where the share is
    met exactly, `hf7` interpolates (Hyndman and Fan 1996, definition 7). With a design: Woodruff's
    (1952) interval from Student's of the share at or below the quantile, and the standard error
    that its width implies; an end that lies outside 0 to 1 is None.
    """
    if rule not in RULES:
        raise DataError(f"“{rule}” is no rule for quantiles: {listed([*RULES])}.")
    inside = group & ~np.isnan(values) & (weights > 0)
    if not inside.any():
        return NOTHING
    order = np.argsort(values[inside], kind="stable")
    ordered = values[inside][order]
    running = np.cumsum(weights[inside][order])
    value = _at(ordered, running, share, rule)
    if sample is None:
        return Estimate(value)
    below = np.where(np.isnan(values), np.nan, (values <= value).astype(np.float64))
    # The domain is those who answered, as R drops the others before it counts.
    reached = mean(below, weights, inside, sample)
    df = sample.freedom(inside)
    ends = None if reached.se is None else intervals.student(reached.value or 0.0, reached.se, df)
    if ends is None:
        return Estimate(value)
    low = _end(ordered, running, ends[0], rule) if ends[0] >= 0 else None
    high = _end(ordered, running, ends[1], rule) if ends[1] <= 1 else None
    if low is None or high is None:
        return Estimate(value, None, low, high)
    se = (high - low) / (2 * float(stats.t.ppf((1 + intervals.CONFIDENCE) / 2, df)))
    return Estimate(value, se, low, high)


def _end(ordered: Floats, running: Floats, share: float, rule: str) -> float:
    """The end of an interval. Within the first value's weight R's rules give the second value.

    Equal to R there; a quantile itself keeps to its definition, by which it is the first.
    """
    if rule != "hf7" and share * running[-1] < running[0] * (1 - TIE) and len(ordered) > 1:
        return float(ordered[1])
    return _at(ordered, running, share, rule)


def _at(ordered: Floats, running: Floats, share: float, rule: str) -> float:
    if rule == "hf7":
        if len(ordered) == 1:
            return float(ordered[0])
        places = np.concatenate([[0.0], running[:-1]]) / running[-2]
        return float(np.interp(share, places, ordered))
    # A hair below the goal, so that a tie that is exact on paper is one in floating point too.
    place = min(int(np.searchsorted(running, share * running[-1] * (1 - TIE))), len(ordered) - 1)
    tied = abs(running[place] / running[-1] - share) <= TIE * share
    if rule == "school" and tied and place + 1 < len(ordered):
        return float((ordered[place] + ordered[place + 1]) / 2)
    return float(ordered[place])
