"""Responses out of PostgreSQL by the block: ``COPY``, parsed in a thread while the next one comes.

A million rows through an ORM take minutes, and ``COPY`` takes seconds. PostgreSQL takes the answers
apart, so that what arrives is a table; of nearly all columns the few different values are kept, and
for each row a number.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from consult.consultations.store import Version
from consult.database import Link, ReadSession, link_of
from consult.errors import ConsultError
from consult.questionnaire.answers import Date, Numeric, OneOf, Question, Text
from consult.questionnaire.conditions import names as spoken
from consult.questionnaire.survey import Survey
from consult.respond.flags import SET_ASIDE

#: Bytes that are parsed at once, and how many such blocks may wait for it.
BLOCK, AHEAD = 8 << 20, 2
#: A query of PostgreSQL has at most 1,664 columns.
MOST_ANSWERS = 1_600
#: Seconds to wait after each piece, so that the next is larger: at once, they come 10 kB at a time.
BREATH = 0.0005
#: Seconds after which a dataset is given up: many times what the largest takes.
PATIENCE = 3600
#: What COPY writes where there is nothing; a text that reads so comes with its backslash doubled.
NOTHING = r"\N"
#: COPY's marks for what would break its lines.
MARKS = {
    r"\\": "\\", r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\b": "\b", r"\f": "\f", r"\v": "\v",
}  # fmt: skip
ID = "id"
#: What many responses have in common, as one text: a few hundred different ones at most.
COMMON = ("version", "withdrawn", "channel", "language", "day", "flags", "closed")
BETWEEN = "\x1f"

Numbers = NDArray[np.unsignedinteger[Any]]
Rows = NDArray[np.intp]
#: How an answer arrives: words as they are; one of few words; or JSON.
Form = Literal["words", "word", "json"]

# The answers are unpacked once a row: long ones are stored compressed, and each ->> would do it.
_QUERY = """
SELECT r.id, concat_ws(E'\\x1f', r.version_id, r.withdrawn, r.channel, r.language,
    r.received_on - DATE '2000-01-01', array_to_string(r.flags || CASE WHEN r.source IN
    (SELECT id FROM api_key WHERE set_aside) THEN ARRAY[$2::varchar] END, ' '),
    array_to_string(r.closed_parts, ',')), r.order_seed, r.again {answers}
