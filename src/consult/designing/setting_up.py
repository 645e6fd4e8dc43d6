"""A questionnaire's settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from litestar import Response, get, post

from consult import clock
from consult.designing import merging, shell, store, tree, view
from consult.designing.controls import Maker
from consult.designing.edits import Edit
from consult.designing.shell import DESIGNERS, AnyRequest, Form, Opened, after, opened, show
from consult.errors import ConsultError
from consult.questionnaire.document import Document
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of

SHUFFLE = ("shuffle", "Its pages in an order of chance", "checkbox")
MODES = {
    "": "Anyone may answer",
    "open": "Anyone may answer",
    "sample": "Only people drawn for a probability sample",
}
YES = {"": "No", "yes": "Yes"}
ANONYMOUS = {"": "Yes: nothing says who answered", "no": "No: the survey asks who people are"}
OFFERS = {
    "": "Nothing",
    "updates": "Contact details, to tell people what was decided",
    "prize_draw": "Contact details for a prize draw",
    "updates prize_draw": "Contact details for both",
}
ACCESS = {
    "": "By the link, as often as they like",
    "open": "By the link, as often as they like",
    "soft": "By the link, and whoever answers again says why",
    "invited": "With a code that works once: letters, emails, text messages",
    "signed_in": "With an email address that is checked, once each",
}


@get("/staff/surveys/{slug:str}/settings", opt={"who": DESIGNERS})
async def settings_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Who consults, until when, and everything else that is no question."""
    here = await opened(request, database, slug)
    return _settings(request, settings, here)


def _settings(
    request: AnyRequest,
    settings: Any,
    here: Opened,
    form: Form | None = None,
    errors: list[str] | None = None,
) -> Response[Any]:
    document = here.draft.document
    wanted = (form or {}).get("lang", [request.query_params.get("lang", "")])[0]
    known = document.languages or ("en",)
    language = wanted if wanted in known else known[0]
    make = Maker(here, language, form if errors else None)
    names = {"": "None"} | dict(merging.names_of(document))
    return show(
        request,
        settings,
        "settings",
        f"{'Error: ' if errors else ''}Settings",
        here,
        status=422 if errors else 200,
        language=language,
        languages=view.languages_of(document),
        errors=errors or [],
        words=_words(make),
        safety=_safety(make),
        times=_times(make),
        reporting=_reporting(make, names),
        precept=_precept(make, names),
        parts=_named(make, "parts", "part", (("closes", "Closes", "moment"),)),
        sections=_named(make, "sections", "section", (SHUFFLE,)),
        chance=[
            make.make(
                "settings/shuffle_sections", "Sections that come in an order of chance",
                hint="Their names, with spaces between",
            ),
            make.make(
                "settings/quotas", "Quotas", "lines",
                "One a line: name | condition | how many. Only for a sample",
            ),
        ],
        population=make.make(
            "population", "Population figures", "lines",
            "A line a group: margin,category,population,source,date,status. Leave empty if you "
            "ask nothing about who answers", size="10",
        ),
    )  # fmt: skip


def _words(make: Maker) -> list[Any]:
    return [
        make.word(("title",), "Title"),
        make.word(
            ("summary",), "Introduction", "lines", "What is proposed and why. Markdown", "14"
        ),
        make.word(("thanks",), "After sending", "lines", "What happens next. Markdown", "4"),
        make.word(
            ("script",), "What an interviewer says first", "lines", "For calls. Markdown", "4"
        ),
        make.word(("contact",), "Other ways to take part", "lines", "Markdown", "4"),
        make.word(
            ("illustrative",), "What is no official figure", "lines",
            "One a line; the report repeats it", "5",
        ),
    ]  # fmt: skip


def _times(make: Maker) -> list[Any]:
    return [
        make.make("settings/body", "Organisation that consults"),
        make.make("settings/opens", "Opens", "moment", "Day and hour in London’s time"),
        make.make("settings/closes", "Closes", "moment", "Day and hour in London’s time"),
        make.make(
            "settings/grace_minutes", "Minutes to finish", "number",
            "Who began in time may send until then. 60 if left empty", size="4",
        ),
        make.make("settings/mode", "Who may answer", "select", choices=MODES),
        make.make("settings/access", "How people get in", "select", choices=ACCESS),
        make.make(
            "settings/email_domains", "Whose email addresses may sign in",
            hint="What stands behind the @, with spaces between. For signing in alone",
        ),
        make.make(
            "settings/embed_on", "Sites that may show it in a frame",
            hint="Like www.example.org, with spaces between. For a survey of one page",
        ),
    ]  # fmt: skip


