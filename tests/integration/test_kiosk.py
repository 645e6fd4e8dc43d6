"""Kiosks over HTTP: set up, what the tablet is given, what it sends, what is kept for staff."""

import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from secrets import token_bytes
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text

from consult import clock
from consult.app import create_app
from consult.consultations import store as consultations
from consult.database import Database
from consult.kiosk import parcels, store
from consult.questionnaire.survey import Survey
from consult.settings import Settings
from tests.conftest import published
from tests.integration.test_staff import sign_in, staff

__all__ = ["staff"]
pytestmark = pytest.mark.anyio
SET_UP = "/staff/kiosk/everything"
KIOSK = "/kiosk/everything"
ANSWERS = {"district": "north", "view": "freeze", "why_freeze": "MARKED"}


@pytest.fixture
async def designer(client: httpx.AsyncClient, staff: None) -> httpx.AsyncClient:
    await sign_in(client, "designer@example.org")
    return client


@pytest.fixture
async def tablet(
    designer: httpx.AsyncClient, open_survey: Survey, database_url: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A device that a designer made a kiosk, with its cookie and no other."""
    made = await designer.post(SET_UP, data={"event": "Market"})
    assert (made.status_code, made.headers["location"]) == (303, KIOSK)
    assert (await designer.get("/staff")).status_code == 303  # signed out at once
    app = create_app(Settings(secure_cookies=False), database_url)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://consult.test") as made_:
            made_.cookies.set(
                "consult_kiosk", designer.cookies["consult_kiosk"], domain="consult.test"
            )
            yield made_


def sealed(key: str, response: Any) -> dict[str, str]:
    """What the tablet's script makes, by other means."""
    from base64 import b64decode

    own = ec.generate_private_key(ec.SECP256R1())
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b64decode(key))
    shared = own.exchange(ec.ECDH(), theirs)
    secret = HKDF(SHA256(), 32, None, b"consult kiosk").derive(shared)
    name, iv = str(uuid4()), token_bytes(12)
    data = AESGCM(secret).encrypt(iv, json.dumps(response).encode(), name.encode())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    parts = {"key": point, "iv": iv, "data": data}
    return {"id": name, **{part: b64encode(value).decode() for part, value in parts.items()}}


def response(answers: Any = ANSWERS, **more: Any) -> dict[str, Any]:
    made = {
        "id": str(uuid4()), "language": "cy", "version": 1, "seed": 7, "answers": answers,
        "day": clock.today(clock.now()).isoformat(),
    }  # fmt: skip
    return {**made, **more}


async def send(tablet: httpx.AsyncClient, *responses: Any) -> list[dict[str, str]]:
    """Send responses; the parcels they went in."""
    key = (await tablet.get(f"{KIOSK}/bundle.json")).json()["key"]
    made = [sealed(key, each) for each in responses]
    answer = await tablet.post(f"{KIOSK}/sync", json={"parcels": made})
    assert answer.status_code == 200, answer.text
    assert sorted(answer.json()["done"]) == sorted(parcel["id"] for parcel in made)
    return made


async def rows(database: Database, query: str) -> list[dict[str, Any]]:
    async with database.reading() as session:
        return [dict(row) for row in (await session.execute(text(query))).mappings().all()]


async def fates(database: Database) -> list[str]:
    """What became of the responses that were kept for staff."""
    return [row["fate"] for row in await rows(database, "SELECT fate FROM kiosk_kept ORDER BY 1")]


async def test_what_a_tablet_keeps_is_listed_and_all_of_it_is_there(
    tablet: httpx.AsyncClient,
) -> None:
    page = await tablet.get(KIOSK)
    policy = page.headers["content-security-policy"]
    assert "worker-src 'self'; connect-src 'self'; manifest-src 'self'" in policy
    listed = (await tablet.get(f"{KIOSK}/files.json")).json()
    for file in listed["files"]:
        assert (await tablet.get(file)).status_code == 200, file
    worker = await tablet.get(f"{KIOSK}/worker.js")
    assert worker.headers["service-worker-allowed"] == KIOSK
    assert "connect-src 'self'" in worker.headers["content-security-policy"]
    bundle = (await tablet.get(f"{KIOSK}/bundle.json")).json()
    assert set(bundle["words"]) == {"en", "cy"}
    assert (
        "worker-src"
        not in (await tablet.get("/s/everything/en")).headers["content-security-policy"]
    )


