"""A copy of what someone answered, as a file for them to keep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio.to_thread
import typst
from litestar import Response

from consult import clock
from consult.errors import NotFound
from consult.questionnaire import languages
from consult.questionnaire.paper.typeset import families, fonts_in, without_controls
from consult.respond.codes import Receipt
from consult.respond.corrections import journey_of
from consult.respond.rendering import reviewed
from consult.respond.store import Stored
from consult.respond.visit import Visit
from consult.web.templating import render

_TEMPLATE = Path(__file__).parent / "copy.typ"
#: A PDF takes a tenth of a second of a CPU: one at a time in a process, or pages would wait.
_ONE = anyio.CapacityLimiter(1)


async def as_file(here: Visit, stored: Stored, receipt: Receipt, kind: str) -> Response[Any]:
    """The answers of a response as ``html`` or ``pdf``. Raises NotFound for any other kind."""
    data = _content(here, stored, receipt)
    if kind == "html":
        page = render("respond/copy.html", **data)
        return _download(str(page), "text/html", "html")
    if kind == "pdf":
        made = await anyio.to_thread.run_sync(pdf, data, limiter=_ONE)
        return _download(made, "application/pdf", "pdf")
    raise NotFound(kind)


def _download(content: str | bytes, media_type: str, kind: str) -> Response[Any]:
    # A name that gives nothing away in a shared phone's list of downloads.
    headers = {"content-disposition": f'attachment; filename="answers.{kind}"'}
    return Response(content, media_type=media_type, headers=headers)


def _content(here: Visit, stored: Stored, receipt: Receipt) -> dict[str, Any]:
    """What a copy says."""
    say, survey = here.say, stored.version.survey
    language = here.language if here.language in survey.languages else stored.language
    closes = clock.spoken(here.version.survey.closes, language)
    day = clock.day(stored.received_on, language)
    rows = reviewed(journey_of(stored), language, "")
    unanswered = say("Not answered")
    return {
        "language": language,
        "direction": languages.direction(language),
        "title": say("Your answers") if here.sensitive else survey.words[language].title,
        "body": "" if here.sensitive else survey.definition.body,
        "lines": [
            say("Sent on %(day)s.") % {"day": day},
            say("Your receipt: %(receipt)s") % {"receipt": receipt},
            say("With it you can correct or withdraw your answers until %(closes)s.")
            % {"closes": closes},
        ],
        "rows": [{"ask": row["ask"], "value": row["value"] or unanswered} for row in rows],
    }


def pdf(data: dict[str, Any]) -> bytes:
    """``data`` as a PDF: accessible (PDF/UA-1) unless a sign in it has no font here."""
    found = fonts_in(None)
    rows = [
        {key: without_controls(_lines(text)) for key, text in row.items()} for row in data["rows"]
    ]
    inputs = {"data": json.dumps({**data, "rows": rows, "fonts": families(found)})}
    template = _TEMPLATE.read_bytes()
    try:
        return typst.compile(template, font_paths=found, sys_inputs=inputs, pdf_standards=["ua-1"])
    except typst.TypstError:
        # Somebody's emoji: a copy with an empty box in it is better than none.
        return typst.compile(template, font_paths=found, sys_inputs=inputs)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
