"""What is counted of a question: its answers as codes and numbers, one figure a measure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analysis.codebook import Option, Question
from analysis.dataset import Dataset
from analysis.errors import DataError
from analysis.estimates.moments import Codes

MEAN, MEDIAN = "(mean)", "(median)"
HALF = 0.5
QUANTILE = "(quantile"
CROSS = "*"

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of codes (rows,) from 0 to `size`; the last is no answer."""

    codes: Codes
    size: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a question.

    `kind` is share, net, mean or quantile. A share counts the rows whose code in the coded column
    number `column` is one of `places`; a mean is of `values()` (rows,), NaN where nobody answered,
    and so is a quantile, the value with the share `at` of people at or below it.
    """

    category: str
    kind: str
    values: Callable[[], Floats]
    column: int | None = None
    places: tuple[int, ...] = ()
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its answers. The first of `coded` also tells who answered it."""

    question: Question
    coded: tuple[Coded, ...]
    measures: tuple[Measure, ...]
    asked: Bools


def asked(dataset: Dataset, question: Question, quantiles: Sequence[float] = ()) -> Asked:
    """The question with its measures; of numbers their mean, median and the `quantiles`.

    Raises DataError for cells that are no answers to it.
    """
    question = with_options(dataset, question)
    on_route = dataset.asked(question.column)
    if question.type == "choices":
        coded, measures = _ticked(dataset, question)
    elif question.type in ("ranking", "points", "best_worst"):
        coded, measures = _traded(dataset, question)
    elif question.numeric:
        values = dataset.numbers(question.column)
        coded = (_answered(~np.isnan(values)),)
        more = [(f"{QUANTILE} {at:g})", at) for at in quantiles if at != HALF]
        measures = (
            Measure(MEAN, "mean", lambda: values),
            *(
                Measure(name, "quantile", lambda: values, at=at)
                for name, at in ((MEDIAN, HALF), *more)
            ),
        )
    else:
        coded, measures = _single(dataset, question)
    return Asked(question, coded, measures, on_route)


def with_options(dataset: Dataset, question: Question) -> Question:
    """The question with an option for every code the file holds: no answer is lost.

    Codes that the codebook does not know follow its own options.
    """
    if question.type not in ("choice", "scale"):
        return question
    known = {o.code for o in question.options}
    extra = tuple(Option(c, c) for c in dataset.distinct(question.column) if c not in known)
    return replace(question, options=(*question.options, *extra)) if extra else question


def groups_of(dataset: Dataset, name: str) -> tuple[Question, Codes]:
    """A question to break down by, and each row's place among its options, their number for none.

    `a*b` crosses two or more: a group for every combination, `Rugby*Female`, as in margins.
    """
    parts = [_single_group(dataset, part) for part in name.split(CROSS)]
    if len(parts) == 1:
        return parts[0]
    questions = [question for question, _ in parts]
    combined = tuple(
        Option(CROSS.join(o.code for o in chosen), ", ".join(o.label for o in chosen))
        for chosen in product(*(q.options for q in questions))
    )
    none = len(combined)
    spans = [len(q.options) + 1 for q in questions]
    table: Codes = np.full(spans, none, dtype=np.uint8 if none < 1 << 8 else np.uint32)
    table[tuple(slice(0, -1) for _ in spans)] = np.arange(none).reshape([s - 1 for s in spans])
    both = replace(
        questions[0],
        id=name,
        text=" and ".join(q.text for q in questions),
        short=" and ".join(q.short for q in questions),
        options=combined,
        nets=(),
    )
    return both, np.asarray(table[tuple(codes for _, codes in parts)])


def _single_group(dataset: Dataset, name: str) -> tuple[Question, Codes]:
    question = with_options(dataset, dataset.question(name))
    if question.type not in ("choice", "scale"):
        raise DataError(
            f"Figures cannot be broken down by “{name}”, which is a question of type "
            f"{question.type}. Use one with a single answer, or make bands of it first."
        )
    return question, dataset.coded(question.column, [o.code for o in question.options])


def _answered(known: Bools) -> Coded:
    """A column that tells only who answered."""
    return Coded((~known).astype(np.uint8), 1)


def _single(dataset: Dataset, question: Question) -> tuple[tuple[Coded, ...], tuple[Measure, ...]]:
    codes = [o.code for o in question.options]
    column = Coded(dataset.coded(question.column, codes), len(codes))
    place = {code: k for k, code in enumerate(codes)}

    def counted(category: str, kind: str, places: tuple[int, ...]) -> Measure:
        return Measure(category, kind, lambda: _told(column, places), 0, places)

    shares = [counted(code, "share", (k,)) for k, code in enumerate(codes)]
    nets = [
        counted(net.id, "net", tuple(place[c] for c in net.codes if c in place))
        for net in question.nets
    ]
    return (column,), (*shares, *nets)


