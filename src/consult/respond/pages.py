"""A resident's way in: every consultation, a survey's start page, and one page after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from consult import clock
from consult.accounts.model import PUBLIC
from consult.consultations import store as consultations
from consult.consultations.lifecycle import state
from consult.database import Database
from consult.errors import DatabaseUnavailable
from consult.questionnaire.answers import Postcode
from consult.questionnaire.answers.people import normal
from consult.questionnaire.answers.people import typed as typed_postcode
from consult.questionnaire.model import london
from consult.questionnaire.routing import Step
from consult.questionnaire.wording import rich
from consult.respond import (
    blanks,
    contact_list,
    contacts,
    keeping,
    returning,
    safety,
    sending,
    store,
)
from consult.respond.draft import Draft, Token
from consult.respond.gate import doors
from consult.respond.journey import Journey, Raw, found, typed, without_postcodes
from consult.respond.rendering import question_context
from consult.respond.visit import (
    AnyRequest,
    Visit,
    cookie,
    known,
    late,
    onward,
    preferred,
    visit,
)
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.templating import page

#: How often a page is kept again when another tab's came between.
TABS = 5

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
        # A list that anyone may see over a shoulder names no survey for victims: they have a link.
        if v.stage != "draft" and not v.survey.definition.sensitive
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
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Response[str]:
    """What is asked, by whom, why, until when; and the way in."""
    here = await visit(request, database, slug, language)
    answered = await doors.answered_before(request, database, here)
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
        here.say("Start") if here.sensitive else words.title,
        state=here.state,
        closed_early=here.version.stage == "closed",
        begun=here.draft is not None,
        lost="lost" in request.query_params and here.open and here.draft is None,
        summary=rich(words.summary, lambda name: ""),
        contact=rich(words.contact, lambda name: ""),
        closes=clock.spoken(survey.closes, language),
        opens=clock.spoken(london(opens), language) if opens else "",
        parts=parts,
        anonymous=survey.definition.anonymous,
        **await doors.shown(request, database, settings, here, answered=answered),
    )


@post("/s/{slug:str}/{language:str}/start", opt={"who": PUBLIC}, status_code=303)
async def start(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Redirect:
    """Begin, or go on with what was begun in this browser."""
    form = await form_of(request)
    here = await visit(request, database, slug, language)
    token, draft = here.token, here.draft
    if here.sensitive and draft is None and here.open and not form.get("safe"):
        return Redirect(f"{here.base}/staying-safe", status_code=303)
    if token and draft and form.get("again"):
        async with database.light() as link:
            await keeping.drop_draft(link, token, draft)
        draft = None
    if here.open and (token is None or draft is None):
        notes = await doors.notes_of(request, database, settings, here, form)
        if isinstance(notes, str):
            return Redirect(notes, status_code=303)
        token, draft = Token.new(), Draft(here.now, notes=notes)
        await keeping.save_draft(database, token, slug, draft, clock.today(here.now))
    if token is None or draft is None:
        return Redirect(here.base, status_code=303)
    begun = Visit(here.version, language, token, draft, here.now, here.full)
    answer = Redirect(onward(begun, begun.journey(draft)), status_code=303)
    answer.set_cookie(cookie(slug, token, secure=settings.secure_cookies))
    return answer


# -- questions -----------------------------------------------------------------------------------


@get("/s/{slug:str}/{language:str}/q/{page_id:str}", opt={"who": PUBLIC})
async def question_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath, page_id: InPath
) -> Response[Any]:
    """One page of questions."""
    here = await visit(request, database, slug, language)
    if here.draft is None and await sending.is_sent(database, here):
        return Redirect(f"{here.base}/sent", status_code=303)
    if here.draft is None or not here.open:
        return Redirect(f"{here.base}?lost=1", status_code=303)
    journey = here.journey(here.draft)
    step = journey.route.step(page_id)
    if step is None:
        return Redirect(onward(here, journey), status_code=303)
    return blanks.filled(here, journey, step, change="change" in request.query_params)


@post("/s/{slug:str}/{language:str}/q/{page_id:str}", opt={"who": PUBLIC}, status_code=200)
async def answer_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath, page_id: InPath
) -> Response[Any]:
    """Keep what was typed on a page and lead on, or say what is wrong with it."""
    form = await form_of(request)
    here: Visit | None = None
    try:
        for _ in range(TABS):
            here = await visit(request, database, slug, language)
            kept = await _keep(database, here, page_id, form)
            if kept is not None:
                return kept
    except DatabaseUnavailable:
        return _unsaved(here or known(request, slug, language), page_id, form)
    raise DatabaseUnavailable("other tabs kept coming between")


async def _keep(
    database: Database, here: Visit, page_id: str, form: Mapping[str, list[str]]
) -> Response[Any] | None:
    """What a page that was sent is answered with; None if another tab's came between."""
    change = bool(form.get("change"))
    elsewhere = form.get("language", [""])[0]
    aside = bool(elsewhere or form.get("later") or form.get("idle"))
    if here.token is None or here.draft is None or not here.open:
        return late(here)
    if here.anothers(form):
        return here.no_draft()
    step = here.journey(here.draft).route.step(page_id)
    if step is None:
        return Redirect(onward(here, here.journey(here.draft)), status_code=303)
    raw = await _looked_up(database, step, typed(step, form), here.draft.raw)
    journey = here.journey(here.draft.with_page(page_id, raw, seen=False))
    # What was just picked may ask for words.
    step = journey.route.step(page_id) or step
    errors = journey.errors_on(step)
    kept = without_postcodes(step, raw)
    draft = here.draft.with_page(page_id, kept, seen=not errors and not aside)
    if not await keeping.save_draft(database, here.token, here.slug, draft, clock.today(here.now)):
        return None
    if elsewhere in here.version.survey.languages:
        suffix = "?change=1" if change else ""
        return Redirect(f"/s/{here.slug}/{elsewhere}/q/{page_id}{suffix}", status_code=303)
    if form.get("later"):
        return Redirect(f"{here.base}/later", status_code=303)
    if form.get("idle"):
        return Redirect(f"{here.base}/away", status_code=303)
    if errors:
        return _question(here, journey, step, errors=errors, change=change)
    if kept != raw:
        journey = here.journey(draft)
    journey = replace(journey, seen=draft.seen)
    after = journey.route.after(page_id)
    if change or after is None or journey.quotas() & here.full:
        return Redirect(onward(here, journey), status_code=303)
    return Redirect(f"{here.base}/q/{after.page.id}", status_code=303)


