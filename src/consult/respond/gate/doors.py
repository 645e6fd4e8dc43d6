"""Who may begin a survey that is not open to all, and what a draft remembers of it.

An entry is the mark of a code or of an address that has been checked. The browser carries it sealed
in a cookie until a draft is begun, and from then on the draft does, sealed too.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from litestar.datastructures import Cookie

from consult.inviting.codes import derived
from consult.questionnaire.answers.base import N_
from consult.questionnaire.model import Definition
from consult.respond.flags import REASONS
from consult.respond.visit import AnyRequest, Visit

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


def listed(definition: Definition) -> bool:
    """Whether a survey takes one response from each of those who have a code or an address."""
    return definition.access in {"invited", "signed_in"}


def ticket(here: Visit) -> bytes | None:
    """The mark that this respondent's draft holds."""
    noted = here.draft.notes.get("entry", "") if here.draft else ""
    return bytes.fromhex(noted) or None


def answered_before(request: AnyRequest, sent: bool) -> bool:
    """Whether a response came from this browser: ``sent``, or remembered."""
    return sent or ANSWERED in request.cookies


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


def first_notes(
    request: AnyRequest, root: bytes, here: Visit, form: Mapping[str, Sequence[str]], *, sent: bool
) -> dict[str, str] | str:
    """What a new draft begins with, or the page that must come before it."""
    access = here.version.survey.definition.access
    if access == "soft" and answered_before(request, sent):
        why = reason(form)
        if why is None:
            return f"{here.base}/again" + ("?wrong=1" if "asked" in form else "")
        return {"again": why}
    if not listed(here.version.survey.definition):
        return {}
    entry = Entry.open(root, here.slug, request.cookies.get(ENTRY), here.now)
    mark = entry.mark if entry and not entry.check else ticket(here)
    return {"entry": mark.hex()} if mark else f"{here.base}/enter"