def _told(column: Coded, places: tuple[int, ...]) -> Floats:
    """1 for the rows with one of the codes, 0 for other answers, NaN for none."""
    table = np.zeros(column.size + 1)
    table[list(places)] = 1.0
    table[-1] = np.nan
    return np.asarray(table[column.codes])


def _ticked(dataset: Dataset, question: Question) -> tuple[tuple[Coded, ...], tuple[Measure, ...]]:
    """Options of a question with several answers; whoever left every box empty did not answer."""
    boxes = []
    for column in question.columns:
        codes = dataset.coded(column.name, ["1", "0"])
        strange = [v for v in dataset.distinct(column.name) if v not in ("0", "1")]
        if strange:
            values = dataset.numbers(column.name)  # 1.0 is as good as 1
            if not np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
                raise DataError(
                    f"{dataset.name}: column “{column.name}” is one option of several and must "
                    "hold 1, 0 or nothing."
                )
            codes = np.where(np.isnan(values), 2, np.where(values == 1, 0, 1)).astype(np.uint8)
        boxes.append(codes)
    empty = np.ones(len(dataset), dtype=bool)
    for codes in boxes:
        empty &= codes == 2
    columns = [
        Coded(np.where(empty, 2, np.minimum(codes, 1)).astype(np.uint8), 2) for codes in boxes
    ]
    measures = [
        Measure(c.option or c.name, "share", _values_of(columns[k], 0), k, (0,))
        for k, c in enumerate(question.columns)
    ]
    return tuple(columns), tuple(measures)


def _values_of(column: Coded, place: int) -> Callable[[], Floats]:
    return lambda: _told(column, (place,))


def _traded(dataset: Dataset, question: Question) -> tuple[tuple[Coded, ...], tuple[Measure, ...]]:
    """Rankings (share ranked first, mean rank), points (mean) and best–worst scores (mean).

    A best–worst score is +1 where an option was called best, −1 worst, 0 neither, over the sets in
    which it was shown (Marley and Louviere 2005, J. Math. Psych. 49:464).
    """
    if question.type == "best_worst":
        scores = _best_worst(dataset, question)
        known = ~np.all([np.isnan(v) for v in scores.values()], axis=0)
        return (_answered(known),), tuple(
            Measure(f"{code} {MEAN}", "mean", _constant(v)) for code, v in scores.items()
        )
    columns = {c.option or c.name: dataset.numbers(c.name) for c in question.columns}
    known = ~np.all([np.isnan(v) for v in columns.values()], axis=0)
    if question.type == "points":
        given = {code: np.where(known, np.nan_to_num(v), np.nan) for code, v in columns.items()}
        return (_answered(known),), tuple(
            Measure(f"{code} {MEAN}", "mean", _constant(v)) for code, v in given.items()
        )
    # A ranking without a first place is an answer all the same: the last code but one.
    first = np.where(known, len(columns), len(columns) + 1).astype(np.uint8)
    for k, ranks in enumerate(columns.values()):
        first[ranks == 1] = k
    column = Coded(first, len(columns) + 1)
    shares = [
        Measure(code, "share", _values_of(column, k), 0, (k,)) for k, code in enumerate(columns)
    ]
    means = [Measure(f"{code} {MEAN}", "mean", _constant(v)) for code, v in columns.items()]
    return (column,), (*shares, *means)


def _constant(values: Floats) -> Callable[[], Floats]:
    return lambda: values


def _best_worst(dataset: Dataset, question: Question) -> dict[str, Floats]:
    """Per option the row's mean score over the sets that it answered and that showed the option.

    Columns come in pairs, the best and the worst of a set; which options a set showed is what
    anyone chose in it.
    """
    codes = [o.code for o in question.options]
    total, shown = np.zeros((len(codes), len(dataset))), np.zeros((len(codes), len(dataset)))
    for best, worst in zip(question.columns[::2], question.columns[1::2], strict=True):
        first = dataset.coded(best.name, codes)
        last = dataset.coded(worst.name, codes)
        answered = (first < len(codes)) | (last < len(codes))
        for k in range(len(codes)):
            if (first == k).any() or (last == k).any():
                total[k] += (first == k).astype(float) - (last == k)
                shown[k] += answered
    with np.errstate(invalid="ignore", divide="ignore"):
        return {code: np.asarray(total[k] / shown[k]) for k, code in enumerate(codes)}
