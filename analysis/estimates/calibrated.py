"""The gain in precision from weights that meet margins.

What a margin explains of a figure no longer varies from sample to sample. Its variance is that of
the residuals of a regression on the margins' indicators, weighted by the base weights and then
multiplied by the final ones (Deville and Särndal 1992, eq. 3.4; R `greg_calibration`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from analysis.estimates.arrays import Codes, Floats, sums

DEPENDENT = 1e-7
"""A column of which those before leave less than this unexplained is left out (R `qr`)."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Margins in the form that residuals are computed from.

    Rows with the same categories share a cell: `cells` (n,) is each row's, `basis` (c, r) an
    orthonormal basis of what the margins span, cells weighted by the root of their base weight.
    """

    cells: Codes
    basis: Floats
    base: Floats
    weights: Floats

    @classmethod
    def to_margins(cls, codes: Sequence[Codes], base: Floats, weights: Floats) -> "Calibration":
        """From each row's category per margin, −1 where the margin leaves the row out."""
        keys, cells = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
        blocks = [(key[:, None] == np.unique(key[key >= 0])).astype(np.float64) for key in keys.T]
        return cls._of(np.concatenate(blocks, axis=1), cells.reshape(-1), base, weights)

    @classmethod
    def to_totals(cls, auxiliaries: Floats, base: Floats, weights: Floats) -> "Calibration":
        """From any auxiliary variables (n, p), such as numbers whose population total is known."""
        return cls._of(auxiliaries, np.arange(len(base)), base, weights)

    @classmethod
    def _of(cls, rows: Floats, cells: Codes, base: Floats, weights: Floats) -> "Calibration":
        """`rows` (c, p) are the auxiliaries of each cell."""
        root = np.sqrt(np.bincount(cells, base, len(rows)))
        columns = rows * root[:, None]
        columns = columns / np.maximum(np.linalg.norm(columns, axis=0), 1e-300)
        basis, triangle, _ = scipy.linalg.qr(columns, mode="economic", pivoting=True)
        rank = int((np.abs(np.diag(triangle)) > DEPENDENT).sum())
        return cls(cells.astype(np.int64), basis[:, :rank], base, weights)

    def residuals(self, scores: Floats) -> Floats:
        """`scores` (n, k) less what the margins explain of them."""
        weights = self.weights[:, None]
        scaled = np.divide(scores, weights, out=np.zeros_like(scores), where=weights != 0)
        size = len(self.basis)
        root = np.sqrt(np.bincount(self.cells, self.base, size))[:, None]
        totals = sums(self.cells, scaled * self.base[:, None], size)
        whitened = np.divide(totals, root, out=np.zeros_like(totals), where=root > 0)
        fitted = self.basis @ (self.basis.T @ whitened)
        fitted = np.divide(fitted, root, out=np.zeros_like(fitted), where=root > 0)
        return np.asarray((scaled - fitted[self.cells]) * weights)
