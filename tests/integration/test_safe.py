"""Safe to answer: leaving, coming back, correcting; what a copy of the database does not tell."""

import asyncio
import csv
import io
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import httpx
import openpyxl
import pytest
from pypdf import PdfReader

from consult import clock
from consult.accounts import passwords
from consult.accounts.store import put_staff
from consult.consultations.store import publish
from consult.database import Database
from consult.datasets.files import dataset_files
from consult.datasets.store import by_day
from consult.errors import ConsultError
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.respond.draft import DRAFTS_KEPT, Token
from consult.respond.gate.rate import RATES, Rate
from consult.respond.store import AMONG, Contact, Submission, keep_contact, submit
from consult.respond.visit import COOKIE, LEFT
from consult.worker import tidy
from tests.conftest import SURVEYS, published
from tests.integration.test_respond import hidden
from tests.integration.test_staff import PASSWORD, sign_in

pytestmark = pytest.mark.anyio
BASE = "/s/sensitive/en"
WORDS = "He still lives here, dŵr 🚓 <b>&"
WAY = {
    "lives": {"lives": "north"},
    "helped": {"helped": "no"},
    "why_not": {"why_not": WORDS},
    "amount": {"amount": "3"},
}


@pytest.fixture
async def survey(database: Database) -> Survey:
    loaded = load(SURVEYS / "sensitive")
    await published(database, loaded)
    return loaded


async def answer(client: httpx.AsyncClient, *pages: str) -> str:
    """Begin, and send these pages; where it led."""
    began = await client.post(f"{BASE}/start", data={"safe": "1"})
    here = began.headers["location"]
    for page in pages:
        sent = await client.post(f"{BASE}/q/{page}", data=WAY[page])
        assert sent.status_code == 303, sent.text
        here = sent.headers["location"]
    return here


async def send(client: httpx.AsyncClient) -> str:
    """Send from the check page; the receipt."""
    page = await client.get(f"{BASE}/check")
    sent = await client.post(f"{BASE}/check", data=hidden(page.text))
    assert sent.headers["location"] == f"{BASE}/sent", sent.text
    shown = (await client.get(f"{BASE}/sent")).text
    found = re.search(r'consult-receipt" dir="ltr">([^<]+)<', shown)
    assert found, shown
    return found[1]


# -- leaving ---------------------------------------------------------------------------------------


async def test_a_sensitive_survey_first_says_how_to_stay_safe(
    client: httpx.AsyncClient, survey: Survey
) -> None:
    start = await client.post(f"{BASE}/start")
    assert start.headers["location"] == f"{BASE}/staying-safe"
    assert "set-cookie" not in start.headers
    page = await client.get(f"{BASE}/staying-safe")
    assert "Exit this page" in page.text
    go_on = await client.post(f"{BASE}/start", data=hidden(page.text))
    assert go_on.headers["location"] == f"{BASE}/q/lives"


async def test_titles_icons_and_links_give_nothing_away(
    client: httpx.AsyncClient, survey: Survey
) -> None:
    await answer(client, "lives")
    for path in ("", "/staying-safe", "/q/helped", "/later", "/return", "/receipt", "/help"):
        page = (await client.get(f"{BASE}{path}")).text
        head = page.split("</head>")[0]
        for telling in ("crime", "treated", "Body of the test", "police", "Have your say"):
            assert telling not in head, (path, telling)
        assert "plain.svg" in head
    assert "treated" not in (await client.get("/")).text  # a list that anybody may look at
    later = await client.get(f"{BASE}/q/helped")
    assert later.headers["referrer-policy"] == "same-origin"
    assert later.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_leaves_is_forgotten_and_back_shows_nothing(
    method: str, client: httpx.AsyncClient, survey: Survey
) -> None:
    await answer(client, "lives", "helped")
    left = await client.request(method, f"{BASE}/leave")
    assert left.headers["location"] == "https://www.example.org/weather"
    assert COOKIE not in client.cookies
    assert client.cookies[LEFT].isdecimal()
    for path in ("", "/q/helped", "/check", "/sent", "/staying-safe", "/help", "/later"):
        back = await client.get(f"{BASE}{path}")
        assert back.status_code == 303, path
        assert back.headers["location"] == "https://www.example.org/weather"
    client.cookies.delete(LEFT)
    fresh = await client.get(BASE)
    assert "Continue where you left off" not in fresh.text


