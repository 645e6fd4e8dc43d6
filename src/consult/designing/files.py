"""The questionnaire's files, which are what is on screen; and its history."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

from anyio import to_thread
from litestar import Response, get, post
from litestar.params import FromPath

from consult import clock
from consult.designing import comparing, store, uploads, view
from consult.designing.beginning import sent
from consult.designing.edits import Edit
from consult.designing.printing import PRINTS
from consult.designing.shell import DESIGNERS, AnyRequest, Opened, after, opened, show
from consult.errors import ConsultError, NotFound
from consult.questionnaire.document import Document
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of

YAML = "application/yaml; charset=utf-8"


@get("/staff/surveys/{slug:str}/files", opt={"who": DESIGNERS})
async def files_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """The files, to read, keep or replace."""
    here = await opened(request, database, slug)
    return await _files(request, settings, here)


async def _files(
    request: AnyRequest, settings: Any, here: Opened, error: str = "", **context: Any
) -> Response[Any]:
    # A second for a long questionnaire: not on the loop that residents' pages are on.
    texts = await to_thread.run_sync(here.draft.document.as_texts)
    return show(
        request,
        settings,
        "files",
        f"{'Error: ' if error else ''}Files",
        here,
        status=422 if error else 200,
        texts=texts,
        prints=PRINTS if not here.problems else {},
        languages=view.languages_of(here.draft.document),
        errors=error.split("\n") if error else [],
        **context,
    )


@get("/staff/surveys/{slug:str}/files/{name:str}", opt={"who": DESIGNERS})
async def file(database: Db, slug: InPath, name: InPath) -> Response[bytes]:
    """One file, or all of them as a zip."""
    async with database.reading() as session:
        draft = await store.draft(session, slug)
    texts = await to_thread.run_sync(draft.document.as_texts)
    if name == f"{slug}.zip":
        content, media_type = _zipped(slug, texts), "application/zip"
    elif name in texts:
        content = texts[name].encode()
        media_type = YAML if name.endswith(".yaml") else "text/csv; charset=utf-8"
    else:
        raise NotFound(name)
    disposition = f'attachment; filename="{name}"'
    return Response(content, media_type=media_type, headers={"content-disposition": disposition})


def _zipped(slug: str, texts: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(zipfile.ZipInfo(f"{slug}/{name}"), text)
    return stream.getvalue()


@post("/staff/surveys/{slug:str}/files", opt={"who": DESIGNERS}, status_code=200)
async def upload(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Files in place of these: first what would change, then, when that is wanted, the change."""
    typed, files = await sent(request)
    here = await opened(request, database, slug)
    try:
        made = await to_thread.run_sync(_read, here.draft.document, files, typed)
    except ConsultError as error:
        return await _files(request, settings, here, str(error))
    document = uploads.renamed(made.document, slug)
    changes = comparing.differences(here.draft.document, document)
    same = document.texts == here.draft.document.texts and not changes
    if same:
        return await _files(request, settings, here, said="These files say what is here already.")
    if "go" not in typed:
        return show(
            request, settings, "upload", "What would change", here,
            changes=changes, notes=made.notes, texts=document.as_texts(),
        )  # fmt: skip
    me = request.state.staff.email
    if typed.get("base") != str(here.draft.revision.number):
        text = "Somebody saved a change while you looked at this. Upload the files once more."
        return await _files(request, settings, here, text)
    async with database.writing() as session:
        edit = Edit(document, "Files uploaded", "")
        await store.do(session, slug, lambda _: edit, by=me, now=clock.now())
    return after(f"/staff/surveys/{slug}")


def _read(
    document: Document, files: list[tuple[str, bytes]], typed: dict[str, str]
) -> uploads.Uploaded:
    """What was uploaded; a file by itself takes its place among those there are."""
    carried = [
        (n.removeprefix("file:"), t.replace("\r\n", "\n").encode())
        for n, t in typed.items()
        if n[:5] == "file:"
    ]
    files = carried or [(name, content) for name, content in files if name]
    names = {name for name, _ in files}
    if not carried and any(name.endswith((".yaml", ".csv")) for name in names):
        kept = document.as_texts()
        files += [(name, text.encode()) for name, text in kept.items() if name not in names]
    return uploads.read(files)


# -- history ---------------------------------------------------------------------------------------


@get("/staff/surveys/{slug:str}/history", opt={"who": DESIGNERS})
async def history(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Every step: what, who, when."""
    here = await opened(request, database, slug)
    async with database.reading() as session:
        revisions = await store.history(session, slug)
    current = _line_of(here.draft.revision.number, {r.number: r.parent for r in revisions})
    lines = [
        {
            "number": r.number,
            "summary": r.summary,
            "by": store.called(r.by),
            "at": clock.spoken(r.at),
            "aside": r.kind == "aside",
            "undone": r.kind == "step" and r.number not in current,
            "head": r.number == here.draft.revision.number,
        }
        for r in revisions
    ]
    return show(request, settings, "history", "History", here, lines=lines)


def _line_of(number: int | None, parents: dict[int, int | None]) -> set[int]:
    """The revisions that led to one."""
    found: set[int] = set()
    while number is not None and number not in found:
        found.add(number)
        number = parents.get(number)
    return found


@get("/staff/surveys/{slug:str}/history/{number:int}", opt={"who": DESIGNERS})
async def revision(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, number: FromPath[int]
) -> Response[Any]:
    """The questionnaire as it was, and what has changed since."""
    here = await opened(request, database, slug)
    async with database.reading() as session:
        old = await store.draft(session, slug, number)
        other = request.query_params.get("with", "")
        known = {line.number: line.summary for line in await store.history(session, slug)}
        later = here.draft
        if other.isascii() and other.isdigit() and int(other) in known:
            later = await store.draft(session, slug, int(other))
    return show(
        request,
        settings,
        "revision",
        f"As it was: {old.revision.summary}"[:120],
        here,
        old={"by": store.called(old.revision.by), "at": clock.spoken(old.revision.at)},
        summary=old.revision.summary,
        number=number,
        is_head=number == here.draft.revision.number,
        lines=view.outline(old, []),
        steps=[(n, summary[:80]) for n, summary in known.items() if n != number],
        later=later.revision.number,
        changes=comparing.differences(old.document, later.document),
    )


@post("/staff/surveys/{slug:str}/history/{number:int}", opt={"who": DESIGNERS}, status_code=303)
async def restore(
    request: AnyRequest, database: Db, slug: InPath, number: FromPath[int]
) -> Response[Any]:
    """Go on from how it was; what came after stays in the history."""
    await form_of(request)
    me = request.state.staff.email
    async with database.writing() as session:
        old = await store.draft(session, slug, number)
        summary = f"Gone back to: {old.revision.summary}"
        edit = Edit(replace(old.document), summary, "")
        await store.do(session, slug, lambda _: edit, by=me, now=clock.now())
    return after(f"/staff/surveys/{slug}")


HANDLERS = [files_page, file, upload, history, revision, restore]
