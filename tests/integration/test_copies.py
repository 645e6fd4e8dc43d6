"""A copy to keep, where the machine has no font for what it says."""

import io
from collections.abc import Iterator

import httpx
import pytest
import typst
from pypdf import PdfReader

from consult.database import Database
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.respond import copies
from tests.conftest import SURVEYS, published
from tests.integration.test_safe import BASE, WAY, answer, send

pytestmark = pytest.mark.anyio
URDU = "/s/sensitive/ur"


@pytest.fixture
async def survey(database: Database) -> Survey:
    return (await published(database, load(SURVEYS / "sensitive"))).survey


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with the fonts that typst brings, and no others: Latin, Greek, Cyrillic."""
    bare = typst.Fonts(include_system_fonts=False)
    monkeypatch.setattr(copies, "fonts_in", lambda folder: bare)
    copies._printable.clear()
    yield
    copies._printable.clear()


def words(made: httpx.Response) -> str:
    assert made.headers["content-type"] == "application/pdf"
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages)


async def test_a_language_without_letters_here_is_offered_as_a_web_page_alone(
    client: httpx.AsyncClient, survey: Survey, no_fonts: None
) -> None:
    await answer(client, *WAY)
    receipt = await send(client)
    english, urdu = [(await client.get(f"{base}/sent")).text for base in (BASE, URDU)]
    assert f"{BASE}/copy/pdf" in english
    assert f"{URDU}/copy/html" in urdu
    assert f"{URDU}/copy/pdf" not in urdu
    made = await client.get(f"{URDU}/copy/pdf")  # kept in a bookmark, say
    assert made.status_code == 200
    assert made.headers["content-type"].startswith("text/html")
    assert made.headers["content-disposition"] == 'attachment; filename="answers.html"'
    assert receipt in made.text
    assert receipt in words(await client.get(f"{BASE}/copy/pdf"))


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("وہ اب بھی یہاں رہتا ہے", "text/html"), ("He still lives here 🚓", "application/pdf")],
)
async def test_an_answer_that_cannot_be_read_is_no_pdf_and_a_sign_in_it_does_not_matter(
    typed: str, kind: str, client: httpx.AsyncClient, survey: Survey, no_fonts: None
) -> None:
    await answer(client, *[page for page in WAY if page != "why_not"])
    await client.post(f"{BASE}/q/why_not", data={"why_not": typed})
    await send(client)
    made = await client.get(f"{BASE}/copy/pdf")
    assert made.headers["content-type"].startswith(kind)


async def test_with_its_fonts_every_language_is_offered_as_a_pdf(
    client: httpx.AsyncClient, survey: Survey
) -> None:
    await answer(client, *WAY)
    receipt = await send(client)
    assert f"{URDU}/copy/pdf" in (await client.get(f"{URDU}/sent")).text
    assert receipt in words(await client.get(f"{URDU}/copy/pdf"))
