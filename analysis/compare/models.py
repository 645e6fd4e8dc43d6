"""Regression in a sample: linear, logistic, and proportional odds.

Coefficients solve the weighted likelihood equations; their covariance is that of the influence
values (Binder 1983; R `svyglm`, `svyolr`).
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import stats

from analysis.compare.results import Test
from analysis.errors import DataError, listed
from analysis.estimates import Design, covariance, intervals
from analysis.estimates.arrays import Bools, Floats

FAMILIES = ("gaussian", "quasibinomial")
CHANGE = 1e-8
MAX_ROUNDS = 25


@dataclass(frozen=True, slots=True)
class Model:
    """Coefficients (p,), their covariance (p, p), and residual degrees of freedom."""

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    df: int

    @property
    def se(self) -> Floats:
        """Standard errors, (p,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def t(self) -> Floats:
        """Coefficient ÷ standard error."""
        return self.coefficients / self.se

    @property
    def p(self) -> Floats:
        """Two-sided p-values from Student's t."""
        return np.array([intervals.tails(t, self.df) for t in self.t])

    def wald(self, chosen: list[int]) -> Test:
        """Test that the chosen coefficients are all 0 (R `regTermTest`)."""
        b, k = self.coefficients[chosen], len(chosen)
        f = float(b @ np.linalg.solve(self.covariance[np.ix_(chosen, chosen)], b)) / k
        return Test("Wald test", f, (float(k), float(self.df)), float(stats.f.sf(f, k, self.df)))


@dataclass(frozen=True, slots=True)
class Regression:
    """A generalised linear model of `y` (n,) on `rows` (n, p); a row with NaN is left out.

    `known` are the rows used, `scale` the mean weight of the file: it sets R's starting values.
    Replicates `start` from the full sample's coefficients, with weights that sum to 1.
    """

    y: Floats
    rows: Floats
    known: Bools
    family: str
    scale: float
    start: Floats | None = None

    def figures(self, weights: Floats) -> Floats:
        """Coefficients, (p,)."""
        return self._fit(weights)[0]

    def scores(self, weights: Floats) -> Floats:
        """Working residual × working weight × row × (X'WX)⁻¹, 0 for rows left out."""
        beta, working = self._fit(weights)
        x = self.rows[self.known]
        mean, slope = _mean(x @ beta, self.family)
        residual = (self.y[self.known] - mean) / slope
        inverse = np.linalg.inv(x.T @ (working[:, None] * x))
        found = np.zeros(self.rows.shape)
        found[self.known] = (x * (residual * working)[:, None]) @ inverse
        return found

    def _fit(self, weights: Floats) -> tuple[Floats, Floats]:
        """Coefficients and the working weights of the last step, as R's `glm.fit` ends with."""
        x, y = self.rows[self.known], self.y[self.known]
        w = weights[self.known] / self.scale
        if self.family == "gaussian":
            return _least_squares(x, y, w), w
        if self.start is None:
            mean = (w * y + 0.5) / (w + 1)
            eta = np.log(mean / (1 - mean))
        else:
            w = weights[self.known] / weights[self.known].sum()
            eta = x @ self.start
        old = _deviance(y, _mean(eta, self.family)[0], w)
        for _ in range(MAX_ROUNDS):
            mean, slope = _mean(eta, self.family)
            working = w * slope
            beta = _least_squares(x, eta + (y - mean) / slope, working)
            eta = x @ beta
            deviance = _deviance(y, _mean(eta, self.family)[0], w)
            if abs(deviance - old) / (abs(deviance) + 0.1) < CHANGE:
                return beta, working
            old = deviance
        raise DataError(
            "The logistic regression does not converge: a group may have answered all yes or all "
            "no. Join it to another."
        )


def regression(
    y: Floats,
    rows: Floats,
    names: tuple[str, ...],
    weights: Floats,
    sample: Design,
    *,
    family: str = "gaussian",
    inside: Bools | None = None,
) -> Model:
    """Fit y on `rows` (n, p), the intercept among them, over a domain (R `svyglm`).

    Raises DataError where a column follows from the others, or the fit does not converge.
    """
    if family not in FAMILIES:
        raise DataError(f"“{family}” is no kind of regression: {listed([*FAMILIES])}.")
    domain = np.ones(len(y), dtype=bool) if inside is None else inside
    known = domain & ~np.isnan(y) & ~np.isnan(rows).any(axis=1) & (weights > 0)
    _check_rank(rows[known], names)
    kept = np.ones(len(y), dtype=bool) if sample.calibration is not None else domain
    scale = float(np.where(domain, weights, 0.0)[kept].mean())
    model = Regression(y, rows, known, family, scale)
    found = model.figures(weights)
    again = model if sample.replicates is None else replace(model, start=found)
    df = sample.freedom(known) + 1 - rows.shape[1]
    return Model(names, found, covariance(again, weights, sample), df)


def indicators(codes: np.ndarray, names: list[str]) -> tuple[Floats, tuple[str, ...]]:
    """Columns for each category but the first (treatment contrasts); −1 gives a row of NaN."""
    columns = (codes[:, None] == np.arange(1, len(names))).astype(np.float64)
    return np.where(codes[:, None] < 0, np.nan, columns), tuple(names[1:])


def proportional_odds(
    y: np.ndarray,
    rows: Floats,
    names: tuple[str, ...],
    weights: Floats,
    sample: Design,
    inside: Bools | None = None,
) -> Model:
    """Cumulative logit model of the ordered answer `y` (codes 0, 1, …, −1 none) on `rows`, (n, p).

    logit P(y ≤ j) = ζⱼ − x'β. Coefficients are β, then ζ (R `svyolr`, which stops some digits short
    of the maximum; this goes on to it). Raises DataError for fewer than three answers.
    """
    domain = np.ones(len(y), dtype=bool) if inside is None else inside
    known = domain & (y >= 0) & ~np.isnan(rows).any(axis=1) & (weights > 0)
    levels = np.unique(y[known])
    if len(levels) < 3:
        raise DataError(
            "Proportional odds need three different answers or more; use the logistic regression."
        )
    _check_rank(np.column_stack([np.ones(int(known.sum())), rows[known]]), names)
    model = _Ordered(np.searchsorted(levels, y), rows, known, len(levels))
    spread = covariance(model, weights, sample)
    cuts = tuple(f"{a}|{b}" for a, b in pairwise(levels.tolist()))
    df = sample.freedom(known) - rows.shape[1]
    return Model((*names, *cuts), model.figures(weights), spread, df)


@dataclass(frozen=True, slots=True)
class _Ordered:
    """The weighted likelihood of the cumulative logit model, by β (p,) then ζ (q,)."""

    y: np.ndarray
    rows: Floats
    known: Bools
    levels: int

    def figures(self, weights: Floats) -> Floats:
        """The maximum: Newton from the answers' own cumulative logits."""
        w = weights[self.known]
        shares = np.cumsum(np.bincount(self.y[self.known], w, self.levels))[:-1] / w.sum()
        start = np.concatenate([np.zeros(self.rows.shape[1]), np.log(shares / (1 - shares))])
        for _ in range(100):
            scores, hessian = self._derivatives(start, w)
            step = np.linalg.solve(hessian, scores.sum(axis=0))
            start = start + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
            if np.abs(step).max() < 1e-13:
                break
        return start

    def scores(self, weights: Floats) -> Floats:
        """A row's part in the likelihood's slope × inverse information."""
        found = np.zeros((len(self.y), self.rows.shape[1] + self.levels - 1))
        at = self.figures(weights)
        scores, hessian = self._derivatives(at, weights[self.known])
        found[self.known] = np.linalg.solve(hessian, scores.T).T
        return found

    def _derivatives(self, at: Floats, w: Floats) -> tuple[Floats, Floats]:
        """Each row's score (m, p+q), and the negative second derivatives of the likelihood."""
        y, x = self.y[self.known], self.rows[self.known]
        p, q = x.shape[1], self.levels - 1
        eta = x @ at[:p]
        cuts = np.concatenate([[-np.inf], at[p:], [np.inf]])
        upper, lower = _logistic(cuts[y + 1] - eta), _logistic(cuts[y] - eta)
        share = upper - lower
        du, dl = upper * (1 - upper), lower * (1 - lower)
        above = np.arange(q) == y[:, None]
        below = np.arange(q) == y[:, None] - 1
        # ∂share/∂(β, ζ) = U·∂upper + L·∂lower, with U, L the rows' derivatives of the two cuts.
        up = np.concatenate([-x, above.astype(np.float64)], axis=1) * (y < q)[:, None]
        low = np.concatenate([-x, below.astype(np.float64)], axis=1) * (y > 0)[:, None]
        slope = up * du[:, None] - low * dl[:, None]
        curve_up, curve_low = du * (1 - 2 * upper), dl * (1 - 2 * lower)
        hessian = slope.T @ ((w / share**2)[:, None] * slope)
        hessian -= up.T @ ((w * curve_up / share)[:, None] * up)
        hessian += low.T @ ((w * curve_low / share)[:, None] * low)
        return slope * (w / share)[:, None], hessian


def _least_squares(x: Floats, y: Floats, w: Floats) -> Floats:
    root = np.sqrt(w)
    q, r = np.linalg.qr(x * root[:, None])
    return np.asarray(np.linalg.solve(r, q.T @ (root * y)))


def _logistic(x: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-x)))


def _mean(eta: Floats, family: str) -> tuple[Floats, Floats]:
    if family == "gaussian":
        return eta, np.ones_like(eta)
    mean = _logistic(eta)
    return mean, np.maximum(mean * (1 - mean), 1e-300)


def _deviance(y: Floats, mean: Floats, w: Floats) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(y > 0, y * np.log(mean / y), 0.0)
        parts = parts + np.where(y < 1, (1 - y) * np.log((1 - mean) / (1 - y)), 0.0)
    return float(-2 * np.sum(w * parts))


def _check_rank(rows: Floats, names: tuple[str, ...]) -> None:
    if len(rows) <= rows.shape[1] or np.linalg.matrix_rank(rows) < rows.shape[1]:
        raise DataError(
            "The regression cannot tell its columns apart: one follows from the others, is empty "
            "or the same for everyone. Leave one out, or join categories."
        )
