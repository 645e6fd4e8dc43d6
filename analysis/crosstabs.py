"""Questions for everyone and by groups: exact figures, for the analyst's eyes only.

What is published goes through `disclosure` first.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis import estimates
from analysis.codebook import TABLED, Question
from analysis.dataset import Dataset
from analysis.errors import DataError, listed
from analysis.estimates import Design, Estimate, intervals
from analysis.estimates.figures import shrunk
from analysis.estimates.moments import Codes, Moments, moments
from analysis.measures import MEAN, MEDIAN, Asked, Measure, asked, groups_of
from analysis.weighting import WeightedDataset

__all__ = ["COLUMNS", "MEAN", "MEDIAN", "Table", "check_names", "groups_of", "tables", "tabulate"]

COLUMNS = (
    "question", "category", "by", "group", "estimate", "se", "ci_low", "ci_high",
    "n", "weighted_n", "n_effective", "deff", "suppressed",
)  # fmt: skip

AT_ONCE = 64
"""Questions whose codes are held in memory together."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. `count` is how many gave the answer, unweighted; None for a mean or quantile.

    `at` is the share of people at or below a quantile.
    """

    category: str
    estimate: Estimate
    count: int | None
    net: bool = False
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A column of the table: who they are, how many answered, and their figures."""

    by: str
    group: str
    n: int
    weighted_n: float
    n_effective: float
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The groups of one question, and those who are in none of them."""

    by: Question
    groups: tuple[Group, ...]
    unstated: Group


@dataclass(frozen=True, slots=True)
class Table:
    """One question × everyone and every breakdown, exact. Not publishable."""

    question: Question
    everyone: Group
    breakdowns: tuple[Breakdown, ...]
    responses: int
    asked: int
    sample: bool = False

    @property
    def several(self) -> bool:
        """Whether respondents could tick more than one answer."""
        return self.question.type == "choices"


@dataclass(frozen=True)
class _Split:
    """Rows in groups: each row's place among the options of a question, their number for none."""

    by: Question | None
    codes: Codes

    @cached_property
    def labels(self) -> list[str]:
        return [o.code for o in self.by.options] if self.by else [""]

    def inside(self, place: int) -> Bools:
        """The rows of one group."""
        return np.asarray(self.codes == place)


@dataclass(frozen=True)
class _Work:
    """What every figure is made from."""

    weights: Floats
    sample: Design | None
    #: Whether rows were drawn one by one at random: then sums by group tell all.
    plain: bool
    sizes: dict[int, NDArray[np.int64]] = field(default_factory=dict)

    def group_size(self, split: _Split, place: int | None) -> int:
        """Rows with weight in a group, answered or not; everyone with None."""
        if id(split) not in self.sizes:
            self.sizes[id(split)] = np.bincount(
                split.codes[self.weights > 0], minlength=len(split.labels) + 1
            )
        sizes = self.sizes[id(split)]
        return int(sizes.sum() if place is None else sizes[place])


def tabulate(
    data: WeightedDataset, question_id: str, by: Iterable[str] = (), sample: Design | None = None
) -> Table:
    """The table of one question: see `tables`."""
    return tables(data, [(question_id, tuple(by))], sample)[0]


def tables(
    data: WeightedDataset,
    wanted: Sequence[tuple[str, Sequence[str]]],
    sample: Design | None = None,
    quantiles: Sequence[float] = (),
) -> list[Table]:
    """Tables of questions, each with what to break it down by: columns, or crossings `a*b`.

    With a `sample` design every figure carries its standard error, interval and design effect.
    Questions with numbers have rows for the `quantiles` too, shares between 0 and 1.

    Raises DataError when a question is unknown, open text, or cannot be broken down by.
    """
    dataset, weights = data.dataset, data.weights
    plain = sample is None or (sample.plain and bool((weights > 0).all()))
    work = _Work(weights, sample, plain)
    names = list(dict.fromkeys(name for _, by in wanted for name in by))
    whole = _Split(None, np.zeros(len(dataset), dtype=np.uint8))
    grouped = {name: groups_of(dataset, name) for name in names}
    bys = {name: by for name, (by, _) in grouped.items()}
    splits = {name: _Split(by, codes) for name, (by, codes) in grouped.items()}
    found: list[Table] = []
    for start in range(0, len(wanted), AT_ONCE):
        part = [
            (_question(dataset, name, quantiles), by)
            for name, by in wanted[start : start + AT_ONCE]
        ]
        asked_of = [question for question, _ in part]
        sums = {name: _sums(asked_of, split, work) for name, split in splits.items()}
        if not sums or any(not by for _, by in part):
            sums[""] = _sums(asked_of, whole, work)
        for k, (question, by) in enumerate(part):
            any_split = splits[by[0]] if by else whole
            everyone = _group(question, sums[by[0] if by else ""][k], any_split, None, work)
            breakdowns = tuple(
                _breakdown(bys[name], question, sums[name][k], splits[name], work) for name in by
            )
            found.append(
                Table(
                    question.question, everyone, breakdowns, len(dataset),
                    int(question.asked.sum()), sample is not None,
                )
            )  # fmt: skip
    return found


