"""Editing one question, or one page of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Response, get, post

from consult import clock
from consult.designing import building, controls, options, shell, store, tree, view
from consult.designing.controls import Maker
from consult.designing.edits import Edit, spoken
from consult.designing.preview import entry_page
from consult.designing.shell import DESIGNERS, AnyRequest, Form, Opened, after, opened, show
from consult.errors import ConsultError, NotFound
from consult.questionnaire.document import Document
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of


def _language(request: AnyRequest, document: Document, form: Form | None = None) -> str:
    """The language that is being worded."""
    wanted = (form or {}).get("lang", [request.query_params.get("lang", "")])[0]
    known = document.languages or ("en",)
    return wanted if wanted in known else known[0]


# -- a question ------------------------------------------------------------------------------------


@get("/staff/surveys/{slug:str}/questions/{qid:str}", opt={"who": DESIGNERS})
async def question_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, qid: InPath
) -> Response[Any]:
    """One question: wording, kind of answer, options, who is asked."""
    here = await opened(request, database, slug)
    return _question(request, settings, here, qid)


def _question(
    request: AnyRequest,
    settings: Any,
    here: Opened,
    qid: str,
    form: Form | None = None,
    errors: list[str] | None = None,
) -> Response[Any]:
    document = here.draft.document
    question = tree.question_of(document, qid)
    language = _language(request, document, form)
    asked = [str(spot.data.get("id")) for spot in tree.spots(document)]
    place = asked.index(qid)
    said = spoken(document, qid)[1:-1]
    make = Maker(here, language, form if errors else None)
    return show(
        request,
        settings,
        "question",
        f"{'Error: ' if errors else ''}{said}",
        here,
        status=422 if errors else 200,
        question=question,
        qid=qid,
        said=said,
        number=place + 1,
        total=len(asked),
        before=asked[place - 1] if place else "",
        next=asked[place + 1] if place + 1 < len(asked) else "",
        language=language,
        languages=view.languages_of(document),
        groups=controls.of_question(make, question),
        when=building.shown(document, qid, str(question.get("when") or "")),
        sentence=view.asked_when(document, question.get("when")),
        mine=[p for p in here.problems if p.question == qid],
        errors=errors or [],
        page_key=_page_of(document, qid),
        preview=_preview(here, document, qid, language),
        frame=frame_of(here, document, qid, language),
    )


def _page_of(document: Document, qid: str) -> str:
    """The page of several that a question stands on."""
    spot = tree.spot_of(document, qid)
    return "" if spot.index is None else tree.key_of(tree.entries(document)[spot.page])


def frame_of(here: Opened, document: Document, qid: str, language: str) -> str:
    """The address of the page of a question as people will see it, where it can be shown."""
    survey = view.examined(here.draft).survey
    if survey is None or language not in survey.words:
        return ""
    key = tree.key_of(tree.entries(document)[tree.spot_of(document, qid).page])
    shown = entry_page(survey, key, qid)
    return f"{here.base}/preview/{quote(language)}/{quote(shown)}" if shown else ""


def _preview(here: Opened, document: Document, qid: str, language: str) -> str:
    key = tree.key_of(tree.entries(document)[tree.spot_of(document, qid).page])
    return f"{here.base}/preview?{urlencode({'language': language, 'page': key})}"


@post("/staff/surveys/{slug:str}/questions/{qid:str}", opt={"who": DESIGNERS}, status_code=200)
async def save_question(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, qid: InPath
) -> Response[Any]:
    """Save the form, and do what its button says: an option more, a line of the condition."""
    form = await form_of(request)
    return await _saved(request, database, settings, slug, qid, form, "questions")


async def _saved(
    request: AnyRequest,
    database: Any,
    settings: Any,
    slug: str,
    key: str,
    form: Form,
    where: str,
) -> Response[Any]:
    again = _question if where == "questions" else _page
    try:
        form = await _with_condition(database, slug, key, form, where)
        saved = await shell.save(request, database, slug, form)
        refused = [text for _, text in saved.merged.refused]
        if refused:
            raise ConsultError("\n".join(refused))
        if saved.merged.clashes:
            here = await opened(request, database, slug)
            return shell.clash(request, settings, here, saved)
        at = await _act(request, database, slug, key, form)
    except ConsultError as error:
        here = await opened(request, database, slug)
        return again(request, settings, here, key, form, str(error).split("\n"))
    name = form.get(f"{'question' if where == 'questions' else 'page'}/{key}/id", [key])[0].strip()
    path = f"/staff/surveys/{slug}/{where}/{quote(name or key)}"
    language = form.get("lang", [""])[0]
    return after(f"{path}?lang={quote(language)}" if language else path, at)


async def _with_condition(database: Any, slug: str, key: str, form: Form, where: str) -> Form:
    """The form with its condition as the value of a field. Raises ConsultError."""
    if not any(name.startswith("when.") for name in form):
        return form
    async with database.reading() as session:
        document = (await store.draft(session, slug)).document
        try:
            base = (await store.draft(session, slug, shell.base_of(form))).document
        except NotFound:
            base = document
    kind = "question" if where == "questions" else "page"
    try:
        found = tree.question_of(base, key) if kind == "question" else _entry(base, key)
    except NotFound:
        return form
    text = building.text_of_form(document, form, str(found.get("when") or ""))
    return {**form, f"{kind}/{key}/when": [text]}


async def _act(request: AnyRequest, database: Any, slug: str, key: str, form: Form) -> str:
    """What a button of the form does beside saving; where to look next. Raises ConsultError."""
    act, _, what = form.get("act", [""])[0].partition(":")
    if act.startswith("when"):
        return "when"
    language = form.get("lang", ["en"])[0]
    change, at = _option_change(form, key, act, what, language)
    if change is None:
        return {"next": "main-content"}.get(act, "")
    me = request.state.staff.email
    async with database.writing() as session:
        await store.do(session, slug, change, by=me, now=clock.now())
    return at


def _option_change(
    form: Form, qid: str, act: str, what: str, language: str
) -> tuple[Callable[[Document], Edit] | None, str]:
    group, _, code = what.partition("/")
    group = group if group in options.LISTS else "options"

    def text(name: str) -> str:
        return form.get(name, [""])[0].strip()[:200_000]

    match act:
        case "option-add":
            if not text(f"new-{group}"):
                raise ConsultError(f"Write the {options.LISTS[group]} first.")
            label = text(f"new-{group}")
            return lambda d: options.add(d, qid, group, label, language), f"new-{group}"
        case "option-paste":
            pasted, anew = form.get(f"paste-{group}", [""])[0], f"anew-{group}" in form
            if not pasted.strip():
                raise ConsultError("Paste the options first: one a line.")
            return (
                lambda d: options.paste(d, qid, group, pasted[:200_000], language, anew=anew),
                group,
            )
        case "option-remove":
            return lambda d: options.remove(d, qid, group, code), group
        case "option-up":
            return lambda d: options.move(d, qid, group, code, -1), f"{group}-{code}"
        case "option-down":
            return lambda d: options.move(d, qid, group, code, 1), f"{group}-{code}"
        case "net-add":
            if not text("new-net"):
                raise ConsultError("Write what the net is called first.")
            return lambda d: options.add_net(d, qid, text("new-net"), language), "nets"
        case "sets-make":
            return lambda d: options.make_sets(d, qid), "options"
        case "net-remove":
            return lambda d: options.remove_net(d, qid, what), "nets"
    return None, ""


# -- a page of several, or a block ---------------------------------------------------------------


def _entry(document: Document, key: str) -> tree.Data:
    return tree.entries(document)[tree.page_number(document, key)]


@get("/staff/surveys/{slug:str}/pages/{key:str}", opt={"who": DESIGNERS})
async def page_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, key: InPath
) -> Response[Any]:
    """A page of several questions: its heading, who is asked, what is on it."""
    here = await opened(request, database, slug)
    return _page(request, settings, here, key)


def _page(
    request: AnyRequest,
    settings: Any,
    here: Opened,
    key: str,
    form: Form | None = None,
    errors: list[str] | None = None,
) -> Response[Any]:
    document = here.draft.document
    entry = _entry(document, key)
    if tree.alone(entry):
        return after(f"{here.base}/questions/{quote(key)}")
    language = _language(request, document, form)
    make = Maker(here, language, form if errors else None)
    block = "include" in entry
    said = f"Block {key}" if block else spoken(document, key)[1:-1]
    names = [""] + [str(part.get("id")) for part in document.definition.get("parts") or []]
    sections = [""] + [str(s.get("id")) for s in document.definition.get("sections") or []]
    fields = [] if block else [make.word(("pages", key), "Heading of the page")]
    if len(names) > 1:
        choices = {name: name or "No part: asked until the last closes" for name in names}
        fields.append(make.make(f"page/{key}/part", "Part", "select", choices=choices))
    if len(sections) > 1:
        choices = {name: name or "No section" for name in sections}
        fields.append(make.make(f"page/{key}/section", "Section", "select", choices=choices))
    if not block:
        fields.append(
            make.make(f"page/{key}/shuffle", "Ask its questions in an order of chance", "checkbox")
        )
        fields.append(make.make(f"page/{key}/id", "Name", size="20"))
    return show(
        request,
        settings,
        "page",
        f"{'Error: ' if errors else ''}{said}",
        here,
        status=422 if errors else 200,
        key=key,
        said=said,
        block=block,
        fields=fields,
        language=language,
        languages=view.languages_of(document),
        lines=[view.question_line(document, question, here.base) for question in tree.inner(entry)],
        when=building.shown(document, key, str(entry.get("when") or "")),
        sentence=view.asked_when(document, entry.get("when")),
        mine=[p for p in here.problems if p.page == key],
        errors=errors or [],
    )


@post("/staff/surveys/{slug:str}/pages/{key:str}", opt={"who": DESIGNERS}, status_code=200)
async def save_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, key: InPath
) -> Response[Any]:
    """Save the form, and do what its button says."""
    form = await form_of(request)
    return await _saved(request, database, settings, slug, key, form, "pages")


@post("/staff/surveys/{slug:str}/when", opt={"who": DESIGNERS}, status_code=200)
async def condition_text(request: AnyRequest, database: Db, slug: InPath) -> Response[Any]:
    """What the builder's form says, as the text of a condition and as a sentence, in JSON."""
    form = await form_of(request)
    async with database.reading() as session:
        document = (await store.draft(session, slug)).document
    try:
        text = building.text_of_form(document, form, form.get("before", [""])[0])
    except (ConsultError, NotFound) as error:
        return Response({"says": str(error)}, status_code=422)
    return Response({"text": text, "sentence": view.asked_when(document, text)})


HANDLERS = [question_page, save_question, page_page, save_page, condition_text]
