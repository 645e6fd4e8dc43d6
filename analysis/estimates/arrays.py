"""Arrays that every module here shares: their types, and sums by group."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int64]


def sums(codes: Codes, values: Floats, size: int) -> Floats:
    """Sums of the rows of `values` (n, k) by code (n,): an array (size, k)."""
    if len(codes) == size and np.array_equal(codes, np.arange(size)):
        return values.copy()  # every row is a unit of its own
    return np.stack([np.bincount(codes, v, size) for v in values.T], axis=1)


def together(*codes: Codes) -> Codes:
    """One code per row for each combination of `codes` that occurs, 0 upwards."""
    _, joined = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    return joined.reshape(-1).astype(np.int64)
