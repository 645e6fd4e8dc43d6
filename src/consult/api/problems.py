"""What went wrong, for machines: problem details (RFC 9457), never with an answer's text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from consult.arriving.judging import Problem
from consult.arriving.taking import Fate
from consult.errors import DatabaseUnavailable, NotFound
from consult.respond.gate.rate import TooMany

MEDIA_TYPE = "application/problem+json"
#: Seconds after which to try again while the database is away.
RETRY_AFTER = "30"
Titles = Mapping[str, tuple[int, str, str]]
#: By code: status, title, and what to do.
TITLES: Titles = {
    "body": (400, "The body cannot be read", "Send one JSON object in UTF-8."),
    "key": (
        401,
        "A key is needed",
        "Send 'Authorization: Bearer' and a key that has not been revoked.",
    ),
    "other-site": (403, "Sent by a page of another site", "Send it from a server or an app."),
    "other-survey": (403, "The key is for another survey", "Ask for a key for this survey."),
    "by-invitation": (
        403,
        "This survey is answered by invitation",
        "It promises one answer from each person it knows, which no key can hold. Lead people to "
        "the survey's own pages.",
    ),
    "not-open": (403, "The survey is not open yet", "Send the response once it is."),
    "not-found": (404, "There is no such survey", "Check the address."),
    "method": (405, "This address takes no such method", "See the OpenAPI document."),
    "different": (
        409,
        "Another response has this id",
        "Make a new id for each response, and use it again only to send the same one again.",
    ),
    "closed": (410, "The survey has closed", "It takes no more responses."),
    "too-large": (413, "The body is too large", "A response has at most 1,000,000 bytes."),
    "media-type": (415, "The body is not JSON", "Send 'Content-Type: application/json'."),
    "response": (422, "The response cannot be stored", "Mend what the errors name, and send it."),
    "full": (
        422,
        "Enough people like this one have answered",
        "The sample needs no more of them; thank them and send nothing.",
    ),
    "too-many": (
        429,
        "The key has sent very many responses at once",
        "Nothing was stored. Send it again after the seconds in Retry-After, with the same id.",
    ),
    "server": (
        500,
        "There is a problem with the service",
        "Send it again later, with the same id.",
    ),
    "unavailable": (
        503,
        "The service cannot store it just now",
        "Nothing was stored. Send it again later, with the same id.",
    ),
}
_OF_STATUS = {
    400: "body", 403: "other-site", 404: "not-found", 405: "method", 413: "too-large",
}  # fmt: skip
#: What a fate is called here.
OF_FATE: Mapping[Fate, str] = {
    "different": "different", "not_open": "not-open", "closed": "closed", "full": "full",
    "problems": "response", "language": "response", "version": "response",
}  # fmt: skip


def problem(
    code: str,
    detail: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """A problem as a response."""
    status, title, remedy = TITLES[code]
    body: dict[str, Any] = {
        "type": f"urn:consult:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or remedy,
    }
    if errors:
        body["errors"] = list(errors)
    made = dict(headers or {})
    if status == 401:
        made["www-authenticate"] = "Bearer"
    if status == 503:
        made["retry-after"] = RETRY_AFTER
    return Response(
        json.dumps(body, ensure_ascii=False),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=made,
    )


def at(pointer: str, code: str, detail: str) -> dict[str, str]:
    """One error, and the place in the body that it is about (JSON Pointer)."""
    return {"pointer": pointer, "code": code, "detail": detail}


def of_answers(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """The errors of a response's answers."""
    return [
        at(f"/answers/{found.question}" if found.question else "/answers", found.code, found.detail)
        for found in problems
    ]


AnyRequest = Request[Any, Any, Any]


def of_http(request: AnyRequest, error: HTTPException) -> Response[str]:
    """An error of the framework's, as a problem."""
    if error.status_code >= 500:
        return problem("server")
    headers = {k: v for k, v in (error.headers or {}).items() if k.lower() == "allow"}
    return problem(_OF_STATUS.get(error.status_code, "body"), headers=headers)


def of_missing(request: AnyRequest, error: NotFound) -> Response[str]:
    """No such survey."""
    return problem("not-found")


def of_flood(request: AnyRequest, error: TooMany) -> Response[str]:
    """More than its key may send."""
    return problem("too-many", headers={"retry-after": str(error.seconds)})


def of_outage(request: AnyRequest, error: DatabaseUnavailable) -> Response[str]:
    """The database is away."""
    return problem("unavailable")
