"""Staff pages: making invitations, reminding those who have not answered, forgetting addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
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
from consult.questionnaire.survey import Survey
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


class Wrong(ConsultError):
    """What was asked for cannot be done; ``field`` is where it was asked, if in a field."""

    def __init__(self, said: str, field: str) -> None:
        super().__init__(said)
        self.field = field


@get("/staff/invitations/{slug:str}", opt={"who": DESIGNERS})
async def invitations(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """How many were invited to a survey, by strand and channel, and a form to invite more."""
    return await _show(request, database, settings, slug)


async def _version(database: Database, slug: str) -> Version:
    async with database.reading() as session:
        return await consultations.current(session, slug)


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
        tallies = await store.tallies(session, slug)
        answered = await store.answered(session, slug)
    now = state(version.stage, survey, clock.now())
    title = "Invitations"
    return page(
        "inviting/invitations.html",
        status=422 if error else 200,
        title=f"Error: {title}" if error else title,
        service_name=settings.service_name,
        staff=request.state.staff,
        base=f"/staff/invitations/{slug}",
        consultation=version.consultation,
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
            {"value": s, "text": _titled(s), "checked": form.get("strand") == s}
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
        titled=_titled,
        error=str(error) if error else "",
        wrong={error.field: {"text": str(error)}} if isinstance(error, Wrong) else {},
    )


def _titled(strand: str) -> str:
    """A strand at the beginning of a line."""
    return strand[:1].upper() + strand[1:]


def _possible(settings: Settings) -> set[Channel]:
    found: set[Channel] = {"letter"}
    if settings.delivery.by_email:
        found.add("email")
    if settings.delivery.by_text:
        found.add("text")
    return found


@post("/staff/invitations/{slug:str}", opt={"who": DESIGNERS}, status_code=200)
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
        raise Wrong("Select a language of the questionnaire.", "language")
    by, now = request.state.staff.email, clock.now()
    batch = partial(
        _batch, database, slug, strand=strand, channel=channel, language=language, by=by, now=now
    )
    if channel != "letter":
        await batch(reaches=_people(form.get("list", ""), channel))
        return Redirect(f"/staff/invitations/{slug}", status_code=303)
    printed = form.get("as") == "pdf"
    count = _count(form.get("count", ""), letters.MOST if printed else MOST)
    url = settings.delivery.public_url
    if printed and not url:
        raise Wrong(
            "Letters to print need the address of this service, which CONSULT_PUBLIC_URL sets. "
            "Take the table instead.",
            "as",
        )
    made = await codes.marked_aside(await root_key(database, settings), count)
    said = [code for code, _ in made]
    content = await _printed(survey, language, said, url) if printed else letters.table(said, url)
    number = await batch(marks=[mark for _, mark in made])
    ending = "pdf" if printed else "csv"
    return Response(
        content,
        media_type="application/pdf" if printed else "text/csv; charset=utf-8",
        headers={
            "content-disposition": f'attachment; filename="{slug}-invitations-{number}.{ending}"'
        },
    )


async def _batch(database: Database, slug: str, **batch: Any) -> int:
    """Make a batch; returns its number. Raises Wrong."""
    async with database.writing() as session:
        try:
            return (await store.make_batch(session, slug, **batch)).id
        except ConsultError as error:
            raise Wrong(str(error), "strand") from None


async def _printed(survey: Survey, language: str, said: Sequence[str], url: str) -> bytes:
    try:
        return await to_thread.run_sync(letters.pdf, survey, language, said, url)
    except ConsultError as error:
        raise Wrong(str(error), "as") from None


def _people(text: str, channel: Channel) -> list[str]:
    try:
        return reaches(text, channel)
    except ConsultError as error:
        raise Wrong(str(error), "list") from None


def _asked(settings: Settings, form: Mapping[str, str]) -> tuple[Channel, str, str]:
    """Channel, strand and language. Raises Wrong."""
    strand, field = form.get("strand", ""), "strand"
    if strand == "another":
        strand, field = " ".join(form.get("strand_name", "").split())[:80], "strand_name"
    if not strand:
        raise Wrong("Say whom you invite: a strand, or a name of your own for them.", field)
    channel = cast(Channel, form.get("channel", ""))
    if channel not in _possible(settings):
        raise Wrong("Select how the codes travel.", "channel")
    return channel, strand, form.get("language", "")


def _count(text: str, most: int) -> int:
    typed = text.replace(",", "").strip()
    if not (typed.isascii() and typed.isdecimal() and 1 <= int(typed[:9]) <= most):
        raise Wrong(f"Enter how many letters, from 1 to {most:,}.", "count")
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
    "/staff/invitations/{slug:str}/{batch:int}/{what:str}",
    opt={"who": DESIGNERS},
    status_code=303,
)
async def do(
    request: AnyRequest, database: Db, slug: InPath, batch: FromPath[int], what: InPath
) -> Redirect:
    """Remind those of a batch who have not answered, or forget its addresses."""
    version = await _version(database, slug)
    by = request.state.staff.email
    now = state(version.stage, version.survey, clock.now())
    async with database.writing() as session:
        if what == "remind":
            if now != "open":
                raise ConsultError("Reminders are for a survey that is open.")
            await store.remind(session, slug, batch, by=by, now=clock.now())
        elif what == "forget":
            if now != "closed":
                raise ConsultError("Addresses can be deleted when the survey has closed.")
            await store.forget(session, slug, batch, by=by)
        else:
            raise NotFound(what)
    return Redirect(f"/staff/invitations/{slug}", status_code=303)


HANDLERS = [invitations, make, do]
