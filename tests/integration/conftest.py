"""The service in this process, spoken to over HTTP."""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from consult.app import create_app
from consult.database import Database, plain_url
from consult.questionnaire.survey import Survey
from consult.settings import Settings
from tests.conftest import published


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without JavaScript: keeps cookies, follows no redirect by itself."""
    app = create_app(Settings(secure_cookies=False), database_url)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://consult.test") as made:
            yield made


@pytest.fixture
async def open_survey(database: Database, everything: Survey) -> Survey:
    """The survey with every question type, published."""
    await published(database, everything)
    return everything


@pytest.fixture
async def raw(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A look into the tables, as a copy of the database gives."""
    connection = await asyncpg.connect(plain_url(database_url))
    yield connection
    await connection.close()