async def test_help_lists_ones_own_area_first_and_others_by_name(
    client: httpx.AsyncClient, survey: Survey
) -> None:
    unknown = (await client.get(f"{BASE}/help")).text
    assert unknown.index("National line") < unknown.index("In North") < unknown.index("In South")
    assert 'href="tel:08082000000"' in unknown
    await answer(client, "lives")
    near = (await client.get(f"{BASE}/help")).text
    assert near.index("North house") < near.index("National line") < near.index("In South")
    assert "In North" not in near


# -- coming back -----------------------------------------------------------------------------------


async def code_of(client: httpx.AsyncClient) -> str:
    made = await client.post(f"{BASE}/later")
    assert made.headers["location"] == f"{BASE}/later"
    shown = (await client.get(f"{BASE}/later")).text
    found = re.search(r'consult-code" dir="ltr">([^<]+)<', shown)
    assert found
    return found[1]


async def test_resume_later_with_a_code_on_another_device(
    client: httpx.AsyncClient, survey: Survey, raw: asyncpg.Connection
) -> None:
    await answer(client, "lives", "helped")
    aside = await client.post(f"{BASE}/q/why_not", data={"why_not": WORDS, "later": "1"})
    assert aside.headers["location"] == f"{BASE}/later"
    code = await code_of(client)
    assert code == await code_of(client)  # asked for again: the same, and one row
    assert await raw.fetchval("SELECT count(*) FROM return_code") == 1
    client.cookies.clear()
    wrong = await client.post(f"{BASE}/return", data={"code": "AAAA-AAAA-AAAA"})
    assert wrong.status_code == 422
    assert "No answers are kept under this code" in wrong.text
    short = await client.post(f"{BASE}/return", data={"code": "AAA"})
    assert "12 letters and digits" in short.text
    said = code.lower().replace("-", " ")
    back = await client.post(f"{BASE}/return", data={"code": said})
    assert back.headers["location"] == f"{BASE}/resume"
    on = await client.get(f"{BASE}/resume")
    assert on.headers["location"] == f"{BASE}/q/why_not"  # put aside, not yet sent
    assert "He still lives here" in (await client.get(f"{BASE}/q/why_not")).text


