"""Invitations leave by a real mail server and by a server that speaks as GOV.UK Notify does."""

import asyncio
import logging
import os
import re
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from consult import clock, worker
from consult.database import Database
from consult.inviting import codes, sending, store
from consult.inviting.keys import root_key
from consult.inviting.model import Batch, Channel, Tally
from consult.inviting.sending import LEASE, PAUSES, send_waiting
from consult.questionnaire.survey import Survey
from consult.settings import Delivery, Settings
from tests.conftest import published
from tests.integration.post import code_in, mail_server, notify, rubbish

pytestmark = pytest.mark.anyio
URL = "https://survey.example.org"
KEY = (
    "test-"
    + "1" * 8
    + "-2222-3333-4444-"
    + "5" * 12
    + "-"
    + "a" * 8
    + "-bbbb-cccc-dddd-"
    + "e" * 12
)


def by_mail(url: str) -> Settings:
    return Settings(delivery=Delivery(URL, url, "Consultation <views@example.org>"))


def by_notify(url: str) -> Settings:
    return Settings(
        delivery=Delivery(
            URL, notify_key=KEY, notify_email="mail-id", notify_text="text-id", notify_url=url
        )
    )


async def batch(database: Database, channel: Channel, *reaches: str) -> Batch:
    async with database.writing() as session:
        return await store.make_batch(
            session, "everything", "victims", channel, "en", reaches=reaches, by="test",
            now=clock.now(),
        )  # fmt: skip


async def tally(database: Database) -> Tally:
    async with database.reading() as session:
        [found] = await store.tallies(session, "everything")
    return found


async def use(database: Database, settings: Settings, code: str) -> bool:
    mark = codes.mark_of_code(await root_key(database, settings), code)
    async with database.writing() as session:
        return await store.spend(session, "everything", mark)


