"""A live survey is edited: answers that mean the same are pooled, the others are kept apart."""

import csv
import io
import json
import re
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from consult import clock
from consult.accounts import passwords
from consult.accounts.store import put_staff
from consult.consultations.store import Version, current, publish
from consult.database import Database
from consult.datasets.files import dataset_files
from consult.errors import ConsultError
from consult.questionnaire.changes import changes
from consult.questionnaire.model import Definition, Words
from consult.questionnaire.survey import Survey
from consult.reporting.reports import consultation_report
from consult.respond.store import Submission, submit

pytestmark = pytest.mark.anyio


def survey(kind: str = "choice", ask: str = "Do you agree?", options: str = "yes no") -> Survey:
    codes = options.split()
    view = {"id": "view", "type": kind} | ({"options": codes} if kind != "number" else {})
    definition = {
        "survey": "live", "body": "B", "languages": ["en"], "closes": "2099-01-01T17:00",
        "headline": "view", "disclosure": {"suppress": 0, "round": 1},
        "pages": [view, {"id": "town", "type": "choice", "role": "area", "options": ["a", "b"]}],
    }  # fmt: skip
    words = {"ask": ask, "short": "View", "options": {code: code.title() for code in codes}}
    if kind == "number":
        words["options"] = {}
    asked = {"view": words, "town": {"ask": "Where?", "options": {"a": "Aston", "b": "Brailes"}}}
    return Survey(
        Definition.model_validate(definition),
        {"en": Words.model_validate({"title": "Live", "summary": "S", "questions": asked})},
    )


async def live(database: Database, made: Survey, *apart: str) -> Version:
    async with database.writing() as session:
        return await publish(
            session, made, "live", by="test", reason="test", now=clock.now(), apart=apart
        )


async def answer(database: Database, version: Version, *views: str) -> None:
    async with database.writing() as session:
        await submit(
            session,
            [
                Submission(uuid4(), version.id, "web", "en", clock.today(clock.now()),
                           {"view": view, "town": "a"})
                for view in views
            ],
        )  # fmt: skip


async def test_edit_a_live_form_and_merge_versions(database: Database) -> None:
    first = await live(database, survey())
    await answer(database, first, "yes", "yes", "yes", "no")
    # A spelling was mended: pooled with the first.
    second = await live(database, survey(ask="Do you agree with it?"))
    await answer(database, second, "no", "no")
    # The question was turned round: what was said until now stands apart.
    third = await live(database, survey(ask="Do you disagree?"), "view")
    assert third.apart == {"view"}
    await answer(database, third, "yes", "no", "no")
    files = await dataset_files(database, "live")
    rows = list(csv.DictReader(io.StringIO(files.responses, newline="")))
    assert sorted(row["view__v2"] for row in rows if row["survey_version"] != "3") == [
        "no", "no", "no", "yes", "yes", "yes",
    ]  # fmt: skip
    assert {row["view"] for row in rows if row["survey_version"] != "3"} == {"(not asked)"}
    assert {row["view__v2"] for row in rows if row["survey_version"] == "3"} == {"(not asked)"}
    assert {row["town"] for row in rows} == {"a"}
    book = {q["id"]: q for q in json.loads(files.codebook)["questions"]}
    assert list(book) == ["view", "town", "view__v2"]
    assert [book[name]["versions"] for name in book] == [[3], [1, 2, 3], [1, 2]]
    assert book["view"]["text"] == {"en": "Do you disagree?"}
    assert book["view__v2"]["text"] == {"en": "Do you agree with it?"}
    report = re.sub(r"<[^>]+>", " ", await consultation_report(database, "live"))
    report = " ".join(report.split())
    assert "Asked in version 3 of the survey only." in report
    assert "Asked in versions 1 to 2 of the survey only." in report
    # 3 of 6 agreed; 1 of 3 disagreed.
    assert re.search(r"Do you agree with it\?.*?Yes 50%", report)
    assert re.search(r"Do you disagree\?.*?Yes 33%", report)


async def test_a_question_of_another_kind_is_kept_apart_or_refused(database: Database) -> None:
    first = await live(database, survey())
    await answer(database, first, "yes")
    with pytest.raises(ConsultError, match="another type than in version 1"):
        await live(database, survey("number"))
    second = await live(database, survey("number"), "view")
    async with database.writing() as session:
        made = Submission(uuid4(), second.id, "web", "en", clock.today(clock.now()), {"view": "7"})
        await submit(session, [made])
    files = await dataset_files(database, "live")
    rows = list(csv.DictReader(io.StringIO(files.responses, newline="")))
    assert sorted((row["view"], row["view__v1"]) for row in rows) == [
        ("(not asked)", "yes"), ("7", "(not asked)"),
    ]  # fmt: skip
    types = {q["id"]: q["type"] for q in json.loads(files.codebook)["questions"]}
    assert types == {"view": "number", "town": "choice", "view__v1": "choice"}
    # Twice over: a third meaning, and the type of the first is no matter any more.
    third = await live(database, survey("scale"), "view")
    await answer(database, third, "no")
    names = [
        q["id"] for q in json.loads((await dataset_files(database, "live")).codebook)["questions"]
    ]
    assert names == ["view", "town", "view__v2", "view__v1"]


async def test_the_designer_asks_change_by_change(
    client: httpx.AsyncClient, database: Database
) -> None:
    first = await live(database, survey())
    await answer(database, first, "yes")
    password = "correct-horse-battery"  # noqa: S105
    async with database.writing() as session:
        hashed = passwords.hashed(password)
        await put_staff(session, "sian@example.org", "designer", hashed, by="test")
    await client.post("/staff/sign-in", data={"email": "sian@example.org", "password": password})
    opened = await client.post("/staff/surveys/open", data={"slug": "live"})
    base = opened.headers["location"].partition("?")[0]
    page = (await client.get(f"{base}/publish")).text
    assert "nothing to publish" in page
    question = (await client.get(f"{base}/questions/view")).text
    edit = {"words/en/questions/view/ask": "Do you disagree?"}
    edit["base"] = re.findall(r'name="base" value="(\d+)"', question)[0]
    assert (await client.post(f"{base}/field", data=edit)).status_code == 200
    page = (await client.get(f"{base}/publish")).text
    assert "‘Do you agree?’ became ‘Do you disagree?’" in page
    # And nothing that has not changed is said to have.
    [listed] = re.findall(r"What changes</h2>\s*<ul[^>]*>(.*?)</ul>", page, re.DOTALL)
    assert re.findall(r"<li>(.*?)</li>", listed) == ["‘Do you disagree?’: question worded anew"]
    form = {"base": re.findall(r'name="base" value="(\d+)"', page)[0], "why": "Turned round"}
    refused = await client.post(f"{base}/publish", data=form)
    assert refused.status_code == 422
    assert "Select whether the answers still mean the same" in refused.text
    done = await client.post(f"{base}/publish", data={**form, "meaning.view": "apart"})
    assert done.status_code == 303, done.text[-2000:]
    async with database.reading() as session:
        version = await current(session, "live")
    assert (version.number, version.apart) == (2, {"view"})


def test_the_order_of_pages_is_no_change_of_meaning() -> None:
    one = survey()
    other = replace(
        one, definition=one.definition.model_copy(update={"pages": one.definition.pages[::-1]})
    )
    assert changes(one, other) == []
