"""Filling the demonstration's database: surveys, responses, two accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid5

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from consult import clock
from consult.accounts import passwords
from consult.accounts.model import Role
from consult.accounts.store import put_staff
from consult.consultations.store import Version, current, publish
from consult.database import Database
from consult.datasets.imports import NAMESPACE
from consult.datasets.store import by_day
from consult.demo.answers import Invented, sample
from consult.errors import NotFound
from consult.migrate import upgrade
from consult.questionnaire.loading import load
from consult.questionnaire.model import LONDON
from consult.questionnaire.survey import Survey
from consult.respond.journey import travel
from consult.respond.store import Submission, submit
from consult.settings import shipped

SEED = 2025
INVENTED = 2000
BATCH = 250
#: The surveys that a visitor can answer: their dates are moved so that they opened this long ago.
OPEN = {
    "warwickshire-precept-2025-26": timedelta(days=21),
    "west-mercia-plan-2013": timedelta(days=7),
}


def fill(url: str, accounts: dict[str, Role], password: str, console: Console) -> None:
    """Bring the database to what the demonstration shows; what is there already stays."""
    upgrade(url)
    asyncio.run(_fill(url, accounts, password, console))


async def _fill(url: str, accounts: dict[str, Role], password: str, console: Console) -> None:
    database = Database(url)
    hashed = passwords.hashed(password)
    async with database.writing() as session:
        for email, role in accounts.items():
            await put_staff(session, email, role, hashed, by="demo")
    for folder in sorted(shipped("surveys").iterdir()):
        if (folder / "survey.yaml").exists():
            version = await _publish(database, load(folder))
            async with database.reading() as session:
                empty = not await by_day(session, version.survey.slug)
            if empty and (responses := sample(version.survey, SEED, INVENTED)):
                await _load(database, version, responses, console)
    await database.close()


async def _publish(database: Database, survey: Survey) -> Version:
    """The version in use; a survey seen for the first time is published."""
    async with database.writing() as session:
        try:
            return await current(session, survey.slug)
        except NotFound:
            now = clock.now()
            shown = _opened(survey, now - OPEN[survey.slug]) if survey.slug in OPEN else survey
            return await publish(
                session, shown, survey.slug, by="demo", reason="demonstration", now=now
            )


def _opened(survey: Survey, moment: datetime) -> Survey:
    """``survey`` with all its dates moved by whole days, so that it opened on ``moment``'s day."""
    definition = survey.definition
    if definition.opens is None:
        return survey
    days = timedelta(days=(moment.astimezone(LONDON).date() - definition.opens.date()).days)
    dates = {
        "opens": definition.opens + days,
        "closes": definition.closes and definition.closes + days,
        "parts": tuple(
            part.model_copy(update={"closes": part.closes + days}) for part in definition.parts
        ),
    }
    return Survey(definition.model_copy(update=dates), survey.words, survey.population)


async def _load(
    database: Database, version: Version, responses: Sequence[Invented], console: Console
) -> None:
    survey = version.survey
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(f"Loading {survey.slug}", total=len(responses))
        async with database.writing() as session:  # all of them or none, should this be stopped
            for start in range(0, len(responses), BATCH):
                batch = responses[start : start + BATCH]
                made = [_submission(version, start + n, given) for n, given in enumerate(batch)]
                await submit(session, made)
                progress.update(bar, advance=len(batch))


def _submission(version: Version, number: int, given: Invented) -> Submission:
    survey = version.survey
    answers = travel(survey, given.raw).answers
    return Submission(
        id=uuid5(NAMESPACE, f"demo/{survey.slug}/{number}"),
        version_id=version.id,
        channel=given.channel,
        language=survey.languages[0],
        received_on=given.received_on,
        answers={qid: survey.questions[qid].store(value) for qid, value in answers.items()},
    )
