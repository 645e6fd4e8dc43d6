"""Staff pages: who wants to hear what happened, or is in a prize draw; and forgetting them."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import xlsxwriter
from litestar import Request, Response, get, post
from litestar.response import Redirect

from consult.accounts.model import DESIGNERS
from consult.accounts.store import record
from consult.consultations import store as consultations
from consult.errors import ConsultError
from consult.respond import store
from consult.respond.store import Contact
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.templating import page

AnyRequest = Request[Any, Any, Any]
PURPOSES = {"updates": "To hear what was said and decided", "prize_draw": "Prize draw"}


@get("/staff/consultations/{slug:str}/contacts", opt={"who": DESIGNERS})
async def contact_list(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """How many contacts there are for each purpose, and what can be done with them."""
    async with database.reading() as session:
        versions = await consultations.of_consultation(session, slug)
        counts = [(v, await store.contacts(session, v.survey.slug)) for v in versions]
    wanted = request.query_params.get("unsaid", "")
    unsaid = wanted if wanted in {v.survey.slug for v in versions} else ""
    surveys = [
        {
            "slug": v.survey.slug,
            "title": v.survey.words[v.survey.languages[0]].title,
            "offers": [PURPOSES[offer] for offer in v.survey.definition.offers],
            "counts": [
                {"purpose": said, "count": sum(name in c.purposes for c in found)}
                for name, said in PURPOSES.items()
            ],
            "total": len(found),
        }
        for v, found in counts
    ]
    return page(
        "respond/contact_list.html",
        title=f"{'Error: ' if unsaid else ''}Contact details",
        service_name=settings.service_name,
        staff=request.state.staff,
        slug=slug,
        surveys=surveys,
        unsaid=unsaid,
        status=422 if unsaid else 200,
    )


@post(
    "/staff/consultations/{slug:str}/contacts/{survey:str}/download",
    opt={"who": DESIGNERS},
    status_code=200,
)
async def download(
    request: AnyRequest, database: Db, slug: InPath, survey: InPath
) -> Response[bytes]:
    """The contacts of a survey as a workbook; that it was taken out is written down."""
    async with database.writing() as session:
        await _known(session, slug, survey)
        found = await store.contacts(session, survey)
        record(session, request.state.staff.email, "contacts.download", survey, "")
    headers = {"content-disposition": f'attachment; filename="{survey}-contacts.xlsx"'}
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(workbook(found), media_type=kind, headers=headers)


@post(
    "/staff/consultations/{slug:str}/contacts/{survey:str}/delete",
    opt={"who": DESIGNERS},
    status_code=303,
)
async def delete(request: AnyRequest, database: Db, slug: InPath, survey: InPath) -> Redirect:
    """Forget every contact of a survey, saying why."""
    reason = (await form_of(request)).get("reason", [""])[0].strip()
    if not reason:
        unsaid = quote(survey, safe="")
        return Redirect(f"/staff/consultations/{slug}/contacts?unsaid={unsaid}", status_code=303)
    async with database.writing() as session:
        await _known(session, slug, survey)
        await store.forget_contacts(session, survey)
        record(session, request.state.staff.email, "contacts.delete", survey, reason[:500])
    return Redirect(f"/staff/consultations/{slug}/contacts", status_code=303)


async def _known(session: Any, slug: str, survey: str) -> None:
    versions = await consultations.of_consultation(session, slug)
    if survey not in {version.survey.slug for version in versions}:
        raise ConsultError(f"Consultation '{slug}' has no survey '{survey}'.")


def workbook(contacts: list[Contact]) -> bytes:
    """Contacts as a workbook, in the order of the alphabet, which tells no time.

    What people typed stays text: nothing of it becomes a formula or a link.
    """
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet("Contacts")
        sheet.write_row(0, 0, ["Name", "How to reach", *PURPOSES.values()])
        ordered = sorted(contacts, key=lambda contact: (contact.reach.casefold(), contact.name))
        for number, contact in enumerate(ordered, start=1):
            wants = ["yes" if name in contact.purposes else "" for name in PURPOSES]
            for column, text in enumerate([contact.name, contact.reach, *wants]):
                sheet.write_string(number, column, text)
        sheet.set_column(0, 1, 40)
    return made.getvalue()


HANDLERS = [contact_list, download, delete]
