"""A survey's dataset as files: responses.csv, codebook.json, manifest.json and population.csv."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import polars as pl

from analysis.manifest import ANSWERS, Exclusion, Manifest, as_json
from consult.consultations import store as consultations
from consult.database import Database, ReadSession
from consult.datasets.codebook import codebook, columns
from consult.datasets.rows import off_path, row_of
from consult.datasets.store import changed, responses
from consult.datasets.strands import of_responses as strands_of
from consult.datasets.stream import MOST_ANSWERS, arrive, forms
from consult.datasets.table import Table, table
from consult.settings import Settings

if TYPE_CHECKING:
    from analysis.dataset import Dataset

#: Why a response, or an answer of one, is not in a dataset, as its manifest says it.
WITHDRAWN = "withdrawn by those who had sent them"
OFF_PATH = "to questions that their respondents’ paths did not lead to"


@dataclass(frozen=True)
class DatasetFiles:
    """A dataset's files as bytes; ``population`` is empty where the survey has no margins."""

    slug: str
    table: bytes
    codebook: str
    population: str
    manifest: str

    @property
    def responses(self) -> str:
        """The text of responses.csv."""
        return self.table.decode()

    def contents(self) -> dict[str, bytes]:
        """What is in each file, by its name."""
        found = {
            "responses.csv": self.table,
            "codebook.json": self.codebook.encode(),
            "manifest.json": self.manifest.encode(),
            "population.csv": self.population.encode(),
        }
        return {name: content for name, content in found.items() if content}

    def write(self, folder: Path) -> None:
        """Write them all."""
        for name, content in self.contents().items():
            (folder / name).write_bytes(content)

    @contextmanager
    def written(self) -> Iterator[tuple[Path, Path, Path | None]]:
        """The files in a folder for a while: responses, codebook, and margins if there are any."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.write(folder)
            targets = folder / "population.csv" if self.population else None
            yield folder / "responses.csv", folder / "codebook.json", targets


@dataclass(frozen=True)
class Made:
    """A dataset as a table in memory, with what its other files say."""

    slug: str
    frame: pl.DataFrame
    codebook: str
    population: str
    exclusions: Mapping[str, int]
    omissions: tuple[Exclusion, ...]
    sources: Mapping[str, str]

    def manifest(self, sha256: str, frozen: str = "") -> str:
        """The text of manifest.json for a file of the table."""
        return as_json(
            sha256, self.frame.height, self.exclusions, self.sources, frozen, self.omissions
        )

    def as_dataset(self) -> Dataset:
        """The same for the analysis, without a file in between."""
        from analysis import codebook as codebooks
        from analysis import dataset as datasets

        exclusions = tuple(Exclusion(reason, n) for reason, n in self.exclusions.items())
        manifest = Manifest(
            self.slug, "", self.frame.height, exclusions, tuple(self.sources.items()),
            omissions=self.omissions,
        )  # fmt: skip
        book = codebooks.parse(self.codebook, f"the codebook of {self.slug}")
        return datasets.of(self.frame, book, manifest)

    def files(self) -> DatasetFiles:
        """The files."""
        content = as_csv(self.frame)
        digest = hashlib.sha256(content).hexdigest()
        return DatasetFiles(
            self.slug, content, self.codebook, self.population, self.manifest(digest)
        )


async def dataset_files(
    database: Database, slug: str, settings: Settings | None = None
) -> DatasetFiles:
    """The dataset of a survey as it stands now. Raises NotFound."""
    return await asyncio.to_thread((await dataset(database, slug, settings)).files)


async def dataset(database: Database, slug: str, settings: Settings | None = None) -> Made:
    """The dataset of a survey as it stands now, one statement's view of it. Raises NotFound."""
    async with database.reading() as session:
        versions = await consultations.versions(session, slug)
        strands = await strands_of(database, session, slug, settings)
        book = codebook(versions, sorted(set(strands.values())))
        if len(forms([version.survey for version in versions])) > MOST_ANSWERS:
            found = await _by_row(session, slug, book, strands)
        else:
            arrived = await arrive(session, versions)
            # In a thread: no page waits for another's dataset.
            found = await asyncio.to_thread(table, arrived, versions, book, strands)
            del arrived
    population = versions[-1].survey.population
    text = said(book)
    sources = {f"survey version {v.number}": v.survey.content_hash for v in versions}
    for name, source in {"codebook.json": text, "population.csv": population}.items():
        sources |= {name: hashlib.sha256(source.encode()).hexdigest()} if source else {}
    omissions = (Exclusion(OFF_PATH, found.off_path, ANSWERS),)
    return Made(
        slug, found.frame, text, population, {WITHDRAWN: found.withdrawn}, omissions, sources
    )


async def _by_row(
    session: ReadSession, slug: str, book: Mapping[str, Any], strands: Mapping[UUID, str]
) -> Table:
    """The table response by response: for a survey with more questions than ``COPY`` takes."""
    found: dict[str, list[str | None]] = {name: [] for name in columns(book)}
    off = 0
    async for response in responses(session, slug, strands):
        off += off_path(response)
        for name, cell in row_of(response, book).items():
            found[name].append(cell or None)
    frame = pl.DataFrame(found, schema=dict.fromkeys(found, pl.String))
    return Table(frame, (await changed(session, slug))[1], off)


def as_csv(frame: pl.DataFrame) -> bytes:
    """The bytes of responses.csv: an empty cell is nothing at all, and lines end as on Unix."""
    text = io.BytesIO()
    frame.write_csv(text)
    return text.getvalue()


def said(book: Mapping[str, Any]) -> str:
    """The text of codebook.json."""
    return json.dumps(book, ensure_ascii=False, indent=2) + "\n"