async def test_each_gets_a_code_of_their_own_and_what_cannot_arrive_is_said_by_kind(
    database: Database, everything: Survey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await published(database, everything)
    async with mail_server() as server:
        settings = by_mail(server.url)
        people = ("ann@example.org", "bob@example.org", "gone@example.org", "later@example.org")
        await batch(database, "email", *people)
        now = clock.now()
        assert await send_waiting(database, settings, now) == 4
        [ann] = server.to("ann@example.org")
        [bob] = server.to("bob@example.org")
        assert ann["From"] == "Consultation <views@example.org>"
        assert ann["Message-ID"] != bob["Message-ID"]
        said = code_in(ann.get_content())
        assert said != code_in(bob.get_content())
        found = await tally(database)
        assert (found.sent, found.failed, found.waiting) == (2, {"address": 1}, True)
        # Nothing that was sent is kept: neither the code, nor to whom the message was.
        async with database.reading() as session:
            rows = (await session.execute(text("SELECT * FROM message WHERE state = 'sent'"))).all()
            dump = str((await session.execute(text("SELECT * FROM invitation"))).all())
        assert all(row.invitation_id is None for row in rows)
        assert said.replace("-", "") not in dump.replace("-", "")
        # Greylisting is tried again, and given up in the end.
        for pause in PAUSES:
            assert await send_waiting(database, settings, now) == 0
            now += timedelta(minutes=pause)
            assert await send_waiting(database, settings, now) == 1
        assert (await tally(database)).failed == {"address": 2}
        assert not (await tally(database)).waiting
        assert await use(database, settings, said)
        assert not await use(database, settings, said)
    assert "messages: 2 sent, 2 not" in caplog.text
    for secret in ("example.org", said, said.replace("-", "")):
        assert secret not in caplog.text


async def test_only_who_has_not_answered_is_reminded_and_either_code_works_once(
    database: Database, everything: Survey
) -> None:
    await published(database, everything)
    async with mail_server() as server:
        settings = by_mail(server.url)
        made = await batch(database, "email", "ann@example.org", "bob@example.org")
        await send_waiting(database, settings, clock.now())
        [first] = server.to("bob@example.org")
        assert await use(database, settings, code_in(server.to("ann@example.org")[0].get_content()))
        async with database.reading() as session:
            kept = (
                await session.execute(text("SELECT reach FROM invitation ORDER BY 1"))
            ).scalars()
            assert list(kept) == ["", "bob@example.org"]  # who has answered need not be reached
        for _ in range(2):  # pressed twice
            async with database.writing() as session:
                await store.remind(session, "everything", made.id, by="test", now=clock.now())
        await send_waiting(database, settings, clock.now())
        assert len(server.letters) == 3
        reminder = server.to("bob@example.org")[1]
        assert reminder["Subject"] == "A reminder from Test Body"
        codes_of_bob = [code_in(letter.get_content()) for letter in (first, reminder)]
        assert len(set(codes_of_bob)) == 2
        assert await use(database, settings, codes_of_bob[0])
        assert not await use(database, settings, codes_of_bob[1])
        assert (await tally(database)).reminded


async def test_what_is_answered_while_a_message_waits_is_not_sent(
    database: Database, everything: Survey
) -> None:
    await published(database, everything)
    async with mail_server() as server:
        settings = by_mail(server.url)
        made = await batch(database, "email", "ann@example.org")
        await send_waiting(database, settings, clock.now())
        async with database.writing() as session:
            await store.remind(session, "everything", made.id, by="test", now=clock.now())
        assert await use(database, settings, code_in(server.letters[0][1].get_content()))
        await send_waiting(database, settings, clock.now())
        assert len(server.letters) == 1
        assert not (await tally(database)).waiting


async def test_a_worker_killed_after_the_server_took_it_sends_it_again_under_the_same_name(
    database: Database, everything: Survey
) -> None:
    await published(database, everything)
    async with mail_server() as server:
        server.cut = 1
        settings = by_mail(server.url)
        await batch(database, "email", "ann@example.org")
        now = clock.now()
        assert await send_waiting(database, settings, now) == 1
        assert (await tally(database)).sent == 0
        assert await send_waiting(database, settings, now + timedelta(minutes=1)) == 1
        first, second = server.to("ann@example.org")
        assert first["Message-ID"] == second["Message-ID"]
        assert await use(database, settings, code_in(first.get_content()))
        assert not await use(database, settings, code_in(second.get_content()))


async def test_a_claim_is_one_workers_until_its_lease_runs_out(
    database: Database, everything: Survey
) -> None:
    await published(database, everything)
    await batch(database, "email", *(f"a{n}@example.org" for n in range(30)))
    now = clock.now()

    async def claim() -> list[object]:
        async with database.writing() as session:
            return [m.id for m in await store.claim(session, now, LEASE, 20)]

    first, second = await asyncio.gather(claim(), claim())
    assert len({*first, *second}) == len(first) + len(second) == 30
    assert await claim() == []
    now += LEASE
    assert len(await claim()) == 20


async def test_notify_takes_emails_and_texts_once_each(
    database: Database, everything: Survey
) -> None:
    await published(database, everything)
    async with notify() as server:
        settings = by_notify(server.url)
        server.cut = 1  # taken, and the answer lost
        await batch(database, "text", "07700900123")
        now = clock.now()
        await send_waiting(database, settings, now)
        assert len(server.taken) == 1
        assert (await tally(database)).sent == 0
        await send_waiting(database, settings, now + timedelta(minutes=1))
        [(path, body)] = server.taken
        assert path == "/v2/notifications/sms"
        assert body["phone_number"] == "07700900123"
        assert body["template_id"] == "text-id"
        [code] = re.findall(rf"{URL}/i/(\w+)", body["personalisation"]["message"])
        assert (await tally(database)).sent == 1
        typed = codes.normal(code)
        assert typed is not None
        assert await use(database, settings, typed)
        assert all(token.startswith("Bearer ey") for token in server.tokens)


async def test_a_number_that_notify_does_not_know_is_not_tried_again(
    database: Database, everything: Survey
) -> None:
    await published(database, everything)
    async with notify() as server:
        await batch(database, "text", "07700900000")
        await send_waiting(database, by_notify(server.url), clock.now())
        found = await tally(database)
        assert (found.failed, found.waiting, found.sent) == ({"address": 1}, False, 0)


async def test_a_key_that_notify_refuses_is_tried_again_when_it_is_mended(
    database: Database, everything: Survey
) -> None:
    await published(database, everything)
    async with notify() as server:
        settings = by_notify(server.url)
        server.status = 403
        await batch(database, "email", "ann@example.org")
        now = clock.now()
        await send_waiting(database, settings, now)
        assert (await tally(database)).failed == {}
        server.status = 0
        await send_waiting(database, settings, now + timedelta(minutes=1))
        [(path, body)] = server.taken
        assert path == "/v2/notifications/email"
        assert body["email_address"] == "ann@example.org"
        assert set(body["personalisation"]) == {"subject", "message"}


async def test_when_nobody_can_answer_any_more_nothing_is_sent_and_addresses_can_go(
    database: Database, everything: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    await published(database, everything)
    made = await batch(database, "email", "ann@example.org", "bob@example.org")
    closed = everything.closes + timedelta(hours=2)
    async with mail_server() as server:
        await send_waiting(database, by_mail(server.url), closed)
        assert server.letters == []
    async with database.writing() as session:
        await store.forget(session, "everything", made.id, by="designer@example.org")
    async with database.reading() as session:
        kept = (await session.execute(text("SELECT DISTINCT reach FROM invitation"))).scalars()
        assert list(kept) == [""]
        events = (await session.execute(text("SELECT action FROM audit ORDER BY id"))).scalars()
        assert list(events)[-2:] == ["invitations.make", "invitations.forget"]


async def test_a_worker_that_is_killed_loses_nothing_and_whoever_got_two_answers_once(
    database: Database, database_url: str, everything: Survey
) -> None:
    await published(database, everything)
    async with mail_server() as server:
        server.hang = 1
        await batch(database, "email", *(f"a{n}@example.org" for n in range(6)))
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "consult", "worker",
            env={
                **os.environ, "DATABASE_URL": database_url, "CONSULT_PUBLIC_URL": URL,
                "CONSULT_SMTP_URL": server.url, "CONSULT_MAIL_FROM": "views@example.org",
            },
        )  # fmt: skip
        while not server.letters:  # noqa: ASYNC110  it is filled by a conversation, not by us
            await asyncio.sleep(0.02)
        worker.kill()
        await worker.wait()
        settings = by_mail(server.url)
        assert await send_waiting(database, settings, clock.now()) == 0  # claimed for a while
        assert await send_waiting(database, settings, clock.now() + LEASE) == 6
        assert (await tally(database)).sent == 6
        [twice] = [
            who for who, number in Counter(w for w, _ in server.letters).items() if number > 1
        ]
        assert len(server.letters) == 7
        first, second = server.to(twice)
        assert first["Message-ID"] == second["Message-ID"]
        assert await use(database, settings, code_in(second.get_content()))
        assert not await use(database, settings, code_in(first.get_content()))


async def test_the_worker_sends_until_it_is_told_to_stop(
    database: Database, everything: Survey
) -> None:
    await published(database, everything)
    async with notify() as server:
        await batch(database, "email", "ann@example.org")
        stop = asyncio.Event()
        running = asyncio.create_task(worker.run(database, by_notify(server.url), stop))
        while not server.taken:  # noqa: ASYNC110  it is filled by a conversation, not by us
            await asyncio.sleep(0.02)
        stop.set()
        await asyncio.wait_for(running, 10)


async def until(said: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so; ten seconds at most."""
    async with asyncio.timeout(10):
        while not await said():  # noqa: ASYNC110  another part of the program makes it so
            await asyncio.sleep(0.02)


async def test_rubbish_for_an_answer_ends_no_worker(
    database: Database, everything: Survey, caplog: pytest.LogCaptureFixture
) -> None:
    await published(database, everything)
    answers = (
        b"good day\r\n\r\n",  # BadStatusLine
        b"HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{",  # IncompleteRead
        b"HTTP/1.1 200 X\r\nx: " + b"y" * 70_000 + b"\r\n\r\n",  # LineTooLong
        b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 400 X\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 X\r\n\r\n[[1, 2, 3]]",
        b"HTTP/1.1 200 X\r\n\r\n" + b"[" * 200_000,
        b"",
    )
    numbers = [f"07700900{n:03}" for n in range(1, 1 + len(answers))]
    await batch(database, "text", *numbers)

    async def put_off() -> int:
        query = "SELECT count(*) FROM message WHERE state = 'waiting' AND error = 'unreachable'"
        async with database.reading() as session:
            return int((await session.execute(text(query))).scalar_one())

    async def all_put_off() -> bool:
        return await put_off() == len(answers)

    async with rubbish(*answers) as url:
        stop = asyncio.Event()
        running = asyncio.create_task(worker.run(database, by_notify(url), stop))
        await until(all_put_off)
        assert not running.done()
        stop.set()
        await asyncio.wait_for(running, 10)
    assert "failed" not in caplog.text
    assert "could not be handed over" not in caplog.text
    assert not any(number in caplog.text for number in numbers)


async def test_one_message_that_fails_in_a_way_of_its_own_stops_no_other(
    database: Database, everything: Survey, caplog: pytest.LogCaptureFixture
) -> None:
    await published(database, everything)
    await batch(database, "text", "07700900123", "07700900124")
    now = clock.now()
    assert await send_waiting(database, by_notify("no address"), now) == 2
    assert caplog.text.count("a message could not be handed over (ValueError at") == 2
    assert "07700900123" not in caplog.text
    async with notify() as server:
        assert await send_waiting(database, by_notify(server.url), now + timedelta(minutes=1)) == 2
        assert len(server.taken) == 2


async def test_the_worker_survives_what_nobody_thought_of(
    database: Database,
    everything: Survey,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "EVERY", 0.05)
    await published(database, everything)

    async def alter(statement: str) -> None:
        async with database.writing() as session:
            await session.execute(text(statement))

    async def failed() -> bool:
        return "sending failed (ProgrammingError at" in caplog.text

    async with notify() as server:

        async def taken() -> bool:
            return bool(server.taken)

        await batch(database, "text", "07700900123")
        await alter("ALTER TABLE message RENAME TO mislaid")
        stop = asyncio.Event()
        running = asyncio.create_task(worker.run(database, by_notify(server.url), stop))
        await until(failed)
        await alter("ALTER TABLE mislaid RENAME TO message")
        await until(taken)
        stop.set()
        await asyncio.wait_for(running, 10)
    assert "SELECT" not in caplog.text
