"""Keys of partners' apps in the database: only their hashes.

A response carries the number of the key that it came with, so that all of one partner's can be set
aside. That number is read here and in ``datasets/store.py``, and leads to no table, export or page:
how many came with a key is said in round numbers, and no fewer than ``FEW`` are set aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import col

from consult.accounts.store import record
from consult.database import ReadSession, WriteSession
from consult.errors import ConsultError
from consult.tables import ApiKeyRow, ResponseRow, SurveyRow

#: Below this many nobody is told how many, and nothing is set aside.
FEW = 10


@dataclass(frozen=True)
class Key:
    """A partner's key, without what it opens with."""

    name: str
    survey: str
    made_at: datetime
    made_by: str
    revoked_at: datetime | None
    linked: bool
    set_aside: bool
    responses: int

    @property
    def says(self) -> str:
        """About how many responses came with it."""
        return says(self.responses, linked=self.linked)


def says(responses: int, *, linked: bool) -> str:
    """About how many responses came, in words that point at no one response."""
    if not linked:
        return "responses not linked"
    if responses < FEW:
        return f"fewer than {FEW} responses"
    return f"about {5 * round(responses / 5):,} responses"


async def add(
    session: WriteSession,
    name: str,
    survey: str,
    key_hash: bytes,
    *,
    by: str,
    now: datetime,
    linked: bool = True,
) -> None:
    """Keep a new key; unless ``linked``, nothing says which responses come with it.

    Raises ConsultError.
    """
    if await session.get(SurveyRow, survey) is None:
        raise ConsultError(f"No survey '{survey}' is published. Publish it first.")
    if any(key.name == name and key.revoked_at is None for key in await keys(session, survey)):
        raise ConsultError(
            f"'{name}' has a key for '{survey}' already. Revoke it first, or give another name."
        )
    session.add(
        ApiKeyRow(
            key_hash=key_hash, name=name, survey_slug=survey, made_at=now, made_by=by,
            linked=linked,
        )
    )  # fmt: skip
    record(session, by, "api_key.add", f"{survey} {name}", "" if linked else "unlinked")


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
    came = (
        select(func.count()).where(col(ResponseRow.source) == col(ApiKeyRow.id)).scalar_subquery()
    )
    query: Any = select(ApiKeyRow, came).order_by(col(ApiKeyRow.made_at), col(ApiKeyRow.name))
    if survey is not None:
        query = query.where(col(ApiKeyRow.survey_slug) == survey)
    return [
        Key(
            row.name, row.survey_slug, row.made_at, row.made_by, row.revoked_at, row.linked,
            row.set_aside, count,
        )
        for row, count in (await session.execute(query)).all()
    ]  # fmt: skip


@dataclass(frozen=True)
class Partner:
    """All keys of one name for a survey, as staff see them."""

    name: str
    says: str
    linked: bool
    set_aside: bool
    opens: bool


async def partners(session: ReadSession, survey: str) -> list[Partner]:
    """Who sends responses to a survey, in the order of the alphabet."""
    by_name: dict[str, list[Key]] = {}
    for key in await keys(session, survey):
        by_name.setdefault(key.name, []).append(key)
    return [
        Partner(
            name,
            says(sum(key.responses for key in own), linked=any(key.linked for key in own)),
            any(key.linked for key in own),
            any(key.set_aside for key in own),
            any(key.revoked_at is None for key in own),
        )
        for name, own in sorted(by_name.items())
    ]


@dataclass(frozen=True)
class Opened:
    """The survey that a key opens, and what its responses carry: None for an unlinked key."""

    survey: str
    source: int | None


async def opened(session: ReadSession, key_hash: bytes) -> Opened | None:
    """What a key opens, None for a key that is unknown or revoked."""
    query = select(ApiKeyRow).where(
        col(ApiKeyRow.key_hash) == key_hash, col(ApiKeyRow.revoked_at).is_(None)
    )
    row = (await session.execute(query)).scalar_one_or_none()
    return Opened(row.survey_slug, row.id if row.linked else None) if row else None


async def set_aside(
    session: WriteSession, name: str, survey: str, reason: str, *, by: str, back: bool = False
) -> None:
    """Flag every response that came, or will come, with the keys of ``name``; or no longer.

    Nothing is deleted and no response is touched: the flag is read off the key. Raises
    ConsultError: without a reason, for fewer than ``FEW`` responses, or where none can be told.
    """
    if not reason.strip():
        raise ConsultError("Say why, in a few words: the reason is kept with what was done.")
    own = [key for key in await keys(session, survey) if key.name == name]
    if not own:
        raise ConsultError(f"'{name}' has no key for '{survey}'.")
    if not any(key.linked for key in own):
        raise ConsultError(
            f"The key of '{name}' was made unlinked: nothing says which responses came with it."
        )
    if not back and sum(key.responses for key in own) < FEW:
        raise ConsultError(
            f"Fewer than {FEW} responses came from '{name}'. Set aside, they would stand out one "
            "by one in every export. End the key instead (revoke)."
        )
    await session.execute(
        update(ApiKeyRow)
        .where(
            col(ApiKeyRow.name) == name,
            col(ApiKeyRow.survey_slug) == survey,
            col(ApiKeyRow.linked),
        )
        .values(set_aside=not back)
    )
    action = "api_key.take_back" if back else "api_key.set_aside"
    record(session, by, action, f"{survey} {name}", reason.strip())
