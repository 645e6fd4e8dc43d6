"""The one door for responses: the web, partners' apps, kiosks and telephones come in here."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Literal
from weakref import WeakKeyDictionary

from consult.database import Database
from consult.errors import DatabaseUnavailable
from consult.inviting.store import spend
from consult.respond import store
from consult.respond.store import Submission

#: Stored now; stored before, the same; or another response came under this id before.
Received = Literal["stored", "same", "different"]

#: Statements under way at once: while one waits for its commit, the next is filled.
LANES = 2
#: Responses in one statement.
MOST = 200


class Inbox:
    """The responses that wait for the next shared ``INSERT`` of this process.

    On closing night a thousand come at once: stored one by one each pays for a commit of its own.
    Those that arrive while a commit is under way share the next one, and each is acknowledged
    after that. Nobody waits for a timer: with nothing under way the first goes at once, alone.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[tuple[Submission, asyncio.Future[bool]]] = deque()
        self._lanes: set[asyncio.Task[None]] = set()

    async def put(self, submission: Submission) -> bool:
        """Whether ``submission`` was new, once it is stored. Raises DatabaseUnavailable."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((submission, done))
        if len(self._lanes) < LANES:
            lane = asyncio.create_task(self._run())
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        return await done

    async def _run(self) -> None:
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            try:
                await self._store(taken)
            except DatabaseUnavailable as away:
                for _, done in taken:
                    if not done.done():
                        done.set_exception(away)
            except Exception:
                # One that cannot be stored must not take its neighbours with it.
                for alone in taken:
                    await self._store_alone(alone)

    async def _store(self, taken: list[tuple[Submission, asyncio.Future[bool]]]) -> None:
        # An id twice in one statement would be stored once and reported new twice.
        each = {submission.id: submission for submission, _ in reversed(taken)}
        counted = any(submission.quotas for submission, _ in taken)
        where = self._database.writing() if counted else self._database.light()
        async with where as source:
            new = await store.submit(source, list(each.values()))
        for submission, done in taken:
            if not done.done():
                done.set_result(submission.id in new)
            new.discard(submission.id)

    async def _store_alone(self, waiting: tuple[Submission, asyncio.Future[bool]]) -> None:
        try:
            await self._store([waiting])
        except Exception as error:
            if not waiting[1].done():
                waiting[1].set_exception(error)


_inboxes: WeakKeyDictionary[Database, Inbox] = WeakKeyDictionary()


async def receive(database: Database, submission: Submission) -> Received:
    """Store a response once, and return when its commit is confirmed.

    Raises DatabaseUnavailable.
    """
    inbox = _inboxes.setdefault(database, Inbox(database))
    if await inbox.put(submission):
        return "stored"
    return await _before(database, submission)


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
