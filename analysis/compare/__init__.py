"""Comparisons: groups with one another, with a published figure, and from wave to wave.

All are design-based: the sample's strata, clusters, weights and calibration are in every p-value.
In an open consultation figures are compared without any.
"""

from analysis.compare.results import Test
from analysis.compare.tables import COLUMNS, compare

__all__ = ["COLUMNS", "Test", "compare"]
