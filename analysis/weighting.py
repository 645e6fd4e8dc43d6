"""Weights that make the responses match population margins.

Raking is iterative proportional fitting (Deming and Stephan 1940; R `survey::rake`). Bounded
calibration follows Deville and Särndal 1992 (R `survey::calibrate`), in `analysis.calibration`.
Both work on the distinct combinations of categories, not on rows, so a million responses cost
little more than a thousand.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis import calibration
from analysis.codebook import Question
from analysis.dataset import Dataset, read
from analysis.errors import DataError, listed
from analysis.population import CROSS, Margin, Population

TOLERANCE = 1e-12
MAX_ROUNDS = 20_000
MISSING = "Missing"
METHODS = ("rake", "logit", "linear")
MISSING_RULES = ("level", "float", "drop")

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
_SEAL = object()


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """How the weights came about and what they cost. Ratios are to the mean weight."""

    method: str
    missing: str
    iterations: int
    converged: bool
    largest_margin_gap: float
    kish_effect: float
    effective_n: float
    smallest_weight: float
    largest_weight: float
    smallest_ratio: float
    largest_ratio: float
    rows: int
    dropped: int
    population: float

    def as_dict(self) -> dict[str, Any]:
        """The figures by name, for `--diagnostics`."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class WeightedDataset:
    """A dataset with one weight per row. Without a population, weights are 1 or a given column."""

    dataset: Dataset
    weights: Floats
    weighted: bool
    population: Population | None = None
    diagnostics: Diagnostics | None = None
    _seal: object = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("a WeightedDataset is made by analysis.weighting alone")


@dataclass(frozen=True, slots=True)
class _Target:
    """A margin as the fitting sees it: each row's category (−1 = left out) and wanted shares."""

    name: str
    categories: tuple[str, ...]
    codes: Codes
    shares: Floats


def unweighted(dataset: Dataset) -> WeightedDataset:
    """The dataset with every weight 1."""
    return WeightedDataset(dataset, np.ones(len(dataset)), False, _seal=_SEAL)


def with_weights(dataset: Dataset, column: str) -> WeightedDataset:
    """The dataset weighted by one of its own columns.

    Raises DataError when a weight is missing, negative, or all are zero.
    """
    return WeightedDataset(dataset, base_weights(dataset, column), True, _seal=_SEAL)


def chosen(dataset: Dataset, what: str) -> WeightedDataset:
    """The dataset weighted by a column of its own or by a file of `id,weight`.

    Raises DataError when it is neither, or the weights do not fit.
    """
    if what in dataset.frame.columns or not Path(what).is_file():
        return with_weights(dataset, what)
    table = read(what)
    numbers = table.numbers("weight").tolist()
    return with_given(dataset, dict(zip(table.ids, numbers, strict=True)), Path(what).name)


def with_given(dataset: Dataset, given: dict[str, float], name: str) -> WeightedDataset:
    """The rows that `given` (id → weight) names, with those weights.

    Raises DataError when no row or not every weight finds its partner.
    """
    kept = np.array([i in given for i in dataset.ids])
    if int(kept.sum()) != len(given):
        raise DataError(
            f"{name}: {len(given) - int(kept.sum())} of its {len(given)} ids are not in "
            f"{dataset.name}. Use the weights that were made from this file."
        )
    chosen = dataset if kept.all() else dataset.only(kept)
    weights = np.array([given[i] for i in chosen.ids])
    return WeightedDataset(chosen, _checked(weights, name), True, _seal=_SEAL)


def base_weights(dataset: Dataset, column: str) -> Floats:
    """A column of the dataset as weights; raises DataError as `with_weights` does."""
    return _checked(dataset.numbers(column), f"{dataset.name}: column “{column}”")


def _checked(weights: Floats, place: str) -> Floats:
    bad = np.flatnonzero(~np.isfinite(weights) | (weights < 0))
    if len(bad):
        raise DataError(
            f"{place}: row {int(bad[0]) + 1} has no weight or a negative one "
            f"({len(bad)} such rows). Give each row a weight of 0 or more."
        )
    if not weights.sum() > 0:
        raise DataError(f"{place}: all weights are zero.")
    return weights


