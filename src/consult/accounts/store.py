"""Staff, sign-ins and the audit trail in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from consult import clock
from consult.accounts.model import Role, Staff
from consult.database import ReadSession, WriteSession
from consult.tables import AuditRow, SignInRow, StaffRow


@dataclass(frozen=True)
class Account:
    """A member of staff with what signing in needs."""

    staff: Staff
    password_hash: str


def record(session: WriteSession, actor: str, action: str, subject: str, reason: str = "") -> None:
    """Write an audit event in the transaction of the change it tells of."""
    session.add(
        AuditRow(at=clock.now(), actor=actor, action=action, subject=subject, reason=reason)
    )


async def put_staff(
    session: WriteSession, email: str, role: Role, password_hash: str, by: str
) -> None:
    """Add a member of staff, or give one a new role and password; their sign-ins end."""
    values = {"role": role, "password_hash": password_hash, "failures": 0, "locked_until": None}
    await session.execute(
        insert(StaffRow)
        .values(email=email, **values)
        .on_conflict_do_update(index_elements=["email"], set_=values)
    )
    staff_id = select(col(StaffRow.id)).where(col(StaffRow.email) == email).scalar_subquery()
    await session.execute(delete(SignInRow).where(col(SignInRow.staff_id) == staff_id))
    record(session, by, "staff.put", email, role)


async def account(session: ReadSession | WriteSession, email: str) -> Account | None:
    """The account under ``email`` (in small letters)."""
    row = (
        await session.execute(select(StaffRow).where(col(StaffRow.email) == email))
    ).scalar_one_or_none()
    if row is None:
        return None
    return Account(_staff(row), row.password_hash)


async def resting(session: WriteSession, staff: Staff, now: datetime) -> bool:
    """Whether an account rests; it is held until the session ends, so that tries queue up."""
    query = select(col(StaffRow.locked_until)).where(col(StaffRow.id) == staff.id)
    until = (await session.execute(query.with_for_update())).scalar_one_or_none()
    return until is not None and until > now


async def note_failure(session: WriteSession, staff: Staff) -> int:
    """Count a failed sign-in; returns how many there were in a row."""
    failed = (
        update(StaffRow)
        .where(col(StaffRow.id) == staff.id)
        .values(failures=col(StaffRow.failures) + 1)
        .returning(col(StaffRow.failures))
    )
    return (await session.execute(failed)).scalar_one()


async def rest(session: WriteSession, staff: Staff, until: datetime) -> None:
    """Let an account rest, and count anew after it."""
    await session.execute(
        update(StaffRow).where(col(StaffRow.id) == staff.id).values(failures=0, locked_until=until)
    )


async def sign_in(
    session: WriteSession, staff: Staff, token_hash: bytes, expires_at: datetime
) -> None:
    """Keep a sign-in under the hash of its token."""
    await session.execute(
        update(StaffRow).where(col(StaffRow.id) == staff.id).values(failures=0, locked_until=None)
    )
    session.add(SignInRow(token_hash=token_hash, staff_id=staff.id, expires_at=expires_at))
    record(session, staff.email, "staff.sign_in", staff.email)


async def signed_in(session: ReadSession, token_hash: bytes, now: datetime) -> Staff | None:
    """Who holds a token, unless it has expired."""
    row = (
        await session.execute(
            select(StaffRow)
            .join(SignInRow, col(SignInRow.staff_id) == col(StaffRow.id))
            .where(col(SignInRow.token_hash) == token_hash, col(SignInRow.expires_at) > now)
        )
    ).scalar_one_or_none()
    return _staff(row) if row else None


async def sign_out(session: WriteSession, token_hash: bytes) -> None:
    """Forget a sign-in."""
    await session.execute(delete(SignInRow).where(col(SignInRow.token_hash) == token_hash))


async def purge(session: WriteSession, now: datetime) -> int:
    """Forget expired sign-ins; returns how many."""
    done = await session.execute(
        delete(SignInRow).where(col(SignInRow.expires_at) <= now).returning(col(SignInRow.staff_id))
    )
    return len(done.all())


def _staff(row: StaffRow) -> Staff:
    return Staff(cast(int, row.id), row.email, cast(Role, row.role))
