"""Kiosks, and what of theirs could not be stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from consult.accounts.store import record
from consult.arriving.judging import Problem
from consult.database import ReadSession, WriteSession
from consult.tables import KioskKeptRow, KioskRow

#: Responses kept aside that are read at once: each may be as long as a survey allows.
PAGE = 500


@dataclass(frozen=True)
class Kiosk:
    """A tablet that was set up."""

    id: UUID
    slug: str
    event: str
    private_key: bytes
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    kept: int = 0


@dataclass(frozen=True)
class Kept:
    """A response that could not be stored, and why."""

    id: UUID
    kiosk_id: UUID
    event: str
    came_on: date
    fate: str
    problems: Sequence[Problem]
    content: dict[str, Any]


async def add(
    session: WriteSession,
    slug: str,
    event: str,
    *,
    token_hash: bytes,
    private_key: bytes,
    by: str,
    now: datetime,
) -> None:
    """Set up a kiosk."""
    session.add(
        KioskRow(
            id=uuid4(),
            survey_slug=slug,
            event=event,
            token_hash=token_hash,
            private_key=private_key,
            made_at=now,
            made_by=by,
        )
    )
    record(session, by, "kiosk.add", f"{slug} {event}")


def _kiosk(row: KioskRow, kept: int = 0) -> Kiosk:
    return Kiosk(
        row.id, row.survey_slug, row.event, row.private_key, row.made_at, row.made_by,
        row.ended_at, kept,
    )  # fmt: skip


async def behind(session: ReadSession | WriteSession, slug: str, token_hash: bytes) -> Kiosk | None:
    """The kiosk that a tablet proves itself to be, None where it was ended."""
    query = select(KioskRow).where(
        col(KioskRow.survey_slug) == slug,
        col(KioskRow.token_hash) == token_hash,
        col(KioskRow.ended_at).is_(None),
    )
    row = (await session.execute(query)).scalar_one_or_none()
    return _kiosk(row) if row else None


async def kiosks(session: ReadSession, slug: str) -> list[Kiosk]:
    """A survey's kiosks, the newest first."""
    kept = (
        select(func.count())
        .where(col(KioskKeptRow.kiosk_id) == col(KioskRow.id))
        .correlate(KioskRow)
        .scalar_subquery()
    )
    query = (
        select(KioskRow, kept)
        .where(col(KioskRow.survey_slug) == slug)
        .order_by(col(KioskRow.made_at).desc())
    )
    return [_kiosk(row, count) for row, count in (await session.execute(query)).all()]


async def end(session: WriteSession, slug: str, kiosk_id: UUID, *, by: str, now: datetime) -> None:
    """End a kiosk: what its tablet still holds is not taken any more."""
    done = await session.execute(
        update(KioskRow)
        .where(
            col(KioskRow.id) == kiosk_id,
            col(KioskRow.survey_slug) == slug,
            col(KioskRow.ended_at).is_(None),
        )
        .values(ended_at=now)
        .returning(col(KioskRow.event))
    )
    event = done.scalar_one_or_none()
    if event is not None:
        record(session, by, "kiosk.end", f"{slug} {event}")


async def keep(
    session: WriteSession,
    kiosk: Kiosk,
    parcel_id: UUID,
    fate: str,
    problems: Sequence[Problem],
    content: dict[str, Any],
    today: date,
) -> None:
    """Keep a response that could not be stored; the same again is the same."""
    values = {
        "fate": fate,
        "problems": [[p.question, p.code, p.detail] for p in problems],
        "content": content,
    }
    await session.execute(
        insert(KioskKeptRow)
        .values(id=parcel_id, kiosk_id=kiosk.id, came_on=today, **values)
        .on_conflict_do_nothing()
    )


async def kept(
    session: ReadSession | WriteSession, slug: str, after: UUID | None = None
) -> list[Kept]:
    """What could not be stored of a survey's kiosks, in the order of its random names.

    At most ``PAGE``, beginning after one of those names.
    """
    query = (
        select(KioskKeptRow, col(KioskRow.event))
        .join(KioskRow, col(KioskRow.id) == col(KioskKeptRow.kiosk_id))
        .where(col(KioskRow.survey_slug) == slug)
        .order_by(col(KioskKeptRow.id))
        .limit(PAGE)
    )
    if after is not None:
        query = query.where(col(KioskKeptRow.id) > after)
    return [
        Kept(
            row.id, row.kiosk_id, event, row.came_on, row.fate,
            [Problem(*each) for each in row.problems], row.content,
        )
        for row, event in (await session.execute(query)).all()
    ]  # fmt: skip


async def drop_kept(session: WriteSession, ids: Sequence[UUID]) -> None:
    """Forget what has been stored since."""
    await session.execute(delete(KioskKeptRow).where(col(KioskKeptRow.id).in_(ids)))


async def note_retry(session: WriteSession, slug: str, stored: int, *, by: str) -> None:
    """Write down that kept responses were tried again."""
    record(session, by, "kiosk.retry", slug, f"{stored} stored")
