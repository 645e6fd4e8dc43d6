"""Reading all comments on a question: personal data out, copies and themes found. A job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl
from anyio import to_process

from analysis.endpoint import Endpoint
from analysis.errors import DataError
from consult import clock
from consult.coding import store
from consult.coding.model import Comment, Place, Reading
from consult.coding.several import coded_by, written
from consult.database import Database, WriteSession
from consult.datasets.files import Made, dataset
from consult.errors import ConsultError
from consult.jobs.running import Keep, Progress
from consult.jobs.store import Job

#: Comments whose personal data is taken out between two words on how far it is.
AT_ONCE = 2_000
#: The share of the work after which personal data is out, and after which themes are found.
REDACTED, THEMED = 0.4, 0.95
HALF = 0.5
DAY = "received_on"


@dataclass(frozen=True)
class Found:
    """What a machine made of comments: by comment the themes it is in, and why it was not read."""

    themes: list[dict[str, Any]]
    campaigns: list[dict[str, Any]]
    of_comment: list[tuple[str, ...]]
    apart: list[str]
    first: list[int]
    reconciled: str


async def read(
    database: Database, job: Job, progress: Progress, endpoint: Endpoint | None = None
) -> Keep:
    """Read the comments on the question that a job is about. Raises ConsultError.

    A model at ``endpoint``, if there is one, may propose names of themes.
    """
    place = Place.of(job.about)
    await progress(0.01, "Collecting the comments")
    async with database.reading() as session:
        before = await store.states(session, place.slug)
        places = coded_by((await store.head(session, place)).frame, place)
    made, name, said = written(await dataset(database, place.slug), places)
    cells = [one.text or None for one in said]
    rows = [k for k, cell in enumerate(cells) if cell]
    if not rows:
        raise ConsultError("Nobody has answered this question yet, so there is nothing to read.")
    texts: list[str] = []
    while len(texts) < len(rows):
        share = REDACTED * len(texts) / len(rows)
        told = f"Taking out names and addresses: {len(texts):,} of {len(rows):,} comments"
        await progress(max(share, 0.02), told)
        part = [cells[k] or "" for k in rows[len(texts) : len(texts) + AT_ONCE]]
        try:
            texts += await to_process.run_sync(redacted, part)
        except DataError as error:  # what an installation has set for that is not there
            raise ConsultError(str(error)) from None
    asking = f", then asking {endpoint.host} for names" if endpoint else ""
    await progress(REDACTED, f"Finding themes in {len(texts):,} comments{asking}")
    column = pl.Series(name, cells, dtype=pl.String).scatter(rows, texts)
    kept = replace(made, frame=made.frame.with_columns(column))
    found = await to_process.run_sync(discovered, kept, name, rows, endpoint)
    await progress(THEMED, "Keeping what was found")
    comments = _comments([said[k] for k in rows], made.frame[DAY][rows], texts, found)
    themes = tuple(_without_words(theme, comments) for theme in found.themes)
    letters = tuple(_shared_words(letter) for letter in found.campaigns)

    async def keep(session: WriteSession) -> None:
        number = (await store.fingerprint(session, place))[0] + 1
        told = found.reconciled
        if len(places) > 1:  # a response is in it once for each
            told = told.replace("responses", f"answers to {len(places)} questions", 1)
        reading = Reading(number, clock.now(), job.by, told, themes, letters)
        await store.keep_reading(session, place, comments, reading, before)

    return keep


def _without_words(theme: Mapping[str, Any], comments: Sequence[Comment]) -> dict[str, Any]:
    """A theme whose examples say where in which comment they stand: they go when it goes."""
    examples = []
    for said in theme["examples"]:
        own = next((c for c in comments if said in c.text), None)
        if own is not None:
            start = own.text.index(said)
            examples.append({"id": str(own.id), "start": start, "end": start + len(said)})
    return {**theme, "examples": examples}


def _shared_words(letter: Mapping[str, Any]) -> dict[str, Any]:
    """A letter with nothing that fewer than half of its copies have: that may be one person's."""
    parts = [
        part if part["same"] >= HALF else {"text": "…", "same": 0.0} for part in letter["parts"]
    ]
    kept = {k: v for k, v in letter.items() if k not in {"text", "variations"}}
    return {**kept, "parts": parts}


def redacted(texts: Sequence[str]) -> list[str]:
    """Texts with marks for personal data. Runs in a process of its own: it loads the analysis."""
    from analysis import redaction

    return [found.text for found in redaction.redact_all(texts)]


def discovered(made: Made, question: str, rows: Sequence[int], endpoint: Endpoint | None) -> Found:
    """The themes of redacted comments, and which are copies. Runs in a process of its own."""
    from analysis import duplicates, proposing, themes, weighting

    found = themes.theme(weighting.unweighted(made.as_dataset()), question)
    names, told = None, ""
    if endpoint is not None:
        found, names = proposing.propose(found, endpoint)
        told = f" {names.told()}"
    of_comment: dict[int, list[str]] = defaultdict(list)
    for row, name, _ in found.assignments:
        of_comment[row].append(name)
    texts = made.frame[question][rows].to_list()
    return Found(
        [theme.as_dict() | ({"proposal": names.beside(theme.id)} if names else {})
         for theme in found.themes],
        [campaign.as_dict() for campaign in found.campaigns],
        [tuple(of_comment[row]) for row in rows],
        [found.apart.get(row, "") for row in rows],
        duplicates.find(texts).first.tolist(),
        found.reconciled() + told,
    )  # fmt: skip


def _comments(
    said: Sequence[Comment], received: pl.Series, texts: Sequence[str], found: Found
) -> list[Comment]:
    """What was said, as it may be read, with what was found in it."""
    days = received.cast(pl.String).to_list()
    return [
        replace(
            one,
            text=texts[k],
            received_on=date.fromisoformat(days[k]) if days[k] else None,
            first=None if found.apart[k] or found.first[k] == k else said[found.first[k]].id,
            apart=found.apart[k],
            themes=found.of_comment[k],
        )
        for k, one in enumerate(said)
    ]
