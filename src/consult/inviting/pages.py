"""Staff pages: making invitations, reminding those who have not answered, forgetting addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from anyio import to_thread
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException
from litestar.params import FromPath
from litestar.response import Redirect

from consult import clock
from consult.accounts.model import DESIGNERS
from consult.consultations import store as consultations
from consult.consultations.lifecycle import state
from consult.consultations.store import Version
from consult.database import Database
from consult.errors import ConsultError, NotFound
from consult.inviting import codes, letters, store
from consult.inviting.keys import root_key
from consult.inviting.model import CHANNELS, MOST, Channel, reaches
from consult.questionnaire import languages
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.templating import page

AnyRequest = Request[Any, Any, Any]
STRANDS = ("public", "victims", "ratepayers' representatives", "sample")
#: What each channel is called, and each kind of trouble with a message.
CHANNEL_NAMES: Mapping[Channel, str] = {
    "letter": "Letters",
    "email": "Emails",
    "text": "Text messages",
}
TROUBLES = {
    "address": "the address or number does not work",
    "refused": "the server would not take it",
    "unreachable": "the server did not answer, six times",
    "setting": "the server did not accept our account, six times",
}


@get("/staff/consultations/{slug:str}/invitations", opt={"who": DESIGNERS})
async def invitations(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """How many were invited, by strand and channel, and a form to invite more."""
    return await _show(request, database, settings, slug)


async def _version(database: Database, slug: str) -> Version:
    async with database.reading() as session:
        return (await consultations.of_consultation(session, slug))[0]


async def _show(
    request: AnyRequest,
    database: Database,
    settings: Settings,
    slug: str,
    *,
    form: Mapping[str, str] | None = None,
    error: ConsultError | None = None,
) -> Response[Any]:
    version = await _version(database, slug)
    survey, form = version.survey, form or {}
    async with database.reading() as session:
        tallies = await store.tallies(session, survey.slug)
        answered = await store.answered(session, survey.slug)
    now = state(version.stage, survey, clock.now())
    title = "Invitations"
    return page(
        "inviting/invitations.html",
        status=422 if error else 200,
        title=f"Error: {title}" if error else title,
        service_name=settings.service_name,
        staff=request.state.staff,
        slug=slug,
        name=survey.words[survey.languages[0]].title,
        invited_only=survey.definition.access == "invited",
        access=survey.definition.access,
        sensitive=survey.definition.sensitive,
        secret=bool(settings.secret),
        open=now in {"open", "not_yet_open"},
        closed=now == "closed",
        tallies=tallies,
        answered=answered,
        channels=[
            {"value": c, "text": CHANNEL_NAMES[c], "checked": form.get("channel") == c}
            for c in CHANNELS
            if c in _possible(settings)
        ],
        missing=[CHANNEL_NAMES[c].lower() for c in CHANNELS if c not in _possible(settings)],
        strands=[
            {"value": s, "text": s[0].upper() + s[1:], "checked": form.get("strand") == s}
            for s in (*STRANDS, "another")
        ],
        languages=[
            {"value": code, "text": languages.name(code), "selected": form.get("language") == code}
            for code in survey.languages
        ],
        form=form,
        channel_names=CHANNEL_NAMES,
        troubles=TROUBLES,
        most=MOST,
        most_printed=letters.MOST,
        error=str(error) if error else "",
    )


def _possible(settings: Settings) -> set[Channel]:
    found: set[Channel] = {"letter"}
    if settings.delivery.by_email:
        found.add("email")
    if settings.delivery.by_text:
        found.add("text")
    return found


@post("/staff/consultations/{slug:str}/invitations", opt={"who": DESIGNERS}, status_code=200)
async def make(request: AnyRequest, database: Db, settings: Config, slug: InPath) -> Response[Any]:
    """Make invitations. Codes for letters are in the answer, and from then on nowhere."""
    form = await _sent(request)
    try:
        return await _made(request, database, settings, slug, form)
    except NotFound:
        raise
    except ConsultError as error:
        return await _show(request, database, settings, slug, form=form, error=error)


async def _made(
    request: AnyRequest, database: Database, settings: Settings, slug: str, form: Mapping[str, str]
) -> Response[Any]:
    version = await _version(database, slug)
    survey = version.survey
    if survey.definition.access != "invited":
        raise ConsultError("This survey takes no codes. Set its access to “invited” first.")
    if state(version.stage, survey, clock.now()) not in {"open", "not_yet_open"}:
        raise ConsultError("This survey is closed, so nobody could use a code.")
    channel, strand, language = _asked(settings, form)
    if language not in survey.languages:
        raise ConsultError("Select a language of the questionnaire.")
    by, now = request.state.staff.email, clock.now()
    if channel != "letter":
        people = reaches(form.get("list", ""), channel)
        async with database.writing() as session:
            await store.make_batch(
                session, survey.slug, strand, channel, language, reaches=people, by=by, now=now
            )
        return Redirect(f"/staff/consultations/{slug}/invitations", status_code=303)
    count = _count(form.get("count", ""), letters.MOST if form.get("as") == "pdf" else MOST)
    if form.get("as") == "pdf" and not settings.delivery.public_url:
        raise ConsultError(
            "Letters to print need the address of this service, which CONSULT_PUBLIC_URL sets. "
            "Take the table instead."
        )
    made = await codes.marked_aside(await root_key(database, settings), count)
    said = [code for code, _ in made]
    url = settings.delivery.public_url
    content: str | bytes = letters.table(said, url)
    if form.get("as") == "pdf":
        content = await to_thread.run_sync(letters.pdf, survey, language, said, url)
    async with database.writing() as session:
        marks = [mark for _, mark in made]
        batch = await store.make_batch(
            session, survey.slug, strand, channel, language, marks=marks, by=by, now=now
        )
    ending = "csv" if isinstance(content, str) else "pdf"
    name = f"{slug}-invitations-{batch.id}.{ending}"
    return Response(
        content,
        media_type="text/csv; charset=utf-8" if ending == "csv" else "application/pdf",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _asked(settings: Settings, form: Mapping[str, str]) -> tuple[Channel, str, str]:
    """Channel, strand and language. Raises ConsultError."""
    strand = form.get("strand", "")
    if strand == "another":
        strand = " ".join(form.get("strand_name", "").split())[:80]
    if not strand:
        raise ConsultError("Say whom you invite: a strand, or a name of your own for them.")
    channel = cast(Channel, form.get("channel", ""))
    if channel not in _possible(settings):
        raise ConsultError("Select how the codes travel.")
    return channel, strand, form.get("language", "")


def _count(text: str, most: int) -> int:
    typed = text.replace(",", "").strip()
    if not (typed.isascii() and typed.isdecimal() and 1 <= int(typed[:9]) <= most):
        raise ConsultError(f"Enter how many letters, from 1 to {most:,}.")
    return int(typed)


async def _sent(request: AnyRequest) -> dict[str, str]:
    """A form's texts; an uploaded list takes the place of a typed one. Raises 400."""
    try:
        form = await request.form()
    except (LookupError, UnicodeError):
        raise ClientException("the form cannot be read") from None
    texts: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            content = (await value.read()).decode("utf-8-sig", "replace")
            if content.strip():
                texts["list"] = content.replace("\x00", "")
        else:
            texts.setdefault(name, str(value).replace("\x00", ""))
    return texts


@post(
    "/staff/consultations/{slug:str}/invitations/{batch:int}/{what:str}",
    opt={"who": DESIGNERS},
    status_code=303,
)
async def do(
    request: AnyRequest, database: Db, slug: InPath, batch: FromPath[int], what: InPath
) -> Redirect:
    """Remind those of a batch who have not answered, or forget its addresses."""
    version = await _version(database, slug)
    survey, by = version.survey, request.state.staff.email
    now = state(version.stage, survey, clock.now())
    async with database.writing() as session:
        if what == "remind":
            if now != "open":
                raise ConsultError("Reminders are for a survey that is open.")
            await store.remind(session, survey.slug, batch, by=by, now=clock.now())
        elif what == "forget":
            if now != "closed":
                raise ConsultError("Addresses can be deleted when the survey has closed.")
            await store.forget(session, survey.slug, batch, by=by)
        else:
            raise NotFound(what)
    return Redirect(f"/staff/consultations/{slug}/invitations", status_code=303)


HANDLERS = [invitations, make, do]
