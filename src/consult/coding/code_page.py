"""A code's page: its share by group and area, its trend, what goes with it, quotations, changes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from litestar import Response, get, post

from consult.accounts.model import ANALYSTS
from consult.coding import store
from consult.coding.changes import first
from consult.coding.figures import shares, trend
from consult.coding.model import Comment, Quotation
from consult.coding.screen import uuids
from consult.coding.shell import AnyRequest, Loaded, Opened, after, loaded, opened, show
from consult.database import Database
from consult.errors import ConsultError, NotFound
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of

#: Comments that may be quoted, the likeliest to be liked first; codes that go with one.
OFFERED, TOGETHER = 8, 8
SHORTEST, LONGEST = 20, 400


@get("/staff/coding/{slug:str}/{question:str}/codes/{code:str}", opt={"who": ANALYSTS})
async def code_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath,
    code: InPath,
) -> Response[Any]:  # fmt: skip
    """A code."""
    here = await opened(database, slug, question)
    return await _code(request, database, settings, here, code)


async def _code(
    request: AnyRequest, database: Database, settings: Settings, here: Opened, code: str,
    error: str = "",
) -> Response[Any]:  # fmt: skip
    frame = here.head.frame
    own = next((c for c in frame.codes if c.id == code), None)
    if own is None:
        raise NotFound(code)
    known = await loaded(database, here)
    within = {code, *(part.id for part in frame.parts(code))}
    members = [
        c for c in known.comments
        if c.id in known.standing and within & set(known.standing[c.id].codes)
    ]  # fmt: skip
    coded = [c for c in known.comments if c.id in known.standing]
    async with database.reading() as session:
        every = await store.quotations(session, here.place)
    quotes = [q for q in every if code in frame.now([q.code])]
    return show(
        request, settings, "code", own.name, here,
        error=error,
        code=own,
        parts=frame.parts(code),
        wholes=[c for c in frame.codes if c.parent is None and c.id != code],
        size=len(members),
        copies=sum(c.first is not None for c in members),
        by_people=sum(bool(known.standing[c.id].by) for c in members),
        shares=(await shares(database, here)).get(code) if members else None,
        spans=trend([c.received_on for c in members], [c.received_on for c in coded]),
        together=_together(known, here, members, within),
        quotes=quotes,
        offered=_offered(members, quotes),
    )  # fmt: skip


def _together(
    known: Loaded, here: Opened, members: list[Comment], within: set[str]
) -> list[tuple[Any, int]]:
    """The codes that comments with this one have most often besides."""
    found: Counter[str] = Counter()
    for comment in members:
        found.update(set(known.standing[comment.id].codes) - within)
    return [(here.head.frame.find(code), n) for code, n in found.most_common(TOGETHER)]


def _offered(members: list[Comment], quotes: list[Quotation]) -> list[Comment]:
    """Comments to quote: of medium length, with nothing taken out, each from another letter."""
    quoted = {quote.comment for quote in quotes}
    there = [
        c for c in members
        if c.first is None and c.id not in quoted and "[" not in c.text
        and 2 * SHORTEST < len(c.text) <= LONGEST
    ]  # fmt: skip
    return sorted(there, key=lambda c: (abs(len(c.text) - 160), c.id))[:OFFERED]


@post(
    "/staff/coding/{slug:str}/{question:str}/codes/{code:str}",
    opt={"who": ANALYSTS},
    status_code=200,
)
async def quote(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath,
    code: InPath,
) -> Response[Any]:  # fmt: skip
    """Approve a passage for publication, or withdraw one."""
    here = await opened(database, slug, question)
    form, by = await form_of(request), request.state.staff.email
    comment = next(iter(uuids(form.get("comment", [])[:1])), None)
    if comment is None:
        raise NotFound("comment")
    try:
        async with database.writing() as session:
            if first(form, "act") == "withdraw":
                for one in await store.quotations(session, here.place):
                    if one.comment == comment and code in here.head.frame.now([one.code]):
                        await store.withdraw(session, here.place, comment, one.code, by=by)
            else:
                here.head.frame.find(code)
                known = await loaded(database, here)
                own = known.standing.get(comment)
                within = {code, *(part.id for part in here.head.frame.parts(code))}
                if own is None or not within & set(own.codes):
                    raise ConsultError("This comment is not coded so any more.")
                passage = _passage(first(form, "passage"), comment, known.comments)
                await store.approve(session, here.place, Quotation(comment, code, passage, by))
    except ConsultError as error:
        return await _code(request, database, settings, here, code, str(error))
    return after(f"{here.base}/codes/{code}#quotes")


def _passage(passage: str, comment: Any, every: list[Comment]) -> str:
    """A passage that may be published. Raises ConsultError."""
    own = next((c for c in every if c.id == comment), None)
    if own is None:
        raise ConsultError("This comment was changed or taken back by whoever wrote it.")
    said = " ".join(passage.split())
    if said not in " ".join(own.text.split()):
        raise ConsultError(
            "A quotation must be in the words of the comment. Shorten it; change nothing."
        )
    if not SHORTEST <= len(said) <= LONGEST:
        raise ConsultError(f"A quotation has {SHORTEST} to {LONGEST} letters.")
    return said


HANDLERS = [code_page, quote]