async def _looked_up(
    database: Database, step: Step, raw: dict[str, list[str]], before: Raw
) -> dict[str, list[str]]:
    """What was typed, with the area in place of each postcode that is known."""
    for question in step.questions:
        if isinstance(question, Postcode):
            postcode = normal(typed_postcode(raw[question.id]))
            async with database.light() as link:
                area = await store.area_of(link, question.lookup, postcode) if postcode else None
            raw = {**raw, **found(question, raw, area, before)}
    return raw


def _unsaved(here: Visit, page_id: str, form: Mapping[str, list[str]]) -> Response[Any]:
    """The page again with what was typed, when it could not be saved."""
    draft = here.draft or Draft(here.now)
    page_asked = here.version.survey.page_by_id.get(page_id)
    if page_asked is None:
        raise DatabaseUnavailable
    step = here.journey(draft).route.step(page_id) or Step(page_asked, page_asked.questions)
    journey = here.journey(draft.with_page(page_id, typed(step, form), seen=False))
    change = bool(form.get("change"))
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
    status = 503 if unsaved else 422 if errors else 200
    context |= blanks.around(here, journey, step, change=change) | {"unsaved": unsaved}
    return here.show("question", context.pop("title"), status=status, **context)


HANDLERS = [
    front,
    any_language,
    start_page,
    start,
    question_page,
    answer_page,
    *sending.HANDLERS,
    *safety.HANDLERS,
    *returning.HANDLERS,
    *contacts.HANDLERS,
    *contact_list.HANDLERS,
]
