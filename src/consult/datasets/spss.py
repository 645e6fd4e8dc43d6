"""A dataset as a SAV file of SPSS: figures as numbers, codes as text, labels on all of it.

What an SPSS name cannot hold is said another way, and the codebook beside the file uses the file's
names. A question that was not asked is a value that SPSS takes for missing.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from consult.datasets.rows import NOT_ASKED
from consult.errors import ConsultError

FIGURES = frozenset({"number", "money", "ranking", "points"})
NAME_BYTES, LABEL_BYTES, VALUE_BYTES, TEXT_BYTES = 64, 255, 120, 32_767
RESERVED = frozenset(
    {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
)
#: What stands for "not asked": the first that nobody answered with. SPSS takes no text longer than
#: eight letters for missing.
CODES = (-9, -99, -999, -9_999, -99_999, -999_999, -9_999_999)


def sav(frame: pl.DataFrame, book: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """The bytes of a SAV file, and the codebook by its names. Raises ConsultError."""
    import pyreadstat

    names = _names(frame.columns)
    columns: list[pl.Series] = []
    labels: dict[str, str | None] = {}
    values: dict[str, dict[Any, str]] = {}
    missing: dict[str, list[Any]] = {}
    about = {c["name"]: (q, c) for q in book["questions"] for c in q["columns"]}
    for name in frame.columns:
        made, own = frame[name].alias(names[name]), names[name]
        labels[own] = name
        if name in about:
            question, column = about[name]
            labels[own] = _cut(_label(question, column, book), LABEL_BYTES)
            made, values[own], off = _typed(made, question, book)
            if off is not None:
                values[own][off] = NOT_ASKED
                missing[own] = [off]
        columns.append(_short_enough(made, name))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dataset.sav"
        pyreadstat.write_sav(
            pl.DataFrame(columns),
            file,
            file_label=_cut(_in_words(book["consultation"]["title"], book), 64),
            column_labels=labels,
            variable_value_labels={own: found for own, found in values.items() if found},
            missing_ranges=missing,
            row_compress=True,
        )
        return file.read_bytes(), _renamed(book, names)


def _typed(
    cells: pl.Series, question: Mapping[str, Any], book: Mapping[str, Any]
) -> tuple[pl.Series, dict[Any, str], Any]:
    """A column as SPSS is to have it, what its values mean, and which stands for "not asked"."""
    boxes = question["type"] == "choices"
    off = (cells == NOT_ASKED).fill_null(False)
    if off.any():
        cells = cells.set(off, None)
    labels: dict[Any, str] = {0: "No", 1: "Yes"} if boxes else {}
    codes: list[Any] = list(CODES)
    if boxes or question["type"] in FIGURES:
        cells = cells.cast(pl.Float64)
    else:
        labels = {
            o["code"]: _cut(_in_words(o["label"], book), VALUE_BYTES) for o in question["options"]
        }
        codes = [str(code) for code in CODES]
    if not off.any():
        return cells, labels, None
    used = {*cells.drop_nulls().unique().to_list(), *labels}
    code = next(code for code in codes if code not in used)
    return cells.set(off, code), labels, code


def _names(columns: list[str]) -> dict[str, str]:
    """A name of SPSS for each column: the same wherever it is one."""
    made: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        plain = re.sub(r"[^A-Za-z0-9_.]", "_", column)
        plain = f"v_{plain}" if plain.lower() in RESERVED or not plain[0].isalpha() else plain
        plain = plain[:NAME_BYTES].rstrip("._") or "v"
        made[column] = next(name for name in _variants(plain) if name.lower() not in taken)
        taken.add(made[column].lower())
    return made


def _variants(name: str) -> Iterator[str]:
    yield name
    for number in range(2, 1_000_000):
        yield f"{name[: NAME_BYTES - 8]}_{number}"


def _renamed(book: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The codebook by the names of the file; a column that has another says what it was."""
    questions = []
    for question in book["questions"]:
        columns = [
            column
            if names[column["name"]] == column["name"]
            else column | {"name": names[column["name"]], "column": column["name"]}
            for column in question["columns"]
        ]
        questions.append(question | {"columns": columns})
    return book | {"questions": questions}


def _label(question: Mapping[str, Any], column: Mapping[str, Any], book: Mapping[str, Any]) -> str:
    text = _in_words(question["text"], book)
    options = {o["code"]: _in_words(o["label"], book) for o in question["options"]}
    option = column.get("option")
    return f"{options.get(option, option)} – {text}" if option else text


def _in_words(said: Mapping[str, str], book: Mapping[str, Any]) -> str:
    return said.get(book["languages"][0]) or next(iter(said.values()), "")


def _cut(text: str, most: int) -> str:
    """``text`` within so many bytes, no letter cut in two."""
    whole = " ".join(text.split())
    content = whole.encode()
    return whole if len(content) <= most else content[: most - 3].decode(errors="ignore") + "…"


def _short_enough(cells: pl.Series, name: str) -> pl.Series:
    longest = cells.str.len_bytes().max() if cells.dtype == pl.String else 0
    if isinstance(longest, int) and longest > TEXT_BYTES:
        raise ConsultError(
            f"SPSS holds texts of {TEXT_BYTES:,} bytes, and column {name} has one of {longest:,}. "
            "Export as .csv or .parquet."
        )
    return cells
