"""A tablet's pages and files, and what it sends; and the staff page that sets one up."""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from consult import clock
from consult.accounts import pages as accounts
from consult.accounts import store as accounts_store
from consult.accounts.model import ANALYSTS, DESIGNERS, PUBLIC
from consult.accounts.passwords import token_hash
from consult.api import limits
from consult.arriving.taking import Taken, take
from consult.consultations import store as consultations
from consult.consultations.lifecycle import state
from consult.consultations.store import Version
from consult.database import Database
from consult.errors import NotFound
from consult.kiosk import parcels, store
from consult.kiosk.bundle import bundle, limits_of
from consult.kiosk.conditions import not_understood
from consult.kiosk.store import Kiosk
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.security import POLICY
from consult.web.templating import environment, page

AnyRequest = Request[Any, Any, Any]
COOKIE = "consult_kiosk"
#: A summer of events.
SET_UP_FOR = 180 * 24 * 3600
HEADERS = {
    "content-security-policy": f"{POLICY}; worker-src 'self'; connect-src 'self'; "
    "manifest-src 'self'",
}
WORKER = Path(__file__).parents[1] / "web/static/kiosk-worker.js"
#: Fates after which the tablet may forget a response: it is stored.
STORED = {"stored", "same"}
SAID = {
    "different": "Another response has its id.",
    "problems": "Some of its answers cannot be stored.",
    "language": "The survey is not in its language any more.",
    "version": "Nobody knows the version of the questionnaire that it answers.",
    "not_open": "It was answered before the survey opened.",
    "closed": "It was answered after the survey closed.",
    "full": "Enough people like this one have answered.",
    "unopened": "It could not be opened: it was sealed for another kiosk, or is damaged.",
}


def _json(data: Any, status: int = 200) -> Response[str]:
    return Response(
        json.dumps(data, ensure_ascii=False),
        status_code=status,
        media_type="application/json",
        headers=HEADERS,
    )


async def _kiosk(request: AnyRequest, database: Database, slug: str) -> tuple[Kiosk, Version]:
    """The kiosk that asks, and the version in use. Raises NotFound."""
    token = request.cookies.get(COOKIE, "")
    async with database.reading() as session:
        version = await consultations.current(session, slug)
        kiosk = await store.behind(session, slug, token_hash(token)) if token else None
    if kiosk is None:
        raise NotFound(slug)
    return kiosk, version


# -- the tablet ------------------------------------------------------------------------------------


@get("/kiosk/{slug:str}", opt={"who": PUBLIC})
async def kiosk_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[str]:
    """The one page that a tablet shows; everything on it comes from the bundle."""
    _, version = await _kiosk(request, database, slug)
    survey = version.survey
    return page(
        "kiosk/kiosk.html",
        headers=HEADERS,
        title=survey.definition.body,
        service_name=survey.definition.body,
        base=f"/kiosk/{slug}",
        survey=survey,
    )


@get("/kiosk/{slug:str}/files.json", opt={"who": PUBLIC})
async def files(request: AnyRequest, database: Db, slug: InPath) -> Response[str]:
    """What a tablet keeps to work without a connection, and a stamp that changes with it."""
    _, version = await _kiosk(request, database, slug)
    asset = environment("en").globals["asset"]
    styles = [asset("vendor/app.css"), asset("vendor/app.rtl.css"), asset("icon.svg")]  # type: ignore[operator]
    scripts = [asset("kiosk.js"), asset("kiosk-queue.js"), asset("kiosk-engine.js")]  # type: ignore[operator]
    stamp = f"{bundle(version)['stamp']} {' '.join(scripts)}"
    base = f"/kiosk/{slug}"
    kept = [base, f"{base}/bundle.json", f"{base}/app.webmanifest", *styles, *scripts]
    return _json({"stamp": stamp, "files": kept})


@get("/kiosk/{slug:str}/bundle.json", opt={"who": PUBLIC})
async def bundle_file(request: AnyRequest, database: Db, slug: InPath) -> Response[str]:
    """The survey, and the key that responses are sealed with."""
    kiosk, version = await _kiosk(request, database, slug)
    key = b64encode(parcels.public_half(kiosk.private_key)).decode()
    return _json({**bundle(version), "key": key})


