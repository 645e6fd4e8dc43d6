"""Reading stored responses; keeping and reading frozen datasets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from consult.consultations.store import versions
from consult.database import ReadSession, WriteSession
from consult.datasets.rows import StoredResponse
from consult.datasets.tables import FrozenRow
from consult.respond.flags import SET_ASIDE
from consult.tables import ApiKeyRow, ResponseRow, SurveyRow, SurveyVersionRow

BATCH = 2000


@dataclass(frozen=True)
class Frozen:
    """A frozen dataset as the database holds it; ``responses`` compressed, empty in a list."""

    slug: str
    number: int
    day: date
    manifest: str
    codebook: str
    population: str
    responses: bytes


async def responses(
    session: ReadSession, slug: str, strands: Mapping[UUID, str] | None = None
) -> AsyncIterator[StoredResponse]:
    """Every response to a survey, any version, ordered by id: an order that tells no time.

    ``strands`` are those that may be named. Raises NotFound where there is no such survey.
    """
    known = {version.id: version for version in await versions(session, slug)}
    keys = select(col(ApiKeyRow.id)).where(col(ApiKeyRow.set_aside))
    aside = set((await session.execute(keys)).scalars())
    query = (
        select(ResponseRow)
        .where(col(ResponseRow.version_id).in_(known), ~col(ResponseRow.withdrawn))
        .order_by(col(ResponseRow.id))
        .execution_options(yield_per=BATCH)
    )
    async for row in await session.stream_scalars(query):
        version = known[row.version_id]
        yield StoredResponse(
            row.id,
            version.survey,
            version.number,
            row.channel,
            row.language,
            row.received_on,
            tuple(row.closed_parts),
            row.answers,
            row.order_seed,
            (*row.flags, SET_ASIDE) if row.source in aside else tuple(row.flags),
            row.again,
            (strands or {}).get(row.id, ""),
        )


async def strand_marks(session: ReadSession, slug: str) -> list[tuple[UUID, bytes]]:
    """The responses to a survey that keep a mark of their strand, and the mark."""
    query = (
        select(col(ResponseRow.id), col(ResponseRow.strand))
        .join(SurveyVersionRow, col(SurveyVersionRow.id) == col(ResponseRow.version_id))
        .where(col(SurveyVersionRow.survey_slug) == slug, ~col(ResponseRow.withdrawn))
        .where(col(ResponseRow.strand).is_not(None))
    )
    return [(one, mark) for one, mark in (await session.execute(query)).all() if mark]


async def stored_answers(
    session: ReadSession | WriteSession, ids: Sequence[UUID]
) -> dict[UUID, tuple[str, Mapping[str, Any]]]:
    """The survey and the answers of those of ``ids`` that are stored."""
    query = (
        select(col(ResponseRow.id), col(SurveyVersionRow.survey_slug), col(ResponseRow.answers))
        .join(SurveyVersionRow, col(SurveyVersionRow.id) == col(ResponseRow.version_id))
        .where(col(ResponseRow.id).in_(ids))
    )
    return {found: (slug, answers) for found, slug, answers in (await session.execute(query)).all()}


async def by_day(session: ReadSession, slug: str) -> list[tuple[date, int]]:
    """How many responses each day brought."""
    query = (
        select(col(ResponseRow.received_on), func.count())
        .join(SurveyVersionRow, col(SurveyVersionRow.id) == col(ResponseRow.version_id))
        .where(col(SurveyVersionRow.survey_slug) == slug)
        .where(~col(ResponseRow.withdrawn))
        .group_by(col(ResponseRow.received_on))
        .order_by(col(ResponseRow.received_on))
    )
    return [(day, count) for day, count in (await session.execute(query)).all()]


async def changed(session: ReadSession, slug: str) -> tuple[int, int]:
    """How many responses were corrected since they were sent, and how many were withdrawn.

    One that was corrected and then withdrawn is among the withdrawn alone.
    """
    withdrawn = col(ResponseRow.withdrawn)
    query = (
        select(
            func.count().filter(col(ResponseRow.revision) > 1, ~withdrawn),
            func.count().filter(withdrawn),
        )
        .join(SurveyVersionRow, col(SurveyVersionRow.id) == col(ResponseRow.version_id))
        .where(col(SurveyVersionRow.survey_slug) == slug)
    )
    corrected, taken_back = (await session.execute(query)).one()
    return corrected, taken_back


# -- frozen datasets -------------------------------------------------------------------------------


async def next_number(session: WriteSession, slug: str) -> int:
    """The number of the next frozen dataset of a survey; others who freeze one wait."""
    lock = select(col(SurveyRow.slug)).where(col(SurveyRow.slug) == slug).with_for_update()
    await session.execute(lock)
    last = select(func.max(col(FrozenRow.number))).where(col(FrozenRow.survey_slug) == slug)
    return ((await session.execute(last)).scalar_one() or 0) + 1


async def keep(session: WriteSession, frozen: Frozen) -> None:
    """Keep a frozen dataset."""
    session.add(
        FrozenRow(
            survey_slug=frozen.slug,
            number=frozen.number,
            frozen_on=frozen.day,
            manifest=frozen.manifest,
            codebook=frozen.codebook,
            population=frozen.population,
            responses=frozen.responses,
        )
    )
    await session.flush()


async def frozen(session: ReadSession, slug: str, number: int) -> Frozen | None:
    """A frozen dataset, None where there is none of that number."""
    row = await session.get(FrozenRow, (slug, number))
    if row is None:
        return None
    return Frozen(
        slug, number, row.frozen_on, row.manifest, row.codebook, row.population, row.responses
    )


async def all_frozen(session: ReadSession, slug: str | None = None) -> list[Frozen]:
    """The frozen datasets of a survey, or of all, without their responses."""
    query = select(
        col(FrozenRow.survey_slug),
        col(FrozenRow.number),
        col(FrozenRow.frozen_on),
        col(FrozenRow.manifest),
    ).order_by(col(FrozenRow.survey_slug), col(FrozenRow.number))
    if slug is not None:
        query = query.where(col(FrozenRow.survey_slug) == slug)
    rows = (await session.execute(query)).all()
    return [Frozen(name, number, day, said, "", "", b"") for name, number, day, said in rows]