async def test_a_code_is_spent_with_its_answers_and_leaves_with_its_draft(
    client: httpx.AsyncClient, survey: Survey, raw: asyncpg.Connection, database: Database
) -> None:
    await answer(client, *WAY)
    code = await code_of(client)
    await send(client)
    assert await raw.fetchval("SELECT count(*) FROM return_code") == 0
    assert (await client.post(f"{BASE}/return", data={"code": code})).status_code == 422
    client.cookies.clear()
    await answer(client, "lives")
    await code_of(client)
    await tidy(database, clock.now() + DRAFTS_KEPT - timedelta(days=1))
    assert await raw.fetchval("SELECT count(*) FROM return_code") == 1
    await tidy(database, clock.now() + DRAFTS_KEPT + timedelta(days=2))
    for table in ("draft", "return_code"):
        assert await raw.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_a_code_lives_as_long_as_its_draft_is_touched(
    client: httpx.AsyncClient,
    survey: Survey,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await answer(client, "lives")
    code = await code_of(client)
    later = clock.now() + timedelta(days=20)
    monkeypatch.setattr(clock, "now", lambda: later)
    await client.post(f"{BASE}/q/helped", data=WAY["helped"])
    await tidy(database, later + timedelta(days=20))
    client.cookies.clear()
    back = await client.post(f"{BASE}/return", data={"code": code})
    assert back.headers["location"] == f"{BASE}/resume"


async def test_answers_and_codes_in_a_copy_of_the_database_show_nothing(
    client: httpx.AsyncClient, survey: Survey, raw: asyncpg.Connection
) -> None:
    await answer(client, "lives", "helped", "why_not")
    code = (await code_of(client)).replace("-", "")
    token = Token.read(client.cookies[COOKIE])
    assert token is not None
    held = []
    for table in ("draft", "return_code"):
        for row in await raw.fetch(f"SELECT * FROM {table}"):
            held += [v if isinstance(v, bytes) else str(v).encode() for v in row.values()]
    everything = b"\n".join(held)
    for secret in (b"still lives", b"north", b"helped", code.encode(), token.secret):
        assert secret not in everything
    assert token.secret.hex().encode() not in everything


# -- what was sent -----------------------------------------------------------------------------


async def test_correct_an_answer_after_submitting_the_last_counts(
    client: httpx.AsyncClient, survey: Survey, raw: asyncpg.Connection
) -> None:
    await answer(client, *WAY)
    receipt = await send(client)
    client.cookies.clear()
    shown = await client.post(f"{BASE}/receipt", data={"code": receipt.lower()})
    assert "He still lives here" in shown.text
    begun = await client.post(f"{BASE}/receipt", data={"code": receipt, "do": "correct"})
    assert begun.headers["location"] == f"{BASE}/check"
    check = await client.get(f"{BASE}/check")
    assert "in place of those you sent before" in check.text
    await client.post(f"{BASE}/q/helped", data={"helped": "yes", "change": "1"})
    assert await send(client) == receipt
    again = await client.post(f"{BASE}/check", data={})  # a double click
    assert again.headers["location"] == f"{BASE}/sent"
    [row] = await raw.fetch("SELECT * FROM response")
    assert '"helped": "yes"' in row["answers"]
    assert row["revision"] == 2
    [before] = await raw.fetch("SELECT * FROM superseded")
    assert '"helped": "no"' in before["answers"]
    assert (before["revision"], before["response_id"]) == (1, row["id"])
    assert await raw.fetchval("SELECT count(*) FROM draft") == 0


async def test_a_withdrawn_response_is_gone_and_cannot_be_sent_again(
    client: httpx.AsyncClient, survey: Survey, raw: asyncpg.Connection, database: Database
) -> None:
    await answer(client, *WAY)
    page = hidden((await client.get(f"{BASE}/check")).text)
    receipt = await send(client)
    unsure = await client.post(f"{BASE}/receipt", data={"code": receipt, "do": "withdraw"})
    assert unsure.status_code == 422
    assert "Tick the box" in unsure.text
    sure = {"code": receipt, "do": "withdraw", "sure": "1"}
    jar = dict(client.cookies)
    gone = await client.post(f"{BASE}/receipt", data=sure)
    assert "have been withdrawn" in gone.text
    [row] = await raw.fetch("SELECT * FROM response")
    assert (row["answers"], row["withdrawn"]) == ("{}", True)
    client.cookies.update(jar)  # a tab that was left open, with the cookie it had
    late = await client.post(f"{BASE}/check", data=page)
    assert late.status_code == 410
    assert (await client.post(f"{BASE}/receipt", data=sure)).status_code == 422
    assert await raw.fetchval("SELECT count(*) FROM response WHERE NOT withdrawn") == 0


async def test_a_receipt_can_do_nothing_once_the_survey_has_closed(
    client: httpx.AsyncClient,
    survey: Survey,
    raw: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await answer(client, *WAY)
    receipt = await send(client)
    monkeypatch.setattr(clock, "now", lambda: datetime(2099, 2, 1, tzinfo=UTC))
    for do in ("correct", "withdraw"):
        data = {"code": receipt, "do": do, "sure": "1"}
        page = await client.post(f"{BASE}/receipt", data=data)
        assert "can no longer be changed or withdrawn" in page.text
    assert await raw.fetchval("SELECT count(*) FROM response WHERE revision = 1") == 1


async def test_receipts_and_codes_do_not_guess_across_surveys(
    client: httpx.AsyncClient, survey: Survey, database: Database, everything: Survey
) -> None:
    await published(database, everything)
    await answer(client, *WAY)
    code = await code_of(client)
    receipt = await send(client)
    for path, typed in (("return", code), ("receipt", receipt)):
        other = await client.post(f"/s/everything/en/{path}", data={"code": typed})
        assert other.status_code == 422


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_a_copy_of_the_answers_to_keep(
    language: str, client: httpx.AsyncClient, survey: Survey
) -> None:
    await answer(client, *WAY)
    receipt = await send(client)
    page = await client.get(f"/s/sensitive/{language}/copy/html")
    assert page.headers["content-disposition"] == 'attachment; filename="answers.html"'
    for said in ("He still lives here", "&lt;b&gt;&amp;", receipt, "3"):
        assert said in page.text
    made = await client.get(f"/s/sensitive/{language}/copy/pdf")
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(made.content)).pages)
    assert receipt in text
    assert "He still lives here" in text
    assert "crime" not in text.split("\n")[0]
    assert (await client.get(f"{BASE}/copy/exe")).status_code == 404
    client.cookies.clear()
    nobody = await client.get(f"{BASE}/copy/pdf")
    assert nobody.headers["location"] == BASE


