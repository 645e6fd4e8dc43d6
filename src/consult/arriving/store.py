"""What is already stored of a response that comes again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from consult.database import ReadSession, WriteSession
from consult.tables import ResponseRow, SurveyVersionRow


@dataclass(frozen=True)
class Earlier:
    """A response that is stored."""

    slug: str
    version: int
    channel: str
    language: str
    order_seed: int | None
    answers: Mapping[str, Any]


async def earlier(session: ReadSession | WriteSession, response_id: UUID) -> Earlier | None:
    """The response stored under an id, None where there is none."""
    query = (
        select(
            col(SurveyVersionRow.survey_slug),
            col(SurveyVersionRow.number),
            col(ResponseRow.channel),
            col(ResponseRow.language),
            col(ResponseRow.order_seed),
            col(ResponseRow.answers),
        )
        .join(SurveyVersionRow, col(SurveyVersionRow.id) == col(ResponseRow.version_id))
        .where(col(ResponseRow.id) == response_id)
    )
    row = (await session.execute(query)).one_or_none()
    return Earlier(*row) if row else None
