"""Published survey versions and consultations in the database."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from consult.accounts.store import record
from consult.consultations.lifecycle import Action, Stage, after
from consult.database import Link, ReadSession, WriteSession
from consult.errors import ConsultError, NotFound
from consult.questionnaire.model import SLUG
from consult.questionnaire.survey import Survey
from consult.tables import AuditRow, ConsultationRow, ResponseRow, SurveyRow, SurveyVersionRow


@dataclass(frozen=True)
class Version:
    """A published version of a survey, and the consultation it belongs to."""

    id: int
    number: int
    survey: Survey
    consultation: str
    stage: Stage
    current: bool
    #: Questions whose answers mean something else than in the version before.
    apart: frozenset[str] = frozenset()


#: Parsed once in a process, by content hash: the same content is the same survey.
_parsed: dict[str, Survey] = {}
_last_known: dict[str, Version] = {}


def _versions() -> Any:
    return (
        select(
            col(SurveyVersionRow.id),
            col(SurveyVersionRow.number),
            col(SurveyVersionRow.content_hash),
            col(SurveyVersionRow.apart),
            col(ConsultationRow.slug),
            col(ConsultationRow.stage),
            col(SurveyRow.current_number),
        )
        .join(SurveyRow, col(SurveyRow.slug) == col(SurveyVersionRow.survey_slug))
        .join(ConsultationRow, col(ConsultationRow.id) == col(SurveyRow.consultation_id))
    )


async def _version(session: ReadSession | WriteSession, row: Any) -> Version:
    version_id, number, content_hash, apart, consultation, stage, current = row
    if content_hash not in _parsed:
        content = await session.execute(
            select(col(SurveyVersionRow.content)).where(col(SurveyVersionRow.id) == version_id)
        )
        _parsed[content_hash] = Survey.from_json(content.scalar_one())
    survey = _parsed[content_hash]
    kept = frozenset(apart)
    stage = cast(Stage, stage)
    return Version(version_id, number, survey, consultation, stage, number == current, kept)


async def current(session: ReadSession | WriteSession, slug: str) -> Version:
    """The version of a survey in use. Raises NotFound."""
    version = (await versions(session, slug, only_current=True))[0]
    _last_known[slug] = version
    return version


#: The versions in use, for a store that asks for something else in the same breath.
CURRENT = """
SELECT s.slug, v.id, v.number, v.content_hash, v.apart, c.slug AS consultation, c.stage
FROM survey s
JOIN survey_version v ON v.survey_slug = s.slug AND v.number = s.current_number
JOIN consultation c ON c.id = s.consultation_id"""


async def version_of(link: Link, slug: str, row: Any, *, current: bool = True) -> Version:
    """The version that a row like those of ``CURRENT`` is. Raises NotFound where there is none."""
    if row is None:
        raise NotFound(slug)
    if row["content_hash"] not in _parsed:
        query = "SELECT content::text FROM survey_version WHERE id = $1"
        content = json.loads(await link.fetchval(query, row["id"]))
        _parsed[row["content_hash"]] = Survey.from_json(content)
    survey = _parsed[row["content_hash"]]
    kept = frozenset(row["apart"])
    number, stage = row["number"], cast(Stage, row["stage"])
    version = Version(row["id"], number, survey, row["consultation"], stage, current, kept)
    if current:
        _last_known[slug] = version
    return version


def last_known(slug: str) -> Version | None:
    """The version this process saw in use last: for a page that must show something while the
    database is away, and for nothing that is stored."""
    return _last_known.get(slug)


async def versions(
    session: ReadSession | WriteSession, slug: str, *, only_current: bool = False
) -> list[Version]:
    """A survey's versions, oldest first. Raises NotFound."""
    query = _versions().where(col(SurveyVersionRow.survey_slug) == slug)
    if only_current:
        query = query.where(col(SurveyVersionRow.number) == col(SurveyRow.current_number))
    rows = (await session.execute(query.order_by(col(SurveyVersionRow.number)))).all()
    if not rows:
        raise NotFound(slug)
    return [await _version(session, row) for row in rows]


async def all_current(session: ReadSession | WriteSession) -> Sequence[Version]:
    """The version in use of every survey, by name."""
    query = _versions().where(col(SurveyVersionRow.number) == col(SurveyRow.current_number))
    rows = (await session.execute(query.order_by(col(SurveyVersionRow.survey_slug)))).all()
    return [await _version(session, row) for row in rows]


async def of_consultation(session: ReadSession | WriteSession, slug: str) -> Sequence[Version]:
    """The versions in use of a consultation's surveys. Raises NotFound."""
    found = [version for version in await all_current(session) if version.consultation == slug]
    if not found:
        raise NotFound(slug)
    return found


