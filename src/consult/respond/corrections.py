"""A response that was sent: read again, corrected or taken back by whoever holds its receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from consult.consultations.store import Version
from consult.database import WriteSession
from consult.questionnaire.answers import Invalid, Value
from consult.questionnaire.survey import Survey
from consult.respond import store
from consult.respond.journey import Journey, travel
from consult.respond.store import Stored, Submission


def given(survey: Survey, stored: Mapping[str, Any]) -> dict[str, Value]:
    """Stored answers as values; those to questions that a survey does not have are left out."""
    return {
        qid: survey.questions[qid].restore(answer)
        for qid, answer in stored.items()
        if qid in survey.questions
    }


def typed_again(survey: Survey, stored: Mapping[str, Any]) -> dict[str, list[str]]:
    """Stored answers as they would be typed; what cannot be typed any more is asked again."""
    raw: dict[str, list[str]] = {}
    for qid, value in given(survey, stored).items():
        text = survey.questions[qid].raw(value)
        try:
            survey.questions[qid].parse(text)
        except Invalid:
            continue
        raw[qid] = text
    return raw


def journey_of(stored: Stored) -> Journey:
    """The journey that a stored response was."""
    survey = stored.version.survey
    raw = typed_again(survey, stored.answers)
    return travel(survey, raw, (), stored.closed_parts, stored.order_seed)


async def correct(session: WriteSession, version: Version, submission: Submission) -> bool:
    """Put ``submission`` in the place of the response of its id.

    False where that was withdrawn, or this has been sent before: a second press changes nothing.
    """
    await store.lock(session, submission.id)
    before = await store.sent(session, version.survey.slug, submission.id)
    if before is None or not await store.correct(session, submission):
        return False
    now = replace(before, version=version, answers=submission.answers)
    counted = {(submission.version_id, quota): 1 for quota in journey_of(now).quotas()}
    for quota in journey_of(before).quotas():
        key = (submission.version_id, quota)
        counted[key] = counted.get(key, 0) - 1
    await store.count_quotas(session, {key: change for key, change in counted.items() if change})
    return True


async def withdraw(session: WriteSession, survey_slug: str, response_id: UUID) -> bool:
    """Take a response back; False where someone was faster."""
    await store.lock(session, response_id)
    sent = await store.sent(session, survey_slug, response_id)
    if sent is None or not await store.withdraw(session, response_id):
        return False
    less = {(sent.version.id, quota): -1 for quota in journey_of(sent).quotas()}
    await store.count_quotas(session, less)
    return True
