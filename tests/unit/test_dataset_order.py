"""The order of the rows of a dataset is that of its ids as texts."""

from random import Random

import polars as pl
import pytest

from consult.datasets.table import _order


@pytest.mark.parametrize("alike", [0, 8, 13, 17, 24, 36])
@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_ids_however_alike_come_in_order(alike: int, count: int) -> None:
    """Ids of one beginning, so that the bits that are sorted first cannot tell them apart."""
    chance = Random(count)
    digits = [f"{chance.getrandbits(128):032x}" for _ in range(count)]
    ids = [f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:]}" for d in digits]
    same = "89abcdef-0123-4567-89ab-cdef01234567"[:alike]
    # Some of them alike, among others that are not.
    ids = [same + one[alike:] if k % 3 else one for k, one in enumerate(ids)]
    found = pl.Series(ids, dtype=pl.String).gather(_order(pl.Series(ids, dtype=pl.String)))
    assert found.to_list() == sorted(ids)
