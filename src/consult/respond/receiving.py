"""The one door for responses: the web, partners' apps, kiosks and telephones come in here."""

from __future__ import annotations

from typing import Literal

from consult.database import Database
from consult.respond import store
from consult.respond.store import Submission

#: Stored now; stored before, the same; or another response came under this id before.
Received = Literal["stored", "same", "different"]


async def receive(database: Database, submission: Submission) -> Received:
    """Store a response once, and return when its commit is confirmed.

    Raises DatabaseUnavailable.
    """
    async with database.writing() as session:
        if await store.submit(session, [submission]):
            return "stored"
        before = await store.submitted(session, submission.id)
    return "same" if before == dict(submission.answers) else "different"
