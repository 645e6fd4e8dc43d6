"""A copy of what someone answered, as a file for them to keep.

A PDF is set with the fonts of this machine. Where they have no letters for what is to be read, it
would be a page of empty boxes: then it is not offered, and whoever asks gets the web page.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import anyio.to_thread
import typst
from litestar import Response

from consult import clock
from consult.errors import NotFound
from consult.questionnaire import languages
from consult.questionnaire.paper.typeset import families, fonts_in, without_controls
from consult.questionnaire.survey import Survey
from consult.respond.codes import Receipt
from consult.respond.corrections import journey_of
from consult.respond.rendering import reviewed
from consult.respond.store import Stored
from consult.respond.visit import Visit
from consult.web.templating import render

_TEMPLATE = Path(__file__).parent / "copy.typ"
#: A PDF takes a tenth of a second of a CPU: one at a time in a process, or pages would wait.
_ONE = anyio.CapacityLimiter(1)
#: Whether the fonts here have the letters of a survey's words, by content and language.
_printable: dict[tuple[str, str], bool] = {}


class NoLetters(Exception):
    """No font here has a letter of what is to be read."""


async def printable(survey: Survey, language: str) -> bool:
    """Whether a copy of answers to a survey can be a PDF here, as far as the survey's words go."""
    key = (survey.content_hash, language)
    if key not in _printable:
        words = survey.words[language]
        asked = [survey.labels(name, language) for name in survey.questions]
        said = [words.title, *(one for q in asked for one in (q.ask, *q.options.values()))]
        _printable[key] = await anyio.to_thread.run_sync(_has_letters, said, limiter=_ONE)
    return _printable[key]


def _has_letters(texts: Iterable[str]) -> bool:
    """Whether the fonts here have every letter; signs such as emoji do not count."""
    letters = {c for text in texts for c in text if unicodedata.category(c)[0] in "LMN"}
    data = {"title": "".join(sorted(letters)), "lines": [], "rows": [], "body": ""}
    try:
        _set({**data, "language": "en", "direction": "ltr"}, accessible=True)
    except typst.TypstError:
        return False
    return True


async def as_file(here: Visit, stored: Stored, receipt: Receipt, kind: str) -> Response[Any]:
    """The answers of a response as ``html`` or ``pdf``. Raises NotFound for any other kind.

    A PDF that could not be read here is the web page instead.
    """
    if kind not in {"html", "pdf"}:
        raise NotFound(kind)
    data = _content(here, stored, receipt)
    if kind == "pdf":
        try:
            made = await anyio.to_thread.run_sync(pdf, data, limiter=_ONE)
        except NoLetters:
            kind = "html"
        else:
            return _download(made, "application/pdf", kind)
    return _download(str(render("respond/copy.html", **data)), "text/html", kind)


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
    """``data`` as a PDF: accessible (PDF/UA-1) unless a sign in it has no font here.

    Raises NoLetters where a letter has none.
    """
    rows = [
        {key: without_controls(_lines(text)) for key, text in row.items()} for row in data["rows"]
    ]
    try:
        return _set({**data, "rows": rows}, accessible=True)
    except typst.TypstError:
        said = [data["title"], *data["lines"], *(text for row in rows for text in row.values())]
        if not _has_letters(said):
            raise NoLetters from None
        # Somebody's emoji: a copy with an empty box in it is better than none.
        return _set({**data, "rows": rows}, accessible=False)


def _set(data: dict[str, Any], *, accessible: bool) -> bytes:
    found = fonts_in(None)
    return typst.compile(
        _TEMPLATE.read_bytes(),
        font_paths=found,
        sys_inputs={"data": json.dumps({**data, "fonts": families(found)})},
        pdf_standards=["ua-1"] if accessible else [],
    )


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
