"""Comments, readings, frames and assignments in the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import col

from consult import clock
from consult.accounts.store import record
from consult.coding.frame import Frame
from consult.coding.model import Assignment, Comment, Place, Quotation, Reading, Revision
from consult.coding.tables import (
    AssignmentRow,
    CommentRow,
    FrameRow,
    QuotationRow,
    ReadingRow,
)
from consult.database import ReadSession, WriteSession
from consult.datasets.store import stored_answers
from consult.errors import ConsultError
from consult.tables import SurveyRow

#: Rows of one INSERT: PostgreSQL takes 32,767 values in one.
BATCH = 2_000
AnySession = ReadSession | WriteSession


# -- comments --------------------------------------------------------------------------------------


async def comments(session: AnySession, place: Place) -> list[Comment]:
    """Every comment on a question, ordered by its response's id: an order that tells no time."""
    query = _of(select(CommentRow), CommentRow, place).order_by(col(CommentRow.comment_id))
    rows = (await session.execute(query)).scalars().all()
    there = {row.comment_id for row in rows}
    return [
        Comment(
            row.comment_id, row.text, row.received_on,
            row.first if row.first in there else None, row.apart, tuple(row.themes),
            row.asked if row.asked != place.question else "", row.response_id,
        )
        for row in rows
    ]  # fmt: skip


async def original(session: WriteSession, place: Place, comment: UUID, *, by: str) -> str:
    """A comment as it was written, with personal data: that it was looked at is kept.

    Empty where its writer took it back.
    """
    row = CommentRow
    query = _of(select(col(row.response_id), col(row.asked)), row, place)
    own = (await session.execute(query.where(col(row.comment_id) == comment))).first()
    record(session, by, "coding.original", str(place), "1 comment with personal data")
    if own is None:
        return ""
    answers = (await stored_answers(session, [own.response_id])).get(own.response_id, ("", {}))[1]
    return str(answers.get(own.asked) or "")


async def with_phrase(session: AnySession, place: Place, phrase: str) -> set[UUID]:
    """The comments that have a phrase in them, in capital or small letters."""
    query = _of(select(col(CommentRow.comment_id)), CommentRow, place)
    query = query.where(col(CommentRow.text).icontains(phrase, autoescape=True))
    return set((await session.execute(query)).scalars())


async def fingerprint(session: AnySession, place: Place) -> tuple[int, int]:
    """What tells whether the comments are still those they were: the reading, and how many."""
    last = _of(select(func.max(col(ReadingRow.number))), ReadingRow, place)
    count = _of(select(func.count()).select_from(CommentRow), CommentRow, place)
    return (
        (await session.execute(last)).scalar_one() or 0,
        (await session.execute(count)).scalar_one(),
    )


#: The state of each response to a survey, which every change of it changes.
_STATES = """
SELECT r.id, r.xmin::text AS state FROM response r JOIN survey_version v ON v.id = r.version_id
WHERE v.survey_slug = :slug AND NOT r.withdrawn"""


_GONE = """
DELETE FROM comment
WHERE survey_slug = :survey_slug AND question = :question AND since = :since AND NOT EXISTS
(SELECT FROM unnest(CAST(:kept AS uuid[])) AS kept(id) WHERE kept.id = comment_id)"""


async def states(session: AnySession, slug: str, *, locked: bool = False) -> dict[UUID, str]:
    """What tells of each response whether it is still what it was; ``locked`` until the end."""
    query = text(_STATES + (" ORDER BY r.id FOR SHARE OF r" if locked else ""))
    rows = (await session.execute(query, {"slug": slug})).all()
    return {row.id: row.state for row in rows}


