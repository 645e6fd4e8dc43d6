"""Responses, contact details and areas in the database.

A statement is a transaction of its own on a light connection, and part of the session's where it
is given a session.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from consult.consultations import store as consultations
from consult.consultations.store import Version
from consult.database import Source, WriteSession, link_of
from consult.questionnaire.survey import Survey
from consult.respond.areas import candidates
from consult.tables import PostcodeAreaRow

#: Rows in one statement: PostgreSQL takes 32,767 values.
BATCH = 5_000


# -- responses -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Submission:
    """A response as it is sent: stored answers by question, on the path or off it."""

    id: UUID
    version_id: int
    channel: str
    language: str
    received_on: date
    answers: Mapping[str, Any]
    closed_parts: Sequence[str] = ()
    order_seed: int | None = None
    quotas: Sequence[str] = ()
    flags: Sequence[str] = ()
    again: str = ""
    #: The partner's key that it came with, where that is kept (``api/store.py``).
    source: int | None = None
    #: The mark of the strand it was invited for (``inviting/codes.py``).
    strand: bytes | None = None
    #: The draft that it was, and the code that led to it: forgotten in the same transaction.
    draft_id: UUID | None = None
    code_id: UUID | None = None


#: A row a response. Lists are joined by commas: unnest would take them apart.
_SUBMIT = """
WITH given AS (
    SELECT * FROM unnest(
        $1::uuid[], $2::int[], $3::text[], $4::text[], $5::date[], $6::text[], $7::text[],
        $8::int[], $9::text[], $10::text[], $11::int[], $12::bytea[]
    ) AS g(id, version_id, channel, language, received_on, answers, closed, seed, flags, again,
        source, strand)
), dropped AS (
    DELETE FROM draft WHERE id = ANY($13::uuid[])
), spent AS (
    DELETE FROM return_code WHERE id = ANY($14::uuid[])
)
INSERT INTO response (id, version_id, channel, language, received_on, answers, closed_parts,
    order_seed, flags, again, source, strand)
SELECT id, version_id, channel, language, received_on, answers::jsonb,
    string_to_array(closed, ','), seed, string_to_array(flags, ','), again, source, strand
