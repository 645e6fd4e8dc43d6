"""What every page of the designer shares: the draft, its bar, forms to values, saving."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response
from litestar.response import Redirect

from consult import clock
from consult.accounts.model import Who
from consult.database import Database
from consult.designing import store, view
from consult.designing.fields import Change
from consult.designing.merging import said
from consult.designing.store import Draft, Revision, Saved
from consult.designing.view import Told
from consult.errors import NotFound
from consult.settings import Settings
from consult.web.security import POLICY
from consult.web.templating import page

DESIGNERS: Who = frozenset({"designer", "admin"})
AnyRequest = Request[Any, Any, Any]
Form = Mapping[str, list[str]]
FIELD = re.compile(r"(question|page|option|net|words|settings|part|section)/[^\s]+|population")


@dataclass(frozen=True)
class Opened:
    """A draft on a page: with what the bar above it tells."""

    draft: Draft
    following: Revision | None
    others: list[str]
    problems: list[Told]

    @property
    def base(self) -> str:
        return f"/staff/surveys/{self.draft.slug}"


async def opened(request: AnyRequest, database: Database, slug: str) -> Opened:
    """The draft of a page. Raises NotFound."""
    me, now = request.state.staff.email, clock.now()
    async with database.reading() as session:
        draft = await store.draft(session, slug)
        following = await store.after(session, slug, draft.revision.number)
        others = await store.editors(session, slug, me, now)
    return Opened(draft, following, others, view.told(draft))


def show(
    request: AnyRequest,
    settings: Settings,
    template: str,
    title: str,
    here: Opened | None = None,
    *,
    status: int = 200,
    **context: Any,
) -> Response[Any]:
    """A page of the designer."""
    bar = bar_of(here) if here else {}
    return page(
        f"designing/{template}.html",
        status=status,
        # Autosave and the preview ask this service, and nobody else.
        headers={"content-security-policy": f"{POLICY}; frame-src 'self'"},
        title=title,
        service_name=settings.service_name,
        staff=request.state.staff,
        identity=view.identity,
        **bar,
        **context,
    )


def bar_of(here: Opened) -> dict[str, Any]:
    """What stands above a draft's pages."""
    draft = here.draft
    return {
        "slug": draft.slug,
        "base": here.base,
        "revision": draft.revision.number,
        "survey_title": view.title_of(draft.document, draft.slug),
        "saved": saved_words(draft.revision),
        "undo": draft.revision.summary if draft.revision.parent is not None else "",
        "redo": here.following.summary if here.following else "",
        "others": [store.called(email) for email in here.others],
        "problem_count": len(here.problems),
        "first_language": next(iter(draft.document.languages), "en"),
    }


def saved_words(revision: Revision) -> str:
    """When a draft was saved last, and by whom."""
    return f"Saved {clock.spoken(revision.at)} by {store.called(revision.by)}"


def changes_of(form: Form) -> list[Change]:
    """The values that a form holds; of a tick box and its hidden twin the last is meant."""
    found = []
    for name, texts in form.items():
        if not FIELD.fullmatch(name) or not texts:
            continue
        several = name.endswith(("/codes", "/shuffle_sections"))
        text = " ".join(t for t in texts if t) if several else texts[-1]
        found.append(Change(name, text))
    return found


def base_of(form: Form) -> int:
    """The revision that a page was made from."""
    text = form.get("base", ["0"])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


async def save(request: AnyRequest, database: Database, slug: str, form: Form) -> Saved:
    """Save what a form changed."""
    me, now = request.state.staff.email, clock.now()
    async with database.writing() as session:
        await store.here(session, slug, me, now)
        return await store.save(session, slug, base_of(form), changes_of(form), by=me, now=now)


def clash(request: AnyRequest, settings: Settings, here: Opened, saved: Saved) -> Response[Any]:
    """The page that shows both texts where two people changed the same."""
    document = saved.draft.document
    items = []
    for item in saved.merged.clashes:
        try:
            what = said(document, item.field)
        except NotFound:
            what = item.field
        items.append({"field": item.field, "what": what, "mine": item.mine, "theirs": item.theirs})
    who = " and ".join(store.called(email) for email in saved.others) or "Somebody else"
    title = "Somebody else changed this too"
    return show(request, settings, "clash", title, here, status=409, clashes=items, who=who)


def after(path: str, at: str = "") -> Redirect:
    """On to a page, at a place on it."""
    return Redirect(f"{path}#{at}" if at else path, status_code=303)
