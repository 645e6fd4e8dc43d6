"""CSV as it comes: separated by commas, semicolons or tabs, in UTF-8 or UTF-16 with its mark."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from analysis.errors import DataError, listed

SEPARATORS = (",", ";", "\t")
HEAD = 1 << 16
"""Bytes from which the separator and the header are found out."""
LOOKED_AT = 30
"""Rows in which a separator must give the same number of cells."""
UNNAMED = re.compile(r"\(column \d+\)")
# A comment may be longer than the 131,072 letters that the csv module takes by default.
csv.field_size_limit(1 << 30)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def table(name: str, content: bytes) -> pl.LazyFrame:
    """The table, not yet read. Raises DataError when the text or the header cannot be used."""
    content = _utf8(name, content)
    return _named(name, content, content[:HEAD])


def check(name: str, content: bytes) -> None:
    """Raises DataError naming the line where a row has not as many cells as the header.

    Slow: for files that failed, or whose last column has gaps, as after a row cut short.
    """
    separator, _ = _layout(_utf8(name, content)[:HEAD])
    width = 0
    for line, row in lines(name, content):
        width = width or len(row)
        if len(row) != width:
            raise DataError(
                f"{name}: cannot be read as CSV: line {line} has {len(row)} cells, the header "
                f"{width}. Put a text that holds “{separator}” or a line break in quotation "
                "marks, and save it again."
            )


def rows(name: str, content: bytes) -> list[list[str]]:
    """The cells row by row, blank lines left out."""
    return [row for _, row in lines(name, content)]


def lines(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The cells row by row with the line each row begins in, blank lines left out."""
    content = _utf8(name, content)
    separator, _ = _layout(content[:HEAD])
    yield from _records(name, content, separator)


def scan(path: Path) -> pl.LazyFrame:
    """The table, to be read as a stream."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(_WIDE):
        return table(path.name, path.read_bytes())
    return _named(path.name, path, head)


def _named(name: str, source: Path | bytes, head: bytes) -> pl.LazyFrame:
    separator, header = _layout(head)
    columns = names(name, header)
    frame = pl.scan_csv(source, separator=separator, infer_schema=False, skip_rows=_declared(head))
    return frame.rename(dict(zip(frame.collect_schema().names(), columns, strict=True)))


def names(name: str, header: Sequence[str]) -> list[str]:
    """The names of columns; one without a name is called by its place.

    Raises DataError when two have one name.
    """
    named = [cell.strip() or f"(column {place})" for place, cell in enumerate(header, start=1)]
    repeated = sorted(n for n, times in Counter(named).items() if times > 1)
    if repeated:
        raise DataError(f"{name}: two columns are named {listed(repeated)}. Rename all but one.")
    return named


def _utf8(name: str, content: bytes) -> bytes:
    """The content in UTF-8. Checked by polars' own reader too, but that names no line."""
    try:
        if content.startswith(_WIDE):
            return content.decode("utf-16").encode()
        for start in range(0, len(content), HEAD):
            # A letter of several bytes may stand across the cut; it is looked at from both sides.
            codecs.utf_8_decode(content[max(start - 4, 0) : start + HEAD], "strict", False)
    except UnicodeDecodeError:
        pass
    else:
        return content
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(
            f"{name}: line {line} is not UTF-8 text. Save the file as “CSV UTF-8”."
        ) from None
    return content


def _declared(content: bytes) -> int:
    """1 where the first line only says which separator Excel is to use."""
    return int(content.removeprefix(codecs.BOM_UTF8)[:4].lower() == b"sep=")


def _layout(head: bytes) -> tuple[str, list[str]]:
    """The separator and the header.

    The separator is one that gives the first rows the same number of cells, more than one; of
    several such the one that gives most cells, else the comma where the header has any.
    """
    text = head.decode("utf-8-sig", errors="replace")
    if _declared(head):
        line, _, text = text.partition("\n")
        separator = line.strip()[4:5] or ","
        return separator, next(csv.reader(io.StringIO(text), delimiter=separator), [])
    found: dict[str, tuple[bool, int, list[str]]] = {}
    for separator in SEPARATORS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        some = [row for row, _ in zip(reader, range(LOOKED_AT), strict=False) if row]
        # The last row may be cut off by the end of what is looked at.
        widths = {len(row) for row in (some[:-1] if len(some) > 2 else some)}
        header = some[0] if some else []
        found[separator] = (len(widths) == 1 and len(header) > 1, len(header), header)
    steady = [s for s in SEPARATORS if found[s][0]]
    if not steady and found[","][1] > 1:
        best = ","
    else:
        best = max(steady or SEPARATORS, key=lambda s: found[s][1])
    return best, found[best][2]


def _records(name: str, content: bytes, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line each begins in."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    skipped = _declared(content)
    if skipped:
        text.readline()
    reader = csv.reader(text, delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line + skipped, row
            line = reader.line_num + 1
    except csv.Error:
        raise DataError(
            f"{name}: cannot be read as CSV: a quotation mark in the row that begins in line "
            f"{line + skipped} is not closed. Save the file again."
        ) from None
