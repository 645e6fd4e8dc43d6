"""A staff page: the partners that send responses, and setting one's aside as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from consult.accounts.model import ANALYSTS
from consult.api import store
from consult.consultations import store as consultations
from consult.database import Database
from consult.errors import ConsultError, NotFound
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.templating import page

AnyRequest = Request[Any, Any, Any]
LONGEST_REASON = 500


@get("/staff/partners/{slug:str}", opt={"who": ANALYSTS})
async def partners(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Who sends responses to a survey, and about how many came."""
    return await _show(request, database, settings, slug)


@post("/staff/partners/{slug:str}", opt={"who": ANALYSTS}, status_code=200)
async def set_aside(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Set a partner's responses aside, or count them again; or say what is wrong."""
    form = {name: values[0] for name, values in (await form_of(request)).items()}
    by, back = request.state.staff.email, form.get("do") == "back"
    name, reason = form.get("partner", ""), form.get("reason", "")[:LONGEST_REASON]
    try:
        if not name:
            raise ConsultError("Select a partner.")
        async with database.writing() as session:
            await store.set_aside(session, name, slug, reason, by=by, back=back)
    except NotFound:
        raise
    except ConsultError as error:
        return await _show(request, database, settings, slug, form=form, error=str(error))
    return Redirect(f"/staff/partners/{slug}", status_code=303)


async def _show(
    request: AnyRequest,
    database: Database,
    settings: Settings,
    slug: str,
    *,
    form: Mapping[str, str] | None = None,
    error: str = "",
) -> Response[Any]:
    async with database.reading() as session:
        version = await consultations.current(session, slug)
        found = await store.partners(session, slug)
    title, form = "Partners' responses", form or {}
    counted = [partner for partner in found if partner.linked and not partner.set_aside]
    aside = [partner for partner in found if partner.set_aside]
    choices = {
        do: [
            {
                "value": p.name,
                "text": p.name,
                "label": {"classes": "govuk-!-text-break-word"},
                "checked": (form.get("do"), form.get("partner")) == (do, p.name),
            }
            for p in partners
        ]
        for do, partners in (("aside", counted), ("back", aside))
    }
    return page(
        "api/partners.html",
        status=422 if error else 200,
        title=f"Error: {title}" if error else title,
        service_name=settings.service_name,
        staff=request.state.staff,
        back=f"/staff/consultations/{version.consultation}",
        survey=slug,
        name=version.survey.words[version.survey.languages[0]].title,
        partners=found,
        choices=choices,
        few=store.FEW,
        form=form,
        error=error,
    )


HANDLERS = [partners, set_aside]
