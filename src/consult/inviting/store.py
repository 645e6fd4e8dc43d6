"""Invitations and the messages that carry them, in the database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from consult.accounts.store import record
from consult.database import ReadSession, WriteSession
from consult.errors import ConsultError, NotFound
from consult.inviting.model import (
    MOST_STRANDS,
    Admission,
    Answered,
    Batch,
    Channel,
    Outgoing,
    Tally,
)
from consult.inviting.tables import (
    InstallationKeyRow,
    InvitationBatchRow,
    InvitationRow,
    MessageRow,
)

#: Used invitations of its strand that are written anew together with each one that becomes used,
#: and one more of every other strand: which is the own is not to be seen.
COMPANIONS = 50
#: Rows in one statement: PostgreSQL takes 32,767 values.
ROWS = 4_000


async def installation_key(session: WriteSession) -> bytes:
    """The random bytes of this installation, made when they are first asked for."""
    fresh = upsert(InstallationKeyRow).values(id=1, key=secrets.token_bytes(32))
    await session.execute(fresh.on_conflict_do_nothing())
    return (await session.execute(select(col(InstallationKeyRow.key)))).scalar_one()


# -- used, once, by nobody knows whom --------------------------------------------------------------

_SPEND = text("""
WITH mine AS (
    SELECT (
        SELECT b.strand FROM invitation i JOIN invitation_batch b ON b.id = i.batch_id
        WHERE i.id = CAST(:own AS uuid)
    ) AS strand
), strands AS (
    SELECT strand, array_agg(id) AS batches FROM invitation_batch WHERE survey_slug = :slug
    GROUP BY strand
    UNION ALL SELECT NULL, ARRAY[0]
), companions AS (
    SELECT used.id FROM mine, strands, LATERAL (
        SELECT id FROM invitation
        WHERE survey_slug = :slug AND used AND coalesce(batch_id, 0) = ANY(strands.batches)
        ORDER BY random()
        LIMIT :companions + (strands.strand IS DISTINCT FROM mine.strand)::int
    ) used
), taken AS (
    DELETE FROM invitation
    WHERE id = ANY(ARRAY(SELECT id FROM companions UNION ALL SELECT CAST(:own AS uuid)))
    RETURNING id, batch_id, marks
), together AS (
    SELECT id, batch_id, marks FROM taken
    UNION ALL
    SELECT gen_random_uuid(), NULL, ARRAY[CAST(:mark AS bytea)] WHERE CAST(:own AS uuid) IS NULL
)
INSERT INTO invitation (id, survey_slug, batch_id, marks, reach, used)
SELECT id, :slug, batch_id, marks, '', true FROM together ORDER BY random()
""")


_BEHIND = text("""
SELECT i.id, i.survey_slug, i.used, b.strand
FROM invitation i LEFT JOIN invitation_batch b ON b.id = i.batch_id
WHERE i.marks @> ARRAY[CAST(:mark AS bytea)]
""")


async def spend(session: WriteSession, slug: str, mark: bytes, *, unlisted: bool = False) -> bool:
    """Use the invitation behind ``mark``, in the transaction that stores the response.

    False where it has been used, or there is none; ``unlisted`` takes one that was never made: an
    address that was checked at the door.

    A row changed in the transaction of a response is joined to it by its place in the table and
    by the transaction's number, which both are there for whoever has a copy. So it is taken out
    together with up to ``COMPANIONS`` others of those used before, chosen by chance, and all are
    put back in an order of chance. While fewer than that are used, each response rewrites them all.
    Of each response the transaction then points at all of them alike. So many of every strand: a
    dataset may name a response's, and then those of its own strand are all it hides among. One at
    a time in a survey: two at once would each find the other's companions taken.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"spend {slug}"}
    )
    found = (await session.execute(_BEHIND, {"mark": mark})).one_or_none()
    if found is None and not unlisted:
        return False
    if found is not None and (found.used or found.survey_slug != slug):
        return False
    own = None if found is None else found.id
    bound = {"slug": slug, "own": own, "mark": mark, "companions": COMPANIONS}
    await session.execute(_SPEND, bound)
    return True


async def admission(session: ReadSession | WriteSession, mark: bytes) -> Admission | None:
    """What a code opens, None where it is none of ours."""
    found = (await session.execute(_BEHIND, {"mark": mark})).one_or_none()
    return None if found is None else Admission(found.survey_slug, found.used, found.strand)


