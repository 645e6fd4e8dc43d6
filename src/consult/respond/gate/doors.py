"""Who may begin a survey that is not open to all, and what a draft remembers of it.

An entry is the mark of a code or of an address that has been checked. The browser carries it sealed
in a cookie until a draft is begun, and from then on the draft does, sealed too.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from litestar.datastructures import Cookie

from consult.database import Database
from consult.errors import DatabaseUnavailable
from consult.inviting.codes import derived, mark_of_strand
from consult.inviting.keys import root_key
from consult.inviting.store import admission
from consult.questionnaire.answers.base import N_
from consult.questionnaire.model import Definition
from consult.respond import store
from consult.respond.flags import REASONS
from consult.respond.gate import rate
from consult.respond.gate.signals import doubts
from consult.respond.gate.work import Task, proved, task
from consult.respond.store import Submission
from consult.respond.visit import AnyRequest, Visit
from consult.settings import Settings

ENTRY = "consult_entry"
#: Set for a survey with soft control: "1", so that the browser knows that it was used before.
ANSWERED = "consult_answered"
ANSWERED_SECONDS = 180 * 24 * 60 * 60
#: Seconds for which a code that checks an address works.
CHECK_SECONDS = 600
LONGEST_REASON = 500

#: What each reason for answering again is called.
REASON_WORDS: Mapping[str, str] = {
    "household": N_("Someone else in my household wants to answer"),
    "more": N_("I have something to add"),
    "mistake": N_("I made a mistake the first time"),
    "other": N_("Another reason"),
}


@dataclass(frozen=True)
class Entry:
    """A checked code or address; or, with ``check``, an address whose code was sent."""

    mark: bytes
    check: bytes = b""
    until: int = 0

    def seal(self, root: bytes, slug: str) -> str:
        """As a cookie holds it: for this survey, readable by this installation alone."""
        held = [self.mark.hex(), self.check.hex(), self.until]
        nonce = secrets.token_bytes(12)
        made = AESGCM(derived(root, "entry")).encrypt(
            nonce, json.dumps(held).encode(), slug.encode()
        )
        return base64.urlsafe_b64encode(nonce + made).decode()

    @classmethod
    def open(cls, root: bytes, slug: str, text: str | None, now: datetime) -> Entry | None:
        """The inverse; None for what is not ours, of another survey, or has run out."""
        try:
            data = base64.urlsafe_b64decode(text or "")
            key = AESGCM(derived(root, "entry"))
            mark, check, until = json.loads(key.decrypt(data[:12], data[12:], slug.encode()))
        except (ValueError, InvalidTag):
            return None
        if until and until < now.timestamp():
            return None
        return cls(bytes.fromhex(mark), bytes.fromhex(check), until)

    def cookie(self, root: bytes, slug: str, *, secure: bool) -> Cookie:
        """The cookie that carries it, until the browser is closed."""
        return Cookie(
            ENTRY, value=self.seal(root, slug), path=f"/s/{slug}", httponly=True, samesite="lax",
            secure=secure,
        )  # fmt: skip


def domains(definition: Definition) -> str:
    """The places whose addresses may sign in, as a page says them."""
    return ", ".join(f"@{domain.lstrip('@')}" for domain in definition.email_domains)


def listed(definition: Definition) -> bool:
    """Whether a survey takes one response from each of those who have a code or an address."""
    return definition.access in {"invited", "signed_in"}


async def ticket(
    request: AnyRequest, database: Database, settings: Settings, here: Visit
) -> bytes | None:
    """The mark that this respondent answers with: one just entered, else their draft's."""
    noted = here.draft.notes.get("entry", "") if here.draft else ""
    return await entered(request, database, settings, here) or bytes.fromhex(noted) or None


async def answered_before(request: AnyRequest, database: Database, here: Visit) -> bool:
    """Whether a response to a survey with soft control came from this browser."""
    if here.version.survey.definition.access != "soft":
        return False
    if ANSWERED in request.cookies:
        return True
    if here.token is None or here.draft is not None:
        return False
    async with database.light() as link:
        return await store.submitted(link, here.token.receipt.response_id) is not None


def answered_cookie(here: Visit, *, secure: bool) -> Cookie | None:
    """What lets a survey with soft control ask why, next time; a sensitive one leaves no trace."""
    if here.version.survey.definition.access != "soft" or here.sensitive:
        return None
    return Cookie(
        ANSWERED, value="1", path=f"/s/{here.slug}", max_age=ANSWERED_SECONDS, httponly=True,
        samesite="lax", secure=secure,
    )  # fmt: skip


