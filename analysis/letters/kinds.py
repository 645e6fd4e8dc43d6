"""What a file is, told by its content: names end in anything."""

import codecs
import io
import re
import zipfile
from pathlib import PurePath

from analysis.letters.parts import Unreadable

TEXT, HTML, MAIL, MAILS, OUTLOOK = "text", "HTML", "mail", "mailbox", "Outlook mail"
DOCX, ODT, PDF, RTF, ZIP = "Word document", "OpenDocument text", "PDF", "RTF", "zip archive"

ENDINGS = {
    TEXT: (".txt", ".md"), HTML: (".html", ".htm"), MAIL: (".eml", ".txt"), MAILS: (".mbox",),
    OUTLOOK: (".msg",),
    DOCX: (".docx", ".docm"), ODT: (".odt",), PDF: (".pdf",), RTF: (".rtf", ".doc"),
    ZIP: (".zip",),
}  # fmt: skip
"""How names of each kind end."""

_BEFORE = {
    b"\x89PNG": "picture", b"\xff\xd8\xff": "picture", b"GIF8": "picture", b"II*\0": "picture",
    b"MM\0*": "picture", b"BM": "picture", b"RIFF": "picture or a recording",
    b"ID3": "recording", b"OggS": "recording",
}  # fmt: skip
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = re.compile(
    rb"(?:from|to|date|subject|received|return-path|delivered-to|message-id|mime-version"
    rb"|content-type|reply-to|x-[\w-]+|dkim-signature|arc-[\w-]+|cc|sender):[ \t]",
    re.IGNORECASE,
)
_MAIL_ONLY = re.compile(rb"(?im)^(?:message-id|mime-version|received|date|content-type):[ \t]")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|div|p|meta)\b",
    re.IGNORECASE | re.DOTALL,
)


def kind_of(content: bytes) -> str:
    """What a file is. Raises Unreadable, with the remedy, for what we do not read."""
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("is empty. Ask whoever sent it, or take it away")
    head = content[:4096]
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zipped(content)
    if head.startswith(b"{\\rtf"):
        return RTF
    if head.startswith(_OLD_OFFICE) and "__substg1.0_".encode("utf-16-le") in content:
        return OUTLOOK
    if head.startswith(_OLD_OFFICE):
        raise Unreadable(_old_office(content))
    for mark, name in _BEFORE.items():
        if head.startswith(mark):
            raise Unreadable(f"is a {name}. Type up what it says, or read it with OCR, as a .txt")
    return _texts(content, head)


def _texts(content: bytes, head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return TEXT
    if sum(head.count(bytes([c])) for c in (*range(8), *range(14, 27))) * 50 > len(head):
        raise Unreadable("is of no kind that can be read. Save it as .docx, .pdf or .txt")
    plain = head.removeprefix(codecs.BOM_UTF8)
    if plain.startswith(b"From ") and _headed(plain.partition(b"\n")[2]):
        return MAILS
    if _headed(plain):
        return MAIL
    return HTML if _HTML.match(plain) else TEXT


def _headed(text: bytes) -> bool:
    """Whether a text begins with the headers of a mail, as programs write them."""
    before = re.split(rb"\r?\n\r?\n", text.lstrip(b"\r\n"), maxsplit=1)[0]
    return bool(_HEADER.match(before)) and len(_MAIL_ONLY.findall(before)) > 1


def _zipped(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "word/document.xml" in names:
                return DOCX
            if "content.xml" in names and "mimetype" in names:
                return _open_document(archive)
    except Unreadable:
        raise
    except Exception as error:
        # Python's reader of archives raises errors of many kinds where one is broken.
        raise Unreadable("is damaged. Get it again from where it came") from error
    if "[Content_Types].xml" in names:
        raise Unreadable("is a table or slides, not a letter. Save what counts in it as .docx")
    return ZIP


def _open_document(archive: zipfile.ZipFile) -> str:
    if b"text" not in archive.read("mimetype"):
        raise Unreadable("is a table or slides, not a letter. Save what counts in it as .odt")
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise Unreadable("is protected with a password. Save it without one")
    return ODT


def _old_office(content: bytes) -> str:
    """What to do with a file of the old Office kinds, which also wrap protected new ones."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "is protected with a password. Save it without one"
    if "WordDocument".encode("utf-16-le") in content:
        return "is an old Word document (.doc). Open it in Word or LibreOffice and save it as .docx"
    return "is an old Office file. Open it and save what counts in it as .docx"


def misnamed(kind: str, name: str) -> str:
    """What to say where a file's name ends like that of another kind; else nothing."""
    ending = PurePath(name).suffix.lower()
    others = {one for endings in ENDINGS.values() for one in endings}
    wrong = ending in others and ending not in ENDINGS[kind]
    return f"read as {kind}, whatever its name says" if wrong else ""
