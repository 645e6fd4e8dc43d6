"""Partners' apps send responses: judged as the web's, stored once, and never echoed."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import schemathesis
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from litestar.testing import TestClient
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sqlalchemy import text

from consult import clock
from consult.__main__ import cli
from consult.accounts.passwords import token_hash
from consult.api import store
from consult.api.openapi import document, survey_document
from consult.app import create_app
from consult.consultations import store as consultations
from consult.database import Database
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.settings import Settings
from tests.conftest import SURVEYS, published

pytestmark = pytest.mark.anyio
KEY = "partner-key-for-this-test"
HEADERS = {"authorization": f"Bearer {KEY}"}
ADDRESS = "/api/surveys/everything/responses"
ANSWERS: dict[str, Any] = {
    "district": "north",
    "band": "c",
    "view": "freeze",
    "why_freeze": "Too dear\nfor us 🚓 اردو <b>&",
    "priorities": ["roads", "patrols"],
    "roads_more": "7",
    "pay": "12.50",
    "feeling": "fair",
}
#: One answer of every type there is, for the survey of every type.
EVERY_TYPE: dict[str, Any] = {
    "agree": "yes", "home": "rugby", "home_sector": "CV21 1", "band": "c", "rise": "7.50",
    "work": "something_else", "work_something_else": "Vet", "heard": ["radio", "other"],
    "heard_other": "اردو", "since": "2024-02-29", "first": ["patrols", "roads"],
    "share": {"roads": 7, "burglary": 0, "patrols": 3}, "best_1": ["roads", "patrols"],
    "best_2": ["roads", "youth"], "best_3": ["roads", "youth"], "best_4": ["youth", "patrols"],
    "safe_day": "very", "safe_night": "not_at_all", "plate": "AB12 CDE",
    "why_unsafe": "No lights", "read": "yes", "name_of_road": "A46",
}  # fmt: skip


@pytest.fixture
async def key(database: Database, open_survey: Survey) -> None:
    """A key for the survey that is open."""
    async with database.writing() as session:
        await store.add(
            session, "Partner", open_survey.slug, token_hash(KEY), by="test", now=clock.now()
        )


def body(answers: Mapping[str, Any] = ANSWERS, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "language": "en", "answers": dict(answers), **more}


async def post(client: httpx.AsyncClient, sent: Any, address: str = ADDRESS) -> httpx.Response:
    return await client.post(address, json=sent, headers=HEADERS)


async def stored(database: Database) -> list[dict[str, Any]]:
    async with database.reading() as session:
        rows = (await session.execute(text("SELECT * FROM response"))).mappings().all()
    return [dict(row) for row in rows]


def said(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem that was answered."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert "set-cookie" not in answer.headers
    assert answer.json()["status"] == status
    return dict(answer.json())


def errors(answer: httpx.Response) -> dict[str, str]:
    """By pointer, the code of each error."""
    return {error["pointer"]: error["code"] for error in said(answer, 422)["errors"]}


async def test_a_response_is_stored_once_and_a_second_body_under_its_id_is_refused(
    client: httpx.AsyncClient, database: Database, key: None
) -> None:
    sent = body(channel="meeting")
    answer = await post(client, sent)
    assert (answer.status_code, answer.json()) == (201, {"id": sent["id"], "status": "stored"})
    assert "set-cookie" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    again = await post(client, sent)
    assert (again.status_code, again.json()["status"]) == (200, "same")
    for changed in (
        {**sent, "answers": {**ANSWERS, "view": "maximum"}},
        {**sent, "language": "cy"},
        {**sent, "channel": "web"},
        {**sent, "answers": {**ANSWERS, "nobody_asked": "x"}},
    ):
        said(await post(client, changed), 409)
    [row] = await stored(database)
    assert row["answers"] == ANSWERS
    assert (row["id"], row["channel"], row["language"]) == (UUID(sent["id"]), "meeting", "en")
    assert row["received_on"] == clock.today(clock.now())


async def test_the_same_again_is_accepted_though_the_survey_has_closed(
    client: httpx.AsyncClient, database: Database, key: None
) -> None:
    sent = body()
    await post(client, sent)
    async with database.writing() as session:
        await consultations.change_stage(session, "everything", "close", by="t", reason="Enough")
    assert (await post(client, sent)).status_code == 200
    said(await post(client, body()), 410)
    assert len(await stored(database)) == 1


async def test_every_type_is_read_as_it_is_stored(
    client: httpx.AsyncClient, database: Database
) -> None:
    survey = load(SURVEYS / "every-type")
    version = await published(database, survey)
    async with database.writing() as session:
        await store.add(session, "P", "every-type", token_hash(KEY), by="t", now=clock.now())
    address = "/api/surveys/every-type/responses"
    assert (await post(client, body(EVERY_TYPE, order_seed=7), address)).status_code == 201
    [row] = await stored(database)
    assert (row["answers"], row["order_seed"]) == (EVERY_TYPE, 7)
    assert set(EVERY_TYPE) == set(survey.questions)
    schema = survey_document(version)["components"]["schemas"]["Response"]
    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(body(EVERY_TYPE))) == []
    wrong: dict[str, Any] = {
        "agree": "no", "home": "postcode=CV21 1AA", "home_sector": "CV21 1AA", "band": ["c"],
        "rise": 7.5, "heard": ["radio", "radio"], "since": "29/2/2024", "first": ["roads"] * 2,
        "share": {"roads": True, "patrols": 10}, "best_1": ["roads"], "plate": "\ud800",
        "work": {"a": 1}, "why_unsafe": None, "name_of_road": "A\u000046",
    }  # fmt: skip
    answer = await client.post(
        address,
        content=json.dumps(body({**EVERY_TYPE, **wrong})),
        headers={**HEADERS, "content-type": "application/json"},
    )
    assert set(errors(answer)) == {f"/answers/{name}" for name in wrong}


async def test_it_is_judged_as_the_web_judges_it(
    client: httpx.AsyncClient, database: Database, key: None
) -> None:
    street = "MyOwnStreet"
    cases: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"district": ""}, {"/answers/district": "shape"}),
        ({"district": street}, {"/answers/district": "shape"}),
        ({"priorities": ["roads", "none_of_these"]}, {"/answers/priorities": "invalid"}),
        ({"priorities": ["roads", "patrols", "burglary"]}, {"/answers/priorities": "invalid"}),
        ({"why_freeze": street * 50}, {"/answers/why_freeze": "invalid"}),
        ({"roads_more": "101"}, {"/answers/roads_more": "invalid"}),
        ({"pay": "£5"}, {"/answers/pay": "shape"}),
        ({"money_note": street}, {"/answers/money_note": "unknown-question"}),
        ({f"{street} lives here": "x"}, {"/answers": "unknown-question"}),
        # Off the path, and still no rubbish.
        ({"view": "maximum", "why_freeze": 7}, {"/answers/why_freeze": "shape"}),
    ]
    for changed, expected in cases:
        answer = await post(client, body({**ANSWERS, **changed}))
        assert errors(answer) == expected
        assert street not in answer.text
    assert errors(await post(client, body({"band": "c"}))) == {"/answers/district": "required"}
    assert await stored(database) == []
    off_the_path = {**ANSWERS, "view": "maximum"}
    assert (await post(client, body(off_the_path))).status_code == 201
    assert (await stored(database))[0]["answers"] == off_the_path  # kept, and counted by nobody


async def test_around_the_answers_each_slip_is_named(
    client: httpx.AsyncClient, database: Database, key: None
) -> None:
    for changed, expected in (
        ({"id": "7"}, {"/id": "shape"}),
        ({"id": str(uuid4()).upper() + "x"}, {"/id": "shape"}),
        ({"language": "xx"}, {"/language": "unknown-language"}),
        ({"language": ["en"]}, {"/language": "shape"}),
        ({"channel": "pigeon"}, {"/channel": "shape"}),
        ({"channel": []}, {"/channel": "shape"}),
        ({"survey_version": 2}, {"/survey_version": "old-version"}),
        ({"survey_version": True}, {"/survey_version": "shape"}),
        ({"order_seed": 2**31}, {"/order_seed": "shape"}),
        ({"answers": []}, {"/answers": "shape"}),
        ({"answers": {f"q{n}": "x" for n in range(5_001)}}, {"/answers": "shape"}),
        ({"name": "x"}, {"": "unknown-key"}),
    ):
        assert errors(await post(client, {**body(), **changed})) == expected
    assert await stored(database) == []


REFUSED: list[tuple[bytes, dict[str, str], int]] = [
    (b"{", {}, 400),
    (b"[]", {}, 400),
    (b'{"id": NaN}', {}, 400),
    (b'{"id": 1, "id": 1}', {}, 400),
    (b'{"id": "\xff"}', {}, 400),
    (b'\xef\xbb\xbf{"id": 1}', {}, 400),
    (b'{"id": ' + b"9" * 5_000 + b"}", {}, 400),
    (b"[" * 500_000, {}, 400),
    (b'{"answers": {"a": {"b": {"c": {}}}}}', {}, 400),
    (b'{"id": 1e999}', {}, 422),
    (b"x" * 1_000_001, {}, 413),
    (b"{}", {"content-type": "text/plain"}, 415),
    (b"{}", {"content-type": "application/json; charset=utf-16"}, 415),
    (b"{}", {"content-encoding": "gzip"}, 415),
    (b"{}", {"authorization": "Bearer nothing"}, 401),
    (b"{}", {"authorization": f"Basic {KEY}"}, 401),
    (b"{}", {"authorization": ""}, 401),
    (b"{}", {"origin": "https://elsewhere.example"}, 403),
    (b"{}", {"sec-fetch-site": "cross-site"}, 403),
]


async def test_what_is_no_response_is_refused(client: httpx.AsyncClient, key: None) -> None:
    for content, headers, status in REFUSED:
        made = {**HEADERS, "content-type": "application/json", **headers}
        said(await client.post(ADDRESS, content=content, headers=made), status)


async def test_a_body_too_large_is_refused_before_it_is_read(
    client: httpx.AsyncClient, key: None
) -> None:
    read = 0

    async def parts() -> Any:
        nonlocal read
        for _ in range(40):
            read += 1
            yield b" " * 100_000

    headers = {**HEADERS, "content-type": "application/json", "content-length": "4000000"}
    said(await client.post(ADDRESS, content=parts(), headers=headers), 413)
    lying = {**HEADERS, "content-type": "application/json"}
    said(await client.post(ADDRESS, content=parts(), headers=lying), 413)


async def test_addresses_and_methods_that_are_none(client: httpx.AsyncClient, key: None) -> None:
    said(await client.get("/api/surveys/nothing/openapi.json"), 404)
    said(await client.get("/api/nothing"), 404)
    wrong = await client.get(ADDRESS)
    assert "POST" in wrong.headers["allow"]
    said(wrong, 405)
    said(await post(client, body(), "/api/surveys/nothing/responses"), 403)


async def test_a_survey_that_knows_its_people_takes_no_key(
    client: httpx.AsyncClient, database: Database, everything: Survey
) -> None:
    invited = everything.definition.model_copy(update={"access": "invited"})
    await published(database, replace(everything, definition=invited))
    async with database.writing() as session:
        await store.add(session, "P", "everything", token_hash(KEY), by="t", now=clock.now())
    said(await post(client, body()), 403)
    said(await client.get("/api/surveys/everything/openapi.json"), 404)
    assert await stored(database) == []


async def test_before_its_hour_a_survey_takes_nothing(
    client: httpx.AsyncClient, database: Database, everything: Survey
) -> None:
    later = everything.definition.model_copy(update={"opens": datetime(2098, 1, 1, tzinfo=UTC)})
    await published(database, replace(everything, definition=later))
    async with database.writing() as session:
        await store.add(session, "P", "everything", token_hash(KEY), by="t", now=clock.now())
    assert said(await post(client, body()), 403)["type"].endswith(":not-open")


async def test_a_full_quota_and_an_absent_database_are_said(
    client: httpx.AsyncClient, database: Database, database_url: str
) -> None:
    await published(database, load(SURVEYS / "every-type"))
    async with database.writing() as session:
        await store.add(session, "P", "every-type", token_hash(KEY), by="t", now=clock.now())
    address = "/api/surveys/every-type/responses"
    farmer = {"agree": "yes", "work": "farmer"}
    for _ in range(2):
        assert (await post(client, body(farmer), address)).status_code == 201
    assert said(await post(client, body(farmer), address), 422)["type"].endswith(":full")
    assert (await post(client, body({"agree": "yes"}), address)).status_code == 201
    away = create_app(Settings(), "postgresql://nobody@127.0.0.1:1/none")
    transport = httpx.ASGITransport(app=away, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://consult.test") as gone:
        answer = await post(gone, body(), address)
    said(answer, 503)
    assert answer.headers["retry-after"] == "30"


async def test_the_documents_are_what_they_say(
    client: httpx.AsyncClient, database: Database, key: None
) -> None:
    general = (await client.get("/api/openapi.json")).json()
    assert general == json.loads(json.dumps(document()))
    own = (await client.get("/api/surveys/everything/openapi.json")).json()
    for made in (general, own):
        assert made["openapi"] == "3.1.0"
        Draft202012Validator.check_schema(made["components"]["schemas"]["Response"])
        [sending] = [path["post"] for path in made["paths"].values() if "post" in path]
        assert "3,000 at once" in sending["description"]
        for wait in ("429", "503"):
            assert sending["responses"][wait]["headers"]["Retry-After"]["required"]
    answers = own["components"]["schemas"]["Response"]["properties"]["answers"]
    assert answers["required"] == ["district"]
    assert answers["properties"]["why_freeze"]["x-when"] == '(view == "freeze")'
    assert answers["properties"]["district"]["x-labels"]["north"] == "North"


def test_schemathesis_finds_no_crash_and_nothing_undocumented(
    database_url: str, everything: Survey
) -> None:
    """Generated requests, sound and broken, for the survey with every kind of condition."""

    async def opened() -> Any:
        database = Database(database_url)
        version = await published(database, everything)
        async with database.writing() as session:
            await store.add(session, "P", "everything", token_hash(KEY), by="t", now=clock.now())
        await database.close()
        return version

    # The key is put in here: it is not for schemathesis to make one up.
    described = {**survey_document(asyncio.run(opened())), "security": []}
    schema = schemathesis.openapi.from_dict(described)
    [operation] = [result.ok() for result in schema.get_all_operations()]
    seen: Counter[int] = Counter()
    sound, broken = (
        operation.as_strategy(generation_mode=mode)
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    )

    with TestClient(create_app(Settings(), database_url)) as client:

        @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=sound | broken, keyed=st.sampled_from([True] * 9 + [False]))
        def holds(case: Any, keyed: bool) -> None:
            sent = case.as_transport_kwargs(base_url=str(client.base_url))
            headers = dict(sent.pop("headers"))
            headers.pop("Authorization", None)
            if keyed:
                headers |= HEADERS
            known = {k: v for k, v in sent.items() if k in {"method", "url"}}
            whole = {"content": sent["data"]} if "data" in sent else {"json": sent.get("json")}
            answer = client.request(**known, **whole, headers=headers)
            seen[answer.status_code] += 1
            if not keyed:
                assert answer.status_code == 401
            # No JSON Schema can say that options exclude each other, or 100 at most of a text.
            case.validate_response(answer, excluded_checks=[positive_data_acceptance])

        holds()
    # Whether a request without a key is among them is left to chance; others ask for that.
    assert {201, 422} <= set(seen), seen


def run(*arguments: str) -> str:
    done = CliRunner().invoke(cli, ["api-key", *arguments], catch_exceptions=False)
    return done.output


async def test_keys_are_made_shown_once_listed_and_revoked(
    client: httpx.AsyncClient,
    database: Database,
    database_url: str,
    open_survey: Survey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import anyio.to_thread

    monkeypatch.setenv("DATABASE_URL", database_url)

    async def command(*arguments: str) -> str:
        return await anyio.to_thread.run_sync(lambda: run(*arguments))

    made = await command("add", "Housing partner", "--survey", "everything")
    opened = made.strip().rpartition(" ")[2]
    headers = {"authorization": f"Bearer {opened}"}
    assert (await client.post(ADDRESS, json=body(), headers=headers)).status_code == 201
    listed = await command("list")
    assert "Housing partner" in listed
    assert opened not in listed
    async with database.reading() as session:
        kept = (await session.execute(text("SELECT * FROM api_key"))).mappings().one()
        audit = (await session.execute(text("SELECT action, subject FROM audit"))).all()
    assert kept["key_hash"] == token_hash(opened)
    assert opened not in str(dict(kept))
    assert ("api_key.add", "everything Housing partner") in [tuple(row) for row in audit]
    await command("revoke", "Housing partner", "--survey", "everything")
    said(await client.post(ADDRESS, json=body(), headers=headers), 401)
    assert "revoked" in await command("list")
