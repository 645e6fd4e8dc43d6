"""Analysts' pages: which questions have comments, their candidates, the code frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile

from consult import clock
from consult.accounts.model import ANALYSTS
from consult.coding import store
from consult.coding.changes import candidates, changed, first, started
from consult.coding.frame import read as read_frame
from consult.coding.model import Comment
from consult.coding.several import joined, leads, may_join, parted
from consult.coding.shell import AnyRequest, Opened, after, loaded, opened, questions, show
from consult.coding.standing import by_people, sizes
from consult.coding.starting import frame_of, sources
from consult.database import Database
from consult.errors import ConsultError, NotFound
from consult.jobs import store as jobs
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.templating import page

#: What may be asked of the worker.
JOBS = frozenset({"read", "machine", "sign"})


@get("/staff/coding/{slug:str}", opt={"who": ANALYSTS})
async def overview(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """The survey's questions in people's own words, and how far each has come."""
    lines = []
    async with database.reading() as session:
        consultation, title, every = await questions(session, slug)
        lead = await leads(session, slug)
        by_place = {asked.place: asked for asked in every}
        for asked in every:
            head = await store.head(session, asked.place)
            _, comments = await store.fingerprint(session, asked.place)
            blind = await store.coded_blind(session, asked.place)
            people = by_people(await store.assignments(session, asked.place), blind)
            lines.append(
                {
                    "asked": asked,
                    "by": by_place.get(lead.get(asked.place, asked.place)),
                    "comments": comments,
                    "codes": len(head.frame.codes),
                    "signed": head.signed,
                    "people": len(people),
                }
            )
    return page(
        "coding/overview.html",
        title="What people wrote",
        service_name=settings.service_name,
        staff=request.state.staff,
        consultation=consultation,
        name=title,
        slug=slug,
        lines=lines,
    )


@get("/staff/coding/{slug:str}/{question:str}", opt={"who": ANALYSTS})
async def frame_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """A question's candidates beside its code frame."""
    return await _frame(request, database, settings, await opened(database, slug, question))


async def _frame(
    request: AnyRequest, database: Database, settings: Settings, here: Opened, error: str = ""
) -> Response[Any]:
    known = await loaded(database, here)
    every, people = sizes(known.standing.values(), here.head.frame)
    themes = here.reading.themes if here.reading else ()
    names = {code.name.casefold() for code in here.head.frame.codes}
    read = [c for c in known.comments if not c.apart]
    async with database.reading() as session:
        others = [p for p in await store.frames(session) if p != here.place]
        asked = {one.place: one for one in (await questions(session, here.place.slug))[2]}
        joinable = await may_join(session, here.head.frame, here.place, [*asked])
        last = await store.head(session, here.place, signed=True)
    # Signed too where a later change was taken back.
    signed = bool(last.number) and here.head.state_of == last.number
    return show(
        request, settings, "frame", here.asked.short, here,
        error=error,
        groups=groups([_with_words(theme, known.comments) for theme in themes]),
        taken={t["id"] for t in candidates(themes) if t["label"].casefold() in names},
        frame=here.head.frame,
        sizes=every,
        by_people=people,
        read=len(read),
        comments=len(known.comments),
        coded=len(known.people),
        by_machine=sum(not one.by for one in known.standing.values()),
        unsure=sum(one.unsure for one in known.standing.values()),
        signed=signed,
        late=len(read) - len(known.standing) if signed else 0,
        stale=any(one.frame != here.head.state_of for one in known.machine.values()),
        sources=sources(others),
        unread=[
            one.text for one in here.every[1:]
            if all(c.asked != one.place.question for c in known.comments)
        ],
        joinable=[asked[p] for p in joinable],
        left=here.job.left(clock.now()) if here.job else "",
        doing=here.job.doing(clock.now()) if here.job else "",
        asks=settings.names,
        letters=sum(one["size"] for one in here.reading.campaigns) if here.reading else 0,
    )  # fmt: skip


def _with_words(theme: Mapping[str, Any], comments: Sequence[Comment]) -> dict[str, Any]:
    """A theme with its examples' words, of comments that are still there."""
    there = {str(c.id): c.text for c in comments}
    said = [
        there[one["id"]][one["start"] : one["end"]]
        for one in theme["examples"]
        if one["id"] in there
    ]
    return {**theme, "examples": said}


def groups(themes: Any) -> list[tuple[str, list[Any]]]:
    """Candidates by the group they are in, in the order in which groups come first."""
    found: dict[str, list[Any]] = {}
    for theme in candidates(themes):
        found.setdefault(str(theme.get("parent_label") or ""), []).append(theme)
    return list(found.items())


