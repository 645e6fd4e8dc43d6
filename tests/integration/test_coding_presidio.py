"""Presidio in the service's readings: asked for by a setting, in the processes that read."""

from html import unescape
from pathlib import Path

import asyncpg
import httpx
import pytest
import spacy

from consult.database import Database
from tests.integration.test_coding import BASE, answered, comments, read  # noqa: F401  a fixture

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("answered")]


async def test_what_it_finds_is_marked_in_readings(
    client: httpx.AsyncClient, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = spacy.blank("en")
    patterns = [{"label": "PERSON", "pattern": "my mother"}]
    pipeline.add_pipe("entity_ruler").add_patterns(patterns)
    pipeline.to_disk(tmp_path / "people")
    monkeypatch.setenv("CONSULT_PRESIDIO", str(tmp_path / "people"))
    await read(client, database)
    said = [c.text for c in await comments(database)]
    assert sum("[NAME] is eighty" in one for one in said) == 12
    assert not any("my mother" in one or "Whitfield" in one for one in said)


async def test_a_reading_without_its_model_says_what_to_do(
    client: httpx.AsyncClient, database: Database, raw: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("CONSULT_PRESIDIO", "en_core_web_none")
    await read(client, database)
    page = unescape((await client.get(BASE)).text)
    assert "there is no spaCy model “en_core_web_none” that can be used. Install it" in page
    assert await raw.fetchval("SELECT count(*) FROM comment") == 0
