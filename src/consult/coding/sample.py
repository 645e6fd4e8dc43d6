"""The check sample: comments drawn by chance that people code without any suggestion.

Only of these can be said how far the machine agrees with people: elsewhere they have seen what it
suggests. What two people say of the same ones tells how clear the frame is.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from consult.accounts.model import ANALYSTS
from consult.coding import learning, store
from consult.coding.changes import first
from consult.coding.screen import SAMPLE, chosen, sample, uuids
from consult.coding.shell import AnyRequest, Opened, after, loaded, opened, show
from consult.database import Database
from consult.errors import ConsultError, NotFound
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of


@get("/staff/coding/{slug:str}/{question:str}/sample", opt={"who": ANALYSTS})
async def sample_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """The next comment of the check sample, without what anybody said of it."""
    return await _sample(request, database, settings, await opened(database, slug, question))


async def _sample(
    request: AnyRequest, database: Database, settings: Settings, here: Opened, error: str = ""
) -> Response[Any]:
    if not here.head.frame.codes or not here.reading:
        return after(here.base)
    me, known = request.state.staff.email, await loaded(database, here)
    # Who has coded a comment with suggestions is not blind to it.
    mine = {one for one, said in known.seeing.items() if said.by == me}
    drawn = [one for one in sample(known.comments, here.place) if one not in mine]
    waiting = [one for one in drawn if me not in known.blind.get(one, {})]
    comment = known.learner.comments[known.learner.place_of[waiting[0]]] if waiting else None
    return show(
        request, settings, "sample", "Check sample", here,
        error=error,
        comment=comment,
        answers=here.answers(comment) if comment else "",
        tree=here.head.frame.tree(),
        done=len(drawn) - len(waiting),
        of=len(drawn),
    )  # fmt: skip


@post("/staff/coding/{slug:str}/{question:str}/sample", opt={"who": ANALYSTS}, status_code=200)
async def save_sample(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """Keep what somebody said of a comment of the check sample."""
    here = await opened(database, slug, question)
    form, me = await form_of(request), request.state.staff.email
    if first(form, "act") == "undo":
        async with database.writing() as session:
            await store.undo(session, here.place, by=me, blind=True)
        return after(f"{here.base}/sample")
    comment = next(iter(uuids(form.get("comment", [])[:1])), None)
    if comment is None or comment not in sample(
        (await loaded(database, here)).comments, here.place
    ):
        raise NotFound("comment")
    try:
        codes = chosen(here, form)
    except ConsultError as error:
        return await _sample(request, database, settings, here, str(error))
    async with database.writing() as session:
        await store.assign(
            session, here.place, {comment: codes}, by=me, frame=here.head.number, blind=True
        )
    return after(f"{here.base}/sample")


@get("/staff/coding/{slug:str}/{question:str}/agreement", opt={"who": ANALYSTS})
async def agreement(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """How far people agree with one another, and the machine with them."""
    here = await opened(database, slug, question)
    known = await loaded(database, here)
    task = known.learner.task(known.people, known.blind)
    found = await known.learner.ask(learning.agreement, task) if task.by else None
    return show(request, settings, "agreement", "Agreement", here, found=found, sample=SAMPLE)


HANDLERS = [sample_page, save_sample, agreement]
