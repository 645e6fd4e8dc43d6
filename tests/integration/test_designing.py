"""The designer over HTTP and without JavaScript: every page, every change, who may."""

import io
import json
import re
import zipfile
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from consult import clock
from consult.accounts import passwords
from consult.accounts.store import put_staff
from consult.database import Database
from consult.designing import store
from consult.designing.view import examined
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.settings import shipped
from consult.web import catalogues
from tests.conftest import published

pytestmark = pytest.mark.anyio
PASSWORD = "correct-horse-battery"  # noqa: S105
SLUG = "warwickshire-precept-2025-26"
BASE = f"/staff/surveys/{SLUG}"
FOLDER = shipped("surveys") / SLUG


@pytest.fixture
async def staff(database: Database) -> None:
    hashed = passwords.hashed(PASSWORD)
    async with database.writing() as session:
        for email, role in (
            ("sian@example.org", "designer"),
            ("tom@example.org", "designer"),
            ("ann@example.org", "analyst"),
        ):
            await put_staff(session, email, role, hashed, by="test")


async def sign_in(client: httpx.AsyncClient, who: str) -> None:
    client.cookies.clear()
    form = {"email": f"{who}@example.org", "password": PASSWORD}
    await client.post("/staff/sign-in", data=form)


@pytest.fixture
async def sian(client: httpx.AsyncClient, staff: None) -> httpx.AsyncClient:
    """A designer, signed in, with the shipped survey as her draft."""
    await sign_in(client, "sian")
    form = {"how": "template", "template": SLUG, "slug": SLUG}
    answer = await client.post("/staff/surveys/new", data=form)
    assert answer.headers["location"] == BASE, answer.text
    return client


async def head(database: Database, slug: str = SLUG) -> store.Draft:
    async with database.reading() as session:
        return await store.draft(session, slug)


async def do(client: httpx.AsyncClient, **form: Any) -> httpx.Response:
    return await client.post(f"{BASE}/do", data=form)


def form_in(html: str) -> dict[str, list[str]]:
    """What a browser would send of the page's own form, with nothing changed."""

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.values: dict[str, list[str]] = {}
            self.inside = False
            self.name = ""
            self.kind = ""
            self.text = ""
            self.picked: str | None = None

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            a = {name: value or "" for name, value in attrs}
            if tag == "form":
                self.inside = "data-autosave" in a
            if not self.inside:
                return
            if tag == "input" and "name" in a:
                ticked = a.get("type") not in ("checkbox", "radio") or "checked" in a
                if ticked:
                    self.values.setdefault(a["name"], []).append(a.get("value", ""))
            elif tag in ("textarea", "select"):
                self.name, self.kind, self.text, self.picked = a["name"], tag, "", None
            elif tag == "option" and ("selected" in a or self.picked is None):
                self.picked = a.get("value", "")

        def handle_data(self, data: str) -> None:
            if self.kind == "textarea":
                self.text += data

        def handle_endtag(self, tag: str) -> None:
            if tag == self.kind and self.inside:
                value = self.text.removeprefix("\n") if tag == "textarea" else self.picked or ""
                self.values.setdefault(self.name, []).append(value.replace("\n", "\r\n"))
                self.kind = ""
            if tag == "form":
                self.inside = False

    reader = Reader()
    reader.feed(html)
    return reader.values


async def test_only_designers_come_in(sian: httpx.AsyncClient) -> None:
    await sign_in(sian, "ann")
    for path in ("/staff/surveys", BASE, f"{BASE}/questions/district", f"{BASE}/history"):
        assert (await sian.get(path)).status_code == 403
    assert (await do(sian, act="delete:district")).status_code == 403
    sian.cookies.clear()
    assert (await sian.get(BASE)).headers["location"].startswith("/staff/sign-in")


async def test_every_page_opens(sian: httpx.AsyncClient, database: Database) -> None:
    pages = ["", "/settings", "/languages", "/problems", "/preview", "/files", "/history"]
    pages += ["/history/1", "/publish", "/preview/en/option", f"/files/{SLUG}.zip"]
    draft = await head(database)
    pages += [f"/questions/{page['id']}" for page in draft.document.definition["pages"]]
    for page in pages:
        answer = await sian.get(f"{BASE}{page}")
        assert answer.status_code == 200, (page, answer.text[:500])
    for page in ("/questions/nothing", "/pages/nothing", "/history/99", "/files/passwd"):
        assert (await sian.get(f"{BASE}{page}")).status_code == 404
    assert (await sian.get("/staff/surveys")).status_code == 200
    assert (await sian.get("/staff/surveys/none")).status_code == 404


