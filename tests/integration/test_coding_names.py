"""Names of candidates by a model of the body's own: asked by the worker, shown beside ours.

The model is a server of its own on this machine that speaks the format of chat completions.
"""

import json
from html import unescape
from pathlib import Path

import asyncpg
import httpx
import pytest

from consult.app import create_app
from consult.database import Database
from consult.datasets.imports import import_file
from consult.jobs import running
from consult.questionnaire.survey import Survey
from consult.settings import SettingError, Settings
from consult.worker import works
from tests.chat_server import Answer, chat, named
from tests.conftest import published
from tests.integration.test_coding import BASE, SLUG, comment
from tests.integration.test_dataset_pages import accounts, sign_in

pytestmark = pytest.mark.anyio
KEY = "sk-nobody-may-see-this"
PLANTED = ("Sarah Whitfield", "07700 900123", "CV21 3AB", "s.whitfield@example.org")
NAMES = ("Speeding drivers on local roads", "Dogs and their owners", "Waiting on the telephone")


def setting(url: str) -> Settings:
    """As an installation sets it."""
    environment = {"FROM": url, "MODEL": "small", "KEY": KEY}
    return Settings.from_environment({f"CONSULT_NAMES_{k}": v for k, v in environment.items()})


def sensible(sent: str) -> Answer:
    keywords = sent.split("Keywords: ")[1].split("\n")[0]
    return named(NAMES["dog" in keywords if "speed" not in keywords else 0])


@pytest.fixture
async def planted(database: Database, everything: Survey, tmp_path: Path) -> None:
    """60 comments on three things, in all of which somebody is named or could be reached."""
    await published(database, everything)
    ends = [f"Ask {PLANTED[0]}", f"Ring {PLANTED[1]}", f"In {PLANTED[2]}", f"Mail {PLANTED[3]}"]
    rows = [f'r{n},north,freeze,"{comment(n)}. {ends[n % 4]}."' for n in range(60)]
    file = tmp_path / "paper.csv"
    file.write_text("\n".join(["id,district,view,why_freeze", *rows]) + "\n")
    await import_file(database, SLUG, file, "paper", by="test")
    await accounts(database)


async def read(client: httpx.AsyncClient, database: Database, settings: Settings) -> str:
    """The page of candidates after the worker has read the comments."""
    await sign_in(client)
    await client.post(f"{BASE}/jobs", data={"kind": "read"})
    while await running.do_next(database, works(settings)):
        pass
    return unescape((await client.get(BASE)).text)


async def test_staff_see_who_proposed_a_name_and_ours_beside_it(
    client: httpx.AsyncClient, database: Database, planted: None, raw: asyncpg.Connection
) -> None:
    with chat(sensible) as model:
        page = await read(client, database, setting(model.url))
    host = model.url.removeprefix("http://").removesuffix("/v1")
    themes = json.loads(await raw.fetchval("SELECT themes FROM reading"))
    taken = [t for t in themes if t.get("proposal", {}).get("taken")]
    assert taken
    for theme in taken:
        assert theme["label"] in NAMES
        own = theme["proposal"]["own_name"]
        said = f"Name and description proposed by small at {host}. Our own name: “{own}”."
        assert page.count(said) == 1
    refused = [t for t in themes if t.get("proposal", {}).get("refused_because")]
    assert page.count(f"A name proposed by small at {host} was refused: ") == len(refused)
    assert f"Names of themes by small at {host}: {len(taken)} taken" in page
    kept = "\n".join([page, *(str(dict(row)) for row in await raw.fetch("SELECT * FROM reading"))])
    assert KEY not in kept
    assert KEY in model.received[0]
    # What was sent is not kept: it quotes comments, and has to be able to go with them.
    quoted = [line[2:] for asked in model.received for line in sent(asked) if line[:2] == "- "]
    assert quoted
    assert not any(one in json.dumps(themes, ensure_ascii=False) for one in quoted)


def sent(asked: str) -> list[str]:
    """The lines that a model was sent of a theme."""
    lines: list[str] = json.loads(asked.split("\n\n")[1])["messages"][1]["content"].split("\n")
    return lines


async def test_nothing_personal_leaves(
    client: httpx.AsyncClient, database: Database, planted: None, raw: asyncpg.Connection
) -> None:
    with chat(sensible) as model:
        await read(client, database, setting(model.url))
    answers = str(await raw.fetch("SELECT answers FROM response")).lower()
    everything = "\n".join(model.received).lower()
    assert "quotations:\\n- " in everything
    for secret in (*PLANTED, "whitfield", "07700", "900123", "CV21", "3AB", "example.org"):
        assert answers.count(secret.lower()) >= 15
        assert secret.lower() not in everything, secret


@pytest.mark.parametrize("answers", [True, False])
async def test_a_reading_ends_without_the_model(
    client: httpx.AsyncClient, database: Database, planted: None, answers: bool
) -> None:
    with chat(lambda sent: (500, b"a stack trace")) as model:
        settings = setting(model.url)
        page = await read(client, database, settings) if answers else ""
    page = page or await read(client, database, settings)  # nobody listens there now
    why = "it answered with status 500" if answers else "it could not be reached"
    assert f"0 taken, 0 refused; {why}, so " in page
    assert "Take the chosen into the frame" in page
    assert "proposed" not in page.split("Candidates</h2>")[1]


async def test_a_page_says_beforehand_what_leaves(
    client: httpx.AsyncClient, database: Database, database_url: str, planted: None
) -> None:
    await sign_in(client)
    assert "Nothing leaves this service." in (await client.get(BASE)).text
    settings = Settings(secure_cookies=False, names=setting("https://models.example.org/v1").names)
    app = create_app(settings, database_url)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://consult.test") as other:
            await sign_in(other)
            page = (await other.get(BASE)).text
    assert "without personal data, go to small at models.example.org, which may" in page
    assert "Nothing leaves" not in page


def test_it_is_off_unless_set_and_a_wrong_setting_is_named() -> None:
    assert Settings.from_environment({}).names is None
    assert Settings.from_environment({"CONSULT_NAMES_MODEL": "small"}).names is None
    with pytest.raises(SettingError, match=r"CONSULT_NAMES_FROM cannot be used: .* no key"):
        setting(f"https://user:{KEY}@models.example.org/v1")
    with pytest.raises(SettingError, match="not encrypted: use https"):
        setting("http://8.8.8.8/v1")
    with pytest.raises(SettingError, match="which model"):
        Settings.from_environment({"CONSULT_NAMES_FROM": "https://models.example.org/v1"})
    assert KEY not in repr(setting("https://models.example.org/v1"))