def weight(
    dataset: Dataset,
    population: Population,
    *,
    base_weight: str | None = None,
    missing: str = "level",
    method: str = "rake",
    bounds: tuple[float, float] | None = None,
) -> WeightedDataset:
    """Weight the responses to the population's margins.

    `missing`: `level` makes of the rows without an answer a category of its own whose margin is
    its (base-weighted) share of the sample; `float` leaves a row out of the step of a margin it
    does not answer; `drop` leaves such rows out altogether. `bounds` limit weight ÷ base weight,
    the base weights being scaled to the population. Weights sum to the population.

    Raises DataError when categories of data and margins do not match, or when a margin is not met
    to 1e-12 of itself, naming it.
    """
    _check_call(missing, method, bounds)
    base = base_weights(dataset, base_weight) if base_weight else np.ones(len(dataset))
    before = len(dataset)
    if missing == "drop":
        complete = np.ones(before, dtype=bool)
        for margin in population.margins:
            complete &= _margin_codes(dataset, margin) >= 0
        if not complete.any():
            raise DataError(f"{dataset.name}: no row answers every margin; use --missing level.")
        dataset, base = dataset.only(complete), base[complete]
    base = base * (population.total / base.sum())
    targets = [_target(dataset, margin, base, missing) for margin in population.margins]
    weights, rounds = _fit(base, targets, method, bounds)
    weights = weights * (population.total / math.fsum(weights))
    gap, place = _largest_gap(weights, targets)
    if not gap <= TOLERANCE:
        raise DataError(_not_met(gap, place, rounds, bounds))
    _refuse_negative(weights)
    diagnostics = _diagnose(
        weights, gap, rounds, (method, missing), before - len(dataset), population.total
    )
    return WeightedDataset(dataset, weights, True, population, diagnostics, _SEAL)


def usable(dataset: Dataset, population: Population) -> tuple[Population | None, tuple[str, ...]]:
    """The margins the responses can meet, and a sentence for each that they cannot.

    A margin that counts people as something nobody answered is left out, as is the last one while
    raking cannot meet them all. Raises DataError where labels do not match.
    """
    base = np.ones(len(dataset))
    kept, why = [], []
    for margin in population.margins:
        _margin_codes(dataset, margin)
        try:
            _target(dataset, margin, base, "level")
        except DataError as error:
            why.append(str(error).split(" Join ")[0])
        else:
            kept.append(margin)
    while kept:
        fewer = Population(tuple(kept), population.sha256, population.name)
        try:
            weight(dataset, fewer)
        except DataError:
            why.append(f"The margin “{kept.pop().name}” cannot be met together with the others.")
        else:
            return fewer, tuple(why)
    return None, tuple(why)


def kish(weights: Floats) -> tuple[float, float]:
    """Kish's design effect from unequal weights and the effective sample size (Kish 1965)."""
    squares = float(np.sum(weights * weights))
    if squares == 0:
        return math.nan, 0.0
    effective = float(np.sum(weights)) ** 2 / squares
    return len(weights) / effective, effective


def _check_call(missing: str, method: str, bounds: tuple[float, float] | None) -> None:
    if missing not in MISSING_RULES:
        raise DataError(f"“{missing}” is no rule for missing answers: {listed([*MISSING_RULES])}.")
    if method not in METHODS:
        raise DataError(f"“{method}” is no method: {listed([*METHODS])}.")
    if bounds is not None and not (0 <= bounds[0] < 1 < bounds[1]):
        raise DataError("The bounds must lie on either side of 1, such as 0.2,5.")
    if method == "logit" and bounds is None:
        raise DataError("The method logit needs --bounds, such as 0.2,5.")
    if missing == "float" and (bounds is not None or method != "rake"):
        raise DataError("--missing float works with plain raking only, without bounds.")


def margin_questions(dataset: Dataset, margin: Margin) -> list[Question]:
    """The questions a margin crosses; raises DataError when the data has no such column."""
    found = []
    for name in margin.questions:
        try:
            question = dataset.question(name)
        except DataError:
            raise DataError(
                f"The margin “{margin.name}” needs the column “{name}”, which {dataset.name} does "
                "not have. Rename one of them, or leave the margin out."
            ) from None
        if len(question.columns) != 1:
            raise DataError(
                f"The margin “{margin.name}” is a question of several answers; use one."
            )
        found.append(question)
    return found


def _margin_codes(dataset: Dataset, margin: Margin) -> Codes:
    """Each row's category in the margin; −1 where it has none. DataError for unknown labels."""
    labels: list[list[str | None]] = []
    for question in margin_questions(dataset, margin):
        outside = [o.code for o in question.options if o.not_in_population]
        cells = dataset.column(question.column)
        labels.append(cells.set(cells.is_in(outside), None).to_list())
    place = {category: code for code, category in enumerate(margin.categories)}
    codes = np.full(len(dataset), -1, dtype=np.int64)
    unknown: dict[str, int] = {}
    for row, parts in enumerate(zip(*labels, strict=True)):
        if None not in parts:
            label = CROSS.join(part for part in parts if part is not None)
            codes[row] = place.get(label, -1)
            if label not in place:
                unknown[label] = unknown.get(label, 0) + 1
    if unknown:
        raise DataError(
            f"The margin “{margin.name}” has no population figure for {listed(sorted(unknown))}, "
            f"which {sum(unknown.values())} responses in {dataset.name} have. Its categories are "
            f"{listed(list(margin.categories), 12)}. Spell them alike, or mark the option "
            "not_in_population in the codebook."
        )
    return codes


