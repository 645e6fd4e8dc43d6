"""Drafts in the database, and the codes that lead back to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from consult.consultations import store as consultations
from consult.consultations.store import Version
from consult.database import Database, Source, link_of
from consult.errors import NotFound
from consult.respond.draft import Draft, Token

_HERE = f"""
SELECT now.*, d.sealed, d.change
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS asked(slug, draft_id, place)
LEFT JOIN ({consultations.CURRENT}) now ON now.slug = asked.slug
LEFT JOIN draft d ON d.id = asked.draft_id AND d.survey_slug = asked.slug
ORDER BY asked.place"""  # noqa: S608  two constants


async def here(database: Database, slug: str, token: Token | None) -> tuple[Version, Draft | None]:
    """The version of a survey in use, and the draft behind ``token``.

    Raises NotFound, DatabaseUnavailable.
    """
    found = await database.share(_heres, (slug, token.draft_id if token else None))
    if found is None:
        raise NotFound(slug)
    version, sealed, change = found
    return version, token.unseal(sealed, change) if token and sealed else None


async def _heres(
    database: Database, asked: list[tuple[str, UUID | None]]
) -> list[tuple[Version, bytes | None, int] | None]:
    """For a survey's name and a draft's each: the version, and the draft as it is sealed."""
    async with database.light() as link:
        rows = await link.fetch(_HERE, [slug for slug, _ in asked], [name for _, name in asked])
        return [
            (await consultations.version_of(link, row["slug"], row), row["sealed"], row["change"])
            if row["id"] is not None
            else None
            for row in rows
        ]


@dataclass(frozen=True)
class Kept:
    """A draft as it is stored: sealed, with the count of changes when it was loaded."""

    draft_id: UUID
    survey_slug: str
    sealed: bytes
    change: int
    touched_on: date
    code_id: UUID | None

    @classmethod
    def of(cls, token: Token, survey_slug: str, draft: Draft, today: date) -> Self:
        """``draft`` sealed with ``token``."""
        sealed, code_id = token.seal(draft), draft.code_id
        return cls(token.draft_id, survey_slug, sealed, draft.change, today, code_id)


#: Code and draft are forgotten together, so both are touched.
_KEEP = """
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::int[], $5::date[])
        AS g(id, survey_slug, sealed, change, touched_on)
), begun AS (
    INSERT INTO draft (id, survey_slug, sealed, change, touched_on)
    SELECT id, survey_slug, sealed, 1, touched_on FROM given WHERE change = 0
    ON CONFLICT DO NOTHING RETURNING id
), changed AS (
    UPDATE draft d SET sealed = g.sealed, change = d.change + 1, touched_on = g.touched_on
    FROM given g
    WHERE d.id = g.id AND d.change = g.change AND d.survey_slug = g.survey_slug
    RETURNING d.id
), touched AS (
    UPDATE return_code SET touched_on = $7 WHERE id = ANY($6::uuid[]) AND touched_on < $7
)
SELECT id FROM begun UNION ALL SELECT id FROM changed"""


async def save_draft(
    database: Database, token: Token, survey_slug: str, draft: Draft, today: date
) -> bool:
    """Keep a draft; False where it has changed since ``draft`` was loaded, or is gone.

    Raises DatabaseUnavailable.
    """
    return await database.share(_save, Kept.of(token, survey_slug, draft, today))


async def _save(database: Database, drafts: list[Kept]) -> list[bool]:
    async with database.light() as link:
        return await keep_drafts(link, drafts)


async def keep_drafts(source: Source, drafts: Sequence[Kept]) -> list[bool]:
    """Keep drafts; for each whether it was kept. Of two changes to one draft the first is."""
    link = await link_of(source)
    each = {kept.draft_id: kept for kept in reversed(drafts)}
    rows = await link.fetch(
        _KEEP,
        list(each),
        [kept.survey_slug for kept in each.values()],
        [kept.sealed for kept in each.values()],
        [kept.change for kept in each.values()],
        [kept.touched_on for kept in each.values()],
        [kept.code_id for kept in each.values() if kept.code_id],
        max((kept.touched_on for kept in each.values()), default=None),
    )
    done = {row["id"] for row in rows}
    return [kept.draft_id in done and each[kept.draft_id] is kept for kept in drafts]


async def drop_draft(source: Source, token: Token, draft: Draft) -> None:
    """Forget a draft, and the code that leads to it."""
    link = await link_of(source)
    await link.execute("DELETE FROM draft WHERE id = $1", token.draft_id)
    if draft.code_id:
        await link.execute("DELETE FROM return_code WHERE id = $1", draft.code_id)


async def purge_drafts(source: Source, before: date) -> int:
    """Forget drafts, and codes that lead to them, not touched since ``before``; how many drafts."""
    link = await link_of(source)
    done = await link.execute("DELETE FROM draft WHERE touched_on < $1", before)
    await link.execute("DELETE FROM return_code WHERE touched_on < $1", before)
    return int(done.rpartition(" ")[2])


# -- codes to come back with ---------------------------------------------------------------------


async def keep_code(source: Source, code_id: UUID, sealed: bytes, today: date) -> None:
    """Keep a draft's token, sealed with a return code."""
    link = await link_of(source)
    query = "INSERT INTO return_code (id, sealed, touched_on) VALUES ($1, $2, $3)"
    await link.execute(query, code_id, sealed, today)


async def behind_code(source: Source, code_id: UUID) -> bytes | None:
    """What is sealed with a return code, None where there is no such code."""
    link = await link_of(source)
    sealed = await link.fetchval("SELECT sealed FROM return_code WHERE id = $1", code_id)
    return None if sealed is None else bytes(sealed)
