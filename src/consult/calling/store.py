"""Cases in the database.

No case may be joined to its response: it holds no id of one and no time of a finished interview.
Where rows lie and which transaction wrote them would tell as much: the order in which interviews
ended, which the telephones' own log has with every number. So the row of a case that ends is
written anew together with fifty others that ended so, and its response with fifty others given by
telephone, in an order of chance, in one transaction: among them neither can be told. Cases that
are still open would be no crowd: one that ended stands out among them.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from consult.accounts.store import record
from consult.calling.cases import Listed
from consult.calling.model import HELD_FOR, Next
from consult.calling.sealing import digest
from consult.database import ReadSession, WriteSession
from consult.tables import TelephoneCaseRow

#: Others among which a finished case is hidden, and its response.
CROWD = 50
BATCH = 2_000
_shuffled = secrets.SystemRandom()


@dataclass(frozen=True)
class Case:
    """Someone to ring, as an interviewer sees them."""

    id: UUID
    slug: str
    reference: str = ""
    phone: str = ""
    name: str = ""
    strand: str = ""
    state: str = "begun"
    outcome: str = ""
    attempts: int = 0
    due_at: datetime | None = None
    promised: bool = False
    held_by: str | None = None
    sealed: bytes | None = None


def _case(row: TelephoneCaseRow) -> Case:
    return Case(
        row.id, row.survey_slug, row.reference, row.phone, row.name, row.strand, row.state,
        row.outcome, row.attempts, row.due_at, row.promised, row.held_by, row.sealed,
    )  # fmt: skip


async def add(
    session: WriteSession, slug: str, cases: Sequence[Listed], root: bytes, *, by: str
) -> int:
    """Take in cases; returns how many were new.

    One whose reference or number the survey has already is left as it is: a number that was
    refused stays so.
    """
    new = 0
    for start in range(0, len(cases), BATCH):
        rows = [
            {
                "id": uuid4(),
                "survey_slug": slug,
                "reference": case.reference,
                "phone": case.phone,
                "phone_digest": digest(case.normal, root),
                "name": case.name,
                "strand": case.strand,
                "state": "new",
                "outcome": "",
                "attempts": 0,
                "promised": False,
            }
            for case in cases[start : start + BATCH]
        ]
        done = await session.execute(
            insert(TelephoneCaseRow)
            .values(rows)
            .on_conflict_do_nothing()
            .returning(col(TelephoneCaseRow.id))
        )
        new += len(done.all())
    record(session, by, "calls.add", slug, f"{new} cases")
    return new


async def take_next(session: WriteSession, slug: str, who: str, now: datetime) -> Case | None:
    """The case to ring next, held for ``who``: theirs if they have one, else agreed call-backs,
    then tries that are due, then new ones. Nobody else is given it meanwhile.
    """
    mine = (col(TelephoneCaseRow.held_by) == who) & (col(TelephoneCaseRow.held_until) > now)
    free = or_(col(TelephoneCaseRow.held_until).is_(None), col(TelephoneCaseRow.held_until) <= now)
    due = or_(col(TelephoneCaseRow.due_at).is_(None), col(TelephoneCaseRow.due_at) <= now)
    query = (
        select(col(TelephoneCaseRow.id))
        .where(
            col(TelephoneCaseRow.survey_slug) == slug,
            col(TelephoneCaseRow.state) != "final",
            or_(mine, free & due),
        )
        .order_by(
            # Of a free row ``mine`` is NULL, which PostgreSQL would put first.
            mine.desc().nulls_last(),
            col(TelephoneCaseRow.promised).desc(),
            col(TelephoneCaseRow.due_at).asc().nulls_last(),
            col(TelephoneCaseRow.id),
        )
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    return None if found is None else await hold(session, found, who, now)


async def hold(session: WriteSession, case_id: UUID, who: str, now: datetime) -> Case | None:
    """Hold a case for ``who``; None where it is final or somebody else has it."""
    free = or_(
        col(TelephoneCaseRow.held_by) == who,
        col(TelephoneCaseRow.held_until).is_(None),
        col(TelephoneCaseRow.held_until) <= now,
    )
    done = await session.execute(
        update(TelephoneCaseRow)
        .where(col(TelephoneCaseRow.id) == case_id, col(TelephoneCaseRow.state) != "final", free)
        .values(held_by=who, held_until=now + HELD_FOR)
        .returning(TelephoneCaseRow)
    )
    row = done.scalar_one_or_none()
    return None if row is None else _case(row)


async def held(session: WriteSession, slug: str, case_id: UUID, who: str) -> Case | None:
    """A case that ``who`` holds, locked until the session ends; None where they do not."""
    query = (
        select(TelephoneCaseRow)
        .where(
            col(TelephoneCaseRow.id) == case_id,
            col(TelephoneCaseRow.survey_slug) == slug,
            col(TelephoneCaseRow.held_by) == who,
            col(TelephoneCaseRow.state) != "final",
        )
        .with_for_update()
    )
    row = (await session.execute(query)).scalar_one_or_none()
    return None if row is None else _case(row)


async def keep(session: WriteSession, case: Case, sealed: bytes, now: datetime) -> None:
    """Keep an interview in progress, and the case with whoever holds it."""
    await session.execute(
        update(TelephoneCaseRow)
        .where(col(TelephoneCaseRow.id) == case.id)
        .values(sealed=sealed, state="begun", held_until=now + HELD_FOR)
    )


async def release(session: WriteSession, case: Case) -> None:
    """Give a case back without a call."""
    await session.execute(
        update(TelephoneCaseRow)
        .where(col(TelephoneCaseRow.id) == case.id)
        .values(held_by=None, held_until=None)
    )


async def ring_again(
    session: WriteSession, case: Case, outcome: str, then: Next, *, by: str
) -> None:
    """Note a call after which there will be another."""
    await session.execute(
        update(TelephoneCaseRow)
        .where(col(TelephoneCaseRow.id) == case.id)
        .values(
            state="begun" if case.sealed else "retry",
            outcome=outcome,
            attempts=col(TelephoneCaseRow.attempts) + 1,
            due_at=then.due_at,
            promised=then.promised,
            held_by=None,
            held_until=None,
        )
    )
    record(session, by, "call.outcome", case.slug, outcome)


#: Every row of the crowd is written by the same statement; only the case that ends changes.
_END = text("""
UPDATE telephone_case SET
  state = CASE WHEN id = :case THEN 'final' ELSE state END,
  outcome = CASE WHEN id = :case THEN :outcome ELSE outcome END,
  attempts = CASE WHEN id = :case THEN attempts + 1 ELSE attempts END,
  phone = CASE WHEN id = :case THEN '' ELSE phone END,
  name = CASE WHEN id = :case THEN '' ELSE name END,
  due_at = CASE WHEN id = :case THEN NULL ELSE due_at END,
  promised = CASE WHEN id = :case THEN false ELSE promised END,
  held_by = CASE WHEN id = :case THEN NULL ELSE held_by END,
  held_until = CASE WHEN id = :case THEN NULL ELSE held_until END,
  sealed = CASE WHEN id = :case THEN NULL ELSE sealed END
