"""The code to come back with, sent to an address of which nothing is kept."""

import logging
import re

import asyncpg
import httpx
import pytest

from consult.app import create_app
from consult.database import Database, plain_url
from consult.questionnaire.loading import load
from consult.settings import Delivery, Settings
from tests.conftest import SURVEYS, published
from tests.integration.post import mail_server

pytestmark = pytest.mark.anyio
BASE = "/s/sensitive/en"
ADDRESS = "zoe.marked@example.org"


async def test_a_code_by_mail_leads_back_and_its_address_is_nowhere(
    database_url: str, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await published(database, load(SURVEYS / "sensitive"))
    async with mail_server() as server:
        delivery = Delivery("https://survey.example.org", server.url, "views@example.org")
        app = create_app(Settings(secure_cookies=False, delivery=delivery), database_url)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with (
            app.lifespan(),
            httpx.AsyncClient(transport=transport, base_url="http://consult.test") as client,
        ):
            await client.post(f"{BASE}/start", data={"safe": "1"})
            early = await client.post(f"{BASE}/later/email", data={"address": ADDRESS})
            assert early.headers["location"] == f"{BASE}/later"  # there is no code yet
            await client.post(f"{BASE}/later")
            for wrong, said in (
                ("zoe", "Enter an email address"),
                ("gone@x.test", "could not send"),
            ):
                slip = await client.post(f"{BASE}/later/email", data={"address": wrong})
                assert slip.status_code == 422
                assert said in slip.text
            sent = await client.post(f"{BASE}/later/email", data={"address": ADDRESS})
            assert "We have sent the code" in (await client.get(sent.headers["location"])).text
            [letter] = server.to(ADDRESS)
            told = letter.get_content() + str(letter["subject"])
            assert "crime" not in told
            found = re.search(r"https://survey\.example\.org(\S+)/return#(\S+)", told)
            assert found
            client.cookies.clear()
            back = await client.post(f"{found[1]}/return", data={"code": found[2]})
            assert back.headers["location"] == f"{BASE}/resume"
    connection = await asyncpg.connect(plain_url(database_url))
    for (name,) in await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    ):
        rows = await connection.fetch(f'SELECT * FROM "{name}"')
        assert "marked" not in str([list(row.values()) for row in rows]), name
    await connection.close()
    assert "marked" not in caplog.text
    assert found[2] not in caplog.text
