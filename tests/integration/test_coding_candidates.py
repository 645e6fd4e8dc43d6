"""Codes taken from candidates: before anybody has coded, the machine knows their members."""

import httpx
import pytest

from consult.coding import store
from consult.coding.changes import candidates
from consult.coding.model import candidate
from consult.database import Database
from tests.integration.test_coding import (
    BASE,
    PLACE,
    answered,  # noqa: F401  a fixture
    change,
    comments,
    read,
    work,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("answered")]


async def agreeing(client: httpx.AsyncClient, database: Database) -> float:
    """Of the comments that are in a candidate, how many the machine gives the code made of it."""
    await client.post(f"{BASE}/jobs", data={"kind": "machine"})
    await work(database)
    async with database.reading() as session:
        machine = await store.assignments(session, PLACE, machine=True)
        frame = (await store.head(session, PLACE)).frame
        reading = await store.reading(session, PLACE)
    assert reading
    code_of = {
        theme["id"]: code.id
        for theme in candidates(reading.themes)
        for code in frame.codes
        if candidate(reading.number, theme["id"]) in code.candidates
    }
    themed = [c for c in await comments(database) if not c.apart and c.themes[0] in code_of]
    assert len(themed) > 30
    return sum(code_of[c.themes[0]] in machine[c.id].codes for c in themed) / len(themed)


async def test_candidates_members_are_known_before_anybody_codes(
    client: httpx.AsyncClient, database: Database
) -> None:
    await read(client, database)
    async with database.reading() as session:
        reading = await store.reading(session, PLACE)
    assert reading
    themes = candidates(reading.themes)
    # Named so that their names say nothing.
    for number, theme in enumerate(themes):
        await change(client, database, "take", theme=[theme["id"]])
        name, code = f"Code {number}", f"c{number + 1}"
        await change(client, database, "rename", code=code, name=name)
    assert await agreeing(client, database) > 0.5  # by names alone 0.28
    assert (await client.get(f"{BASE}/next")).text.count("% likely") >= min(5, len(themes))
