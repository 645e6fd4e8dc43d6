"""Checking answers, sending them, and what is given in return: a receipt and a copy."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from consult import clock
from consult.accounts.model import PUBLIC
from consult.database import Database
from consult.errors import DatabaseUnavailable, NotFound
from consult.questionnaire import languages
from consult.questionnaire.model import SLUG
from consult.questionnaire.wording import rich
from consult.respond import copies, corrections, keeping, receiving, store
from consult.respond.draft import Draft, Token
from consult.respond.gate import doors
from consult.respond.gate.signals import TRAP
from consult.respond.gate.work import Task
from consult.respond.journey import Journey
from consult.respond.rendering import reviewed
from consult.respond.visit import (
    COOKIE,
    AnyRequest,
    Visit,
    known,
    late,
    no_cookie,
    onward,
    visit,
)
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of, storable


async def is_sent(database: Database, here: Visit) -> bool:
    """Whether this browser's answers have been sent: who goes back then is told so."""
    if here.token is None:
        return False
    async with database.light() as link:
        return await store.submitted(link, here.token.receipt.response_id) is not None


@get("/s/{slug:str}/{language:str}/check", opt={"who": PUBLIC})
async def check_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Response[Any]:
    """Every answer, each with a way to change it."""
    here = await visit(request, database, slug, language)
    if here.draft is None and await is_sent(database, here):
        return Redirect(f"{here.base}/sent", status_code=303)
    if here.draft is None or here.token is None or not here.open:
        return Redirect(here.base, status_code=303)
    journey = here.journey(here.draft)
    if journey.unfinished() or journey.quotas() & here.full:
        return Redirect(onward(here, journey), status_code=303)
    return _check(here, journey, here.token, await doors.task_of(database, settings, here))


def _check(
    here: Visit, journey: Journey, token: Token, work: Task | None, *, unsaved: bool = False
) -> Response[Any]:
    last = journey.route.steps[-1:]
    return here.show(
        "check",
        here.say("Check your answers"),
        rows=reviewed(journey, here.language, here.base),
        back=f"{here.base}/q/{last[0].page.id}" if last else here.base,
        version=here.version.number,
        answers=json.dumps({qid: list(raw) for qid, raw in journey.raw.items()}),
        corrects=token.corrects is not None,
        anonymous=here.version.survey.definition.anonymous,
        mark=token.mark,
        work=work,
        trap=TRAP,
        unsaved=unsaved,
        status=503 if unsaved else 200,
    )


