"""The demonstration: a database, the sample consultations with responses, everything running."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
import urllib.request
import webbrowser
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid5

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from consult import clock, demo_answers, log, services
from consult.accounts import passwords
from consult.accounts.model import Role
from consult.accounts.store import put_staff
from consult.consultations.store import Version, publish
from consult.database import Database
from consult.datasets.imports import NAMESPACE
from consult.datasets.store import by_day
from consult.demo_answers import Invented
from consult.errors import ConsultError
from consult.migrate import upgrade
from consult.questionnaire.loading import load
from consult.respond.journey import travel
from consult.respond.store import Submission, submit
from consult.settings import Settings, shipped

SEED = 2025
INVENTED = 2000
BATCH = 250
ACCOUNTS: dict[str, Role] = {"designer@example.org": "designer", "analyst@example.org": "analyst"}
console = Console(highlight=False)


def run(settings: Settings, port: int | None, *, open_browser: bool) -> None:
    """Start everything, fill it, say where to click, and serve until Ctrl-C."""
    settings = replace(settings, port=port or settings.port, secure_cookies=False)
    _assert_free(settings)
    os.environ |= {"CONSULT_INSECURE_COOKIES": "1", "CONSULT_LOG_LEVEL": "WARNING"}
    log.configure()
    with services.running_database(settings, console.print, attach=False) as url:
        upgrade(url)
        password = passwords.new_password()
        asyncio.run(_fill(url, password))
        _tell(settings, password)
        if open_browser:
            threading.Thread(target=_open, args=(_address(settings),), daemon=True).start()
        with services.running_worker(url):
            services.serve_web(settings, url)
    console.print("\nStopped. What you added is kept for the next start.")


def _assert_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise ConsultError(
                f"Port {settings.port} is in use. Choose another: consult demo --port 8001"
            ) from None


async def _fill(url: str, password: str) -> None:
    """Publish the sample surveys, load responses where there are none, make two accounts."""
    database = Database(url)
    hashed = passwords.hashed(password)
    async with database.writing() as session:
        for email, role in ACCOUNTS.items():
            await put_staff(session, email, role, hashed, by="demo")
    for folder in sorted(shipped("surveys").iterdir()):
        if (folder / "survey.yaml").exists():
            async with database.writing() as session:
                survey = load(folder)
                version = await publish(
                    session, survey, survey.slug, by="demo", reason="demo", now=clock.now()
                )
            async with database.reading() as session:
                empty = not await by_day(session, survey.slug)
            if empty and (responses := demo_answers.sample(survey, SEED, INVENTED)):
                await _load(database, version, responses)
    await database.close()


async def _load(database: Database, version: Version, responses: Sequence[Invented]) -> None:
    survey = version.survey
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(f"Loading {survey.slug}", total=len(responses))
        async with database.writing() as session:  # all of them or none, should this be stopped
            for start in range(0, len(responses), BATCH):
                batch = responses[start : start + BATCH]
                made = [_submission(version, start + n, given) for n, given in enumerate(batch)]
                await submit(session, made)
                progress.update(bar, advance=len(batch))


def _submission(version: Version, number: int, given: Invented) -> Submission:
    survey = version.survey
    answers = travel(survey, given.raw).answers
    return Submission(
        id=uuid5(NAMESPACE, f"demo/{survey.slug}/{number}"),
        version_id=version.id,
        channel=given.channel,
        language=survey.languages[0],
        received_on=given.received_on,
        answers={qid: survey.questions[qid].store(value) for qid, value in answers.items()},
    )


def _address(settings: Settings) -> str:
    return f"http://{settings.host}:{settings.port}"


def _tell(settings: Settings, password: str) -> None:
    here = _address(settings)
    console.print(
        f"""
[bold]consult is running at {here}[/bold]   (Ctrl-C stops everything)

[bold]As a resident[/bold]    answer a survey, in English or Welsh
                 {here}/

[bold]As a designer[/bold]    see consultations and their state
                 {here}/staff   designer@example.org

[bold]As an analyst[/bold]    results, the report, the data
                 {here}/staff   analyst@example.org

                 password for both: [bold]{password}[/bold]   (new at every start)

The 1,348 responses of 2023/24 are rebuilt from the published table; the 2,000 of 2025/26
are invented.
""",
        soft_wrap=True,
    )


def _open(address: str) -> None:
    """Open a browser once the pages answer."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=1):  # noqa: S310
                break
        except OSError:
            time.sleep(0.1)
    webbrowser.open(address)
