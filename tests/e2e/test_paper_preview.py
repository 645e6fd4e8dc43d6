"""The HTML preview of whole questionnaires, under axe at every width."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from consult.questionnaire import paper
from consult.questionnaire.loading import load
from tests.e2e.test_resident import no_violation

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("folder", "language"),
    [
        ("tests/surveys/every-type", "en"),
        ("tests/surveys/every-type", "ur"),
        ("surveys/warwickshire-precept-2025-26", "en"),
        ("surveys/west-mercia-plan-2013", "cy"),
        ("surveys/templates/crime-and-safety-telephone", "en"),
    ],
)
def test_a_preview_is_accessible_and_complete_alone(
    browser: Browser, tmp_path: Path, folder: str, language: str
) -> None:
    file = tmp_path / "preview.html"
    file.write_text(paper.html(load(ROOT / folder), language), "utf-8")
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    no_violation(page)
    context.close()
