"""A survey's dataset as files: responses.csv, codebook.json and population.csv."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

from consult.consultations import store as consultations
from consult.database import Database
from consult.datasets.codebook import codebook, columns
from consult.datasets.rows import row_of
from consult.datasets.store import responses
from consult.datasets.strands import of_responses as strands_of
from consult.settings import Settings


@dataclass(frozen=True)
class DatasetFiles:
    """The texts of a dataset's files; ``population`` is empty where the survey has no margins."""

    slug: str
    responses: str
    codebook: str
    population: str

    def write(self, folder: Path) -> None:
        """Write responses.csv, codebook.json and, where there are margins, population.csv."""
        texts = {"responses.csv": self.responses, "codebook.json": self.codebook}
        if self.population:
            texts["population.csv"] = self.population
        for name, text in texts.items():
            # No translation of line ends: the same dataset is the same bytes everywhere.
            (folder / name).write_bytes(text.encode())


async def dataset_files(
    database: Database, slug: str, settings: Settings | None = None
) -> DatasetFiles:
    """The dataset of a survey as it stands now, in one snapshot. Raises NotFound."""
    async with database.reading() as session:
        versions = await consultations.versions(session, slug)
        strands = await strands_of(database, session, slug, settings)
        book = codebook(versions, sorted(set(strands.values())))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns(book), lineterminator="\n", restval="")
        writer.writeheader()
        async for response in responses(session, slug, strands):
            writer.writerow(row_of(response, book))
    said = json.dumps(book, ensure_ascii=False, indent=2) + "\n"
    return DatasetFiles(slug, text.getvalue(), said, versions[-1].survey.population)
