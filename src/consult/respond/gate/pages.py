"""Entering a code or an address, and saying why one answers again."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Callable
from typing import Any

from anyio import to_thread
from litestar import Response, get, post
from litestar.response import Redirect

from consult import clock
from consult.accounts.model import PUBLIC
from consult.consultations import store as consultations
from consult.database import Database
from consult.inviting import codes
from consult.inviting import store as invitations
from consult.inviting.delivery import Carrier, NotDelivered
from consult.inviting.keys import root_key
from consult.inviting.model import reach
from consult.inviting.wording import sign_in
from consult.respond import keeping
from consult.respond.gate import rate
from consult.respond.gate.doors import (
    CHECK_SECONDS,
    ENTRY,
    LONGEST_REASON,
    REASON_WORDS,
    Entry,
    answered_before,
    domains,
    listed,
)
from consult.respond.visit import AnyRequest, Visit, no_cookie, preferred, visit
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.templating import page, translations

logger = logging.getLogger("consult.gate")


@get("/i/{code:str}", opt={"who": PUBLIC})
async def by_link(request: AnyRequest, database: Db, settings: Config, code: InPath) -> Redirect:
    """What a link in a message leads to: the code is set aside, and the address that holds it left
    at once. Looking uses nothing up, for mail programs look at links before people do."""
    typed = codes.normal(code)
    root = await root_key(database, settings)
    if typed is None:
        return Redirect("/i", status_code=303)
    with rate.trying(request, settings) as miss:
        mark = await codes.mark_aside(root, typed)
        async with database.reading() as session:
            found = await invitations.admission(session, mark)
            if found is None:
                miss()
                return Redirect("/i", status_code=303)
            survey = (await consultations.current(session, found.survey_slug)).survey
    slug, wanted = survey.slug, request.headers.get("accept-language", "")
    base = f"/s/{slug}/{preferred(wanted, survey.languages)}"
    if found.used:
        return Redirect(f"{base}/enter?used=1", status_code=303)
    answer = Redirect(base, status_code=303)
    answer.set_cookie(Entry(mark).cookie(root, slug, secure=settings.secure_cookies))
    return answer


@get("/i", opt={"who": PUBLIC})
async def unknown_code(request: AnyRequest) -> Response[Any]:
    """For a link whose code we do not know."""
    language = preferred(request.headers.get("accept-language", ""), ("en", "cy", "ur"))
    say = translations(language).gettext
    return page(
        "message.html",
        language,
        status=404,
        title=say("We do not know this code"),
        lines=[
            say("Check that you opened the whole link."),
            say("If you have a letter, go to the address in it and enter the code."),
        ],
    )


@get("/s/{slug:str}/{language:str}/enter", opt={"who": PUBLIC})
async def enter_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Response[Any]:
    """Where a code is typed; or an address, and then the code that was sent to it."""
    here = await visit(request, database, slug, language)
    if not listed(here.version.survey.definition) or not here.open:
        return Redirect(here.base, status_code=303)
    if "used" in request.query_params:
        return _ask(here, "used")
    return _ask(here, await _step(request, database, settings, here))


async def _step(request: AnyRequest, database: Database, settings: Settings, here: Visit) -> str:
    if here.version.survey.definition.access == "invited":
        return "code"
    root = await root_key(database, settings)
    entry = Entry.open(root, here.slug, request.cookies.get(ENTRY), here.now)
    return "check" if entry and entry.check else "address"


@post("/s/{slug:str}/{language:str}/enter", opt={"who": PUBLIC}, status_code=200)
async def enter(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Response[Any]:
    """Take a code or an address, or say what is wrong with it."""
    form = await form_of(request)
    here = await visit(request, database, slug, language)
    if not listed(here.version.survey.definition) or not here.open:
        return Redirect(here.base, status_code=303)
    root = await root_key(database, settings)
    if "address" in form:
        return await _send_code(request, settings, root, here, form["address"][0])
    typed = form.get("code", [""])[0]
    if here.version.survey.definition.access == "invited":
        return await _with_code(request, database, settings, root, here, typed)
    entry = Entry.open(root, slug, request.cookies.get(ENTRY), here.now)
    if entry is None or not entry.check:
        wrong = here.say("That took more than 10 minutes. Ask for another code.")
        return _ask(here, "address", wrong=wrong)
    code = codes.normal(typed, codes.SIGN_IN_LENGTH)
    with rate.trying(request, settings) as miss:
        if code is None or not hmac.compare_digest(_check(root, entry.mark, code), entry.check):
            miss()
            wrong = here.say("That is not the code we sent. Check each letter and digit.")
            return _ask(here, "check", typed, wrong)
    return await _admitted(database, settings, root, here, entry.mark, unlisted=True)


async def _with_code(
    request: AnyRequest,
    database: Database,
    settings: Settings,
    root: bytes,
    here: Visit,
    typed: str,
) -> Response[Any]:
    code = codes.normal(typed)
    if code is None:
        return _ask(here, "code", typed, here.say("Enter the code: 12 letters and digits"))
    with rate.trying(request, settings) as miss:
        mark = await codes.mark_aside(root, code)
        return await _admitted(database, settings, root, here, mark, miss=miss, typed=typed)


async def _admitted(
    database: Database,
    settings: Settings,
    root: bytes,
    here: Visit,
    mark: bytes,
    *,
    unlisted: bool = False,
    miss: Callable[[], None] = lambda: None,
    typed: str = "",
) -> Response[Any]:
    """Set the entry aside, in the draft where there is one, and lead back to the start page."""
    async with database.reading() as session:
        found = await invitations.admission(session, mark)
    if found is not None and found.used:
        return _ask(here, "used")
    if not unlisted and (found is None or found.survey_slug != here.slug):
        miss()
        wrong = here.say("We do not know this code. Check each letter and digit.")
        return _ask(here, "code", typed, wrong)
    answer = Redirect(here.base, status_code=303)
    if here.draft is not None and here.token is not None:
        noted = here.draft.noting(entry=mark.hex())
        await keeping.save_draft(database, here.token, here.slug, noted, clock.today(here.now))
        answer = Redirect(f"{here.base}/resume", status_code=303)
    answer.set_cookie(Entry(mark).cookie(root, here.slug, secure=settings.secure_cookies))
    return answer


# -- an address ------------------------------------------------------------------------------------


def _check(root: bytes, mark: bytes, code: str) -> bytes:
    return hmac.digest(codes.derived(root, "sign in"), mark + code.encode(), "sha256")


async def _send_code(
    request: AnyRequest, settings: Settings, root: bytes, here: Visit, typed: str
) -> Response[Any]:
    """Send a code to an address. Nothing is kept of it here: the browser holds its mark, sealed."""
    address = reach(typed, "email")
    if address is None:
        wrong = here.say("Enter an email address, like name@example.org")
        return _ask(here, "address", typed, wrong)
    definition = here.version.survey.definition
    known = {domain.casefold().lstrip("@") for domain in definition.email_domains}
    if address.rpartition("@")[2].casefold() not in known:
        wrong = here.say("This survey is for people whose email address ends in %(domains)s")
        return _ask(here, "address", typed, wrong % {"domains": domains(definition)})
    rate.take(request, settings, "codes_by_mail")
    mark = await to_thread.run_sync(codes.mark_of_address, root, here.slug, address)
    if settings.rate_limits:
        request.app.state.limits.take("mail_to_one", mark.hex())
    code = codes.new_code(codes.SIGN_IN_LENGTH)
    carrier = Carrier(settings.delivery)
    try:
        if not settings.delivery.by_email:
            raise NotDelivered("setting")
        said = sign_in(here.language, code)
        reference = secrets.token_hex(16)
        await to_thread.run_sync(carrier.send, "email", address, said, reference)
    except NotDelivered as error:
        logger.warning("a sign-in message was not sent (%s)", error.problem)
        wrong = here.say("We could not send a message there. Check the address, or try again soon.")
        return _ask(here, "address", typed, wrong)
    finally:
        await to_thread.run_sync(carrier.close)
    until = int(here.now.timestamp()) + CHECK_SECONDS
    entry = Entry(mark, _check(root, mark, code), until)
    answer = Redirect(f"{here.base}/enter", status_code=303)
    answer.set_cookie(entry.cookie(root, here.slug, secure=settings.secure_cookies))
    return answer


def _ask(here: Visit, step: str, typed: str = "", wrong: str = "") -> Response[Any]:
    titles = {
        "code": here.say("Enter your code"),
        "address": here.say("Show that the survey is for you"),
        "check": here.say("Enter the code we sent you"),
        "used": here.say("This code has been used"),
    }
    if step == "used" and here.version.survey.definition.access == "signed_in":
        titles["used"] = here.say("This address has answered")
    return here.show(
        "gate/enter",
        f"{here.say('Error')}: {titles[step]}" if wrong else titles[step],
        step=step,
        heading=titles[step],
        typed=typed,
        wrong=wrong,
        access=here.version.survey.definition.access,
        domains=domains(here.version.survey.definition),
        back=here.base,
        status=422 if wrong else 409 if step == "used" else 200,
    )


@post("/s/{slug:str}/{language:str}/enter/another", opt={"who": PUBLIC}, status_code=303)
async def another_address(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Redirect:
    """Back from the code that was sent, to give another address or ask for the code again."""
    here = await visit(request, database, slug, language)
    answer = Redirect(f"{here.base}/enter", status_code=303)
    answer.set_cookie(no_cookie(ENTRY, slug))
    return answer


# -- again -----------------------------------------------------------------------------------------


@get("/s/{slug:str}/{language:str}/again", opt={"who": PUBLIC})
async def again_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """Why somebody answers again. Nobody is refused."""
    here = await visit(request, database, slug, language)
    answered = await answered_before(request, database, here)
    if not here.open or not answered:
        return Redirect(here.base, status_code=303)
    wrong = (
        here.say("Select why you want to answer again") if "wrong" in request.query_params else ""
    )
    title = here.say("Why do you want to answer again?")
    return here.show(
        "gate/again",
        f"{here.say('Error')}: {title}" if wrong else title,
        heading=title,
        wrong=wrong,
        reasons=[{"value": code, "text": here.say(said)} for code, said in REASON_WORDS.items()],
        longest=LONGEST_REASON,
        back=here.base,
        status=422 if wrong else 200,
    )


HANDLERS = [by_link, unknown_code, enter_page, enter, another_address, again_page]
