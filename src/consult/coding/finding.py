"""Finding comments: by a phrase (a concordance), like another, of a candidate or a code; and
coding many at once, after a look at what that does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from consult.accounts.model import ANALYSTS
from consult.coding import learning, store
from consult.coding.changes import first
from consult.coding.marking import line
from consult.coding.model import Comment
from consult.coding.screen import uuids
from consult.coding.shell import AnyRequest, Loaded, Opened, after, loaded, opened, show
from consult.database import Database
from consult.errors import ConsultError, NotFound
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of

#: Comments that a page lists, and that are like another.
LISTED, LIKE = 100, 50


@dataclass(frozen=True)
class Sought:
    """What is looked for; one of these. ``code`` may be “unsure” or “apart”."""

    phrase: str = ""
    like: str = ""
    theme: str = ""
    code: str = ""

    @classmethod
    def of(cls, form: dict[str, list[str]]) -> Sought:
        """What a form or an address asks for."""
        named = {"phrase": "q", "like": "like", "theme": "theme", "code": "code_of"}
        return cls(**{field: first(form, name) for field, name in named.items()})

    @property
    def any(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.phrase or self.like or self.theme or self.code)


async def sought(database: Database, here: Opened, known: Loaded, what: Sought) -> list[Comment]:
    """The comments that are looked for. Raises NotFound, ConsultError."""
    if what.phrase:
        async with database.reading() as session:
            there = await store.with_phrase(session, here.place, what.phrase)
        return [c for c in known.learner.comments if c.id in there]
    if what.like:
        at = known.learner.place_of.get(uuids([what.like])[0])
        if at is None:
            raise NotFound(what.like)
        task = known.learner.task(known.people)
        places = await known.learner.ask(learning.similar, task, at, LIKE)
        return [known.learner.comments[k] for k in (at, *places)]
    if what.theme:
        return [c for c in known.comments if what.theme in c.themes]
    if what.code == "apart":
        return [c for c in known.comments if c.apart]
    standing = known.standing
    if what.code == "unsure":
        return [c for c in known.comments if c.id in standing and standing[c.id].unsure]
    if what.code:
        within = {what.code, *(part.id for part in here.head.frame.parts(what.code))}
        return [
            c for c in known.comments if c.id in standing and within & set(standing[c.id].codes)
        ]
    return []


@get("/staff/coding/{slug:str}/{question:str}/find", opt={"who": ANALYSTS})
async def find(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """The comments that are looked for, one a line. A phrase is never in an address: see POST."""
    here = await opened(database, slug, question)
    named = [name for name in request.query_params if name != "q"]
    asked = {name: request.query_params.getall(name, []) for name in named}
    done = first(asked, "done")
    return await _found(request, database, settings, here, Sought.of(asked), done=done)


async def _found(
    request: AnyRequest, database: Database, settings: Settings, here: Opened, what: Sought, *,
    done: str = "", error: str = "",
) -> Response[Any]:  # fmt: skip
    known = await loaded(database, here)
    found = await sought(database, here, known, what)
    frame = here.head.frame
    return show(
        request, settings, "find", "Find comments", here,
        error=error,
        what=what,
        said=_said(here, what),
        count=len(found),
        lines=[
            {
                "id": str(c.id),
                "line": line(c.text, what.phrase),
                "codes": [frame.find(x).name for x in s.codes] if s else None,
                "by": s.by if s else "",
                "apart": c.apart,
                "answers": here.answers(c),
            }
            for c in found[:LISTED]
            for s in [known.standing.get(c.id)]
        ],
        frame=frame,
        done=done if done.isdigit() else "",
    )  # fmt: skip


def _said(here: Opened, what: Sought) -> str:
    if what.phrase:
        return f"with “{what.phrase}”"
    if what.like:
        return "like this one, the nearest first"
    if what.theme:
        themes = here.reading.themes if here.reading else ()
        named = next((t["label"] for t in themes if t["id"] == what.theme), what.theme)
        return f"in the candidate “{named}”"
    if what.code == "unsure":
        return "that the machine has coded and is not sure of"
    if what.code == "apart":
        return "that were not read"
    return f"coded as “{here.head.frame.find(what.code).name}”" if what.code else ""


@post("/staff/coding/{slug:str}/{question:str}/find", opt={"who": ANALYSTS}, status_code=200)
async def code_many(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """Find a phrase; show what coding many comments at once does, then do it."""
    here = await opened(database, slug, question)
    form = await form_of(request)
    what, by = Sought.of(form), request.state.staff.email
    if first(form, "act") == "find":
        return await _found(request, database, settings, here, what)
    try:
        known = await loaded(database, here)
        chosen = await _chosen(database, here, known, what, form)
        codes = here.head.frame.now([first(form, "give")])
        if not codes:
            raise ConsultError("Choose the code to give them.")
        given = _given(known, here, chosen, codes[0])
    except NotFound:
        raise
    except ConsultError as error:
        return await _found(request, database, settings, here, what, error=str(error))
    if first(form, "act") != "apply":
        return _preview(request, settings, here, what, known, chosen, codes[0], form)
    async with database.writing() as session:
        count = await store.assign(session, here.place, given, by=by, frame=here.head.number)
    return after(f"{here.base}/find?code_of={codes[0]}&done={count}")


async def _chosen(
    database: Database, here: Opened, known: Loaded, what: Sought, form: dict[str, list[str]]
) -> list[Comment]:
    found = await sought(database, here, known, what)
    if "all" not in form:
        ticked = set(uuids(form.get("comment", [])))
        found = [c for c in found if c.id in ticked]
    if not found:
        raise ConsultError("Choose one or more comments.")
    return [c for c in found if not c.apart]


def _given(
    known: Loaded, here: Opened, chosen: Sequence[Comment], code: str
) -> dict[UUID, tuple[str, ...]]:
    """The codes of comments after one was added to those they have."""
    return {
        c.id: here.head.frame.now((*(s.codes if (s := known.standing.get(c.id)) else ()), code))
        for c in chosen
    }


def _preview(
    request: AnyRequest, settings: Settings, here: Opened, what: Sought, known: Loaded,
    chosen: Sequence[Comment], code: str, form: dict[str, list[str]],
) -> Response[Any]:  # fmt: skip
    standing = known.standing
    have = sum(c.id in standing and code in standing[c.id].codes for c in chosen)
    guessed = sum(
        c.id in standing and not standing[c.id].by and bool(set(standing[c.id].codes) - {code})
        for c in chosen
    )
    by_people = sum(
        c.id in standing and bool(standing[c.id].by) and code not in standing[c.id].codes
        for c in chosen
    )
    return show(
        request, settings, "preview", "Code many comments", here,
        what=what,
        said=_said(here, what),
        code=here.head.frame.find(code),
        count=len(chosen),
        have=have,
        by_people=by_people,
        guessed=guessed,
        lines=[line(c.text, what.phrase) for c in chosen[:10]],
        all="all" in form,
        comments=[] if "all" in form else [str(c.id) for c in chosen],
    )  # fmt: skip


HANDLERS = [find, code_many]