async def test_saving_a_page_unchanged_changes_nothing(
    sian: httpx.AsyncClient, database: Database
) -> None:
    before = await head(database)
    pages = [f"/questions/{page['id']}" for page in before.document.definition["pages"]]
    for page in [*pages, "/settings"]:
        form = form_in((await sian.get(f"{BASE}{page}")).text)
        answer = await sian.post(f"{BASE}{page}", data=form)
        assert answer.status_code == 303, answer.text[-3000:]
        after = await head(database)
        assert after.revision.number == 1, (page, after.revision.summary)


async def test_a_question_is_edited_without_javascript(
    sian: httpx.AsyncClient, database: Database
) -> None:
    path = f"{BASE}/questions/district"
    form = form_in((await sian.get(path)).text)
    form["words/en/questions/district/ask"] = ["Where is your home?"]
    form["question/district/required"] = [""]
    form["option/district/options/rugby/code"] = ["rugby_town"]
    assert (await sian.post(path, data=form)).status_code == 303
    draft = (await head(database)).document
    assert draft.words["en"]["questions"]["district"]["ask"] == "Where is your home?"
    assert "required" not in draft.definition["pages"][0]
    assert "rugby_town" in draft.definition["pages"][0]["options"]
    assert (
        "district,rugby_town,114400" in draft.population.replace(" ", "")
        or "rugby_town" in draft.population
    )
    texts = draft.as_texts()
    assert "# Equality questions" in texts["survey.yaml"]
    assert "Where is your home?" in (await sian.get(path)).text


async def test_build_up_and_take_down(sian: httpx.AsyncClient, database: Database) -> None:
    answer = await do(
        sian, add="question", kind="choice", ask="Do you own a dog?", where="district"
    )
    assert answer.headers["location"] == f"{BASE}/questions/do_you_own_a_dog"
    draft = (await head(database)).document
    assert [p["id"] for p in draft.definition["pages"]][:2] == ["district", "do_you_own_a_dog"]
    pasted = "yes\tYes, one\tA dog\n\nNo\nTwo or more\n"
    form = {
        "base": "0",
        "act": "option-paste:options",
        "paste-options": pasted,
        "anew-options": "yes",
    }
    answer = await sian.post(f"{BASE}/questions/do_you_own_a_dog", data=form)
    assert answer.status_code == 303, answer.text
    draft = (await head(database)).document
    assert draft.definition["pages"][1]["options"] == ["yes", "no", "two_or_more"]
    labels = draft.words["en"]["questions"]["do_you_own_a_dog"]
    assert labels["options"] == {"yes": "Yes, one", "no": "No", "two_or_more": "Two or more"}
    assert labels["hints"] == {"yes": "A dog"}
    for act in ("down:district", "up:district", "copy:option", "merge:do_you_own_a_dog"):
        answer = await do(sian, act=act)
        assert answer.status_code == 303, (act, answer.text)
    draft = (await head(database)).document
    assert [q["id"] for q in draft.definition["pages"][0]["questions"]] == [
        "district",
        "do_you_own_a_dog",
    ]
    assert (await do(sian, act="split:district_page")).status_code == 303
    assert (await do(sian, act="delete:option_copy")).status_code == 303
    assert (await do(sian, act="delete:do_you_own_a_dog")).status_code == 303
    draft = (await head(database)).document
    assert [p["id"] for p in draft.definition["pages"]] == [
        p["id"] for p in (await head_at(database, 1)).definition["pages"]
    ]
    assert draft.words == (await head_at(database, 1)).words


async def head_at(database: Database, number: int) -> Any:
    async with database.reading() as session:
        return (await store.draft(session, SLUG, number)).document