FROM given ORDER BY id
ON CONFLICT DO NOTHING
RETURNING id"""


async def submit(source: Source, submissions: Sequence[Submission]) -> set[UUID]:
    """Store responses, each once; returns the ids that were not there before.

    With quotas in a session alone: they are counted in the same transaction.

    In the order of their ids, which is one of chance: two processes that store the same ones wait
    for each other and never in a circle, and the rows do not tell who came first.
    """
    if not submissions:
        return set()
    link = await link_of(source)
    rows = await link.fetch(
        _SUBMIT,
        [s.id for s in submissions],
        [s.version_id for s in submissions],
        [s.channel for s in submissions],
        [s.language for s in submissions],
        [s.received_on for s in submissions],
        [json.dumps(dict(s.answers)) for s in submissions],
        [",".join(s.closed_parts) for s in submissions],
        [s.order_seed for s in submissions],
        [",".join(s.flags) for s in submissions],
        [s.again for s in submissions],
        [s.source for s in submissions],
        [s.strand for s in submissions],
        sorted(s.draft_id for s in submissions if s.draft_id),
        sorted(s.code_id for s in submissions if s.code_id),
    )
    new: set[UUID] = {row["id"] for row in rows}
    counted = Counter((s.version_id, q) for s in submissions if s.id in new for q in s.quotas)
    await count_quotas(link, counted)
    return new


_COUNT = """
INSERT INTO quota (survey_slug, quota, count)
SELECT survey_slug, $2, $3 FROM survey_version WHERE id = $1
ON CONFLICT (survey_slug, quota) DO UPDATE SET count = quota.count + excluded.count"""


async def count_quotas(source: Source, counted: Mapping[tuple[int, str], int]) -> None:
    """Add to the counts of quotas, by version and quota."""
    if not counted:
        return
    link = await link_of(source)
    for (version_id, quota), count in sorted(counted.items()):
        await link.execute(_COUNT, version_id, quota, count)


async def full_quotas(source: Source, survey: Survey) -> frozenset[str]:
    """The quotas of a survey that have all the responses they need."""
    limits = {quota.id: quota.limit for quota in survey.definition.quotas}
    if not limits:
        return frozenset()
    link = await link_of(source)
    rows = await link.fetch("SELECT quota, count FROM quota WHERE survey_slug = $1", survey.slug)
    counts = {row["quota"]: row["count"] for row in rows}
    return frozenset(name for name, limit in limits.items() if counts.get(name, 0) >= limit)


async def survey_of(source: Source, version_id: int) -> str:
    """The survey that a version is of."""
    link = await link_of(source)
    query = "SELECT survey_slug FROM survey_version WHERE id = $1"
    return str(await link.fetchval(query, version_id))


async def submitted(source: Source, response_id: UUID) -> Mapping[str, Any] | None:
    """The stored answers of a response, None where there is none or it was withdrawn."""
    link = await link_of(source)
    query = "SELECT answers::text FROM response WHERE id = $1 AND NOT withdrawn"
    stored = await link.fetchval(query, response_id)
    return None if stored is None else json.loads(stored)


async def withdrawn(source: Source, response_id: UUID) -> bool:
    """Whether a response was taken back."""
    link = await link_of(source)
    query = "SELECT withdrawn FROM response WHERE id = $1"
    return bool(await link.fetchval(query, response_id))


@dataclass(frozen=True)
class Stored:
    """A response as it stands, with the version that was answered."""

    version: Version
    language: str
    received_on: date
    closed_parts: tuple[str, ...]
    answers: Mapping[str, Any]
    order_seed: int | None


_SENT = """
SELECT v.id, v.number, v.content_hash, v.apart, c.slug AS consultation, c.stage,
    r.language, r.received_on, r.closed_parts, r.answers::text AS answers, r.order_seed
FROM response r
JOIN survey_version v ON v.id = r.version_id
JOIN survey s ON s.slug = v.survey_slug
JOIN consultation c ON c.id = s.consultation_id
WHERE r.id = $1 AND v.survey_slug = $2 AND NOT r.withdrawn"""


async def sent(source: Source, survey_slug: str, response_id: UUID) -> Stored | None:
    """A response to a survey, None where there is none or it was withdrawn."""
    link = await link_of(source)
    row = await link.fetchrow(_SENT, response_id, survey_slug)
    if row is None:
        return None
    version = await consultations.version_of(link, survey_slug, row, current=False)
    answers = json.loads(row["answers"])
    closed = tuple(row["closed_parts"])
    return Stored(version, row["language"], row["received_on"], closed, answers, row["order_seed"])


_SUPERSEDE = """
INSERT INTO superseded
    (response_id, revision, version_id, language, received_on, closed_parts, answers)
SELECT id, revision, version_id, language, received_on, closed_parts, answers
FROM response WHERE id = $1 AND NOT withdrawn"""
#: What was answered before a part closed still counts: parts stay as closed as they were.
_CORRECT = """
UPDATE response SET version_id = $2, language = $3, received_on = $4, answers = $5::text::jsonb,
    revision = revision + 1
