"""Responses from partners' apps, and the documents that say how to send them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from consult import clock
from consult.accounts.model import PUBLIC
from consult.accounts.passwords import token_hash
from consult.api import limits, openapi, partners, store
from consult.api.problems import (
    OF_FATE,
    at,
    of_answers,
    of_flood,
    of_http,
    of_missing,
    of_outage,
    problem,
)
from consult.arriving.taking import Arrival, Taken, take
from consult.consultations import store as consultations
from consult.database import Database
from consult.errors import DatabaseUnavailable, NotFound
from consult.questionnaire.answers import Text
from consult.questionnaire.survey import Survey
from consult.respond.flags import BURST, REPEATED
from consult.respond.gate.rate import TooMany, limits_of
from consult.respond.gate.rate import take as take_token
from consult.web.inject import Config, Db, InPath

AnyRequest = Request[Any, Any, Any]
#: Surveys that promise one answer from each person they know.
BY_INVITATION = frozenset({"invited", "signed_in"})
CHANNELS = ("web", "telephone", "kiosk", "meeting", "paper", "letter")
KEYS = frozenset({"id", "language", "survey_version", "channel", "order_seed", "answers"})
MOST_ANSWERS = 5_000
#: Characters of a text that two people do not write alike.
OWN_WORDS = 30


@post(
    "/surveys/{slug:str}/responses",
    opt={"who": PUBLIC},
    status_code=201,
    request_max_body_size=limits.LONGEST,
)
async def post_response(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Store a response, once however often it is sent."""
    sender = await _sender(request, database, slug)
    if isinstance(sender, Response):
        return sender
    within = take_token(request, settings, "by_key", sender.name)
    data = await _data(request)
    if isinstance(data, Response):
        return data
    arrival = _arrival(slug, data, sender)
    words = own_words(sender.survey, arrival.answers)
    seen = limits_of(request)
    repeated = bool(words) and seen.repeated(sender.name, words, data["id"])
    flags = [flag for flag, there in ((BURST, not within), (REPEATED, repeated)) if there]
    taken = await take(database, replace(arrival, flags=flags), clock.now())
    if taken.fate not in {"stored", "same"}:
        seen.unsaid(sender.name, words, data["id"])
    return _told(arrival, taken)


def _arrival(slug: str, data: dict[str, Any], sender: Sender) -> Arrival:
    return Arrival(
        id=UUID(data["id"]),
        slug=slug,
        channel=data.get("channel", "web"),
        language=data["language"],
        answers=data["answers"],
        version=data.get("survey_version"),
        seed=data.get("order_seed"),
        source=sender.source,
    )


@dataclass(frozen=True)
class Sender:
    """Whose key a request has: a name for this process alone, and what its responses carry."""

    name: str
    source: int | None
    survey: Survey


