"""A dataset as a file for other programs: CSV, XLSX, SAV and Parquet, its codebook beside it.

``analysis.dataset.read`` reads the same answers from each.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from consult.datasets.files import DatasetFiles, said
from consult.datasets.rows import NOT_ASKED
from consult.datasets.spss import sav
from consult.errors import ConsultError

ROWS, LETTERS = 1_048_575, 32_767  # of a sheet below its header, and of a cell
CODEBOOK = "codebook.json"


def export(files: DatasetFiles, output: Path) -> None:
    """Write a dataset as ``output``, by its ending, and its other files beside it.

    Raises ConsultError for what the kind of file cannot hold, and where the folder has the codebook
    of another survey.
    """
    refuse_another(files.slug, output.parent)
    if output.suffix.lower() != ".csv":
        frame = pl.read_csv(files.table, infer_schema=False)
        content, book = WRITERS[output.suffix.lower()](frame, json.loads(files.codebook))
        files = _of(files, content, said(book))
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(files.table)
        for name, text in files.contents().items():
            if name != "responses.csv":
                (output.parent / name).write_bytes(text)
    except OSError as error:
        raise ConsultError(f"{output} cannot be written: {error.strerror}.") from None


def refuse_another(slug: str, folder: Path) -> None:
    """Raise ConsultError where a folder holds a codebook that is not of this survey."""
    place = folder / CODEBOOK
    if not place.exists():
        return
    try:
        owner = json.loads(place.read_text(encoding="utf-8"))["survey"]["slug"]
    except (OSError, ValueError, KeyError, TypeError):
        owner = None
    if owner != slug:
        whose = f"that of '{owner}'" if isinstance(owner, str) else "none that consult wrote"
        raise ConsultError(
            f"{place} is there already and is {whose}: it would be lost, and the data beside it "
            f"could not be read. Export '{slug}' into a folder of its own: -o {slug}/FILE"
        )


def _of(files: DatasetFiles, content: bytes, codebook: str) -> DatasetFiles:
    """The files of a dataset whose table is another kind of file; the manifest tells of that."""
    manifest = json.loads(files.manifest)
    manifest["sha256"] = hashlib.sha256(content).hexdigest()
    manifest["sources"] |= {CODEBOOK: hashlib.sha256(codebook.encode()).hexdigest()}
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    return replace(files, table=content, codebook=codebook, manifest=text)


def numeric(book: Mapping[str, Any]) -> set[str]:
    """The columns that hold figures: numbers, boxes ticked or not, places and points."""
    kinds = {"number", "money", "choices", "ranking", "points"}
    found = {c["name"] for q in book["questions"] if q["type"] in kinds for c in q["columns"]}
    return found | {"survey_version", "order_seed"}


def _parquet(frame: pl.DataFrame, book: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    content = io.BytesIO()
    frame.write_parquet(content)
    return content.getvalue(), book


def _xlsx(frame: pl.DataFrame, book: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """A sheet of texts and figures; nothing that anyone wrote is a formula or a link."""
    import xlsxwriter

    _fits_a_sheet(frame)
    content, figures = io.BytesIO(), numeric(book)
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(content, options) as workbook:
        # The same dataset is the same bytes, whenever it is written.
        workbook.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
        sheet = workbook.add_worksheet("responses")
        sheet.freeze_panes(1, 1)
        sheet.write_row(0, 0, frame.columns)
        number = [name in figures for name in frame.columns]
        for row, cells in enumerate(frame.iter_rows(), start=1):
            for column, cell in enumerate(cells):
                if cell is None:
                    continue
                if number[column] and cell != NOT_ASKED:
                    sheet.write_number(row, column, float(cell))
                else:
                    sheet.write_string(row, column, cell)
    return content.getvalue(), book


def _fits_a_sheet(frame: pl.DataFrame) -> None:
    if frame.height > ROWS:
        raise ConsultError(
            f"A sheet has {ROWS:,} rows at most and these are {frame.height:,} responses. Export "
            "them as .csv or .parquet."
        )
    for name in frame.columns:
        longest = frame[name].str.len_chars().max()
        if isinstance(longest, int) and longest > LETTERS:
            raise ConsultError(
                f"A cell of a sheet holds {LETTERS:,} letters, and column {name} has an answer of "
                f"{longest:,}. Export as .csv or .parquet."
            )


Writer = Callable[[pl.DataFrame, dict[str, Any]], tuple[bytes, dict[str, Any]]]
WRITERS: Mapping[str, Writer] = {".parquet": _parquet, ".xlsx": _xlsx, ".sav": sav}
ENDINGS = {".csv", *WRITERS}
