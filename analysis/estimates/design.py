"""How a probability sample was drawn, and the covariance of totals that follows from it.

Linearised (Taylor) variance of a stratified sample in one or several stages (Särndal, Swensson and
Wretman 1992, ch. 4; R `survey::svyrecvar`): at each stage the spread of the units' totals within
their stratum, the later stages counted at the share of units drawn before them. Every standard
error of this package goes through `Design.covariance` or, with replicate weights, through
`Replicates.covariance`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.dataset import Dataset
from analysis.errors import DataError, listed
from analysis.estimates.arrays import Bools, Codes, Floats, numbered, sums, together
from analysis.estimates.calibrated import Calibration
from analysis.estimates.replicates import Replicates

LONELY = ("fail", "certainty", "adjust")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of drawing: each row's unit, the stratum a unit was drawn in, and its factor.

    `factors`, one per stratum, are (1−f)·n/(n−1) times the sampled shares of the stages before.
    `fractions` are f and `counts` n. A `single` stratum of one unit is spread about 0, not about
    its own mean (R's lonely.psu="adjust").
    """

    units: Codes
    unit_stratum: Codes
    counts: Codes
    fractions: Floats
    factors: Floats
    single: Bools

    def covariance(self, scores: Floats) -> Floats:
        """(k, k) part of this stage in the covariance of the column sums of `scores` (n, k)."""
        totals = sums(self.units, scores, len(self.unit_stratum))
        means = sums(self.unit_stratum, totals, len(self.counts)) / self.counts[:, None]
        means[self.single] = 0.0
        spread = totals - means[self.unit_stratum]
        return np.asarray(spread.T @ (self.factors[self.unit_stratum][:, None] * spread))


@dataclass(frozen=True, slots=True)
class Design:
    """A sample's stages; with what its weights were calibrated to; or its replicate weights."""

    stages: tuple[Stage, ...]
    row_stratum: Codes
    calibration: Calibration | None = None
    replicates: Replicates | None = None

    @property
    def plain(self) -> bool:
        """Whether rows were drawn one by one, at random and all alike, and nothing else is known.

        Then sums by group say all there is to say of how figures vary.
        """
        if self.replicates is not None or self.calibration is not None or len(self.stages) != 1:
            return False
        counts = self.stages[0].counts
        return len(counts) == 1 and int(counts[0]) == len(self.row_stratum)

    def covariance(self, scores: Floats) -> Floats:
        """(k, k) covariance of the column sums of `scores`, (n, k): influence values × weight.

        For a calibrated design the scores' part that the margins explain is taken out first.
        """
        if self.replicates is not None:
            return self.replicates.of_totals(scores)
        if self.calibration is not None:
            scores = self.calibration.residuals(scores)
        return np.asarray(sum(stage.covariance(scores) for stage in self.stages))

    def variance(self, scores: Floats) -> float:
        """Variance of the sum of `scores`, one per row."""
        return float(self.covariance(scores[:, None])[0, 0])

    def freedom(self, inside: Bools) -> int:
        """Degrees of freedom of a domain: its sampling units less its strata (R `degf`).

        With replicate weights: the rank of the domain's replicate weights, less 1.
        """
        if self.replicates is not None:
            return self.replicates.freedom(inside)
        first = self.stages[0]
        return len(np.unique(first.units[inside])) - len(np.unique(self.row_stratum[inside]))

    def calibrated(
        self, codes: Sequence[Codes], base: Floats, weights: Floats, *, raked: bool = True
    ) -> "Design":
        """The design whose `base` weights were fitted to margins and became `weights`.

        `codes[m]` is each row's category in margin m, −1 for a row that the margin leaves out
        (`--missing float`). `raked` is plain raking, not bounded calibration. Standard errors then
        have the gain from calibration taken off.
        """
        return replace(self, calibration=Calibration.to_margins(codes, base, weights, raked=raked))

    def with_replicates(self, replicates: Replicates) -> "Design":
        """The design with standard errors from replicate weights instead of linearisation."""
        return replace(self, replicates=replicates)


def design(
    dataset: Dataset,
    strata: str | Sequence[str] | None = None,
    cluster: str | Sequence[str] | None = None,
    fpc: str | Sequence[str] | None = None,
    *,
    lonely: str = "fail",
) -> Design:
    """The design from columns of the file; clusters are nested in strata (R `svydesign`, nest).

    Several `cluster` columns are the stages of drawing, `fpc` the finite populations, one column a
    stage: either the sampled share of the stratum's units (all ≤ 1) or their number in the
    population. Without `fpc` only the first stage counts, as if drawn with replacement. A stratum
    of one unit fails, is taken as certain to be drawn (`certainty`) or spread about the sample's
    mean (`adjust`), as `lonely` says.

    Raises DataError for a missing value, a stratum of one unit, or an `fpc` that is not one figure
    per stratum.
    """
    strata, cluster, fpc = _names(strata), _names(cluster), _names(fpc)
    _check_call(strata, cluster, fpc, lonely)
    rows = len(dataset)
    levels = [_levels(dataset, name) for name in strata]
    if not (strata or cluster or fpc) and rows > 1:
        return _row_by_row(rows)
    members = [_levels(dataset, name)[0] for name in cluster] or [np.arange(rows)]
    given = _populations(dataset, fpc)
    stages: list[Stage] = []
    parent, share = np.zeros(rows, np.int64), np.ones(rows)
    for k, member in enumerate(members[: max(len(fpc), 1)]):
        stratum = together(parent, levels[k][0]) if k < len(levels) else parent
        if given and _varies(stratum, given[k]):
            raise _bad_fpc(dataset, fpc)
        stage = _stage(stratum, member, share, given[k] if given else None, lonely)
        _check(stage, dataset, strata, stratum, k, fpc, lonely)
        stages.append(stage)
        parent, share = stage.units, share * stage.fractions[stratum]
    first = together(levels[0][0]) if levels else np.zeros(rows, np.int64)
    return Design(tuple(stages), first)