async def test_a_response_is_stored_once_under_its_own_id_and_day(
    tablet: httpx.AsyncClient, database: Database
) -> None:
    yesterday = (clock.today(clock.now()) - timedelta(days=1)).isoformat()
    made = response(day=yesterday)
    [parcel] = await send(tablet, made)
    await send(tablet, made)  # sealed anew: another parcel, the same response
    again = await tablet.post(f"{KIOSK}/sync", json={"parcels": [parcel, parcel]})
    assert again.json()["done"] == [parcel["id"]] * 2
    [row] = await rows(database, "SELECT * FROM response")
    assert (str(row["id"]), row["channel"], row["language"]) == (made["id"], "kiosk", "cy")
    assert (row["answers"], row["order_seed"]) == (ANSWERS, 7)
    assert row["received_on"].isoformat() == yesterday
    assert await rows(database, "SELECT * FROM kiosk_kept") == []


async def test_what_cannot_be_stored_is_kept_with_its_reason_and_tried_again(
    tablet: httpx.AsyncClient, designer: httpx.AsyncClient, database: Database
) -> None:
    async with database.writing() as session:
        await consultations.change_stage(session, "everything", "close", by="t", reason="Early")
    good, bad = response(), response({"band": "x"})
    parcels = await send(tablet, good, bad)
    forged = {**parcels[0], "id": str(uuid4())}  # bound to its name
    await tablet.post(f"{KIOSK}/sync", json={"parcels": [forged]})
    assert await rows(database, "SELECT * FROM response") == []
    assert await fates(database) == ["closed", "closed", "unopened"]
    async with database.writing() as session:
        await consultations.change_stage(session, "everything", "reopen", by="t", reason="Market")
    await sign_in(designer, "designer@example.org")
    page = (await designer.get(SET_UP)).text
    assert "answered after the survey closed" in page
    assert "could not be opened" in page
    assert "MARKED" not in page
    await designer.post(f"{SET_UP}/retry")
    [row] = await rows(database, "SELECT id::text FROM response")
    assert row["id"] == good["id"]
    await send(tablet, response({"district": "north", "pay": "7", "view": "nowhere"}))
    page = (await designer.get(SET_UP)).text
    assert "view: Give the code of one of the options" in page
    assert "nowhere" not in page
    assert (await designer.get(f"{SET_UP}/kept.json")).status_code == 403
    await designer.post("/staff/sign-out")
    await sign_in(designer, "analyst@example.org")
    kept = (await designer.get(f"{SET_UP}/kept.json")).json()
    assert len(kept) == 3
    assert "nowhere" in str(kept)


async def test_of_more_than_one_page_kept_aside_none_is_forgotten(
    tablet: httpx.AsyncClient,
    designer: httpx.AsyncClient,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "PAGE", 3)
    insert = text(
        "INSERT INTO kiosk_kept (id, kiosk_id, came_on, fate, problems, content) "
        "SELECT CAST(:id AS uuid), id, '2025-01-01', 'closed', '[]', CAST(:content AS jsonb) "
        "FROM kiosk"
    )
    # The first ones by name cannot be stored even now: they must not stand in the others' way.
    made = [response({"band": "x"}) for _ in range(4)] + [response() for _ in range(7)]
    kept = [
        {"id": str(UUID(int=number)), "content": json.dumps(each)}
        for number, each in enumerate(made, start=1)
    ]
    async with database.writing() as session:
        await session.execute(insert, kept)
    await sign_in(designer, "designer@example.org")
    page, pages = (await designer.get(SET_UP)).text, []
    assert "11 could not be stored" in page
    while True:
        pages.append(page.count("Market, came on"))
        more = re.search(r'href="([^"]+)">Show more of them', page)
        if more is None:
            break
        page = (await designer.get(more[1])).text
    assert pages == [3, 3, 3, 2]
    assert (await designer.get(f"{SET_UP}?after=nonsense")).status_code == 404
    await designer.post("/staff/sign-out")
    await sign_in(designer, "analyst@example.org")
    listed = (await designer.get(f"{SET_UP}/kept.json")).json()
    assert sorted(each["response"]["id"] for each in listed) == sorted(each["id"] for each in made)
    await designer.post("/staff/sign-out")
    await sign_in(designer, "designer@example.org")
    await designer.post(f"{SET_UP}/retry")
    stored = await rows(database, "SELECT id::text FROM response")
    assert {row["id"] for row in stored} == {each["id"] for each in made[4:]}
    assert await fates(database) == ["closed"] * 4
    assert "4 could not be stored" in (await designer.get(SET_UP)).text
    noted = await rows(database, "SELECT reason FROM audit WHERE action = 'kiosk.retry'")
    assert noted == [{"reason": "7 stored"}]


