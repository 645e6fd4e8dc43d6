"""What keeps a respondent safe: advice, help, leaving at once, and a page that hides itself."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from consult.accounts.model import PUBLIC
from consult.questionnaire.model import Support
from consult.questionnaire.wording import rich
from consult.respond import keeping
from consult.respond.gate.doors import ENTRY
from consult.respond.visit import (
    COOKIE,
    LEFT,
    LEFT_SECONDS,
    NEUTRAL,
    AnyRequest,
    Leave,
    Visit,
    no_cookie,
    visit,
)
from consult.web.inject import Db, InPath


@get("/s/{slug:str}/{language:str}/staying-safe", opt={"who": PUBLIC})
async def staying_safe(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """How to answer safely, before the first question of a sensitive survey."""
    here = await visit(request, database, slug, language)
    if not here.sensitive or not here.open:
        return Redirect(here.base, status_code=303)
    advice = here.version.survey.words[language].staying_safe
    return here.show(
        "staying_safe", here.say("Before you start"), advice=rich(advice, lambda name: "")
    )


@get("/s/{slug:str}/{language:str}/help", opt={"who": PUBLIC})
async def help_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """Who can help, for whoever asks: near them first, if they said where they live."""
    here = await visit(request, database, slug, language)
    if not here.version.survey.definition.support:
        return Redirect(here.base, status_code=303)
    near, elsewhere = supports(here)
    back = f"{here.base}/resume" if here.draft else here.base
    return here.show("help", here.say("Help"), near=near, elsewhere=elsewhere, back=back)


def supports(here: Visit) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The services for everyone and for the respondent's area, and by area those of others."""
    survey = here.version.survey
    areas = next((q for q in survey.questions.values() if q.role == "area"), None)
    answers = here.journey(here.draft).route.answers if here.draft else {}
    lives = answers.get(areas.id) if areas else None
    names = survey.labels(areas.id, here.language).options if areas else {}
    near: list[dict[str, Any]] = []
    others: dict[str, list[dict[str, Any]]] = {}
    for support in survey.definition.support:
        said = _said(here, support)
        if not support.areas or lives in support.areas:
            # Those of the own area before those of the whole country.
            near.insert(0 if support.areas else len(near), said)
        else:
            for area in support.areas:
                others.setdefault(names.get(area, area), []).append(said)
    return near, [{"area": area, "supports": found} for area, found in others.items()]


def _said(here: Visit, support: Support) -> dict[str, Any]:
    survey = here.version.survey
    for language in (here.language, *survey.languages):
        words = survey.words[language].support.get(support.id)
        if words is not None:
            break
    return {
        "name": words.name if words else support.id,
        "about": words.about if words else "",
        "phone": support.phone,
        "text": support.text,
        "href": support.href,
    }


@get("/s/{slug:str}/{language:str}/leave", opt={"who": PUBLIC})
async def leave(request: AnyRequest, database: Db, slug: InPath, language: InPath) -> Redirect:
    """Out, without a script: forget this browser's answers and go on to a neutral site."""
    return await _left(request, database, slug, language)


@post("/s/{slug:str}/{language:str}/leave", opt={"who": PUBLIC}, status_code=303)
async def leave_behind(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Redirect:
    """The same, sent by a script whose page has gone already."""
    return await _left(request, database, slug, language)


async def _left(request: AnyRequest, database: Db, slug: str, language: str) -> Redirect:
    version, _ = await keeping.here(database, slug, None)
    definition = version.survey.definition
    answer = Redirect(definition.exit_to or NEUTRAL, status_code=303)
    answer.set_cookie(no_cookie(COOKIE, slug))
    answer.set_cookie(no_cookie(ENTRY, slug))
    if definition.sensitive:
        path = f"/s/{slug}"
        answer.set_cookie(Cookie(LEFT, value="1", path=path, max_age=LEFT_SECONDS, samesite="lax"))
    return answer


@get("/s/{slug:str}/{language:str}/away", opt={"who": PUBLIC})
async def away(request: AnyRequest, database: Db, slug: InPath, language: InPath) -> Response[Any]:
    """Instead of a page that nobody touched for a while: nothing of the answers, and a way back.

    A sensitive survey is left altogether, for whoever is at the device now may be someone else.
    """
    here = await visit(request, database, slug, language)
    if here.sensitive:
        return await _left(request, database, slug, language)
    if here.draft is None:
        return Redirect(here.base, status_code=303)
    return here.show("away", here.say("Your answers are hidden"), idle=None)


def left(request: AnyRequest, error: Leave) -> Response[Any]:
    """For the back button of a browser that has left."""
    return Redirect(error.to, status_code=303)


HANDLERS = [staying_safe, help_page, leave, leave_behind, away]
