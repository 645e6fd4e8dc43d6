"""Mails in Outlook's own kind (.msg), made mails as everybody else has them ([MS-OXMSG]).

Such a file is a compound file: a stream for each property that has a text, named by its number and
type, a table of the others, and a storage for each attachment.
"""

import datetime as dt
import email
import email.policy
from email.message import EmailMessage
from email.utils import format_datetime

import olefile

from analysis.letters.parts import Unreadable

SUBJECT, BODY, PAGE, RTF, ID, HEADERS = "0037", "1000", "1013", "1009", "1035", "007D"
LONG_NAME, NAME, DATA, SHOWN_AS = "3707", "3704", "3701", "3712"
TIMES = (0x0039, 0x0E06)
"""When it was sent; when it came."""

DEEPEST = 5
"""So many mails within mails are read."""

_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
_TIME = 0x0040


def as_mail(content: bytes) -> bytes:
    """The same mail as a .eml file has it. Raises OSError for a broken file.

    Unreadable, with the remedy, where only rich text is in it."""
    with olefile.OleFileIO(content) as file:
        return bytes(_message(file, [], 32))


def _message(file: olefile.OleFileIO, at: list[str], header: int) -> EmailMessage:
    """The mail in a storage; `header` bytes precede its table of properties."""
    found = EmailMessage(policy=email.policy.default)
    found["Subject"] = " ".join(_text(file, at, SUBJECT).split())
    told = email.message_from_string(_text(file, at, HEADERS), policy=email.policy.default)
    sent = told.get("date") or _sent(file, at, header)
    if sent:
        found["Date"] = str(sent)
    if number := _text(file, at, ID).strip() or str(told.get("message-id") or ""):
        found["Message-ID"] = " ".join(number.split())
    body, page = _text(file, at, BODY), _text(file, at, PAGE)
    if not body.strip() and not page and _stream(file, at, f"{RTF}0102"):
        raise Unreadable("has its words in Outlook’s rich text alone. Save it as text in Outlook")
    if body.strip() or not page:
        found.set_content(body)
    else:
        found.set_content(page, subtype="html")
    for entry in sorted({tuple(one[: len(at) + 1]) for one in file.listdir()}):
        if list(entry[:-1]) == at and entry[-1].startswith("__attach_version1.0_"):
            _attach(found, file, list(entry))
    if found.is_multipart():
        found.set_boundary(f"outlook-{len(at)}")  # not a random one: the same file, the same bytes
    return found


def _attach(message: EmailMessage, file: olefile.OleFileIO, at: list[str]) -> None:
    inner = [*at, f"__substg1.0_{DATA}000D"]
    if file.exists(inner):
        if len(inner) < 2 * DEEPEST:
            message.add_attachment(_message(file, inner, 24))
        return
    name = _text(file, at, LONG_NAME) or _text(file, at, NAME) or "attachment"
    shown = bool(_text(file, at, SHOWN_AS))
    picture = name.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".bmp"))
    message.add_attachment(
        _stream(file, at, f"{DATA}0102"),
        maintype="image" if picture else "application",
        subtype="octet-stream",
        filename=" ".join(name.split()),
        disposition="inline" if shown and picture else "attachment",
    )


def _text(file: olefile.OleFileIO, at: list[str], number: str) -> str:
    """A property that is a text: in UTF-16, in the eight bits of Windows, or as bytes."""
    if wide := _stream(file, at, f"{number}001F"):
        return wide.decode("utf-16-le", "replace").rstrip("\0")
    narrow = _stream(file, at, f"{number}001E") or _stream(file, at, f"{number}0102")
    try:
        return narrow.decode().rstrip("\0")
    except UnicodeDecodeError:
        return narrow.decode("cp1252", "replace").rstrip("\0")


def _stream(file: olefile.OleFileIO, at: list[str], name: str) -> bytes:
    path = [*at, f"__substg1.0_{name}"]
    return bytes(file.openstream(path).read()) if file.exists(path) else b""


def _sent(file: olefile.OleFileIO, at: list[str], header: int) -> str:
    """When it was sent, in Greenwich's time: where no header says it in the sender's."""
    path = [*at, "__properties_version1.0"]
    table = file.openstream(path).read()[header:] if file.exists(path) else b""
    rows = [table[k : k + 16] for k in range(0, len(table) - 15, 16)]
    times = {
        int.from_bytes(row[2:4], "little"): int.from_bytes(row[8:], "little")
        for row in rows
        if int.from_bytes(row[:2], "little") == _TIME
    }
    for number in TIMES:
        if times.get(number):
            return format_datetime(_EPOCH + dt.timedelta(microseconds=times[number] // 10))
    return ""