@get("/kiosk/{slug:str}/app.webmanifest", opt={"who": PUBLIC})
async def manifest(database: Db, slug: InPath) -> Response[str]:
    """What makes it fill a tablet's screen once it is put on the home screen."""
    async with database.reading() as session:
        await consultations.current(session, slug)
    made = {
        "name": "Consultation",
        "display": "fullscreen",
        "start_url": f"/kiosk/{slug}",
        "scope": f"/kiosk/{slug}",
        "icons": [{"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    return Response(json.dumps(made), media_type="application/manifest+json", headers=HEADERS)


@get("/kiosk/{slug:str}/worker.js", opt={"who": PUBLIC})
async def worker(slug: InPath) -> Response[str]:
    """The service worker, at an address whose pages it may answer for."""
    headers = {**HEADERS, "service-worker-allowed": f"/kiosk/{slug}"}
    text = WORKER.read_text(encoding="utf-8")
    return Response(text, media_type="text/javascript", headers=headers)


@post(
    "/kiosk/{slug:str}/sync",
    opt={"who": PUBLIC},
    status_code=200,
    request_max_body_size=parcels.LONGEST_REQUEST,
)
async def sync(request: AnyRequest, database: Db, slug: InPath) -> Response[str]:
    """Take in parcels; the answer names those that the tablet may forget.

    Those that cannot be stored are kept here with the reason: a tablet is wiped one day.
    """
    kiosk, _ = await _kiosk(request, database, slug)
    try:
        sent = limits.read(await request.body())
        sealed = [parcels.parcel(each) for each in sent["parcels"][: parcels.MOST]]
    except (limits.Unreadable, parcels.Unopened, KeyError, TypeError):
        return _json({"error": "unreadable"}, 400)
    # In an order of chance: rows lie as they are written, and people answered one after another.
    secrets.SystemRandom().shuffle(sealed)
    done = []
    for parcel in sealed:
        await _take(database, kiosk, parcel)
        done.append(str(parcel.id))
    return _json({"done": done})


async def _take(database: Database, kiosk: Kiosk, parcel: parcels.Parcel) -> None:
    """Store one response, or keep it for staff. Raises DatabaseUnavailable."""
    try:
        content = parcels.opened(parcel, kiosk.private_key)
        taken = await take(database, parcels.arrival(content, kiosk.slug), clock.now())
        fate = cast(str, taken.fate)
    except parcels.Unopened:
        sealed = {name: b64encode(getattr(parcel, name)).decode() for name in ("key", "iv", "data")}
        content, fate, taken = {"sealed": sealed}, "unopened", Taken("problems")
    if fate in STORED:
        return
    async with database.writing() as session:
        today = clock.today(clock.now())
        await store.keep(session, kiosk, parcel.id, fate, taken.problems, content, today)


# -- staff -----------------------------------------------------------------------------------------


def named(text: str) -> UUID:
    """The kiosk or the response in an address. Raises NotFound."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(text) from None


@get("/staff/kiosk/{slug:str}", opt={"who": DESIGNERS})
async def set_up_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[str]:
    """Kiosks of a survey, what they could not store, and the form that makes this device one."""
    after = request.query_params.get("after")
    return await _staff_page(
        request, database, settings, slug, after=named(after) if after else None
    )


async def _staff_page(
    request: AnyRequest,
    database: Database,
    settings: Settings,
    slug: str,
    error: str = "",
    event: str = "",
    after: UUID | None = None,
) -> Response[str]:
    async with database.reading() as session:
        version = await consultations.current(session, slug)
        made = await store.kiosks(session, slug)
        kept = await store.kept(session, slug, after)
    survey = version.survey
    return page(
        "kiosk/set_up.html",
        status=422 if error else 200,
        title=f"{'Error: ' if error else ''}Kiosks",
        service_name=settings.service_name,
        staff=request.state.staff,
        name=survey.words[survey.languages[0]].title,
        consultation=version.consultation,
        base=f"/staff/kiosk/{slug}",
        error=error,
        event=event,
        impossible=not_understood(survey),
        restricted=survey.definition.access in {"invited", "signed_in"},
        open=state(version.stage, survey, clock.now()) in {"open", "not_yet_open"},
        limits=limits_of(survey),
        kiosks=[
            {
                "id": kiosk.id,
                "event": kiosk.event,
                "made": clock.spoken(kiosk.made_at),
                "by": kiosk.made_by,
                "ended": kiosk.ended_at is not None,
                "kept": kiosk.kept,
            }
            for kiosk in made
        ],
        kept=[
            {
                "event": each.event,
                "day": clock.day(each.came_on),
                "why": SAID[each.fate],
                "problems": each.problems,
            }
            for each in kept
        ],
        kept_in_all=sum(kiosk.kept for kiosk in made),
        following=kept[-1].id if len(kept) == store.PAGE else None,
        may_download=request.state.staff.may(ANALYSTS),
    )


@post("/staff/kiosk/{slug:str}", opt={"who": DESIGNERS}, status_code=200)
async def set_up(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Make this device a kiosk; whoever set it up is signed out, for strangers will hold it."""
    event = (await form_of(request)).get("event", [""])[0].strip()
    if not event or len(event) > 120 or not event.isprintable():
        said = "Write which event it is for, in up to 120 characters."
        return await _staff_page(request, database, settings, slug, said, event[:200])
    token = secrets.token_urlsafe(32)
    now = clock.now()
    async with database.writing() as session:
        version = await consultations.current(session, slug)
        if not_understood(version.survey) or version.survey.definition.access in {
            "invited",
            "signed_in",
        }:
            return Redirect(f"/staff/kiosk/{slug}", status_code=303)
        await store.add(
            session, slug, event, token_hash=token_hash(token), private_key=parcels.new_key(),
            by=request.state.staff.email, now=now,
        )  # fmt: skip
        await accounts_store.sign_out(session, token_hash(request.cookies[accounts.COOKIE]))
    answer = Redirect(f"/kiosk/{slug}", status_code=303)
    answer.set_cookie(
        Cookie(
            COOKIE,
            value=token,
            path=f"/kiosk/{slug}",
            httponly=True,
            samesite="strict",
            secure=settings.secure_cookies,
            max_age=SET_UP_FOR,
        )
    )
    answer.set_cookie(Cookie(accounts.COOKIE, value="", path="/staff", max_age=0))
    return answer


@post("/staff/kiosk/{slug:str}/end/{kiosk:str}", opt={"who": DESIGNERS}, status_code=303)
async def end(request: AnyRequest, database: Db, slug: InPath, kiosk: InPath) -> Redirect:
    """End a kiosk that is lost, or whose event is over."""
    kiosk_id = named(kiosk)
    async with database.writing() as session:
        by = request.state.staff.email
        await store.end(session, slug, kiosk_id, by=by, now=clock.now())
    return Redirect(f"/staff/kiosk/{slug}", status_code=303)


@post("/staff/kiosk/{slug:str}/retry", opt={"who": DESIGNERS}, status_code=303)
async def retry(request: AnyRequest, database: Db, slug: InPath) -> Redirect:
    """Try again what could not be stored: the survey may have been reopened since."""
    stored, after = 0, None
    while True:
        async with database.reading() as session:
            waiting = await store.kept(session, slug, after)
        if not waiting:
            break
        after = waiting[-1].id
        done = [each.id for each in waiting if await _stored_now(database, slug, each)]
        stored += len(done)
        async with database.writing() as session:
            await store.drop_kept(session, done)
    async with database.writing() as session:
        await store.note_retry(session, slug, stored, by=request.state.staff.email)
    return Redirect(f"/staff/kiosk/{slug}", status_code=303)


async def _stored_now(database: Database, slug: str, kept: store.Kept) -> bool:
    try:
        arrival = parcels.arrival(kept.content, slug)
    except parcels.Unopened:
        return False
    return (await take(database, arrival, clock.now())).fate in STORED


@get("/staff/kiosk/{slug:str}/kept.json", opt={"who": ANALYSTS})
async def kept_file(database: Db, slug: InPath) -> Response[str]:
    """What could not be stored, with its answers, for an analyst to decide."""
    rows: list[str] = []
    async with database.reading() as session:
        await consultations.current(session, slug)
        waiting = await store.kept(session, slug)
        while waiting:
            made = ({"why": SAID[each.fate], "response": each.content} for each in waiting)
            rows += [json.dumps(row, ensure_ascii=False, indent=1) for row in made]
            waiting = await store.kept(session, slug, waiting[-1].id)
    return Response(
        f"[{','.join(rows)}]",
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{slug}-kept.json"'},
    )


HANDLERS = [
    kiosk_page,
    files,
    bundle_file,
    manifest,
    worker,
    sync,
    set_up_page,
    set_up,
    end,
    retry,
    kept_file,
]