WHERE id = $1 AND NOT withdrawn"""


async def lock(session: WriteSession, response_id: UUID) -> None:
    """Let nobody else change a response until this transaction is over."""
    link = await link_of(session)
    await link.execute("SELECT FROM response WHERE id = $1 FOR UPDATE", response_id)


async def correct(session: WriteSession, submission: Submission) -> bool:
    """Put ``submission`` in the place of the response of its id, which is kept as superseded.

    False where there is nothing to be done: it was withdrawn, or this was sent before.
    """
    link = await link_of(session)
    s = submission
    begun = await link.execute("DELETE FROM draft WHERE id = $1", s.draft_id)
    if begun.endswith(" 0"):
        return False
    await link.execute(_SUPERSEDE, s.id)
    answers = json.dumps(dict(s.answers))
    done = await link.execute(_CORRECT, s.id, s.version_id, s.language, s.received_on, answers)
    return bool(done.endswith(" 1"))


async def withdraw(session: WriteSession, response_id: UUID) -> bool:
    """Forget the answers of a response, and what it said before; its row stays as withdrawn.

    So it can neither be sent again by a page left open, nor be counted.
    """
    link = await link_of(session)
    await link.execute("DELETE FROM superseded WHERE response_id = $1", response_id)
    done = await link.execute(
        """UPDATE response SET withdrawn = true, answers = '{}', again = '', flags = '{}',
            strand = NULL, source = NULL, order_seed = NULL, closed_parts = '{}'
        WHERE id = $1 AND NOT withdrawn""",
        response_id,
    )
    return bool(done.endswith(" 1"))


# -- areas ---------------------------------------------------------------------------------------


async def load_areas(session: WriteSession, lookup: str, areas: Mapping[str, str]) -> None:
    """Put a lookup file in place of the one of that name."""
    await session.execute(delete(PostcodeAreaRow).where(col(PostcodeAreaRow.lookup) == lookup))
    rows = [{"lookup": lookup, "postcode": p, "area": a} for p, a in areas.items()]
    for start in range(0, len(rows), BATCH):
        await session.execute(insert(PostcodeAreaRow).values(rows[start : start + BATCH]))


async def area_of(source: Source, lookup: str, postcode: str) -> str | None:
    """The area of a postcode, None where the lookup file does not know it."""
    link = await link_of(source)
    tried = candidates(postcode)
    query = "SELECT postcode, area FROM postcode_area WHERE lookup = $1 AND postcode = ANY($2)"
    found = {row["postcode"]: row["area"] for row in await link.fetch(query, lookup, tried)}
    return next((found[name] for name in tried if name in found), None)


# -- contact details -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Contact:
    """Someone to be told, or in a prize draw: nothing that leads to a response."""

    survey_slug: str
    name: str
    reach: str
    purposes: Sequence[str]


#: Others that a new contact is stored together with: it is one of as many.
AMONG = 50
_MIX = """
WITH moved AS (
    DELETE FROM contact WHERE id IN (
        SELECT id FROM contact WHERE survey_slug = $1 ORDER BY random() LIMIT $5
        FOR UPDATE SKIP LOCKED
    ) RETURNING survey_slug, name, reach, purposes
)
INSERT INTO contact (id, survey_slug, name, reach, purposes)
SELECT gen_random_uuid(), together.* FROM (
    SELECT survey_slug, name, reach, purposes FROM moved
    UNION ALL SELECT $1::text, $2::text, $3::text, $4::text[]
) together ORDER BY random()"""


async def keep_contact(source: Source, contact: Contact) -> None:
    """Store contact details among others of the survey, all of them written anew."""
    link = await link_of(source)
    purposes = list(contact.purposes)
    await link.execute(_MIX, contact.survey_slug, contact.name, contact.reach, purposes, AMONG)


async def contacts(source: Source, survey_slug: str) -> list[Contact]:
    """Everyone who left contact details with a survey."""
    link = await link_of(source)
    query = "SELECT name, reach, purposes FROM contact WHERE survey_slug = $1"
    rows = await link.fetch(query, survey_slug)
    return [Contact(survey_slug, row["name"], row["reach"], row["purposes"]) for row in rows]


async def forget_contacts(session: WriteSession, survey_slug: str) -> None:
    """Delete all contact details of a survey."""
    link = await link_of(session)
    await link.execute("DELETE FROM contact WHERE survey_slug = $1", survey_slug)
