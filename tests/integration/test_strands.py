"""Responses by the strand they were invited for, where that points at nobody."""

import csv
import io
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from anyio import run_process
from sqlalchemy import text

from analysis.pipeline import report_files
from consult import clock
from consult.database import Database
from consult.datasets.files import dataset_files
from consult.datasets.imports import import_file
from consult.datasets.strands import FEW, named
from consult.errors import ConsultError
from consult.inviting import codes, store
from consult.inviting.keys import root_key
from consult.inviting.model import MOST_STRANDS
from consult.questionnaire.survey import Survey
from consult.respond.receiving import receive_invited
from consult.respond.store import Submission
from tests.conftest import published
from tests.integration.test_gate import SETTINGS, answered, enter, publish, service
from tests.integration.test_invitations import Copy, respond
from tests.integration.test_respond import ANSWERS, BASE, finish, go, stored

pytestmark = pytest.mark.anyio
SECRET = replace(SETTINGS, secret="kept outside the database")
SLUG = "everything"
CHANCE = random.Random(7)


async def invited(database: Database, strand: str, count: int) -> list[bytes]:
    """A batch for a strand; marks of chance, for that of a real code takes 3 ms to make."""
    marks = [CHANCE.randbytes(32) for _ in range(count)]
    async with database.writing() as session:
        await store.make_batch(
            session, SLUG, strand, "letter", "en", marks=marks, by="test", now=clock.now()
        )
    return marks


async def spend(database: Database, version: int, marks: Sequence[bytes]) -> dict[UUID, bytes]:
    """A response for each of ``marks``, in an order of chance; who sent which."""
    truth = {}
    for mark in CHANCE.sample(marks, len(marks)):
        async with database.writing() as session:
            response = await respond(session, version)
            assert await store.spend(session, SLUG, mark)
        truth[response] = mark
    return truth


def found(copy: Copy, truth: dict[UUID, bytes], group: dict[bytes, str]) -> dict[str, int]:
    """How many each attack finds where the group of every response is known, as of every code."""
    right: Counter[str] = Counter()
    for one in set(group.values()):
        responses = [row for row in copy.responses if group[truth[row[0]]] == one]
        used = [row for row in copy.used if group[row[0]] == one]
        for name, guess in Copy(responses, used).attacks().items():
            right[name] += sum(guess[response] == truth[response] for response, _ in responses)
    return right


async def test_who_knows_every_strand_and_has_a_copy_still_finds_nobody(
    database: Database, everything: Survey
) -> None:
    """Forty victims among three thousand others: drawn from all, few companions were victims."""
    version = await published(database, everything)
    await invited(database, "public", 3_000)
    async with database.writing() as session:
        await session.execute(text("UPDATE invitation SET used = true"))
    group = dict.fromkeys(await invited(database, "victims", 40), "victims")
    truth = await spend(database, version.id, list(group))
    copy = await Copy.of(database)
    victims = Copy(copy.responses, [row for row in copy.used if row[0] in group])
    assert (len(copy.used), len(victims.used)) == (3_040, 40)
    for name, right in found(victims, truth, group).items():
        assert right <= 8, (name, right)  # by chance 1 of 40


async def test_the_attack_would_find_many_if_smaller_groups_were_named(
    database: Database, everything: Survey
) -> None:
    version = await published(database, everything)
    group = {}
    for pair in range(40):
        group |= {mark: str(pair) for mark in await invited(database, "public", 2)}
    truth = await spend(database, version.id, list(group))
    assert min(found(await Copy.of(database), truth, group).values()) >= 20


async def test_a_copy_alone_does_not_say_which_strand_a_response_is_of(
    database: Database, everything: Survey
) -> None:
    version = await published(database, everything)
    marks = {s: await invited(database, s, 60) for s in ("public", "victims", "parishes")}
    await spend(database, version.id, [mark for some in marks.values() for mark in some])
    copy = await Copy.of(database)
    last = copy.responses[-1][1]
    together = [mark for mark, transaction in copy.used if transaction == last]
    assert [len(set(some) & set(together)) for some in marks.values()] == [51, 51, 51]


def test_a_mark_is_chance_to_who_has_not_the_secret() -> None:
    ids = [uuid4() for _ in range(50)]
    marks = [(one, codes.mark_of_strand(b"r" * 32, one, "victims")) for one in ids]
    assert len({mark for _, mark in marks}) == 50
    assert {len(mark) for _, mark in marks} == {16}
    assert codes.strands_behind(b"r" * 32, marks, ["public", "victims"]) == dict.fromkeys(
        ids, "victims"
    )
    assert codes.strands_behind(b"s" * 32, marks, ["public", "victims"]) == {}


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({}, ""),
        ({"a": 9}, ""),
        ({"a": 10}, "a"),
        ({"a": 200, "b": 10}, "a b"),
        ({"a": 200, "b": 9}, ""),  # who is not of a would be of b
        ({"a": 200, "b": 50, "c": 3}, "a"),
        ({"a": 200, "b": 6, "c": 4}, "a"),  # together they are ten
        ({"a": 200, "b": 50, "c": 6, "d": 4}, "a b"),
    ],
)
def test_what_is_left_blank_is_ten_or_nothing(counts: dict[str, int], shown: str) -> None:
    assert " ".join(sorted(named(counts))) == shown


