"""Are two questions with answers to choose from related? Tests of a weighted table.

Rao and Scott (1984), second order, and the Wald test of Koch, Freeman and Freeman (1975) with its
small-sample form; R `svychisq`.
"""

import numpy as np
from scipy import stats

from analysis.compare.results import Test
from analysis.errors import DataError
from analysis.estimates import Design, Means, Totals, covariance
from analysis.estimates.arrays import Bools, Codes, Floats

STATISTICS = ("F", "Chisq", "Wald", "adjWald")
PEARSON = "Pearson's X²: Rao and Scott's adjustment"
WALD = "Design-based Wald test of association"


def rao_scott(
    rows: Codes,
    columns: Codes,
    weights: Floats,
    sample: Design,
    inside: Bools | None = None,
    statistic: str = "F",
) -> Test:
    """Test that `rows` and `columns` (codes 0, 1, …; −1 = no answer) are independent.

    `inside` is the domain. Raises DataError where fewer than two categories of either have answers.
    """
    domain = np.ones(len(rows), dtype=bool) if inside is None else inside
    # R counts sampling units of all rows it keeps, and a subset of a calibrated design keeps all.
    kept = np.ones(len(rows), dtype=bool) if sample.calibration is not None else domain
    nu = sample.freedom(kept)
    known = domain & (rows >= 0) & (columns >= 0) & (weights > 0)
    r, c = _levels(rows, known), _levels(columns, known)
    if statistic in ("Wald", "adjWald"):
        return _wald(r, c, known, weights, sample, nu, statistic == "adjWald")
    nr, nc = int(r.max()) + 1, int(c.max()) + 1
    cells = np.full((len(rows), nr * nc), np.nan)
    cells[known] = (c * nr + r)[known, None] == np.arange(nr * nc)
    table = Means(cells)
    shares = table.figures(weights)
    spread = covariance(table, weights, sample)
    grid = shares.reshape(nc, nr).T
    expected = np.outer(grid.sum(axis=1), grid.sum(axis=0))
    x2 = float(np.sum((grid - expected) ** 2 / expected))
    delta = _design_effects(shares, spread, nr, nc)
    trace = float(np.trace(delta))
    if not trace > 0:
        return Test(PEARSON, None, (), None)
    df = trace**2 / float(np.trace(delta @ delta))
    if statistic == "Chisq":
        k = len(delta)
        p = float(stats.chi2.sf(x2 / (trace / k), k))
        return Test(PEARSON, x2 * int(kept.sum()), (float(k),), p)
    f = x2 / trace
    return Test(PEARSON, f, (df, df * nu), float(stats.f.sf(f, df, df * nu)))


def _design_effects(shares: Floats, spread: Floats, nr: int, nc: int) -> Floats:
    """Rao and Scott's matrix: the interactions' covariance over that of a simple random sample."""
    inverse = np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)
    contrast = _interactions(nr, nc)
    simple = contrast.T @ (inverse[:, None] * contrast)
    designed = contrast.T @ (inverse[:, None] * spread * inverse) @ contrast
    return np.asarray(np.linalg.solve(simple, designed))


def _levels(codes: Codes, known: Bools) -> Codes:
    """Codes renumbered without categories that nobody with a weight is in."""
    if len(np.unique(codes[known])) < 2:
        raise DataError(
            "A test of a table needs two categories or more, with answers, of both questions. "
            "Choose another question, or take a larger group."
        )
    return np.where(known, np.searchsorted(np.unique(codes[known]), codes), -1)


def _interactions(nr: int, nc: int) -> Floats:
    """(nr·nc, (nr−1)(nc−1)) interaction contrasts, free of what rows and columns explain."""
    row, column = np.tile(np.arange(nr), nc), np.repeat(np.arange(nc), nr)
    of_rows = (row[:, None] == np.arange(1, nr)).astype(np.float64)
    of_columns = (column[:, None] == np.arange(1, nc)).astype(np.float64)
    main = np.column_stack([np.ones(nr * nc), of_rows, of_columns])
    both = np.column_stack([a * b for b in of_columns.T for a in of_rows.T])
    q = np.linalg.qr(main)[0]
    return np.asarray(both - q @ (q.T @ both))


def _wald(
    r: Codes, c: Codes, known: Bools, weights: Floats, sample: Design, nu: int, small: bool
) -> Test:
    """Observed less expected totals of all cells but the first row's and column's, delta method."""
    nr, nc = int(r.max()) + 1, int(c.max()) + 1
    of_rows = (r[:, None] == np.arange(nr)) & known[:, None]
    of_columns = (c[:, None] == np.arange(nc)) & known[:, None]
    cells = (of_columns[:, :, None] & of_rows[:, None, :]).reshape(len(r), -1)
    everything = np.column_stack([cells, of_rows, of_columns, known]).astype(np.float64)
    totals = Totals(everything)
    found, spread = totals.figures(weights), covariance(totals, weights, sample)
    size = nr * nc
    a, b, whole = found[size : size + nr], found[size + nr : -1], found[-1]
    row, column = np.tile(np.arange(nr), nc), np.repeat(np.arange(nc), nr)
    jacobian = np.column_stack([
        np.eye(size),
        (row[:, None] == np.arange(nr)) * (-b[column] / whole)[:, None],
        (column[:, None] == np.arange(nc)) * (-a[row] / whole)[:, None],
        a[row] * b[column] / whole**2,
    ])  # fmt: skip
    use = (row > 0) & (column > 0)
    off = (found[:size] - a[row] * b[column] / whole)[use]
    value = float(off @ np.linalg.solve((jacobian @ spread @ jacobian.T)[np.ix_(use, use)], off))
    k = (nr - 1) * (nc - 1)
    df = nu - k + 1 if small else nu
    if df < 1:
        return Test(WALD, None, (float(k), float(df)), None)
    f = value * df / (k * nu) if small else value / k
    return Test(WALD, f, (float(k), float(df)), float(stats.f.sf(f, k, df)))
