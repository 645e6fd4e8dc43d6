"""Whatever is sent to a respondent's address, no answer is an error of the service."""

import asyncio
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from consult.accounts.model import PUBLIC
from consult.app import create_app
from consult.database import Database
from consult.questionnaire.loading import load
from consult.settings import Settings
from tests.conftest import SURVEYS, published

NAMES = ("sensitive", "everything", "every-type")
LANGUAGES = ("en", "ur", "cy", "xx", "")
NASTY = [
    "", "\x00", "\ud800", "🚓" * 50, "اردو", "-1", "1e309", "NaN", "'; DROP TABLE draft; --",
    "{{ 7*7 }}", "<script>", "../../etc/passwd", "%00", "{}", "[]", '{"district": {"a": []}}',
    '{"why_not": ["\\ud800"]}', "[" * 3000, "a" * 30_000, "\r\nSet-Cookie: x=1", "٣", "𝟙",
]  # fmt: skip
FIELDS = [
    "lives", "helped", "why_not", "amount", "district", "priorities", "code", "do", "sure", "safe",
    "again", "language", "later", "idle", "change", "answers", "version", "name", "reach", "why",
    "purposes", "work", "work_expires", "since.day", "since.year", "share.roads", "first.1",
    "best_1.best",
]  # fmt: skip
HEADERS = [
    {}, {"content-type": "application/json"}, {"content-type": "multipart/form-data; boundary=x"},
    {"content-type": "application/x-www-form-urlencoded; charset=utf-99"},
    {"cookie": "consult_left=1"},
    {"cookie": "consult_answers=" + "0" * 64}, {"cookie": "consult_answers=é; ;=;"},
    {"accept-language": "x;q=;,;q=2" * 50}, {"x-forwarded-for": ",,, ::1, \x7f"},
    {"cookie": "consult_answers=" + "0" * 64 + ".ABCD-EFGH-JKMN-PQRS-TVWX"},
]  # fmt: skip

text = st.sampled_from(NASTY) | st.text(max_size=40)
form = st.dictionaries(st.sampled_from(FIELDS) | text, st.lists(text, max_size=3), max_size=6)


def addresses(app: Litestar) -> list[tuple[str, str]]:
    """Every address that is open to all, by method, with places for its parts."""
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and handler.opt.get("who") == PUBLIC:
                found += [(m, route.path) for m in handler.http_methods if m != "OPTIONS"]
    return sorted(set(found))


def test_no_request_brings_the_service_down(database_url: str) -> None:
    app = create_app(Settings(secure_cookies=False, rate_limits=False), database_url)
    open_to_all = addresses(app)
    assert len(open_to_all) > 30
    assert ("POST", "/s/{slug:str}/{language:str}/receipt") in open_to_all

    async def prepare() -> None:
        database = Database(database_url)
        for name in NAMES:
            await published(database, load(SURVEYS / name))
        await database.close()

    async def play(moves: list[tuple[Any, ...]]) -> None:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        site = "http://consult.test"
        async with httpx.AsyncClient(transport=transport, base_url=site) as client:
            await client.post("/s/sensitive/en/start", data={"safe": "1"})
            for (method, path), slug, language, part, fields, headers in moves:
                made = path.replace("{slug:str}", slug).replace("{language:str}", language)
                for place in ("page_id", "kind", "code", "file_path"):
                    made = made.replace(f"{{{place}:str}}", part)
                    made = made.replace(f"{{{place}:path}}", part)
                sent = {n: [encoded(v) for v in values] for n, values in fields.items()}
                try:
                    answer = await client.request(
                        method, made, data=sent if method == "POST" else None, headers=headers
                    )
                except (httpx.InvalidURL, UnicodeError):
                    continue  # no browser could send that
                assert answer.status_code < 500, (method, made, sent, headers)
                assert "Traceback" not in answer.text

    def encoded(value: str) -> str:
        return value.encode("utf-8", "replace").decode()

    move = st.tuples(
        st.sampled_from(open_to_all),
        st.sampled_from((*NAMES, "nothing", "a" * 200)),
        st.sampled_from(LANGUAGES),
        st.sampled_from(
            ("lives", "helped", "why_not", "amount", "pdf", "check", "é", "..", "x" * 99)
        ),
        form,
        st.sampled_from(HEADERS),
    )

    @given(st.lists(move, min_size=1, max_size=12))
    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    def attack(moves: list[tuple[Any, ...]]) -> None:
        runner.run(play(moves))

    with asyncio.Runner() as runner:
        runner.run(prepare())
        attack()
        runner.run(app.state.database.close())