# -- contact details ---------------------------------------------------------------------------


async def test_contact_details_are_asked_for_apart_and_checked(
    client: httpx.AsyncClient, survey: Survey, raw: asyncpg.Connection
) -> None:
    await answer(client, *WAY)
    await send(client)
    empty = await client.post(f"{BASE}/updates", data={})
    assert empty.status_code == 422
    assert "Enter an email address, phone number or postal address" in empty.text
    slip = {"reach": "someone@nowhere", "purposes": "updates", "name": "N"}
    assert "correct format" in (await client.post(f"{BASE}/updates", data=slip)).text
    good = {"reach": "someone@example.org", "purposes": ["updates", "prize_draw", "spam"]}
    kept = await client.post(f"{BASE}/updates", data=good)
    assert kept.headers["location"] == f"{BASE}/updates/kept"
    [row] = await raw.fetch("SELECT * FROM contact")
    assert row["purposes"] == ["updates", "prize_draw"]
    assert set(row.keys()) == {"id", "survey_slug", "name", "reach", "purposes"}


async def test_contact_details_are_asked_of_who_answered_and_kept_once(
    client: httpx.AsyncClient,
    survey: Survey,
    raw: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(RATES, "contact_by_one", Rate(10, 1))

    async def leave(reach: str, *purposes: str) -> httpx.Response:
        return await client.post(f"{BASE}/updates", data={"reach": reach, "purposes": purposes})

    async def kept() -> list[tuple[str, list[str]]]:
        rows = await raw.fetch("SELECT reach, purposes FROM contact ORDER BY reach, purposes")
        return [tuple(row) for row in rows]

    for _ in range(3):  # fresh browsers
        client.cookies.clear()
        assert (await leave("a@example.org", "prize_draw")).headers["location"] == BASE
    await answer(client, *WAY)  # begun, not sent
    assert (await leave("a@example.org", "prize_draw")).headers["location"] == BASE
    assert (await client.get(f"{BASE}/updates")).headers["location"] == BASE
    await send(client)
    assert (await client.get(f"{BASE}/updates")).status_code == 200
    clicked = await asyncio.gather(*(leave("a@example.org", "prize_draw") for _ in range(8)))
    assert {one.headers["location"] for one in clicked} == {f"{BASE}/updates/kept"}
    assert await kept() == [("a@example.org", ["prize_draw"])]
    # For something else too, written in another way: nobody is in a draw twice.
    await leave(" A@Example.org", "updates", "prize_draw")
    held = [("a@example.org", ["prize_draw"]), ("A@Example.org", ["updates"])]
    assert sorted(await kept()) == sorted(held)
    # A response is a household's, not a crowd's.
    many = [(await leave(f"{number}@example.org", "prize_draw")).status_code for number in range(3)]
    assert many == [303, 429, 429]
    assert len(await kept()) == 3
    await client.post(f"{BASE}/finish")  # the next person at a shared computer
    assert (await client.get(f"{BASE}/updates")).headers["location"] == BASE


async def test_nothing_joins_contact_details_to_answers(
    survey: Survey, database: Database, raw: asyncpg.Connection
) -> None:
    """Somebody with a copy of the database tries every way there is to put them together."""
    people = 200
    version = await raw.fetchval("SELECT id FROM survey_version")
    for number in range(people):
        said = {"why_not": f"person {number}"}
        day = clock.today(clock.now())
        one = Submission(uuid4(), version, "web", "en", day, said)
        async with database.light() as link:
            await submit(link, [one])
            reach = f"{number}@example.org"
            await keep_contact(link, Contact("sensitive", "", reach, ("updates",)))
    sent = await raw.fetch("SELECT *, xmin::text::bigint AS tx FROM response ORDER BY ctid")
    kept = await raw.fetch("SELECT *, xmin::text::bigint AS tx FROM contact ORDER BY ctid")
    who = [int(re.findall(r"\d+", row["answers"])[0]) for row in sent]
    them = [int(row["reach"].split("@")[0]) for row in kept]
    assert sorted(who) == sorted(them) == list(range(people))
    # By an id of both, or by the order of their ids.
    assert not {row["id"] for row in sent} & {row["id"] for row in kept}
    by_id = [n for _, n in sorted(zip((r["id"] for r in kept), them, strict=True))]
    of_id = [n for _, n in sorted(zip((r["id"] for r in sent), who, strict=True))]
    guesses = {"order of the dump": (who, them), "order of ids": (of_id, by_id)}
    # By the transaction: the nearest response before each.
    nearest = [max((s["tx"], w) for s, w in zip(sent, who, strict=True) if s["tx"] < k["tx"])[1]
               for k in kept]  # fmt: skip
    guesses["order of transactions"] = (nearest, them)
    for attack, (one, other) in guesses.items():
        hits = sum(a == b for a, b in zip(one, other, strict=True))
        # Chance hits one of 200; one of 51 would be 4. Ten is beyond both, and far from 200.
        assert hits <= 10, (attack, hits)
    # The last to come: its transaction wrote fifty others too.
    last = [n for n, row in zip(them, kept, strict=True) if row["tx"] == kept[-1]["tx"]]
    assert people - 1 in last
    assert len(last) == AMONG + 1


async def test_contacts_that_come_at_once_are_all_kept(
    survey: Survey, database: Database, raw: asyncpg.Connection
) -> None:
    async def come(number: int) -> None:
        async with database.light() as link:
            await keep_contact(link, Contact("sensitive", "", f"{number}@example.org", ()))

    for start in range(0, 120, 8):
        await asyncio.gather(*(come(number) for number in range(start, start + 8)))
    kept = await raw.fetch("SELECT reach FROM contact")
    assert sorted(int(row["reach"].split("@")[0]) for row in kept) == list(range(120))


# -- anonymity -----------------------------------------------------------------------------------


async def test_anonymity_cannot_be_switched_off_once_somebody_answered(
    client: httpx.AsyncClient, survey: Survey, database: Database
) -> None:
    named = Survey(
        survey.definition.model_copy(update={"anonymous": False}), survey.words, survey.population
    )

    async def again() -> None:
        async with database.writing() as session:
            await publish(session, named, survey.slug, by="t", reason="t", now=clock.now())

    await answer(client, *WAY)
    await send(client)
    with pytest.raises(ConsultError, match="promised to be anonymous"):
        await again()


async def test_a_survey_that_is_not_anonymous_says_so(
    client: httpx.AsyncClient, survey: Survey, database: Database
) -> None:
    named = survey.definition.model_copy(update={"anonymous": False})
    await published(database, Survey(named, survey.words, survey.population))
    page = (await client.get(BASE)).text
    assert "Your answers are not anonymous" in page
    assert "Your answers are anonymous" not in page


async def test_anonymity_that_dates_cannot_undo(
    client: httpx.AsyncClient,
    survey: Survey,
    raw: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who was seen answering at ten to nine cannot be found by it: a day is all there is."""
    moments = [datetime(2026, 3, 2, hour, 50, tzinfo=UTC) for hour in range(8, 16)]
    for moment in moments:
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        client.cookies.clear()
        await answer(client, *WAY)
        await send(client)
    rows = await raw.fetch("SELECT * FROM response ORDER BY id")
    assert len(rows) == len(moments)
    assert {row["received_on"] for row in rows} == {moments[0].date()}
    kept = [value for row in rows for value in row.values() if isinstance(value, datetime)]
    assert kept == []
    # Nor does an id hold a moment: version 4, made of chance.
    assert {row["id"].version for row in rows} == {4}


async def test_drafts_are_not_participants(
    client: httpx.AsyncClient, survey: Survey, database: Database
) -> None:
    await answer(client, *WAY)
    await send(client)
    client.cookies.clear()
    await answer(client, "lives", "helped")  # goes away, and never sends
    files = await dataset_files(database, "sensitive")
    rows = list(csv.DictReader(io.StringIO(files.responses)))
    assert [row["why_not"] for row in rows] == [WORDS]


async def test_the_withdrawn_are_in_no_dataset(
    client: httpx.AsyncClient, survey: Survey, database: Database
) -> None:
    await answer(client, *WAY)
    receipt = await send(client)
    sure = {"code": receipt, "do": "withdraw", "sure": "1"}
    assert "have been withdrawn" in (await client.post(f"{BASE}/receipt", data=sure)).text
    files = await dataset_files(database, "sensitive")
    assert list(csv.DictReader(io.StringIO(files.responses))) == []
    async with database.reading() as session:
        assert await by_day(session, "sensitive") == []


async def test_staff_see_how_many_were_corrected_and_withdrawn(
    client: httpx.AsyncClient, survey: Survey, database: Database
) -> None:
    async with database.writing() as session:
        hashed = passwords.hashed(PASSWORD)
        await put_staff(session, "analyst@example.org", "analyst", hashed, by="test")

    async def figures() -> tuple[list[str], str]:
        """What the staff page counts, and what it says; residents know nothing of it."""
        await sign_in(client, "analyst@example.org")
        page = (await client.get("/staff/consultations/sensitive")).text
        await client.post("/staff/sign-out")
        client.cookies.clear()
        return re.findall(r'consult-figure">([\d,]+)<', page), page

    numbers, page = await figures()
    assert numbers == ["0", "0", "0", "0"]
    assert "Nobody has answered yet" in page
    assert "Corrected:" not in page
    receipts = []
    for _ in range(3):
        await answer(client, *WAY)
        receipts.append(await send(client))
        client.cookies.clear()
    for amount in ("4", "5"):  # corrected twice, it is one corrected response
        await client.post(f"{BASE}/receipt", data={"code": receipts[0], "do": "correct"})
        await client.post(f"{BASE}/q/amount", data={"amount": amount, "change": "1"})
        assert await send(client) == receipts[0]
        client.cookies.clear()
    sure = {"do": "withdraw", "sure": "1"}
    await client.post(f"{BASE}/receipt", data={"code": receipts[1], **sure})
    numbers, page = await figures()
    assert numbers == ["2", "2", "1", "1"]  # responses, today, corrected, withdrawn
    assert "The last answers count" in page
    assert "Its answers are deleted" in page
    # One that was corrected and then withdrawn is withdrawn alone.
    for receipt in (receipts[0], receipts[2]):
        await client.post(f"{BASE}/receipt", data={"code": receipt, **sure})
    numbers, page = await figures()
    assert numbers == ["0", "0", "0", "3"]
    assert "No response counts at the moment" in page


async def test_staff_take_out_and_delete_contacts_and_it_is_written_down(
    client: httpx.AsyncClient, survey: Survey, database: Database, raw: asyncpg.Connection
) -> None:
    await answer(client, *WAY)
    await send(client)
    for name, reach in (("=1+1", "zoe@example.org"), ("", "+44 20 7946 0000")):
        form = {"name": name, "reach": reach, "purposes": ["updates", "prize_draw"]}
        await client.post(f"{BASE}/updates", data=form)
    async with database.writing() as session:
        hashed = passwords.hashed(PASSWORD)
        await put_staff(session, "designer@example.org", "designer", hashed, by="test")
    await sign_in(client, "designer@example.org")
    base = "/staff/consultations/sensitive/contacts"
    page = (await client.get(base)).text
    assert "Prize draw" in page
    assert "zoe@" not in page  # numbers on a screen, people only in the file
    made = await client.post(f"{base}/sensitive/download")
    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["", "+44 20 7946 0000", "yes", "yes"],
        ["=1+1", "zoe@example.org", "yes", "yes"],
    ]
    assert {cell.data_type for cell in sheet["A"]} <= {"s", "n"}  # no formula
    unsaid = await client.post(f"{base}/sensitive/delete", data={"reason": " "})
    assert "Say why" in (await client.get(unsaid.headers["location"])).text
    await client.post(f"{base}/sensitive/delete", data={"reason": "Letters were sent"})
    assert await raw.fetchval("SELECT count(*) FROM contact") == 0
    said = await raw.fetch("SELECT action, reason FROM audit WHERE action LIKE 'contacts%'")
    assert [tuple(row) for row in said] == [
        ("contacts.download", ""),
        ("contacts.delete", "Letters were sent"),
    ]
    elsewhere = await client.post(f"{base}/everything/download")
    assert elsewhere.status_code == 409
