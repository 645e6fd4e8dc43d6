"""Codes to come back with cannot be tried out, and trying them holds nobody up."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from consult.database import Database
from consult.questionnaire.survey import Survey
from consult.respond import returning
from consult.respond.codes import Keys, ReturnCode
from consult.respond.gate.rate import RATES, Rate
from tests.integration.test_gate import SETTINGS, publish, service
from tests.integration.test_respond import BASE, begin

pytestmark = pytest.mark.anyio
HERE = {"x-forwarded-for": "203.0.113.9"}
ELSEWHERE = {"x-forwarded-for": "203.0.113.10"}


@pytest.fixture
async def ann(
    database_url: str, database: Database, everything: Survey
) -> AsyncIterator[httpx.AsyncClient]:
    await publish(database, everything)
    settings = replace(SETTINGS, trusted_proxies=1)
    async with service(database_url, settings) as browsers, browsers() as made:
        yield made


async def code_of(client: httpx.AsyncClient) -> str:
    await client.post(f"{BASE}/later")
    found = re.search(r'consult-code" dir="ltr">([^<]+)<', (await client.get(f"{BASE}/later")).text)
    assert found
    return found[1]


async def test_codes_to_come_back_cannot_be_tried_out_and_right_ones_are_not_counted(
    ann: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RATES, "wrong_code", Rate(4, 100))
    derived = 0
    derive = returning._keys

    async def counting(code: ReturnCode, slug: str) -> Keys:
        nonlocal derived
        derived += 1
        return await derive(code, slug)

    await begin(ann)
    code = await code_of(ann)
    monkeypatch.setattr(returning, "_keys", counting)

    async def back(typed: str, whence: dict[str, str] = HERE) -> httpx.Response:
        ann.cookies.clear()
        return await ann.post(f"{BASE}/return", data={"code": typed}, headers=whence)

    for _ in range(6):  # a library where everybody comes back
        assert (await back(code)).headers["location"] == f"{BASE}/resume"
    assert "12 letters and digits" in (await back("AAA")).text  # a slip is no try
    assert [(await back(str(ReturnCode.new()))).status_code for _ in range(4)] == [422] * 4
    assert derived == 10
    for typed in (str(ReturnCode.new()), code):
        refused = await back(typed)
        assert refused.status_code == 429
        assert "Please wait a little" in refused.text
        assert int(refused.headers["retry-after"]) > 0
    assert derived == 10  # nobody waited for these
    assert (await back(code, ELSEWHERE)).status_code == 303
    receipts = [
        await ann.post(f"{BASE}/receipt", data={"code": "A" * 20}, headers=HERE) for _ in range(6)
    ]
    assert {answer.status_code for answer in receipts} == {422}