async def keep_reading(
    session: WriteSession, place: Place, found: Sequence[Comment], reading: Reading,
    before: Mapping[UUID, str],
) -> None:  # fmt: skip
    """Keep what was read; comments that are there already keep their assignments.

    One whose response is not as it was ``before`` the reading, changed or taken back meanwhile, is
    left out, and so is what an earlier reading had and this one has not.
    """
    now = await states(session, place.slug, locked=True)
    found = [c for c in found if c.response in now and now[c.response] == before.get(c.response)]
    about = {**_key(place), "kept": [c.id for c in found]}
    await session.execute(text(_GONE), about)
    await session.execute(_of(delete(ReadingRow), ReadingRow, place))
    for start in range(0, len(found), BATCH):
        rows = [
            {
                **_key(place), "comment_id": c.id, "response_id": c.response,
                "asked": c.asked or place.question,
                "text": c.text, "received_on": c.received_on, "first": c.first,
                "apart": c.apart, "themes": list(c.themes),
            }
            for c in found[start : start + BATCH]
        ]  # fmt: skip
        statement = insert(CommentRow).values(rows)
        changed = {name: statement.excluded[name] for name in ("text", "first", "apart", "themes")}
        await session.execute(
            statement.on_conflict_do_update(constraint="pk_comment", set_=changed)
        )
    session.add(
        ReadingRow(
            **_key(place),
            number=reading.number,
            at=reading.at,
            actor=reading.by,
            reconciled=reading.reconciled,
            themes=[dict(theme) for theme in reading.themes],
            campaigns=[dict(campaign) for campaign in reading.campaigns],
        )
    )
    record(session, reading.by, "coding.read", str(place), f"{len(found)} comments")


async def reading(session: AnySession, place: Place) -> Reading | None:
    """The newest reading of a question."""
    query = _of(select(ReadingRow), ReadingRow, place).order_by(col(ReadingRow.number).desc())
    row = (await session.execute(query.limit(1))).scalars().first()
    if row is None:
        return None
    themes = tuple({**theme, "reading": row.number} for theme in row.themes)
    campaigns = tuple(row.campaigns)
    return Reading(row.number, row.at, row.actor, row.reconciled, themes, campaigns)


# -- frames ----------------------------------------------------------------------------------------


async def revisions(session: AnySession, place: Place) -> list[Revision]:
    """Every state of a question's code frame, the newest first."""
    query = _of(select(FrameRow), FrameRow, place).order_by(col(FrameRow.number).desc())
    return [_revision(row) for row in (await session.execute(query)).scalars()]


async def head(session: AnySession, place: Place, *, signed: bool = False) -> Revision:
    """The newest state of a question's frame, or that last signed; number 0 where there is none."""
    query = _of(select(FrameRow), FrameRow, place).order_by(col(FrameRow.number).desc()).limit(1)
    if signed:
        query = query.where(col(FrameRow.signed))
    row = (await session.execute(query)).scalars().first()
    return _revision(row) if row else Revision(0, Frame(), "", "", clock.now())


async def revision(session: AnySession, place: Place, number: int) -> Revision:
    """A state of a question's frame; that before the first has no codes."""
    row = await session.get(FrameRow, (place.slug, place.question, place.since, number))
    return _revision(row) if row else Revision(0, Frame(), "", "", clock.now())


async def frames(session: AnySession) -> list[Place]:
    """The questions that have a code frame."""
    row = FrameRow
    query = select(col(row.survey_slug), col(row.question), col(row.since)).distinct()
    return sorted((Place(*row) for row in (await session.execute(query)).all()), key=str)


