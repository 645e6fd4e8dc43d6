"""A question for everyone and by groups: exact figures, for the analyst's eyes only.

What is published goes through `disclosure.protect` first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis import estimates
from analysis.codebook import TABLED, Option, Question
from analysis.dataset import Dataset
from analysis.errors import DataError, listed
from analysis.estimates import Design, Estimate
from analysis.weighting import WeightedDataset, kish

MEAN, MEDIAN = "(mean)", "(median)"
COLUMNS = (
    "question", "category", "by", "group", "estimate", "se", "ci_low", "ci_high",
    "n", "weighted_n", "n_effective", "deff", "suppressed",
)  # fmt: skip

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. `count` is how many gave the answer, unweighted; None for a mean or median."""

    category: str
    estimate: Estimate
    count: int | None
    net: bool = False


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


@dataclass(frozen=True, slots=True)
class _Measure:
    """A category of the question: 1, 0 or NaN per row (or the number itself), and its name."""

    category: str
    values: Floats
    kind: str  # share | net | mean | median


def tabulate(
    data: WeightedDataset,
    question_id: str,
    by: Iterable[str] = (),
    sample: Design | None = None,
) -> Table:
    """The table of one question for everyone and by each of the `by` questions separately.

    With a `sample` design every figure carries its standard error, interval and design effect.
    Raises DataError when a question is unknown, open text, or cannot be broken down by.
    """
    dataset = data.dataset
    question = with_options(dataset, dataset.question(question_id))
    if question.type == "long_text":
        raise DataError(f"“{question_id}” is answered in people's own words: use themes instead.")
    if question.type not in TABLED:
        raise DataError(
            f"“{question_id}” is a question of type {question.type}, of which no table is made "
            "yet. Its answers are in the file of responses."
        )
    measures, answered, asked = _measures(dataset, question)
    whole = np.ones(len(dataset), dtype=bool)
    everyone = _group("", "", whole, measures, answered, data.weights, sample)
    breakdowns = []
    for name in by:
        split, codes = groups_of(dataset, name)
        groups = [
            _group(name, option.code, codes == k, measures, answered, data.weights, sample)
            for k, option in enumerate(split.options)
            if (codes == k).any()
        ]
        rest = _group(name, "", codes < 0, measures, answered, data.weights, None)
        breakdowns.append(Breakdown(split, tuple(groups), rest))
    return Table(
        question, everyone, tuple(breakdowns), len(dataset), int(asked.sum()), sample is not None
    )


def with_options(dataset: Dataset, question: Question) -> Question:
    """The question with an option for every code the file holds: no answer is lost.

    Codes that the codebook does not know follow its own options.
    """
    if question.type not in ("choice", "scale"):
        return question
    found = dataset.column(question.column).drop_nulls().unique().to_list()
    known = {o.code for o in question.options}
    extra = tuple(Option(code, code) for code in sorted(set(found) - known))
    if not extra:
        return question
    return replace(question, options=(*question.options, *extra))


def groups_of(dataset: Dataset, name: str) -> tuple[Question, NDArray[np.int64]]:
    """A question to break down by, and each row's group as the place of its option; −1 = none."""
    question = with_options(dataset, dataset.question(name))
    if question.type not in ("choice", "scale"):
        raise DataError(
            f"Figures cannot be broken down by “{name}”, which is a question of type "
            f"{question.type}. Use one with a single answer, or make bands of it first."
        )
    return question, _codes(dataset.column(question.column), question)


def _codes(cells: pl.Series, question: Question) -> NDArray[np.int64]:
    place = {option.code: k for k, option in enumerate(question.options)}
    return cells.replace_strict(place, default=-1, return_dtype=pl.Int64).fill_null(-1).to_numpy()


def _measures(dataset: Dataset, question: Question) -> tuple[list[_Measure], Bools, Bools]:
    """The categories, who answered, and who was asked."""
    if question.type == "choices":
        return _ticked(dataset, question)
    asked = dataset.asked(question.column)
    if question.numeric:
        values = dataset.numbers(question.column)
        both = [_Measure(MEAN, values, "mean"), _Measure(MEDIAN, values, "median")]
        return both, ~np.isnan(values), asked
    codes = _codes(dataset.column(question.column), question)
    answered = codes >= 0
    measures = [
        _Measure(option.code, np.where(answered, codes == k, np.nan), "share")
        for k, option in enumerate(question.options)
    ]
    place = {option.code: k for k, option in enumerate(question.options)}
    for net in question.nets:
        members = [place[code] for code in net.codes if code in place]
        together = np.where(answered, np.isin(codes, members), np.nan)
        measures.append(_Measure(net.id, together, "net"))
    return measures, answered, asked


def _ticked(dataset: Dataset, question: Question) -> tuple[list[_Measure], Bools, Bools]:
    """Options of a question with several answers; whoever left every box empty did not answer."""
    columns = [dataset.numbers(c.name) for c in question.columns]
    for column, values in zip(question.columns, columns, strict=True):
        if not np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
            raise DataError(
                f"{dataset.name}: column “{column.name}” is one option of several and must hold "
                "1, 0 or nothing."
            )
    answered = ~np.all(np.isnan(columns), axis=0)
    asked = dataset.asked(question.column)
    measures = [
        _Measure(
            column.option or column.name,
            np.where(answered, np.nan_to_num(values), np.nan),
            "share",
        )
        for column, values in zip(question.columns, columns, strict=True)
    ]
    return measures, answered, asked


def _group(
    by: str,
    group: str,
    inside: Bools,
    measures: list[_Measure],
    answered: Bools,
    weights: Floats,
    sample: Design | None,
) -> Group:
    base = inside & answered
    n = int(base.sum())
    effective = kish(weights[base])[1] if n else 0.0
    cells = []
    for measure in measures:
        share = measure.kind in ("share", "net")
        if measure.kind == "median":
            estimate = estimates.median(measure.values, weights, inside, sample)
        else:
            estimate = estimates.mean(measure.values, weights, inside, sample, share=share)
        count = int(np.nansum(measure.values[base])) if share else None
        cells.append(Cell(measure.category, estimate, count, measure.kind == "net"))
    return Group(by, group, n, float(weights[base].sum()), effective, tuple(cells))


def check_names(dataset: Dataset, names: Iterable[str]) -> None:
    """Raise one DataError that lists every name the dataset has no question for."""
    unknown = []
    for name in names:
        try:
            dataset.question(name)
        except DataError:
            unknown.append(name)
    if unknown:
        known = [q.id for q in dataset.codebook.questions] or dataset.frame.columns
        raise DataError(
            f"{dataset.name}: there is no question or column {listed(unknown)}. "
            f"There are: {listed(list(known), 20)}."
        )
