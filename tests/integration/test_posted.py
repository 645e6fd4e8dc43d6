"""What browsers send is read, kept to a size, and not remembered by the process."""

import functools
import gc
import re
import time
from collections.abc import Iterator

import httpx
import pytest

from consult.database import Database
from consult.inviting import codes
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.respond.visit import COOKIE
from consult.web.posted import LONGEST_FORM, MOST_FIELDS
from tests.conftest import SURVEYS, published
from tests.integration.test_respond import ANSWERS, BASE, begin, go, hidden

pytestmark = pytest.mark.anyio
FORM = {"content-type": "application/x-www-form-urlencoded"}
PARTS = {"content-type": "multipart/form-data; boundary=x"}


def remembered() -> Iterator[str]:
    """Every text in every cache of a function in this process."""
    caches = [o for o in gc.get_objects() if isinstance(o, functools._lru_cache_wrapper)]
    for cache in caches:
        # The browser's own, in the same process; and the words of type hints.
        if cache.__module__ in {"urllib.parse", "typing"}:
            continue
        seen: set[int] = set()
        within = [o for o in gc.get_referents(cache) if o is not getattr(cache, "__wrapped__", 0)]
        for _ in range(6):  # a cache's keys and results, and what these are made of
            within = [o for o in within if id(o) not in seen and not callable(o)]
            seen |= {id(o) for o in within}
            for one in within:
                if isinstance(one, str):
                    yield one
                elif isinstance(one, bytes):
                    yield one.decode("latin-1")
            parts = [o for o in within if type(o).__module__ in {"builtins", "functools"}]
            within = gc.get_referents(*(o for o in parts if not isinstance(o, type)))


def part(value: bytes, name: str = "district", kind: str = "") -> bytes:
    said = f"\r\nContent-Type: text/plain; {kind}" if kind else ""
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{said}\r\n\r\n'
    return head.encode() + value + b"\r\n--x--\r\n"


async def test_nothing_that_was_sent_stays_in_memory(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    for cache in [o for o in gc.get_objects() if isinstance(o, functools._lru_cache_wrapper)]:
        if str(cache.__module__).startswith("analysis."):
            cache.cache_clear()  # of tests that ran in this process before
    await published(database, load(SURVEYS / "sensitive"))
    code = codes.new_code()
    await begin(client)
    await go(client, {**ANSWERS, "why_freeze": {"why_freeze": "MARKanswer"}})
    await client.get(f"{BASE}/q/district?change=MARKquery")
    await client.post(f"{BASE}/check", data=hidden((await client.get(f"{BASE}/check")).text))
    await client.post(f"{BASE}/receipt", data={"code": "MARK-receipt"})
    await client.post("/staff/sign-in", data={"email": "m@example.org", "password": "MARKpass"})
    await client.get(f"/i/{code}?MARKquery=1")
    await client.get(f"/i/{'MARKlong' * 1_000}")
    # A sensitive survey, and staff pages, look for cookies of theirs among all there are.
    for path in ("/s/sensitive/en", "/staff/surveys", "/kiosk/everything"):
        await client.get(path, headers={"cookie": f"{COOKIE}=MARKtoken; consult_staff=MARKstaff"})
    held = "\n".join(remembered())
    assert "/s/sensitive/en" in held  # there are caches, and we looked into them
    assert re.findall(r"\S*MARK\S*", held) == []
    assert code not in held


async def test_the_largest_honest_form_is_taken_and_nothing_larger(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    await begin(client)
    await go(client, {p: ANSWERS[p] for p in ("district", "band", "view")})
    words = "مہنگائ " * 50_000
    answer = await client.post(f"{BASE}/q/why_freeze", data={"why_freeze": words})
    assert "it has 349,999" in answer.text
    assert words.strip() in answer.text
    asked = {
        "answers": '{"why_freeze": ["' + "\\u0627\\u0627\\u0627\\u0627\\u0627\\u0627 " * 50_000
    }
    check = await client.post(f"{BASE}/check", data=asked)
    assert check.status_code == 303
    for content in (b"x=" + b"x" * LONGEST_FORM, b"x=" + b"%41" * (LONGEST_FORM // 3)):
        large = await client.post("/staff/sign-in", content=content, headers=FORM)
        assert large.status_code == 413
        assert "What you sent is too large" in large.text


async def test_a_form_of_very_many_fields_holds_nobody_up(
    client: httpx.AsyncClient, open_survey: Survey
) -> None:
    began = time.process_time()
    many = await client.post(f"{BASE}/start", content=b"a&" * 500_000, headers=FORM)
    assert many.status_code == 413
    edges = await client.post(f"{BASE}/start", content=b"--x" * 1_000_000, headers=PARTS)
    assert edges.status_code == 413
    assert time.process_time() - began < 1
    most = "&".join(["priorities=roads"] * MOST_FIELDS).encode()
    assert (await client.post(f"{BASE}/start", content=most, headers=FORM)).status_code == 303
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("charset=unicode_escape", rb"half \ud800"),
        ('Charset="utf-7"', b"half +2AA-"),
        ("charset=punycode", b"a-" + b"b" * 300_000),
    ],
)
async def test_parts_in_other_encodings_are_refused_and_break_nothing(
    kind: str, value: bytes, client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    await published(database, load(SURVEYS / "poll"))
    await published(database, load(SURVEYS / "sensitive"))
    await begin(client)
    began = time.process_time()
    for path, name in (
        (f"{BASE}/q/district", "district"),
        ("/s/sensitive/en/updates", "reach"),
        ("/poll/poll/en", "matters_other"),
    ):
        refused = await client.post(path, content=part(value, name, kind), headers=PARTS)
        assert refused.status_code == 400, path
        assert "That did not work" in refused.text
    assert time.process_time() - began < 1
    assert (await client.get(f"{BASE}/q/district")).status_code == 200
    ours = part(b"north", "district", "charset=UTF-8")
    kept = await client.post(f"{BASE}/q/district", content=ours, headers=PARTS)
    assert kept.status_code == 303


@pytest.mark.parametrize("path", ["/s/sensitive/en/updates", "/s/sensitive/en/return"])
async def test_a_file_in_place_of_a_text_is_nothing(
    path: str, client: httpx.AsyncClient, database: Database
) -> None:
    await published(database, load(SURVEYS / "sensitive"))
    for name in ("reach", "code", "name"):
        sent = await client.post(path, files={name: ("a.txt", b"x")})
        assert sent.status_code < 500


@pytest.mark.parametrize("origin", ["http://[", "http://]", "null", "", "http://consult.test@x"])
async def test_an_origin_that_is_none_is_another_site(
    origin: str, client: httpx.AsyncClient, open_survey: Survey
) -> None:
    refused = await client.post(f"{BASE}/start", headers={"origin": origin})
    assert refused.status_code == 403
    ours = await client.post(f"{BASE}/start", headers={"origin": "http://consult.test"})
    assert ours.status_code == 303