async def test_undo_redo_history_and_audit(sian: httpx.AsyncClient, database: Database) -> None:
    for key in ("sex", "age"):
        assert (await do(sian, act=f"delete:{key}")).status_code == 303
    for base, what, expected in ((3, "undo", 2), (2, "undo", 1), (1, "redo", 2), (2, "redo", 3)):
        answer = await sian.post(f"{BASE}/undo", data={"base": base, what: "1"})
        assert answer.headers["location"] == BASE
        assert (await head(database)).revision.number == expected
    assert (await sian.post(f"{BASE}/undo", data={"base": 1, "undo": "1"})).status_code == 409
    page = (await sian.get(f"{BASE}/history")).text
    assert "‘How old are you?’ deleted" in page
    assert "Question ‘How old are you?’ deleted" in (await sian.get(f"{BASE}/history/1")).text
    assert (await sian.post(f"{BASE}/history/1")).status_code == 303
    draft = await head(database)
    assert (draft.revision.number, draft.document) == (4, await head_at(database, 1))
    async with database.reading() as session:
        audit = await session.execute(
            text("SELECT action FROM audit WHERE action LIKE 'questionnaire%' ORDER BY id")
        )
    kinds = [row[0].split(".")[1] for row in audit]
    assert kinds == ["create", "edit", "edit", "undo", "undo", "redo", "redo", "edit"]


async def type_(client: httpx.AsyncClient, base: int, field: str, value: str) -> dict[str, Any]:
    form = {"base": base, field: value, "question": "district"}
    answer = await client.post(f"{BASE}/field", data=form)
    assert answer.status_code == 200, answer.text
    return dict(json.loads(answer.text))


ASK = "words/en/questions/district/ask"
HINT = "words/en/questions/district/hint"


