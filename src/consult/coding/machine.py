"""Coding by the machine what no person has coded. A job."""

from __future__ import annotations

from consult.coding import learning, store
from consult.coding.learning import Learner
from consult.coding.store import Place
from consult.database import Database
from consult.jobs.running import Progress
from consult.jobs.store import Job


async def code_the_rest(database: Database, job: Job, progress: Progress) -> None:
    """Code all comments that no person has coded, by the newest frame. Raises ConsultError."""
    place = Place.of(job.about)
    async with database.reading() as session:
        head = await store.head(session, place)
        stamp = await store.fingerprint(session, place)
        comments = await store.comments(session, place)
        people = await store.assignments(session, place)
    learner = Learner(place, stamp, comments, head.frame)
    task = learner.task(people)
    await progress(0.05, f"Learning from {len(task.coded):,} comments that people have coded")
    given = await learner.ask(learning.everything, task)
    await progress(0.9, "Keeping the codes")
    found = {
        comment.id: said
        for comment, said in zip(learner.comments, given, strict=True)
        if comment.id not in people
    }
    async with database.writing() as session:
        await store.assign_by_machine(session, place, found, by=job.by, frame=head.number)
