"""A code frame and what people have coded: as read from files."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.errors import DataError

NONE = "(none)"
"""Marks an answer that was read and found to have no code."""

Doubles = NDArray[np.float64]
Marks = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a frame."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Coded:
    """Answers that people have coded.

    `codes[i]` are those of the answer at place i, over all coders; `by` has what each coder gave
    it, where the file says who coded. `members` are, by code, the answers that a machine put into
    the candidates it was made of.
    """

    codes: Mapping[int, frozenset[str]]
    by: Mapping[int, Mapping[str, frozenset[str]]]
    members: Mapping[str, frozenset[int]] = field(default_factory=dict)

    @property
    def places(self) -> Places:
        """(coded,): where the coded answers are."""
        return np.array(sorted(self.codes), dtype=np.int64)

    def marks(self, frame: Sequence[Code]) -> Doubles:
        """(coded, codes): 1 where an answer has the code."""
        ids = [code.id for code in frame]
        rows = [[i in self.codes[k] for i in ids] for k in self.places.tolist()]
        return np.array(rows, float).reshape(len(rows), len(ids))


def read_frame(path: Path) -> list[Code]:
    """The codes of a CSV file `code,name,description`, of which only `code` must be there."""
    codes: list[Code] = []
    for line, row in _rows(path, ["code"]):
        code = row["code"]
        if not code or code == NONE:
            raise DataError(f"{path.name}: line {line} has no code. Give every code a name.")
        if any(code == other.id for other in codes):
            raise DataError(f"{path.name}: line {line}: the code “{code}” stands there twice.")
        codes.append(Code(code, row.get("name") or code, row.get("description") or ""))
    return codes


def read_coded(path: Path, places: Mapping[str, int], frame: Sequence[Code]) -> Coded:
    """Coded answers from a CSV file `id,code`, with `coder` where several coded.

    Raises DataError for an id that no response has, and a code that the frame lacks.
    """
    known = {code.id for code in frame}
    given: dict[int, dict[str, set[str]]] = {}
    for line, row in _rows(path, ["id", "code"]):
        place, code = places.get(row["id"]), row["code"]
        if place is None:
            raise DataError(f"{path.name}: line {line}: no response has the id “{row['id']}”.")
        if not code:
            raise DataError(f"{path.name}: line {line} has no code. For none write “{NONE}”.")
        if known and code not in known and code != NONE:
            raise DataError(f"{path.name}: line {line}: the frame has no code “{code}”.")
        found = given.setdefault(place, {}).setdefault(row.get("coder") or "", set())
        found |= set() if code == NONE else {code}
    by = {k: {who: frozenset(c) for who, c in many.items()} for k, many in given.items()}
    codes = {k: frozenset[str]().union(*many.values()) for k, many in by.items()}
    return Coded(codes, by)


def _rows(path: Path, needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise DataError(
                f"{path.name}: there is no column “{missing[0]}”. It needs {', '.join(needed)}."
            )
        return [
            (number, {k: (v or "").strip() for k, v in row.items() if isinstance(k, str)})
            for number, row in enumerate(reader, start=2)
        ]
