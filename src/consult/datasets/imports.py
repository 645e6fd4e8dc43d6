"""Responses from a file: paper forms keyed in, telephone interviews. All of them or none."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from consult import clock
from consult.accounts.store import record
from consult.consultations import store as consultations
from consult.consultations.store import Version
from consult.database import Database, WriteSession
from consult.datasets.rows import raw_of, unknown
from consult.datasets.store import stored_answers
from consult.errors import ConsultError
from consult.questionnaire.answers import Invalid
from consult.respond.flags import FLAGS
from consult.respond.journey import travel
from consult.respond.store import Submission, submit

NAMESPACE = UUID("6f0c0f43-0d8b-4a3f-9a76-8f9a4d2f7d11")
BATCH = 1000
CHANNELS = ("web", "paper", "telephone", "kiosk", "meeting", "letter")


class ImportRefused(ConsultError):
    """A file with rows that cannot be taken; nothing of it was stored."""


@dataclass(frozen=True)
class Imported:
    """What an import did: rows stored, and rows that had been stored before."""

    stored: int
    again: int


async def import_file(
    database: Database, slug: str, path: Path, channel: str, *, by: str
) -> Imported:
    """Store the responses of a CSV file. Raises ImportRefused naming every bad row.

    A row keeps its ``id`` (or its place in the file) as its identity, so that importing a file
    twice stores its responses once.
    """
    content = path.read_bytes()  # noqa: ASYNC240  a command waits for nothing else
    rows = read_rows(path.name, content)
    fingerprint = hashlib.sha256(content).hexdigest()
    async with database.writing() as session:
        version = await consultations.current(session, slug)
        submissions = _submissions(version, rows, path.name, channel, fingerprint)
        new: set[UUID] = set()
        for start in range(0, len(submissions), BATCH):
            new.update(await submit(session, submissions[start : start + BATCH]))
        stored = len(new)
        again = [s for s in submissions if s.id not in new]
        _refuse(path.name, await _taken(session, slug, submissions, again))
        record(
            session, by, "responses.import", slug, f"{stored} by {channel} from {fingerprint[:12]}"
        )
    return Imported(stored, len(submissions) - stored)


async def _taken(
    session: WriteSession, slug: str, submissions: Sequence[Submission], again: Sequence[Submission]
) -> list[str]:
    """Rows whose id another response has: two batches of forms, each numbered from 1, say."""
    row_of = {submission.id: number for number, submission in enumerate(submissions, start=1)}
    problems = []
    for start in range(0, len(again), BATCH):
        batch = again[start : start + BATCH]
        known = await stored_answers(session, [s.id for s in batch])
        problems += [
            f"row {row_of[s.id]}, id: a response with this id and other answers is stored already; "
            "give each form a number of its own, like B2-001"
            for s in batch
            if not _says_no_more(s, slug, known.get(s.id))
        ]
    return problems


def _says_no_more(
    submission: Submission, slug: str, stored: tuple[str, Mapping[str, Any]] | None
) -> bool:
    """Whether a stored response has all that a row says; an export leaves out what counts not."""
    if stored is None or stored[0] != slug:
        return False
    return all(stored[1].get(qid) == answer for qid, answer in submission.answers.items())


def read_rows(name: str, content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8. Raises ImportRefused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused(
            f"{name} is not text in UTF-8 (byte {error.start}). In Excel, save it as "
            "'CSV UTF-8 (comma delimited)'."
        ) from None
    csv.field_size_limit(10_000_000)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise ImportRefused(f"{name}, line {reader.line_num}: {error}. Mend that line.") from None
    header = reader.fieldnames or []
    if not header:
        raise ImportRefused(f"{name} is empty. Its first line must name the columns.")
    twice = sorted({column for column in header if list(header).count(column) > 1})
    if twice:
        raise ImportRefused(f"{name} has two columns called {twice[0]}. Rename or remove one.")
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            raise ImportRefused(
                f"{name}, row {number}: it has more or fewer cells than the first line. "
                "Put text that holds commas or line breaks in double quotes."
            )
    return rows


def _submissions(
    version: Version, rows: list[dict[str, str]], name: str, channel: str, fingerprint: str
) -> list[Submission]:
    problems = [
        f"column {column}: survey {version.survey.slug} has no such question"
        for column in unknown(version.survey, rows)
    ]
    found: dict[UUID, int] = {}
    submissions = []
    for number, row in enumerate(rows, start=1):
        identity = row.get("id", "").strip() or f"{fingerprint}/{number}"
        submission, wrong = _submission(version, row, channel, _id(version, identity))
        if submission.id in found:
            wrong["id"] = Invalid("the same id stands in row %(row)s", row=found[submission.id])
        found[submission.id] = number
        submissions.append(submission)
        problems += [f"row {number}, {c}: {e.message % e.params}" for c, e in wrong.items()]
    _refuse(name, problems)
    return submissions


def _refuse(name: str, problems: Sequence[str]) -> None:
    if problems:
        shown = "\n".join(f"  {problem}" for problem in problems[:200])
        more = f"\n  and {len(problems) - 200} more" if len(problems) > 200 else ""
        raise ImportRefused(
            f"{name}: nothing was stored, because of {len(problems)} problem(s):\n{shown}{more}"
        )


def _submission(
    version: Version, row: Mapping[str, str], channel: str, response_id: UUID
) -> tuple[Submission, dict[str, Invalid]]:
    survey = version.survey
    raw, wrong = raw_of(survey, row)
    journey = travel(survey, raw)
    # A paper form may leave out what the web insists on: it is taken as it came.
    language = row.get("language", "").strip() or survey.languages[0]
    if language not in survey.languages:
        wrong["language"] = Invalid("Use one of %(codes)s", codes=", ".join(survey.languages))
    received = clock.today(clock.now())
    try:
        received = date.fromisoformat(row.get("received_on", "").strip() or received.isoformat())
    except ValueError:
        wrong["received_on"] = Invalid("Write the day as 2025-01-31")
    channel = row.get("channel", "").strip() or channel
    if channel not in CHANNELS:
        wrong["channel"] = Invalid("Use one of %(codes)s", codes=", ".join(CHANNELS))
    seed = row.get("order_seed", "").strip()
    if seed and not (seed.isascii() and seed.isdecimal() and int(seed) < 2**31):
        wrong["order_seed"] = Invalid("Leave it empty, or as it was exported")
    flags = row.get("flags", "").split()
    if not set(flags) <= set(FLAGS):
        wrong["flags"] = Invalid("Leave it empty, or as it was exported")
    answers = {qid: survey.questions[qid].store(value) for qid, value in journey.answers.items()}
    made = Submission(response_id, version.id, channel, language, received, answers)
    known = int(seed) if seed and "order_seed" not in wrong else None
    again = row.get("again", "").strip()
    quotas = sorted(journey.quotas())
    return replace(made, order_seed=known, quotas=quotas, flags=flags, again=again), wrong


def _id(version: Version, identity: str) -> UUID:
    try:
        return UUID(identity)
    except ValueError:
        return uuid5(NAMESPACE, f"{version.survey.slug}/{identity}")
