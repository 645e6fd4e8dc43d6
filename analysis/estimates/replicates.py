"""Standard errors from replicate weights: how a figure varies when it is computed anew with each.

Jackknife, balanced repeated replication and bootstrap (Wolter 2007; Shao and Tu 1995), in the
conventions of R `survey::svrepdesign` and `as.svrepdesign`: variance = scale · Σ rscale·(θᵣ − c)²,
c being the replicates' mean or, with `mse`, the full sample's figure.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from analysis.errors import DataError, listed
from analysis.estimates.arrays import Bools, Codes, Floats

KINDS = ("JK1", "JKn", "BRR", "Fay", "bootstrap", "other")
RANK_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Replicates:
    """Weights (n, R), sampling weights included, the `full` sample's (n,), and scales (R,)."""

    weights: Floats
    full: Floats
    scale: float
    rscales: Floats
    mse: bool = False

    def covariance(self, figure: Callable[[Floats], Floats]) -> Floats:
        """(k, k) covariance of `figure`, a function of weights (n,) that gives k values."""
        found = np.stack([figure(column) for column in self.weights.T])
        return self.spread(found, figure(self.full))

    def of_totals(self, scores: Floats) -> Floats:
        """(k, k) covariance of column sums of `scores`, (n, k), which hold the full weights."""
        ratios = np.divide(
            self.weights,
            self.full[:, None],
            out=np.zeros_like(self.weights),
            where=self.full[:, None] > 0,
        )
        return self.spread(ratios.T @ scores, scores.sum(axis=0))

    def spread(self, found: Floats, full: Floats) -> Floats:
        """(k, k) from the replicates' figures (R, k); those that are not numbers are left out."""
        kept = np.isfinite(found).all(axis=1)
        if not kept.any():
            return np.full((found.shape[1],) * 2, np.nan)
        found, rscales = found[kept], self.rscales[kept]
        centre = full if self.mse else found[rscales > 0].mean(axis=0)
        off = found - centre
        return np.asarray(self.scale * (off.T @ (rscales[:, None] * off)))

    def freedom(self, inside: Bools) -> int:
        """The rank of the weights of the rows inside, less 1 (R `degf`)."""
        triangle = scipy.linalg.qr(self.weights[inside], mode="r", pivoting=True)[0]
        sizes = np.abs(np.diag(triangle))
        return int((sizes > RANK_TOLERANCE * sizes.max(initial=0.0)).sum()) - 1


def given(
    weights: Floats,
    full: Floats,
    kind: str,
    *,
    combined: bool = True,
    rho: float = 0.0,
    scale: float | None = None,
    rscales: Floats | None = None,
    mse: bool = False,
) -> Replicates:
    """Replicates from columns of a file, `weights` (n, R), as R `svrepdesign` reads them.

    Not `combined`: factors on the full sample's weights. `rho` is Fay's. `scale` and `rscales`
    are worked out where the kind says what they are. Raises DataError for a weight that is missing
    or an unknown kind, and for JKn without `rscales`.
    """
    if kind not in KINDS:
        raise DataError(f"“{kind}” is no kind of replicate weights: {listed([*KINDS])}.")
    bad = np.flatnonzero(~np.isfinite(weights).all(axis=1))
    if len(bad):
        raise DataError(f"Replicate weights: row {int(bad[0]) + 1} has none; fill it in.")
    count = weights.shape[1]
    if kind == "JKn" and rscales is None:
        if combined:
            raise DataError("Replicate weights of kind JKn need their rscales, one per replicate.")
        rscales = 1 / weights.max(axis=0)
    if scale is None:
        scale = _scale(kind, weights, combined, rho)
    return Replicates(
        weights if combined else weights * full[:, None],
        full,
        scale,
        np.ones(count) if rscales is None else rscales,
        mse,
    )


def _scale(kind: str, weights: Floats, combined: bool, rho: float) -> float:
    """What the kind says of the scale; a JK1's (n−1)/n is read off the number of replicates."""
    count = weights.shape[1]
    guess = (count - 1) / count if combined else 1 / float(weights[:, 0].max())
    known: dict[str, float] = {
        "JK1": guess,
        "BRR": 1 / count,
        "Fay": 1 / (count * (1 - rho) ** 2),
        "bootstrap": 1 / max(count - 1, 1),
    }
    return known.get(kind, 1.0)


