"""The table of the command `compare`: a measure by groups, each comparison a row.

The figures are exact, for the analyst's own eyes; groups too small to publish are blanked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from analysis import estimates, measures
from analysis.compare.association import rao_scott
from analysis.compare.means import published, t_test
from analysis.compare.ranks import rank_test
from analysis.compare.results import Test, adjusted
from analysis.compare.waves import NO_SIGNIFICANCE
from analysis.dataset import Dataset
from analysis.errors import DataError
from analysis.estimates import Design, Estimate
from analysis.estimates.arrays import Bools, Codes, Floats
from analysis.weighting import WeightedDataset

COLUMNS = (
    "kind", "measure", "category", "group", "other", "n", "n_other", "estimate", "estimate_other",
    "difference", "se", "ci_low", "ci_high", "statistic", "df", "p", "p_adjusted", "tests", "test",
    "warnings",
)  # fmt: skip
EVERYONE, REST, PUBLISHED = "(everyone)", "(the rest)", "(published)"
TOO_FEW = "Fewer than {} answered, so the figures are not shown."

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Figure:
    """One figure of the measure: 1, 0 or NaN per row (or the number itself)."""

    category: str
    values: Floats
    share: bool


@dataclass(frozen=True, slots=True)
class _Work:
    """What every row of the table is made from. `groups` are codes, −1 for none."""

    measure: str
    weights: Floats
    sample: Design | None
    groups: Codes
    labels: list[str]
    suppress: int
    warnings: tuple[str, ...]


def compare(
    data: WeightedDataset,
    measure: str,
    by: str,
    *,
    sample: Design | None,
    against: tuple[float, float] | None = None,
    adjust: str = "holm",
    mode: str = "sample",
    suppress: int = 10,
    warnings: tuple[str, ...] = (),
) -> list[Row]:
    """Rows with the `COLUMNS`: the measure between the groups of `by`, a test each.

    kind `overall`: Rao and Scott's test of categories, rank test of a number; `pair`: each two
    groups; `rest`: each group against the others, where there are three or more; `published`: each
    group and everyone against a published (figure, standard error). p-values are adjusted within a
    kind, for `tests` of them. In `open` mode differences only, and why. Rows are blank that rest on
    fewer answers than `suppress`.

    Raises DataError for a question that cannot be compared, or fewer than two groups.
    """
    if mode not in ("open", "sample"):
        raise DataError(f"“{mode}” is no mode: open or sample.")
    figures = list(_figures(data.dataset, measure))
    labels, groups = _groups(data, by, figures)
    if against is not None and len(figures) > 1:
        raise DataError(
            f"“{measure}” has several categories, and one published figure cannot be that of all. "
            "Make a column of 1 and 0 of the answer it counts."
        )
    chance = sample if mode == "sample" else None
    told = warnings if chance is not None else (*warnings, NO_SIGNIFICANCE)
    work = _Work(measure, data.weights, chance, groups, labels, suppress, told)
    rows = [] if chance is None else list(_overall(work, figures, chance))
    rows += [row for figure in figures for row in _pairs(work, figure)]
    if len(labels) > 2:
        rows += [row for figure in figures for row in _rest(work, figure)]
    rows += _published(work, figures[0], against) if against else ()
    return _adjust(rows, adjust)


def _figures(dataset: Dataset, name: str) -> Iterator[_Figure]:
    question = dataset.question(name)
    if question.type == "long_text":
        raise DataError(f"“{name}” is answered in people's own words: use themes instead.")
    shares = [
        _Figure(found.category, found.values(), found.kind != "mean")
        for found in measures.asked(dataset, question).measures
        if found.kind != "quantile"
    ]
    if {f.category for f in shares} <= {"0", "1"}:
        shares = [f for f in shares if f.category == "1"]
    if not shares:
        raise DataError(f"“{name}” has no answers to compare; choose another column.")
    yield from shares


def _groups(data: WeightedDataset, by: str, figures: list[_Figure]) -> tuple[list[str], Codes]:
    """Labels and codes of the groups in which somebody with a weight answered."""
    question, places = measures.groups_of(data.dataset, by)
    answered = ~np.all([np.isnan(f.values) for f in figures], axis=0) & (data.weights > 0)
    codes = places.astype(np.int64)
    known = np.unique(codes[answered & (codes < len(question.options))])
    if len(known) < 2:
        raise DataError(
            f"“{by}” has fewer than two groups that answered; choose another question to group by."
        )
    table = np.full(len(question.options) + 1, -1)
    table[known] = np.arange(len(known))
    return [question.options[k].code for k in known], table[codes]


def _overall(work: _Work, figures: list[_Figure], sample: Design) -> Iterator[Row]:
    shares = [f for f in figures if f.share]
    n = int((~np.isnan(figures[0].values) & (work.groups >= 0)).sum())
    for figure in figures:
        if not figure.share:
            found = rank_test(figure.values, work.weights, work.groups, sample)
            yield _row(work, "overall", figure.category, EVERYONE, "", (n, None), found)
    exclusive = len(shares) > 1 and np.nanmax(sum(f.values for f in shares)) <= 1
    if shares and (exclusive or len(shares) == 1):
        known = ~np.isnan(shares[0].values)
        codes = np.full(len(known), -1)
        for k, figure in enumerate(shares):
            codes[known & (figure.values == 1)] = k + 1
        codes[known & (codes < 0)] = 0
        if len(np.unique(codes[codes >= 0])) > 1:
            found = rao_scott(codes, work.groups, work.weights, sample)
            yield _row(work, "overall", "", EVERYONE, "", (n, None), found)


def _pairs(work: _Work, figure: _Figure) -> Iterator[Row]:
    for low, high in combinations(range(len(work.labels)), 2):
        pair = np.where(work.groups == low, 0, np.where(work.groups == high, 1, -1))
        yield _between(work, "pair", figure, pair, (work.labels[high], work.labels[low]))


def _rest(work: _Work, figure: _Figure) -> Iterator[Row]:
    for k, label in enumerate(work.labels):
        pair = np.where(work.groups < 0, -1, (work.groups == k).astype(np.int64))
        yield _between(work, "rest", figure, pair, (label, REST))


def _between(work: _Work, kind: str, figure: _Figure, pair: Codes, names: tuple[str, str]) -> Row:
    sides = [_estimate(work, figure, pair == side) for side in (1, 0)]
    counts = (_count(work, figure, pair == 1), _count(work, figure, pair == 0))
    if None in (sides[0].value, sides[1].value):
        found = Test("", None, (), None, warnings=("One of the groups has no answer.",))
    else:
        found = t_test(figure.values, work.weights, pair, work.sample)
    return _row(work, kind, figure.category, *names, counts, found, sides[0], sides[1])


def _published(work: _Work, figure: _Figure, against: tuple[float, float]) -> Iterator[Row]:
    whole = np.ones(len(work.groups), dtype=bool)
    places = [(EVERYONE, whole)]
    places += [(label, work.groups == k) for k, label in enumerate(work.labels)]
    for label, inside in places:
        ours = _estimate(work, figure, inside)
        if work.sample is None:
            difference = None if ours.value is None else ours.value - against[0]
            found = Test("", None, (), None, difference)
        else:
            found = published(ours, *against)
        counts = (_count(work, figure, inside), None)
        theirs = Estimate(against[0], against[1])
        yield _row(
            work, "published", figure.category, label, PUBLISHED, counts, found, ours, theirs
        )


def _estimate(work: _Work, figure: _Figure, inside: Bools) -> Estimate:
    return estimates.mean(figure.values, work.weights, inside, work.sample, share=figure.share)


def _count(work: _Work, figure: _Figure, inside: Bools) -> int:
    return int((inside & ~np.isnan(figure.values) & (work.weights > 0)).sum())


def _row(
    work: _Work,
    kind: str,
    category: str,
    group: str,
    other: str,
    counts: tuple[int, int | None],
    found: Test,
    ours: Estimate = estimates.NOTHING,
    theirs: Estimate = estimates.NOTHING,
) -> Row:
    row: Row = dict.fromkeys(COLUMNS)
    row |= {"kind": kind, "measure": work.measure, "category": category}
    row |= {"group": group, "other": other, "test": found.name if work.sample else ""}
    if min(n for n in counts if n is not None) < work.suppress:
        return row | {"warnings": TOO_FEW.format(work.suppress)}
    tested = {"statistic": found.statistic, "df": " ".join(f"{d:.12g}" for d in found.df)}
    return (
        row
        | tested
        | {
            "n": counts[0],
            "n_other": counts[1],
            "estimate": ours.value,
            "estimate_other": theirs.value,
            "difference": found.estimate,
            "se": found.se,
            "ci_low": found.low,
            "ci_high": found.high,
            "p": found.p,
            "warnings": " ".join((*work.warnings, *found.warnings)),
        }
    )


def _adjust(rows: list[Row], how: str) -> list[Row]:
    """Within each kind of comparison; `tests` is how many p-values there are."""
    for kind in dict.fromkeys(row["kind"] for row in rows):
        family = [row for row in rows if row["kind"] == kind]
        p = adjusted([row["p"] for row in family], how)
        tests = sum(value is not None for value in p)
        for row, value in zip(family, p, strict=True):
            row["p_adjusted"], row["tests"] = value, tests
    return rows
