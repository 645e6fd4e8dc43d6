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

from consult.accounts import pages as accounts
from consult.accounts.model import PUBLIC
from consult.database import Database
from consult.errors import ConsultError, DatabaseUnavailable, NotFound
from consult.log import failure
from consult.reporting import pages as reporting
from consult.respond import pages as respond
from consult.respond.visit import RETRY_AFTER
from consult.settings import Settings
from consult.web.inject import Db
from consult.web.security import add_headers
from consult.web.templating import page

STATIC = Path(__file__).parent / "web/static"
HANDLERS = [*respond.HANDLERS, *accounts.HANDLERS, *reporting.HANDLERS]
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
            "settings": Provide(lambda: settings, sync_to_thread=False),
        },
        guards=[accounts.guard],
        before_send=[add_headers],
        exception_handlers={
            accounts.SignInNeeded: _sign_in,
            DatabaseUnavailable: _unavailable,
            NotFound: _not_found,
            ConsultError: _cannot,
            HTTPException: _http,
            Exception: _unexpected,
        },
        allowed_hosts=_hosts(settings),
        on_shutdown=[database.close],
        openapi_config=None,
        state=State({"database": database, "settings": settings}),
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


def _unavailable(request: AnyRequest, error: DatabaseUnavailable) -> Response[Any]:
    logger.error("database unavailable: %s", error)
    return page(
        "message.html",
        status=503,
        headers={"retry-after": RETRY_AFTER},
        title="Sorry, we cannot answer just now",
        lines=["Nothing you sent before is lost.", "Wait half a minute, then try again."],
    )


def _cannot(request: AnyRequest, error: ConsultError) -> Response[Any]:
    return page("message.html", status=409, title="That cannot be done", lines=[str(error)])


def _not_found(request: AnyRequest, error: Exception) -> Response[Any]:
    return page(
        "message.html",
        status=404,
        title="Page not found",
        lines=[
            "If you typed the address, check it is right.",
            "If you came by a link, the survey may have been taken down.",
        ],
        link={"href": "/", "text": "See the consultations that are open"},
    )


def _http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    if error.status_code == 404:
        return _not_found(request, error)
    if error.status_code >= 500:
        return _unexpected(request, error)
    lines = {
        403: "You may not open this page. If you think you should, ask whoever runs this service.",
        405: "This page cannot be opened that way. Go back and try again.",
        413: "What you sent is too large. Make it shorter and send it again.",
    }
    return page(
        "message.html",
        status=error.status_code,
        title="That did not work",
        lines=[lines.get(error.status_code, "Go back, check what you sent, and try again.")],
    )


def _unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    logger.error("%s %s: %s", request.method, request.route_handler.paths, failure(error))
    return page(
        "message.html",
        status=500,
        title="Sorry, there is a problem with the service",
        lines=["Try again later. What you sent before is not lost."],
    )