def _target(dataset: Dataset, margin: Margin, base: Floats, missing: str) -> _Target:
    codes = _margin_codes(dataset, margin)
    shares = np.array(margin.totals) / margin.total
    counts = np.bincount(codes[codes >= 0], base[codes >= 0], minlength=len(shares))
    nobody = [c for c, n in zip(margin.categories, counts, strict=True) if n == 0]
    if nobody:
        raise DataError(
            f"The margin “{margin.name}” counts people as {listed(nobody)}, but nobody in "
            f"{dataset.name} is. Join the category to a neighbour in both files, or leave the "
            "margin out."
        )
    categories = margin.categories
    absent = float(base[codes < 0].sum() / base.sum())
    if missing == "level" and absent > 0:
        shares = np.append(shares * (1 - absent), absent)
        codes = np.where(codes < 0, len(categories), codes)
        categories = (*categories, MISSING)
    return _Target(margin.name, categories, codes, shares)


def _fit(
    base: Floats, targets: list[_Target], method: str, bounds: tuple[float, float] | None
) -> tuple[Floats, int]:
    """Weights and rounds taken, worked out on the distinct combinations of categories."""
    keys, cell_of = np.unique(
        np.column_stack([t.codes for t in targets]), axis=0, return_inverse=True
    )
    cell_of = cell_of.reshape(-1)
    mass = np.bincount(cell_of, base, minlength=len(keys)).astype(np.float64)
    cells = [_Target(t.name, t.categories, keys[:, k], t.shares) for k, t in enumerate(targets)]
    if method == "rake" and bounds is None:
        ratio, rounds = _rake(mass, cells)
    else:
        columns = [keys[:, k] for k in range(len(targets))]
        wanted = [t.shares * mass.sum() for t in targets]
        ratio, rounds = calibration.solve(mass, columns, wanted, method, bounds)
    return base * ratio[cell_of], rounds


def _rake(mass: Floats, targets: list[_Target]) -> tuple[Floats, int]:
    """Raking factors per cell. Goes on past the tolerance while the fit still improves."""
    weights = mass.copy()
    best, rounds, idle = math.inf, 0, 0
    while rounds < MAX_ROUNDS:
        rounds += 1
        for target in targets:
            inside = target.codes >= 0
            sums = np.bincount(target.codes[inside], weights[inside], len(target.shares))
            factors = target.shares * sums.sum() / np.where(sums > 0, sums, 1)
            weights[inside] *= factors[target.codes[inside]]
        gap, _ = _largest_gap(weights, targets)
        idle = 0 if gap < best else idle + 1
        best = min(best, gap)
        if best <= TOLERANCE and (idle >= 3 or gap <= 1e-15):
            break
    return np.divide(weights, mass, out=np.zeros_like(mass), where=mass > 0), rounds


def _largest_gap(weights: Floats, targets: list[_Target]) -> tuple[float, str]:
    """The largest relative distance from a margin, and which margin and category it is."""
    worst, place = 0.0, ""
    for target in targets:
        inside = target.codes >= 0
        sums = np.bincount(target.codes[inside], weights[inside], len(target.shares))
        gaps = np.abs(sums / (target.shares * sums.sum()) - 1)
        k = int(np.argmax(np.where(np.isnan(gaps), np.inf, gaps)))
        if not gaps[k] <= worst:
            worst, place = float(gaps[k]), f"“{target.name}”, category “{target.categories[k]}”"
    return worst, place


def _not_met(gap: float, place: str, rounds: int, bounds: tuple[float, float] | None) -> str:
    remedy = "widen the bounds, or " if bounds else ""
    return (
        f"The weights do not meet the margin {place}: still {gap:.2g} of it away after {rounds} "
        f"rounds. The margins cannot all hold in this data; {remedy}join small categories, or "
        "leave a margin out."
    )


def _refuse_negative(weights: Floats) -> None:
    negative = int((weights < 0).sum())
    if negative:
        raise DataError(
            f"Linear calibration without bounds gives {negative} responses a negative weight. "
            "Give --bounds, such as 0.2,5, or use --method rake."
        )


def _diagnose(
    weights: Floats, gap: float, rounds: int, how: tuple[str, str], dropped: int, people: float
) -> Diagnostics:
    effect, effective = kish(weights)
    low, high, mean = float(weights.min()), float(weights.max()), float(weights.mean())
    return Diagnostics(
        method=how[0],
        missing=how[1],
        iterations=rounds,
        converged=True,
        largest_margin_gap=gap,
        kish_effect=effect,
        effective_n=effective,
        smallest_weight=low,
        largest_weight=high,
        smallest_ratio=low / mean,
        largest_ratio=high / mean,
        rows=len(weights),
        dropped=dropped,
        population=people,
    )
