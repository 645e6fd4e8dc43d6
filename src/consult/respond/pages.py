"""A resident's pages: start, one page after another, check answers, sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from consult import clock
from consult.accounts.model import PUBLIC
from consult.consultations import store as consultations
from consult.consultations.lifecycle import state
from consult.database import ReadSession, WriteSession
from consult.errors import DatabaseUnavailable
from consult.questionnaire.answers import Postcode
from consult.questionnaire.answers.people import normal
from consult.questionnaire.answers.people import typed as typed_postcode
from consult.questionnaire.model import london
from consult.questionnaire.routing import Step
from consult.questionnaire.wording import piped, resolver, rich
from consult.respond import store
from consult.respond.draft import Draft, Token, reference
from consult.respond.journey import Journey, Raw, found, typed, without_postcodes
from consult.respond.rendering import question_context
from consult.respond.visit import COOKIE, AnyRequest, Visit, known, preferred, visit
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.templating import page

# -- start ---------------------------------------------------------------------------------------


@get("/", opt={"who": PUBLIC})
async def front(database: Db, settings: Config) -> Response[str]:
    """Every consultation a resident can read about."""
    async with database.reading() as session:
        found = await consultations.all_current(session)
    now = clock.now()
    listed = [
        {
            "title": v.survey.words[v.survey.languages[0]].title,
            "body": v.survey.definition.body,
            "href": f"/s/{v.survey.slug}/{v.survey.languages[0]}",
            "state": state(v.stage, v.survey, now),
            "closes": clock.spoken(v.survey.closes),
            "order": v.survey.closes,
        }
        for v in found
        if v.stage != "draft"
    ]
    listed.sort(key=lambda item: (item["state"] != "open", item["order"]))
    return page(
        "respond/front.html",
        title="Have your say",
        service_name=settings.service_name,
        consultations=listed,
    )


@get("/s/{slug:str}", opt={"who": PUBLIC})
async def any_language(request: AnyRequest, database: Db, slug: InPath) -> Redirect:
    """The survey in the language the browser asks for."""
    async with database.reading() as session:
        survey = (await consultations.current(session, slug)).survey
    wanted = request.headers.get("accept-language", "")
    return Redirect(f"/s/{slug}/{preferred(wanted, survey.languages)}", status_code=303)


@get("/s/{slug:str}/{language:str}", opt={"who": PUBLIC})
async def start_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[str]:
    """What is asked, by whom, why, until when; and the way in."""
    async with database.reading() as session:
        here = await visit(request, session, slug, language)
    survey = here.version.survey
    words = survey.words[language]
    closed = survey.closed_parts(here.now)
    parts = [
        {
            "name": words.parts[part.id],
            "closes": clock.spoken(london(part.closes), language),
            "closed": part.id in closed,
        }
        for part in survey.definition.parts
    ]
    opens = survey.definition.opens
    return here.show(
        "start",
        words.title,
        state=here.state,
        closed_early=here.version.stage == "closed",
        begun=here.draft is not None,
        lost="lost" in request.query_params and here.open and here.draft is None,
        summary=rich(words.summary, lambda name: ""),
        contact=rich(words.contact, lambda name: ""),
        closes=clock.spoken(survey.closes, language),
        opens=clock.spoken(london(opens), language) if opens else "",
        parts=parts,
    )


@post("/s/{slug:str}/{language:str}/start", opt={"who": PUBLIC}, status_code=303)
async def start(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Redirect:
    """Begin, or go on with what was begun in this browser."""
    form = await form_of(request)
    async with database.writing() as session:
        here = await visit(request, session, slug, language)
        token, draft = here.token, here.draft
        if token and draft and form.get("again"):
            await store.drop_draft(session, token)
            draft = None
        if here.open and (token is None or draft is None):
            token = Token.new()
            # To the minute: two drafts begun close together cannot be told apart by time.
            draft = Draft(here.now.replace(second=0, microsecond=0))
            await store.save_draft(session, token, slug, draft, clock.today(here.now))
    if token is None or draft is None:
        return Redirect(here.base, status_code=303)
    answer = Redirect(_onward(here, here.journey(draft)), status_code=303)
    answer.set_cookie(
        Cookie(
            COOKIE,
            value=str(token),
            path=f"/s/{slug}",
            httponly=True,
            samesite="lax",
            secure=settings.secure_cookies,
        )
    )
    return answer


def _onward(here: Visit, journey: Journey) -> str:
    if journey.quotas() & here.full:
        return f"{here.base}/enough"
    step = journey.unfinished()
    return f"{here.base}/q/{step.page.id}" if step else f"{here.base}/check"


# -- questions -----------------------------------------------------------------------------------


@get("/s/{slug:str}/{language:str}/q/{page_id:str}", opt={"who": PUBLIC})
async def question_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath, page_id: InPath
) -> Response[Any]:
    """One page of questions."""
    async with database.reading() as session:
        here = await visit(request, session, slug, language)
        sent = await _sent(session, here)
    if sent:
        return Redirect(f"{here.base}/sent", status_code=303)
    if here.draft is None or not here.open:
        return Redirect(f"{here.base}?lost=1", status_code=303)
    journey = here.journey(here.draft)
    step = journey.route.step(page_id)
    if step is None:
        return Redirect(_onward(here, journey), status_code=303)
    return _question(here, journey, step, errors={}, change="change" in request.query_params)


@post("/s/{slug:str}/{language:str}/q/{page_id:str}", opt={"who": PUBLIC}, status_code=200)
async def answer_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath, page_id: InPath
) -> Response[Any]:
    """Keep what was typed on a page and lead on, or say what is wrong with it."""
    form = await form_of(request)
    change = bool(form.get("change"))
    here: Visit | None = None
    try:
        async with database.writing() as session:
            here = await visit(request, session, slug, language)
            if here.token is None or here.draft is None or not here.open:
                return _late(here)
            step = here.journey(here.draft).route.step(page_id)
            if step is None:
                return Redirect(_onward(here, here.journey(here.draft)), status_code=303)
            raw = await _looked_up(session, step, typed(step, form), here.draft.raw)
            journey = here.journey(here.draft.with_page(page_id, raw, seen=False))
            # What was just picked may ask for words.
            step = journey.route.step(page_id) or step
            errors = journey.errors_on(step)
            switch = form.get("language", [""])[0]
            kept = without_postcodes(step, raw)
            draft = here.draft.with_page(page_id, kept, seen=not errors and not switch)
            await store.save_draft(session, here.token, slug, draft, clock.today(here.now))
    except DatabaseUnavailable:
        here = here or known(request, slug, language)
        return _unsaved(here, page_id, form, change)
    if switch in here.version.survey.languages:
        suffix = "?change=1" if change else ""
        return Redirect(f"/s/{slug}/{switch}/q/{page_id}{suffix}", status_code=303)
    if errors:
        return _question(here, journey, step, errors=errors, change=change)
    journey = here.journey(draft)
    after = journey.route.after(page_id)
    if change or after is None or journey.quotas() & here.full:
        return Redirect(_onward(here, journey), status_code=303)
    return Redirect(f"{here.base}/q/{after.page.id}", status_code=303)


async def _looked_up(
    session: WriteSession, step: Step, raw: dict[str, list[str]], before: Raw
) -> dict[str, list[str]]:
    """What was typed, with the area in place of each postcode that is known."""
    for question in step.questions:
        if isinstance(question, Postcode):
            postcode = normal(typed_postcode(raw[question.id]))
            area = await store.area_of(session, question.lookup, postcode) if postcode else None
            raw = {**raw, **found(question, raw, area, before)}
    return raw


async def _sent(session: ReadSession, here: Visit) -> bool:
    """Whether this browser's answers have been sent: who goes back then is told so."""
    if here.token is None or here.draft is not None:
        return False
    return await store.submitted(session, here.token.response_id) is not None