WHERE id = :id""")


async def end(
    session: WriteSession, case: Case, outcome: str, *, by: str, response: UUID | None = None
) -> None:
    """End a case: its number, name and answers are erased, and its row hides in a crowd.

    ``response`` is what came of it, where something did. Then the audit says nothing: an event has
    a time and a name, and its transaction a place among those of responses.
    """
    others = await session.execute(
        select(col(TelephoneCaseRow.id))
        .where(
            col(TelephoneCaseRow.survey_slug) == case.slug,
            col(TelephoneCaseRow.id) != case.id,
            col(TelephoneCaseRow.state) == "final",
            col(TelephoneCaseRow.outcome) == outcome,
        )
        .order_by(func.random())
        .limit(CROWD)
        .with_for_update(skip_locked=True)
    )
    crowd = [case.id, *others.scalars()]
    _shuffled.shuffle(crowd)
    await session.execute(
        _END, [{"case": case.id, "id": each, "outcome": outcome} for each in crowd]
    )
    if response is None:
        record(session, by, "call.outcome", case.slug, outcome)
    else:
        await _hide(session, case.slug, response)


#: Waits, where another's crowd has it; whoever has a crowd waits for nothing more.
_OWN = text("SELECT id FROM response WHERE id = :own FOR UPDATE")
_COMPANIONS = text("""
SELECT r.id FROM response r JOIN survey_version v ON v.id = r.version_id
WHERE v.survey_slug = :slug AND r.channel = 'telephone' AND r.id <> :own
ORDER BY random() LIMIT :crowd FOR UPDATE OF r SKIP LOCKED""")
#: The same answers, but written anew: those that are long lie elsewhere, and are numbered there.
_AGAIN = text("UPDATE response SET answers = answers || '{}' WHERE id = :id")


async def _hide(session: WriteSession, slug: str, response: UUID) -> None:
    """Write a response anew among others that were given by telephone."""
    bound = {"slug": slug, "own": response, "crowd": CROWD}
    await session.execute(_OWN, {"own": response})
    crowd = [response, *(await session.execute(_COMPANIONS, bound)).scalars()]
    _shuffled.shuffle(crowd)
    await session.execute(_AGAIN, [{"id": each} for each in crowd])


async def erase(session: WriteSession, slug: str) -> int:
    """Forget the numbers, names and unfinished answers of a survey whose calls are over.

    All its rows are written anew in one statement, so that their order tells nothing. Returns how
    many had something to forget.
    """
    waiting = select(func.count()).where(
        col(TelephoneCaseRow.survey_slug) == slug, col(TelephoneCaseRow.phone) != ""
    )
    count = (await session.execute(waiting)).scalar_one()
    if count:
        await session.execute(
            update(TelephoneCaseRow)
            .where(col(TelephoneCaseRow.survey_slug) == slug)
            .values(phone="", name="", sealed=None, held_by=None, held_until=None)
        )
        record(session, "worker", "calls.erase", slug, f"{count} cases")
    return count


async def counts(session: ReadSession, slug: str) -> Mapping[tuple[str, bool], int]:
    """How many cases there are by their latest outcome ("" for none), and whether it is final."""
    query = (
        select(col(TelephoneCaseRow.outcome), col(TelephoneCaseRow.state), func.count())
        .where(col(TelephoneCaseRow.survey_slug) == slug)
        .group_by(col(TelephoneCaseRow.outcome), col(TelephoneCaseRow.state))
    )
    found: Counter[tuple[str, bool]] = Counter()
    for outcome, state, count in (await session.execute(query)).all():
        found[outcome, state == "final"] += count
    return found


async def agreed(session: ReadSession, slug: str, most: int = 50) -> list[Case]:
    """Call-backs that were agreed, the earliest first."""
    query = (
        select(TelephoneCaseRow)
        .where(
            col(TelephoneCaseRow.survey_slug) == slug,
            col(TelephoneCaseRow.state) != "final",
            col(TelephoneCaseRow.promised),
        )
        .order_by(col(TelephoneCaseRow.due_at), col(TelephoneCaseRow.id))
        .limit(most)
    )
    return [_case(row) for row in (await session.execute(query)).scalars()]
