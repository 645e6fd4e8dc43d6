"""Coming back: to answers in progress with a code, to answers that were sent with their receipt."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from math import inf
from typing import Any

import anyio.to_thread
from litestar import Response, get, post
from litestar.response import Redirect

from consult import clock
from consult.accounts.model import PUBLIC
from consult.database import Database
from consult.inviting.delivery import Carrier, NotDelivered
from consult.inviting.model import reach
from consult.inviting.wording import coming_back
from consult.respond import corrections, keeping, store
from consult.respond.codes import Keys, Receipt, ReturnCode
from consult.respond.draft import DRAFTS_KEPT, Draft, Token
from consult.respond.gate import rate
from consult.respond.rendering import reviewed
from consult.respond.store import Stored
from consult.respond.visit import (
    COOKIE,
    LEFT,
    AnyRequest,
    Visit,
    asked_at,
    cookie,
    left_at,
    no_cookie,
    onward,
    visit,
)
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of

logger = logging.getLogger("consult")
#: A derivation takes 19 MiB and 20 ms: one at a time in a process, so that nobody can exhaust it.
_ONE = anyio.CapacityLimiter(1)


async def _keys(code: ReturnCode, slug: str) -> Keys:
    return await anyio.to_thread.run_sync(code.keys, slug, limiter=_ONE)


# -- answers in progress -------------------------------------------------------------------------


@get("/s/{slug:str}/{language:str}/later", opt={"who": PUBLIC})
async def later_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Response[Any]:
    """The code to come back with, once it was asked for."""
    here = await visit(request, database, slug, language)
    if here.draft is None or not here.open:
        return Redirect(here.base, status_code=303)
    return _later(here, here.draft, settings, mailed="mailed" in request.query_params)


def _later(
    here: Visit,
    draft: Draft,
    settings: Settings,
    *,
    mailed: bool = False,
    typed: str = "",
    wrong: str = "",
) -> Response[Any]:
    title = here.say("Come back later")
    return here.show(
        "later",
        f"{here.say('Error')}: {title}" if wrong else title,
        code=draft.notes.get("code"),
        kept_days=DRAFTS_KEPT.days,
        onward=onward(here, here.journey(draft)),
        closes=clock.spoken(here.version.survey.closes, here.language),
        back=onward(here, here.journey(draft)),
        by_email=settings.delivery.by_email,
        mailed=mailed,
        typed=typed,
        wrong=wrong,
        status=422 if wrong else 200,
    )


@post("/s/{slug:str}/{language:str}/later", opt={"who": PUBLIC}, status_code=303)
async def make_code(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """Make a code to come back with; a draft has one, however often it is asked for."""
    here = await visit(request, database, slug, language)
    if here.draft is None or here.token is None or not here.open:
        return Redirect(here.base, status_code=303)
    if "code" not in here.draft.notes:
        code = ReturnCode.new()
        keys = await _keys(code, slug)
        noted = here.draft.noting(code=str(code), code_id=str(keys.id))
        today = clock.today(here.now)
        sealed = keys.seal(str(here.token).encode())
        async with database.writing() as session:
            # Nothing is kept of a code whose draft another tab has changed: it is asked for again.
            kept = keeping.Kept.of(here.token, slug, noted, today)
            if all(await keeping.keep_drafts(session, [kept])):
                await keeping.keep_code(session, keys.id, sealed, today)
    return Redirect(f"{here.base}/later", status_code=303)


@post("/s/{slug:str}/{language:str}/later/email", opt={"who": PUBLIC}, status_code=200)
async def mail_code(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Response[Any]:
    """Send the code to an address, of which nothing is kept."""
    typed = (await form_of(request)).get("address", [""])[0]
    here = await visit(request, database, slug, language)
    code = here.draft.notes.get("code") if here.draft else None
    if here.draft is None or code is None or not here.open:
        return Redirect(f"{here.base}/later", status_code=303)
    address = reach(typed, "email")
    if address is None:
        wrong = here.say("Enter an email address, like name@example.org")
        return _later(here, here.draft, settings, typed=typed, wrong=wrong)
    rate.take(request, settings, "codes_by_mail")
    if settings.rate_limits:
        request.app.state.limits.take("mail_to_one", address.casefold())
    said = coming_back(slug, language, settings.delivery.public_url, code)
    carrier = Carrier(settings.delivery)
    try:
        if not settings.delivery.by_email:
            raise NotDelivered("setting")
        await anyio.to_thread.run_sync(carrier.send, "email", address, said, secrets.token_hex(16))
    except NotDelivered as error:
        logger.warning("a code to come back with was not sent (%s)", error.problem)
        wrong = here.say("We could not send a message there. Check the address, or try again soon.")
        return _later(here, here.draft, settings, typed=typed, wrong=wrong)
    finally:
        await anyio.to_thread.run_sync(carrier.close)
    return Redirect(f"{here.base}/later?mailed=1", status_code=303)


@get(
    ["/s/{slug:str}/{language:str}/return", "/s/{slug:str}/{language:str}/receipt"],
    opt={"who": PUBLIC},
)
async def code_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """Where a code or a receipt is typed."""
    here = await visit(request, database, slug, language, returning=inf)
    receipt = request.scope["path"].rstrip("/").endswith("/receipt")
    shown = _ask(here, "receipt" if receipt else "return", "")
    if request.cookies.get(LEFT, "") > str(here.moment):
        # A script that left in haste could not ask us for the time.
        shown.set_cookie(left_at(slug, here.moment - 1))
    return shown


@post("/s/{slug:str}/{language:str}/return", opt={"who": PUBLIC}, status_code=200)
async def come_back(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Response[Any]:
    """Go on with what a code leads to, in this browser."""
    form = await form_of(request)
    typed = form.get("code", [""])[0]
    here = await visit(request, database, slug, language, returning=asked_at(form))
    code = ReturnCode.read(typed)
    if code is None:
        return _ask(here, "return", typed, here.say("Enter the code: 12 letters and digits"))
    # Every code waits for the one derivation at a time: whoever tries many is sent away before it.
    with rate.trying(request, settings) as miss:
        token = await _opened(database, slug, await _keys(code, slug))
        if token is None:
            miss()
    if token is None:
        wrong = here.say("No answers are kept under this code. Check each letter and digit.")
        if here.version.survey.definition.access == "invited":
            # Both codes look alike, and the links to where they go stand side by side.
            wrong += " " + here.say(
                "If it is the code of your invitation, go back and choose “Enter my code”."
            )
        return _ask(here, "return", typed, wrong)
    return _let_in(here, "/resume", token, secure=settings.secure_cookies)


def _let_in(here: Visit, path: str, token: Token, *, secure: bool) -> Redirect:
    """On to a page of the draft that ``token`` holds; whoever had left is let in again."""
    answer = Redirect(here.base + path, status_code=303)
    answer.set_cookie(cookie(here.slug, token, secure=secure))
    answer.set_cookie(no_cookie(LEFT, here.slug))
    return answer


async def _opened(database: Database, slug: str, keys: Keys) -> Token | None:
    async with database.light() as link:
        sealed = await keeping.behind_code(link, keys.id)
    secret = keys.unseal(sealed) if sealed else None
    token = Token.read(secret.decode()) if secret else None
    if token is None:
        return None
    _, draft = await keeping.here(database, slug, token)
    if draft is None:
        return None
    # A visit: from here the days count for which both are kept.
    await keeping.save_draft(database, token, slug, draft, clock.today(clock.now()))
    return token


@get("/s/{slug:str}/{language:str}/resume", opt={"who": PUBLIC})
async def resume(request: AnyRequest, database: Db, slug: InPath, language: InPath) -> Redirect:
    """On to the first page with something to do."""
    here = await visit(request, database, slug, language)
    if here.draft is None or not here.open:
        return Redirect(here.base, status_code=303)
    return Redirect(onward(here, here.journey(here.draft)), status_code=303)


def _ask(here: Visit, what: str, typed: str, wrong: str = "") -> Response[Any]:
    """A page that asks for a code or a receipt."""
    title = here.say("Come back to your answers") if what == "return" else here.say("Your receipt")
    return here.show(
        "code",
        f"{here.say('Error')}: {title}" if wrong else title,
        what=what,
        heading=title,
        typed=typed,
        wrong=wrong,
        asked=here.moment,
        begun=_begun(here),
        back=here.base,
        status=422 if wrong else 200,
    )


def _begun(here: Visit) -> bool:
    """Whether somebody's answers were begun in this browser that another draft would put out of
    reach: there is one cookie."""
    return here.draft is not None and bool(here.draft.raw) and "code" not in here.draft.notes


# -- answers that were sent ----------------------------------------------------------------------


@post("/s/{slug:str}/{language:str}/receipt", opt={"who": PUBLIC}, status_code=200)
async def with_receipt(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Response[Any]:
    """The answers behind a receipt; and what is to be done with them.

    Tries are not counted, as they are for codes: 100 bits are not guessed, and one that is wrong
    costs a look at an index, not a derivation.
    """
    form = await form_of(request)
    typed, action = form.get("code", [""])[0], form.get("do", [""])[0]
    receipt = Receipt.read(typed)
    here = await visit(request, database, slug, language, returning=asked_at(form))
    stored, withdrawn = None, False
    async with database.light() as link:
        if receipt is not None:
            stored = await store.sent(link, slug, receipt.response_id)
            withdrawn = stored is None and await store.withdrawn(link, receipt.response_id)
    if receipt is None:
        wrong = here.say("Enter the receipt: 20 letters and digits")
        return _ask(here, "receipt", typed, wrong)
    if stored is None:
        taken = here.say("These answers were withdrawn. Nothing is left of them.")
        never = here.say("No answers were sent under this receipt. Check each letter and digit.")
        return _ask(here, "receipt", typed, taken if withdrawn else never)
    if here.open and action == "correct":
        return await _correct(database, here, receipt, stored, secure=settings.secure_cookies)
    if here.open and action == "withdraw" and form.get("sure"):
        async with database.writing() as session:
            await corrections.withdraw(session, slug, receipt.response_id)
        gone = here.show("withdrawn", here.say("Your answers have been withdrawn"))
        if here.token and here.token.receipt.number == receipt.number:
            gone.set_cookie(no_cookie(COOKIE, slug))
        return gone
    return _behind(here, receipt, stored, unsure=action == "withdraw")


def _behind(here: Visit, receipt: Receipt, stored: Stored, *, unsure: bool) -> Response[Any]:
    answered = stored.version.survey
    language = here.language if here.language in answered.languages else stored.language
    return here.show(
        "behind_receipt",
        here.say("Your answers"),
        rows=reviewed(corrections.journey_of(stored), language, here.base),
        receipt=str(receipt),
        asked=here.moment,
        begun=_begun(here),
        day=clock.day(stored.received_on, here.language),
        may=here.open,
        unsure=unsure,
        status=422 if unsure else 200,
    )


async def _correct(
    database: Database, here: Visit, receipt: Receipt, stored: Stored, *, secure: bool
) -> Redirect:
    """Begin a draft with what was sent, to be sent again in its place."""
    survey = here.version.survey
    raw = corrections.typed_again(survey, stored.answers)
    token = Token(Token.new().secret, receipt)
    # The check page is where a correction begins, so every page on the path counts as seen; what a
    # changed answer opens does not.
    draft = Draft(here.now, raw)
    seen = tuple(step.page.id for step in here.journey(draft).route.steps)
    draft = replace(draft, seen=seen)
    await keeping.save_draft(database, token, here.slug, draft, clock.today(here.now))
    return _let_in(here, "/check", token, secure=secure)


HANDLERS = [
    later_page,
    make_code,
    mail_code,
    code_page,
    come_back,
    resume,
    with_receipt,
]