# -- from the letter to the report -----------------------------------------------------------------


@pytest.fixture
async def by_invitation(database: Database, everything: Survey) -> Survey:
    return await publish(database, everything, access="invited")


async def letters(database: Database, strand: str, count: int) -> list[str]:
    """Codes that work where the secret is set."""
    made = codes.marked(await root_key(database, SECRET), count)
    async with database.writing() as session:
        await store.make_batch(
            session, SLUG, strand, "letter", "en", marks=[mark for _, mark in made], by="test",
            now=clock.now(),
        )  # fmt: skip
    return [code for code, _ in made]


async def others(database: Database, strand: str, count: int) -> None:
    """Responses of people of a strand, stored as the web stores them."""
    root = await root_key(database, SECRET)
    async with database.reading() as session:
        query = "SELECT id FROM survey_version WHERE survey_slug = :slug"
        version = (await session.execute(text(query), {"slug": SLUG})).scalar_one()
    for mark in await invited(database, strand, count):
        one = uuid4()
        made = Submission(
            one, version, "web", "en", clock.today(clock.now()), {"view": "freeze"},
            strand=codes.mark_of_strand(root, one, strand),
        )  # fmt: skip
        assert await receive_invited(database, made, mark, unlisted=False) == "stored"


async def strands(database: Database) -> Counter[str]:
    """How many responses a dataset gives to each strand; a dash where it has no such column."""
    files = await dataset_files(database, SLUG, SECRET)
    rows = csv.DictReader(io.StringIO(files.responses))
    return Counter(row.get("strand", "-") for row in rows)


async def test_a_code_leads_to_a_strand_in_the_dataset_once_it_points_at_nobody(
    database_url: str, database: Database, by_invitation: Survey, tmp_path: Path
) -> None:
    [code] = await letters(database, "victims", 1)
    async with service(database_url, SECRET) as browsers, browsers() as ann:
        assert "we keep which group that is" in (await ann.get(BASE)).text
        await enter(ann, code)
        assert (await answered(ann)).headers["location"] == f"{BASE}/sent"
    await others(database, "public", FEW)
    assert await strands(database) == {"-": 11}  # the one without would be the victim
    await others(database, "victims", FEW - 2)
    assert await strands(database) == {"-": 19}
    await others(database, "victims", 1)
    assert await strands(database) == {"victims": 10, "public": 10}
    files = await dataset_files(database, SLUG, SECRET)
    entry = json.loads(files.codebook)["questions"][-1]
    assert (entry["id"], entry["role"]) == ("strand", "strand")
    files.write(tmp_path)
    out = tmp_path / "report.html"
    report_files(tmp_path / "responses.csv", tmp_path / "codebook.json", None, out, 5, 1)
    report = out.read_text()
    assert "victims" in report
    done = await import_file(database, SLUG, tmp_path / "responses.csv", "web", by="test")
    assert (done.stored, done.again) == (0, 20)
    # A command without the secret says why there are none.
    code, url = "from consult.__main__ import cli; cli()", {"DATABASE_URL": database_url}
    command = [sys.executable, "-c", code, "responses", "export", SLUG, "-o", "out.csv"]
    told = await run_process(command, cwd=tmp_path, env={**os.environ, **url})
    assert b"CONSULT_SECRET" in told.stderr
    assert "strand" not in (tmp_path / "out.csv").read_text().splitlines()[0]
    marks = {row["strand"] for row in await stored(database)}
    assert (len(marks), {len(mark) for mark in marks}) == (20, {16})


@pytest.mark.parametrize(("secret", "sensitive"), [(False, False), (True, True)])
async def test_without_a_secret_or_of_a_sensitive_survey_no_strand_is_kept(
    database_url: str, database: Database, everything: Survey, secret: bool, sensitive: bool
) -> None:
    await publish(database, everything, access="invited", sensitive=sensitive)
    settings = SECRET if secret else SETTINGS
    made = codes.marked(await root_key(database, settings), 1)
    async with database.writing() as session:
        await store.make_batch(
            session, SLUG, "victims", "letter", "en", marks=[mark for _, mark in made],
            by="test", now=clock.now(),
        )  # fmt: skip
    async with service(database_url, settings) as browsers, browsers() as ann:
        assert "we keep which group that is" not in (await ann.get(BASE)).text
        await enter(ann, made[0][0])
        await ann.post(f"{BASE}/start", data={"safe": "1"})
        await go(ann, ANSWERS)
        assert (await finish(ann)).headers["location"] == f"{BASE}/sent"
    [row] = await stored(database)
    assert row["strand"] is None


async def test_strands_are_few(database: Database, by_invitation: Survey) -> None:
    for number in range(MOST_STRANDS):
        await invited(database, f"parish {number}", 1)
    await invited(database, "parish 3", 1)
    with pytest.raises(ConsultError, match="at most 12 strands"):
        await invited(database, "one more", 1)
