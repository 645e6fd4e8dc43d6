"""Files to tables of text: CSV, Parquet, XLSX and SAV, by the ending of the name.

Every cell is text without blanks around it, and an empty one is null. Whole numbers have no
decimal point, so that a code 1 stays “1”; true and false are “1” and “0”; a day is 2025-01-31.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from analysis import delimited
from analysis.codebook import Codebook
from analysis.errors import DataError, listed

SCANNED = (".csv", ".parquet")
"""Endings of files that `scan` can read as a stream."""
ENDINGS = (".csv", ".parquet", ".xlsx", ".sav")

EXACT = 2**53
"""Beyond it a float no longer tells whole numbers apart."""


def parse(path: Path, content: bytes) -> pl.DataFrame:
    """The table of a file, every cell as text and an empty one as null.

    Rows at the end that hold nothing are left out, and so are columns without name or content.
    Raises DataError when it cannot be read.
    """
    ending = _ending(path, content)
    with reading(path):
        if ending == ".csv":
            return _trimmed(_separated(path.name, content))
        if ending == ".parquet":
            frame = pl.read_parquet(io.BytesIO(content))
        elif ending == ".xlsx":
            from analysis import workbook

            frame = _headed(path.name, workbook.rows(path.name, content))
        else:
            from analysis import spss

            frame = spss.table(content)
        return _trimmed(_cleaned(path.name, frame.lazy()).collect())


def cleaned(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A table in memory as `parse` gives one, but that columns of categories stay what they are.

    Raises DataError for cells that are no text, figure or day.
    """
    # Texts that are to stay as they are need not be made anew, which takes five times as long.
    clean = frame.select(_clean(pl.col(pl.String)))
    kept = [c for c in clean.columns if clean[c][0]]
    kept += [
        name
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.Enum) and pl.select(_clean(pl.lit(kind.categories))).item()
    ]
    return _cleaned(name, frame.lazy(), kept).collect()


def _clean(texts: pl.Expr) -> pl.Expr:
    """Whether none of them is empty or has blanks around it."""
    length = texts.str.len_bytes()
    return ((texts.str.strip_chars().str.len_bytes() == length) & (length > 0)).all()


def rows(path: Path, content: bytes) -> list[list[str]]:
    """The cells of a CSV or XLSX file row by row, headers included, without any made sense of.

    An empty cell is "" and rows are filled up to one length. Raises DataError as `parse` does.
    """
    ending = _ending(path, content)
    with reading(path):
        if ending == ".csv":
            found = delimited.rows(path.name, content)
        elif ending == ".xlsx":
            from analysis import workbook

            found = workbook.rows(path.name, content)
        else:
            raise DataError(f"{path.name}: save it as CSV or XLSX; only these are read here.")
    width = max(map(len, found), default=0)
    cells = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in found]
    while cells and not any(cells[-1]):
        cells.pop()
    return cells


def scan(path: Path, columns: Sequence[str] | None = None) -> pl.LazyFrame:
    """The columns (None: all) of a CSV or Parquet file as `parse` gives them, read as a stream.

    Raises DataError when the header cannot be used or lacks a column. Damage further down shows
    only when it is collected: do that within `reading`.
    """
    with reading(path):
        if path.suffix.lower() == ".csv":
            frame = delimited.scan(path)
        elif path.suffix.lower() == ".parquet":
            frame = pl.scan_parquet(path)
        else:
            raise DataError(f"{path.name}: only {' and '.join(SCANNED)} are read as a stream.")
        there = frame.collect_schema().names()
        missing = [name for name in columns or () if name not in there]
        if missing:
            raise DataError(
                f"{path.name}: there is no column {listed(missing)}. It has: {listed(there, 20)}."
            )
        return _cleaned(path.name, frame if columns is None else frame.select(columns))


def dictionary(path: Path, content: bytes) -> Codebook | None:
    """The codebook that the file itself brings; None where it has none. Only SAV files do.

    Raises DataError when it cannot be read.
    """
    if path.suffix.lower() != ".sav":
        return None
    with reading(path):
        from analysis import spss

        return spss.dictionary(content, path.stem)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns what a reader of files raises into a DataError that names the file."""
    kind = path.suffix[1:].upper()
    try:
        yield
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
            f"{path.name}: cannot be read as {kind} ({type(error).__name__}). "
            "Save it again from the program it came from."
        ) from None


def _ending(path: Path, content: bytes) -> str:
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise DataError(
            f"{path.name}: files ending “{path.suffix}” are not read. "
            f"Save it as one of {', '.join(ENDINGS)}."
        )
    if not content or content.isspace():
        raise DataError(f"{path.name}: the file is empty.")
    return ending


def _separated(name: str, content: bytes) -> pl.DataFrame:
    try:
        # As a stream, so that the cells as they stand and cleaned are never held both.
        frame = _cleaned(name, delimited.table(name, content)).collect(engine="streaming")
    except pl.exceptions.PolarsError:
        delimited.check(name, content)
        raise
    if frame.width and frame.get_columns()[-1].null_count():
        delimited.check(name, content)
    return frame


def _headed(name: str, cells: list[list[str]]) -> pl.DataFrame:
    """A table of rows whose first is the header."""
    names = delimited.names(name, cells[0]) if cells else []
    columns = zip(*cells[1:], strict=True) if len(cells) > 1 else [()] * len(names)
    return pl.DataFrame(
        [pl.Series(n, c, dtype=pl.String) for n, c in zip(names, columns, strict=True)]
    )


def _cleaned(name: str, frame: pl.LazyFrame, kept: Sequence[str] = ()) -> pl.LazyFrame:
    schema = frame.collect_schema()
    nested = [column for column, kind in schema.items() if kind.is_nested()]
    if nested:
        raise DataError(f"{name}: {listed(nested)} holds lists. Give each part a column.")
    return frame.with_columns(
        _text(column, kind) for column, kind in schema.items() if column not in kept
    )


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    cells = pl.col(name)
    if kind == pl.Boolean:
        return cells.cast(pl.Int8).cast(pl.String)
    if kind.is_float():
        cells = cells.fill_nan(None)
        whole = cells.is_finite() & (cells == cells.floor()) & (cells.abs() < EXACT)
        figures = cells.cast(pl.Int64, strict=False).cast(pl.String)
        return pl.when(whole).then(figures).otherwise(cells.cast(pl.String)).alias(name)
    if isinstance(kind, pl.Datetime):
        return cells.dt.strftime("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    if kind == pl.Binary:
        cells = cells.cast(pl.String, strict=False)
    stripped = cells.cast(pl.String).str.strip_chars()
    return pl.when(stripped != "").then(stripped).otherwise(None).alias(name)


def _trimmed(frame: pl.DataFrame) -> pl.DataFrame:
    """Without rows at the end that hold nothing, and columns without name and content."""
    unnamed = [c for c in frame.columns if delimited.UNNAMED.fullmatch(c)]
    frame = frame.drop([c for c in unnamed if frame[c].null_count() == frame.height])
    # Only where the last row holds nothing is it worth looking further up.
    if frame.height and frame.width and not any(frame.row(-1)):
        filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()
        frame = frame.head(int(filled[-1]) + 1 if len(filled) else 0)
    return frame
