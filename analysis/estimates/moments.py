"""Sums by group and answer of many questions at once: all that shares and their errors need.

Under simple random sampling (with weights, without clusters or strata) the variance of a group's
share rests on Σw and Σw² of the group's answers alone (Särndal, Swensson and Wretman 1992, eq.
5.8.4), so rows are gone through once and never held beside their scores. Questions are counted
together, by the combinations of their answers, as many as stay in the processor's cache, and
parted afterwards: each row is then added up a third as often.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.estimates.arrays import Floats

Codes = NDArray[np.integer[Any]]

BLOCK = 1 << 16
TOGETHER = 1 << 13
"""Rows a block; combinations counted at once, whose sums must fit the cache with the block."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Of one question, (groups + 1, answers + 1): rows, Σw and Σw². The last are “in none”."""

    rows: Floats
    weight: Floats
    square: Floats

    def shares(self) -> Floats:
        """Shares of each answer in each group, (groups, answers); NaN in an empty group."""
        told = self.weight[:-1, :-1]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(told / told.sum(axis=1, keepdims=True))

    def errors(self, file: int) -> Floats:
        """Standard errors of the shares in a sample of `file` rows drawn at random.

        R `svyby(…, svymean)` for a design with weights alone: a group is a domain, with
        n ÷ (n − 1) of the whole file.
        """
        share = self.shares()
        told, squares = self.weight[:-1, :-1], self.square[:-1, :-1]
        base = told.sum(axis=1, keepdims=True)
        # Σw²(y−p)² over the group's answers, y being 1 for this answer and 0 for the others.
        spread = squares * (1 - 2 * share) + share**2 * squares.sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.sqrt(np.maximum(spread, 0) * file / (file - 1)) / base)


def moments(
    groups: Codes,
    count: int,
    questions: Sequence[Codes],
    sizes: Sequence[int],
    weights: Floats | None = None,
    *,
    squares: bool = True,
) -> list[Moments]:
    """The sums of every question by group, in the order of the questions.

    `groups` (rows,) are codes from 0 to `count`, `questions[q]` (rows,) codes from 0 to
    `sizes[q]`; the last stands for no group and no answer. Without `weights` each is 1; without
    `squares` there are no Σw². Uses a few hundred kilobytes besides its input.
    """
    found: list[Moments] = []
    at = 0
    while at < len(questions):
        spans, until = [count + 1], at
        while until < len(questions) and (
            until == at or np.prod(spans) * (sizes[until] + 1) <= TOGETHER
        ):
            spans.append(sizes[until] + 1)
            until += 1
        sums = _counted([groups, *questions[at:until]], spans, weights, squares)
        for axis in range(1, len(spans)):
            others = tuple(a for a in range(1, len(spans)) if a != axis)
            found.append(Moments(*(cells.sum(axis=others) for cells in sums)))
        at = until
    return found


def _counted(
    columns: Sequence[Codes], spans: Sequence[int], weights: Floats | None, squares: bool
) -> tuple[Floats, Floats, Floats]:
    """Rows, Σw and Σw² of every combination, in the shape of `spans`."""
    total = int(np.prod(spans))
    kind = np.uint16 if total <= 1 << 16 else np.int64
    rows, weight, square = np.zeros(total), np.zeros(total), np.zeros(total)
    place = np.empty(BLOCK, dtype=kind)
    wide = np.empty(BLOCK, dtype=np.intp)
    for start in range(0, len(columns[0]), BLOCK):
        part = slice(start, start + BLOCK)
        here = place[: len(columns[0][part])]
        np.copyto(here, columns[0][part], casting="unsafe")
        for column, span in zip(columns[1:], spans[1:], strict=True):
            np.multiply(here, kind(span), out=here)
            np.add(here, column[part], out=here, casting="unsafe")
        index = wide[: len(here)]
        np.copyto(index, here)
        rows += np.bincount(index, minlength=total)
        if weights is not None:
            w = weights[part]
            weight += np.bincount(index, w, minlength=total)
            if squares:
                square += np.bincount(index, w * w, minlength=total)
    if weights is None:
        weight = square = rows
    shape = tuple(spans)
    return rows.reshape(shape), weight.reshape(shape), square.reshape(shape)
