"""The designer's pages: a questionnaire at a glance, what is done to it there, autosave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post

from consult import clock
from consult.designing import edits, labels, store, tree, view
from consult.designing.beginning import HANDLERS as BEGINNING
from consult.designing.edits import Edit
from consult.designing.files import HANDLERS as FILES
from consult.designing.preview import HANDLERS as PREVIEW
from consult.designing.printing import HANDLERS as PRINTING
from consult.designing.publishing import HANDLERS as PUBLISHING
from consult.designing.questions import HANDLERS as QUESTIONS
from consult.designing.setting_up import HANDLERS as SETTING_UP
from consult.designing.shell import (
    DESIGNERS,
    AnyRequest,
    Form,
    after,
    base_of,
    clash,
    opened,
    save,
    show,
)
from consult.designing.translating import HANDLERS as TRANSLATING
from consult.designing.walking import HANDLERS as WALKING
from consult.errors import ConsultError
from consult.questionnaire import bank
from consult.questionnaire.document import Document
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of

Action = Callable[[Document, str], Edit]
#: What a button of the overview does to the question or page whose name follows the colon.
ACTIONS: dict[str, Action] = {
    "up": lambda document, key: edits.move(document, key, -1),
    "down": lambda document, key: edits.move(document, key, 1),
    "copy": edits.copy,
    "delete": edits.delete,
    "merge": edits.merge,
    "split": edits.split,
    "unword": edits.unword,
}


@get("/staff/surveys/{slug:str}", opt={"who": DESIGNERS})
async def overview(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """The questionnaire at a glance: its pages and questions in order."""
    here = await opened(request, database, slug)
    return _overview(request, settings, here)


def _overview(
    request: AnyRequest, settings: Any, here: Any, *, error: str = "", status: int = 200
) -> Response[Any]:
    document = here.draft.document
    lines = view.outline(here.draft, here.problems)
    places: list[dict[str, Any]] = [{"value": "", "text": "At the end"}]
    places += [{"value": line["key"], "text": f"After {line['says']}"} for line in lines]
    places += [
        {"value": f"page:{line['key']}", "text": f"On the page {line['says']}"}
        for line in lines
        if "questions" in line
    ]
    wanted = request.query_params.get("after", "")
    for place in places:
        place["selected"] = place["value"] == wanted
    kinds = [
        {"value": kind, "text": f"{name} – {use}" if use else name}
        for kind, (name, use) in labels.KINDS.items()
        if kind in edits.types()
    ]
    return show(
        request,
        settings,
        "overview",
        view.title_of(document, here.draft.slug),
        here,
        status=status,
        lines=lines,
        kinds=kinds,
        places=places,
        blocks=[{"value": reference, "text": reference} for reference in bank.references()],
        error=error,
        language=next(iter(document.languages), "en"),
    )


@post("/staff/surveys/{slug:str}/do", opt={"who": DESIGNERS}, status_code=303)
async def do(request: AnyRequest, database: Db, settings: Config, slug: InPath) -> Response[Any]:
    """Add, copy, move, delete."""
    form = await form_of(request)
    me = request.state.staff.email
    try:
        async with database.writing() as session:
            await store.here(session, slug, me, clock.now())
            change = _change(form)
            _, edit = await store.do(session, slug, change, by=me, now=clock.now())
    except ConsultError as error:
        here = await opened(request, database, slug)
        return _overview(request, settings, here, error=str(error), status=422)
    if form.get("act", [""])[0].startswith("unword"):
        return after(f"/staff/surveys/{slug}/problems")
    if "add" in form and form["add"][0] == "question":
        return after(f"/staff/surveys/{slug}/questions/{quote(edit.at)}")
    return after(f"/staff/surveys/{slug}", f"at-{quote(edit.at)}")


def _change(form: Form) -> Callable[[Document], Edit]:
    """What a form of the overview asks for. Raises ConsultError."""

    def text(name: str) -> str:
        return form.get(name, [""])[0].strip()

    if text("act"):
        name, _, key = text("act").partition(":")
        if name in ACTIONS:
            action = ACTIONS[name]
            return lambda document: action(document, key)
    if text("to").isdigit() and text("key"):
        return lambda document: edits.place_at(document, text("key"), int(text("to")[:6]))
    where = text("where")
    page = where.removeprefix("page:") if where.startswith("page:") else ""
    spot = "" if page else where
    match text("add"):
        case "question":
            if not text("ask"):
                raise ConsultError("Write the question first: it is what people will read.")
            if len(text("ask")) > 5000:
                raise ConsultError("That is too long for a question. Keep it to a few sentences.")
            return lambda d: edits.add_question(d, text("kind"), text("ask"), spot, page)
        case "page":
            return lambda document: edits.add_page(document, text("heading")[:300], spot)
        case "block":
            return lambda document: edits.add_block(document, text("block"), spot)
    raise ConsultError("Choose what to do, and try again.")


@post("/staff/surveys/{slug:str}/undo", opt={"who": DESIGNERS}, status_code=303)
async def undo(request: AnyRequest, database: Db, slug: InPath) -> Response[Any]:
    """Take back the last step, or make it again."""
    form = await form_of(request)
    me = request.state.staff.email
    async with database.writing() as session:
        change = store.redo if "redo" in form else store.undo
        await change(session, slug, base_of(form), by=me)
    return after(_way_back(form, slug))


def _way_back(form: Form, slug: str) -> str:
    """The page of this questionnaire that a button was pressed on."""
    base = f"/staff/surveys/{slug}"
    path = form.get("from", [base])[0]
    return quote(path, safe="/?=&") if path.startswith(f"{base}/") else base


@post("/staff/surveys/{slug:str}/field", opt={"who": DESIGNERS}, status_code=200)
async def field(request: AnyRequest, database: Db, slug: InPath) -> Response[Any]:
    """Autosave: one value, or the few that a condition is made of. Answers in JSON."""
    form = await form_of(request)
    saved = await save(request, database, slug, form)
    draft = saved.draft
    problems = view.told(draft)
    here = form.get("question", [""])[0]
    async with database.reading() as session:
        following = await store.after(session, slug, draft.revision.number)
    # A moment as people read it would be old at once: the page says "Saved", and by whom if asked.
    return Response(
        {
            "revision": draft.revision.number,
            "refused": [{"field": f, "says": text} for f, text in saved.merged.refused],
            "clashes": [
                {"field": clash.field, "mine": clash.mine, "theirs": clash.theirs}
                for clash in saved.merged.clashes
            ],
            "who": " and ".join(store.called(email) for email in saved.others),
            "undo": draft.revision.summary if draft.revision.parent is not None else "",
            "redo": following.summary if following else "",
            "count": len(problems),
            "problems": [
                {"says": p.says, "mend": p.mend, "href": p.href, "field": p.field}
                for p in problems
                if here and here in (p.question, p.page)
            ],
        }
    )


@post("/staff/surveys/{slug:str}/choose", opt={"who": DESIGNERS}, status_code=200)
async def choose(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """One's own text after all, where two people changed the same."""
    form = await form_of(request)
    saved = await save(request, database, slug, form)
    if saved.merged.clashes:
        return clash(request, settings, await opened(request, database, slug), saved)
    return after(f"/staff/surveys/{slug}")