FROM response r, LATERAL (SELECT r.answers || '{{}}'::jsonb AS a OFFSET 0) unpacked
WHERE r.version_id = ANY($1::int[])"""


@dataclass(frozen=True)
class Column:
    """A column by its few different texts: ``numbers`` says which each row has; 0 is none."""

    numbers: Numbers
    texts: Sequence[str | None]

    def among(self, rows: Rows) -> Column:
        """Some of its rows."""
        return Column(self.numbers[rows], self.texts)

    def where(self, text: str) -> NDArray[np.bool_]:
        """The rows with that text."""
        places = [number for number, one in enumerate(self.texts) if one == text]
        return np.isin(self.numbers, places)


@dataclass(frozen=True)
class Arrived:
    """Responses in the order they came in: what is known of each, and answers by question."""

    ids: pl.Series
    about: Mapping[str, Column]
    #: Words as they are (null: no answer), or a column of few texts.
    answers: Mapping[str, Column | pl.Series]
    forms: Mapping[str, Form]


def forms(surveys: Sequence[Survey]) -> dict[str, Form]:
    """How the answer to each question of any version arrives."""
    found: dict[str, Form] = {}
    for survey in surveys:
        conditions = [page.when for page in survey.pages]
        conditions += [q.when for page in survey.pages for q in page.questions]
        looked_at = {name for condition in conditions if condition for name in spoken(condition)}
        for qid, question in survey.questions.items():
            form = _form(question, qid in looked_at)
            # What versions differ in arrives in the form that loses least.
            found[qid] = form if found.get(qid, form) == form else "json"
    return found


def _form(question: Question, looked_at: bool) -> Form:
    if isinstance(question, Text) and not looked_at:
        return "words"
    return "word" if isinstance(question, Text | OneOf | Numeric | Date) else "json"


async def arrive(session: ReadSession, versions: Sequence[Version]) -> Arrived:
    """All responses to the versions of a survey, withdrawn ones too, as one statement sees them."""
    asked = forms([version.survey for version in versions])
    arrow = {"words": "->>", "word": "->>", "json": "->"}
    answers = "".join(f", a {arrow[form]} ${n}" for n, form in enumerate(asked.values(), start=3))
    link = await link_of(session)
    columns = [ID, "common", "seed", "again", *(f"a {qid}" for qid in asked)]
    plain = {ID, *(f"a {qid}" for qid, form in asked.items() if form == "words")}
    kinds = {
        name: pl.String() if name in plain else pl.Categorical(pl.Categories.random())
        for name in columns
    }
    frame = await _blocks(
        link,
        _QUERY.format(answers=answers),
        [[version.id for version in versions], SET_ASIDE, *asked],
        kinds,
    )
    found = {qid: _taken(frame, f"a {qid}") for qid in asked}
    common = _coded(frame.drop_in_place("common"))
    unused = [""] * len(COMMON)
    fields = [text.split(BETWEEN) if text else unused for text in common.texts]
    about = {
        name: Column(common.numbers, texts)
        for name, texts in zip(COMMON, zip(*fields, strict=True), strict=True)
    }
    about |= {name: _coded(frame.drop_in_place(name)) for name in ("seed", "again")}
    return Arrived(frame.drop_in_place(ID), about, found, asked)


def _taken(frame: pl.DataFrame, name: str) -> Column | pl.Series:
    series = frame.drop_in_place(name)
    return series if series.dtype == pl.String else _coded(series)


async def _blocks(
    link: Link, query: str, given: Sequence[object], kinds: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """What a query finds. PostgreSQL sends a message a row, and whole messages are handed on."""
    parts: list[bytes] = []
    work: list[asyncio.Task[pl.DataFrame]] = []
    size = 0

    async def take(data: bytes) -> None:
        nonlocal size
        parts.append(data)
        size += len(data)
        if size >= BLOCK:
            work.append(asyncio.create_task(asyncio.to_thread(_parse, b"".join(parts), kinds)))
            parts.clear()
            size = 0
            if len(work) > AHEAD:
                await work[-1 - AHEAD]
        await asyncio.sleep(BREATH)

    try:
        await link.copy_from_query(query, *given, output=take, timeout=PATIENCE)
        last = await asyncio.to_thread(_parse, b"".join(parts), kinds)
        return pl.concat([*await asyncio.gather(*work), last])
    finally:
        for task in work:
            task.cancel()


def _parse(content: bytes, kinds: Mapping[str, pl.DataType]) -> pl.DataFrame:
    schema = {name: pl.String() for name in kinds}
    if not content:
        return pl.DataFrame(schema=kinds)
    try:
        # An empty text is read as null, and nothing as a text: both are put right where looked at.
        frame = pl.read_csv(
            content, has_header=False, separator="\t", quote_char=None, schema=schema
        )
        return frame.with_columns(
            _unmarked(name) if name != ID and kind == pl.String else pl.col(name).cast(kind)
            for name, kind in kinds.items()
        )
    except pl.exceptions.PolarsError as error:
        # Its own words may quote an answer.
        raise ConsultError(f"Responses cannot be read ({type(error).__name__}).") from None


def _unmarked(name: str) -> pl.Expr:
    raw = pl.col(name).fill_null("")
    clear = raw.str.replace_many(list(MARKS), list(MARKS.values()), leftmost=True)
    return pl.when(raw != NOTHING).then(clear).alias(name)


def _coded(series: pl.Series) -> Column:
    """A column of categories by numbers from 1, which take as few bytes as they can."""
    different = series.unique().drop_nulls()
    codes = different.to_physical().to_list()
    most = max(codes, default=-1)
    texts: list[str | None] = [None] * (most + 3)
    for code, text in zip(codes, different.cast(pl.String).to_list(), strict=True):
        texts[code + 1] = None if text == NOTHING else re.sub(r"\\.", _mark, text)
    texts[-1] = ""  # read as null
    kind = np.min_scalar_type(len(texts))
    nothing = next((code + 1 for code in codes if texts[code + 1] is None), 0)
    places = series.to_physical().fill_null(most + 1).to_numpy()
    numbers = np.arange(1, len(texts), dtype=kind)
    numbers[nothing - 1 : nothing] = 0
    return Column(numbers[places], texts)


def _mark(found: re.Match[str]) -> str:
    return MARKS[found[0]]
