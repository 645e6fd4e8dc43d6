"""What a test gives back, and p-values adjusted for how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.errors import DataError, listed

Floats = NDArray[np.float64]
ADJUSTMENTS = ("holm", "bonferroni", "BH", "BY", "hochberg", "none")


@dataclass(frozen=True, slots=True)
class Test:
    """A test by name. None is what cannot be had; `df` are numerator and denominator, or one.

    `estimate` is the difference tested, where there is one, with its 95% interval.
    """

    __test__ = False  # not a test for pytest to collect

    name: str
    statistic: float | None
    df: tuple[float, ...]
    p: float | None
    estimate: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    warnings: tuple[str, ...] = ()


def adjusted(p: Sequence[float | None], how: str = "holm") -> list[float | None]:
    """P-values adjusted for the number of tests made (R `p.adjust`); None stays None.

    Holm (1979), Bonferroni, Benjamini and Hochberg (1995), Benjamini and Yekutieli (2001),
    Hochberg (1988). Raises DataError for another name.
    """
    if how not in ADJUSTMENTS:
        raise DataError(f"“{how}” is no adjustment of p-values: {listed([*ADJUSTMENTS])}.")
    place = [k for k, value in enumerate(p) if value is not None]
    values = np.array([p[k] for k in place], dtype=np.float64)
    found: list[float | None] = [None] * len(p)
    for k, value in zip(place, _adjust(values, how), strict=True):
        found[k] = float(value)
    return found


def _adjust(p: Floats, how: str) -> Floats:
    n = len(p)
    if how == "none" or n < 2:
        return p
    if how == "bonferroni":
        return np.asarray(np.minimum(p * n, 1))
    up = np.argsort(p, kind="stable")
    rank = np.arange(1, n + 1)
    if how == "holm":
        ordered = np.maximum.accumulate((n + 1 - rank) * p[up])
    else:
        harmonic = float(np.sum(1 / rank)) if how == "BY" else 1.0
        factor = n + 1 - rank if how == "hochberg" else harmonic * n / rank
        ordered = np.minimum.accumulate((factor * p[up])[::-1])[::-1]
    result = np.empty(n)
    result[up] = np.minimum(ordered, 1)
    return result
