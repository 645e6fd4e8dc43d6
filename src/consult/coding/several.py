"""One code frame over several questions: which they are, and their comments as one list.

The comments on all of them are kept, read and coded with the question whose frame it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid5

import polars as pl

from consult.coding import store
from consult.coding.frame import Frame
from consult.coding.model import Comment, Place
from consult.coding.store import AnySession
from consult.database import WriteSession
from consult.datasets.files import Made
from consult.datasets.rows import NOT_ASKED
from consult.datasets.stream import ID
from consult.errors import ConsultError, NotFound


def coded_by(frame: Frame, place: Place) -> list[Place]:
    """The questions that are coded by the frame of one: that one first."""
    return [place, *map(Place.of, frame.others)]


def among(comments: Sequence[Comment], frame: Frame) -> list[Comment]:
    """The comments on questions that are coded by a frame, of those that were read for it."""
    asked = {"", *(Place.of(other).question for other in frame.others)}
    return [c for c in comments if c.asked in asked]


async def leads(session: AnySession, slug: str) -> dict[Place, Place]:
    """By question of a survey that is coded by another's frame, which that is."""
    found: dict[Place, Place] = {}
    for place in [p for p in await store.frames(session) if p.slug == slug]:
        frame = (await store.head(session, place)).frame
        found |= dict.fromkeys(coded_by(frame, place)[1:], place)
    return found


async def may_join(
    session: AnySession, frame: Frame, place: Place, every: Sequence[Place]
) -> list[Place]:
    """The questions that may be coded by a frame too: those that no other is there for."""
    taken = set(await leads(session, place.slug))
    frames = {p: (await store.head(session, p)).frame for p in await store.frames(session)}
    own = {p for p, one in frames.items() if one.codes or one.others}
    # Of one question two meanings would be one in the comments.
    here = {one.question for one in coded_by(frame, place)}
    return [p for p in every if p.question not in here and p not in taken | own]


async def joined(
    session: WriteSession, frame: Frame, place: Place, other: str, every: Sequence[Place]
) -> tuple[Frame, str]:
    """The frame coding another question too, and what was done. Raises ConsultError."""
    await store.lock(session, place.slug)
    found = Place.of(other)
    if found not in await may_join(session, frame, place, every):
        raise ConsultError("Choose a question of this survey that is not coded yet.")
    made = replace(frame, others=(*frame.others, str(found)))
    return made, f"Took in “{found.question}”, to be coded by this frame"


def parted(frame: Frame, other: str) -> tuple[Frame, str]:
    """The frame no longer coding another question, and what was done. Raises ConsultError."""
    if other not in frame.others:
        raise ConsultError("That question is not coded by this frame.")
    left = tuple(one for one in frame.others if one != other)
    return replace(frame, others=left), f"Let go of “{Place.of(other).question}”"


def written(made: Made, places: Sequence[Place]) -> tuple[Made, str, list[Comment]]:
    """A dataset whose rows are the answers to questions, in the column of the first, and its name.

    The comments are a row each, without text where nothing was said. Raises NotFound.
    """
    book = json.loads(made.codebook)
    entries = [place.entry(book) for place in places]
    name = str(entries[0]["id"]) if entries[0] else ""
    parts, comments = [], []
    for place, entry in zip(places, entries, strict=True):
        if entry is None:
            raise NotFound(str(place))
        cells = made.frame[entry["id"]].cast(pl.String)
        said = cells.is_not_null() & (cells != NOT_ASKED) & (cells.str.strip_chars() != "")
        cells = cells.set(~said.fill_null(False), None)
        own = place == places[0]
        responses = [UUID(one) for one in made.frame[ID].to_list()]
        ids = responses if own else [uuid5(one, str(place)) for one in responses]
        asked = "" if own else place.question
        comments += [
            Comment(one, cell or "", asked=asked, of=response)
            for one, cell, response in zip(ids, cells.to_list(), responses, strict=True)
        ]
        numbered = pl.Series(ID, [str(one) for one in ids], dtype=pl.String)
        parts.append(made.frame.with_columns(cells.alias(name), numbered))
    return replace(made, frame=pl.concat(parts)), name, comments