def _check_call(
    strata: Sequence[str], cluster: Sequence[str], fpc: Sequence[str], lonely: str
) -> None:
    if lonely not in LONELY:
        raise DataError(f"“{lonely}” is no rule for single sampling units: {listed([*LONELY])}.")
    if max(len(fpc), len(strata)) > max(len(cluster), 1):
        raise DataError(
            "There are more columns of strata or finite populations than stages of drawing. Give "
            "one per cluster column, in the same order."
        )


def _row_by_row(rows: int) -> Design:
    """Rows drawn one by one from the whole: told apart without sorting ten million of them."""
    one, none = np.ones(1), np.zeros(rows, np.int64)
    stage = Stage(
        np.arange(rows), none, np.array([rows]), 0 * one, one * rows / (rows - 1), one < 1
    )
    return Design((stage,), none)


def _stage(
    stratum: Codes, member: Codes, share: Floats, population: Floats | None, lonely: str
) -> Stage:
    """`population` is each row's: the units in its stratum, or their sampled share (all ≤ 1)."""
    span = int(member.max(initial=0)) + 1
    pairs, units = numbered(stratum * span + member)
    unit_stratum = pairs // span
    counts = np.bincount(unit_stratum).astype(np.int64)
    fractions, before = np.zeros(len(counts)), np.zeros(len(counts))
    if population is not None:
        fractions[stratum] = population
        if (population > 1).any():
            fractions = counts / fractions
    before[stratum] = share
    single = counts < 2
    spread = np.where(single, float(lonely == "adjust"), counts / np.maximum(counts - 1, 1))
    factors = before * (1 - fractions) * spread
    return Stage(units, unit_stratum, counts, fractions, factors, single)


def _check(
    stage: Stage,
    dataset: Dataset,
    strata: Sequence[str],
    stratum: Codes,
    k: int,
    fpc: Sequence[str],
    lonely: str,
) -> None:
    if (stage.fractions > 1 + 1e-12).any():
        raise DataError(
            f"{dataset.name}: column “{fpc[k]}” gives a stratum fewer units in the population than "
            "are in the sample."
        )
    bad = np.flatnonzero(stage.single & (stage.fractions < 1 - 1e-7))
    if lonely != "fail" or not len(bad):
        return
    row = int(np.flatnonzero(stratum == bad[0])[0])
    if k:
        where = f"A unit of stage {k} (that of row {row + 1}) "
    elif strata:
        where = f"Stratum “{dataset.column(strata[0])[row]}” "
    else:
        where = "The file "
    raise DataError(
        f"{where}has a single sampling unit, so nothing can be said of how units vary. "
        "Join it to a similar stratum."
    )


def _names(given: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if given is None else (given,) if isinstance(given, str) else tuple(given)


def _levels(dataset: Dataset, column: str) -> tuple[Codes, list[str]]:
    cells = dataset.column(column)
    if cells.null_count():
        row = int(cells.is_null().arg_true()[0]) + 1
        raise DataError(f"{dataset.name}: column “{column}” is empty in row {row}; fill it in.")
    names = dataset.distinct(column)
    return dataset.coded(column, names).astype(np.int64), names


def _populations(dataset: Dataset, fpc: Sequence[str]) -> list[Floats]:
    """The columns as they are; DataError where one mixes shares with numbers, or lacks a figure."""
    given = [dataset.numbers(name) for name in fpc]
    if given and not (all((g <= 1).all() for g in given) or all((g >= 1).all() for g in given)):
        raise _bad_fpc(dataset, fpc)
    if any(np.isnan(g).any() or (g <= 0).any() for g in given):
        raise _bad_fpc(dataset, fpc)
    return given


def _varies(stratum: Codes, figures: Floats) -> bool:
    one = np.empty(int(stratum.max()) + 1)
    one[stratum] = figures
    return not np.array_equal(one[stratum], figures)


def _bad_fpc(dataset: Dataset, fpc: Sequence[str]) -> DataError:
    return DataError(
        f"{dataset.name}: column {listed(list(fpc))} must hold one figure above 0 per stratum: the "
        "share of its units that was sampled, or how many units it has in the population."
    )
