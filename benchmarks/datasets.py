"""From responses in PostgreSQL to a weighted dataset, beside ``COPY`` of the same rows.

    python -m benchmarks.datasets [--responses 1000000] [--rounds 3]

A database of its own is made in a temporary folder and filled with invented responses to
surveys/warwickshire-precept-2025-26: the demonstration's 2,000, again and again, each comment made
another's by its number. The control is ``COPY response TO STDOUT``, received and thrown away; a
round of it stands before each of ours, so that a noisy machine slows both. Ratios are what to
compare: 0.5 is twice the time of the control.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg

from analysis import population, weighting
from consult import clock, postgres
from consult.consultations.store import publish
from consult.database import Database, plain_url
from consult.datasets.files import dataset
from consult.demo.answers import sample
from consult.migrate import upgrade
from consult.questionnaire.answers import LongText
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.respond.journey import travel
from consult.settings import shipped

SLUG = "warwickshire-precept-2025-26"
PEOPLE, SEED = 2000, 2025


async def fill(url: str, count: int) -> None:
    """Publish the survey and store ``count`` responses."""
    survey = load(shipped("surveys") / SLUG)
    database = Database(url)
    async with database.writing() as session:
        now = clock.now()
        version = await publish(
            session, survey, SLUG, by="benchmark", reason="benchmark", now=now - timedelta(days=1)
        )
    await database.close()
    link = await asyncpg.connect(plain_url(url))
    await link.execute("CREATE TEMP TABLE person (n int, channel text, day date, answers jsonb)")
    await link.copy_records_to_table("person", records=people(survey))
    own = " || ".join(
        f"CASE WHEN answers ? '{q.id}' THEN jsonb_build_object('{q.id}', "
        f"(answers ->> '{q.id}') || ' ' || g) ELSE '{{}}' END"
        for q in survey.questions.values()
        if isinstance(q, LongText)
    )
    await link.execute(
        f"INSERT INTO response (id, version_id, channel, language, received_on, answers) "  # noqa: S608  a constant of ours
        f"SELECT gen_random_uuid(), {version.id}, channel, 'en', day, answers || {own} "
        f"FROM generate_series(1, {count}) g JOIN person ON n = g % {PEOPLE}",
        timeout=3600,
    )
    await link.execute("VACUUM ANALYZE response", timeout=3600)
    await link.close()


def people(survey: Survey) -> list[tuple[Any, ...]]:
    """The demonstration's responses as rows."""
    rows = []
    for number, given in enumerate(sample(survey, SEED, PEOPLE)):
        answers = travel(survey, given.raw).answers
        stored = {qid: survey.questions[qid].store(value) for qid, value in answers.items()}
        rows.append((number, given.channel, given.received_on, json.dumps(stored)))
    return rows


async def control(url: str) -> tuple[float, int]:
    """Seconds and bytes of ``COPY`` of the table."""
    size = 0

    async def drop(data: bytes) -> None:
        nonlocal size
        size += len(data)

    link = await asyncpg.connect(plain_url(url))
    began = time.perf_counter()
    await link.copy_from_query("TABLE response", output=drop, timeout=3600)
    took = time.perf_counter() - began
    await link.close()
    return took, size


async def ours(url: str) -> dict[str, float]:
    """Seconds from the database to a table, to a Dataset, to weights."""
    times, began = {}, time.perf_counter()

    def lap(name: str) -> None:
        times[name] = time.perf_counter() - began - sum(times.values())

    database = Database(url)
    made = await dataset(database, SLUG)
    lap("table in memory")
    data = made.as_dataset()
    lap("Dataset")
    margins = population.parse(made.population.encode(), "population.csv")
    usable, _ = weighting.usable(data, margins)
    if usable is None:
        sys.exit("the made-up responses cannot be weighted")
    weighting.weight(data, usable)
    lap("weights")
    await database.close()
    return times


async def measure(url: str, rounds: int) -> None:
    """Rounds of both, and what they come to."""
    found: dict[str, list[float]] = {"table in memory": [], "weighted": []}
    for number in range(rounds):
        took, size = await control(url)
        times = await ours(url)
        print(f"round {number + 1}: COPY {took:.2f} s ({size / 1e6:,.0f} MB); "
              + ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in times.items()),
              flush=True)  # fmt: skip
        found["table in memory"].append(took / times["table in memory"])
        found["weighted"].append(took / sum(times.values()))
    for what, ratios in found.items():
        print(f"{what}: {statistics.median(ratios):.2f} x the speed of COPY "
              f"({min(ratios):.2f} to {max(ratios):.2f})")  # fmt: skip
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory at most: {most / 1024:,.0f} MiB")


def main() -> None:
    """Make the database, measure, throw it away."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="consult-datasets-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server may run as another user
        with postgres.start(folder / "data") as server:
            upgrade(server.url)
            asyncio.run(fill(server.url, given.responses))
            asyncio.run(measure(server.url, given.rounds))


if __name__ == "__main__":
    main()
