"""The languages of a questionnaire: what is missing, what is stale, translators' files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from litestar import Response, get, post

from consult import clock
from consult.designing import store, view
from consult.designing.beginning import sent
from consult.designing.edits import Edit
from consult.designing.shell import DESIGNERS, AnyRequest, Opened, after, opened, show
from consult.errors import ConsultError, NotFound
from consult.questionnaire import languages, translation
from consult.questionnaire.document import Document
from consult.web import catalogues
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of


@get("/staff/surveys/{slug:str}/languages", opt={"who": DESIGNERS})
async def languages_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """The languages it is asked in, and what is missing in each."""
    here = await opened(request, database, slug)
    return _languages(request, settings, here)


def _languages(
    request: AnyRequest, settings: Any, here: Opened, error: str = "", notes: Sequence[str] = ()
) -> Response[Any]:
    document = here.draft.document
    lines = []
    for number, (code, name) in enumerate(view.languages_of(document)):
        mine = [
            p
            for p in here.problems
            if p.field.startswith(f"words/{code}/") or f"?lang={code}" in p.href
        ]
        entries = translation.status(document, code)
        states = [entry.state for entry in entries]
        lines.append(
            {
                "code": code,
                "name": name,
                "first": number == 0,
                "problems": mine,
                "texts": len(states),
                "missing": states.count("missing"),
                "stale": [_stale(here, code, entry) for entry in entries if entry.state == "stale"],
                "interface": code == "en" or code in catalogues.known(),
                "unchecked": len(catalogues.unchecked(code)),
            }
        )
    return show(
        request,
        settings,
        "languages",
        f"{'Error: ' if error else ''}Languages",
        here,
        status=422 if error else 200,
        lines=lines,
        error=error,
        notes=notes,
    )


def _stale(here: Opened, code: str, entry: translation.Entry) -> dict[str, str]:
    """A translation whose source has changed, and where it is translated anew."""
    base, path = f"/staff/surveys/{here.draft.slug}", entry.key.split(".")
    page = f"/questions/{path[1]}" if path[0] == "questions" else "/settings"
    return {"source": entry.source, "text": entry.text, "href": f"{base}{page}?lang={code}"}


@post("/staff/surveys/{slug:str}/languages", opt={"who": DESIGNERS}, status_code=200)
async def change_languages(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Add, remove, or put first a language."""
    form = await form_of(request)
    me = request.state.staff.email
    act, _, what = form.get("act", [""])[0].partition(":")
    code = (what or form.get("code", [""])[0]).strip().lower()
    try:
        async with database.writing() as session:
            await store.do(
                session, slug, lambda d: _language_edit(d, act, code), by=me, now=clock.now()
            )
    except ConsultError as error:
        here = await opened(request, database, slug)
        return _languages(request, settings, here, str(error))
    return after(f"/staff/surveys/{slug}/languages")


@get("/staff/surveys/{slug:str}/languages/{name:str}", opt={"who": DESIGNERS})
async def po(database: Db, slug: InPath, name: InPath) -> Response[bytes]:
    """A language's texts beside the original, for translators' programs."""
    async with database.reading() as session:
        document = (await store.draft(session, slug)).document
    code = name.removesuffix(".po")
    if not name.endswith(".po") or code not in document.languages:
        raise NotFound(name)
    disposition = f'attachment; filename="{slug}-{name}"'
    content = translation.to_po(document, code)
    headers = {"content-disposition": disposition}
    return Response(content, media_type="text/x-gettext-translation", headers=headers)


@post("/staff/surveys/{slug:str}/languages/po", opt={"who": DESIGNERS}, status_code=200)
async def take_po(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """A translator's file taken in; what of it could not be is told."""
    typed, files = await sent(request)
    me, notes = request.state.staff.email, list[str]()

    def change(document: Document) -> Edit:
        if not files or not files[0][1]:
            raise ConsultError("Choose the translator's file first.")
        made, told = translation.from_po(document, typed.get("code", ""), *files[0])
        notes.extend(told)
        name = languages.name(typed["code"])
        return Edit(made, f"Translation into {name} taken from {files[0][0]}", "")

    try:
        async with database.writing() as session:
            await store.do(session, slug, change, by=me, now=clock.now())
    except ConsultError as error:
        here = await opened(request, database, slug)
        return _languages(request, settings, here, str(error))
    if notes:
        return _languages(request, settings, await opened(request, database, slug), notes=notes)
    return after(f"/staff/surveys/{slug}/languages")


def _language_edit(document: Document, act: str, code: str) -> Edit:
    held = list(document.languages)
    words = dict(document.words)
    name = languages.name(code)
    match act:
        case "add":
            if not languages.known(code):
                raise ConsultError(
                    f"‘{code}’ is no language’s code. Use the two letters of ISO 639-1: cy, pl, ur."
                )
            if code in held:
                raise ConsultError(f"{name} is among the languages already.")
            held.append(code)
            words.setdefault(code, {})
            summary = f"{name} added"
        case "remove" if len(held) > 1 and code in held:
            held.remove(code)
            words.pop(code, None)
            summary = f"{name} removed, with its wording"
        case "first" if code in held:
            held = [code, *(c for c in held if c != code)]
            summary = f"{name} put first"
        case _:
            raise ConsultError("A questionnaire needs a language.")
    definition = {**document.definition, "languages": held}
    return Edit(replace(document, definition=definition, words=words), summary, code)


HANDLERS = [languages_page, change_languages, po, take_po]