async def strands(session: ReadSession | WriteSession, slug: str) -> list[str]:
    """Everybody that was invited to a survey, as strands, in the order of the alphabet."""
    strand = col(InvitationBatchRow.strand)
    query = select(strand).where(col(InvitationBatchRow.survey_slug) == slug).distinct()
    return sorted((await session.execute(query)).scalars())


# -- batches -------------------------------------------------------------------------------------


async def make_batch(
    session: WriteSession,
    slug: str,
    strand: str,
    channel: Channel,
    language: str,
    *,
    marks: Sequence[bytes] = (),
    reaches: Sequence[str] = (),
    by: str,
    now: datetime,
) -> Batch:
    """Invitations for letters (``marks`` of their codes) or for addresses, to be sent to from
    ``now``. Raises ConsultError where the survey has too many strands."""
    known = await strands(session, slug)
    if strand not in known and len(known) >= MOST_STRANDS:
        listed = ", ".join(known)
        raise ConsultError(f"A survey has at most {MOST_STRANDS} strands. Use one of {listed}.")
    values = {"survey_slug": slug, "strand": strand, "channel": channel, "language": language}
    made = insert(InvitationBatchRow).values(**values, made_by=by, made_at=now)
    number = (await session.execute(made.returning(col(InvitationBatchRow.id)))).scalar_one() or 0
    rows = [
        {"id": uuid4(), "survey_slug": slug, "batch_id": number, "marks": marks, "reach": reach}
        for marks, reach in [*(([mark], "") for mark in marks), *(([], r) for r in reaches)]
    ]
    for start in range(0, len(rows), ROWS):
        await session.execute(insert(InvitationRow).values(rows[start : start + ROWS]))
    if reaches:
        await _queue(session, number, "invitation", now)
    record(session, by, "invitations.make", slug, f"{len(rows)} by {channel} for {strand}")
    return Batch(number, slug, strand, channel, language)


_QUEUE = text("""
INSERT INTO message (id, batch_id, invitation_id, kind, state, due)
SELECT gen_random_uuid(), i.batch_id, i.id, :kind, 'waiting', :now
FROM invitation i
WHERE i.batch_id = :batch AND NOT i.used AND i.reach <> ''
AND NOT EXISTS (SELECT 1 FROM message m WHERE m.invitation_id = i.id AND m.state = 'waiting')
ORDER BY random()
""")


async def _queue(session: WriteSession, batch: int, kind: str, now: datetime) -> None:
    await session.execute(_QUEUE, {"batch": batch, "kind": kind, "now": now})


async def remind(session: WriteSession, slug: str, batch: int, *, by: str, now: datetime) -> None:
    """Queue a reminder to whoever of a batch has not answered. Raises NotFound."""
    found = await _batch(session, slug, batch)
    await _queue(session, batch, "reminder", now)
    record(session, by, "invitations.remind", slug, f"batch {batch} for {found.strand}")


async def forget(session: WriteSession, slug: str, batch: int, *, by: str) -> None:
    """Delete the addresses of a batch, and what waits to be sent to them. Raises NotFound."""
    found = await _batch(session, slug, batch)
    of_batch = col(InvitationRow.batch_id) == batch
    await session.execute(
        update(InvitationRow).where(of_batch, col(InvitationRow.reach) != "").values(reach="")
    )
    await session.execute(
        update(MessageRow)
        .where(col(MessageRow.batch_id) == batch, col(MessageRow.state) == "waiting")
        .values(state="dropped", invitation_id=None)
    )
    record(session, by, "invitations.forget", slug, f"batch {batch} for {found.strand}")


async def _batch(session: ReadSession | WriteSession, slug: str, batch: int) -> Batch:
    row = await session.get(InvitationBatchRow, batch) if 0 < batch < 2**31 else None
    if row is None or row.survey_slug != slug:
        raise NotFound(str(batch))
    return _made(row)


def _made(row: InvitationBatchRow) -> Batch:
    return Batch(row.id or 0, row.survey_slug, row.strand, row.channel, row.language)  # type: ignore[arg-type]


_TALLIES = text("""
SELECT b.id, count(i.id) AS invited, count(*) FILTER (WHERE i.reach <> '') AS reachable
FROM invitation_batch b LEFT JOIN invitation i ON i.batch_id = b.id
WHERE b.survey_slug = :slug GROUP BY b.id
""")


