"""Responses that arrived as one table: the rows of ``row_of``, made column by column.

What a cell says is worked out once for each different answer. ``rows.py`` says the same of one
response, and is what the tests hold this to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
from numpy.typing import NDArray

from consult.consultations.store import Version
from consult.datasets.codebook import META, STRAND, columns
from consult.datasets.paths import Answers, Mask, Paths
from consult.datasets.rows import NOT_ASKED
from consult.datasets.stream import ID, Arrived, Column, Numbers, Rows

START = date(2000, 1, 1)


@dataclass(frozen=True)
class Table:
    """A dataset's cells, ordered by id, null where empty; what is not in it, and how much."""

    frame: pl.DataFrame
    withdrawn: int
    #: Answers (not responses) that their respondents' paths did not lead to.
    off_path: int


class Cells:
    """A column of a dataset in the making: parts by few different texts, or as they are."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0, NOT_ASKED: 1}
        self._parts: list[Numbers | pl.Series] = []

    def add(self, own: NDArray[np.integer[Any]], texts: Sequence[str]) -> None:
        """A part whose every row says which of ``texts`` it is."""
        known = self._numbers
        numbers = [known.setdefault(text, len(known)) for text in texts]
        kind = np.min_scalar_type(len(known))
        self._parts.append(np.array(numbers, dtype=kind).take(own))

    def answers(self, asked: Mask, column: Column, texts: Sequence[str]) -> None:
        """A part of answers to what was ``asked``."""
        off = len(texts)
        numbers = np.where(asked, column.numbers, np.min_scalar_type(off).type(off))
        self.add(numbers, [*texts, NOT_ASKED])

    def constant(self, text: str, height: int) -> None:
        """A part that says one thing."""
        self.add(np.zeros(height, dtype=np.uint8), [text])

    def words(self, asked: Mask, words: pl.Series) -> None:
        """A part of what people wrote."""
        if (words.str.len_bytes() == 0).any():
            words = words.set(words == "", None)
        self._parts.append(words if asked.all() else words.set(pl.Series(~asked), NOT_ASKED))

    def series(self, order: Rows) -> pl.Series:
        """The whole column, its rows put in order."""
        if any(isinstance(part, pl.Series) for part in self._parts):
            words = [p if isinstance(p, pl.Series) else self._named(p) for p in self._parts]
            # In one piece: to put pieces in order takes ten times as long.
            return pl.concat([part.cast(pl.String) for part in words]).rechunk().gather(order)
        # Numbers are put in order in a third of the time that texts take.
        return self._named(np.concatenate(self._parts).take(order))

    def _named(self, numbers: Numbers) -> pl.Series:
        texts = [text or None for text in self._numbers]
        kind = pl.Enum([text for text in texts if text])
        return pl.Series(texts, dtype=kind).gather(pl.Series(numbers))


class _Part:
    """The responses to one version that count."""

    def __init__(self, version: Version, arrived: Arrived, rows: Rows) -> None:
        self.version = version
        self.height = len(rows)
        every = self.height == len(arrived.ids)
        self.ids = arrived.ids if every else arrived.ids.gather(rows)
        self.about = {n: c if every else c.among(rows) for n, c in arrived.about.items()}
        self.answers: dict[str, Answers] = {}
        for qid, question in version.survey.questions.items():
            stored = arrived.answers[qid]
            if not every:
                stored = stored.among(rows) if isinstance(stored, Column) else stored.gather(rows)
            self.answers[qid] = Answers(question, stored, arrived.forms[qid])
        self._paths = Paths(version.survey, self.answers, self.about["closed"])

    def asked(self, qid: str) -> Mask:
        """Whom the question was asked."""
        nobody = np.zeros(self.height, dtype=bool)
        return self._paths.asked.get(qid, nobody)

    def off_path(self) -> int:
        """How many answers are not counted."""
        return sum(int((a.given & ~self.asked(qid)).sum()) for qid, a in self.answers.items())


def table(
    arrived: Arrived,
    versions: Sequence[Version],
    book: Mapping[str, Any],
    strands: Mapping[UUID, str],
) -> Table:
    """The dataset of responses that arrived, but for those withdrawn."""
    counts = ~arrived.about["withdrawn"].where("t")
    made = {name: Cells() for name in columns(book) if name != ID}
    ids, off_path = [], 0
    for version in versions:
        of_version = arrived.about["version"].where(str(version.id))
        part = _Part(version, arrived, np.flatnonzero(counts & of_version))
        ids.append(part.ids)
        off_path += part.off_path()
        _about(part, made)
        for entry in book["questions"]:
            if version.number not in entry["versions"]:
                for column in entry["columns"]:
                    made[column["name"]].constant(NOT_ASKED, part.height)
            elif entry["question"] in part.answers:
                _answers(part, entry, made)
            else:
                _strands(part, strands, made)
    together = pl.concat(ids).rechunk().alias(ID)
    order = _order(together).to_numpy().astype(np.intp)
    # One after the other, so that no column is held twice for long.
    rest = (made.pop(name).series(order).alias(name) for name in [*made])
    frame = pl.DataFrame([together.gather(order), *rest])
    return Table(frame, int((~counts).sum()), off_path)


def _order(ids: pl.Series) -> pl.Series:
    """The places of ``ids`` in order.

    Their first 44 bits or so and their places are sorted as one number each, which takes a tenth of
    the time of sorting texts. Where those do not tell two apart, 60 bits may.
    """
    first, second = ids.str.head(8), ids.str.slice(9, 4)
    keys = first.str.to_integer(base=16, dtype=pl.UInt64).to_numpy() << np.uint64(16)
    keys |= second.str.to_integer(base=16, dtype=pl.UInt64).to_numpy()
    bits = max(16, len(ids).bit_length())
    packed = keys << np.uint64(16) & ~np.uint64((1 << bits) - 1)
    packed |= np.arange(len(ids), dtype=np.uint64)
    packed.sort()
    places = (packed & np.uint64((1 << bits) - 1)).astype(np.uint32)
    ranked = keys[places]
    if (ranked[1:] > ranked[:-1]).all():
        return pl.Series(places)
    digits = first + second + ids.str.slice(14, 3)
    order = digits.str.to_integer(base=16).arg_sort()
    return order if ids.gather(order).is_sorted() else ids.arg_sort()


def _about(part: _Part, made: Mapping[str, Cells]) -> None:
    days = [text and _day(text) for text in part.about["day"].texts]
    said = {"received_on": ("day", days), "order_seed": ("seed", None)}
    for name in META:
        if name == "survey_version":
            made[name].constant(str(part.version.number), part.height)
        elif name != ID:
            source, texts = said.get(name, (name, None))
            column = part.about[source]
            made[name].add(column.numbers, [t or "" for t in texts or column.texts])


def _day(text: str) -> str:
    return (START + timedelta(days=int(text))).isoformat()


def _strands(part: _Part, strands: Mapping[UUID, str], made: Mapping[str, Cells]) -> None:
    named = ["", *sorted(set(strands.values()))]
    places = {str(one): named.index(strand) for one, strand in strands.items()}
    found = [places.get(one, 0) for one in part.ids]
    made[STRAND].add(np.array(found, dtype=np.uint32), named)


def _answers(part: _Part, entry: Mapping[str, Any], made: Mapping[str, Cells]) -> None:
    """The columns of a question; an option that came with a later version was not there yet."""
    answers, asked = part.answers[entry["question"]], part.asked(entry["question"])
    own = dict(answers.question.columns())
    stored = answers.stored
    if isinstance(stored, Column):
        cells = [{} if v is None else answers.question.cells(v) for v in answers.values]
    for column in entry["columns"]:
        name = entry["question"] + column["name"].removeprefix(entry["id"])
        into = made[column["name"]]
        if name not in own:
            into.constant("", part.height)
        elif isinstance(stored, Column):
            into.answers(asked, stored, [cell.get(name, "") for cell in cells])
        else:
            into.words(asked, stored)
