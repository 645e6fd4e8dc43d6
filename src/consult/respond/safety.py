"""What keeps a respondent safe: advice, help, leaving at once, and a page that hides itself."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from consult import clock
from consult.accounts.model import PUBLIC
from consult.consultations import store as consultations
from consult.database import Database
from consult.errors import DatabaseUnavailable, NotFound
from consult.questionnaire.model import SLUG, Support
from consult.questionnaire.wording import rich
from consult.respond import keeping
from consult.respond.gate.doors import ENTRY
from consult.respond.visit import (
    COOKIE,
    NEUTRAL,
    AnyRequest,
    Leave,
    Visit,
    known,
    left_at,
    no_cookie,
    visit,
)
from consult.web.inject import Db, InPath

#: Seconds that somebody who leaves may have to wait for the database.
AT_MOST = 1


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
    return await _left(database, slug)


@post("/s/{slug:str}/{language:str}/leave", opt={"who": PUBLIC}, status_code=303)
async def leave_behind(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Redirect:
    """The same, sent by a script whose page has gone already."""
    return await _left(database, slug)


async def _left(database: Database, slug: str) -> Redirect:
    """Away and forgotten. Raises NotFound only for what can be no survey's name.

    Nobody who has to leave waits for a database: the survey as this process last saw it will do,
    and where it never saw it a short look; a neutral site is better than none.
    """
    if not re.fullmatch(SLUG, slug):
        raise NotFound(slug)
    version = consultations.last_known(slug)
    if version is None:
        with suppress(DatabaseUnavailable, NotFound, TimeoutError):
            version, _ = await asyncio.wait_for(keeping.here(database, slug, None), AT_MOST)
    definition = version.survey.definition if version else None
    to = definition.exit_to if definition else None
    answer = Redirect(to or NEUTRAL, status_code=303)
    answer.set_cookie(no_cookie(COOKIE, slug))
    answer.set_cookie(no_cookie(ENTRY, slug))
    if definition is None or definition.sensitive:
        answer.set_cookie(left_at(slug, int(clock.now().timestamp() * 1000)))
    return answer


@get("/s/{slug:str}/{language:str}/away", opt={"who": PUBLIC})
async def away(request: AnyRequest, database: Db, slug: InPath, language: InPath) -> Response[Any]:
    """Instead of a page that nobody touched for a while: nothing of the answers, and a way back.

    A sensitive survey is left altogether, for whoever is at the device now may be someone else.
    """
    try:
        here = await visit(request, database, slug, language)
    except DatabaseUnavailable:
        if known(request, slug, language).sensitive:
            return await _left(database, slug)
        raise
    if here.sensitive:
        return await _left(database, slug)
    if here.draft is None:
        return Redirect(here.base, status_code=303)
    return here.show("away", here.say("Your answers are hidden"), idle=None)


def left(request: AnyRequest, error: Leave) -> Response[Any]:
    """For the back button of a browser that has left."""
    return Redirect(error.to, status_code=303)


HANDLERS = [staying_safe, help_page, leave, leave_behind, away]
