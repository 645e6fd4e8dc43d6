"""Blocks as one HTML page to read: no script, nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from consult.questionnaire.paper.blocks import Paper

_FOLDER = Path(__file__).parent
_templates = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,  # every text of a survey is text
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


def html(paper: Paper) -> str:
    """``paper`` as a page of its own."""
    style = (_FOLDER / "preview.css").read_text("utf-8")
    return _templates.get_template("preview.html").render(p=paper, w=paper.words, style=style)
