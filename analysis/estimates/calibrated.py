"""The gain in precision from weights that meet margins.

What a margin explains of a figure no longer varies from sample to sample. Its variance is that of
the residuals of a regression on the margins' indicators, multiplied by the final weights (Deville
and Särndal 1992, eq. 3.4). As in R, the regression is weighted by the base weights after
calibration and post-stratification (`calibrate`, `postStratify`), and after raking (`rake`) it is
ten rounds of taking out each margin's plain means; with equal base weights the two agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from analysis.estimates.arrays import Codes, Floats, sums
from analysis.weighting.cells import collapse

DEPENDENT = 1e-7
"""A column of which those before leave less than this unexplained is left out (R `qr`)."""
ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Calibration:
    """Margins in the form that residuals are computed from.

    Rows with the same categories share a cell: `cells` (n,) is each row's. `mass` (n,) is what a
    row weighs in the regression, `weights` (n,) the final weights. `basis` (c, r) is an orthonormal
    basis of what the margins span, cells weighted by the root of their mass; where it is None,
    `margins` (m, c) are each cell's categories, for raking.
    """

    cells: Codes
    mass: Floats
    weights: Floats
    basis: Floats | None
    margins: Codes

    @classmethod
    def to_margins(
        cls, codes: Sequence[Codes], base: Floats, weights: Floats, *, raked: bool
    ) -> "Calibration":
        """From each row's category per margin, −1 where the margin leaves the row out.

        `raked` weights follow R's `rake` where every row is in every of several margins.
        """
        sizes = [int(code.max(initial=-1)) + 1 for code in codes]
        coded: list[Codes] = [
            np.where(code < 0, size, code).astype(np.uint8 if size < 1 << 8 else np.uint32)
            for code, size in zip(codes, sizes, strict=True)
        ]
        found = collapse(coded, sizes)
        keys = np.where(found.keys == sizes, -1, found.keys)
        place = np.zeros(found.counted, np.int64)
        place[found.present] = np.arange(len(found.present))
        cells = place[found.of]
        if raked and len(codes) > 1 and (keys >= 0).all():
            return cls(cells, np.ones(len(base)), weights, None, keys.T.astype(np.int64))
        blocks = [(key[:, None] == np.unique(key[key >= 0])).astype(np.float64) for key in keys.T]
        rows = np.concatenate(blocks, axis=1)
        return cls(cells, base, weights, _basis(rows, cells, base), keys.T.astype(np.int64))

    @classmethod
    def to_totals(cls, auxiliaries: Floats, base: Floats, weights: Floats) -> "Calibration":
        """From any auxiliary variables (n, p), such as numbers whose population total is known."""
        cells = np.arange(len(base))
        basis = _basis(auxiliaries, cells, base)
        return cls(cells, base, weights, basis, np.zeros((0, len(base)), np.int64))

    def residuals(self, scores: Floats) -> Floats:
        """`scores` (n, k) less what the margins explain of them."""
        weights = self.weights[:, None]
        scaled = np.divide(scores, weights, out=np.zeros_like(scores), where=weights != 0)
        size = int(self.cells.max()) + 1
        mass: Floats = np.bincount(self.cells, self.mass, size)[:, None].astype(np.float64)
        totals = sums(self.cells, scaled * self.mass[:, None], size)
        means = np.divide(totals, mass, out=np.zeros_like(totals), where=mass > 0)
        if self.basis is None:
            fitted = means - self._raked(means, mass)
        else:
            root = np.sqrt(mass)
            explained = self.basis @ (self.basis.T @ (root * means))
            fitted = np.divide(explained, root, out=np.zeros_like(means), where=root > 0)
        return np.asarray((scaled - fitted[self.cells]) * weights)

    def _raked(self, means: Floats, mass: Floats) -> Floats:
        for _ in range(ROUNDS):
            for codes in self.margins:
                size = int(codes.max()) + 1
                level = sums(codes, means * mass, size) / sums(codes, mass, size)
                means = means - level[codes]
        return means


def _basis(rows: Floats, cells: Codes, base: Floats) -> Floats:
    """`rows` (c, p) are the auxiliaries of each cell."""
    columns = rows * np.sqrt(np.bincount(cells, base, len(rows)))[:, None]
    columns = columns / np.maximum(np.linalg.norm(columns, axis=0), 1e-300)
    basis, triangle, _ = scipy.linalg.qr(columns, mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(triangle)) > DEPENDENT).sum())
    return np.asarray(basis[:, :rank])