async def change(
    session: WriteSession, place: Place, seen: int, frame: Frame, summary: str, *, by: str,
    agreement: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Make ``frame`` the newest state, which follows the one that was ``seen``.

    One with an ``agreement`` is signed off, for good. Raises ConsultError where somebody else
    changed it meanwhile.
    """
    last = await _locked_head(session, place, seen)
    signed, number = agreement is not None, last.number + 1
    made = Revision(
        number, frame, summary, by, clock.now(), number, None if signed else last.number, signed,
        agreement,
    )  # fmt: skip
    await _keep_revision(session, place, made)


async def take_back(session: WriteSession, place: Place, seen: int, *, by: str) -> None:
    """Take the last change to a frame back. Raises ConsultError as ``change`` does."""
    last = await _locked_head(session, place, seen)
    if last.undo_to is None:
        raise ConsultError("There is nothing to take back.")
    undone = await revision(session, place, last.state_of)
    back = await revision(session, place, last.undo_to)
    # A number that was given is not given again: a comment may have been coded by it.
    following = max(back.frame.following, last.frame.following)
    frame, summary = replace(back.frame, following=following), f"Took back: {undone.summary}"
    made = Revision(
        last.number + 1, frame, summary, by, clock.now(), back.state_of, back.undo_to
    )  # fmt: skip
    await _keep_revision(session, place, made)


async def lock(session: WriteSession, slug: str) -> None:
    """Let nobody else change a frame of a survey until this transaction ends."""
    own = select(col(SurveyRow.slug)).where(col(SurveyRow.slug) == slug)
    await session.execute(own.with_for_update())


async def _locked_head(session: WriteSession, place: Place, seen: int) -> Revision:
    await lock(session, place.slug)
    last = await head(session, place)
    if last.number != seen:
        raise ConsultError(
            f"{last.by} has changed the frame meanwhile: {last.summary}. Yours was not done. "
            "Look at the frame again, then do it once more."
        )
    return last


async def _keep_revision(session: WriteSession, place: Place, made: Revision) -> None:
    session.add(
        FrameRow(
            **_key(place), number=made.number,
            content=made.frame.as_dict(), summary=made.summary, actor=made.by, at=made.at,
            state_of=made.state_of, undo_to=made.undo_to, signed=made.signed,
            agreement=dict(made.agreement) if made.agreement else None,
        )
    )  # fmt: skip
    action = "coding.sign" if made.signed else "coding.frame"
    record(session, made.by, action, str(place), made.summary)


def _revision(row: FrameRow) -> Revision:
    return Revision(
        row.number, Frame.of(row.content), row.summary, row.actor, row.at, row.state_of,
        row.undo_to, row.signed, row.agreement,
    )  # fmt: skip


# -- assignments -----------------------------------------------------------------------------------


async def assignments(
    session: AnySession,
    place: Place,
    *,
    machine: bool = False,
    frame: int | None = None,
    until: datetime | None = None,
) -> dict[UUID, Assignment]:
    """By comment what counts: what a person said last, or the machine, where asked by a frame.

    ``until`` leaves out what was said later.
    """
    row = AssignmentRow
    query = (
        _of(select(row), row, place)
        .where(~col(row.undone), ~col(row.blind))
        .where(col(row.actor).is_(None) if machine else col(row.actor).is_not(None))
        .order_by(col(row.comment_id), col(row.id).desc())
        .ext(distinct_on(col(row.comment_id)))
    )
    if frame is not None:
        query = query.where(col(row.frame) == frame)
    if until is not None:
        query = query.where(col(row.at) <= until)
    return {a.comment_id: _assignment(a) for a in (await session.execute(query)).scalars()}


async def coded_blind(
    session: AnySession, place: Place, until: datetime | None = None
) -> dict[UUID, dict[str, Assignment]]:
    """By comment of the check sample what each coder said of it last."""
    row = AssignmentRow
    query = _of(select(row), row, place).where(col(row.blind), ~col(row.undone))
    query = query.order_by(col(row.id))
    if until is not None:
        query = query.where(col(row.at) <= until)
    found: dict[UUID, dict[str, Assignment]] = {}
    for one in (await session.execute(query)).scalars():
        found.setdefault(one.comment_id, {})[one.actor or ""] = _assignment(one)
    return found


async def assign(
    session: WriteSession, place: Place, codes: Mapping[UUID, Sequence[str]], *, by: str,
    frame: int, blind: bool = False,
) -> int:  # fmt: skip
    """Keep what a person coded comments as, in one action, which can be undone. Returns how many.

    Comments that are gone, because their answers were changed or taken back, are left out.
    """
    there = await _locked(session, place, codes)
    await _put(session, place, {k: (tuple(codes[k]), None) for k in there}, by, frame, blind,
               uuid4())  # fmt: skip
    what = "comments of the check sample" if blind else "comments"
    record(session, by, "coding.assign", str(place), f"{len(there)} {what}")
    return len(there)


async def assign_by_machine(
    session: WriteSession, place: Place, codes: Mapping[UUID, tuple[Sequence[str], float]], *,
    by: str, frame: int,
) -> None:  # fmt: skip
    """Keep what the machine codes comments as, in place of what it said before.

    What it said when the frame was signed stays: that is what is reported.
    """
    row = AssignmentRow
    signed = await head(session, place, signed=True)
    before = _of(delete(row), row, place).where(col(row.actor).is_(None))
    await session.execute(before.where(col(row.frame) != signed.number))
    there = await _locked(session, place, codes)
    await _put(session, place, {k: codes[k] for k in there}, None, frame, False, uuid4())
    record(session, by, "coding.machine", str(place), f"{len(there)} comments")


async def undo(session: WriteSession, place: Place, *, by: str, blind: bool = False) -> list[UUID]:
    """Take back somebody's last action; returns the comments that it was about.

    What was said before the frame was signed stays. Raises ConsultError.
    """
    row = AssignmentRow
    signed = await head(session, place, signed=True)
    mine = _of(select(col(row.action)), row, place).where(
        col(row.actor) == by, ~col(row.undone), col(row.blind).is_(blind)
    )
    if signed.number:
        mine = mine.where(col(row.at) > signed.at)
    last = (await session.execute(mine.order_by(col(row.id).desc()).limit(1))).scalar()
    if last is None:
        raise ConsultError("There is nothing of yours to take back.")
    done = await session.execute(
        update(row)
        .where(col(row.action) == last)
        .values(undone=True)
        .returning(col(row.comment_id), col(row.id))
    )
    comments = [one.comment_id for one in sorted(done.all(), key=lambda one: one.id)]
    record(session, by, "coding.undo", str(place), f"{len(comments)} comments")
    return comments


async def _locked(session: WriteSession, place: Place, wanted: Collection[UUID]) -> list[UUID]:
    """Those of the comments that are there, which nobody can delete until this is committed."""
    query = _of(select(col(CommentRow.comment_id)), CommentRow, place)
    query = query.order_by(col(CommentRow.comment_id)).with_for_update(key_share=True)
    if len(wanted) < BATCH:
        query = query.where(col(CommentRow.comment_id).in_(wanted))
    return [one for one in (await session.execute(query)).scalars() if one in wanted]


async def _put(
    session: WriteSession, place: Place, found: Mapping[UUID, tuple[Sequence[str], float | None]],
    by: str | None, frame: int, blind: bool, action: UUID,
) -> None:  # fmt: skip
    rows = [
        {
            **_key(place), "comment_id": comment,
            "codes": list(codes), "actor": by, "blind": blind, "frame": frame,
            "confidence": confidence, "at": clock.now(), "action": action, "undone": False,
        }
        for comment, (codes, confidence) in found.items()
    ]  # fmt: skip
    for start in range(0, len(rows), BATCH):
        await session.execute(insert(AssignmentRow).values(rows[start : start + BATCH]))


def _assignment(row: AssignmentRow) -> Assignment:
    return Assignment(
        row.comment_id, tuple(row.codes), row.actor or "", row.frame, row.confidence, row.at
    )


# -- quotations ------------------------------------------------------------------------------------


async def quotations(session: AnySession, place: Place) -> list[Quotation]:
    """The passages that may be published."""
    query = _of(select(QuotationRow), QuotationRow, place).order_by(
        col(QuotationRow.code), col(QuotationRow.comment_id)
    )
    rows = (await session.execute(query)).scalars()
    return [Quotation(row.comment_id, row.code, row.text, row.actor) for row in rows]


async def approve(session: WriteSession, place: Place, quotation: Quotation) -> None:
    """Let a passage be published under a code."""
    values = {"text": quotation.text, "actor": quotation.by, "at": clock.now()}
    statement = insert(QuotationRow).values(
        **_key(place), comment_id=quotation.comment,
        code=quotation.code, **values,
    )  # fmt: skip
    await session.execute(statement.on_conflict_do_update(constraint="pk_quotation", set_=values))
    record(session, quotation.by, "coding.quote", str(place), quotation.code)


async def withdraw(
    session: WriteSession, place: Place, comment: UUID, code: str, *, by: str
) -> None:
    """Let a passage be published no more."""
    row = QuotationRow
    own = _of(delete(row), row, place).where(col(row.comment_id) == comment)
    await session.execute(own.where(col(row.code) == code))
    record(session, by, "coding.unquote", str(place), code)


def _of(query: Any, row: Any, place: Place) -> Any:
    own = [col(getattr(row, name)) == value for name, value in _key(place).items()]
    return query.where(*own)


def _key(place: Place) -> dict[str, Any]:
    return {"survey_slug": place.slug, "question": place.question, "since": place.since}
