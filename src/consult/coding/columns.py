"""Signed codes as a question of the dataset: weighted, tabled and protected like any other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import polars as pl

from consult.coding import store
from consult.coding.frame import Frame
from consult.coding.model import Comment, Place, Quotation, Revision
from consult.coding.several import among, coded_by
from consult.coding.standing import Standing, by_people, standings
from consult.database import Database
from consult.datasets.codebook import columns
from consult.datasets.files import DatasetFiles, Made, dataset, said
from consult.datasets.rows import NOT_ASKED
from consult.datasets.stream import ID
from consult.questionnaire.model import LONDON
from consult.settings import Settings

#: What follows the name of the question whose comments are coded.
SUFFIX = "__codes"
#: What follows that where it is of everyone who answered any of several questions.
ANY = "_any"


async def coded_dataset(
    database: Database, slug: str, settings: Settings | None = None, *, signed: bool = True
) -> Made:
    """The dataset of a survey with the codes of each signed frame. Raises NotFound.

    Not ``signed``: of every frame as it is now, which is for staff alone.
    """
    made = await dataset(database, slug, settings)
    async with database.reading() as session:
        places = [p for p in await store.frames(session) if p.slug == slug]
        frames = [(p, await store.head(session, p, signed=signed)) for p in places]
        taken: set[Place] = set()
        # Of a question that two frames were signed for, one after the other, the later counts.
        for place, frame in sorted(frames, key=lambda one: one[1].at, reverse=True):
            every = [p for p in coded_by(frame.frame, place) if frame.number and p not in taken]
            taken |= set(every)
            # What people say after the frame was signed counts when it is signed again.
            until = frame.at if signed else None
            blind = await store.coded_blind(session, place, until)
            people = by_people(await store.assignments(session, place, until=until), blind)
            by_frame = frame.number if signed else None
            machine = await store.assignments(session, place, machine=True, frame=by_frame)
            standing = standings(people, machine, frame.frame)
            quotations = await store.quotations(session, place)
            comments = among(await store.comments(session, place), frame.frame)
            made = with_all(made, place, every, frame, comments, standing, quotations)
    return made


async def coded_files(
    database: Database, slug: str, settings: Settings | None = None
) -> DatasetFiles:
    """The same as files. Raises NotFound."""
    return await asyncio.to_thread((await coded_dataset(database, slug, settings)).files)


def with_all(
    made: Made,
    place: Place,
    every: Sequence[Place],
    revision: Revision,
    comments: Sequence[Comment],
    standing: Mapping[UUID, Standing],
    quotations: Sequence[Quotation],
) -> Made:
    """A dataset with what the comments on questions were coded as by the frame of one, ``place``.

    Of several, one after another and then together: of everyone who answered any.
    """
    for one in every:
        asked = "" if one == place else one.question
        own = {c.id: c.response for c in comments if c.asked == asked}
        said = {own[k]: s for k, s in standing.items() if k in own}
        quoted = [replace(q, comment=own[q.comment]) for q in quotations if q.comment in own]
        made = with_codes(made, one, revision, said, quoted)
    return with_any(made, every) if len(every) > 1 else made


def with_any(made: Made, every: Sequence[Place]) -> Made:
    """A dataset with the codes of several questions, coded by one frame, as one question more."""
    book: dict[str, Any] = json.loads(made.codebook)
    names = [f"{entry['id']}{SUFFIX}" for place in every if (entry := place.entry(book))]
    parts = [entry for entry in book["questions"] if entry["id"] in names]
    if len(parts) < 2:
        return made
    lead = next(entry for entry in parts if entry["id"] == names[0])
    name = f"{names[0]}{ANY}"

    def together(key: str) -> dict[str, str]:
        return {lang: " / ".join(p[key].get(lang, "") for p in parts) for lang in lead[key]}

    options = [option["code"] for option in lead["options"]]
    cells = []
    for code in options:
        marks = [pl.col(f"{one}.{code}").cast(pl.String) for one in names]
        cells.append(
            pl.when(pl.any_horizontal(one.eq("1").fill_null(False) for one in marks))
            .then(pl.lit("1"))
            .when(pl.any_horizontal(one.eq("0").fill_null(False) for one in marks))
            .then(pl.lit("0"))
            .when(pl.all_horizontal(one.eq(NOT_ASKED).fill_null(False) for one in marks))
            .then(pl.lit(NOT_ASKED))
            .alias(f"{name}.{code}")
        )
    counts = {key: sum(p["coded"][key] for p in parts) for key in ("people", "machine", "uncoded")}
    entry = {
        **lead,
        "id": name,
        "question": name,
        "versions": sorted({version for p in parts for version in p["versions"]}),
        "text": together("text"),
        "short": together("short"),
        "columns": [{"name": f"{name}.{code}", "option": code} for code in options],
        "over": names,
        "coded": {**lead["coded"], **counts, "quotations": []},
    }
    book["questions"].insert(1 + max(book["questions"].index(p) for p in parts), entry)
    frame = made.frame.with_columns(cells).select(columns(book))
    return replace(made, frame=frame, codebook=said(book))


def with_codes(
    made: Made,
    place: Place,
    revision: Revision,
    standing: Mapping[UUID, Standing],
    quotations: Sequence[Quotation] = (),
) -> Made:
    """A dataset with what comments were coded as, behind the question that they answer.

    Who wrote nothing, or what could not be read, answers nothing; a comment of no code has none.
    An answer off the path is not counted, whatever it was coded as.
    """
    frame = revision.frame
    book: dict[str, Any] = json.loads(made.codebook)
    asked = place.entry(book)
    if asked is None or not frame.codes:
        return made
    entry = _question(asked, frame, book["languages"])
    ids = made.frame[ID].to_list()
    written = made.frame[asked["id"]].cast(pl.String).to_list()
    rows = [
        standing.get(UUID(one)) if cell and cell != NOT_ASKED else None
        for one, cell in zip(ids, written, strict=True)
    ]
    parents = {code.id: code.parent for code in frame.codes}
    has = [_all_codes(one, parents) if one else None for one in rows]
    cells = [
        pl.Series(
            column["name"],
            [
                (NOT_ASKED if cell == NOT_ASKED else None)
                if own is None
                else "1"
                if column["option"] in own
                else "0"
                for own, cell in zip(has, written, strict=True)
            ],
            dtype=pl.String,
        )
        for column in entry["columns"]
    ]
    counted = [one for one in rows if one]
    people = sum(bool(one.by) for one in counted)
    entry["coded"] = {
        "of": asked["id"],
        "signed_on": revision.at.astimezone(LONDON).date().isoformat() if revision.signed else None,
        "people": people,
        "machine": len(counted) - people,
        "uncoded": sum(
            one is None and bool(cell) and cell != NOT_ASKED
            for one, cell in zip(rows, written, strict=True)
        ),
        "agreement": dict(revision.agreement or {}),
        "quotations": [
            {"code": code, "text": q.text}
            for q in quotations
            for code in frame.now([q.code])
            if q.comment in standing and code in _all_codes(standing[q.comment], parents)
        ],
    }
    book["questions"].insert(1 + book["questions"].index(asked), entry)
    frame_of = made.frame.with_columns(cells).select(columns(book))
    return replace(made, frame=frame_of, codebook=said(book))


def _all_codes(one: Standing, parents: Mapping[str, str | None]) -> set[str]:
    """Its codes, and those that these are part of."""
    return {*one.codes, *(whole for code in one.codes if (whole := parents[code]))}


def _question(asked: Mapping[str, Any], frame: Frame, languages: list[str]) -> dict[str, Any]:
    """The codebook's entry of a question's codes: one where several may be chosen."""
    name = f"{asked['id']}{SUFFIX}"
    wording = {
        lang: f"{asked['text'].get(lang, '')} What people wrote, as it was coded"
        for lang in languages
    }
    return {
        **asked,
        "id": name,
        "question": name,
        "type": "choices",
        "asked_as": "choices",
        "text": wording,
        "short": {lang: f"{asked['short'].get(lang, '')} (coded)" for lang in languages},
        "role": None,
        "measure": None,
        "required": False,
        "conditional": True,
        "columns": [{"name": f"{name}.{c.id}", "option": c.id} for c in frame.codes],
        "options": [
            {
                "code": c.id,
                "label": dict.fromkeys(languages, c.name),
                "exclusive": False,
                "not_in_population": False,
                "part_of": c.parent,
            }
            for c in frame.codes
        ],
        "nets": [],
        "minimum": None,
        "maximum": None,
    }