def _late(here: Visit) -> Response[Any]:
    """For a page sent after the survey closed, or without the cookie that holds its draft."""
    if here.open:
        return here.no_draft()
    return Redirect(here.base, status_code=303)


def _unsaved(
    here: Visit, page_id: str, form: Mapping[str, list[str]], change: bool
) -> Response[Any]:
    """The page again with what was typed, when it could not be saved."""
    draft = here.draft or Draft(here.now)
    page_asked = here.version.survey.page_by_id.get(page_id)
    if page_asked is None:
        raise DatabaseUnavailable
    step = here.journey(draft).route.step(page_id) or Step(page_asked, page_asked.questions)
    journey = here.journey(draft.with_page(page_id, typed(step, form), seen=False))
    return _question(here, journey, step, errors={}, change=change, unsaved=True)


def _question(
    here: Visit,
    journey: Journey,
    step: Step,
    *,
    errors: Mapping[str, Any],
    change: bool,
    unsaved: bool = False,
) -> Response[str]:
    context = question_context(journey, step, here.language, errors)
    before = journey.route.before(step.page.id)
    back = f"{here.base}/q/{before.page.id}" if before else here.base
    return here.show(
        "question",
        context.pop("title"),
        **context,
        action=f"{here.base}/q/{step.page.id}",
        back=f"{here.base}/check" if change else back,
        change=change,
        unsaved=unsaved,
        status=503 if unsaved else 422 if errors else 200,
    )


# -- check, send, sent -----------------------------------------------------------------------------


@get("/s/{slug:str}/{language:str}/check", opt={"who": PUBLIC})
async def check_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """Every answer, each with a way to change it."""
    async with database.reading() as session:
        here = await visit(request, session, slug, language)
        sent = await _sent(session, here)
    if sent:
        return Redirect(f"{here.base}/sent", status_code=303)
    if here.draft is None or here.token is None or not here.open:
        return Redirect(here.base, status_code=303)
    journey = here.journey(here.draft)
    if journey.unfinished() or journey.quotas() & here.full:
        return Redirect(_onward(here, journey), status_code=303)
    return _check(here, journey, here.token.response_id)


