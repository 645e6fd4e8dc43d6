"""One wave's codes beside another's: the same ones, what is new, what has faded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Response, get

from consult.accounts.model import ANALYSTS
from consult.coding import store
from consult.coding.changes import first
from consult.coding.figures import SUPPRESSED, Group, Shares, shares
from consult.coding.frame import Code, Frame
from consult.coding.model import Place
from consult.coding.shell import AnyRequest, opened, show
from consult.errors import NotFound
from consult.web.inject import Config, Db, InPath

#: A code that so few percent have now, and had at least twice as many before, has faded.
FADED = 2


@dataclass(frozen=True)
class Row:
    """A code in two waves. ``change`` in percentage points; ``says``: new, gone or faded."""

    name: str
    before: str
    now: str
    change: str
    says: str


def rows(
    earlier: Frame, before: dict[str, Shares], frame: Frame, now: dict[str, Shares]
) -> list[Row]:
    """Every code of both frames: those of this wave in their order, then those that are gone.

    Codes are the same by their ids: a frame that was started from another keeps them.
    """
    known = {code.id for code in frame.codes}
    gone = [c for c in earlier.codes if c.id not in known]
    return [_row(c, before.get(c.id), now.get(c.id), earlier, frame) for c in (*frame.codes, *gone)]


def _row(
    code: Code, before: Shares | None, now: Shares | None, earlier: Frame, frame: Frame
) -> Row:
    was, there = (any(c.id == code.id for c in f.codes) for f in (earlier, frame))
    then = before.everyone if before else None
    today = now.everyone if now else None
    change, says = "", "" if was and there else "New" if there else "Gone"
    if then and today and then.percent is not None and today.percent is not None:
        change = f"{today.percent - then.percent:+d}".replace("-", "−")
        if today.percent <= FADED and then.percent >= 2 * max(today.percent, 1):
            says = "Faded"
    return Row(code.name, _said(then, in_frame=was), _said(today, in_frame=there), change, says)


def _said(group: Group | None, *, in_frame: bool) -> str:
    return group.share if group else SUPPRESSED if in_frame else "–"


@get("/staff/coding/{slug:str}/{question:str}/waves", opt={"who": ANALYSTS})
async def waves(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, question: InPath
) -> Response[Any]:
    """This question's codes beside those of an earlier wave."""
    here = await opened(database, slug, question)
    async with database.reading() as session:
        others = [place for place in await store.frames(session) if place != here.place]
    asked = first({"wave": request.query_params.getall("wave", [])}, "wave")
    context: dict[str, Any] = {"others": others, "asked": asked, "rows": None}
    if asked:
        place = Place.of(asked)
        if place not in others:
            raise NotFound(asked)
        there = await opened(database, place.slug, place)
        context["rows"] = rows(
            there.head.frame, await shares(database, there),
            here.head.frame, await shares(database, here),
        )  # fmt: skip
        context["earlier"] = there.asked
    return show(request, settings, "waves", "Beside an earlier wave", here, **context)


HANDLERS = [waves]
