"""The pages as residents will see them, from any page and with any answers; nothing is stored."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from consult.designing import store, view
from consult.designing.shell import DESIGNERS, AnyRequest, Form, opened, show
from consult.questionnaire import languages
from consult.questionnaire.routing import Step
from consult.questionnaire.survey import Survey
from consult.respond.journey import Journey, travel, typed
from consult.respond.rendering import question_context
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.security import POLICY
from consult.web.templating import page, translations

#: Only our own preview may show these pages in a frame.
HEADERS = {
    "content-security-policy": POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    "x-frame-options": "SAMEORIGIN",
}
SEED = 20
#: Characters of answers that a preview carries from page to page.
LONGEST = 200_000


def entry_page(survey: Survey, key: str, question: str = "") -> str:
    """The page that is shown for a page, question or block of the outline."""
    for place in survey.places:
        if question and place.written.id == question:
            return survey.pages[place.number].id
    if key in survey.page_by_id:
        return key
    for place in survey.places:
        entry = survey.definition.pages[int(place.where[1])]
        names = {place.written.id, getattr(entry, "id", ""), getattr(entry, "include", "")}
        if key in names:
            return survey.pages[place.number].id
    return survey.pages[0].id if survey.pages else ""


@get("/staff/surveys/{slug:str}/preview", opt={"who": DESIGNERS})
async def preview(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """A page side by side on a phone and on a desk, in each language."""
    here = await opened(request, database, slug)
    survey = view.examined(here.draft).survey
    known = [code for code, _ in view.languages_of(here.draft.document)] or ["en"]
    wanted = request.query_params.get("language", "")
    language = wanted if wanted in known else known[0]
    chosen = entry_page(survey, request.query_params.get("page", "")) if survey else ""
    pages: list[dict[str, Any]] = []
    if survey is not None:
        for place in survey.places:
            item = {"value": survey.pages[place.number].id, "text": called(survey, place.number)}
            if item not in pages:
                pages.append(item)
    for shown in pages:
        shown["selected"] = shown["value"] == chosen
    address = f"{here.base}/preview/{quote(language)}/{quote(chosen)}" if chosen else ""
    return show(
        request, settings, "preview", "Preview", here,
        pages=pages, languages=view.languages_of(here.draft.document), language=language,
        address=address, chosen=chosen,
    )  # fmt: skip


def called(survey: Survey, number: int) -> str:
    """A page by its number and what stands on it."""
    shown = survey.pages[number]
    words = survey.words[survey.languages[0]]
    first = shown.questions[0]
    labels = survey.labels(first.id, survey.languages[0])
    said = words.pages.get(shown.id) or labels.ask or labels.short or shown.id
    return f"{number + 1}. {' '.join(said.split())[:80]}"


@get("/staff/surveys/{slug:str}/preview/{language:str}/{page_id:str}", opt={"who": DESIGNERS})
async def preview_page(
    database: Db, slug: InPath, language: InPath, page_id: InPath
) -> Response[Any]:
    """A page, as nobody has answered yet."""
    return await _shown(database, slug, language, page_id, {})


@post(
    "/staff/surveys/{slug:str}/preview/{language:str}/{page_id:str}",
    opt={"who": DESIGNERS},
    status_code=200,
)
async def preview_answered(
    request: AnyRequest, database: Db, slug: InPath, language: InPath, page_id: InPath
) -> Response[Any]:
    """What comes after a page was answered: the next, or what is wrong."""
    return await _shown(database, slug, language, page_id, await form_of(request), sent=True)


async def _shown(
    database: Any, slug: str, language: str, page_id: str, form: Form, *, sent: bool = False
) -> Response[Any]:
    async with database.reading() as session:
        draft = await store.draft(session, slug)
    survey = view.examined(draft).survey
    if survey is None or language not in survey.words or page_id not in survey.page_by_id:
        return _nothing(slug)
    raw = _carried(form)
    journey = travel(survey, raw, seed=SEED)
    step = _step(survey, journey, page_id)
    if not sent:
        return _page(survey, slug, language, journey, step, {})
    raw |= typed(step, form)
    journey = travel(survey, raw, seed=SEED)
    step = _step(survey, journey, page_id)
    errors = journey.errors_on(step)
    switch = form.get("language", [""])[0]
    if switch in survey.languages:
        return _page(survey, slug, switch, journey, step, {})
    if errors:
        return _page(survey, slug, language, journey, step, errors)
    after = journey.route.after(page_id)
    if journey.route.step(page_id) is None:
        later = [s for s in journey.route.steps if _number(survey, s) > _number(survey, step)]
        after = later[0] if later else None
    if after is None:
        return _nothing(slug, done=True)
    return _page(survey, slug, language, journey, after, {})


def _number(survey: Survey, step: Step) -> int:
    return [page.id for page in survey.pages].index(step.page.id)


def _step(survey: Survey, journey: Journey, page_id: str) -> Step:
    """A page on the path, or as it would be if it were."""
    asked = survey.page_by_id[page_id]
    return journey.route.step(page_id) or Step(asked, asked.questions)


def _carried(form: Form) -> dict[str, list[str]]:
    text = form.get("carried", [""])[0]
    if not text or len(text) > LONGEST:
        return {}
    try:
        data = json.loads(text)
        return {str(qid): [str(t)[:20_000] for t in raw] for qid, raw in data.items()}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {}


def _page(
    survey: Survey, slug: str, language: str, journey: Journey, step: Step, errors: Any
) -> Response[Any]:
    context = question_context(journey, step, language, errors)
    if journey.route.step(step.page.id) is None:
        # Not asked with these answers: it has no number among the pages that are.
        context["caption"] = translations(language).gettext("Question %(number)s") % {
            "number": _number(survey, step) + 1
        }
    base = f"/staff/surveys/{slug}/preview/{quote(language)}"
    before = journey.route.before(step.page.id)
    others = [code for code in survey.languages if code != language]
    return page(
        "designing/preview_page.html",
        language,
        status=422 if errors else 200,
        headers=HEADERS,
        survey=survey,
        words=survey.words[language],
        service_name=survey.definition.body,
        base=base,
        other_languages=[(code, languages.name(code)) for code in others],
        action=f"{base}/{quote(step.page.id)}",
        back=f"{base}/{quote(before.page.id)}" if before else "",
        change=False,
        unsaved=False,
        carried=json.dumps({qid: list(raw) for qid, raw in journey.raw.items()}),
        **context,
    )


def _nothing(slug: str, *, done: bool = False) -> Response[Any]:
    title = "That was the last page" if done else "This page cannot be shown yet"
    lines = (
        ["After it people check their answers and send them."]
        if done
        else ["Something on it is not finished. The problems page says what."]
    )
    query = urlencode({"from": "preview"})
    link = {"href": f"/staff/surveys/{slug}/problems?{query}", "text": "See the problems"}
    return page(
        "designing/preview_message.html", headers=HEADERS, title=title, lines=lines,
        link=None if done else link,
    )  # fmt: skip


HANDLERS: list[HTTPRouteHandler] = [preview, preview_page, preview_answered]
