"""XLSX to rows of text, after a look whether the file is what it says."""

import io
import re
import zipfile

import polars as pl

from analysis.errors import DataError, listed

UNPACKED = 1_000_000_000
"""Bytes a workbook may unpack to: a million rows of long comments need less."""
CELLS = 100_000_000
"""Cells a sheet may span, empty ones included, for the reader lays all of them out."""
BLOCK = 1 << 20
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
"""How a workbook begins that has a password, and one of Excel before 2007."""
_COLUMN = re.compile(rb' r="([A-Z]{1,3})[0-9]+"')
_ROW = re.compile(rb' r="([0-9]+)"')
_MIDNIGHT = " 00:00:00"
_NO_DAY = ("1899-12-30 ", "1899-12-31 ")


def rows(name: str, content: bytes, sheet: str | None = None) -> list[list[str]]:
    """The cells of a sheet (None: the first that holds anything), row by row as text.

    A formula counts with its last result; one that ended in an error, such as #N/A, is empty.
    Raises DataError when it is no workbook, has a password, is empty or unpacks to too much.
    """
    _safe(name, content)
    import fastexcel

    book = fastexcel.read_excel(content)
    if sheet is not None and sheet not in book.sheet_names:
        raise DataError(f"{name}: has no sheet “{sheet}”, but {listed(book.sheet_names)}.")
    for one in [sheet] if sheet is not None else book.sheet_names:
        frame = pl.DataFrame(book.load_sheet(one, header_row=None, dtypes="string"))
        if frame.width:
            return [[_cell(c) for c in row] for row in frame.iter_rows()]
    raise DataError(f"{name}: there is nothing in its sheets {listed(book.sheet_names)}.")


def sheets(name: str, content: bytes) -> list[str]:
    """The names of its sheets. Raises DataError as `rows` does."""
    _safe(name, content)
    import fastexcel

    return list(fastexcel.read_excel(content).sheet_names)


def _cell(cell: str | None) -> str:
    if cell is None:
        return ""
    if cell in ("true", "false"):
        return "1" if cell == "true" else "0"
    if cell.startswith(_NO_DAY):  # A time without a day is counted from the calendar's beginning.
        return cell[len(_NO_DAY[0]) :]
    return cell.removesuffix(_MIDNIGHT)


def _safe(name: str, content: bytes) -> None:
    """Refuse what would fill the memory, by the sizes that the file states and by its true ones."""
    if content.startswith(OLD_OR_LOCKED):
        raise DataError(
            f"{name}: it has a password, or is of Excel before 2007. Save it as .xlsx without one."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > UNPACKED:
                raise _too_large(name)
            if any(entry.flag_bits & 1 for entry in entries):
                raise DataError(f"{name}: it has a password. Save it without one.")
            for entry in entries:
                _true_size(name, archive, entry)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError):
        raise DataError(
            f"{name}: it is damaged or not whole. Download or copy it again, or save it as .xlsx."
        ) from None


def _true_size(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpacks once without keeping it: an entry that goes beyond its stated size fails its sum."""
    is_sheet = entry.filename.startswith("xl/worksheets/")
    columns: set[bytes] = set()
    last, tail = 1, b""
    with archive.open(entry) as part:
        while block := part.read(BLOCK):
            if not is_sheet:
                continue
            text = tail + block
            columns.update(_COLUMN.findall(text))
            last = max(last, *map(int, _ROW.findall(text)), 1)
            tail = text[-100:]
    widest = max(((len(c), c) for c in columns), default=(1, b"A"))[1]
    place = 0
    for letter in widest:
        place = place * 26 + letter - 64
    if place * last > CELLS:
        raise _too_large(name)


def _too_large(name: str) -> DataError:
    return DataError(f"{name}: it unpacks to more than can be read. Save it as CSV or Parquet.")
