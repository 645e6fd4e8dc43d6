"""Codes on paper: a page a letter, or a table for the body's own mail merge."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import typst

from consult import clock
from consult.errors import ConsultError
from consult.inviting.wording import ABOUT, BY, INVITED, NOT_WANTED, ON_PAPER, ONCE_LETTER, link
from consult.questionnaire import languages
from consult.questionnaire.paper.typeset import families, fonts_in, without_controls
from consult.questionnaire.survey import Survey
from consult.web.templating import translations

#: Letters in one PDF: each takes a tenth of a megabyte while it is set.
MOST = 1_000
_TEMPLATE = Path(__file__).parent / "letter.typ"


def table(codes: Sequence[str], public_url: str) -> str:
    """A row a letter: the code, and the link for whoever wants to print one."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(["code", "link"])
    writer.writerows([code, link(public_url, code) if public_url else ""] for code in codes)
    return made.getvalue()


def pdf(survey: Survey, language: str, codes: Sequence[str], public_url: str) -> bytes:
    """The letters to print, accessible (PDF/UA-1). Raises ConsultError."""
    say = translations(language).gettext
    fill = {
        "body": survey.definition.body,
        "title": survey.words[language].title,
        "address": f"{public_url}/s/{survey.slug}",
        "closes": clock.spoken(survey.closes, language),
    }
    before = [say(line) % fill for line in (ABOUT, ON_PAPER)]
    if survey.definition.sensitive:
        before = before[1:]
    fonts = fonts_in(None)
    data = {
        "title": without_controls(say(INVITED) % fill),
        "body": survey.definition.body,
        "language": language,
        "direction": languages.direction(language),
        "fonts": families(fonts),
        "letters": [{"before": [*map(without_controls, before)], "code": code} for code in codes],
        "after": [without_controls(say(line) % fill) for line in (BY, ONCE_LETTER, NOT_WANTED)],
    }
    inputs = {"data": json.dumps(data)}
    try:
        return typst.compile(
            _TEMPLATE.read_bytes(), font_paths=fonts, sys_inputs=inputs, pdf_standards=["ua-1"]
        )
    except typst.TypstError:
        raise ConsultError(
            "The letters cannot be set: this machine has no font for a letter in the title or the "
            "body's name. Install one ('apt-get install fonts-noto-core', for Chinese "
            "'fonts-noto-cjk'), or take the table."
        ) from None