def jackknife(
    units: Codes,
    unit_stratum: Codes,
    full: Floats,
    fractions: Floats | None = None,
    *,
    mse: bool = False,
) -> Replicates:
    """Each unit left out in turn, its stratum's others weighted up (R `jknweights`, `jk1weights`).

    `units` (n,) is each row's unit, `unit_stratum` (u,) the units' strata, `fractions` the sampled
    share of each stratum's units. With one stratum this is JK1.
    """
    counts = np.bincount(unit_stratum)
    n = counts[unit_stratum].astype(np.float64)
    left = 1.0 if fractions is None else 1 - fractions[unit_stratum]
    # Unit × replicate: n/(n−1) in the stratum of the unit left out, 0 for itself, 1 elsewhere.
    same = unit_stratum[:, None] == unit_stratum[None, :]
    factors = np.where(same, (n / np.maximum(n - 1, 1))[None, :], 1.0)
    np.fill_diagonal(factors, 0.0)
    return Replicates(factors[units] * full[:, None], full, 1.0, left * (n - 1) / n, mse)


def balanced(
    units: Codes, unit_stratum: Codes, full: Floats, *, rho: float = 0.0, mse: bool = False
) -> Replicates:
    """Balanced half-samples of strata with two units each (R `brrweights`; Fay's with `rho`).

    The matrix is a Hadamard matrix of the next order above the number of strata (Sylvester's and
    Paley's constructions). Raises DataError where a stratum does not have two units.
    """
    counts = np.bincount(unit_stratum)
    if not (counts == 2).all():
        raise DataError(
            "Balanced half-samples need two sampling units in every stratum; "
            f"{int((counts != 2).sum())} strata have another number. Use the jackknife."
        )
    signs = hadamard(len(counts) + 1)[1 : len(counts) + 1]
    first = np.zeros(len(unit_stratum), dtype=bool)
    first[np.unique(unit_stratum, return_index=True)[1]] = True
    side = np.where(first[:, None], 1, -1) * signs[unit_stratum]
    factors = np.where(side > 0, 2 - rho, rho)
    count = signs.shape[1]
    return Replicates(
        factors[units] * full[:, None],
        full,
        1 / (count * (1 - rho) ** 2),
        np.ones(count),
        mse,
    )


def bootstrap(
    units: Codes,
    unit_stratum: Codes,
    full: Floats,
    *,
    replicates: int,
    seed: int,
    mse: bool = False,
) -> Replicates:
    """Rao and Wu's (1988) bootstrap: n−1 of a stratum's n units drawn anew (R `subbootweights`)."""
    chance = np.random.default_rng(seed)
    factors = np.empty((len(unit_stratum), replicates))
    for stratum in np.unique(unit_stratum):
        members = np.flatnonzero(unit_stratum == stratum)
        n = len(members)
        drawn = chance.multinomial(max(n - 1, 1), np.full(n, 1 / n), size=replicates)
        factors[members] = drawn.T * n / max(n - 1, 1)
    return Replicates(
        factors[units] * full[:, None], full, 1 / (replicates - 1), np.ones(replicates), mse
    )


def reweighted(replicates: Replicates, fit: Callable[[Floats], Floats]) -> Replicates:
    """Replicates calibrated as the full sample was: `fit` gives final for base weights (n,)."""
    columns = [fit(column) for column in replicates.weights.T]
    return Replicates(
        np.stack(columns, axis=1),
        fit(replicates.full),
        replicates.scale,
        replicates.rscales,
        replicates.mse,
    )


def hadamard(least: int) -> Floats:
    """A matrix of ±1 with orthogonal rows, the first all 1, of the smallest order ≥ `least`.

    Orders from Sylvester's doubling and Paley's first construction (Hall 1986, ch. 14).
    """
    order = 1 if least == 1 else 2 if least == 2 else -(-least // 4) * 4
    while True:
        found = _of_order(order)
        if found is not None:
            return np.asarray(found * found[0])  # columns turned so that the first row is all 1
        order += 4


def _of_order(order: int) -> Floats | None:
    if order == 1:
        return np.ones((1, 1))
    if order % 2 == 0:
        half = _of_order(order // 2) if order == 2 or order % 4 == 0 else None
        if half is not None:
            return np.block([[half, half], [half, -half]])
    prime = order - 1
    if prime % 4 != 3 or any(prime % d == 0 for d in range(3, int(prime**0.5) + 1, 2)):
        return None
    squares = np.full(prime, -1.0)
    squares[np.unique(np.arange(1, prime) ** 2 % prime)] = 1.0
    place = np.arange(prime)
    core = squares[(place[None, :] - place[:, None]) % prime]
    top = np.ones((1, prime + 1))
    return np.concatenate([top, np.concatenate([np.ones((prime, 1)), core], axis=1)])
