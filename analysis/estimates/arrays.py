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
    joined = codes[0]
    for more in codes[1:]:
        joined = numbered(joined * (int(more.max(initial=0)) + 1) + more)[1]
    return numbered(joined)[1]


def numbered(keys: Codes) -> tuple[Codes, Codes]:
    """The different keys (0 or more), in order, and each row's place among them."""
    most = int(keys.max(initial=0)) + 1
    if most > 4 * len(keys):  # too far apart to be counted: sort them
        found, places = np.unique(keys, return_inverse=True)
        return found, places.reshape(-1).astype(np.int64)
    there = np.bincount(keys, minlength=most) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[keys]
