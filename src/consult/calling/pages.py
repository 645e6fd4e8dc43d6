"""Staff pages of telephone calls: the list, call-backs, what came of them, and new cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Redirect

from consult import clock
from consult.accounts.model import DESIGNERS, STAFF, Staff
from consult.calling import cases, store
from consult.calling.model import OUTCOMES, response_rate
from consult.consultations import store as consultations
from consult.consultations.lifecycle import state
from consult.consultations.store import Version
from consult.database import Database
from consult.errors import ConsultError, NotFound
from consult.inviting.keys import root_key
from consult.questionnaire.model import london
from consult.respond.visit import RETRY_AFTER
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.templating import page

AnyRequest = Request[Any, Any, Any]
#: Who rings people.
CALLERS = frozenset({"interviewer", "admin"})


def case_id(text: str) -> UUID:
    """The case in an address. Raises NotFound."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(text) from None


def show(
    request: AnyRequest,
    settings: Settings,
    template: str,
    title: str,
    version: Version,
    *,
    status: int = 200,
    language: str = "en",
    **context: Any,
) -> Response[str]:
    """A page about a survey's calls."""
    survey = version.survey
    return page(
        f"calling/{template}.html",
        language,
        status=status,
        headers={"retry-after": RETRY_AFTER} if status == 503 else None,
        title=title,
        service_name=settings.service_name,
        staff=request.state.staff,
        survey=survey,
        words=survey.words[language if language in survey.words else survey.languages[0]],
        base=f"/staff/calls/{survey.slug}",
        consultation=version.consultation,
        **context,
    )


@get("/staff/calls/{slug:str}", opt={"who": STAFF})
async def calls(request: AnyRequest, database: Db, settings: Config, slug: InPath) -> Response[Any]:
    """Call-backs, the next case, and what has come of the calls so far."""
    none = "none" in request.query_params
    return await _list(request, database, settings, slug, none=none)


async def _list(
    request: AnyRequest,
    database: Database,
    settings: Settings,
    slug: str,
    *,
    none: bool = False,
    error: str = "",
    added: str = "",
    typed: dict[str, str] | None = None,
) -> Response[Any]:
    async with database.reading() as session:
        version = await consultations.current(session, slug)
        counted = await store.counts(session, slug)
        promised = await store.agreed(session, slug)
    now = clock.now()
    latest: dict[str, int] = {}
    for (outcome, _), count in counted.items():
        latest[outcome] = latest.get(outcome, 0) + count
    staff: Staff = request.state.staff
    return show(
        request,
        settings,
        "calls",
        f"{'Error: ' if error else ''}Telephone calls",
        version,
        status=422 if error else 200,
        may_ring=staff.may(CALLERS),
        may_add=staff.may(DESIGNERS),
        open=state(version.stage, version.survey, now) == "open",
        none=none,
        error=error.splitlines(),
        added=added,
        typed=typed or {},
        unsealed=not settings.secret,
        promised=[
            {
                "reference": case.reference,
                "when": clock.spoken(case.due_at) if case.due_at else "",
                "due": case.due_at is not None and case.due_at <= now,
                "id": case.id,
            }
            for case in promised
        ],
        outcomes=_outcomes(latest),
        together=sum(latest.values()),
        waiting=sum(n for (_, final), n in counted.items() if not final),
        rate=response_rate(latest),
    )


def _outcomes(latest: dict[str, int]) -> list[dict[str, Any]]:
    rows = [{"says": "Not rung yet", "code": "3.11", "count": latest.get("", 0)}]
    rows += [
        {"says": known.says, "code": known.code, "count": latest.get(name, 0)}
        for name, known in OUTCOMES.items()
    ]
    return rows


@post("/staff/calls/{slug:str}/next", opt={"who": CALLERS}, status_code=303)
async def take_next(request: AnyRequest, database: Db, slug: InPath) -> Redirect:
    """Take the case that is to be rung next."""
    async with database.writing() as session:
        await consultations.current(session, slug)
        case = await store.take_next(session, slug, request.state.staff.email, clock.now())
    base = f"/staff/calls/{slug}"
    return Redirect(f"{base}/case/{case.id}" if case else f"{base}?none=1", status_code=303)


@post("/staff/calls/{slug:str}/take/{case:str}", opt={"who": CALLERS}, status_code=303)
async def take_one(request: AnyRequest, database: Db, slug: InPath, case: InPath) -> Redirect:
    """Take a call-back from the list, before its time where they have rung themselves."""
    async with database.writing() as session:
        who = request.state.staff.email
        found = await store.hold(session, case_id(case), who, clock.now())
    base = f"/staff/calls/{slug}"
    return Redirect(f"{base}/case/{found.id}" if found else f"{base}?none=1", status_code=303)


@post("/staff/calls/{slug:str}/cases", opt={"who": DESIGNERS}, status_code=200)
async def add_cases(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Take in a file of cases, or one that was typed."""
    form = {name: texts[0] for name, texts in (await form_of(request)).items() if texts}
    uploaded = (await request.form()).get("file")
    try:
        if isinstance(uploaded, UploadFile) and uploaded.filename:
            new = cases.read(await uploaded.read(cases.MOST_BYTES + 1))
        elif form.get("case") or form.get("phone"):
            parts = (form.get(name, "") for name in cases.COLUMNS)
            try:
                new = [cases.listed(*parts)]
            except ConsultError as error:
                raise ConsultError(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
        else:
            raise ConsultError("Choose a file, or write a case and a number.")
        root = await root_key(database, settings)
        async with database.writing() as session:
            await consultations.current(session, slug)
            by = request.state.staff.email
            count = await store.add(session, slug, new, root, by=by)
    except NotFound:
        raise
    except ConsultError as error:
        return await _list(request, database, settings, slug, error=str(error), typed=form)
    known = len(new) - count
    said = f"{count:,} new case{'' if count == 1 else 's'}."
    if known:
        said += f" {known:,} {'was' if known == 1 else 'were'} here before."
    return await _list(request, database, settings, slug, added=said)


def agreed_time(form: dict[str, str]) -> datetime | None:
    """The day and time that were typed, in London's time; None where they are none."""
    try:
        return london(datetime.fromisoformat(f"{form.get('day', '')}T{form.get('time', '')}"))
    except (ValueError, OverflowError):
        return None


HANDLERS = [calls, take_next, take_one, add_cases]
