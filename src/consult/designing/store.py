"""Questionnaires being designed, in the database: revisions, undo and redo, who is editing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, cast

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from consult.accounts.store import record
from consult.database import ReadSession, WriteSession
from consult.designing.edits import Edit
from consult.designing.fields import Change
from consult.designing.merging import Merged, merge, said
from consult.errors import ConsultError, NotFound
from consult.questionnaire.document import Document
from consult.tables import (
    QuestionnaireFilesRow,
    QuestionnairePresenceRow,
    QuestionnaireRevisionRow,
    QuestionnaireRow,
)

Kind = Literal["step", "superseded", "aside"]
#: Saves of one person in one field are one step, as long as no more than this lies between them.
ONE_STEP = timedelta(minutes=1)
#: How long the saves inside a step are kept: a page left open may still be based on one.
KEPT = timedelta(days=1)
HERE = timedelta(minutes=2)
Row = QuestionnaireRevisionRow


@dataclass(frozen=True)
class Revision:
    """What is told of a revision without its document."""

    number: int
    parent: int | None
    kind: Kind
    summary: str
    by: str
    at: datetime
    field: str = ""


@dataclass(frozen=True)
class Draft:
    """A questionnaire at one of its revisions."""

    slug: str
    document: Document
    revision: Revision


@dataclass(frozen=True)
class Saved:
    """What came of a save: the draft as it is now, and what waits for a person."""

    draft: Draft
    merged: Merged
    #: Who made the changes that clash, newest first.
    others: tuple[str, ...] = ()


# -- reading ---------------------------------------------------------------------------------------

#: By digest: what a process has read once it need not read again.
_files: dict[str, dict[str, str]] = {}


async def draft(session: ReadSession | WriteSession, slug: str, number: int | None = None) -> Draft:
    """A questionnaire as it is, or as it was at a revision. Raises NotFound."""
    if number is not None and not 0 < number < 2**31:
        raise NotFound(slug)
    query = select(Row).where(col(Row.slug) == slug)
    if number is None:
        query = query.join(QuestionnaireRow, col(QuestionnaireRow.slug) == col(Row.slug))
        query = query.where(col(Row.number) == col(QuestionnaireRow.head))
    else:
        query = query.where(col(Row.number) == number)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotFound(slug)
    return Draft(slug, await _document(session, row), _revision(row))


async def _document(session: ReadSession | WriteSession, row: Row) -> Document:
    digest = row.files_digest
    if digest not in _files:
        query = select(col(QuestionnaireFilesRow.texts)).where(
            col(QuestionnaireFilesRow.digest) == digest
        )
        if len(_files) > 200:
            _files.clear()
        _files[digest] = (await session.execute(query)).scalar_one()
    return Document.from_json({**row.document, "texts": _files[digest]})


def _revision(row: Any) -> Revision:
    kind = cast(Kind, row.kind)
    return Revision(row.number, row.parent, kind, row.summary, row.actor, row.at, row.field)


async def listed(session: ReadSession) -> list[Draft]:
    """Every questionnaire being designed, the one changed last first."""
    query = (
        select(Row)
        .join(QuestionnaireRow, col(QuestionnaireRow.slug) == col(Row.slug))
        .where(col(Row.number) == col(QuestionnaireRow.head))
        .order_by(col(Row.at).desc())
    )
    rows = (await session.execute(query)).scalars().all()
    return [Draft(row.slug, await _document(session, row), _revision(row)) for row in rows]


async def exists(session: ReadSession | WriteSession, slug: str) -> bool:
    """Whether there is a questionnaire of that name."""
    query = select(col(QuestionnaireRow.slug)).where(col(QuestionnaireRow.slug) == slug)
    return (await session.execute(query)).scalar_one_or_none() is not None


async def history(session: ReadSession, slug: str) -> list[Revision]:
    """A questionnaire's steps, newest first, those kept aside too."""
    query = (
        select(
            col(Row.number), col(Row.parent), col(Row.kind), col(Row.summary), col(Row.actor),
            col(Row.at), col(Row.field),
        )
        .where(col(Row.slug) == slug, col(Row.kind) != "superseded")
        .order_by(col(Row.number).desc())
    )  # fmt: skip
    return [_revision(row) for row in (await session.execute(query)).all()]


# -- writing ---------------------------------------------------------------------------------------


