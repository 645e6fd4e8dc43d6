"""Signing in, roles, and that every route says who may enter."""

from datetime import timedelta

import httpx
import pytest
from litestar.routes import ASGIRoute, HTTPRoute
from sqlalchemy import text

from consult import clock, worker
from consult.accounts import passwords
from consult.accounts.model import PUBLIC, ROLES, STAFF
from consult.accounts.store import put_staff
from consult.app import create_app
from consult.database import Database
from consult.errors import ConsultError
from consult.questionnaire.survey import Survey
from consult.settings import Settings

pytestmark = pytest.mark.anyio
PASSWORD = "correct-horse-battery"  # noqa: S105


@pytest.fixture
async def staff(database: Database) -> None:
    """A designer and an analyst."""
    async with database.writing() as session:
        for role in ("designer", "analyst"):
            hashed = passwords.hashed(PASSWORD)
            await put_staff(session, f"{role}@example.org", role, hashed, by="test")


async def sign_in(client: httpx.AsyncClient, who: str, password: str = PASSWORD) -> httpx.Response:
    form = {"email": who, "password": password}
    return await client.post("/staff/sign-in", data=form)


async def test_staff_pages_ask_to_sign_in_and_lead_back(
    client: httpx.AsyncClient, open_survey: Survey, staff: None
) -> None:
    wanted = "/staff/consultations/everything"
    answer = await client.get(wanted)
    assert answer.headers["location"] == f"/staff/sign-in?next={wanted}"
    form = {"email": " Analyst@Example.org", "password": PASSWORD, "next": wanted}
    answer = await client.post("/staff/sign-in", data=form)
    assert answer.headers["location"] == wanted
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "Nobody has answered yet" in (await client.get(wanted)).text


async def test_only_our_own_pages_are_led_back_to(client: httpx.AsyncClient, staff: None) -> None:
    for elsewhere in ("https://elsewhere.test/", "//elsewhere.test", "/staffx", "/s/x"):
        form = {"email": "analyst@example.org", "password": PASSWORD, "next": elsewhere}
        answer = await client.post("/staff/sign-in", data=form)
        assert answer.headers["location"] == "/staff"


async def test_wrong_passwords_rest_the_account(client: httpx.AsyncClient, staff: None) -> None:
    for _ in range(passwords.TRIES):
        answer = await sign_in(client, "analyst@example.org", "wrong-wrong-wrong")
        assert answer.status_code == 422
        assert "wrong" in answer.text
        assert "wrong-wrong-wrong" not in answer.text
    resting = await sign_in(client, "analyst@example.org")  # the right one, too late
    assert resting.status_code == 422
    assert (await sign_in(client, "designer@example.org")).status_code == 303
    nobody = await sign_in(client, "nobody@example.org")
    assert nobody.status_code == 422
    # The same words for both: who tries learns nothing of who works here.
    assert nobody.text.replace("nobody", "analyst") == resting.text


async def test_roles(client: httpx.AsyncClient, open_survey: Survey, staff: None) -> None:
    data = "/staff/consultations/everything/responses.csv"
    await sign_in(client, "designer@example.org")
    assert (await client.get(data)).status_code == 403
    assert "responses.csv" not in (await client.get("/staff/consultations/everything")).text
    await client.post("/staff/sign-out")
    assert (await client.get("/staff")).status_code == 303
    await sign_in(client, "analyst@example.org")
    answer = await client.get(data)
    assert answer.status_code == 200
    assert answer.text.startswith(
        "id,channel,language,received_on,survey_version,order_seed,flags,again,district"
    )
    assert (await client.get("/staff/consultations/nothing")).status_code == 404


