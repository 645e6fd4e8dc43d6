"""The composition root: every router, dependency and error page, in one place."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote

from litestar import Litestar, Request, Response, get
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from consult.accounts import pages as accounts
from consult.accounts.model import PUBLIC
from consult.api import pages as api
from consult.api import problems
from consult.calling import interview as interviewing
from consult.calling import pages as calling
from consult.coding import code_page, finding, sample, screen, waves
from consult.coding import pages as coding
from consult.consultations import pages as consultations
from consult.database import Database
from consult.designing import pages as designing
from consult.errors import ConsultError, DatabaseUnavailable, NotFound
from consult.inviting import pages as inviting
from consult.kiosk import pages as kiosk
from consult.log import failure
from consult.poll import pages as poll
from consult.questionnaire import languages
from consult.questionnaire.answers.base import N_
from consult.reporting import datasets
from consult.reporting import pages as reporting
from consult.respond import pages as respond
from consult.respond.gate import pages as gate
from consult.respond.gate.rate import Limits, TooMany
from consult.respond.safety import left
from consult.respond.visit import RETRY_AFTER, Leave
from consult.settings import Settings
from consult.web.inject import Db
from consult.web.posted import LONGEST_UPLOAD, Sent
from consult.web.security import add_headers
from consult.web.templating import page, translations

STATIC = Path(__file__).parent / "web/static"
HANDLERS: list[ControllerRouterHandler] = [
    *respond.HANDLERS,
    *accounts.HANDLERS,
    *consultations.HANDLERS,
    *reporting.HANDLERS,
    *datasets.HANDLERS,
    *coding.HANDLERS,
    *screen.HANDLERS,
    *sample.HANDLERS,
    *finding.HANDLERS,
    *code_page.HANDLERS,
    *waves.HANDLERS,
    *designing.HANDLERS,
    *api.HANDLERS,
    *gate.HANDLERS,
    *inviting.HANDLERS,
    *poll.HANDLERS,
    *calling.HANDLERS,
    *interviewing.HANDLERS,
    *kiosk.HANDLERS,
]
logger = logging.getLogger("consult")


@get("/health", opt={"who": PUBLIC}, media_type="text/plain")
async def health(database: Db) -> str:
    """Whether the service and its database answer."""
    async with database.reading() as session:
        await session.connection()
    return "ok"


def create_app(settings: Settings, database_url: str) -> Litestar:
    """The service on the database at ``database_url``."""
    database = Database(database_url)

    def settings_after(database: Db) -> Settings:
        return settings

    static = create_static_files_router(
        path="/static",
        directories=[STATIC],
        opt={"who": PUBLIC},
        cache_control=None,
        after_request=_cached,
    )
    return Litestar(
        route_handlers=[*HANDLERS, health, static],
        dependencies={
            "database": Provide(lambda: database, sync_to_thread=False),
            # Said to need the database, so that the two are had one after the other: the framework
            # starts a group of tasks for things that could be had at once, at a tenth of a page.
            "settings": Provide(settings_after, sync_to_thread=False),
        },
        guards=[accounts.guard],
        request_class=Sent,
        request_max_body_size=LONGEST_UPLOAD,
        before_send=[add_headers],
        exception_handlers={
            accounts.SignInNeeded: _sign_in,
            DatabaseUnavailable: _unavailable,
            Leave: left,
            NotFound: _not_found,
            TooMany: _too_many,
            ConsultError: _cannot,
            HTTPException: _http,
            Exception: _unexpected,
        },
        allowed_hosts=_hosts(settings),
        on_shutdown=[database.close],
        openapi_config=None,
        logging_config=None,  # log.py's: the framework's own would write what it likes
        state=State({"database": database, "settings": settings, "limits": Limits()}),
    )


def _hosts(settings: Settings) -> AllowedHostsConfig | None:
    if not settings.allowed_hosts:
        return None
    # A health check asks the machine itself, under no name that is served.
    return AllowedHostsConfig(list(settings.allowed_hosts), exclude="^/health$")


def _cached(response: Response[Any]) -> Response[Any]:
    # Addresses of static files change with their content.
    response.headers["cache-control"] = "public, max-age=31536000, immutable"
    return response


AnyRequest = Request[Any, Any, Any]


def _sign_in(request: AnyRequest, error: accounts.SignInNeeded) -> Response[Any]:
    return Redirect(f"/staff/sign-in?next={quote(error.path)}", status_code=303)


def _message(
    request: AnyRequest,
    status: int,
    title: str,
    lines: list[str],
    *,
    link: str = "",
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    """A page that says something, in the language of the address it was asked at."""
    parts = request.scope["path"].split("/")
    asked = parts[3] if parts[1:2] == ["s"] and len(parts) > 3 else "en"
    language = asked if languages.known(asked) else "en"
    say = translations(language).gettext
    return page(
        "message.html",
        language,
        status=status,
        headers=headers,
        title=say(title),
        lines=[say(line) for line in lines],
        link={"href": "/", "text": say(link)} if link else None,
    )


def _unavailable(request: AnyRequest, error: DatabaseUnavailable) -> Response[Any]:
    logger.error("database unavailable: %s", error)
    return _message(
        request,
        503,
        N_("Sorry, we cannot answer just now"),
        [
            N_("Nothing you sent before is lost."),
            N_("Wait half a minute, then try again."),
        ],
        headers={"retry-after": RETRY_AFTER},
    )


def _too_many(request: AnyRequest, error: TooMany) -> Response[Any]:
    return _message(
        request,
        429,
        N_("Please wait a little"),
        [
            N_("Very much is being sent from your connection, by you or by others who share it."),
            N_("Nothing you sent before is lost. Wait a few minutes, go back and try again."),
        ],
        headers={"retry-after": str(error.seconds)},
    )


def _cannot(request: AnyRequest, error: ConsultError) -> Response[Any]:
    return _message(request, 409, "That cannot be done", [str(error)])


def _not_found(request: AnyRequest, error: Exception) -> Response[Any]:
    return _message(
        request,
        404,
        N_("Page not found"),
        [
            N_("If you typed the address, check it is right."),
            N_("If you came by a link, the survey may have been taken down."),
        ],
        link=N_("See the consultations that are open"),
    )


def _http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    if request.scope["path"].startswith("/api/"):
        return problems.of_http(request, error)
    if error.status_code == 404:
        return _not_found(request, error)
    if error.status_code >= 500:
        return _unexpected(request, error)
    other = N_("Go back, check what you sent, and try again.")
    lines = {
        403: N_("You may not open this page. If you think you should, ask whoever runs it."),
        405: N_("This page cannot be opened that way. Go back and try again."),
        413: N_("What you sent is too large. Make it shorter and send it again."),
    }
    line = lines.get(error.status_code, other)
    return _message(request, error.status_code, N_("That did not work"), [line])


def _unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    logger.error("%s %s: %s", request.method, request.route_handler.paths, failure(error))
    if request.scope["path"].startswith("/api/"):
        return problems.problem("server")
    return _message(
        request,
        500,
        N_("Sorry, there is a problem with the service"),
        [N_("Try again later. What you sent before is not lost.")],
    )
