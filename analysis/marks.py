"""Marks of significance: which figures of a sample differ from the rest by more than chance.

Each group's figure is tested against everybody in another group (R `svyttest`); a wave's against
the wave before it. The p-values of one table are adjusted by Holm's method for as many tests as the
table has, so that of twenty tables without any difference one will show a mark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis import measures
from analysis.compare.means import against_rest, t_test
from analysis.compare.results import Test, adjusted
from analysis.errors import DataError
from analysis.estimates import Design
from analysis.weighting import WeightedDataset

LEVEL = 0.05
WAVE = "wave"

Place = tuple[str, str, str, str]
"""(question, by, group, category)."""


@dataclass(frozen=True, slots=True)
class Marks:
    """`up` and `down` by place: figures above and below; `tests` by (question, by): how many."""

    differs: Mapping[Place, str]
    tests: Mapping[tuple[str, str], int]

    def of(self, place: Place) -> str:
        """“up”, “down” or nothing."""
        return self.differs.get(place, "")


NONE = Marks({}, {})


def marks(
    data: WeightedDataset, wanted: Sequence[tuple[str, Sequence[str]]], sample: Design
) -> Marks:
    """The marks of every question of `wanted` by each of its breakdowns.

    Medians and nets are not tested: nets repeat their answers, and medians have no t test.
    """
    differs: dict[Place, str] = {}
    tests: dict[tuple[str, str], int] = {}
    for name, by in wanted:
        asked = measures.asked(data.dataset, data.dataset.question(name))
        figures = [(m.category, m.values()) for m in asked.measures if m.kind in ("share", "mean")]
        for group_by in by:
            question, places = measures.groups_of(data.dataset, group_by)
            size = len(question.options)
            codes = np.where(places < size, places.astype(np.int64), -1)
            found: list[tuple[Place, Test]] = []
            for category, values in figures:
                for k, option in enumerate(question.options):
                    test = _test(values, data.weights, codes, k, sample, question.role == WAVE)
                    if test is not None and test.p is not None:
                        found.append(((name, group_by, option.code, category), test))
            tests[name, group_by] = len(found)
            for (place, test), p in zip(found, adjusted([t.p for _, t in found]), strict=True):
                if p is not None and p < LEVEL:
                    differs[place] = "up" if (test.estimate or 0) > 0 else "down"
    return Marks(differs, tests)


def _test(
    values: np.ndarray,
    weights: np.ndarray,
    codes: np.ndarray,
    group: int,
    sample: Design,
    wave: bool,
) -> Test | None:
    """None where a side has no answers: there is nothing to test."""
    try:
        if not wave:
            return against_rest(values, weights, codes, group, sample)
        if group == 0:
            return None
        pair = np.where(codes == group, 1, np.where(codes == group - 1, 0, -1))
        return t_test(values, weights, pair, sample)
    except DataError:
        return None