async def test_keystrokes_are_one_step(
    sian: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = 1
    for typed in ("W", "Wh", "Where?"):
        said = await type_(sian, base, ASK, typed)
        base = said["revision"]
    assert said["problems"] == []
    said = await type_(sian, base, ASK, "")
    assert [p["field"] for p in said["problems"]] == [ASK]
    assert said["count"] == 1
    await sian.post(f"{BASE}/undo", data={"base": said["revision"], "undo": "1"})
    assert (await head(database)).revision.number == 1
    async with database.reading() as session:
        assert len(await store.history(session, SLUG)) == 2
        count = text("SELECT count(*) FROM audit WHERE action = 'questionnaire.edit'")
        assert (await session.execute(count)).scalar_one() == 1


async def test_two_people_in_different_fields(sian: httpx.AsyncClient, database: Database) -> None:
    assert (await type_(sian, 1, ASK, "Sian's question"))["clashes"] == []
    await sign_in(sian, "tom")
    said = await type_(sian, 1, HINT, "Tom's hint")
    assert said["clashes"] == []
    labels = (await head(database)).document.words["en"]["questions"]["district"]
    assert (labels["ask"], labels["hint"]) == ("Sian's question", "Tom's hint")
    assert "Sian is also editing" in (await sian.get(BASE)).text


async def test_two_people_in_the_same_field_lose_nothing(
    sian: httpx.AsyncClient, database: Database
) -> None:
    await type_(sian, 1, ASK, "Sian's question")
    await sign_in(sian, "tom")
    said = await type_(sian, 1, ASK, "Tom's question")
    assert said["clashes"] == [
        {"field": ASK, "mine": "Tom's question", "theirs": "Sian's question"}
    ]
    assert said["who"] == "Sian"
    form = form_in((await sian.get(f"{BASE}/questions/district")).text)
    form |= {"base": ["1"], ASK: ["Tom's question"], HINT: ["Tom's hint"]}
    page = await sian.post(f"{BASE}/questions/district", data=form)
    assert page.status_code == 409
    assert "Sian&#39;s question" in page.text
    assert "Tom&#39;s question" in page.text
    history = (await sian.get(f"{BASE}/history")).text
    assert "Kept aside" in history
    draft = await head(database)
    labels = draft.document.words["en"]["questions"]["district"]
    assert (labels["ask"], labels["hint"]) == ("Sian's question", "Tom's hint")
    mine = {"base": draft.revision.number, ASK: "Tom's question"}
    assert (await sian.post(f"{BASE}/choose", data=mine)).status_code == 303
    labels = (await head(database)).document.words["en"]["questions"]["district"]
    assert labels["ask"] == "Tom's question"


async def test_words_for_a_question_that_is_gone_are_kept(
    sian: httpx.AsyncClient, database: Database
) -> None:
    await do(sian, act="delete:district")
    await sign_in(sian, "tom")
    said = await type_(sian, 1, ASK, "Tom's question")
    assert said["clashes"] == [{"field": ASK, "mine": "Tom's question", "theirs": None}]
    async with database.reading() as session:
        kept = [r for r in await store.history(session, SLUG) if r.kind == "aside"]
        assert len(kept) == 1
        aside = (await store.draft(session, SLUG, kept[0].number)).document
    assert aside.words["en"]["questions"]["district"]["ask"] == "Tom's question"


async def test_a_condition_is_built_by_choosing(
    sian: httpx.AsyncClient, database: Database
) -> None:
    path = f"{BASE}/questions/confidence"
    form = form_in((await sian.get(path)).text)
    form |= {"act": ["when-add:"], "when.new": ["district"]}
    answer = await sian.post(path, data=form)
    assert answer.headers["location"].endswith("#when")
    form = form_in((await sian.get(path)).text)
    form["when.0.value"] = ["rugby", "warwick"]
    assert (await sian.post(path, data=form)).status_code == 303
    form = form_in((await sian.get(path)).text)
    form |= {"act": ["when-add:"], "when.new": ["priorities"]}
    assert (await sian.post(path, data=form)).status_code == 303
    form = form_in((await sian.get(path)).text)
    form |= {"when.join": ["any"], "when.1.op": ["has_not"], "when.1.value": ["roads"]}
    assert (await sian.post(path, data=form)).status_code == 303
    made = (await head(database)).document.definition["pages"]
    when = next(p["when"] for p in made if p["id"] == "confidence")
    assert when == 'district in ["rugby", "warwick"] || !("roads" in priorities)'
    page = (await sian.get(BASE)).text
    assert "‘Where do you live?’ is Rugby or Warwick or" in page
    form = form_in((await sian.get(path)).text)
    form |= {"act": ["when-remove:0"]}
    assert (await sian.post(path, data=form)).status_code == 303
    form = form_in((await sian.get(path)).text)
    form |= {"act": ["when-add:"], "when.new": [""]}
    refused = await sian.post(path, data=form)
    assert refused.status_code == 422
    assert "Choose the question" in refused.text


async def test_upload_shows_what_would_change_first(
    sian: httpx.AsyncClient, database: Database
) -> None:
    yaml = (FOLDER / "survey.yaml").read_text().replace("maximum: 3", "maximum: 4  # more")
    files = {"file": ("survey.yaml", yaml.encode())}
    page = await sian.post(f"{BASE}/files", files=files)
    assert page.status_code == 200
    assert "‘Which of these matter most to you?’: maximum ‘4’ (was ‘3’)" in page.text
    assert (await head(database)).revision.number == 1
    carried = re.findall(r'name="(file:[^"]+)" value="([^"]*)"', page.text)
    go = {"go": "1", "base": "1"} | {name: unescape(value) for name, value in carried}
    answer = await sian.post(f"{BASE}/files", files={k: (None, v) for k, v in go.items()})
    assert answer.status_code == 303, answer.text
    assert (await sian.get(f"{BASE}/files/survey.yaml")).text == yaml
    english = (await sian.get(f"{BASE}/files/en.yaml")).text
    assert english == (FOLDER / "en.yaml").read_text()


def many(line: bytes) -> bytes:
    """Ten thousand questions."""
    return b"pages:\n" + b"".join(line % number for number in range(10_000))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("survey.yaml", b"survey: [\n", "survey.yaml:2"),
        ("survey.yaml", b"a: 1\n\na: 2\n", "survey.yaml:3: &#39;a&#39; stands twice"),
        ("survey.yaml", b"\xff\xfe\x00\x01", "not text in UTF-8"),
        ("survey.yaml", b"pages: nonsense", "must be a list"),
        ("survey.yaml", b"a: " + b"x" * 2_000_000, "2,000,003 characters"),
        ("survey.yaml", many(b"- {id: q%d, type: statement}\n"), "10,000 questions"),
        ("survey.yaml", many(b"- {id: question_%d, type: statement, role: sex}\n"), "400,000"),
        ("survey.yaml", b"a: &a [1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n" * 1, "needs a"),
        ("survey.yaml", b"[" * 100_000, "survey.yaml"),
        ("picture.png", b"\x89PNG", "none that can be read"),
        ("all.zip", b"PK nonsense", "cannot be opened"),
        ("", b"", "Choose a file first"),
    ],
)  # fmt: skip
async def test_bad_files_say_so_and_change_nothing(
    sian: httpx.AsyncClient, database: Database, name: str, content: bytes, said: str
) -> None:
    page = await sian.post(
        f"{BASE}/files", files={"file": (name, content)} if name else {"go": (None, "")}
    )
    assert page.status_code == 422, page.text
    assert said in page.text
    assert (await head(database)).revision.number == 1
    form = {"how": "file", "title": "T"}
    page = await sian.post("/staff/surveys/new", data=form, files={"file": (name or "x", content)})
    assert page.status_code == 422
    assert (await sian.get("/staff/surveys/t")).status_code == 404