async def create(
    session: WriteSession, slug: str, document: Document, summary: str, *, by: str, now: datetime
) -> Draft:
    """A new questionnaire. Raises ConsultError where there is one of that name."""
    made = insert(QuestionnaireRow).values(slug=slug, made_by=by, made_at=now, head=1)
    done = await session.execute(
        made.on_conflict_do_nothing().returning(col(QuestionnaireRow.slug))
    )
    if done.scalar_one_or_none() is None:
        raise ConsultError(f"There is a survey called ‘{slug}’ already. Choose another name.")
    files = await _put_files(session, document)
    revision = Revision(1, None, "step", summary, by, now)
    _add(session, slug, document, revision, files)
    record(session, by, "questionnaire.create", slug, summary)
    await session.flush()
    return Draft(slug, document, revision)


async def _put_files(session: WriteSession, document: Document) -> str:
    texts = dict(document.texts)
    digest = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
    made = insert(QuestionnaireFilesRow).values(digest=digest, texts=texts)
    await session.execute(made.on_conflict_do_nothing())
    return digest


def _add(
    session: WriteSession, slug: str, document: Document, revision: Revision, files: str
) -> None:
    held = document.as_json()
    del held["texts"]
    session.add(
        Row(
            slug=slug,
            number=revision.number,
            parent=revision.parent,
            kind=revision.kind,
            document=held,
            files_digest=files,
            field=revision.field,
            summary=revision.summary,
            actor=revision.by,
            at=revision.at,
        )
    )


async def _held(session: WriteSession, slug: str) -> tuple[Draft, str, int]:
    """The draft, its files and its newest number, held until the session ends. Raises NotFound."""
    lock = select(col(QuestionnaireRow.head)).where(col(QuestionnaireRow.slug) == slug)
    head = (await session.execute(lock.with_for_update())).scalar_one_or_none()
    if head is None:
        raise NotFound(slug)
    newest = select(func.max(col(Row.number))).where(col(Row.slug) == slug)
    query = select(Row).where(col(Row.slug) == slug, col(Row.number) == head)
    row = (await session.execute(query)).scalar_one()
    found = Draft(slug, await _document(session, row), _revision(row))
    return found, row.files_digest, (await session.execute(newest)).scalar_one()


async def _set_head(session: WriteSession, slug: str, number: int) -> None:
    moved = update(QuestionnaireRow).where(col(QuestionnaireRow.slug) == slug).values(head=number)
    await session.execute(moved)


async def _step(
    session: WriteSession,
    head: Draft,
    files: str,
    newest: int,
    document: Document,
    revision: Revision,
) -> Draft:
    """The next revision, as the one in hand."""
    slug, before = head.slug, head.revision
    goes_on = (
        revision.field
        and before.field == revision.field
        and before.by == revision.by
        and before.number == newest
        and revision.at - before.at <= ONE_STEP
    )
    parent = before.parent if goes_on else before.number
    revision = replace(revision, number=newest + 1, parent=parent)
    if goes_on:
        inside = update(Row).where(col(Row.slug) == slug, col(Row.number) == before.number)
        await session.execute(inside.values(kind="superseded"))
    else:
        record(session, revision.by, "questionnaire.edit", slug, revision.summary[:2000])
        old = delete(Row).where(col(Row.slug) == slug, col(Row.kind) == "superseded")
        await session.execute(old.where(col(Row.at) < revision.at - KEPT))
    _add(session, slug, document, revision, files)
    await _set_head(session, slug, revision.number)
    await session.flush()
    return Draft(slug, document, revision)


async def save(
    session: WriteSession,
    slug: str,
    base: int,
    changes: Sequence[Change],
    *,
    by: str,
    now: datetime,
) -> Saved:
    """Values changed on revision ``base``, put on top of whatever was saved since."""
    head, files, newest = await _held(session, slug)
    base = await _own_since(session, head, base, by)
    based_on = await _base(session, head, base)
    merged = merge(based_on, head.document, changes)
    result = head
    if merged.applied:
        one = merged.applied[0].field if len(merged.applied) == 1 else ""
        told = [said(head.document, change.field) for change in merged.applied[:4]]
        summary = "; ".join(dict.fromkeys(told)) + (" …" if len(merged.applied) > 4 else "")
        revision = Revision(0, None, "step", summary, by, now, one)
        result = await _step(session, head, files, newest, merged.document, revision)
        newest = result.revision.number
    if merged.clashes and merged.aside is not None:
        told = [said(merged.aside, clash.field) for clash in merged.clashes]
        aside = Revision(newest + 1, base, "aside", "; ".join(told), by, now)
        _add(session, slug, merged.aside, aside, files)
        record(session, by, "questionnaire.aside", slug, aside.summary[:2000])
        await session.flush()
    others = await _since(session, slug, base, by) if merged.clashes else ()
    return Saved(result, merged, others)