async def test_what_no_database_can_hold_stops_no_queue(
    tablet: httpx.AsyncClient, database: Database
) -> None:
    odd, long = (
        {**ANSWERS, "why_freeze": "a\ud800b\x00c🚓"},
        {**ANSWERS, "why_freeze": "x" * 900_000},
    )
    await send(tablet, response(odd), response(long), response({"district": "\ud800\x00"}))
    [row] = await rows(database, "SELECT answers FROM response")
    assert row["answers"]["why_freeze"] == "a?bc🚓"
    assert await fates(database) == ["problems", "problems"]


async def test_a_version_that_was_replaced_is_still_taken_from_a_tablet(
    tablet: httpx.AsyncClient, database: Database, open_survey: Survey
) -> None:
    later = open_survey.definition.model_copy(update={"grace_minutes": 5})
    await published(database, replace(open_survey, definition=later))
    await send(tablet, response(), response(version=3))
    answered = "SELECT number FROM response JOIN survey_version v ON v.id = version_id"
    assert [row["number"] for row in await rows(database, answered)] == [1]
    assert await fates(database) == ["version"]


async def test_an_answer_of_the_last_day_is_in_time_though_it_comes_later(
    tablet: httpx.AsyncClient, database: Database, open_survey: Survey
) -> None:
    closes = clock.now() - timedelta(days=3)
    past = open_survey.definition.model_copy(update={"closes": closes})
    await published(database, replace(open_survey, definition=past))
    last = clock.today(closes)
    days = [last - timedelta(days=1), last, last + timedelta(days=1)]
    await send(tablet, *(response(version=2, day=day.isoformat()) for day in days))
    got = await rows(database, "SELECT received_on FROM response ORDER BY 1")
    assert [row["received_on"] for row in got] == days[:2]
    assert [row["fate"] for row in await rows(database, "SELECT fate FROM kiosk_kept")] == [
        "closed"
    ]


async def test_strangers_and_ended_kiosks_get_nothing(
    client: httpx.AsyncClient, tablet: httpx.AsyncClient, database: Database
) -> None:
    client.cookies.clear()
    for path in ("", "/files.json", "/bundle.json"):
        assert (await client.get(f"{KIOSK}{path}")).status_code == 404
    assert (await client.post(f"{KIOSK}/sync", json={"parcels": []})).status_code == 404
    for broken in ("{", "[]", '{"parcels": 7}', '{"parcels": [{"id": "x"}]}', "[" * 9_000):
        assert (await tablet.post(f"{KIOSK}/sync", content=broken)).status_code == 400
    # Refused in one pass, though it never closes; and what is longer is not read at all.
    for size, status in ((parcels.LONGEST_REQUEST, 400), (parcels.LONGEST_REQUEST + 1, 413)):
        endless = (b'"' + b'\\"' * (size // 2)).ljust(size, b"x")[:size]
        assert (await tablet.post(f"{KIOSK}/sync", content=endless)).status_code == status
    await sign_in(client, "designer@example.org")
    [kiosk] = await rows(database, "SELECT * FROM kiosk")
    assert tablet.cookies["consult_kiosk"] not in str(kiosk)
    await client.post(f"{SET_UP}/end/{kiosk['id']}")
    assert (await tablet.get(KIOSK)).status_code == 404
    actions = {row["action"] for row in await rows(database, "SELECT action FROM audit")}
    assert {"kiosk.add", "kiosk.end"} <= actions


async def test_what_a_tablet_cannot_do_is_said_before(
    designer: httpx.AsyncClient, database: Database, everything: Survey
) -> None:
    from consult.questionnaire.loading import load
    from tests.conftest import SURVEYS

    assert (await designer.get("/staff/kiosk/nothing")).status_code == 404
    await published(database, load(SURVEYS / "every-type"))
    page = (await designer.get("/staff/kiosk/every-type")).text
    assert "no postcode is looked up" in page
    assert "Quotas" in page
    assert (await designer.post("/staff/kiosk/every-type", data={})).status_code == 422
    invited = everything.definition.model_copy(update={"access": "invited"})
    await published(database, replace(everything, definition=invited))
    assert "No tablet can hold that" in (await designer.get(SET_UP)).text
    refused = await designer.post(SET_UP, data={"event": "Market"})
    assert refused.headers["location"] == SET_UP
    assert await rows(database, "SELECT * FROM kiosk") == []
