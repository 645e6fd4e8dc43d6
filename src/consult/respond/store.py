"""Drafts and responses in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from consult.database import ReadSession, WriteSession
from consult.questionnaire.model import Survey
from consult.respond.areas import candidates
from consult.respond.draft import Draft, Token
from consult.tables import DraftRow, PostcodeAreaRow, QuotaRow, ResponseRow, SurveyVersionRow

#: Rows in one statement: PostgreSQL takes 32,767 values.
BATCH = 5_000


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


async def load_draft(
    session: ReadSession | WriteSession, token: Token, survey_slug: str
) -> Draft | None:
    """The draft behind ``token``; in a write session it is held until the session ends."""
    query = select(col(DraftRow.sealed)).where(
        col(DraftRow.id) == token.draft_id, col(DraftRow.survey_slug) == survey_slug
    )
    if isinstance(session, WriteSession):
        query = query.with_for_update()  # two tabs must not overwrite each other's page
    sealed = (await session.execute(query)).scalar_one_or_none()
    return token.unseal(sealed) if sealed else None


async def save_draft(
    session: WriteSession, token: Token, survey_slug: str, draft: Draft, today: date
) -> None:
    """Keep a draft."""
    sealed = token.seal(draft)
    await session.execute(
        insert(DraftRow)
        .values(
            id=token.draft_id,
            survey_slug=survey_slug,
            sealed=sealed,
            change=1,
            touched_on=today,
        )
        .on_conflict_do_update(index_elements=["id"], set_={"sealed": sealed, "touched_on": today})
    )


async def drop_draft(session: WriteSession, token: Token) -> None:
    """Forget a draft."""
    await session.execute(delete(DraftRow).where(col(DraftRow.id) == token.draft_id))


async def purge_drafts(session: WriteSession, before: date) -> int:
    """Forget drafts not touched since ``before``; returns how many."""
    done = await session.execute(
        delete(DraftRow).where(col(DraftRow.touched_on) < before).returning(col(DraftRow.id))
    )
    return len(done.all())


async def submit(session: WriteSession, submissions: Sequence[Submission]) -> list[UUID]:
    """Store responses, each once; returns the ids that were not there before."""
    if not submissions:
        return []
    rows = [
        {
            "id": s.id,
            "version_id": s.version_id,
            "channel": s.channel,
            "language": s.language,
            "received_on": s.received_on,
            "answers": dict(s.answers),
            "closed_parts": list(s.closed_parts),
            "order_seed": s.order_seed,
            "flags": list(s.flags),
            "again": s.again,
        }
        for s in submissions
    ]
    done = await session.execute(
        insert(ResponseRow).values(rows).on_conflict_do_nothing().returning(col(ResponseRow.id))
    )
    new = set(done.scalars())
    await _count_quotas(session, [s for s in submissions if s.id in new])
    return [s.id for s in submissions if s.id in new]


async def _count_quotas(session: WriteSession, submissions: Sequence[Submission]) -> None:
    """Count new responses towards the quotas they meet."""
    counted = Counter((s.version_id, quota) for s in submissions for quota in s.quotas)
    for (version_id, quota), count in sorted(counted.items()):
        of_survey = select(col(SurveyVersionRow.survey_slug)).where(
            col(SurveyVersionRow.id) == version_id
        )
        values = {"survey_slug": of_survey.scalar_subquery(), "quota": quota, "count": count}
        await session.execute(
            insert(QuotaRow)
            .values(**values)
            .on_conflict_do_update(
                index_elements=["survey_slug", "quota"],
                set_={"count": col(QuotaRow.count) + count},
            )
        )


async def full_quotas(session: ReadSession | WriteSession, survey: Survey) -> frozenset[str]:
    """The quotas of a survey that have all the responses they need."""
    limits = {quota.id: quota.limit for quota in survey.definition.quotas}
    if not limits:
        return frozenset()
    query = select(col(QuotaRow.quota), col(QuotaRow.count)).where(
        col(QuotaRow.survey_slug) == survey.slug
    )
    rows = (await session.execute(query)).all()
    counts = {quota: count for quota, count in rows if quota in limits}
    return frozenset(name for name, limit in limits.items() if counts.get(name, 0) >= limit)


async def load_areas(session: WriteSession, lookup: str, areas: Mapping[str, str]) -> None:
    """Put a lookup file in place of the one of that name."""
    await session.execute(delete(PostcodeAreaRow).where(col(PostcodeAreaRow.lookup) == lookup))
    rows = [{"lookup": lookup, "postcode": p, "area": a} for p, a in areas.items()]
    for start in range(0, len(rows), BATCH):
        await session.execute(insert(PostcodeAreaRow).values(rows[start : start + BATCH]))


async def area_of(session: ReadSession | WriteSession, lookup: str, postcode: str) -> str | None:
    """The area of a postcode, None where the lookup file does not know it."""
    tried = candidates(postcode)
    query = select(col(PostcodeAreaRow.postcode), col(PostcodeAreaRow.area)).where(
        col(PostcodeAreaRow.lookup) == lookup, col(PostcodeAreaRow.postcode).in_(tried)
    )
    rows = (await session.execute(query)).all()
    found = {name: area for name, area in rows if name in tried}
    return next((found[name] for name in tried if name in found), None)


async def submitted(
    session: ReadSession | WriteSession, response_id: UUID
) -> Mapping[str, Any] | None:
    """The stored answers of a response, None where there is none."""
    query = select(col(ResponseRow.answers)).where(col(ResponseRow.id) == response_id)
    return (await session.execute(query)).scalar_one_or_none()