async def _own_since(session: WriteSession, head: Draft, base: int, by: str) -> int:
    """The revision that a page is based on, once its own author's saves since are counted in.

    A page that saves as one types, and then as a form, must not be held against itself.
    """
    query = (
        select(col(Row.number), col(Row.actor))
        .where(col(Row.slug) == head.slug, col(Row.kind) != "aside")
        .where(col(Row.number) > base, col(Row.number) <= head.revision.number)
        .order_by(col(Row.number))
    )
    for number, actor in (await session.execute(query)).all():
        if actor != by:
            break
        base = number
    return base


async def _base(session: WriteSession, head: Draft, base: int) -> Document | None:
    if base == head.revision.number:
        return head.document
    try:
        return (await draft(session, head.slug, base)).document
    except NotFound:
        return None


async def _since(session: WriteSession, slug: str, base: int, by: str) -> tuple[str, ...]:
    query = (
        select(col(Row.actor))
        .where(col(Row.slug) == slug, col(Row.number) > base, col(Row.actor) != by)
        .order_by(col(Row.number).desc())
    )
    return tuple(dict.fromkeys((await session.execute(query)).scalars()))


async def do(
    session: WriteSession, slug: str, change: Callable[[Document], Edit], *, by: str, now: datetime
) -> tuple[Draft, Edit]:
    """Something added, moved, deleted. Raises ConsultError and NotFound."""
    head, files, newest = await _held(session, slug)
    edit = change(head.document)
    if edit.document is head.document:
        return head, edit
    if edit.document.texts is not head.document.texts:
        files = await _put_files(session, edit.document)
    revision = Revision(0, None, "step", edit.summary, by, now)
    return await _step(session, head, files, newest, edit.document, revision), edit


async def undo(session: WriteSession, slug: str, seen: int, *, by: str) -> Draft:
    """The step in hand taken back; ``seen`` is the revision that its button stood beside."""
    head, _, _ = await _held(session, slug)
    _refuse_unseen(head, seen)
    if head.revision.parent is None:
        raise ConsultError("There is nothing to undo.")
    await _set_head(session, slug, head.revision.parent)
    record(session, by, "questionnaire.undo", slug, head.revision.summary[:2000])
    return await draft(session, slug)


async def redo(session: WriteSession, slug: str, seen: int, *, by: str) -> Draft:
    """The step taken back last made again."""
    head, _, _ = await _held(session, slug)
    _refuse_unseen(head, seen)
    following = await after(session, slug, head.revision.number)
    if following is None:
        raise ConsultError("There is nothing to redo.")
    await _set_head(session, slug, following.number)
    record(session, by, "questionnaire.redo", slug, following.summary[:2000])
    return await draft(session, slug)


def _refuse_unseen(head: Draft, seen: int) -> None:
    if head.revision.number != seen:
        raise ConsultError(
            f"Nothing was undone or redone: {head.revision.by} has since saved "
            f"“{head.revision.summary}”. Look at it, then try again."
        )


async def after(session: ReadSession | WriteSession, slug: str, number: int) -> Revision | None:
    """The step that redo would make, from a revision."""
    query = (
        select(Row)
        .where(col(Row.slug) == slug, col(Row.parent) == number, col(Row.kind) == "step")
        .order_by(col(Row.number).desc())
        .limit(1)
    )
    row = (await session.execute(query)).scalar_one_or_none()
    return _revision(row) if row else None


# -- who is here -----------------------------------------------------------------------------------


async def here(session: WriteSession, slug: str, email: str, now: datetime) -> None:
    """Note that somebody has the questionnaire open."""
    seen = insert(QuestionnairePresenceRow).values(slug=slug, email=email, at=now)
    keys = ["slug", "email"]
    await session.execute(seen.on_conflict_do_update(index_elements=keys, set_={"at": now}))


async def editors(
    session: ReadSession | WriteSession, slug: str, me: str, now: datetime
) -> list[str]:
    """Who else has been heard of in the last two minutes."""
    presence = QuestionnairePresenceRow
    query = (
        select(col(presence.email))
        .where(col(presence.slug) == slug, col(presence.email) != me)
        .where(col(presence.at) > now - HERE)
        .order_by(col(presence.email))
    )
    return list((await session.execute(query)).scalars())


@lru_cache(maxsize=512)
def called(email: str) -> str:
    """A person by the part of their address that others know them by: Sian Jones."""
    name = email.partition("@")[0].replace(".", " ").replace("_", " ")
    return " ".join(part.capitalize() for part in name.split()) or email