def _safety(make: Maker) -> list[Any]:
    """What keeps respondents safe, and what is asked of them apart from their answers."""
    services = [
        control
        for item in make.document.definition.get("support") or []
        if isinstance(item, dict) and item.get("id")
        for control in (
            make.word(("support", str(item["id"]), "name"), f"Name of ‘{item['id']}’"),
            make.word(("support", str(item["id"]), "about"), f"What ‘{item['id']}’ does"),
        )
    ]
    return [
        make.make(
            "settings/sensitive", "Sensitive: for victims, or about harm", "select",
            "Every page can be left at once, and tells nothing on a shared phone. The survey's "
            "address stays in the browser's history: give it a name that says nothing", choices=YES,
        ),
        make.make(
            "settings/exit_to", "Where “Exit this page” leads",
            hint="A site that anyone might have open, such as https://www.bbc.co.uk/weather",
        ),
        make.make(
            "settings/support", "Who can help", "lines",
            "One a line: short name | phone | number for texts | web address | areas it serves. "
            "What people read is asked below once this is saved. Ring each number first",
            size="6",
        ),
        *services,
        make.word(
            ("staying_safe",), "How to stay safe", "lines",
            "Markdown, in place of our words on the page before the first question", "4",
        ),
        make.make(
            "settings/anonymous", "Anonymous", "select",
            "What the start page promises. It cannot be taken back once somebody has answered",
            choices=ANONYMOUS,
        ),
        make.make("settings/offers", "Asked for afterwards, apart from the answers", "select",
                  choices=OFFERS),
        make.word(("draw",), "Rules of the prize draw", "lines", "Markdown", "4"),
    ]  # fmt: skip


def _reporting(make: Maker, names: dict[str, str]) -> list[Any]:
    return [
        make.make(
            "settings/headline", "Headline", "select", "The question a report leads with", names
        ),
        make.make(
            "settings/disclosure/suppress", "Smallest count that is published", "number",
            "10 if left empty", size="4",
        ),
        make.make(
            "settings/disclosure/round", "Counts are rounded to", "number", "5 if left empty",
            size="4",
        ),
    ]  # fmt: skip


def _precept(make: Maker, names: dict[str, str]) -> list[Any]:
    return [
        make.make(
            "settings/precept/band", "Question that asks for the council tax band", "select",
            "Costs are shown in that band", names,
        ),
        make.make("settings/precept/band_d", "Band D now, pounds a year", "number", size="10"),
        make.make(
            "settings/precept/rises", "Rises", "lines",
            "One a line: a name and the band D rise in pounds a year, such as: middle 7", size="4",
        ),
    ]  # fmt: skip


def _named(
    make: Maker, group: str, kind: str, keys: tuple[tuple[str, str, str], ...]
) -> list[dict[str, Any]]:
    """Parts or sections: each with its name for people and its own keys."""
    made = []
    for item in make.document.definition.get(group) or []:
        name = str(item.get("id"))
        made.append(
            {
                "name": name,
                "fields": [
                    make.word((group, name), "Name people read"),
                    *(make.make(f"{kind}/{name}/{key}", said, how) for key, said, how in keys),
                ],
            }
        )
    return made


@post("/staff/surveys/{slug:str}/settings", opt={"who": DESIGNERS}, status_code=200)
async def save_settings(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Save the form; add or remove a part or section."""
    form = await form_of(request)
    me = request.state.staff.email
    try:
        saved = await shell.save(request, database, slug, form)
        refused = [text for _, text in saved.merged.refused]
        if refused:
            raise ConsultError("\n".join(refused))
        if saved.merged.clashes:
            here = await opened(request, database, slug)
            return shell.clash(request, settings, here, saved)
        change, at = _change(form)
        if change is not None:
            async with database.writing() as session:
                await store.do(session, slug, change, by=me, now=clock.now())
    except ConsultError as error:
        here = await opened(request, database, slug)
        return _settings(request, settings, here, form, str(error).split("\n"))
    language = form.get("lang", [""])[0]
    path = f"/staff/surveys/{slug}/settings"
    known = language.isalpha() and language.isascii()
    return after(f"{path}?lang={language}" if known else path, at)


def _change(form: Form) -> tuple[Callable[[Document], Edit] | None, str]:
    act, _, what = form.get("act", [""])[0].partition(":")
    group, _, name = what.partition("/")
    language = form.get("lang", ["en"])[0]
    if act == "item-add" and group in ("parts", "sections"):
        label = form.get(f"new-{group}", [""])[0].strip()[:200]
        if not label:
            raise ConsultError("Write its name first.")
        return lambda document: _add_item(document, group, label, language), group
    if act == "item-remove" and group in ("parts", "sections"):
        return lambda document: _remove_item(document, group, name), group
    return None, ""


def _add_item(document: Document, group: str, label: str, language: str) -> Edit:
    items = list(document.definition.get(group) or [])
    name = tree.name_from(label, {str(item.get("id")) for item in items}, group[:-1])
    new: dict[str, Any] = {"id": name}
    if group == "parts" and document.definition.get("closes"):
        new["closes"] = document.definition["closes"]
    definition = {**document.definition, group: [*items, new]}
    words = dict(document.words)
    words[language] = tree.put(words.get(language, {}), (group, name), label)
    made = replace(document, definition=definition, words=words)
    return Edit(made, f"{group[:-1].capitalize()} ‘{label}’ added", name)


def _remove_item(document: Document, group: str, name: str) -> Edit:
    items = [i for i in document.definition.get(group) or [] if i.get("id") != name]
    definition = tree.put(document.definition, (group,), items or None)
    made = replace(document, definition=definition)
    made = tree.with_words(
        made,
        lambda words: (
            tree.put(words, (group, name), None) if tree.get(words, (group, name)) else words
        ),
    )
    key = group[:-1]
    pages = [{k: v for k, v in e.items() if k != key or v != name} for e in tree.entries(made)]
    return Edit(tree.with_pages(made, pages), f"{key.capitalize()} ‘{name}’ removed", name)


HANDLERS = [settings_page, save_settings]
