"""Jobs in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from consult import clock
from consult.database import ReadSession, WriteSession
from consult.errors import ConsultError
from consult.jobs.tables import JobRow

#: A job without a sign of life for so long has lost its worker.
LOST = timedelta(seconds=15)


class Lost(Exception):
    """The worker gave no sign of life for so long that another has taken its job."""


@dataclass(frozen=True)
class Job:
    """A job: ``share`` of it is done, ``step`` says what it does now, or why it failed."""

    id: UUID
    kind: str
    about: str
    by: str
    state: str
    share: float
    step: str
    asked_at: datetime
    began_at: datetime | None
    #: Whose it is: of the worker that took it last.
    claim: UUID | None = None

    @property
    def under_way(self) -> bool:
        """Whether it waits or runs."""
        return self.state in {"waiting", "running"}

    def doing(self, now: datetime) -> str:
        """What it does now, in words."""
        if self.state == "waiting" and now - self.asked_at > LOST:
            return "Still waiting to begin. Ask whoever runs this service whether its worker runs."
        return self.step

    def left(self, now: datetime) -> str:
        """How long it will take, in words; empty where that cannot be told yet."""
        if self.state != "running" or self.began_at is None or self.share < 0.05:
            return ""
        seconds = (now - self.began_at).total_seconds() * (1 - self.share) / self.share
        if seconds < 90:
            return f"about {max(5, round(seconds / 5) * 5)} seconds left"
        return f"about {round(seconds / 60)} minutes left"


async def ask(session: WriteSession, kind: str, about: str, *, by: str) -> None:
    """Ask for a job; where the same waits or runs, it is left to that. Raises ConsultError."""
    statement = insert(JobRow).values(
        id=uuid4(),
        kind=kind,
        about=about,
        actor=by,
        state="waiting",
        share=0.0,
        step="Waiting to begin",
        asked_at=clock.now(),
    )
    done = await session.execute(statement.on_conflict_do_nothing().returning(col(JobRow.id)))
    if done.first() is None:
        other = await latest(session, about)
        if other is not None and other.kind != kind:
            raise ConsultError("Other work on this is under way. Ask again when it is done.")


async def latest(session: ReadSession | WriteSession, about: str) -> Job | None:
    """The newest job about something."""
    query = select(JobRow).where(col(JobRow.about) == about).order_by(col(JobRow.asked_at).desc())
    row = (await session.execute(query.limit(1))).scalars().first()
    return _job(row) if row else None


async def take(session: WriteSession) -> Job | None:
    """The job that has waited longest, or lost its worker, to be done from its beginning."""
    now = clock.now()
    lost = (col(JobRow.state) == "running") & (col(JobRow.beat_at) < now - LOST)
    first = (
        select(col(JobRow.id))
        .where((col(JobRow.state) == "waiting") | lost)
        .order_by(col(JobRow.asked_at))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = await session.execute(
        update(JobRow)
        .where(col(JobRow.id) == first.scalar_subquery())
        .values(
            state="running", share=0.0, step="Beginning", began_at=now, beat_at=now, claim=uuid4()
        )
        .returning(JobRow)
    )
    row = taken.scalars().first()
    return _job(row) if row else None


async def tell(session: WriteSession, job: Job, **values: Any) -> None:
    """Say how a job is getting on; a sign of life too. Raises Lost where it is another's by now."""
    values["beat_at"] = clock.now()
    told = update(JobRow).where(_own(job)).values(**values).returning(col(JobRow.id))
    if (await session.execute(told)).first() is None:
        raise Lost


async def hold(session: WriteSession, job: Job) -> None:
    """Let nobody take a job until this transaction ends. Raises Lost as ``tell`` does."""
    held = select(col(JobRow.id)).where(_own(job)).with_for_update()
    if (await session.execute(held)).first() is None:
        raise Lost


def _own(job: Job) -> ColumnElement[bool]:
    """Its row, while it is still whose it was."""
    own = (col(JobRow.id) == job.id) & (col(JobRow.claim) == job.claim)
    return own & (col(JobRow.state) == "running")


def _job(row: JobRow) -> Job:
    return Job(
        row.id,
        row.kind,
        row.about,
        row.actor,
        row.state,
        row.share,
        row.step,
        row.asked_at,
        row.began_at,
        row.claim,
    )
