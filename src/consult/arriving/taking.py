"""Taking a whole response in: sent before, open, sound, wanted – and then through the one door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

from consult import clock
from consult.arriving import store
from consult.arriving.judging import Problem, judged, stored_answers, submission
from consult.arriving.store import Earlier
from consult.consultations import store as consultations
from consult.consultations.lifecycle import state
from consult.consultations.store import Version
from consult.database import Database
from consult.errors import NotFound
from consult.questionnaire.model import LONDON
from consult.respond.receiving import receive
from consult.respond.store import full_quotas

#: What became of it. ``version``: made for a version that is no longer asked.
Fate = Literal[
    "stored", "same", "different", "problems", "language", "version", "not_open", "closed", "full"
]


@dataclass(frozen=True)
class Arrival:
    """A response as it comes.

    ``version`` is the number of the survey's version it answers, None for the one in use.
    ``answered_on`` is given by devices of our own alone, which may be offline for days: the day on
    which it was answered, which then decides whether it was in time, in place of today's hour.
    """

    id: UUID
    slug: str
    channel: str
    language: str
    answers: Mapping[str, Any]
    version: int | None = None
    seed: int | None = None
    answered_on: date | None = None
    #: When it was begun, where that is known: who began in time may end in the survey's grace.
    begun: datetime | None = None
    #: Why an analyst may doubt it (``respond/flags.py``).
    flags: Sequence[str] = ()
    #: The partner's key that it came with, where that is kept (``api/store.py``).
    source: int | None = None


@dataclass(frozen=True)
class Taken:
    """What became of a response."""

    fate: Fate
    problems: Sequence[Problem] = ()


async def take(database: Database, arrival: Arrival, now: datetime) -> Taken:
    """Store a response once, or say why not. Raises NotFound, DatabaseUnavailable."""
    async with database.reading() as session:
        versions = await consultations.versions(session, arrival.slug)
        before = await store.earlier(session, arrival.id)
        if before is not None:
            return Taken("same" if _same(before, arrival, versions) else "different")
        if versions[-1].stage == "draft":
            raise NotFound(arrival.slug)
        version = _meant(versions, arrival)
        if version is None:
            return Taken("version")
        full = await full_quotas(session, version.survey)
    survey = version.survey
    moment = _moment(version, arrival, now)
    window = state(version.stage, survey, moment, arrival.begun)
    if window not in {"open", "grace"}:
        return Taken("not_open" if window == "not_yet_open" else "closed")
    if arrival.language not in survey.languages:
        return Taken("language")
    closed = survey.closed_parts(moment, arrival.begun)
    journey, problems = judged(survey, arrival.answers, closed, arrival.seed)
    if problems:
        return Taken("problems", problems)
    if journey.quotas() & full:
        return Taken("full")
    made = submission(
        version,
        journey,
        response_id=arrival.id,
        channel=arrival.channel,
        language=arrival.language,
        received_on=clock.today(moment),
        closed_parts=closed,
        flags=arrival.flags,
        source=arrival.source,
    )
    return Taken(await receive(database, made))


def _meant(versions: Sequence[Version], arrival: Arrival) -> Version | None:
    """The version that was answered. Only devices of our own may answer one no longer in use."""
    for version in versions:
        if version.current and arrival.version in {None, version.number}:
            return version
        if version.number == arrival.version and arrival.answered_on is not None:
            return version
    return None


def _moment(version: Version, arrival: Arrival, now: datetime) -> datetime:
    """The moment that decides whether a response is in time.

    Of a day on which the survey was open for some hours, the last of those counts: the device
    itself stops at the deadline, and more than the day is not kept.
    """
    if arrival.answered_on is None:
        return now
    survey = version.survey
    end = datetime.combine(arrival.answered_on, time.max, tzinfo=LONDON)
    if clock.today(survey.closes) == arrival.answered_on:
        end = survey.closes - timedelta(microseconds=1)
    return min(end, now)


def _same(before: Earlier, arrival: Arrival, versions: Sequence[Version]) -> bool:
    """Whether what came is what is stored: then it was only sent again."""
    answered = next((v for v in versions if v.number == before.version), None)
    if answered is None or (before.slug, before.channel, before.language, before.order_seed) != (
        arrival.slug,
        arrival.channel,
        arrival.language,
        arrival.seed,
    ):
        return False
    journey, problems = judged(answered.survey, arrival.answers, (), arrival.seed)
    # What is required may have been asked in a part that had closed.
    if any(problem.code != "required" for problem in problems):
        return False
    return stored_answers(journey) == dict(before.answers)
