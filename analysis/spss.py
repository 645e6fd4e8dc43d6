"""SAV files of SPSS: their cells, and the codebook that their labels make."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from analysis.codebook import NOT_ASKED, NUMERIC_DISTINCT, Codebook, Column, Option, Question, infer

LONG = 60
"""A text variable with an answer longer than this is a comment."""
LISTED = 50
"""A text variable with more different answers than this is no list to choose from."""


@dataclass(frozen=True, slots=True)
class _Set:
    """A multiple-response set: tick-boxes with one counted value, or a few places for codes."""

    name: str
    label: str
    variables: tuple[str, ...]
    counted: str | None


def table(content: bytes) -> pl.DataFrame:
    """The cells; user-missing ones are null, but those labelled as not asked say so.

    Tick-boxes of a multiple-response set become 1 and 0; a set of places for codes gains a column
    of 1 and 0 for each of its codes.
    """
    columns, meta = _read(content)
    off = _not_asked(content, meta)
    frame = pl.DataFrame([pl.Series(name, cells, strict=False) for name, cells in columns.items()])
    made: list[pl.Expr | pl.Series] = []
    for group in _sets(meta, frame.columns):
        if group.counted is None:
            spread = _spread(frame, group, _labels(meta, group.variables[0]))
            made += spread
            places = [off[name] for name in group.variables if name in off]
            if places:
                # A place is also empty of a code where another holds one: that was asked.
                unasked = spread[0].is_null() & _any(places)
                off |= {place.name: unasked for place in spread}
            continue
        for name in group.variables:
            cell = _code(frame[name])
            made.append(
                pl.Series(name, [None if c is None else str(int(c == group.counted)) for c in cell])
            )
    frame = frame.with_columns(made)
    return frame.with_columns(_marked(frame[name], rows) for name, rows in off.items())


def dictionary(content: bytes, title: str) -> Codebook:
    """The codebook: a question a variable or multiple-response set, in the order of the file.

    Variables called “id” are left out. `title` stands in where the file has no label.
    """
    columns, meta = _read(content)
    sets = {group.variables[0]: group for group in _sets(meta, list(columns))}
    in_sets = {name for group in sets.values() for name in group.variables}
    questions = []
    for name, cells in columns.items():
        if name in sets:
            questions.append(_of_set(sets[name], meta, columns))
        elif name not in in_sets and name.lower() != "id":
            questions.append(_question(name, cells, meta))
    return Codebook(questions=tuple(questions), title=str(meta.file_label or "").strip() or title)


def _read(content: bytes) -> tuple[dict[str, list[Any]], Any]:
    import pyreadstat

    columns, _ = pyreadstat.read_sav(io.BytesIO(content), output_format="dict")
    # Which values are user-missing is told only to those who ask to be given them.
    _, meta = pyreadstat.read_sav(
        io.BytesIO(content), output_format="dict", user_missing=True, metadataonly=True,
        disable_datetime_conversion=True,
    )  # fmt: skip
    return dict(columns), meta


def _not_asked(content: bytes, meta: Any) -> dict[str, pl.Series]:
    """By variable the rows whose value is user-missing with the label of what was not asked."""
    import pyreadstat

    values = {
        name: [
            value
            for value, label in meta.variable_value_labels.get(name, {}).items()
            if str(label).strip() == NOT_ASKED and _missing(meta, name, value)
        ]
        for name in meta.missing_ranges
    }
    marked = [name for name, found in values.items() if found]
    if not marked:
        return {}
    columns, _ = pyreadstat.read_sav(
        io.BytesIO(content), output_format="dict", usecols=marked, user_missing=True,
        disable_datetime_conversion=True,
    )  # fmt: skip
    return {
        name: pl.Series(name, [cell in values[name] for cell in columns[name]], dtype=pl.Boolean)
        for name in marked
    }


def _any(masks: list[pl.Series]) -> pl.Series:
    return pl.DataFrame(masks).select(pl.any_horizontal(pl.all())).to_series()


def _marked(cells: pl.Series, off: pl.Series) -> pl.Series:
    return pl.Series(cells.name, _code(cells), dtype=pl.String).set(off, NOT_ASKED)


def _code(cells: pl.Series) -> list[str | None]:
    return [None if cell is None else _text(cell) for cell in cells]


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip().removesuffix(" 00:00:00")


def _missing(meta: Any, name: str, value: Any) -> bool:
    """Whether the value is declared to mean no answer."""
    for span in meta.missing_ranges.get(name, ()):
        try:
            if span["lo"] <= value <= span["hi"]:
                return True
        except TypeError:  # A text among figures, or the reverse.
            continue
    return False


def _labels(meta: Any, name: str) -> dict[str, str]:
    """Code → label, without those of user-missing values."""
    labels = meta.variable_value_labels.get(name, {})
    return {
        _text(value): str(label).strip() or _text(value)
        for value, label in labels.items()
        if not _missing(meta, name, value)
    }


def _wording(meta: Any, name: str) -> str:
    return str(meta.column_names_to_labels.get(name) or "").strip() or name


def _question(name: str, cells: list[Any], meta: Any) -> Question:
    text = _wording(meta, name)
    labels = _labels(meta, name)
    if meta.original_variable_types.get(name, "").startswith(("DATE", "ADATE", "EDATE", "SDATE")):
        return Question(name, "date", text, text, (Column(name),))
    found = {_text(cell) for cell in cells if cell is not None} - {"", NOT_ASKED}
    numeric = meta.readstat_variable_types.get(name) != "string"
    others = found - labels.keys()
    # A scale from 0 to 100 of which only the ends and “don't know” are labelled is a figure.
    if labels and not (numeric and len(others) > NUMERIC_DISTINCT):
        options = [Option(code, label) for code, label in labels.items()]
        options += [Option(code, code) for code in sorted(others)]
        return Question(name, "choice", text, text, (Column(name),), tuple(options))
    if not numeric and max(map(len, found), default=0) > LONG:
        return Question(name, "long_text", text, text, (Column(name),))
    if not numeric and len(found) > LISTED:
        return Question(name, "short_text", text, text, (Column(name),))
    return replace(infer(name, sorted(found), numeric), text=text, short=text)


def _sets(meta: Any, names: list[str]) -> Iterator[_Set]:
    known = {name.lower(): name for name in names}
    for name, group in (meta.mr_sets or {}).items():
        # SPSS writes the variables of a set in small letters, whatever their own.
        variables = tuple(known[v.lower()] for v in group["variable_list"] if v.lower() in known)
        if not variables:
            continue
        counted = _text(group["counted_value"]) if group["is_dichotomy"] else None
        yield _Set(name, str(group.get("label") or "").strip() or name, variables, counted)


def _of_set(group: _Set, meta: Any, columns: dict[str, list[Any]]) -> Question:
    if group.counted is not None:
        options = tuple(Option(name, _wording(meta, name)) for name in group.variables)
        places = tuple(Column(name, name) for name in group.variables)
    else:
        labels = _labels(meta, group.variables[0])
        used = {_text(c) for v in group.variables for c in columns[v] if c is not None}
        labels |= {code: code for code in sorted(used - labels.keys())}
        options = tuple(Option(code, label) for code, label in labels.items())
        places = tuple(Column(_place(group, code), code) for code in labels)
    return Question(group.name, "choices", group.label, group.label, places, options)


def _place(group: _Set, code: str) -> str:
    return f"{group.name}/{code}"


def _spread(frame: pl.DataFrame, group: _Set, labels: dict[str, str]) -> list[pl.Series]:
    """A column of 1 and 0 a code; null where no place of the row holds any."""
    chosen = [
        {c for c in row if c is not None}
        for row in zip(*(_code(frame[name]) for name in group.variables), strict=True)
    ]
    codes = [*labels, *sorted({c for row in chosen for c in row} - labels.keys())]
    return [
        pl.Series(_place(group, code), [str(int(code in row)) if row else None for row in chosen])
        for code in codes
    ]
