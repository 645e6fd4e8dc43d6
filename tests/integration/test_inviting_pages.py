"""Staff make invitations, remind, and forget addresses; and see of nobody whether they answered."""

import csv
import io
import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from consult import clock
from consult.accounts import passwords
from consult.accounts.store import put_staff
from consult.consultations import store as consultations
from consult.database import Database
from consult.inviting import codes, store
from consult.inviting.keys import root_key
from consult.questionnaire.survey import Survey
from consult.respond.flags import FLAGS
from consult.settings import Delivery
from tests.integration.test_gate import SETTINGS, answered, enter, publish, replace, service

pytestmark = pytest.mark.anyio
PAGE = "/staff/invitations/everything"
PASSWORD = "correct-horse-battery"  # noqa: S105
LETTERS = {"strand": "victims", "channel": "letter", "language": "en", "count": "12", "as": "csv"}
DELIVERY = Delivery(
    "https://survey.example.org", "smtp://127.0.0.1:1", "views@example.org",
    notify_key="k" * 80, notify_text="t",
)  # fmt: skip


@pytest.fixture
async def invited(database: Database, everything: Survey) -> Survey:
    """A survey by invitation, and staff."""
    async with database.writing() as session:
        for role in ("designer", "analyst"):
            await put_staff(
                session, f"{role}@example.org", role, passwords.hashed(PASSWORD), by="test"
            )
    return await publish(database, everything, access="invited")


async def sign_in(browser: httpx.AsyncClient, who: str = "designer") -> None:
    form = {"email": f"{who}@example.org", "password": PASSWORD}
    assert (await browser.post("/staff/sign-in", data=form)).status_code == 303


async def test_codes_for_letters_are_given_once_and_work(
    database_url: str, database: Database, invited: Survey
) -> None:
    settings = replace(SETTINGS, delivery=DELIVERY)
    async with service(database_url, settings) as browsers, browsers() as staff, browsers() as ann:
        await sign_in(staff, "analyst")
        assert (await staff.get(PAGE)).status_code == 403
        assert (await staff.post(PAGE, data=LETTERS)).status_code == 403
        await staff.post("/staff/sign-out")
        await sign_in(staff)
        assert PAGE in (await staff.get("/staff/consultations/everything")).text
        assert "that needs CONSULT_SECRET" in (await staff.get(PAGE)).text
        answer = await staff.post(PAGE, data=LETTERS)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].endswith('-invitations-1.csv"')
        assert answer.headers["cache-control"] == "no-store"
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert len({row["code"] for row in rows}) == 12
        assert all(row["link"].startswith("https://survey.example.org/i/") for row in rows)
        printed = await staff.post(PAGE, data={**LETTERS, "as": "pdf", "count": "2"})
        assert printed.content.startswith(b"%PDF")
        assert (await enter(ann, rows[0]["code"])).status_code == 303
        assert (await answered(ann)).headers["location"].endswith("/sent")
        page = (await staff.get(PAGE)).text
        assert "1: Victims, 12 letters" in page
        assert "fewer than 10" in page
        assert rows[0]["code"] not in page
    async with database.reading() as session:
        events = (await session.execute(text("SELECT action, reason FROM audit"))).all()
    assert ("invitations.make", "12 by letter for victims") in [tuple(event) for event in events]


