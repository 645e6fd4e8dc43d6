"""Staff pages: a consultation's versions, and closing, reopening or unpublishing it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from consult import clock
from consult.accounts.model import DESIGNERS
from consult.consultations import store
from consult.consultations.lifecycle import TRANSITIONS, Action, state
from consult.errors import ConsultError, NotFound
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.templating import page

AnyRequest = Request[Any, Any, Any]
#: What each action is called, and what it does to whoever is answering.
ACTIONS: dict[Action, tuple[str, str]] = {
    "close": (
        "Close it now",
        "Nobody can begin or send answers from now on. Answers sent before stay and are counted.",
    ),
    "reopen": (
        "Open it again",
        "People can answer until the date in the questionnaire. If that has passed, publish a "
        "version with a later date as well. Whoever had begun finds their answers again.",
    ),
    "unpublish": (
        "Take it off the site",
        "Its pages are gone for residents, as if it had never been published. Answers sent "
        "before stay. Publishing it again brings it back.",
    ),
}
STATES = {"not_yet_open": "Not yet open", "open": "Open", "draft": "Not published"}


@get("/staff/consultations/{slug:str}/stage", opt={"who": DESIGNERS})
async def stage_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[str]:
    """Where a consultation stands, what may be done now, and what was done, by whom and why."""
    return await _show(request, database, settings, slug)


async def _show(
    request: AnyRequest,
    database: Any,
    settings: Any,
    slug: str,
    *,
    chosen: str = "",
    why: str = "",
    error: str = "",
) -> Response[str]:
    async with database.reading() as session:
        version = (await store.of_consultation(session, slug))[0]
        past = await store.history(session, slug)
    survey = version.survey
    now = clock.now()
    possible = [action for stage, action in TRANSITIONS if stage == version.stage]
    return page(
        "consultations/stage.html",
        title=f"{'Error: ' if error else ''}Close, reopen or unpublish",
        status=422 if error else 200,
        service_name=settings.service_name,
        staff=request.state.staff,
        slug=slug,
        name=survey.words[survey.languages[0]].title,
        state=STATES.get(state(version.stage, survey, now), "Closed"),
        closes=clock.spoken(survey.closes),
        past_closing=survey.closes <= now,
        actions=[
            {"value": action, "text": ACTIONS[action][0], "hint": {"text": ACTIONS[action][1]},
             "checked": action == chosen}
            for action in possible
            if action in ACTIONS
        ],
        why=why,
        error=error,
        history=[
            {"when": clock.spoken(event.at), "who": event.actor, "what": event.what,
             "why": event.reason}
            for event in past
        ],
    )  # fmt: skip


@post("/staff/consultations/{slug:str}/stage", opt={"who": DESIGNERS}, status_code=200)
async def change_stage(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Close, reopen or unpublish a consultation, with a reason."""
    form = await form_of(request)
    action, why = form.get("action", [""])[0], form.get("why", [""])[0].strip()[:2000]
    try:
        if action not in ACTIONS:
            raise ConsultError("Select what to do.")
        async with database.writing() as session:
            await store.change_stage(
                session, slug, action, by=request.state.staff.email, reason=why
            )
    except NotFound:
        raise
    except ConsultError as error:
        return await _show(
            request, database, settings, slug, chosen=action, why=why, error=str(error)
        )
    return Redirect(f"/staff/consultations/{slug}/stage", status_code=303)


HANDLERS = [stage_page, change_stage]