def _question(dataset: Dataset, question_id: str, quantiles: Sequence[float]) -> Asked:
    question = dataset.question(question_id)
    if question.type == "long_text":
        raise DataError(f"“{question_id}” is answered in people's own words: use themes instead.")
    if question.type not in TABLED:
        raise DataError(
            f"“{question_id}” is a question of type {question.type}, of which no table is made "
            "yet. Its answers are in the file of responses."
        )
    return asked(dataset, question, quantiles)


def _sums(questions: Sequence[Asked], split: _Split, work: _Work) -> list[list[Moments]]:
    """The moments of every coded column of every question, and of who answered it, by group."""
    columns = [column for question in questions for column in question.coded]
    found = iter(
        moments(
            split.codes,
            len(split.labels),
            [column.codes for column in columns],
            [column.size for column in columns],
            work.weights,
        )
    )
    return [[next(found) for _ in question.coded] for question in questions]


def _breakdown(
    by: Question, question: Asked, sums: list[Moments], split: _Split, work: _Work
) -> Breakdown:
    there = [k for k in range(len(split.labels)) if split.inside(k).any()]
    groups = tuple(_group(question, sums, split, k, work) for k in there)
    rest = _group(question, sums, split, len(split.labels), work)
    return Breakdown(by, groups, rest)


def _group(
    question: Asked, sums: list[Moments], split: _Split, place: int | None, work: _Work
) -> Group:
    """One column; `place` is the group's, their number for those in none, None for everyone."""
    rows = slice(None) if place is None else slice(place, place + 1)
    base = sums[0]
    n = int(base.rows[rows, :-1].sum())
    weighted = float(base.weight[rows, :-1].sum())
    squares = float(base.square[rows, :-1].sum())
    name = "" if place is None or place >= len(split.labels) else split.labels[place]
    cells = []
    for measure in question.measures:
        if measure.column is None:
            cells.append(_of_values(measure, split, place, work))
            continue
        told = sums[measure.column]
        places = list(measure.places)
        count = int(told.rows[rows][:, places].sum())
        if work.plain:
            size = work.group_size(split, place)
            weight, square = (float(x[rows][:, places].sum()) for x in (told.weight, told.square))
            estimate = _share(weight, weighted, square, squares, n, size, work)
        else:
            estimate = _of_values(measure, split, place, work).estimate
        cells.append(Cell(measure.category, estimate, count, measure.kind == "net"))
    return Group(
        split.by.id if split.by and place is not None else "",
        name,
        n,
        weighted,
        weighted**2 / squares if squares > 0 else 0.0,
        tuple(cells),
    )


def _of_values(measure: Measure, split: _Split, place: int | None, work: _Work) -> Cell:
    """A figure worked out row by row: means, quantiles, and shares under a complex design."""
    everyone = np.ones(len(work.weights), dtype=bool)
    inside = everyone if place is None else split.inside(place)
    values = measure.values()
    if measure.at is not None:
        told = estimates.quantile(values, work.weights, inside, work.sample, measure.at)
        return Cell(measure.category, told, None, at=measure.at)
    share = measure.kind in ("share", "net")
    found = estimates.mean(values, work.weights, inside, work.sample, share=share)
    return Cell(measure.category, found, None)


def _share(
    weight: float, base: float, square: float, squares: float, n: int, size: int, work: _Work
) -> Estimate:
    """A share from its sums, equal to `estimates.mean` under simple random sampling.

    `weight` and `square` are Σw and Σw² of those who gave the answer, `base` and `squares` of all
    who answered, `n` how many these are and `size` how many are in the group.
    """
    if not base > 0:
        return estimates.NOTHING
    share = weight / base
    sample = work.sample
    if sample is None:
        return Estimate(share)
    if not 0 < share < 1:
        share = float(round(share))
        ends = intervals.clopper_pearson(share, base**2 / squares) if n > 1 else None
        return Estimate(share, None, *(ends or (None, None)))
    if n < 2:
        return Estimate(share)
    # Σw²(y−p)²; y is 1 for those who gave the answer and 0 for the others.
    spread = square * (1 - 2 * share) + share**2 * squares
    variance = float(sample.stages[0].factors[0]) * max(spread, 0.0) / base**2
    se = math.sqrt(variance)
    simple = share * (1 - share) * n / (n - 1)
    simple *= shrunk(base, n) / n
    low, high = intervals.xlogit(share, se, size - 1) or (None, None)
    return Estimate(share, se, low, high, variance / simple if simple > 0 else None)


def check_names(dataset: Dataset, names: Iterable[str]) -> None:
    """Raise one DataError that lists every name the dataset has no question for."""
    unknown = []
    for name in names:
        for part in name.split("*"):
            try:
                dataset.question(part)
            except DataError:
                unknown.append(part)
    if unknown:
        known = [q.id for q in dataset.codebook.questions] or dataset.frame.columns
        raise DataError(
            f"{dataset.name}: there is no question or column {listed(unknown)}. "
            f"There are: {listed(list(known), 20)}."
        )