async def tallies(session: ReadSession, slug: str) -> list[Tally]:
    """Every batch of a survey, newest first, and how its messages fared."""
    query = select(InvitationBatchRow).where(col(InvitationBatchRow.survey_slug) == slug)
    newest = query.order_by(col(InvitationBatchRow.id).desc())
    batches = [_made(row) for row in (await session.execute(newest)).scalars()]
    counted = {row.id: row for row in (await session.execute(_TALLIES, {"slug": slug})).all()}
    fates = (
        select(
            col(MessageRow.batch_id), col(MessageRow.kind), col(MessageRow.state),
            col(MessageRow.error), func.count(),
        )
        .where(col(MessageRow.batch_id).in_([batch.id for batch in batches]))
        .group_by("batch_id", "kind", "state", "error")
    )  # fmt: skip
    messages: dict[int, list[Any]] = {}
    for row in (await session.execute(fates)).all():
        messages.setdefault(row[0], []).append(row)
    return [_tally(batch, counted[batch.id], messages.get(batch.id, ())) for batch in batches]


def _tally(batch: Batch, counted: Any, messages: Sequence[Any]) -> Tally:
    def total(kind: str, state: str) -> int:
        return sum(n for _, k, s, _, n in messages if (k, s) == (kind, state))

    failed: dict[str, int] = {}
    for _, kind, state, error, number in messages:
        if (kind, state) == ("invitation", "failed"):
            failed[error] = failed.get(error, 0) + number
    waiting = total("invitation", "waiting") + total("reminder", "waiting")
    return Tally(
        batch,
        counted.invited,
        waiting > 0,
        total("invitation", "sent"),
        total("reminder", "sent") > 0,
        failed,
        counted.reachable > 0,
    )


_ANSWERED = text("""
SELECT b.strand, b.channel, count(*) AS invited, count(*) FILTER (WHERE i.used) AS answered
FROM invitation i JOIN invitation_batch b ON b.id = i.batch_id
WHERE i.survey_slug = :slug GROUP BY b.strand, b.channel ORDER BY b.strand, b.channel
""")


async def answered(session: ReadSession, slug: str) -> list[Answered]:
    """How many of those invited have answered, by strand and channel."""
    rows = (await session.execute(_ANSWERED, {"slug": slug})).all()
    return [Answered(*row) for row in rows]


# -- sending ---------------------------------------------------------------------------------------

_CLAIM = text("""
WITH mine AS (
    SELECT id FROM message WHERE state = 'waiting' AND due <= :now
    ORDER BY due LIMIT :most FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE message SET attempts = attempts + 1, due = :until
    WHERE id IN (SELECT id FROM mine)
    RETURNING id, batch_id, invitation_id, kind, attempts
)
SELECT c.id, c.invitation_id, c.kind, c.attempts, i.reach, i.used,
    b.id AS batch, b.survey_slug, b.strand, b.channel, b.language
FROM claimed c
JOIN invitation_batch b ON b.id = c.batch_id
LEFT JOIN invitation i ON i.id = c.invitation_id
""")


async def claim(
    session: WriteSession, now: datetime, lease: timedelta, most: int
) -> list[Outgoing]:
    """Messages to send now; another worker may take them when ``lease`` has passed.

    What need not be sent any more, because the person has answered, is dropped.
    """
    bound = {"now": now, "until": now + lease, "most": most}
    claimed = (await session.execute(_CLAIM, bound)).all()
    mine = []
    for row in claimed:
        if row.used is not False or not row.reach:
            await settle(session, row.id, "dropped")
            continue
        batch = Batch(row.batch, row.survey_slug, row.strand, row.channel, row.language)
        mine.append(Outgoing(row.id, batch, row.invitation_id, row.reach, row.kind, row.attempts))
    return mine


async def add_mark(session: WriteSession, outgoing: Outgoing, mark: bytes) -> None:
    """Let the code of a message work, beside those sent before. It is kept nowhere."""
    await session.execute(
        update(InvitationRow)
        .where(col(InvitationRow.id) == outgoing.invitation_id, ~col(InvitationRow.used))
        .values(marks=func.array_append(col(InvitationRow.marks), mark))
    )


async def settle(session: WriteSession, message: Any, state: str, error: str = "") -> None:
    """Say how a message fared; from then on nothing says to whom it was."""
    await session.execute(
        update(MessageRow)
        .where(col(MessageRow.id) == message)
        .values(state=state, error=error, invitation_id=None)
    )


async def put_off(session: WriteSession, message: Any, until: datetime, error: str) -> None:
    """Try a message again later."""
    await session.execute(
        update(MessageRow).where(col(MessageRow.id) == message).values(due=until, error=error)
    )
