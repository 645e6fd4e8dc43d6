"""The questionnaire on paper, and as one page to read: made from the draft as it stands."""

from __future__ import annotations

from typing import Any, cast

from anyio import to_thread
from litestar import Response, get

from consult.designing import view
from consult.designing.shell import DESIGNERS, AnyRequest, opened
from consult.errors import ConsultError, NotFound
from consult.questionnaire import paper
from consult.questionnaire.formats.outcome import FormatError
from consult.questionnaire.paper import Layout
from consult.web.inject import Db, InPath

#: Layouts of paper, and what each is called.
PRINTS = {"standard": "standard print", "large": "large print", "easy": "easy read"}


@get("/staff/surveys/{slug:str}/paper/{name:str}", opt={"who": DESIGNERS})
async def printed(request: AnyRequest, database: Db, slug: InPath, name: InPath) -> Response[Any]:
    """The questionnaire to print (``en-large.pdf``) or to read in one page (``en.html``)."""
    here = await opened(request, database, slug)
    survey = view.examined(here.draft).survey
    stem, _, ending = name.rpartition(".")
    language, _, layout = stem.partition("-")
    if survey is None or language not in survey.languages:
        raise NotFound(name)
    try:
        if ending == "html" and not layout:
            made = await to_thread.run_sync(paper.export_html, survey, language)
        elif ending == "pdf" and layout in PRINTS:
            made = await to_thread.run_sync(
                paper.export_pdf, survey, language, cast(Layout, layout)
            )
        else:
            raise NotFound(name)
    except FormatError as error:
        # Such as a language that no font of this machine has letters for.
        raise ConsultError(str(error)) from None
    disposition = f'attachment; filename="{slug}-{name}"'
    media_type = "application/pdf" if ending == "pdf" else "text/html; charset=utf-8"
    headers = {"content-disposition": disposition}
    return Response(made.content, media_type=media_type, headers=headers)


HANDLERS = [printed]