async def test_a_zip_bomb_is_refused(sian: httpx.AsyncClient) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("survey.yaml", b"a: " + b"x" * 200_000_000)
    page = await sian.post(f"{BASE}/files", files={"file": ("a.zip", stream.getvalue())})
    assert page.status_code == 422
    assert "too large" in page.text


async def test_a_zip_comes_back_as_it_went(sian: httpx.AsyncClient) -> None:
    zipped = (await sian.get(f"{BASE}/files/{SLUG}.zip")).content
    page = await sian.post(f"{BASE}/files", files={"file": ("a.zip", zipped)})
    assert "say what is here already" in page.text


async def test_markup_stays_text(sian: httpx.AsyncClient, database: Database) -> None:
    nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{7*7}} {district}"
    await type_(sian, 1, ASK, nasty)
    await type_(sian, 1, "option/district/options/rugby/hint", nasty)
    await type_(sian, 1, "words/en/questions/district/options/rugby", nasty)
    await type_(sian, 1, "words/en/title", nasty)
    for page in (
        "",
        "/questions/district",
        "/history",
        "/problems",
        "/files",
        "/preview",
        "/publish",
    ):
        html = (await sian.get(f"{BASE}{page}")).text
        assert "<script>alert" not in html, page
        assert "<img src=x" not in html, page
    shown = await sian.get(f"{BASE}/preview/en/district")
    assert "<img src=x" not in shown.text


async def test_long_and_odd_texts_are_refused_or_kept(
    sian: httpx.AsyncClient, database: Database
) -> None:
    said = await type_(sian, 1, ASK, "x" * 2_000_000)
    assert "Keep it to 50,000" in said["refused"][0]["says"]
    said = await type_(sian, 1, ASK, "Zürich\x00 \u202e \U0001f600 \ud7ff")
    assert said["refused"] == []
    said = await type_(sian, 1, "question/district/id", "Not A Name")
    assert "cannot be a name" in said["refused"][0]["says"]
    for field in (
        "question/district",
        "nothing/at/all",
        "words",
        "settings/pages",
        "option/a/b/c/d",
    ):
        answer = await sian.post(f"{BASE}/field", data={"base": 1, field: "x"})
        assert answer.status_code == 200, (field, answer.text)
    draft = await head(database)
    assert draft.document.as_texts()
    assert isinstance(draft.document.definition["pages"], list)