@post("/staff/coding/{slug:str}/{question:str}", opt={"who": ANALYSTS}, status_code=200)
async def change_frame(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """Change the frame, take the last change back, or sign it off."""
    here = await opened(database, slug, question)
    form, file = await form_of(request), (await request.form()).get("file")
    try:
        await _change(database, here, form, file, by=request.state.staff.email)
    except NotFound:
        raise
    except ConsultError as error:
        return await _frame(request, database, settings, here, str(error))
    return after(f"{here.base}{'#frame' if first(form, 'act') != 'take' else ''}")


async def _change(
    database: Database, here: Opened, form: dict[str, list[str]], file: Any, *, by: str
) -> None:
    act, frame, seen = first(form, "act"), here.head.frame, first(form, "revision")
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0
    async with database.writing() as session:
        if act == "undo":
            await store.take_back(session, here.place, number, by=by)
            return
        if act == "join":
            every = [one.place for one in (await questions(session, here.place.slug))[2]]
            other = first(form, "other")
            frame, summary = await joined(session, frame, here.place, other, every)
        elif act == "part":
            frame, summary = parted(frame, first(form, "other"))
        elif act != "start":
            frame, summary = changed(frame, form, here.reading.themes if here.reading else ())
        elif isinstance(file, UploadFile) and file.filename:
            frame, summary = started(frame, read_frame(_text(await file.read())), "a file")
        else:
            frame, summary = started(frame, *await frame_of(session, first(form, "source")))
        await store.change(session, here.place, number, frame, summary, by=by)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConsultError(
            "The file is not in UTF-8. Save it as “CSV UTF-8”, then choose it again."
        ) from None


@post("/staff/coding/{slug:str}/{question:str}/jobs", opt={"who": ANALYSTS}, status_code=200)
async def ask_job(
    request: AnyRequest, database: Db, slug: InPath, question: InPath
) -> Response[Any]:
    """Have the comments read, or the rest coded by the machine."""
    here = await opened(database, slug, question)
    kind = first(await form_of(request), "kind")
    if kind not in JOBS:
        raise NotFound(kind)
    async with database.writing() as session:
        await jobs.ask(session, kind, str(here.place), by=request.state.staff.email)
    return after(here.base)


@get("/staff/coding/{slug:str}/{question:str}/progress", opt={"who": ANALYSTS})
async def progress(database: Db, slug: InPath, question: InPath) -> dict[str, Any]:
    """How far the job has come, for the page's script."""
    job = (await opened(database, slug, question)).job
    if job is None:
        raise NotFound(question)
    return {
        "under_way": job.under_way,
        "share": job.share,
        "step": job.doing(clock.now()),
        "left": job.left(clock.now()),
    }


@get("/staff/coding/{slug:str}/{question:str}/campaigns", opt={"who": ANALYSTS})
async def campaigns(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """Letters that many sent: their words, where copies differ, how many and when."""
    here = await opened(database, slug, question)
    themes = here.reading.themes if here.reading else ()
    labels = {theme["id"]: theme["label"] for theme in themes}
    letters = [
        {**letter, "first": _day(letter["first_day"]), "last": _day(letter["last_day"])}
        for letter in (here.reading.campaigns if here.reading else ())
    ]
    title = "Letters that many sent"
    return show(request, settings, "campaigns", title, here, letters=letters, labels=labels)


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%-d %B %Y}" if iso else ""


@get("/staff/coding/{slug:str}/{question:str}/history", opt={"who": ANALYSTS})
async def history(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """Every change to the frame: what, who and when."""
    here = await opened(database, slug, question)
    async with database.reading() as session:
        found = await store.revisions(session, here.place)
    lines = [{"revision": r, "when": clock.spoken(r.at)} for r in found]
    return show(request, settings, "history", "Changes to the code frame", here, lines=lines)


@get("/staff/coding/{slug:str}/{question:str}/frame.csv", opt={"who": ANALYSTS})
async def frame_file(database: Db, slug: InPath, question: InPath) -> Response[str]:
    """The code frame as a file."""
    here = await opened(database, slug, question)
    headers = {"content-disposition": f'attachment; filename="{slug}-{question}-frame.csv"'}
    return Response(here.head.frame.as_csv(), media_type="text/csv", headers=headers)


HANDLERS = [
    overview,
    frame_page,
    change_frame,
    ask_job,
    progress,
    campaigns,
    history,
    frame_file,
]
