"""A file of responses, a row a response, read into the one type the other stages accept."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis import codebook as codebooks
from analysis import files
from analysis.codebook import Codebook, Question
from analysis.errors import DataError, listed

NOT_ASKED = "(not asked)"
"""The cell of a question that was not on this respondent's route."""

_SEAL = object()


@dataclass(frozen=True, slots=True)
class Dataset:
    """Responses as text cells (null = no answer), with where they came from.

    `frame` has one text column per column of the file; `ids` are unique. Made only by `read`
    and, from one of those, by `only`.
    """

    frame: pl.DataFrame
    ids: tuple[str, ...]
    codebook: Codebook
    id_col: str
    sha256: str
    name: str
    _seal: object = field(repr=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("a Dataset is made by analysis.dataset.read alone")

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> pl.Series:
        """The answers of a column; null where there is none or the question was not asked.

        Raises DataError when there is no such column.
        """
        if name not in self.frame.columns:
            raise DataError(
                f"{self.name}: there is no column “{name}”. "
                f"It has: {listed(self.frame.columns, 20)}."
            )
        cells = self.frame[name]
        return cells.set(cells == NOT_ASKED, None)

    def asked(self, name: str) -> NDArray[np.bool_]:
        """True where the question of this column was on the respondent's route."""
        self.column(name)
        return ~(self.frame[name] == NOT_ASKED).fill_null(False).to_numpy()

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
        return values.to_numpy().astype(np.float64)

    def question(self, question_id: str) -> Question:
        """The question of that id: from the codebook, else worked out from the column.

        Raises DataError when neither knows it.
        """
        known = self.codebook.find(question_id)
        if known is not None:
            for column in known.columns:
                self.column(column.name)
            return known
        cells = self.column(question_id).drop_nulls()
        distinct = cells.unique().to_list()
        numeric = bool(cells.cast(pl.Float64, strict=False).is_finite().fill_null(False).all())
        return codebooks.infer(question_id, distinct, numeric and bool(distinct))

    def only(self, rows: NDArray[np.bool_]) -> "Dataset":
        """The dataset of the rows marked true."""
        kept = tuple(i for i, keep in zip(self.ids, rows, strict=True) if keep)
        return Dataset(
            self.frame.filter(pl.Series(rows)),
            kept,
            self.codebook,
            self.id_col,
            self.sha256,
            self.name,
            _SEAL,
        )


def read(path: Path | str, codebook: Path | str | None = None, id_col: str = "id") -> Dataset:
    """Read responses from CSV, Parquet, XLSX or SAV (by the file name's ending).

    Every cell is read as text; an empty cell is no answer. Raises DataError when the file cannot
    be read, has no rows, lacks the id column, or an id is empty or comes twice.
    """
    path = Path(path)
    book = codebooks.load(Path(codebook)) if codebook is not None else Codebook()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from None
    frame = files.parse(path, content)
    if id_col not in frame.columns:
        raise DataError(
            f"{path.name}: there is no column “{id_col}” to tell responses apart. It has: "
            f"{listed(frame.columns, 20)}. Name the right one with --id."
        )
    if frame.height == 0:
        raise DataError(f"{path.name}: there are no rows below the header.")
    ids = _unique_ids(frame[id_col], path.name, id_col)
    frame, book = _with_flags(frame, book)
    digest = hashlib.sha256(content).hexdigest()
    return Dataset(frame, ids, book, id_col, digest, path.name, _SEAL)


def _with_flags(frame: pl.DataFrame, book: Codebook) -> tuple[pl.DataFrame, Codebook]:
    """Columns for whether a response is flagged, and for each flag; without the column, no flags.

    A flag that the codebook does not know is one all the same.
    """
    if not book.flags or codebooks.FLAGS not in frame.columns:
        return frame, replace(book, flags=())
    lists = frame[codebooks.FLAGS].fill_null("").str.split(" ")
    made = [
        pl.Series(codebooks.FLAGGED, ["yes" if any(flags) else "no" for flags in lists]),
        *(
            pl.Series(
                codebooks.flag_column(flag.code), ["01"[flag.code in flags] for flags in lists]
            )
            for flag in book.flags
        ),
    ]
    return frame.with_columns(made), book


def _unique_ids(column: pl.Series, name: str, id_col: str) -> tuple[str, ...]:
    empty = column.is_null().arg_true()
    if len(empty):
        raise DataError(f"{name}: row {int(empty[0]) + 1} has no “{id_col}”. Give each row one.")
    twice = column.is_duplicated()
    if twice.any():
        first = column.filter(twice)[0]
        rows = [int(i) + 1 for i in (column == first).arg_true()]
        raise DataError(
            f"{name}: the {id_col} “{first}” comes {len(rows)} times (rows "
            f"{', '.join(map(str, rows[:5]))}). Each response must have its own; remove the copies."
        )
    return tuple(column.to_list())
