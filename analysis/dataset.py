"""A file of responses, a row a response, read into the one type the other stages accept."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis import codebook as codebooks
from analysis import files
from analysis.codebook import NOT_ASKED, Codebook, Question
from analysis.errors import DataError, listed
from analysis.manifest import Manifest

LARGE = 100_000_000
"""Bytes of a file from which it is read as distinct values and their places, column by column: a
text cell takes 16 bytes and more, a place 4."""

Codes = NDArray[np.unsignedinteger[Any]]

_SEAL = object()


@dataclass(frozen=True, slots=True)
class Dataset:
    """Responses as text cells (null = no answer), with where they came from.

    `frame` has one column per column of the file, of text or of categories; `ids` are unique.
    Made only by `read`, by `of` and, from one of those, by `only`.
    """

    frame: pl.DataFrame
    ids: pl.Series
    codebook: Codebook
    id_col: str
    manifest: Manifest
    _seal: object = field(repr=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("a Dataset is made by analysis.dataset.read and of alone")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self.manifest.name

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file."""
        return self.manifest.sha256

    def _cells(self, name: str) -> pl.Series:
        if name not in self.frame.columns:
            raise DataError(
                f"{self.name}: there is no column “{name}”. "
                f"It has: {listed(self.frame.columns, 20)}."
            )
        return self.frame[name]

    def column(self, name: str) -> pl.Series:
        """The answers of a column as text; null where there is none or it was not asked.

        Raises DataError when there is no such column.
        """
        cells = self._cells(name)
        if cells.dtype != pl.String:
            cells = cells.cast(pl.String)
        off = cells == NOT_ASKED
        return cells.set(off, None) if off.any() else cells

    def asked(self, name: str) -> NDArray[np.bool_]:
        """True where the question of this column was on the respondent's route."""
        return ~(self._cells(name) == NOT_ASKED).fill_null(False).to_numpy()

    def distinct(self, name: str) -> list[str]:
        """The different answers of a column, in the order of the alphabet."""
        cells = self._cells(name)
        if isinstance(cells.dtype, pl.Enum):
            # Counted, which takes a quarter of the time of looking for different ones.
            places = cells.drop_nulls().to_physical().to_numpy()
            there = np.flatnonzero(np.bincount(places)).tolist()
            found = cells.dtype.categories.gather(there).to_list()
        else:
            found = cells.unique().cast(pl.String).drop_nulls().to_list()
        return sorted(value for value in found if value != NOT_ASKED)

    def coded(self, name: str, categories: Sequence[str]) -> Codes:
        """Each row's place among `categories`; `len(categories)` where its answer is none of them.

        As small as the places allow: one byte a row for up to 254 categories.
        """
        cells, most = self._cells(name), len(categories)
        kind = pl.UInt8 if most < 2**8 else pl.UInt16 if most < 2**16 else pl.UInt32
        known = pl.Enum(list(categories))
        if isinstance(cells.dtype, pl.Enum):
            # From number to number: by way of their texts it takes ten times as long.
            texts = cells.dtype.categories
            table = texts.cast(known, strict=False).to_physical().cast(kind).fill_null(most)
            numbers = cells.to_physical().cast(pl.UInt32).fill_null(len(texts)).to_numpy()
            by_number: Codes = np.append(table.to_numpy(), table.to_numpy().dtype.type(most))
            return by_number.take(numbers)
        places = cells.cast(known, strict=False).to_physical()
        found: Codes = places.cast(kind).fill_null(most).to_numpy()
        return found

    def numbers(self, name: str) -> NDArray[np.float64]:
        """The column as numbers, NaN where there is no answer.

        Raises DataError naming the first row whose cell is not a finite number.
        """
        cells = self.column(name)
        values = cells.cast(pl.Float64, strict=False)
        bad = (cells.is_not_null() & ~values.is_finite().fill_null(False)).arg_true()
        if len(bad):
            row = int(bad[0])
            raise DataError(
                f"{self.name}: column “{name}”, row {row + 1} ({self.id_col} {self.ids[row]}) is "
                f"not a number ({len(bad)} such rows). Write plain figures, such as 12.50."
            )
        return values.to_numpy().astype(np.float64, copy=False)

    def question(self, question_id: str) -> Question:
        """The question of that id: from the codebook, else worked out from the column.

        Raises DataError when neither knows it.
        """
        known = self.codebook.find(question_id)
        if known is not None:
            for column in known.columns:
                self._cells(column.name)
            return known
        distinct = self.distinct(question_id)
        numeric = bool(
            pl.Series(distinct, dtype=pl.String)
            .cast(pl.Float64, strict=False)
            .is_finite()
            .fill_null(False)
            .all()
        )
        return codebooks.infer(question_id, distinct, numeric and bool(distinct))

    def only(self, rows: NDArray[np.bool_], reason: str = "") -> "Dataset":
        """The dataset of the rows marked true; `reason` says in the manifest why others are out."""
        mask = pl.Series(rows)
        out = int(len(rows) - mask.sum())
        manifest = self.manifest.without(reason, out) if reason and out else self.manifest
        return replace(
            self, frame=self.frame.filter(mask), ids=self.ids.filter(mask), manifest=manifest
        )


