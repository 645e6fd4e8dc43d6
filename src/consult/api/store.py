"""Keys of partners' apps in the database: only their hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from consult.accounts.store import record
from consult.database import ReadSession, WriteSession
from consult.errors import ConsultError
from consult.tables import ApiKeyRow, SurveyRow


@dataclass(frozen=True)
class Key:
    """A partner's key, without what it opens with."""

    name: str
    survey: str
    made_at: datetime
    made_by: str
    revoked_at: datetime | None


async def add(
    session: WriteSession, name: str, survey: str, key_hash: bytes, *, by: str, now: datetime
) -> None:
    """Keep a new key. Raises ConsultError."""
    if await session.get(SurveyRow, survey) is None:
        raise ConsultError(f"No survey '{survey}' is published. Publish it first.")
    if any(key.name == name and key.revoked_at is None for key in await keys(session, survey)):
        raise ConsultError(
            f"'{name}' has a key for '{survey}' already. Revoke it first, or give another name."
        )
    session.add(
        ApiKeyRow(key_hash=key_hash, name=name, survey_slug=survey, made_at=now, made_by=by)
    )
    record(session, by, "api_key.add", f"{survey} {name}")


async def revoke(session: WriteSession, name: str, survey: str, *, by: str, now: datetime) -> None:
    """End a key. Raises ConsultError."""
    done = await session.execute(
        update(ApiKeyRow)
        .where(
            col(ApiKeyRow.name) == name,
            col(ApiKeyRow.survey_slug) == survey,
            col(ApiKeyRow.revoked_at).is_(None),
        )
        .values(revoked_at=now)
        .returning(col(ApiKeyRow.name))
    )
    if not done.all():
        raise ConsultError(f"'{name}' has no key for '{survey}' that could be revoked.")
    record(session, by, "api_key.revoke", f"{survey} {name}")


async def keys(session: ReadSession | WriteSession, survey: str | None = None) -> list[Key]:
    """Keys, the newest last; of one survey, or of all."""
    query: Any = select(ApiKeyRow).order_by(col(ApiKeyRow.made_at), col(ApiKeyRow.name))
    if survey is not None:
        query = query.where(col(ApiKeyRow.survey_slug) == survey)
    rows = (await session.execute(query)).scalars()
    return [
        Key(row.name, row.survey_slug, row.made_at, row.made_by, row.revoked_at) for row in rows
    ]


async def survey_of(session: ReadSession, key_hash: bytes) -> str | None:
    """The survey that a key opens, None for a key that is unknown or revoked."""
    query = select(col(ApiKeyRow.survey_slug)).where(
        col(ApiKeyRow.key_hash) == key_hash, col(ApiKeyRow.revoked_at).is_(None)
    )
    return (await session.execute(query)).scalar_one_or_none()
