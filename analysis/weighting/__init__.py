"""Responses to weighted responses."""

from analysis.weighting.raking import TOLERANCE, rake
from analysis.weighting.targets import MISSING, Join, Target, margin_questions
from analysis.weighting.weighted import (
    Diagnostics,
    WeightedDataset,
    base_weights,
    chosen,
    kish,
    unweighted,
    usable,
    weight,
    with_given,
    with_weights,
    write,
)

__all__ = [
    "MISSING",
    "TOLERANCE",
    "Diagnostics",
    "Join",
    "Target",
    "WeightedDataset",
    "base_weights",
    "chosen",
    "kish",
    "margin_questions",
    "rake",
    "unweighted",
    "usable",
    "weight",
    "with_given",
    "with_weights",
    "write",
]
