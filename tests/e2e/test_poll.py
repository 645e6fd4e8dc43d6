"""A poll in a frame of another site, in a browser that keeps no cookies for frames."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from consult.database import Database
from consult.questionnaire.loading import load
from tests.conftest import SURVEYS, published
from tests.e2e.conftest import Site, apart
from tests.e2e.test_resident import no_violation


class Hosting(BaseHTTPRequestHandler):
    """The body's own site: one page with the lines that staff copied."""

    def do_GET(self) -> None:
        content = self.server.page.encode()  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests' output is for the tests."""


@pytest.fixture(scope="module")
def hosted(site: Site) -> Iterator[tuple[str, str]]:
    """Two addresses of that page: of a host that is listed, and of one that is not."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hosting)
    port = server.server_address[1]
    frame = f'<iframe src="{site.address}/poll/poll/en" title="Poll" width="100%" height="700">'
    server.page = f"<!DOCTYPE html><html lang=en><title>Home</title><h1>Home</h1>{frame}</iframe>"  # type: ignore[attr-defined]
    survey = load(SURVEYS / "poll")
    definition = survey.definition.model_copy(update={"embed_on": (f"localhost:{port}",)})

    async def publish() -> None:
        database = Database(site.database_url)
        await published(database, replace(survey, definition=definition))
        await database.close()

    apart(lambda: asyncio.run(publish()))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{port}/", f"http://127.0.0.1:{port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def test_a_poll_is_answered_in_a_frame_of_a_listed_host_alone(
    page: Page, hosted: tuple[str, str]
) -> None:
    listed, other = hosted
    page.goto(listed)
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Send my answers").click()
    expect(frame.locator(".govuk-error-summary")).to_contain_text("Select an answer")
    frame.get_by_role("button", name="اردو").click()
    expect(frame.locator("html")).to_have_attribute("dir", "rtl")
    frame.get_by_label("زیادہ گشت").check()
    frame.locator("form button").first.dblclick()
    expect(frame.locator(".govuk-panel")).to_be_visible()
    assert page.context.cookies() == []
    page.goto(other)
    page.wait_for_timeout(300)
    refused = next(f for f in page.frames if f is not page.main_frame)
    assert "What matters" not in refused.content()


def test_a_poll_is_accessible(browser: Browser, hosted: tuple[str, str], site: Site) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    for language in ("en", "ur"):
        page.goto(f"{site.address}/poll/poll/{language}")
        no_violation(page)
    page.locator("form button").first.click()
    no_violation(page)
    page.locator("input[type=radio]").first.check()
    page.locator("form button").first.click()
    expect(page.locator(".govuk-panel")).to_be_visible()
    no_violation(page)
    context.close()