def read(
    path: Path | str,
    codebook: Path | str | None = None,
    id_col: str = "id",
    columns: Sequence[str] | None = None,
) -> Dataset:
    """Read responses from CSV, Parquet, XLSX or SAV (by the file name's ending).

    Every cell is read as text; an empty cell is no answer. With `columns` only those are kept, as
    far as they are there. `manifest.json` beside the file is taken over where it tells of this
    very file. A SAV file brings its own codebook unless another is given. Raises DataError when
    the file cannot be read, has no rows, lacks the id column, or an id is empty or comes twice.
    """
    path = Path(path)
    try:
        large = path.stat().st_size >= LARGE and path.suffix.lower() in files.SCANNED
        content = b"" if large else path.read_bytes()
        digest = _digest(path) if large else hashlib.sha256(content).hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from None
    frame = _in_parts(path, id_col, columns) if large else files.parse(path, content)
    if codebook is not None:
        book = codebooks.load(Path(codebook))
    else:
        book = files.dictionary(path, content) or Codebook()
    if id_col not in frame.columns:
        raise DataError(
            f"{path.name}: there is no column “{id_col}” to tell responses apart. It has: "
            f"{listed(frame.columns, 20)}. Name the right one with --id."
        )
    if frame.height == 0:
        raise DataError(f"{path.name}: there are no rows below the header.")
    ids = _unique_ids(frame[id_col], path.name, id_col)
    if columns is not None:
        frame = frame.select(c for c in frame.columns if c in {*columns, id_col, codebooks.FLAGS})
    frame, book = _with_flags(frame, book)
    manifest = Manifest.beside(path, digest, frame.height)
    return Dataset(frame, ids, book, id_col, manifest, _SEAL)


def of(frame: pl.DataFrame, codebook: Codebook, manifest: Manifest, id_col: str = "id") -> Dataset:
    """Responses that are in memory, as `read` gives them from a file of the same cells.

    Columns of `pl.Enum` stay as they are; of all others the cells are made text. Raises DataError
    where there are no rows, and for ids as `read` does.
    """
    if id_col not in frame.columns or not frame.height:
        raise DataError(f"{manifest.name}: there are no rows, or no column “{id_col}”.")
    cells = files.cleaned(manifest.name, frame)
    ids = _unique_ids(cells[id_col], manifest.name, id_col)
    cells, codebook = _with_flags(cells, codebook)
    return Dataset(cells, ids, codebook, id_col, manifest, _SEAL)


def table(path: Path) -> pl.DataFrame:
    """Any table in a file, every cell as text. Raises DataError where it cannot be read."""
    try:
        return files.parse(path, path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _in_parts(path: Path, id_col: str, columns: Sequence[str] | None) -> pl.DataFrame:
    """The file as categories but for its ids, read as a stream: memory grows with the ids alone."""
    scanned = files.scan(path, None)
    there = scanned.collect_schema().names()
    wanted = there if columns is None else [c for c in there if c in {*columns, id_col}]
    categories = pl.all() if id_col not in there else pl.exclude(id_col)
    chosen = scanned.select(wanted).with_columns(categories.cast(pl.Categorical))
    with files.reading(path):
        return chosen.collect(engine="streaming")


def _with_flags(frame: pl.DataFrame, book: Codebook) -> tuple[pl.DataFrame, Codebook]:
    """Columns for whether a response is flagged, and for each flag; without the column, no flags.

    A flag that the codebook does not know is one all the same.
    """
    if not book.flags or codebooks.FLAGS not in frame.columns:
        return frame, replace(book, flags=())
    # What is said of each of the few different cells is then given to every row.
    cells = frame[codebooks.FLAGS]
    kind = cells.dtype
    if not isinstance(kind, pl.Enum):
        cells = cells.cast(pl.String)
        kind = pl.Enum(cells.unique().drop_nulls())
    texts = [*kind.categories, ""]
    rows = cells.cast(kind).to_physical().cast(pl.UInt32).fill_null(len(texts) - 1)

    def column(name: str, said: Sequence[str], kinds: Sequence[str]) -> pl.Series:
        return pl.Series(said, dtype=pl.Enum(kinds)).gather(rows).alias(name)

    flagged = ["yes" if text.strip() else "no" for text in texts]
    made = [column(codebooks.FLAGGED, flagged, ("no", "yes"))]
    for flag in book.flags:
        has = [str(int(flag.code in text.split(" "))) for text in texts]
        made.append(column(codebooks.flag_column(flag.code), has, ("0", "1")))
    return frame.with_columns(made), book


def _unique_ids(column: pl.Series, name: str, id_col: str) -> pl.Series:
    if column.null_count():
        empty = column.is_null().arg_true()
        raise DataError(f"{name}: row {int(empty[0]) + 1} has no “{id_col}”. Give each row one.")
    # Each after the one before, as they come from a database, no two are equal: soon seen.
    in_order = bool((column[1:] > column[:-1]).all())
    if not in_order and column.n_unique() < len(column):
        first = column.filter(column.is_duplicated())[0]
        rows = [int(i) + 1 for i in (column == first).arg_true()]
        raise DataError(
            f"{name}: the {id_col} “{first}” comes {len(rows)} times (rows "
            f"{', '.join(map(str, rows[:5]))}). Each response must have its own; remove the copies."
        )
    return column
