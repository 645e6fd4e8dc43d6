"""Who may answer, once: open, soft, invited, signed in; and what a response gives away."""

import asyncio
import csv
import html
import io
import json
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from consult import clock
from consult.app import create_app
from consult.database import Database
from consult.datasets.files import dataset_files
from consult.datasets.imports import ImportRefused, import_file
from consult.inviting import codes, store
from consult.inviting.keys import root_key
from consult.questionnaire.survey import Survey
from consult.respond.gate.signals import TRAP
from consult.respond.gate.work import Task
from consult.settings import Delivery, Settings
from tests.conftest import published
from tests.integration.post import code_in, mail_server
from tests.integration.test_respond import ANSWERS, BASE, begin, finish, go, hidden, stored
from tests.unit.test_gate import solved

pytestmark = pytest.mark.anyio
SETTINGS = Settings(secure_cookies=False)
Browsers = Callable[[], AbstractAsyncContextManager[httpx.AsyncClient]]


async def publish(database: Database, survey: Survey, /, **settings: Any) -> Survey:
    """``survey`` with other settings, published."""
    made = replace(survey, definition=survey.definition.model_copy(update=settings))
    await published(database, made)
    return made


@asynccontextmanager
async def service(url: str, settings: Settings = SETTINGS) -> AsyncIterator[Browsers]:
    """The service; call what it gives for another browser."""
    app = create_app(settings, url)

    def browser() -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://consult.test")

    async with app.lifespan():
        yield browser


async def invite(database: Database, count: int = 1) -> list[str]:
    """Codes that work."""
    made = codes.marked(await root_key(database, SETTINGS), count)
    async with database.writing() as session:
        await store.make_batch(
            session, "everything", "victims", "letter", "en", marks=[mark for _, mark in made],
            by="test", now=clock.now(),
        )  # fmt: skip
    return [code for code, _ in made]


async def enter(browser: httpx.AsyncClient, code: str) -> httpx.Response:
    return await browser.post(f"{BASE}/enter", data={"code": code})


async def answered(browser: httpx.AsyncClient) -> httpx.Response:
    """Begin, answer everything and send."""
    await begin(browser)
    await go(browser, ANSWERS)
    return await finish(browser)


# -- invited ---------------------------------------------------------------------------------------