async def test_a_list_is_invited_reminded_and_forgotten(
    database_url: str, database: Database, invited: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(SETTINGS, delivery=DELIVERY)
    form = {
        "strand": "another", "strand_name": " Parish   councils ", "channel": "email",
        "language": "cy",
    }  # fmt: skip
    people = "name,email\n" + "".join(f"N,a{n}@example.org\n" for n in range(30))
    file = {"file": ("people.csv", people.encode(), "text/csv")}
    async with service(database_url, settings) as browsers, browsers() as staff:
        await sign_in(staff)
        answer = await staff.post(PAGE, data=form, files=file)
        assert answer.headers["location"] == PAGE
        page = (await staff.get(PAGE)).text
        assert "1: Parish councils, 30 emails" in page
        assert "0 sent. More are being sent." in page
        assert "a1@example.org" not in page
        root = await root_key(database, settings)
        now = clock.now()
        async with database.writing() as session:
            for number, one in enumerate(await store.claim(session, now, timedelta(), 30)):
                mark = codes.mark_of_code(root, str(number))
                await store.add_mark(session, one, mark)
                await store.settle(session, one.id, "sent")
                if number < 12:
                    assert await store.spend(session, "everything", mark)
        page = (await staff.get(PAGE)).text
        assert "30 sent." in page
        assert "about 10" in page
        assert "Delete the addresses" not in page
        assert (await staff.post(f"{PAGE}/1/remind")).headers["location"] == PAGE
        async with database.reading() as session:
            query = "SELECT kind, count(*) FROM message WHERE state = 'waiting' GROUP BY 1"
            assert (await session.execute(text(query))).all() == [("reminder", 18)]
        assert (await staff.post(f"{PAGE}/1/forget")).status_code == 409
        for nobody in (7, 0, 2**31, 2**63):
            assert (await staff.post(f"{PAGE}/{nobody}/remind")).status_code == 404
        assert (await staff.post(f"{PAGE}/1/nonsense")).status_code == 404
        later = invited.closes + timedelta(hours=2)
        monkeypatch.setattr(clock, "now", lambda: later)
        await staff.post("/staff/sign-out")
        await sign_in(staff)
        page = (await staff.get(PAGE)).text
        assert "Delete the addresses" in page
        assert "Invite people" not in page
        assert (await staff.post(f"{PAGE}/1/remind")).status_code == 409
        assert (await staff.post(f"{PAGE}/1/forget")).status_code == 303
        assert "no address is kept any more" in (await staff.get(PAGE)).text
    async with database.reading() as session:
        left = "SELECT count(*) FROM invitation WHERE reach <> ''"
        assert (await session.execute(text(left))).scalar_one() == 0


async def test_staff_see_how_many_stand_out_and_why_and_the_report_does_too(
    database_url: str, database: Database, invited: Survey
) -> None:
    rows = [
        {"id": uuid4(), "flags": flags, "view": {"view": view}}
        for number, flags, view in (
            (40, [], "freeze"), (20, [], "maximum"),
            (15, ["again"], "maximum"), (4, ["fast"], "freeze"),
        )
        for _ in range(number)
    ]  # fmt: skip
    query = text(
        "INSERT INTO response (id, version_id, channel, language, received_on, answers, flags) "
        "SELECT :id, max(id), 'web', 'en', '2025-01-01', :view, :flags FROM survey_version"
    ).bindparams(bindparam("view", type_=JSONB))
    async with database.writing() as session:
        await session.execute(query, rows)
    async with service(database_url) as browsers, browsers() as staff:
        await sign_in(staff, "analyst")
        page = (await staff.get("/staff/consultations/everything")).text
        report = (await staff.get("/staff/consultations/everything/report")).text
    cells = r'<th scope="row"[^>]*>([^<]+)</th>\s*<td[^>]*>([^<]+)</td>'
    shown = dict(re.findall(cells, page))
    assert shown["Any of these"] == "20"
    assert shown[FLAGS["again"]] == "15"
    assert shown[FLAGS["fast"]] == "[c]"
    assert shown[FLAGS["burst"]] == "0"
    assert "Of them about 20 are flagged" in report
    assert "With and without flagged responses" in report


def assert_leads_to(page: str, field: str) -> None:
    """From the summary to the field, which says the same."""
    [link] = re.findall(r'<div class="govuk-error-summary.*?href="#([^"]*)"', page, re.DOTALL)
    assert link == field
    assert re.search(rf'<(?:input|select|textarea)[^>]* id="{field}"', page)
    assert f'id="{field}-error"' in page


async def test_each_survey_of_a_consultation_has_its_own_invitations(
    database_url: str, database: Database, invited: Survey
) -> None:
    for slug, access in (("more", "invited"), ("another", "open")):
        definition = invited.definition.model_copy(update={"survey": slug, "access": access})
        title = {"title": f"About {slug}"}
        words = {code: said.model_copy(update=title) for code, said in invited.words.items()}
        survey = replace(invited, definition=definition, words=words)
        async with database.writing() as session:
            await consultations.publish(
                session, survey, "everything", by="test", reason="test", now=clock.now()
            )
    async with service(database_url) as browsers, browsers() as staff:
        await sign_in(staff)
        page = (await staff.get("/staff/consultations/everything")).text
        links = re.findall(r'href="/staff/invitations/([a-z]+)">([^<]+)<', page)
        assert links == [
            ("everything", "Invitations to “Everything at once”"),
            ("more", "Invitations to “About more”"),
        ]
        made = await staff.post("/staff/invitations/more", data=LETTERS)
        assert made.headers["content-disposition"].endswith('"more-invitations-1.csv"')
        shown = (await staff.get("/staff/invitations/more")).text
        assert "About more" in shown
        assert "1: Victims, 12 letters" in shown
        assert 'href="/staff/consultations/everything"' in shown
        assert "Victims, 12 letters" not in (await staff.get(PAGE)).text
        assert (await staff.get("/staff/invitations/nothing")).status_code == 404
        assert (await staff.post("/staff/invitations/nothing", data=LETTERS)).status_code == 404
    async with database.reading() as session:
        made_for = "SELECT DISTINCT survey_slug FROM invitation"
        assert (await session.execute(text(made_for))).scalars().all() == ["more"]


async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    database_url: str, database: Database, invited: Survey, everything: Survey
) -> None:
    settings = replace(SETTINGS, delivery=DELIVERY)
    mail = {"strand": "public", "channel": "email", "language": "en"}
    async with service(database_url, settings) as browsers, browsers() as staff:
        await sign_in(staff)
        for form, said, field in (
            ({**LETTERS, "strand": ""}, "Say whom you invite", "strand"),
            ({**LETTERS, "strand": "another"}, "a name of your own", "strand_name"),
            ({**LETTERS, "channel": "pigeon"}, "Select how the codes travel", "channel"),
            ({**LETTERS, "language": "fr"}, "Select a language", "language"),
            ({**LETTERS, "count": "0"}, "from 1 to 5,000", "count"),
            ({**LETTERS, "count": "5001"}, "from 1 to 5,000", "count"),
            ({**LETTERS, "count": "1001", "as": "pdf"}, "from 1 to 1,000", "count"),
            ({**mail, "list": ""}, "Add an email address", "list"),
            ({**mail, "list": "ann@example.org\nRubbish"}, "in line 2", "list"),
        ):
            answer = await staff.post(PAGE, data=form)
            assert answer.status_code == 422
            assert said in answer.text
            assert_leads_to(answer.text, field)
            assert form.get("list", "") in answer.text
        async with database.reading() as session:
            made = (await session.execute(text("SELECT count(*) FROM invitation"))).scalar_one()
        assert made == 0
        await publish(database, everything)
        nowhere = (await staff.post(PAGE, data=LETTERS)).text
        assert "This survey takes no codes. Set" in nowhere
        assert not re.search(r'href="#(?!main-content)', nowhere)
    async with service(database_url, SETTINGS) as browsers, browsers() as staff:
        await publish(database, invited)
        await sign_in(staff)
        assert "Not set up here: emails, text messages" in (await staff.get(PAGE)).text
        answer = await staff.post(PAGE, data={**mail, "list": "ann@example.org"})
        assert "Select how the codes travel" in answer.text
        answer = await staff.post(PAGE, data={**LETTERS, "as": "pdf"})
        assert "CONSULT_PUBLIC_URL" in answer.text
        assert_leads_to(answer.text, "as")
