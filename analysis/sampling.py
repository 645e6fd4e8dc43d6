"""From a weighted dataset to how it was drawn: what standard errors rest on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis import estimates
from analysis.errors import DataError, listed
from analysis.estimates import replicates
from analysis.estimates.arrays import Floats
from analysis.weighting import WeightedDataset, rake

MADE = ("jackknife", "balanced", "bootstrap")
MOST_UNITS = 5_000
"""Sampling units that a jackknife leaves out in turn, each with a column of weights."""


@dataclass(frozen=True, slots=True)
class Resampled:
    """Standard errors by replicate weights.

    `kind` is jackknife, balanced or bootstrap, made from the design, or with `columns` (a name, or
    the beginning of several names and `*`) what those hold: JK1, BRR, Fay, bootstrap.
    """

    kind: str
    columns: str = ""
    rho: float = 0.0
    number: int = 500
    seed: int = 0


def sample_design(
    data: WeightedDataset,
    strata: Sequence[str] | None = None,
    cluster: Sequence[str] | None = None,
    fpc: Sequence[str] | None = None,
    resampled: Resampled | None = None,
) -> estimates.Design:
    """How the responses were drawn, with the gain from weights that were fitted to margins.

    What is not given is taken from the codebook. Without fitted weights, or where each wave or
    strand was weighted by itself, standard errors are those of fixed weights, which err on the
    large side. Replicates made here are raked as the responses were. Raises DataError as
    `estimates.design` does, and for replicates that cannot be made.
    """
    known = data.dataset.codebook.drawn
    drawn = estimates.design(
        data.dataset, strata or known.strata, cluster or known.cluster, fpc or known.fpc
    )
    if resampled is not None:
        return drawn.with_replicates(_replicates(data, drawn, resampled))
    if not data.targets or data.diagnostics is None:
        return drawn
    base = data.base if data.base is not None else np.ones(len(data.dataset))
    codes = []
    for target in data.targets:
        code = target.codes.astype(np.int64)
        # A level “Missing” is a category; otherwise the row is left out of the margin.
        codes.append(np.where(code < len(target.shares), code, -1))
    return drawn.calibrated(codes, base, data.weights, raked=_is_raked(data))


def _is_raked(data: WeightedDataset) -> bool:
    how = data.diagnostics
    return how is not None and how.method == "rake" and how.bounds is None


def _replicates(
    data: WeightedDataset, drawn: estimates.Design, how: Resampled
) -> estimates.Replicates:
    if how.columns:
        return _given(data, how)
    fitted = bool(data.targets) and _is_raked(data)
    full = data.weights
    if fitted:
        full = data.base if data.base is not None else np.ones(len(data.dataset))
    made = _made(drawn, full, how)
    if not fitted:
        return made
    people = float(data.weights.sum())

    def fit(base: Floats) -> Floats:
        totals = [target.shares * people for target in data.targets]
        try:
            return rake([target.codes for target in data.targets], totals, base)
        except ValueError:
            raise DataError(
                "A replicate cannot be raked to the margins: a category is in too few sampling "
                "units. Join it to another (--join), or leave the replicates out."
            ) from None

    return replicates.reweighted(made, fit)


def _made(drawn: estimates.Design, full: Floats, how: Resampled) -> estimates.Replicates:
    first = drawn.stages[0]
    if how.kind == "bootstrap":
        return replicates.bootstrap(
            first.units, first.unit_stratum, full, replicates=how.number, seed=how.seed
        )
    if how.kind == "balanced":
        return replicates.balanced(first.units, first.unit_stratum, full, rho=how.rho)
    if how.kind != "jackknife":
        raise DataError(
            f"“{how.kind}” replicates are read from columns (--replicate-weights), not made. "
            f"Made are: {listed([*MADE])}."
        )
    if len(first.unit_stratum) > MOST_UNITS:
        raise DataError(
            f"The jackknife leaves each of {len(first.unit_stratum):,} sampling units out in turn; "
            f"more than {MOST_UNITS:,} are too many. Leave replicates out, or use the bootstrap."
        )
    return replicates.jackknife(first.units, first.unit_stratum, full, first.fractions)


def _given(data: WeightedDataset, how: Resampled) -> estimates.Replicates:
    names = [how.columns]
    if how.columns.endswith("*"):
        start = how.columns[:-1]
        names = [c for c in data.dataset.frame.columns if c.startswith(start)]
    if len(names) < 2:
        raise DataError(
            f"{data.dataset.name}: “{how.columns}” names fewer than two columns of replicate "
            "weights. Write the beginning of their names and *, such as repw*."
        )
    columns = np.stack([data.dataset.numbers(name) for name in names], axis=1)
    return replicates.given(columns, data.weights, how.kind, rho=how.rho)