def _check(
    here: Visit, journey: Journey, response_id: UUID, *, unsaved: bool = False
) -> Response[Any]:
    survey = here.version.survey
    resolve = resolver(survey, here.language, journey.route.answers)
    rows = []
    for step in journey.route.steps:
        for question in step.asked:
            labels = piped(survey.labels(question.id, here.language), resolve)
            value = journey.route.answers.get(question.id)
            rows.append(
                {
                    "key": labels.short or labels.ask,
                    "value": question.review(value, labels) if value is not None else "",
                    "href": f"{here.base}/q/{step.page.id}?change=1",
                }
            )
    last = journey.route.steps[-1:]
    return here.show(
        "check",
        here.say("Check your answers"),
        rows=rows,
        back=f"{here.base}/q/{last[0].page.id}" if last else here.base,
        response_id=response_id,
        version=here.version.number,
        answers=json.dumps({qid: list(raw) for qid, raw in journey.raw.items()}),
        unsaved=unsaved,
        status=503 if unsaved else 200,
    )


@post("/s/{slug:str}/{language:str}/check", opt={"who": PUBLIC}, status_code=200)
async def send(request: AnyRequest, database: Db, slug: InPath, language: InPath) -> Response[Any]:
    """Store the response, once. The page carries the answers, so nothing hangs on the draft."""
    form = await form_of(request)
    here: Visit | None = None
    journey: Journey | None = None
    try:
        async with database.writing() as session:
            here = await visit(request, session, slug, language)
            if here.token is None:
                return here.show(
                    "no_draft", here.say("Your answers could not be found"), status=410
                )
            response_id = here.token.response_id
            sent = await store.submitted(session, response_id)
            if sent is None:
                if here.draft is None or not here.open:
                    return _late(here)
                if form.get("version", [""])[0] not in {"", str(here.version.number)}:
                    # The questions changed since: nobody sends answers to other words unseen.
                    return Redirect(f"{here.base}/check", status_code=303)
                draft = Draft(here.draft.begun, _carried(form) or here.draft.raw, here.draft.seen)
                journey = here.journey(draft)
                if journey.unfinished() or journey.quotas() & here.full:
                    return Redirect(_onward(here, journey), status_code=303)
                await store.submit(session, [_submission(here, journey, response_id)])
            await store.drop_draft(session, here.token)
    except DatabaseUnavailable:
        return _not_sent(here or known(request, slug, language), journey, form)
    return Redirect(f"{here.base}/sent", status_code=303)


def _submission(here: Visit, journey: Journey, response_id: UUID) -> store.Submission:
    survey = here.version.survey
    closed = survey.closed_parts(here.now, here.draft.begun if here.draft else None)
    return store.Submission(
        id=response_id,
        version_id=here.version.id,
        channel="web",
        language=here.language,
        received_on=clock.today(here.now),
        answers={qid: survey.questions[qid].store(v) for qid, v in journey.answers.items()},
        closed_parts=sorted(closed),
        order_seed=here.seed,
        quotas=sorted(journey.quotas()),
    )


def _carried(form: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The answers that a check page carries; nothing where someone has tampered with them."""
    try:
        data = json.loads(form.get("answers", ["{}"])[0])
        return {str(qid): [_storable(str(text)) for text in raw] for qid, raw in data.items()}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {}


def _storable(text: str) -> str:
    """``text`` without halves of characters, which JSON can write and nothing can store."""
    return text.encode("utf-8", "replace").decode()


def _not_sent(here: Visit, journey: Journey | None, form: Mapping[str, list[str]]) -> Response[Any]:
    """The answers still on the page, and a request to press again."""
    if here.token is None:
        raise DatabaseUnavailable
    if journey is None:
        draft = here.draft or Draft(here.now)
        journey = here.journey(Draft(draft.begun, _carried(form), draft.seen))
    return _check(here, journey, here.token.response_id, unsaved=True)


@get("/s/{slug:str}/{language:str}/sent", opt={"who": PUBLIC})
async def sent_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """Thanks, the reference code, and what happens next."""
    async with database.reading() as session:
        here = await visit(request, session, slug, language)
        stored = here.token and await store.submitted(session, here.token.response_id)
    if here.token is None or stored is None:
        return Redirect(here.base, status_code=303)
    words = here.version.survey.words[language]
    return here.show(
        "sent",
        here.say("Your answers have been sent"),
        reference=reference(here.token.response_id),
        thanks=rich(words.thanks, lambda name: ""),
    )


@get("/s/{slug:str}/{language:str}/enough", opt={"who": PUBLIC})
async def enough_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """For whoever a sample no longer needs: thanks, and how else to be heard."""
    async with database.reading() as session:
        here = await visit(request, session, slug, language)
    if not here.version.survey.definition.quotas:
        return Redirect(here.base, status_code=303)
    contact = rich(here.version.survey.words[language].contact, lambda name: "")
    return here.show("enough", here.say("Thank you for your time"), contact=contact)


HANDLERS = [
    enough_page,
    front,
    any_language,
    start_page,
    start,
    question_page,
    answer_page,
    check_page,
    send,
    sent_page,
]
