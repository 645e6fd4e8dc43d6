"""Weights that make the responses match population margins: the one place that makes them.

Raking is iterative proportional fitting (Deming and Stephan 1940; R `survey::rake`). Bounded
calibration follows Deville and Särndal 1992 (R `survey::calibrate`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.dataset import Dataset, read
from analysis.errors import DataError, listed
from analysis.population import Margin, Population
from analysis.weighting import calibration, raking
from analysis.weighting.cells import Floats, collapse
from analysis.weighting.raking import TOLERANCE, Fit
from analysis.weighting.targets import Join, Target, codes_of, doubts, joined, target_of

METHODS = ("rake", "logit", "linear")
MISSING_RULES = ("level", "float", "drop")
Bounds = tuple[float, float]
LARGEST = 1e100

_SEAL = object()


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """How the weights came about and what they cost. Ratios are to the mean weight."""

    method: str
    missing: str
    bounds: Bounds | None
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
    within: str
    joined: tuple[str, ...]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The figures by name, for `--diagnostics`."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class WeightedDataset:
    """A dataset with one weight per row. Without a population, weights are 1 or a given column.

    `base` are the weights that fitting started from (None: all equal) and `targets` the margins
    they meet: what standard errors that take the gain from weighting into account need.
    """

    dataset: Dataset
    weights: Floats
    weighted: bool
    population: Population | None = None
    diagnostics: Diagnostics | None = None
    base: Floats | None = None
    targets: tuple[Target, ...] = ()
    _seal: object = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("a WeightedDataset is made by analysis.weighting alone")


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
    return with_given(dataset, table.ids, table.numbers("weight"), Path(what).name)


def with_given(dataset: Dataset, ids: pl.Series, given: Floats, name: str) -> WeightedDataset:
    """The rows that `ids` name, with the weights `given` in their order; others are dropped.

    Raises DataError when no row or not every weight finds its partner.
    """
    partners = pl.DataFrame({"id": ids, "weight": given})
    found = pl.DataFrame({"id": dataset.ids}).join(
        partners, on="id", how="left", maintain_order="left"
    )
    kept = found["weight"].is_not_null()
    strangers = len(ids) - int(kept.sum())
    if strangers:
        raise DataError(
            f"{name}: {strangers} of its {len(ids)} ids are not in "
            f"{dataset.name}. Use the weights that were made from this file."
        )
    if not kept.all():
        dataset = dataset.only(kept.to_numpy(), f"no weight in {name}")
    weights = found["weight"].filter(kept).to_numpy()
    return WeightedDataset(dataset, _checked(weights, name), True, _seal=_SEAL)


def write(data: WeightedDataset, path: Path) -> None:
    """Write `id,weight`, every weight at full precision. A file of that name is replaced whole."""
    part = path.with_name(f".{path.name}.part")
    pl.DataFrame({"id": data.dataset.ids, "weight": data.weights}).write_csv(part)
    part.replace(path)


def base_weights(dataset: Dataset, column: str) -> Floats:
    """A column of the dataset as weights; raises DataError as `with_weights` does."""
    return _checked(dataset.numbers(column), f"{dataset.name}: column “{column}”")


def _checked(weights: Floats, place: str) -> Floats:
    # Squares of weights are added up, which beyond this are no numbers any more.
    bad = np.flatnonzero(~(weights <= LARGEST) | (weights < 0))
    if len(bad):
        raise DataError(
            f"{place}: row {int(bad[0]) + 1} has no weight, a negative one or one that is too "
            f"large ({len(bad)} such rows). Give each row a weight of 0 or more."
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
    bounds: Bounds | None = None,
    joins: Sequence[Join] = (),
    within: str | None = None,
) -> WeightedDataset:
    """Weight the responses to the population's margins.

    `missing`: `level` makes of the rows without an answer a category of its own whose margin is
    its (base-weighted) share of the sample; `float` leaves a row out of the step of a margin it
    does not answer; `drop` leaves such rows out altogether. `bounds` limit weight ÷ base weight,
    the base weights being scaled to the population. `joins` put categories together. `within`
    weights each wave or strand by itself, each to its part of the population by its base weights.
    Weights sum to the population.

    Raises DataError when categories of data and margins do not match, or when a margin is not met
    to 1e-12 of itself, naming it.
    """
    _check_call(missing, method, bounds)
    base = base_weights(dataset, base_weight) if base_weight else None
    margins = joined(population, joins)
    before = len(dataset)
    if missing == "drop":
        dataset, base = _complete(dataset, margins, joins, base)
    parts = _parts(dataset, within)
    weights, fits = np.zeros(len(dataset)), []
    found: tuple[Target, ...] = ()
    for name, rows in parts.items():
        try:
            fitted = _weigh(dataset, margins, joins, base, rows, (missing, method, bounds))
        except DataError as error:
            where = f"Within {within} “{name}”: " if within else ""
            raise DataError(f"{where}{error}") from None
        found, fit = fitted.targets, fitted.fit
        weights[rows if rows is not None else slice(None)] = fitted.weights
        fits.append((name, fit, fitted.warnings))
    weights *= population.total / math.fsum(weights)
    said = [f"{within} “{n}”: {s}" if within else s for n, _, doubt in fits for s in doubt]
    diagnostics = _diagnose(
        weights, max(fits, key=lambda f: f[1].gap)[1], sum(f.rounds for _, f, _ in fits),
        {
            "method": method, "missing": missing, "bounds": bounds, "within": within or "",
            "joined": tuple(map(str, joins)), "warnings": tuple(said),
            "dropped": before - len(dataset), "population": population.total,
        },
    )  # fmt: skip
    # Weighted in parts, no one set of margins is met by all rows together.
    targets = found if within is None else ()
    return WeightedDataset(dataset, weights, True, margins, diagnostics, base, targets, _SEAL)


@dataclass(frozen=True, slots=True)
class _Fitted:
    weights: Floats
    targets: tuple[Target, ...]
    fit: Fit
    warnings: tuple[str, ...]


def _parts(dataset: Dataset, within: str | None) -> Mapping[str, NDArray[np.bool_] | None]:
    """The rows of each wave or strand; None stands for all rows."""
    if within is None:
        return {"": None}
    names = dataset.distinct(within)
    codes = dataset.coded(within, names)
    if (codes == len(names)).any():
        row = int(np.argmax(codes == len(names))) + 1
        raise DataError(
            f"{dataset.name}: column “{within}” is empty in row {row}; fill it in to weight "
            "each of its groups by itself."
        )
    return {name: codes == k for k, name in enumerate(names)}


def _complete(
    dataset: Dataset, margins: Population, joins: Sequence[Join], base: Floats | None
) -> tuple[Dataset, Floats | None]:
    """The rows that answer every margin."""
    complete = np.ones(len(dataset), dtype=bool)
    for margin in margins.margins:
        complete &= codes_of(dataset, margin, joins) < len(margin.categories)
    if not complete.any():
        raise DataError(f"{dataset.name}: no row answers every margin; use --missing level.")
    return (
        dataset.only(complete, "no answer to a margin"),
        base if base is None else base[complete],
    )


def _weigh(
    dataset: Dataset,
    population: Population,
    joins: Sequence[Join],
    base: Floats | None,
    rows: NDArray[np.bool_] | None,
    how: tuple[str, str, Bounds | None],
) -> _Fitted:
    """The weights of the rows marked, all with None, summing to their part of the population."""
    missing, method, bounds = how
    targets, warnings = [], []
    if rows is not None and base is not None:
        base = base[rows]
    for margin in population.margins:
        codes = codes_of(dataset, margin, joins)
        codes = codes if rows is None else codes[rows]
        target = target_of(dataset, margin, codes, base, missing)
        targets.append(target)
        warnings += doubts(margin, target)
    cells = collapse([t.codes for t in targets], [len(t.shares) for t in targets], base)
    shares = [t.shares for t in targets]
    if method == "rake" and bounds is None:
        fit = raking.on_cells(cells.mass, cells.keys, shares)
    else:
        wanted = [s * cells.mass.sum() for s in shares]
        ratio, rounds = calibration.solve(cells.mass, list(cells.keys.T), wanted, method, bounds)
        fit = raking.measured(ratio, cells.mass, cells.keys, shares, rounds)
    if not fit.gap <= TOLERANCE:
        raise DataError(_not_met(fit, targets, cells.mass, cells.keys, population, bounds))
    weights = cells.spread(fit.ratio, base, float(cells.mass.sum() / (cells.mass @ fit.ratio)))
    _refuse_negative(weights)
    return _Fitted(weights, tuple(targets), fit, tuple(warnings))


def usable(dataset: Dataset, population: Population) -> tuple[Population | None, tuple[str, ...]]:
    """The margins the responses can meet, and a sentence for each that they cannot.

    A margin that counts people as something nobody answered is left out, as is the last one while
    raking cannot meet them all. Raises DataError where labels do not match.
    """
    kept, why = [], []
    for margin in population.margins:
        codes = codes_of(dataset, margin)
        try:
            target_of(dataset, margin, codes, None, "level")
        except DataError as error:
            why.append(str(error).split(" Join ")[0].split(" Give it ")[0])
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


def _check_call(missing: str, method: str, bounds: Bounds | None) -> None:
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


def _not_met(
    fit: Fit,
    targets: Sequence[Target],
    mass: Floats,
    keys: NDArray[np.int64],
    population: Population,
    bounds: Bounds | None,
) -> str:
    """Which margin and category, what is wanted and what is reached, and what to do."""
    target = targets[fit.margin]
    weights = mass * fit.ratio
    sums = np.bincount(keys[:, fit.margin], weights, minlength=len(target.shares) + 1)
    reached = sums[fit.category] / sums[: len(target.shares)].sum()
    people = population.total
    margin: Margin | None = population.find(target.name)
    joins = ""
    if margin is not None and len(margin.categories) > 2:
        joins = f"join “{target.categories[fit.category]}” to a similar category, "
    remedy = "widen the bounds, " if bounds else ""
    return (
        f"The weights do not meet the margin “{target.name}”, category "
        f"“{target.categories[fit.category]}”: the target is "
        f"{target.shares[fit.category] * people:,.0f} people, {reached * people:,.0f} are reached, "
        f"{fit.gap:.2g} of it away after {fit.rounds} rounds. The margins cannot all hold in this "
        f"data; {remedy}{joins}or leave a margin out. No weights were written."
    )


def _refuse_negative(weights: Floats) -> None:
    negative = int((weights < 0).sum())
    if negative:
        raise DataError(
            f"Linear calibration without bounds gives {negative} responses a negative weight. "
            "Give --bounds, such as 0.2,5, or use --method rake."
        )


def _diagnose(weights: Floats, fit: Fit, rounds: int, how: Mapping[str, Any]) -> Diagnostics:
    effect, effective = kish(weights)
    low, high, mean = float(weights.min()), float(weights.max()), float(weights.mean())
    return Diagnostics(
        iterations=rounds,
        converged=True,
        largest_margin_gap=fit.gap,
        kish_effect=effect,
        effective_n=effective,
        smallest_weight=low,
        largest_weight=high,
        smallest_ratio=low / mean,
        largest_ratio=high / mean,
        rows=len(weights),
        **how,
    )
