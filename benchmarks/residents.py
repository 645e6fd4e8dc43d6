"""How residents answer: the way through the benchmark's survey, page by page."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from benchmarks.client import Answer, Browser

BASE = "/s/twelve/en"
WORDS = (
    "We hardly ever see an officer in our street, and when we ring 101 nobody answers for half an "
    "hour. My mother no longer walks to the shop after dark. "
) * 6
#: What a resident sends, page by page: about 2 KB in all.
WAY: dict[str, dict[str, str]] = {
    "lives": {"lives": "north"},
    "often": {"often": "weekly"},
    "safe_day": {"safe_day": "fairly"},
    "safe_night": {"safe_night": "not_very"},
    "worst": {"worst": "speeding"},
    "officers": {"officers": "more"},
    "online": {"online": "dont_know"},
    "rise": {"rise": "12"},
    "band": {"band": "c"},
    "why": {"why": WORDS},
    "tell": {"tell": WORDS},
    "age": {"age": "45_64"},
}
#: What a browser fetches once, and keeps.
STATIC = re.compile(r'(?:href|src)="(/static/[^"]+)"')
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="(\w+)"[^>]*value="([^"]*)"')


class Wrong(Exception):
    """An answer that no resident should get."""


@dataclass
class Resident:
    """Someone who answers, one request after another."""

    browser: Browser

    async def begin(self) -> None:
        """Open the survey and press Start."""
        _expect(await self.browser.get(BASE), 200)
        began = _expect(await self.browser.post(f"{BASE}/start", {}), 303)
        if began.location != f"{BASE}/q/lives":
            raise Wrong(f"Start led to {began.location}")

    async def page(self, name: str) -> None:
        """Read a page and answer it."""
        _expect(await self.browser.get(f"{BASE}/q/{name}"), 200)
        _expect(await self.browser.post(f"{BASE}/q/{name}", WAY[name]), 303)

    async def check(self) -> dict[str, str]:
        """Read the check page; what its form holds."""
        page = _expect(await self.browser.get(f"{BASE}/check"), 200)
        return {n: html.unescape(v) for n, v in _HIDDEN.findall(page.body.decode())}

    async def to_the_check_page(self) -> dict[str, str]:
        """Everything up to the last button."""
        await self.begin()
        for name in WAY:
            await self.page(name)
        return await self.check()


def _expect(answer: Answer, status: int) -> Answer:
    if answer.status != status:
        raise Wrong(f"{answer.status} in place of {status}")
    return answer


def sent(answer: Answer) -> None:
    """Insist that a response was acknowledged. Raises Wrong."""
    if (answer.status, answer.location) != (303, f"{BASE}/sent"):
        raise Wrong(f"a response was answered {answer.status} {answer.location}")