async def test_a_new_password_ends_old_sign_ins_and_signing_in_is_audited(
    client: httpx.AsyncClient, database: Database, staff: None
) -> None:
    await sign_in(client, "analyst@example.org")
    assert (await client.get("/staff")).status_code == 200
    async with database.writing() as session:
        hashed = passwords.hashed("another-password-1")
        await put_staff(session, "analyst@example.org", "analyst", hashed, by="test")
    assert (await client.get("/staff")).status_code == 303
    async with database.reading() as session:
        events = (await session.execute(text("SELECT action FROM audit ORDER BY id"))).scalars()
        assert list(events) == ["staff.put", "staff.put", "staff.sign_in", "staff.put"]
        kept = (await session.execute(text("SELECT password_hash FROM staff"))).scalars()
        assert all(value.startswith("$argon2id$") for value in kept)


async def test_a_sign_in_expires_and_is_forgotten(
    client: httpx.AsyncClient, database: Database, staff: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(client, "analyst@example.org")
    later = clock.now() + timedelta(hours=13)
    assert await worker.tidy(database, clock.now()) == (0, 0)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (await client.get("/staff")).status_code == 303
    assert await worker.tidy(database, later) == (0, 1)


async def test_old_drafts_are_forgotten(
    client: httpx.AsyncClient, open_survey: Survey, database: Database
) -> None:
    await client.post("/s/everything/en/start")
    assert await worker.tidy(database, clock.now() + timedelta(days=29)) == (0, 0)
    assert await worker.tidy(database, clock.now() + timedelta(days=32)) == (1, 0)


def test_short_passwords_are_refused() -> None:
    with pytest.raises(ConsultError, match="12 characters"):
        passwords.hashed("short")


def test_every_route_says_who_may_enter() -> None:
    app = create_app(Settings(), "postgresql://nobody@localhost/none")
    handlers = []
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            handlers += [h for h in route.route_handlers if h.http_methods != {"OPTIONS"}]
        elif isinstance(route, ASGIRoute):
            handlers.append(route.route_handler)
    declared = {tuple(sorted(h.paths)): h.opt.get("who") for h in handlers}
    assert len(declared) >= 15
    for paths, who in declared.items():
        assert who, f"{paths} does not say who may enter"
        assert who == PUBLIC or who <= STAFF == frozenset(ROLES)
        assert (who == PUBLIC) == (not paths[0].startswith("/staff") or "sign-in" in paths[0])


async def test_a_route_that_names_nobody_lets_nobody_in(database_url: str) -> None:
    from litestar import get

    @get("/open-by-mistake")
    async def open_by_mistake() -> str:
        return "secret"

    app = create_app(Settings(), database_url)
    app.register(open_by_mistake)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://consult.test") as client:
            assert (await client.get("/open-by-mistake")).status_code == 403


async def test_a_designer_closes_and_reopens_and_must_say_why(
    client: httpx.AsyncClient, open_survey: Survey, staff: None
) -> None:
    stage = "/staff/consultations/everything/stage"
    await sign_in(client, "analyst@example.org")
    assert (await client.get(stage)).status_code == 403
    assert "Close, reopen" not in (await client.get("/staff/consultations/everything")).text
    await client.post("/staff/sign-out")
    await sign_in(client, "designer@example.org")
    assert stage in (await client.get("/staff/consultations/everything")).text
    assert "Version 1 published" in (await client.get(stage)).text
    for form, said in (
        ({"action": "close", "why": " "}, "Say why"),
        ({"why": "No reason"}, "Select what to do"),
        ({"action": "reopen", "why": "Not closed"}, "it can publish, close, unpublish"),
    ):
        answer = await client.post(stage, data=form)
        assert answer.status_code == 422
        assert said in answer.text
        assert form["why"].strip() in answer.text
    reason = "Enough heard <script>alert(1)</script>"
    assert (await client.post(stage, data={"action": "close", "why": reason})).status_code == 303
    page = (await client.get(stage)).text
    assert "Enough heard &lt;script&gt;" in page
    assert "This survey is closed." in (await client.get("/s/everything/en")).text
    assert "arolwg hwn ar gau" in (await client.get("/s/everything/cy")).text
    await client.post(stage, data={"action": "reopen", "why": "One more week"})
    assert "Start now" in (await client.get("/s/everything/en")).text
    assert (await client.get("/staff/consultations/nothing/stage")).status_code == 404