async def _sender(request: AnyRequest, database: Database, slug: str) -> Sender | Response[Any]:
    """Who sends, or why this request may not send responses to a survey."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    hashed = token_hash(key.strip())
    async with database.reading() as session:
        opens = await store.opened(session, hashed) if key else None
        if scheme.lower() != "bearer" or opens is None:
            return problem("key")
        if opens.survey != slug:
            return problem("other-survey")
        version = await consultations.current(session, slug)
    if version.survey.definition.access in BY_INVITATION:
        return problem("by-invitation")
    return Sender(hashed.hex(), opens.source, version.survey)


async def _data(request: AnyRequest) -> dict[str, Any] | Response[Any]:
    """The response as it was sent, sound around its answers; or what is wrong with it."""
    if not _is_json(request):
        return problem("media-type")
    try:
        data = limits.read(await request.body())
    except limits.Unreadable as error:
        return problem("body", str(error))
    if not isinstance(data, dict):
        return problem("body", "The body is not a JSON object.")
    wrong = envelope_errors(data)
    return problem("response", errors=wrong) if wrong else data


def own_words(survey: Survey, answers: Mapping[str, Any]) -> str:
    """All answers in one text where one of them is in somebody's own words, else nothing.

    Two people may well tick the same boxes; an app that sends these words twice under two ids has
    most often lost track of its own.
    """
    for name, value in answers.items():
        written = isinstance(survey.questions.get(name), Text) and isinstance(value, str)
        if written and len(value) >= OWN_WORDS:
            return json.dumps(answers, sort_keys=True)
    return ""


def _is_json(request: AnyRequest) -> bool:
    kind, _, settings = request.headers.get("content-type", "").partition(";")
    charset = re.search(r"charset\s*=\s*\"?([\w-]+)", settings)
    packed = request.headers.get("content-encoding", "identity")
    return (
        kind.strip().lower() == "application/json"
        and (charset is None or charset[1].lower() in {"utf-8", "utf8"})
        and packed == "identity"
    )


def envelope_errors(data: dict[str, Any]) -> list[dict[str, str]]:
    """What is wrong around the answers."""
    wrong = []
    if set(data) - KEYS:
        known = ", ".join(sorted(KEYS))
        wrong.append(at("", "unknown-key", f"The object has a name other than {known}."))
    for name, rule in _RULES.items():
        if name not in data and not rule.needed:
            continue
        if not rule.good(data.get(name)):
            wrong.append(at(f"/{name}", "shape", rule.says))
    return wrong


@dataclass(frozen=True)
class _Rule:
    """What a value around the answers must be."""

    good: Any
    says: str
    needed: bool = False


def _whole(lowest: int, highest: int) -> Any:
    return lambda value: type(value) is int and lowest <= value <= highest


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(openapi.UUID_PATTERN, value))


_RULES = {
    "id": _Rule(_is_id, "Give a UUID of your making, the same each time you send this.", True),
    "language": _Rule(
        lambda value: isinstance(value, str) and bool(re.fullmatch("[a-z]{2}", value)),
        "Give the code of the language it was answered in, like en.",
        True,
    ),
    "survey_version": _Rule(
        _whole(1, 2**31 - 1), "Give the number of the survey's version, or leave it out."
    ),
    "channel": _Rule(
        lambda value: isinstance(value, str) and value in CHANNELS,
        f"Give one of {', '.join(CHANNELS)}, or leave it out.",
    ),
    "order_seed": _Rule(
        _whole(0, 2**31 - 1),
        "Give the number that made the orders of chance, from 0 to 2147483647, or leave it out.",
    ),
    "answers": _Rule(
        lambda value: isinstance(value, dict) and len(value) <= MOST_ANSWERS,
        f"Give an object of at most {MOST_ANSWERS} answers by question.",
        True,
    ),
}


def _told(arrival: Arrival, taken: Taken) -> Response[Any]:
    if taken.fate in {"stored", "same"}:
        return _json(
            {"id": str(arrival.id), "status": taken.fate},
            status=201 if taken.fate == "stored" else 200,
        )
    errors = of_answers(taken.problems)
    if taken.fate == "language":
        errors = [at("/language", "unknown-language", "The survey is not in this language.")]
    if taken.fate == "version":
        said = "Another version is asked now. Read the survey's OpenAPI document again."
        errors = [at("/survey_version", "old-version", said)]
    return problem(OF_FATE[taken.fate], errors=errors)


def _json(data: Any, status: int = 200) -> Response[Any]:
    return Response(
        json.dumps(data, ensure_ascii=False), status_code=status, media_type="application/json"
    )


@get("/openapi.json", opt={"who": PUBLIC})
async def api_document() -> Response[Any]:
    """What every survey's interface has in common (OpenAPI 3.1)."""
    return _json(openapi.document())


@get("/surveys/{slug:str}/openapi.json", opt={"who": PUBLIC})
async def survey_document(database: Db, slug: InPath) -> Response[Any]:
    """One survey's interface, its questions as a JSON Schema."""
    async with database.reading() as session:
        version = await consultations.current(session, slug)
    if version.stage == "draft" or version.survey.definition.access in BY_INVITATION:
        raise NotFound(slug)
    return _json(openapi.survey_document(version))


router = Router(
    path="/api",
    route_handlers=[post_response, api_document, survey_document],
    exception_handlers={
        HTTPException: of_http,
        NotFound: of_missing,
        DatabaseUnavailable: of_outage,
        TooMany: of_flood,
    },
)
HANDLERS: list[ControllerRouterHandler] = [router, *partners.HANDLERS]