@post("/s/{slug:str}/{language:str}/check", opt={"who": PUBLIC}, status_code=200)
async def send(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Response[Any]:
    """Store the response, once. The page carries the answers, so nothing hangs on the draft."""
    form = await form_of(request)
    here: Visit | None = None
    journey: Journey | None = None
    try:
        here = await visit(request, database, slug, language)
        if here.token is None or here.anothers(form):
            return here.no_draft()
        if here.draft is None:
            sent = await is_sent(database, here)
            return Redirect(f"{here.base}/sent", status_code=303) if sent else late(here)
        if not here.open:
            return late(here)
        if form.get("version", [""])[0] not in {"", str(here.version.number)}:
            # The questions changed since: nobody sends answers to other words unseen.
            return Redirect(f"{here.base}/check", status_code=303)
        draft = Draft(here.draft.begun, _carried(form) or here.draft.raw, here.draft.seen)
        journey = here.journey(draft)
        if journey.unfinished() or journey.quotas() & here.full:
            return Redirect(onward(here, journey), status_code=303)
        submission = submission_of(here, here.token, here.draft, journey)
        if here.token.corrects is None:
            pages = len(journey.route.steps)
            submission = await doors.vouched(
                request, database, settings, here, form, submission, pages
            )
        ticket = await doors.ticket(request, database, settings, here)
        away = await _store(database, here, here.token, here.draft, submission, ticket)
        if away:
            return Redirect(away, status_code=303)
    except DatabaseUnavailable:
        here = here or known(request, slug, language)
        return _not_sent(here, journey, form, await doors.task_of(database, settings, here))
    answer = Redirect(f"{here.base}/sent", status_code=303)
    remembered = doors.answered_cookie(here, secure=settings.secure_cookies)
    if remembered:
        answer.set_cookie(remembered)
    return answer


async def _store(
    database: Database,
    here: Visit,
    token: Token,
    draft: Draft,
    submission: store.Submission,
    ticket: bytes | None,
) -> str:
    """Store what the check page showed, and forget the draft; the commit is confirmed after.

    The page to go to where it was not stored, for want of an invitation.
    """
    if token.corrects is not None:
        async with database.writing() as session:
            await corrections.correct(session, here.version, submission)
        return ""
    received: str
    if doors.listed(here.version.survey.definition):
        if ticket is None:
            return f"{here.base}/enter"
        unlisted = here.version.survey.definition.access == "signed_in"
        received = await receiving.receive_invited(database, submission, ticket, unlisted=unlisted)
    else:
        received = await receiving.receive(database, submission)
    if received == "different":  # sent before, with other answers: the first counts
        async with database.light() as link:
            await keeping.drop_draft(link, token, draft)
    return f"{here.base}/enter?used=1" if received == "used" else ""


def submission_of(here: Visit, token: Token, draft: Draft, journey: Journey) -> store.Submission:
    """A respondent's answers as they are stored."""
    survey = here.version.survey
    return store.Submission(
        id=token.receipt.response_id,
        version_id=here.version.id,
        channel="web",
        language=here.language,
        received_on=clock.today(here.now),
        answers={qid: survey.questions[qid].store(v) for qid, v in journey.answers.items()},
        closed_parts=sorted(survey.closed_parts(here.now, draft.begun)),
        order_seed=here.seed,
        quotas=sorted(journey.quotas()),
        draft_id=token.draft_id,
        code_id=draft.code_id,
    )


def _carried(form: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The answers that a check page carries; nothing where someone has tampered with them."""
    try:
        data = json.loads(form.get("answers", ["{}"])[0])
        return {str(qid): [storable(str(text)) for text in raw] for qid, raw in data.items()}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {}


def _not_sent(
    here: Visit, journey: Journey | None, form: Mapping[str, list[str]], work: Task | None
) -> Response[Any]:
    """The answers still on the page, and a request to press again."""
    if here.token is None:
        raise DatabaseUnavailable
    if journey is None:
        draft = here.draft or Draft(here.now)
        journey = here.journey(Draft(draft.begun, _carried(form), draft.seen))
    return _check(here, journey, here.token, work, unsaved=True)


# -- sent ------------------------------------------------------------------------------------------


@get("/s/{slug:str}/{language:str}/sent", opt={"who": PUBLIC})
async def sent_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """Thanks, the receipt, a copy to keep, and what happens next."""
    here = await visit(request, database, slug, language)
    sent = await is_sent(database, here)
    if here.token is None or not sent:
        return Redirect(here.base, status_code=303)
    survey = here.version.survey
    return here.show(
        "sent",
        here.say("Your answers have been sent"),
        receipt=str(here.token.receipt),
        thanks=rich(survey.words[language].thanks, lambda name: ""),
        closes=clock.spoken(survey.closes, language),
        offers=survey.definition.offers,
        corrected=here.token.corrects is not None,
        printable=await copies.printable(survey, here.language),
    )


@get("/s/{slug:str}/{language:str}/copy/{kind:str}", opt={"who": PUBLIC})
async def copy_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath, kind: InPath
) -> Response[Any]:
    """The answers that were sent, as a file to keep: html or pdf."""
    here = await visit(request, database, slug, language)
    receipt = here.token.receipt if here.token else None
    async with database.light() as link:
        stored = await store.sent(link, slug, receipt.response_id) if receipt else None
    if receipt is None or stored is None:
        return Redirect(here.base, status_code=303)
    return await copies.as_file(here, stored, receipt, kind)


@post("/s/{slug:str}/{language:str}/finish", opt={"who": PUBLIC}, status_code=303)
async def finish(slug: InPath, language: InPath) -> Redirect:
    """Forget in this browser that anyone answered, for the next person at it: at once, with the
    database or without."""
    if not re.fullmatch(SLUG, slug) or not languages.known(language):
        raise NotFound(slug)
    answer = Redirect(f"/s/{slug}/{language}", status_code=303)
    answer.set_cookie(no_cookie(COOKIE, slug))
    answer.set_cookie(no_cookie(doors.ENTRY, slug))
    return answer


@get("/s/{slug:str}/{language:str}/enough", opt={"who": PUBLIC})
async def enough_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """For whoever a sample no longer needs: thanks, and how else to be heard."""
    here = await visit(request, database, slug, language)
    if not here.version.survey.definition.quotas:
        return Redirect(here.base, status_code=303)
    contact = rich(here.version.survey.words[language].contact, lambda name: "")
    return here.show("enough", here.say("Thank you for your time"), contact=contact)


HANDLERS = [check_page, send, sent_page, copy_page, finish, enough_page]