@post("/staff/surveys/{slug:str}/here", opt={"who": DESIGNERS}, status_code=200)
async def heartbeat(request: AnyRequest, database: Db, slug: InPath) -> Response[Any]:
    """An open page tells that it is there; learns who else is, and what was saved since."""
    me, now = request.state.staff.email, clock.now()
    async with database.writing() as session:
        draft = await store.draft(session, slug)
        await store.here(session, slug, me, now)
        others = await store.editors(session, slug, me, now)
    return Response(
        {
            "others": [store.called(email) for email in others],
            "revision": draft.revision.number,
            "by": store.called(draft.revision.by) if draft.revision.by != me else "",
        }
    )


@get("/staff/surveys/{slug:str}/problems", opt={"who": DESIGNERS})
async def problems_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """The whole check, with links to where each problem is mended."""
    here = await opened(request, database, slug)
    asked = [spot.data.get("id") for spot in tree.spots(here.draft.document)]
    title = "Problems"
    return show(
        request, settings, "problems", title, here, problems=here.problems, count=len(asked)
    )


HANDLERS = [
    overview,
    do,
    undo,
    field,
    choose,
    heartbeat,
    problems_page,
    *BEGINNING,
    *QUESTIONS,
    *SETTING_UP,
    *TRANSLATING,
    *WALKING,
    *PREVIEW,
    *FILES,
    *PRINTING,
    *PUBLISHING,
]
