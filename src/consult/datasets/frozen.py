"""Frozen datasets: what a report was published from, for good.

Who takes their answers back changes the responses, never a figure that was published. So nothing in
a frozen dataset leads from a response to its row: rows have ids of their own, drawn by chance, and
stand in their order; what a withdrawn response keeps of itself (its day, its language, the seed of
its order) is left empty; and words of anybody's own are in it only where that is asked for.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import zlib
from dataclasses import replace
from typing import Any
from uuid import uuid4

import polars as pl

from analysis.manifest import QUESTIONS, Exclusion
from consult import clock
from consult.accounts.store import record
from consult.database import Database
from consult.datasets import store
from consult.datasets.files import DatasetFiles, Made, as_csv, said
from consult.datasets.store import Frozen
from consult.datasets.stream import ID
from consult.errors import ConsultError

#: Columns of every dataset that a response keeps too, and that no table is made of.
KEPT_APART = ("language", "received_on", "survey_version", "order_seed", "again")
OWN_WORDS = frozenset({"short_text", "long_text"})
LEFT_OUT = "answered in people’s own words"


async def freeze(database: Database, made: Made, *, by: str, with_comments: bool = False) -> Frozen:
    """Freeze a dataset as it stands now. Raises ConsultError."""
    slug = made.slug
    if not made.frame.height:
        raise ConsultError(f"Nobody has answered {slug} yet, so there is nothing to freeze.")
    apart = await asyncio.to_thread(_apart, made, with_comments)
    table = await asyncio.to_thread(as_csv, apart.frame)
    packed = await asyncio.to_thread(zlib.compress, table)
    async with database.writing() as session:
        number = await store.next_number(session, slug)
        frozen = Frozen(
            slug,
            number,
            clock.today(clock.now()),
            apart.manifest(hashlib.sha256(table).hexdigest(), str(number)),
            apart.codebook,
            apart.population,
            packed,
        )
        await store.keep(session, frozen)
        with_words = "with comments" if with_comments else "without comments"
        record(session, by, "dataset.freeze", f"{slug} dataset {number}", with_words)
    return frozen


async def thawed(database: Database, slug: str, number: int) -> DatasetFiles:
    """The files of a frozen dataset, to the byte as they were frozen. Raises ConsultError."""
    async with database.reading() as session:
        found = await store.frozen(session, slug, number)
    if found is None:
        raise ConsultError(
            f"'{slug}' has no frozen dataset {number}. See which there are: consult dataset list "
            f"{slug}"
        )
    table = await asyncio.to_thread(zlib.decompress, found.responses)
    return DatasetFiles(slug, table, found.codebook, found.population, found.manifest)


def _apart(made: Made, with_comments: bool) -> Made:
    """The dataset with nothing in it that leads to a response."""
    book: dict[str, Any] = json.loads(made.codebook)
    omissions, dropped = made.omissions, []
    if not with_comments:
        own_words = [entry for entry in book["questions"] if entry["type"] in OWN_WORDS]
        book["questions"] = [entry for entry in book["questions"] if entry not in own_words]
        dropped = [column["name"] for entry in own_words for column in entry["columns"]]
        omissions += (Exclusion(LEFT_OUT, len(own_words), QUESTIONS),)
    ids = pl.Series(ID, [str(uuid4()) for _ in range(made.frame.height)])
    frame = (
        made.frame.drop(dropped)
        .with_columns(ids, *(pl.lit(None, pl.String).alias(name) for name in KEPT_APART))
        .sort(ID)
    )
    text = said(book)
    sources = {**made.sources, "codebook.json": hashlib.sha256(text.encode()).hexdigest()}
    return replace(made, frame=frame, codebook=text, omissions=omissions, sources=sources)
