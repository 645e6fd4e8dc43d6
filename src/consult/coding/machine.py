"""Coding by the machine what no person has coded, and signing a frame off. Jobs."""

from __future__ import annotations

from uuid import UUID

from consult.coding import learning, store
from consult.coding.changes import counted
from consult.coding.learning import Learner, Task
from consult.coding.model import Place, Revision
from consult.coding.several import among
from consult.coding.standing import by_people
from consult.database import Database, WriteSession
from consult.errors import ConsultError
from consult.jobs.running import Keep, Progress
from consult.jobs.store import Job


async def code_the_rest(database: Database, job: Job, progress: Progress) -> Keep:
    """Code all comments that no person has coded, by the newest frame. Raises ConsultError."""
    place = Place.of(job.about)
    head, learner, task = await _known(database, place)
    if head.signed or (head.state_of != head.number and await _signed(database, place, head)):
        raise ConsultError(
            "The frame is signed off, and with it what the machine says. Sign again."
        )
    found = await _coded(learner, task, progress, 0.9)

    async def keep(session: WriteSession) -> None:
        await store.assign_by_machine(session, place, found, by=job.by, frame=head.number)

    return keep


async def _signed(database: Database, place: Place, head: Revision) -> bool:
    """Whether changes since the last signature were taken back."""
    async with database.reading() as session:
        return (await store.revision(session, place, head.state_of)).signed


async def sign(database: Database, job: Job, progress: Progress) -> Keep:
    """Sign the newest frame off, after the machine has coded the rest by it. Raises ConsultError.

    How far people agree, and the machine with them, is kept with it.
    """
    place = Place.of(job.about)
    head, learner, task = await _known(database, place)
    if not task.coded:
        raise ConsultError(
            "Nobody has coded a comment by this frame yet. Code some first, so that it can be "
            "said how far the machine agrees with people."
        )
    found = await _coded(learner, task, progress, 0.5)
    await progress(0.6, "Holding the machine's codes against people's")
    agreement = await learner.ask(learning.agreement, task)
    summary = f"Signed off with {counted(len(head.frame.codes))}"

    async def keep(session: WriteSession) -> None:
        await store.change(
            session, place, head.number, head.frame, summary, by=job.by, agreement=agreement
        )
        await store.assign_by_machine(session, place, found, by=job.by, frame=head.number + 1)

    return keep


async def _known(database: Database, place: Place) -> tuple[Revision, Learner, Task]:
    async with database.reading() as session:
        head = await store.head(session, place)
        reading, _ = await store.fingerprint(session, place)
        comments = among(await store.comments(session, place), head.frame)
        blind = await store.coded_blind(session, place)
        people = by_people(await store.assignments(session, place), blind)
    learner = Learner(place, (reading, len(comments)), comments, head.frame)
    return head, learner, learner.task(people, blind)


async def _coded(
    learner: Learner, task: Task, progress: Progress, until: float
) -> dict[UUID, tuple[tuple[str, ...], float]]:
    """What the machine says of the comments that no person has coded."""
    await progress(0.05, f"Learning from {len(task.coded):,} comments that people have coded")
    given = await learner.ask(learning.everything, task)
    await progress(until, "Keeping the codes")
    return {
        comment.id: said
        for place, (comment, said) in enumerate(zip(learner.comments, given, strict=True))
        if place not in task.settled
    }
