"""Mails: their own words, their day, and what is attached to them."""

import datetime as dt
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

from analysis.letters import days, documents
from analysis.letters.parts import Lines

_NEXT = re.compile(rb"(?:^|\r?\n\r?\n)(?=From [^\r\n]*\d\d:\d\d[^\r\n]*\r?\n[\w-]+:)")
_FORWARDS = re.compile(r"^\s*(?:fwd?|wg|tr)\s*:", re.IGNORECASE)
_SILENT = ("text/calendar", "text/vcard", "text/x-vcard", "application/pgp-signature",
           "application/pkcs7-signature", "application/x-pkcs7-signature")  # fmt: skip


@dataclass(slots=True)
class Attachment:
    """A file in a mail. `shown`: part of how the mail looks, or for programs, not for readers."""

    name: str
    content: bytes
    shown: bool


@dataclass(slots=True)
class Mail:
    """A mail; `inner` are mails attached to it, as bytes."""

    id: str
    day: str
    forwards: bool
    body: Lines
    attachments: list[Attachment] = field(default_factory=list)
    inner: list[bytes] = field(default_factory=list)


def mails(content: bytes) -> Iterator[bytes]:
    """The mails of a mailbox (mbox), each as bytes."""
    for part in _NEXT.split(content):
        if part.startswith(b"From "):
            yield re.sub(rb"(?m)^>(>*From )", rb"\1", part.partition(b"\n")[2])


def mail(content: bytes) -> Mail:
    """A mail from its bytes; what is broken in it is left as it is."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    subject = str(message.get("subject", ""))
    forwards = bool(_FORWARDS.match(subject))
    found = Mail(str(message.get("message-id", "")).strip(), _day(message), forwards, Lines([]))
    plain: list[str] = []
    pages: list[str] = []
    for part in _leaves(message):
        kind, name = part.get_content_type(), part.get_filename() or ""
        if kind == "message/rfc822":
            inner = part.get_payload()
            found.inner += [bytes(one) for one in inner if isinstance(one, EmailMessage)]
        elif kind in ("text/plain", "text/html") and not name and not part.is_attachment():
            (plain if kind == "text/plain" else pages).append(_text(part))
        else:
            shown = kind in _SILENT or (kind.startswith("image/") and not part.is_attachment())
            data = part.get_payload(decode=True)
            data = data if isinstance(data, bytes) else b""
            found.attachments.append(Attachment(name or kind.replace("/", "."), data, shown))
    if any(text.strip() for text in plain) or not pages:
        found.body = documents.plain("\n\n".join(plain))
    else:
        found.body = documents.html("\n".join(pages), mail=True)
    return found


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts of a mail that have no parts; a mail in it is one."""
    if message.is_multipart() and message.get_content_type() != "message/rfc822":
        for part in message.iter_parts():
            if isinstance(part, EmailMessage):
                yield from _leaves(part)
    else:
        yield message


def _text(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    charset = part.get_content_charset() or ""
    return documents.decoded(content, charset) if isinstance(content, bytes) else ""


def _day(message: EmailMessage) -> str:
    """The day a mail was sent, where its sender was; empty where it does not say."""
    sent = getattr(message.get("date"), "datetime", None)
    if not isinstance(sent, dt.datetime):
        return ""
    known = days.FIRST_YEAR <= sent.year <= days.LAST_YEAR
    return sent.date().isoformat() if known else ""
