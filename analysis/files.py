"""Files to tables of text: CSV, Parquet, XLSX and SAV, by the ending of the name."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from analysis.codebook import Codebook
from analysis.errors import DataError, listed


def parse(path: Path, content: bytes) -> pl.DataFrame:
    """The table of a file, every cell as text and an empty one as null.

    Raises DataError when it cannot be read.
    """
    readers = {".csv": _csv, ".parquet": _parquet, ".xlsx": _xlsx, ".sav": _sav}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DataError(
            f"{path.name}: files ending “{path.suffix}” are not read. "
            f"Save it as one of {', '.join(readers)}."
        )
    if not content.strip():
        raise DataError(f"{path.name}: the file is empty.")
    try:
        return _as_text(reader(path, content))
    except DataError:
        raise
    except ImportError as error:
        raise DataError(
            f"{path.name}: reading this kind of file needs the Python package “{error.name}”. "
            "Install it, or save the file as CSV."
        ) from None
    except Exception as error:
        # The reader's own message may quote a cell, so only its kind is passed on.
        raise DataError(
            f"{path.name}: cannot be read as {path.suffix[1:].upper()} "
            f"({type(error).__name__}). Save it again from the program it came from."
        ) from None


SCANNED = (".csv", ".parquet")
"""Endings of files that `scan` can read as a stream."""


def scan(path: Path, columns: Sequence[str] | None) -> pl.LazyFrame:
    """The columns (None: all) of a CSV or Parquet file as text, to be read as a stream."""
    if path.suffix.lower() == ".csv":
        frame = pl.scan_csv(path, infer_schema=False)
    else:
        frame = pl.scan_parquet(path).with_columns(pl.all().cast(pl.String))
    if columns is not None:
        frame = frame.select(columns)
    stripped = pl.all().str.strip_chars()
    return frame.with_columns(stripped).with_columns(pl.all().replace("", None))


def dictionary(path: Path, content: bytes) -> Codebook | None:
    """The codebook that the file itself brings; None where it has none."""
    return None


def _csv(path: Path, content: bytes) -> pl.DataFrame:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path.name}: line {line} is not UTF-8 text. Save the file as “CSV UTF-8”."
        ) from None
    header = next(csv.reader(io.StringIO(text)), [])
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(
            f"{path.name}: two columns are named {listed(repeated)}. Rename all but one."
        )
    return pl.read_csv(text.encode(), infer_schema=False)


def _parquet(path: Path, content: bytes) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(content))


def _xlsx(path: Path, content: bytes) -> pl.DataFrame:
    return pl.read_excel(io.BytesIO(content), engine="calamine")


def _sav(path: Path, content: bytes) -> pl.DataFrame:
    import pyreadstat

    columns, _ = pyreadstat.read_sav(str(path), output_format="dict")
    return pl.DataFrame(columns, strict=False, nan_to_null=True)


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select([_text(frame[name]) for name in frame.columns])


def _text(cells: pl.Series) -> pl.Series:
    """A column as text: whole numbers without a decimal point, so that a code 1 stays “1”."""
    if cells.dtype == pl.Boolean:
        cells = cells.cast(pl.Int8)
    elif cells.dtype.is_float():
        whole = cells.drop_nulls()
        if bool((whole.is_finite() & (whole == whole.floor()) & (whole.abs() < 2**53)).all()):
            cells = cells.cast(pl.Int64)
    if cells.dtype != pl.String:
        cells = cells.cast(pl.String)
    stripped = cells.str.strip_chars()
    return stripped.set(stripped == "", None)