async def test_one_response_each_without_an_account(
    database_url: str, database: Database, everything: Survey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await publish(database, everything, access="invited")
    [code] = await invite(database)
    async with service(database_url) as browsers, browsers() as ann, browsers() as bob:
        start = (await ann.get(BASE)).text
        assert "Enter my code" in start
        assert "Start now" not in start
        assert await begin(ann) == f"{BASE}/enter"
        for wrong, said in (("", "12 letters and digits"), ("A" * 12, "We do not know this code")):
            answer = await enter(ann, wrong)
            assert answer.status_code == 422
            assert said in answer.text
            assert "<title>Error: Enter your code" in answer.text
        elsewhere = await ann.post(f"{BASE}/return", data={"code": code})
        assert "If it is the code of your invitation" in elsewhere.text
        answer = await enter(ann, f" {code.lower().replace('-', ' ')} ")
        assert answer.headers["location"] == BASE
        assert code.replace("-", "").lower() not in answer.headers["set-cookie"].lower()
        assert "Your code works" in (await ann.get(BASE)).text
        # Begun in two browsers, it is used by neither until one of them sends.
        await enter(bob, code)
        for browser in (ann, bob):
            assert await begin(browser) == f"{BASE}/q/district"
            await go(browser, ANSWERS)
        page = hidden((await ann.get(f"{BASE}/check")).text)
        sent = await asyncio.gather(*(ann.post(f"{BASE}/check", data=page) for _ in range(3)))
        assert {answer.headers["location"] for answer in sent} == {f"{BASE}/sent"}
        assert "have been sent" in (await ann.get(f"{BASE}/sent")).text
        late = await finish(bob)
        assert late.headers["location"] == f"{BASE}/enter?used=1"
        told = await bob.get(late.headers["location"])
        assert told.status_code == 409
        assert "This code has been used" in told.text
        assert "This code has been used" in (await enter(bob, code)).text
        assert len(await stored(database)) == 1
        # Another code, and the answers are still there.
        [other] = await invite(database)
        assert (await enter(bob, other)).headers["location"] == f"{BASE}/resume"
        assert (await finish(bob)).headers["location"] == f"{BASE}/sent"
        assert len(await stored(database)) == 2
    assert code.replace("-", "") not in caplog.text.replace("-", "")


async def test_a_link_sets_its_code_aside_and_uses_nothing_up(
    database_url: str, database: Database, everything: Survey
) -> None:
    await publish(database, everything, access="invited")
    [code] = await invite(database)
    typed = code.replace("-", "")
    async with service(database_url) as browsers, browsers() as ann, browsers() as scanner:
        for _ in range(3):  # mail programs look before people do
            await scanner.get(f"/i/{typed}")
        answer = await ann.get(f"/i/{typed}", headers={"accept-language": "cy"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/s/everything/cy"
        assert typed not in str(answer.headers)
        assert answer.headers["cache-control"] == "no-store"
        assert (await answered(ann)).headers["location"] == f"{BASE}/sent"
        used = await scanner.get(f"/i/{typed}")
        assert used.headers["location"] == f"{BASE}/enter?used=1"
        unknown = await ann.get("/i/AAAABBBBCCCC", headers={"accept-language": "cy"})
        page = await ann.get(unknown.headers["location"], headers={"accept-language": "cy"})
        assert page.status_code == 404
        assert "Nid ydym yn adnabod y cod hwn" in page.text
        assert "AAAA" not in page.text


async def test_the_next_person_at_the_same_browser_needs_a_code_of_their_own(
    database_url: str, database: Database, everything: Survey
) -> None:
    await publish(database, everything, access="invited")
    first, second, third = await invite(database, 3)
    async with service(database_url) as browsers, browsers() as shared:
        await enter(shared, first)
        await answered(shared)
        assert "Enter my code" in (await shared.get(BASE)).text
        assert await begin(shared) == f"{BASE}/enter"
        await shared.get(f"/i/{second}")
        assert await begin(shared) == f"{BASE}/q/district"
        await go(shared, ANSWERS)
        # A link opened midway counts in place of the code the answers were begun with.
        await shared.get(f"/i/{third}")
        assert (await finish(shared)).headers["location"] == f"{BASE}/sent"
        async with browsers() as other:
            assert (await enter(other, second)).status_code == 303
            assert (await enter(other, third)).status_code == 409
            await other.get(f"/i/{second}")
            assert "consult_entry" in other.cookies
            await other.post(f"{BASE}/finish")
            assert "consult_entry" not in other.cookies


async def test_a_code_is_for_its_own_survey_and_a_forged_entry_for_none(
    database_url: str, database: Database, everything: Survey
) -> None:
    made = await publish(database, everything, access="invited")
    await publish(database, made, survey="other")
    [code] = await invite(database)
    async with service(database_url) as browsers, browsers() as ann:
        elsewhere = await ann.post("/s/other/en/enter", data={"code": code})
        assert elsewhere.status_code == 422
        await ann.get(f"/i/{code}")
        entry = ann.cookies["consult_entry"]
        ann.cookies.clear()
        ann.cookies.set("consult_entry", entry, path="/s/other")
        assert await begin(ann, "/s/other/en") == "/s/other/en/enter"
        ann.cookies.set("consult_entry", entry[:-4] + "AAAA", path="/s/everything")
        assert await begin(ann) == f"{BASE}/enter"


async def test_a_survey_that_asks_for_codes_midway_keeps_what_was_typed(
    database_url: str, database: Database, everything: Survey
) -> None:
    await publish(database, everything)
    async with service(database_url) as browsers, browsers() as ann:
        await begin(ann)
        await go(ann, ANSWERS)
        await publish(database, everything, access="invited")
        [code] = await invite(database)
        assert (await finish(ann)).headers["location"] == f"{BASE}/enter"
        assert (await enter(ann, code)).headers["location"] == f"{BASE}/resume"
        assert (await finish(ann)).headers["location"] == f"{BASE}/sent"


# -- signed in -------------------------------------------------------------------------------------


async def test_an_address_is_checked_and_answers_once(
    database_url: str, database: Database, everything: Survey, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    await publish(database, everything, access="signed_in", email_domains=("police.test",))
    async with mail_server() as server:
        delivery = Delivery("https://survey.example.org", server.url, "views@example.org")
        settings = replace(SETTINGS, delivery=delivery)
        async with (
            service(database_url, settings) as browsers,
            browsers() as ann,
            browsers() as ann2,
        ):

            async def ask(browser: httpx.AsyncClient, address: str) -> httpx.Response:
                return await browser.post(f"{BASE}/enter", data={"address": address})

            assert "ends in @police.test" in (await ann.get(BASE)).text
            for wrong, said in (
                ("nobody", "Enter an email address"),
                ("ann@elsewhere.test", "ends in @police.test"),
                ("ann@police.test.elsewhere.test", "ends in @police.test"),
                ("gone@police.test", "We could not send a message there"),
            ):
                answer = await ask(ann, wrong)
                assert answer.status_code == 422
                assert said in answer.text
            assert (await ask(ann, "Ann@Police.test")).headers["location"] == f"{BASE}/enter"
            [letter] = server.to("Ann@Police.test")
            code = code_in(letter.get_content(), codes.SIGN_IN_LENGTH)
            assert "Enter the code we sent you" in (await ann.get(f"{BASE}/enter")).text
            assert (await enter(ann, "AAAA-AAAA")).status_code == 422
            assert await begin(ann) == f"{BASE}/enter"  # asked for, and not shown yet to be theirs
            assert (await enter(ann, code)).headers["location"] == BASE
            assert "Your email address has been checked" in (await ann.get(BASE)).text
            assert (await answered(ann)).headers["location"] == f"{BASE}/sent"
            # The same address once more, from elsewhere.
            await ask(ann2, "ann@police.test")
            [letter] = server.to("ann@police.test")
            again = await enter(ann2, code_in(letter.get_content(), codes.SIGN_IN_LENGTH))
            assert "This address has answered" in again.text
            # A code that is not entered within ten minutes.
            await ask(ann2, "bob@police.test")
            [letter] = server.to("bob@police.test")
            later = clock.now() + timedelta(minutes=11)
            monkeypatch.setattr(clock, "now", lambda: later)
            late = await enter(ann2, code_in(letter.get_content(), codes.SIGN_IN_LENGTH))
            assert "more than 10 minutes" in late.text
    [row] = await stored(database)
    async with database.reading() as session:
        [kept] = (await session.execute(text("SELECT * FROM invitation"))).mappings().all()
    assert (kept["reach"], kept["used"], kept["batch_id"]) == ("", True, None)
    assert "police" not in str(row).lower() + str(dict(kept)).lower() + caplog.text.lower()


# -- again -----------------------------------------------------------------------------------------


async def test_with_soft_control_one_answers_again_and_says_why(
    database_url: str, database: Database, everything: Survey
) -> None:
    await publish(database, everything, access="soft")
    async with service(database_url) as browsers, browsers() as ann:
        assert "Answer again" not in (await ann.get(BASE)).text
        sent = await answered(ann)
        assert "consult_answered=1" in str(sent.headers)
        await ann.post(f"{BASE}/finish")  # the next person at the same computer
        assert "Answer again" in (await ann.get(BASE)).text
        assert await begin(ann) == f"{BASE}/again"
        page = await ann.get(f"{BASE}/again")
        assert "Someone else in my household" in page.text
        silent = await ann.post(f"{BASE}/start", data={"asked": "1"})
        told = await ann.get(silent.headers["location"])
        assert told.status_code == 422
        assert "Select why you want to answer again" in told.text
        why = {"asked": "1", "why": "other", "why_words": "I moved"}
        answer = await ann.post(f"{BASE}/start", data=why)
        assert answer.headers["location"] == f"{BASE}/q/district"
        await go(ann, ANSWERS)
        await finish(ann)
    rows = await stored(database)
    assert sorted((row["again"], "again" in row["flags"]) for row in rows) == [  # type: ignore[operator]
        ("", False),
        ("other: I moved", True),
    ]


async def test_a_sensitive_survey_leaves_no_mark_and_an_open_one_asks_nothing(
    database_url: str, database: Database, everything: Survey
) -> None:
    await publish(database, everything, access="soft", sensitive=True)
    async with service(database_url) as browsers, browsers() as ann:
        await ann.post(f"{BASE}/start", data={"safe": "1"})
        await go(ann, ANSWERS)
        assert "consult_answered" not in str((await finish(ann)).headers)
    await publish(database, everything)
    async with service(database_url) as browsers, browsers() as ann:
        await answered(ann)
        assert await begin(ann) == f"{BASE}/q/district"


# -- machines --------------------------------------------------------------------------------------


def done(page: str) -> dict[str, str]:
    """The form of a check page, as a browser with JavaScript sends it."""
    [given] = re.findall(r'data-consult-work="([^"]*)"', page)
    form = hidden(page)
    task = json.loads(html.unescape(given))
    number = solved(Task(task["salt"], task["target"], task["most"], int(form["work_expires"])))
    return {**form, "work": number}


async def test_protection_from_bots_without_a_puzzle(
    database_url: str, database: Database, everything: Survey, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    await publish(database, everything)
    now = clock.now()
    async with service(database_url) as browsers:

        async def send(seconds: float, *, proof: bool, **fields: str) -> None:
            async with browsers() as browser:
                monkeypatch.setattr(clock, "now", lambda: now)
                await begin(browser)
                await go(browser, ANSWERS)
                monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=seconds))
                page = (await browser.get(f"{BASE}/check")).text
                assert f'name="{TRAP}" type="text" tabindex="-1"' in page
                form = (done(page) if proof else hidden(page)) | fields
                answer = await browser.post(f"{BASE}/check", data=form)
                assert answer.headers["location"] == f"{BASE}/sent"

        await send(1, proof=False)
        await send(1, proof=True)
        await send(20, proof=False)
        await send(20, proof=True)
        await send(300, proof=False)
        await send(300, proof=False, **{TRAP: "https://pills.example"})
    flags = sorted(" ".join(row["flags"]) for row in await stored(database))  # type: ignore[arg-type]
    assert flags == ["", "", "fast", "fast no_proof", "honeypot", "no_proof"]
    files = await dataset_files(database, "everything")
    rows = list(csv.DictReader(io.StringIO(files.responses)))
    assert sorted(row["flags"] for row in rows) == flags
    explained = {flag["code"] for flag in json.loads(files.codebook)["flags"]}
    assert {flag for row in rows for flag in row["flags"].split()} <= explained
    # What was exported is imported again with its flags, and an unknown one is refused.
    again = tmp_path / "again.csv"
    again.write_text(files.responses.replace(",web,", ",paper,"))
    imported = await import_file(database, "everything", again, "paper", by="test")
    assert (imported.stored, imported.again) == (0, 6)
    again.write_text(files.responses.replace("honeypot", "suspicious"))
    with pytest.raises(ImportRefused, match="flags: Leave it empty"):
        await import_file(database, "everything", again, "paper", by="test")


async def test_a_flood_is_told_to_wait_in_its_own_language_and_reading_never_is(
    database_url: str, database: Database, everything: Survey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await publish(database, everything)
    settings = replace(SETTINGS, trusted_proxies=1)
    mine, other = ({"x-forwarded-for": address} for address in ("203.0.113.9", "203.0.113.10"))
    async with service(database_url, settings) as browsers, browsers() as ann:
        limits = ann._transport.app.state.limits  # type: ignore[attr-defined]
        while True:
            try:
                limits.take("begin", "203.0.113.9")
            except Exception:
                break
        refused = await ann.post("/s/everything/cy/start", headers=mine)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert "Arhoswch ychydig" in refused.text
        assert (await ann.get(BASE, headers=mine)).status_code == 200
        assert (await ann.post(f"{BASE}/start", headers=other)).status_code == 303
        # Whoever had begun goes on, and past the allowance a response is kept and marked.
        for _ in range(200):
            limits.take("send", "203.0.113.9")
        ann.headers.update(mine)
        await go(ann, ANSWERS)
        assert (await finish(ann)).headers["location"] == f"{BASE}/sent"
    [row] = await stored(database)
    assert "burst" in row["flags"]  # type: ignore[operator]
    assert "203.0.113" not in caplog.text


async def test_codes_cannot_be_tried_out_and_right_ones_are_not_counted(
    database_url: str, database: Database, everything: Survey
) -> None:
    await publish(database, everything, access="invited")
    [code] = await invite(database)
    async with service(database_url) as browsers, browsers() as ann:
        for _ in range(60):
            assert (await enter(ann, code)).status_code == 303
        tried = [(await enter(ann, codes.new_code())).status_code for _ in range(52)]
        assert tried == [422] * 50 + [429] * 2


async def test_past_the_allowance_no_code_is_worked_out_and_the_right_one_waits_too(
    database_url: str,
    database: Database,
    everything: Survey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await publish(database, everything, access="invited")
    [code] = await invite(database)
    worked_out = 0
    true_mark = codes.mark_of_code

    def counting(root: bytes, typed: str) -> bytes:
        nonlocal worked_out
        worked_out += 1
        return true_mark(root, typed)

    monkeypatch.setattr(codes, "mark_of_code", counting)

    async def follow(browser: httpx.AsyncClient, typed: str) -> httpx.Response:
        return await browser.get(f"/i/{typed.replace('-', '')}")

    async with service(database_url) as browsers, browsers() as ann:
        both = (enter, follow)
        right = await asyncio.gather(*(both[n % 2](ann, code) for n in range(30)))
        assert {answer.status_code for answer in right} == {303}
        for number in range(50):
            assert (await both[number % 2](ann, codes.new_code())).status_code in {303, 422}
        assert worked_out == 80
        for send in (enter, follow) * 5:
            for typed in (codes.new_code(), code):
                answer = await send(ann, typed)
                assert answer.status_code == 429
                assert 0 < int(answer.headers["retry-after"]) <= 36
        assert worked_out == 80
