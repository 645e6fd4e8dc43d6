"""Staff pages: consultations and their state, one consultation, its report and its data."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from consult import clock
from consult.accounts.model import ANALYSTS, DESIGNERS, STAFF
from consult.coding.columns import coded_files
from consult.consultations import store as consultations
from consult.consultations.lifecycle import state
from consult.consultations.store import Version
from consult.datasets.store import by_day, changed
from consult.errors import NotFound
from consult.reporting.engine import overview_of
from consult.reporting.reports import consultation_report
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.security import REPORT_POLICY
from consult.web.templating import page

STATES = {
    "draft": ("Draft", "grey"),
    "not_yet_open": ("Not yet open", "blue"),
    "open": ("Open", "green"),
    "grace": ("Closed", "grey"),
    "closed": ("Closed", "grey"),
}
AnyRequest = Request[Any, Any, Any]


def _show(
    request: AnyRequest, settings: Settings, template: str, title: str, **context: Any
) -> Response[str]:
    return page(
        f"reporting/{template}.html",
        title=title,
        service_name=settings.service_name,
        staff=request.state.staff,
        may_export=request.state.staff.may(ANALYSTS),
        may_design=request.state.staff.may(DESIGNERS),
        **context,
    )


def _line(version: Version, received: int) -> dict[str, Any]:
    survey = version.survey
    now = clock.now()
    text, colour = STATES[state(version.stage, survey, now)]
    words = survey.words[survey.languages[0]]
    parts = [
        {"name": words.parts[p.id], "closed": p.id in survey.closed_parts(now)}
        for p in survey.definition.parts
    ]
    return {
        "slug": version.consultation,
        "survey": survey.slug,
        "title": words.title,
        "embedded": bool(survey.definition.embed_on),
        "body": survey.definition.body,
        "version": version.number,
        "state": text,
        "colour": colour,
        "closes": clock.spoken(survey.closes),
        "parts": parts,
        "responses": received,
    }


@get("/staff", opt={"who": STAFF})
async def front(request: AnyRequest, database: Db, settings: Config) -> Response[str]:
    """Every consultation: its state, when it closes, how many have answered."""
    async with database.reading() as session:
        found = await consultations.all_current(session)
        days = {v.survey.slug: await by_day(session, v.survey.slug) for v in found}
    lines = [_line(v, sum(count for _, count in days[v.survey.slug])) for v in found]
    return _show(request, settings, "front", "Consultations", consultations=lines)


@get("/staff/consultations/{slug:str}", opt={"who": STAFF})
async def consultation(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[str]:
    """One consultation: responses by day, who answered beside the population, the results."""
    async with database.reading() as session:
        surveys = await consultations.of_consultation(session, slug)
        version = surveys[0]
        days = await by_day(session, version.survey.slug)
        corrected, withdrawn = await changed(session, version.survey.slug)
    received = sum(count for _, count in days)
    made = await overview_of(await coded_files(database, version.survey.slug)) if days else None
    most = max((count for _, count in days), default=0)
    return _show(
        request,
        settings,
        "consultation",
        version.survey.words[version.survey.languages[0]].title,
        line=_line(version, received),
        invited=[
            {"slug": v.survey.slug, "title": v.survey.words[v.survey.languages[0]].title}
            for v in surveys
            if v.survey.definition.access == "invited" or len(surveys) == 1
        ],
        days=[
            {"day": f"{day:%-d %B %Y}", "count": n, "steps": round(n / most * 20)}
            for day, n in days
        ],
        corrected=corrected,
        withdrawn=withdrawn,
        today=next((n for day, n in days if day == clock.today(clock.now())), 0),
        overview=made,
    )


@get("/staff/consultations/{slug:str}/report", opt={"who": STAFF})
async def report(request: AnyRequest, database: Db, slug: InPath) -> Response[str]:
    """The summary report, to read or (``?download``) to keep."""
    headers = {"content-security-policy": REPORT_POLICY}
    if "download" in request.query_params:
        headers["content-disposition"] = f'attachment; filename="{slug}-report.html"'
    html = await consultation_report(database, slug)
    return Response(html, media_type="text/html", headers=headers)


@get("/staff/consultations/{slug:str}/{name:str}", opt={"who": ANALYSTS})
async def file(database: Db, slug: InPath, name: InPath) -> Response[str]:
    """The dataset's files: responses.csv, codebook.json, manifest.json, population.csv."""
    async with database.reading() as session:
        version = (await consultations.of_consultation(session, slug))[0]
    files = await coded_files(database, version.survey.slug)
    texts = {
        "responses.csv": (files.responses, "text/csv"),
        "codebook.json": (files.codebook, "application/json"),
        "manifest.json": (files.manifest, "application/json"),
        "population.csv": (files.population, "text/csv"),
    }
    if name not in texts or not texts[name][0]:
        raise NotFound(name)
    text, media_type = texts[name]
    disposition = f'attachment; filename="{slug}-{name}"'
    return Response(text, media_type=media_type, headers={"content-disposition": disposition})


HANDLERS = [front, consultation, report, file]
