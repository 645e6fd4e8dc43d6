"""Rows collapsed to the distinct combinations of their categories, and weights spread back.

Weights depend on a row's combination alone, so all iterating is done on combinations: a million
responses cost little more than a thousand. What is left to do with each row is one pass over its
codes and one look-up, both in blocks that stay in the processor's cache.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.integer[Any]]
Keys = NDArray[np.int64]

PACKED = 1 << 19
COUNTED = 1 << 17
"""Rows a block: codes are packed in the larger and counted in the smaller. Packing lets other
threads run and counting does not, so the one goes ahead of the other in a thread of its own."""

DENSE = 1 << 20
"""Combinations that are counted as they come. Where more are possible, those that do occur are
numbered anew on the way."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Combinations that occur, and which of them each row is.

    `of` (rows,) is each row's place among all combinations counted, of which `present` (cells,)
    occur; `keys` (cells, margins) holds their categories and `mass` (cells,) their base weights.
    A category as large as its margin has categories means “in none of them”.
    """

    of: Codes
    present: Keys
    counted: int
    keys: Keys
    mass: Floats

    def spread(self, ratio: Floats, base: Floats | None, scale: float = 1.0) -> Floats:
        """Weights per row: base × ratio × scale, `ratio` (cells,) being that of each combination.

        Without `base` every row's is 1.
        """
        table = np.zeros(self.counted)
        table[self.present] = ratio * scale
        weights = np.empty(len(self.of))

        def fill(start: int) -> None:
            part = slice(start, start + COUNTED)
            # Every place is in the table, so nothing is ever clipped: "clip" spares a copy.
            np.take(table, self.of[part], out=weights[part], mode="clip")
            if base is not None:
                np.multiply(weights[part], base[part], out=weights[part])

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(fill, range(0, len(weights), COUNTED)))
        return weights


def collapse(codes: Sequence[Codes], sizes: Sequence[int], base: Floats | None = None) -> Cells:
    """The distinct combinations of `codes`, one array of (rows,) per margin.

    A code from 0 to `sizes[m] - 1` is a category of margin m, `sizes[m]` none of them. Uses 2 to 4
    bytes a row besides the weights that `Cells.spread` makes.
    """
    spans = [size + 1 for size in sizes]
    of, counted, done = codes[0], spans[0], 1
    keys: Keys = np.arange(counted)[:, None]
    while True:
        until = max(done + 1, done + _fitting(spans[done:], DENSE // counted))
        of, total, mass = _pack(of, counted, codes[done:until], spans[done:until], base)
        present = np.flatnonzero(mass if base is None else _occurs(of, total))
        before, rest = np.divmod(present, total // counted)
        keys = np.column_stack([keys[before], *_categories(rest, spans[done:until])])
        if until >= len(spans):
            return Cells(of, present, total, keys, mass[present])
        fresh = np.zeros(total, dtype=np.uint32)
        fresh[present] = np.arange(len(present))
        of, counted, done = fresh[of], len(present), until


def _fitting(spans: Sequence[int], most: int) -> int:
    """How many of the spans, from the first on, have no more than `most` combinations."""
    return sum(1 for product in accumulate(spans, mul) if product <= most)


def _categories(places: Keys, spans: Sequence[int]) -> Sequence[Keys]:
    return np.unravel_index(places, spans) if spans else ()


def _occurs(of: Codes, counted: int) -> NDArray[np.int64]:
    """How many rows each combination has: one of base weight 0 occurs all the same."""
    counts = np.zeros(counted, dtype=np.int64)
    for start in range(0, len(of), COUNTED):
        counts += np.bincount(of[start : start + COUNTED], minlength=counted)
    return counts


def _pack(
    of: Codes, counted: int, codes: Sequence[Codes], spans: Sequence[int], base: Floats | None
) -> tuple[Codes, int, Floats]:
    """Places among the combinations of `of` and `codes`, how many there are, and their mass."""
    total = counted * int(np.prod(spans, dtype=np.int64))
    kind = np.uint16 if total <= 1 << 16 else np.uint32
    packed: Codes = np.empty(len(of), dtype=kind)
    groups = _groups(spans)
    mass = np.zeros(total)

    def pack(start: int) -> None:
        part = slice(start, start + PACKED)
        here = packed[part]
        np.copyto(here, of[part], casting="unsafe")
        for members, span, small in groups:
            together = np.empty(len(here), dtype=np.uint8 if small else kind)
            np.copyto(together, codes[members[0]][part], casting="unsafe")
            for m in members[1:]:
                np.multiply(together, together.dtype.type(spans[m]), out=together)
                np.add(together, codes[m][part], out=together, casting="unsafe")
            np.multiply(here, kind(span), out=here)
            np.add(here, together, out=here, casting="unsafe")

    with ThreadPoolExecutor(1) as ahead:
        starts = range(0, len(of), PACKED)
        for start, ready in zip(starts, [ahead.submit(pack, s) for s in starts], strict=True):
            ready.result()
            for at in range(start, min(start + PACKED, len(of)), COUNTED):
                part = slice(at, min(at + COUNTED, start + PACKED))
                heavy = None if base is None else base[part]
                mass += np.bincount(packed[part], heavy, minlength=total)
    return packed, total, mass


def _groups(spans: Sequence[int]) -> list[tuple[list[int], int, bool]]:
    """Neighbouring margins whose combinations fit one byte, which is packed fastest."""
    groups: list[tuple[list[int], int, bool]] = []
    for m, span in enumerate(spans):
        if groups and groups[-1][1] * span <= 1 << 8:
            members, before, _ = groups[-1]
            groups[-1] = ([*members, m], before * span, True)
        else:
            groups.append(([m], span, span <= 1 << 8))
    return groups