def reason(form: Mapping[str, Sequence[str]]) -> str | None:
    """Why someone answers again, as it is stored; None where they did not say."""
    why = form.get("why", [""])[0]
    if why not in REASONS:
        return None
    words = " ".join(form.get("why_words", [""])[0].split())[:LONGEST_REASON]
    return f"{why}: {words}" if why == "other" and words else why


async def notes_of(
    request: AnyRequest,
    database: Database,
    settings: Settings,
    here: Visit,
    form: Mapping[str, Sequence[str]],
) -> dict[str, str] | str:
    """What a new draft begins with, or the page that must come before it. Raises TooMany."""
    if await answered_before(request, database, here):
        why = reason(form)
        if why is None:
            return f"{here.base}/again" + ("?wrong=1" if "asked" in form else "")
        rate.take(request, settings, "begin")
        return {"again": why}
    rate.take(request, settings, "begin")
    if not listed(here.version.survey.definition):
        return {}
    mark = await ticket(request, database, settings, here)
    return {"entry": mark.hex()} if mark else f"{here.base}/enter"


async def entered(
    request: AnyRequest, database: Database, settings: Settings, here: Visit
) -> bytes | None:
    """The checked code or address that a browser carries, unless it has been used."""
    if ENTRY not in request.cookies:
        return None
    root = await root_key(database, settings)
    entry = Entry.open(root, here.slug, request.cookies[ENTRY], here.now)
    if entry is None or entry.check:
        return None
    async with database.reading() as session:
        found = await admission(session, entry.mark)
    return None if found and found.used else entry.mark


async def shown(
    request: AnyRequest, database: Database, settings: Settings, here: Visit, *, answered: bool
) -> dict[str, Any]:
    """What the start page says of who may begin."""
    definition = here.version.survey.definition
    closed_to = listed(definition) and here.draft is None
    wanted = closed_to and await entered(request, database, settings, here) is None
    return {
        "access": definition.access,
        "domains": domains(definition),
        "answered": answered and here.draft is None,
        "wanted": wanted,
        "entered": closed_to and not wanted,
        "grouped": grouped(settings, definition),
        "marked": definition.access == "soft" and not here.sensitive,
    }


# -- what goes with a response ---------------------------------------------------------------------


async def task_of(database: Database, settings: Settings, here: Visit) -> Task | None:
    """The task of a check page; none for a correction, nor while the database is away."""
    if here.token is None or here.token.corrects is not None:
        return None
    try:
        root = await root_key(database, settings)
    except DatabaseUnavailable:
        return None
    return task(derived(root, "work"), here.token.receipt.response_id, here.now)


async def vouched(
    request: AnyRequest,
    database: Database,
    settings: Settings,
    here: Visit,
    form: Mapping[str, Sequence[str]],
    submission: Submission,
    pages: int,
) -> Submission:
    """A submission with its flags, its reason for coming again and the mark of its strand.

    ``pages`` is how many it went through. Raises TooMany, DatabaseUnavailable.
    """
    within = rate.take(request, settings, "send")
    root = await root_key(database, settings)
    expires, number = (form.get(name, [""])[0] for name in ("work_expires", "work"))
    draft = here.draft
    again = draft.notes.get("again", "") if draft else ""
    flags = doubts(
        form,
        begun=draft.begun if draft else here.now,
        now=here.now,
        pages=pages,
        proved=proved(derived(root, "work"), submission.id, expires, number, here.now),
        within_rate=within,
        again=bool(again),
    )
    strand = await _strand(request, database, settings, here, submission.id)
    return replace(submission, flags=flags, again=again, strand=strand)


def grouped(settings: Settings, definition: Definition) -> bool:
    """Whether responses keep for which strand they were invited, as a mark.

    Without a secret outside the database the mark would be no secret, and of a sensitive survey
    nobody is to be told even how many of whom have answered.
    """
    invited = definition.access == "invited"
    return invited and bool(settings.secret) and not definition.sensitive


async def _strand(
    request: AnyRequest, database: Database, settings: Settings, here: Visit, response_id: UUID
) -> bytes | None:
    if not grouped(settings, here.version.survey.definition):
        return None
    mark = await ticket(request, database, settings, here)
    root = await root_key(database, settings)
    async with database.reading() as session:
        found = await admission(session, mark) if mark else None
    return mark_of_strand(root, response_id, found.strand) if found and found.strand else None