async def publish(
    session: WriteSession,
    survey: Survey,
    consultation: str,
    *,
    by: str,
    reason: str,
    now: datetime,
    apart: Collection[str] = (),
) -> Version:
    """Publish ``survey``; one with the content of the version in use is that version already.

    ``apart`` are questions whose answers from now on mean something else than before: they are
    never pooled with those given until now. Raises ConsultError.
    """
    # One at a time: two publishers would both take the next number.
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"publish {survey.slug}"}
    )
    if not re.fullmatch(SLUG, consultation) or len(consultation) > 80:
        raise ConsultError(
            f"'{consultation}' cannot be a consultation's name. Use small letters, digits and "
            "hyphens, at most 80."
        )
    consultation_id = await _publish_consultation(session, consultation)
    try:
        latest = await current(session, survey.slug)
        if latest.consultation != consultation:
            raise ConsultError(
                f"Survey '{survey.slug}' belongs to consultation '{latest.consultation}'. Publish "
                f"it there: --consultation {latest.consultation}"
            )
        if latest.survey.content_hash == survey.content_hash:
            return latest
        _refuse_other_kinds(await versions(session, survey.slug), survey, apart)
        await _refuse_naming(session, latest.survey, survey)
        number = latest.number + 1
    except NotFound:
        number = 1
    await session.execute(
        insert(SurveyRow)
        .values(slug=survey.slug, consultation_id=consultation_id, current_number=number)
        .on_conflict_do_update(index_elements=["slug"], set_={"current_number": number})
    )
    session.add(
        SurveyVersionRow(
            survey_slug=survey.slug,
            number=number,
            content_hash=survey.content_hash,
            content=survey.as_json(),
            published_at=now,
            published_by=by,
            reason=reason,
            apart=sorted(set(apart) & set(survey.questions)) if number > 1 else [],
        )
    )
    record(session, by, "survey.publish", f"{survey.slug} version {number}", reason)
    await session.flush()
    return await current(session, survey.slug)


async def _refuse_naming(session: WriteSession, before: Survey, survey: Survey) -> None:
    """Who was promised to stay anonymous stays so. Raises ConsultError."""
    if not before.definition.anonymous or survey.definition.anonymous:
        return
    answered = select(col(ResponseRow.id)).join(
        SurveyVersionRow, col(SurveyVersionRow.id) == col(ResponseRow.version_id)
    )
    of_survey = answered.where(col(SurveyVersionRow.survey_slug) == survey.slug).limit(1)
    if (await session.execute(of_survey)).first():
        raise ConsultError(
            f"Survey '{survey.slug}' promised to be anonymous and people have answered it. Keep "
            "'anonymous: true', or ask who people are in a survey of another name."
        )


def _refuse_other_kinds(
    published: Sequence[Version], survey: Survey, apart: Collection[str]
) -> None:
    """A question keeps its type while its answers are pooled: a column cannot hold two.

    Raises ConsultError.
    """
    settled = set(apart)
    for version in reversed(published):
        for qid, before in version.survey.questions.items():
            now = survey.questions.get(qid)
            if qid not in settled and now is not None and type(now) is not type(before):
                raise ConsultError(
                    f"Question '{qid}' is of another type than in version {version.number}. "
                    "Keep its answers apart from those given until now, or call the new question "
                    "something else, so that earlier answers keep their meaning."
                )
        settled |= version.apart


async def _publish_consultation(session: WriteSession, slug: str) -> int:
    await session.execute(
        insert(ConsultationRow).values(slug=slug, stage="draft").on_conflict_do_nothing()
    )
    row = await _consultation(session, slug)
    row.stage = after(cast(Stage, row.stage), "publish")
    return cast(int, row.id)


async def _consultation(session: WriteSession, slug: str) -> ConsultationRow:
    query = select(ConsultationRow).where(col(ConsultationRow.slug) == slug).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotFound(slug)
    return row


async def change_stage(
    session: WriteSession, slug: str, action: Action, *, by: str, reason: str
) -> Stage:
    """Close, reopen or unpublish a consultation, and say why. Raises NotFound, ConsultError."""
    if not reason.strip():
        raise ConsultError("Say why, in a few words: whoever looks back will ask.")
    row = await _consultation(session, slug)
    row.stage = stage = after(cast(Stage, row.stage), action)
    record(session, by, f"consultation.{action}", slug, reason.strip())
    await session.flush()
    return stage


@dataclass(frozen=True)
class Event:
    """Something staff did to a consultation, and why."""

    at: datetime
    actor: str
    what: str
    reason: str


async def history(session: ReadSession, slug: str) -> list[Event]:
    """What was done to a consultation and its surveys, newest first."""
    surveys = (
        select(col(SurveyRow.slug))
        .join(ConsultationRow, col(ConsultationRow.id) == col(SurveyRow.consultation_id))
        .where(col(ConsultationRow.slug) == slug)
    )
    published = select(
        col(SurveyVersionRow.published_at),
        col(SurveyVersionRow.published_by),
        col(SurveyVersionRow.number),
        col(SurveyVersionRow.reason),
    ).where(col(SurveyVersionRow.survey_slug).in_(surveys))
    staged = select(
        col(AuditRow.at), col(AuditRow.actor), col(AuditRow.action), col(AuditRow.reason)
    ).where(col(AuditRow.subject) == slug, col(AuditRow.action).startswith("consultation."))
    events = [
        Event(at, by, f"Version {number} published", reason)
        for at, by, number, reason in (await session.execute(published)).all()
    ]
    told = {"close": "Closed", "reopen": "Reopened", "unpublish": "Taken off the site"}
    events += [
        Event(at, by, told.get(action.removeprefix("consultation."), action), reason)
        for at, by, action, reason in (await session.execute(staged)).all()
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)