async def test_preview_walks_on_with_any_answers(sian: httpx.AsyncClient) -> None:
    path = f"{BASE}/preview/en/option"
    first = await sian.get(path)
    assert first.headers["x-frame-options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in first.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in (await sian.get(BASE)).headers["content-security-policy"]
    missing = await sian.post(path, data={"option": ""})
    assert missing.status_code == 422
    after = await sian.post(path, data={"option": "freeze"})
    assert "Where should the police save money?" in after.text
    carried = re.search(r'name="carried" value="([^"]*)"', after.text)
    assert carried
    odd = await sian.post(path, data={"option": "freeze", "carried": "[[[["})
    assert odd.status_code == 200


async def test_publishing_needs_a_sound_draft_and_a_reason(
    sian: httpx.AsyncClient, database: Database
) -> None:
    said = await type_(sian, 1, ASK, "")
    refused = await sian.post(f"{BASE}/publish", data={"why": "now", "base": said["revision"]})
    assert refused.status_code == 422
    said = await type_(sian, said["revision"], ASK, "Where do you live now?")
    refused = await sian.post(f"{BASE}/publish", data={"why": "", "base": said["revision"]})
    assert "Say why" in refused.text
    stale = await sian.post(f"{BASE}/publish", data={"why": "now", "base": 1})
    assert stale.status_code == 422
    done = await sian.post(f"{BASE}/publish", data={"why": "Opens", "base": said["revision"]})
    assert done.status_code == 303, done.text
    assert "Version 1 is in use" in (await sian.get(done.headers["location"])).text
    async with database.reading() as session:
        row = (await session.execute(text("SELECT published_by, reason FROM survey_version"))).one()
    assert tuple(row) == ("sian@example.org", "Opens")


async def test_a_published_survey_is_opened_with_its_meaning(
    client: httpx.AsyncClient, staff: None, database: Database, everything: Survey
) -> None:
    mercia = load(shipped("surveys") / "west-mercia-plan-2013")
    for survey in (everything, mercia):
        await published(database, survey)
    await sign_in(client, "sian")
    for survey in (everything, mercia):
        answer = await client.post("/staff/surveys/open", data={"slug": survey.slug})
        assert answer.status_code == 303
        draft = await head(database, survey.slug)
        found = examined(draft)
        assert found.problems == []
        assert found.survey is not None
        assert found.survey.content_hash == survey.content_hash
    texts = (await head(database, mercia.slug)).document.as_texts()
    assert texts["survey.yaml"] == (shipped("surveys") / mercia.slug / "survey.yaml").read_text()


async def test_blank_and_names(sian: httpx.AsyncClient) -> None:
    answer = await sian.post("/staff/surveys/new", data={"title": "Safer streets: your view?"})
    assert answer.headers["location"] == "/staff/surveys/safer-streets-your-view"
    page = await sian.get("/staff/surveys/safer-streets-your-view")
    assert "There is nothing here yet" in page.text
    assert (await sian.get("/staff/surveys/safer-streets-your-view/problems")).status_code == 200
    assert (await sian.get("/staff/surveys/safer-streets-your-view/preview")).status_code == 200
    again = await sian.post("/staff/surveys/new", data={"title": "Safer streets: your view?"})
    assert again.status_code == 422
    for form in ({"title": ""}, {"title": "New"}, {"title": "x", "slug": "../x"}):
        assert (await sian.post("/staff/surveys/new", data=form)).status_code == 422


async def test_languages_are_added_worded_and_removed(
    sian: httpx.AsyncClient, database: Database
) -> None:
    path = f"{BASE}/languages"
    assert (await sian.post(path, data={"act": "add:", "code": "cy"})).status_code == 303
    assert (await sian.post(path, data={"act": "add:", "code": "zz"})).status_code == 422
    told = (await sian.get(path)).text
    assert "to mend" in told
    waiting = len(catalogues.unchecked("cy"))
    assert f"{waiting} buttons and messages in Cymraeg wait for a native" in told or not waiting
    page = await sian.get(f"{BASE}/questions/district?lang=cy")
    assert "Where do you live?" in page.text
    assert 'name="words/cy/questions/district/ask"' in page.text
    assert (await sian.post(path, data={"act": "first:cy"})).status_code == 303
    assert (await head(database)).document.definition["languages"] == ["cy", "en"]
    assert (await sian.post(path, data={"act": "remove:cy"})).status_code == 303
    assert (await sian.post(path, data={"act": "remove:en"})).status_code == 422


async def test_history_survives_and_moments_are_kept(
    sian: httpx.AsyncClient, database: Database
) -> None:
    await do(sian, act="delete:sex")
    async with database.reading() as session:
        kept = await store.history(session, SLUG)
    assert [r.by for r in kept] == ["sian@example.org"] * 2
    assert all(r.at <= clock.now() for r in kept)


async def test_translations_know_what_they_translate(
    sian: httpx.AsyncClient, database: Database
) -> None:
    path = f"{BASE}/languages"
    await sian.post(path, data={"act": "add:", "code": "cy"})
    field = ASK.replace("/en/", "/cy/")
    said = await type_(sian, 2, field, "Ble ydych chi'n byw?")
    await type_(sian, said["revision"], ASK, "Where is your home?")
    page = (await sian.get(f"{BASE}/questions/district?lang=cy")).text
    assert "Changed since it was translated" in page
    told = (await sian.get(path)).text
    assert "1 changed since they were translated" in told
    assert "What has changed since it was translated" in told
    po = await sian.get(f"{path}/cy.po")
    assert "Where is your home?" in po.text
    done = re.sub(
        r'(msgid "Where is your home\?"\nmsgstr ").*"', r'\1Ble mae eich cartref?"', po.text
    ).replace("#, fuzzy\n", "")
    answer = await sian.post(f"{path}/po", data={"code": "cy"}, files={"po": ("cy.po", done)})
    assert answer.status_code in (200, 303), answer.text
    words = (await head(database)).document.words["cy"]
    assert words["questions"]["district"]["ask"] == "Ble mae eich cartref?"
    assert "changed since they were" not in (await sian.get(path)).text
    for files in ({"po": ("cy.po", b"\xff\xfenonsense")}, {"go": (None, "")}):
        assert (await sian.post(f"{path}/po", data={"code": "cy"}, files=files)).status_code == 422


async def test_every_way_through_is_told(sian: httpx.AsyncClient) -> None:
    page = (await sian.get(f"{BASE}/walk")).text
    assert "ways through. It takes about" in page
    assert "Preferred option: Freeze" in page
    await type_(sian, 1, ASK, "")
    assert "Mend the" in (await sian.get(f"{BASE}/walk")).text


async def test_a_form_of_another_tool_becomes_a_questionnaire(
    sian: httpx.AsyncClient, database: Database
) -> None:
    form = {
        "title": "Streets",
        "pages": [
            {
                "elements": [
                    {
                        "type": "radiogroup",
                        "name": "safe",
                        "title": "Safe?",
                        "choices": ["yes", "no"],
                    },
                    {"type": "signaturepad", "name": "sign", "title": "Sign here"},
                ]
            }
        ],
    }
    files = {"file": ("streets.json", json.dumps(form).encode())}
    page = await sian.post(
        "/staff/surveys/new", data={"how": "file", "slug": "streets"}, files=files
    )
    assert "could not be carried over" in page.text, page.text
    assert "sign" in page.text
    document = (await head(database, "streets")).document
    assert "Safe?" in str(document.words["en"])
    assert (await sian.get("/staff/surveys/streets")).status_code == 200
    broken = {"file": ("streets.json", b'{"pages": 3')}
    page = await sian.post("/staff/surveys/new", data={"how": "file", "slug": "two"}, files=broken)
    assert page.status_code == 422


async def test_the_questionnaire_is_printed_in_each_layout(sian: httpx.AsyncClient) -> None:
    page = (await sian.get(f"{BASE}/files")).text
    for name in ("en-standard.pdf", "en-large.pdf", "en-easy.pdf"):
        assert f"{BASE}/paper/{name}" in page
        made = await sian.get(f"{BASE}/paper/{name}")
        assert made.headers["content-type"] == "application/pdf"
        assert made.content.startswith(b"%PDF-")
        assert f"{SLUG}-{name}" in made.headers["content-disposition"]
    read = await sian.get(f"{BASE}/paper/en.html")
    assert "How much should you pay" in read.text
    for name in ("cy-standard.pdf", "en-huge.pdf", "en-easy.html", "en.pdf", "en"):
        assert (await sian.get(f"{BASE}/paper/{name}")).status_code == 404


async def test_any_two_steps_are_compared(sian: httpx.AsyncClient) -> None:
    said = await type_(sian, 1, ASK, "Where is home?")
    assert said["revision"] == 2
    said = await type_(sian, 2, HINT, "The district you sleep in")
    assert said["revision"] == 3
    page = (await sian.get(f"{BASE}/history/1?with=2")).text
    assert "Changed from step 1 to step 2" in page
    assert "worded anew" in page
    assert "Changed since then" in (await sian.get(f"{BASE}/history/1?with=nonsense")).text
    assert (await sian.get(f"{BASE}/history/99")).status_code == 404
