"""The coding screen: one comment after another, the one the machine would learn most from first."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from consult.accounts.model import ANALYSTS
from consult.coding import learning, store
from consult.coding.changes import first
from consult.coding.learning import Proposal
from consult.coding.marking import marked
from consult.coding.model import Comment, Place
from consult.coding.several import among
from consult.coding.shell import AnyRequest, Loaded, Opened, after, loaded, opened, show
from consult.database import Database
from consult.errors import ConsultError, NotFound
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of

#: Comments that may be passed over in a row.
MOST_ASIDE = 50
#: Comments of the check sample.
SAMPLE = 100
#: Comments among which people who code at the same time are given different ones.
TURNS = 3
WHY = {
    "rare code": "a likely one of a code that few comments have yet",
    "doubtful": "one that the machine is in doubt about",
}


def uuids(texts: Sequence[str]) -> list[UUID]:
    """The comments that a form or an address names. Raises NotFound."""
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise NotFound(str(texts)) from None


@get("/staff/coding/{slug:str}/{question:str}/next", opt={"who": ANALYSTS})
async def next_comment(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """The comment to code next, or the one that the address names."""
    here = await opened(database, slug, question)
    wanted = uuids(request.query_params.getall("comment", []))
    aside = uuids(request.query_params.getall("aside", [])[-MOST_ASIDE:])
    return await _screen(request, database, settings, here, wanted[:1], aside)


async def _screen(
    request: AnyRequest, database: Database, settings: Settings, here: Opened,
    wanted: list[UUID], aside: list[UUID], error: str = "", original: str = "",
) -> Response[Any]:  # fmt: skip
    if not here.head.frame.codes or not here.reading:
        return after(here.base)
    known = await loaded(database, here)
    places = known.learner.place_of
    if not places:
        raise ConsultError("No comment on this question can be read, so there is none to code.")
    at = next((places[one] for one in wanted if one in places), None)
    if wanted and at is None:
        raise NotFound("comment")
    # Comments of the check sample are coded there first, where nothing is suggested.
    waiting = [one for one in sample(known.comments, here.place) if one not in known.blind]
    passed = frozenset(places[one] for one in (*aside, *waiting) if one in places)
    task = known.learner.task(known.people)
    turn = hashlib.sha256(request.state.staff.email.encode()).digest()[0] % TURNS
    proposal = await known.learner.ask(learning.proposal, task, at, passed, turn)
    progress: dict[str, Any] = {
        "coded": len(known.people),
        "read": len(known.learner.comments),
        "saved": "saved" in request.query_params,
        "aside": [str(one) for one in aside],
        "waiting": len(waiting),
    }
    if proposal is None:
        return show(request, settings, "finished", "Every comment is coded", here, **progress)
    comment = known.learner.comments[proposal.place]
    return show(
        request, settings, "screen", "Code a comment", here,
        error=error,
        original=original,
        **progress,
        **_about(known, here, comment, proposal),
    )  # fmt: skip


def _likely(chance: float) -> str:
    """How likely a code is, in words that claim no certainty."""
    if not 0.01 <= chance <= 0.99:
        return "under 1% likely" if chance < 0.5 else "over 99% likely"
    return f"{chance:.0%} likely"


def _about(known: Loaded, here: Opened, comment: Comment, proposal: Proposal) -> dict[str, Any]:
    frame, standing = here.head.frame, known.standing.get(comment.id)
    by_people = standing is not None and bool(standing.by)
    given = set(standing.codes) if standing and by_people else set()
    words = [word for one in proposal.codes[:3] for word in one.why]
    suggestions = [
        {
            "code": frame.find(one.code),
            "likely": _likely(one.chance),
            "why": one.why,
            "on": one.code in given if by_people else one.chance >= learning.UNSURE,
        }
        for one in proposal.codes
    ]
    listed = {one.code for one in proposal.codes}
    return {
        "comment": comment,
        "answers": here.answers(comment),
        "marked": marked(comment.text, words),
        "why": WHY.get(proposal.why, ""),
        "suggestions": suggestions,
        "tree": frame.tree(),
        "listed": listed,
        "given": given,
        "standing": standing,
        "last": last_said(known, comment.id),
        "copies": len(copies(known.comments, comment)),
    }


def last_said(known: Loaded, comment: UUID) -> str:
    """What tells whether somebody has coded a comment since it was shown."""
    said = known.people.get(comment)
    return f"{said.by} {said.at.isoformat()}" if said else ""


def sample(comments: Sequence[Comment], place: Place) -> list[UUID]:
    """The comments of the check sample: drawn by chance, the same ones for everybody.

    Copies of a letter are drawn once; at most a quarter of all comments are in it.
    """

    def dice(one: UUID) -> bytes:
        return hashlib.sha256(f"{place} {one}".encode()).digest()

    there = [c.id for c in comments if c.first is None and not c.apart]
    return sorted(there, key=dice)[: min(SAMPLE, len(there) // 4)]


def copies(comments: Sequence[Comment], comment: Comment) -> list[UUID]:
    """The other comments with the very same words."""
    first_of = comment.first or comment.id
    return [
        c.id for c in comments
        if first_of in (c.first, c.id) and c.id != comment.id and c.text == comment.text
    ]  # fmt: skip


@post("/staff/coding/{slug:str}/{question:str}/next", opt={"who": ANALYSTS}, status_code=200)
async def save(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """Keep what a comment was coded as, pass it over, or take the last one back."""
    here = await opened(database, slug, question)
    form, by = await form_of(request), request.state.staff.email
    act, aside = first(form, "act"), uuids(form.get("aside", [])[-MOST_ASIDE:])
    onward = "".join(f"&aside={one}" for one in aside)
    if act == "undo":
        async with database.writing() as session:
            undone = await store.undo(session, here.place, by=by)
        read = {c.id for c in (await loaded(database, here)).learner.comments}
        back = next((f"?comment={one}{onward}" for one in undone if one in read), "")
        return after(f"{here.base}/next{back}")
    comment = next(iter(uuids(form.get("comment", [])[:1])), None)
    if comment is None:
        raise NotFound("comment")
    if act == "pass":
        return after(f"{here.base}/next?aside={comment}{onward}")
    if act == "original":
        if comment not in (await loaded(database, here)).learner.place_of:
            raise NotFound("comment")
        async with database.writing() as session:
            words = await store.original(session, here.place, comment, by=by)
        return await _screen(request, database, settings, here, [comment], aside, original=words)
    known = await loaded(database, here)
    said = known.people.get(comment)
    try:
        codes = chosen(here, form)
        if "last" in form and first(form, "last") != last_said(known, comment):
            if said and said.by == by and here.head.frame.now(said.codes) == codes:
                return after(f"{here.base}/next?saved=1{onward}")  # a double click
            who = f"{said.by} has coded this comment" if said else "Its codes were taken back"
            raise ConsultError(f"{who} meanwhile. Look at it again; what you save now counts.")
    except ConsultError as error:
        return await _screen(request, database, settings, here, [comment], aside, str(error))
    await _keep(database, here, comment, codes, also_copies="copies" in form, by=by)
    return after(f"{here.base}/next?saved=1{onward}")


def chosen(here: Opened, form: dict[str, list[str]]) -> tuple[str, ...]:
    """The codes that a form gives a comment; none where it says so. Raises ConsultError."""
    codes = here.head.frame.now(form.get("code", []))
    if first(form, "act") == "none":
        return ()
    if not codes:
        raise ConsultError("Choose one or more codes, or press “None of the codes”.")
    return codes


async def _keep(
    database: Database, here: Opened, comment: UUID, codes: tuple[str, ...], *,
    also_copies: bool, by: str,
) -> None:  # fmt: skip
    async with database.writing() as session:
        about = {comment: codes}
        comments = among(await store.comments(session, here.place), here.head.frame)
        if comment in {c.id for c in comments if c.apart}:
            raise ConsultError("This comment could not be read, so it cannot be coded.")
        if also_copies:
            own = next((c for c in comments if c.id == comment), None)
            about |= dict.fromkeys(copies(comments, own), codes) if own else {}
        done = await store.assign(session, here.place, about, by=by, frame=here.head.number)
    if not done:
        raise ConsultError(
            "This comment was taken back or changed by whoever wrote it, so it was not coded."
        )


HANDLERS = [next_comment, save]
