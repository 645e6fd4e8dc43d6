"""The one door for responses: the web, partners' apps, kiosks and telephones come in here."""

from __future__ import annotations

from typing import Literal

from consult.database import Database
from consult.inviting.store import spend
from consult.respond import store
from consult.respond.store import Submission

#: Stored now; stored before, the same; or another response came under this id before.
Received = Literal["stored", "same", "different"]


async def receive(database: Database, submission: Submission) -> Received:
    """Store a response once, and return when its commit is confirmed.

    Raises DatabaseUnavailable.
    """
    if await database.share(_store, submission):
        return "stored"
    return await _before(database, submission)


async def _store(database: Database, submissions: list[Submission]) -> list[bool]:
    """Store responses in one transaction; for each whether it was new."""
    # An id twice in one statement would be stored once and reported new twice.
    each = {submission.id: submission for submission in reversed(submissions)}
    counted = any(submission.quotas for submission in submissions)
    async with database.writing() if counted else database.light() as source:
        new = await store.submit(source, list(each.values()))
    return [s.id in new and each[s.id] is s for s in submissions]


async def _before(database: Database, submission: Submission) -> Received:
    async with database.light() as link:
        before = await store.submitted(link, submission.id)
    return "same" if before == dict(submission.answers) else "different"


class _Used(Exception):
    """Takes back a transaction whose invitation has been used."""


async def receive_invited(
    database: Database, submission: Submission, ticket: bytes, *, unlisted: bool
) -> Received | Literal["used"]:
    """Store a response once and use its invitation, both or neither.

    ``ticket`` is the invitation's mark; ``unlisted``: that of an address. Sent again it is the
    same, whatever has become of the invitation. Raises DatabaseUnavailable.
    """
    try:
        async with database.writing() as session:
            new = bool(await store.submit(session, [submission]))
            slug = await store.survey_of(session, submission.version_id)
            if new and not await spend(session, slug, ticket, unlisted=unlisted):
                raise _Used
    except _Used:
        return "used"
    return "stored" if new else await _before(database, submission)
