"""Signing in and out, and the guard that every route passes."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect

from consult import clock
from consult.accounts import passwords, store
from consult.accounts.model import PUBLIC, STAFF, Staff
from consult.database import Database
from consult.errors import DatabaseUnavailable
from consult.settings import Settings
from consult.web.inject import Config, Db
from consult.web.posted import form_of
from consult.web.security import refuse_odd_paths, refuse_other_sites
from consult.web.templating import page

COOKIE = "consult_staff"
SIGNED_IN_FOR = timedelta(hours=12)
#: One answer for every reason, so that it does not tell which addresses have an account.
WRONG = (
    "The email address or the password is wrong. After five wrong tries an account rests for 15 "
    "minutes"
)


#: Who was let in, by the hash of their token, and when: for pages that give back what was typed
#: while the database is away (a route says ``while_away``), and for nothing else.
_seen: dict[bytes, tuple[Staff, datetime]] = {}
SEEN_FOR = timedelta(minutes=30)
MOST_SEEN = 1_000


class SignInNeeded(Exception):
    """A staff page asked for by someone who is not signed in."""

    def __init__(self, path: str) -> None:
        super().__init__("sign-in needed")
        self.path = path


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let in whom the route's ``who`` names. A route that names nobody lets nobody in."""
    refuse_odd_paths(connection)
    refuse_other_sites(connection)
    who = handler.opt.get("who")
    if who == PUBLIC:
        return
    if not who:
        raise PermissionDeniedException("this page does not say who may enter")
    try:
        staff = await _staff(connection)
    except DatabaseUnavailable:
        staff = _remembered(connection) if handler.opt.get("while_away") else None
        if staff is None:
            raise
    if staff is None:
        raise SignInNeeded(connection.scope["path"])
    if not staff.may(who):
        raise PermissionDeniedException("your role does not open this page")
    connection.state.staff = staff


async def _staff(connection: ASGIConnection[Any, Any, Any, Any]) -> Staff | None:
    token = connection.cookies.get(COOKIE)
    if not token:
        return None
    database: Database = connection.app.state.database
    hashed, now = passwords.token_hash(token), clock.now()
    async with database.reading() as session:
        staff = await store.signed_in(session, hashed, now)
    _seen.pop(hashed, None)
    if staff is not None:
        if len(_seen) >= MOST_SEEN:
            del _seen[next(iter(_seen))]  # whoever was seen longest ago
        _seen[hashed] = staff, now
    return staff


def _remembered(connection: ASGIConnection[Any, Any, Any, Any]) -> Staff | None:
    """Who this browser belonged to when the database was last asked, if that is not long ago."""
    hashed = passwords.token_hash(connection.cookies.get(COOKIE, ""))
    staff, at = _seen.get(hashed, (None, clock.now()))
    return staff if clock.now() - at <= SEEN_FOR else None


@get("/staff/sign-in", opt={"who": PUBLIC})
async def sign_in_form(request: Request[Any, Any, Any]) -> Response[str]:
    """The form."""
    return page("accounts/sign_in.html", title="Sign in", next=_next(request), email="", error="")


@post("/staff/sign-in", opt={"who": PUBLIC}, status_code=200)
async def sign_in(request: Request[Any, Any, Any], database: Db, settings: Config) -> Response[Any]:
    """Sign in with an email address and a password."""
    form = {name: texts[0] for name, texts in (await form_of(request)).items() if texts}
    email, password = form.get("email", "").strip().lower(), form.get("password", "")
    now = clock.now()
    async with database.reading() as session:
        found = await store.account(session, email)
    # Outside a transaction: it takes a while, and connections are for residents.
    right = await passwords.matches_aside(found.password_hash if found else None, password)
    token = secrets.token_urlsafe(32)
    error = WRONG
    if found is not None:
        async with database.writing() as session:
            resting = await store.resting(session, found.staff, now)
            if right and not resting:
                error = ""
                expires = now + SIGNED_IN_FOR
                await store.sign_in(session, found.staff, passwords.token_hash(token), expires)
            elif not resting:
                failures = await store.note_failure(session, found.staff)
                until = passwords.rest_after(failures, now)
                if until:
                    await store.rest(session, found.staff, until)
    if error:
        return page(
            "accounts/sign_in.html",
            title="Error: Sign in",
            next=_next(request, form.get("next")),
            email=email,
            error=error,
            status=422,
        )
    answer = Redirect(quote(_next(request, form.get("next"))), status_code=303)
    answer.set_cookie(_cookie(token, settings))
    return answer


@post("/staff/sign-out", opt={"who": STAFF}, status_code=303)
async def sign_out(request: Request[Any, Any, Any], database: Db, settings: Config) -> Redirect:
    """Sign out."""
    async with database.writing() as session:
        await store.sign_out(session, passwords.token_hash(request.cookies[COOKIE]))
    _seen.pop(passwords.token_hash(request.cookies[COOKIE]), None)
    answer = Redirect("/staff/sign-in", status_code=303)
    answer.set_cookie(_cookie("", settings, max_age=0))
    return answer


def _cookie(token: str, settings: Settings, max_age: int | None = None) -> Cookie:
    return Cookie(
        COOKIE,
        value=token,
        path="/staff",
        httponly=True,
        samesite="strict",
        secure=settings.secure_cookies,
        max_age=max_age,
    )


def _next(request: Request[Any, Any, Any], given: object = None) -> str:
    """Where to go after signing in: a staff page of this site and nothing else."""
    path = str(given or request.query_params.get("next", ""))
    return path if path == "/staff" or path.startswith("/staff/") else "/staff"


HANDLERS = [sign_in_form, sign_in, sign_out]
