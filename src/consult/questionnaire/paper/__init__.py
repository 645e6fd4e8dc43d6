"""Paper questionnaires: an accessible PDF to print, and a preview of the whole in HTML."""

from __future__ import annotations

from pathlib import Path

from consult.questionnaire.formats.outcome import Exported, FormatError
from consult.questionnaire.paper import page, typeset
from consult.questionnaire.paper.blocks import Paper
from consult.questionnaire.paper.build import paper
from consult.questionnaire.paper.typeset import Layout
from consult.questionnaire.survey import Survey

__all__ = ["LAYOUTS", "Layout", "export_html", "export_pdf", "html", "pdf"]

LAYOUTS: tuple[Layout, ...] = tuple(typeset.STYLES)


def pdf(
    survey: Survey, language: str, layout: Layout = "standard", fonts: Path | None = None
) -> bytes:
    """``survey`` as a PDF to print, in one language. Raises FormatError."""
    return typeset.pdf(_paper(survey, language), layout, fonts)


def html(survey: Survey, language: str) -> str:
    """The whole of ``survey`` as one page to read, in one language. Raises FormatError."""
    return page.html(_paper(survey, language))


def export_pdf(
    survey: Survey,
    language: str | None = None,
    layout: Layout = "standard",
    fonts: Path | None = None,
) -> Exported:
    """The PDF and what it cannot say; in the survey's first language unless told otherwise."""
    made = _paper(survey, language or survey.languages[0])
    return Exported(typeset.pdf(made, layout, fonts), made.notes)


def export_html(survey: Survey, language: str | None = None) -> Exported:
    """The preview and what it cannot say; in the survey's first language unless told otherwise."""
    made = _paper(survey, language or survey.languages[0])
    return Exported(page.html(made).encode(), made.notes)


def _paper(survey: Survey, language: str) -> Paper:
    if language not in survey.languages:
        known = ", ".join(survey.languages)
        raise FormatError(survey.slug, f"it has no language '{language}'", f"Use one of {known}.")
    return paper(survey, language)
