"""Signed codes as a question of the dataset: weighted, tabled and protected like any other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import polars as pl

from consult.coding import store
from consult.coding.frame import Frame
from consult.coding.standing import Standing, standings
from consult.coding.store import Place
from consult.database import Database
from consult.datasets.files import Made, dataset, said
from consult.datasets.stream import ID
from consult.settings import Settings

#: What follows the name of the question whose comments are coded.
SUFFIX = "__codes"


async def coded_dataset(database: Database, slug: str, settings: Settings | None = None) -> Made:
    """The dataset of a survey with the codes of each signed frame. Raises NotFound."""
    made = await dataset(database, slug, settings)
    async with database.reading() as session:
        for place in [p for p in await store.frames(session) if p.slug == slug]:
            signed = await store.head(session, place, signed=True)
            if not signed.number:
                continue
            standing = standings(
                await store.assignments(session, place),
                await store.assignments(session, place, machine=True),
                signed.frame,
            )
            made = with_codes(made, place, signed.frame, standing)
    return made


def with_codes(made: Made, place: Place, frame: Frame, standing: Mapping[UUID, Standing]) -> Made:
    """A dataset with what comments were coded as, behind its other columns.

    Who wrote nothing, or what could not be read, answers nothing; a comment of no code has none.
    """
    book: dict[str, Any] = json.loads(made.codebook)
    asked = next((q for q in book["questions"] if q["id"] == place.question), None)
    if asked is None or not frame.codes:
        return made
    entry = question(asked, frame, book["languages"])
    ids = made.frame[ID].to_list()
    rows = [standing.get(UUID(one)) for one in ids]
    parents = {code.id: code.parent for code in frame.codes}
    has = [
        {*one.codes, *(whole for code in one.codes if (whole := parents[code]))} if one else None
        for one in rows
    ]
    cells = [
        pl.Series(
            column["name"],
            [None if own is None else "1" if column["option"] in own else "0" for own in has],
            dtype=pl.String,
        )
        for column in entry["columns"]
    ]
    at = 1 + next(k for k, q in enumerate(book["questions"]) if q["id"] == place.question)
    book["questions"].insert(at, entry)
    return replace(made, frame=made.frame.with_columns(cells), codebook=said(book))


def question(asked: Mapping[str, Any], frame: Frame, languages: list[str]) -> dict[str, Any]:
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
            }
            for c in frame.codes
        ],
        "nets": [],
        "minimum": None,
        "maximum": None,
    }
