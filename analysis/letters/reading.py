"""Files of letters, mails and meeting notes to passages, and what came of each file."""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from analysis import passages, redaction, text
from analysis.errors import DataError
from analysis.letters import documents, kinds, mails, outlook, quoted, trimmed
from analysis.letters.parts import (
    ATTACHED,
    EMAIL,
    LETTER,
    NOTE,
    NOTES,
    NOTHING,
    Left,
    Lines,
    Unreadable,
    Written,
    words,
)
from analysis.progress import Report, silent

MOST_WORDS = 100_000
"""A file of more words is no letter."""

SCRAP = 8
"""Words of the end of a paragraph that is too little for a passage of its own."""

_NOT_OURS = ("~$", ".", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a letter; `letter` leads to its file only through `File`."""

    letter: str
    number: int
    day: str
    kind: str
    text: str

    @property
    def id(self) -> str:
        """The letter and the passage's number."""
        return f"{self.letter}-{self.number}"


@dataclass(slots=True)
class File:
    """What came of a file, or of a mail or attachment in one. `said`: what its reader must know."""

    name: str
    letter: str = ""
    kind: str = ""
    day: str = ""
    passages: int = 0
    said: str = ""


@dataclass(slots=True)
class Read:
    """Everything that was read; `left` are (letter, kind, what was left out of it)."""

    passages: list[Passage] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    left: list[tuple[str, str, Left]] = field(default_factory=list)

    @property
    def letters(self) -> Counter[str]:
        """How many letters of each kind there are; a mail is one with what is attached."""
        return Counter({p.letter: p.kind for p in reversed(self.passages)}.values())


def read(path: Path, *, raw: bool = False, copies: bool = False, report: Report = silent) -> Read:
    """The passages of all letters in a folder, a zip archive, a mailbox or a single file.

    Personal data gives way to marks unless `raw`. The same file or mail again is left out unless
    `copies`. A file that cannot be read is named in `files` with the remedy, and the rest is read.
    Raises DataError where there is nothing at that path, or nothing in it.
    """
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder.")
    names = sorted(_names(path)) if path.is_dir() else [path]
    reader = _Reader(raw, copies)
    for k, name in enumerate(names):
        report(k, len(names), "Reading letters")
        shown = name.relative_to(path).as_posix() if path.is_dir() else name.name
        try:
            content = name.read_bytes()
        except OSError as error:
            reader.refuse(shown, f"cannot be opened ({error.strerror}). Mend that and try again")
            continue
        reader.file(shown, content)
    if not reader.found.files:
        raise DataError(f"{path}: holds no files. Put the letters there and run this again.")
    return reader.found


def _names(folder: Path) -> Iterator[Path]:
    return (one for one in folder.rglob("*") if one.is_file() and not _beside(one))


def _beside(path: PurePath) -> bool:
    """Whether a file is one that systems put beside others."""
    return any(part.startswith(_NOT_OURS) or part == "__MACOSX" for part in path.parts[-2:])


class _Reader:
    """Takes in one file after another."""

    def __init__(self, raw: bool, copies: bool) -> None:
        self.found = Read()
        self._raw, self._copies = raw, copies
        self._known: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def refuse(self, name: str, why: str) -> None:
        """Say of a file why it was not read."""
        self.found.files.append(File(name, said=f"{why}."))

    def file(self, name: str, content: bytes, packed: bool = False) -> None:
        """Take in a file: a letter, a mail, a mailbox, or an archive of such."""
        try:
            kind = kinds.kind_of(content)
            if kind == kinds.ZIP and packed:
                raise Unreadable("is an archive in another. Unpack it into the folder")
            if kind == kinds.ZIP:
                self._archive(name, content)
            elif kind == kinds.MAILS:
                for k, one in enumerate(mails.mails(content), 1):
                    self._one(f"{name} (mail {k})", kinds.MAIL, one)
            else:
                self._one(name, kind, content)
        except Unreadable as why:
            self.refuse(name, str(why))

    def _archive(self, name: str, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in sorted(archive.infolist(), key=lambda one: one.filename):
                inner = f"{name}/{info.filename}"
                if info.is_dir() or _beside(PurePath(info.filename)):
                    continue
                if info.flag_bits & 1:
                    self.refuse(inner, "is protected with a password. Pack it without one")
                elif info.file_size > documents.LARGEST:
                    self.refuse(inner, _too_large(info.file_size))
                else:
                    try:
                        self.file(inner, archive.read(info), packed=True)
                    except Exception:  # of a broken archive, which only reading it finds
                        self.refuse(inner, "is damaged in the archive. Pack it again")

    def _one(self, name: str, kind: str, content: bytes) -> None:
        letter = hashlib.sha256(content).hexdigest()[:10]
        if len(content) > documents.LARGEST:
            return self.refuse(name, _too_large(len(content)))
        if letter in self._known and not self._copies:
            return self.refuse(name, f"is the same as {self._known[letter]}, and counted once. "
                               "If several people sent it, use --copies")  # fmt: skip
        if letter in self._known:
            letter += f".{sum(one.startswith(letter) for one in self._known)}"
        self._known[letter] = name
        if kind in (kinds.MAIL, kinds.OUTLOOK):
            return self._mail(name, letter, content, kind)
        found = documents.lines_of(kind, content)
        if told := kinds.misnamed(kind, name):
            found.notes.append(told)
        self._letter(name, letter, found, 1)
        return None

    def _mail(self, name: str, letter: str, content: bytes, kind: str) -> None:
        try:
            found = mails.mail(outlook.as_mail(content) if kind == kinds.OUTLOOK else content)
        except Unreadable:
            raise
        except Exception as error:
            # Python's parser of mails is not proof against every broken header.
            raise Unreadable("is a damaged mail. Save it from the mailbox again") from error
        if found.id and found.id in self._known and not self._copies:
            return self.refuse(name, f"is the same mail as {self._known[found.id]}, counted once")
        self._known[found.id] = name
        own = quoted.own(found.body.lines, found.forwards)
        written = trimmed.trimmed(EMAIL, trimmed.unwrapped(Lines(own.lines, found.body.wrapped)))
        written.left += own.left
        passed_on = own.day if any(left.reason == NOTE for left in own.left) else ""
        written.day = passed_on or found.day
        if found.inner and words(written.lines) < quoted.NOTE_WORDS:
            written.left.append(Left(NOTE, "\n".join(written.lines)))
            written.lines = []
        outcome = self._passages(name, letter, written, 1)
        empty = "passes on the mails in it" if found.inner else "says nothing of its own"
        said = [] if outcome.passages else [empty]
        number = outcome.passages + 1
        for one in found.attachments:
            number += self._attached(
                f"{name}, attachment {one.name}", letter, one, found.day, number
            )
        outcome.said = "; ".join([*([outcome.said] if outcome.said else []), *said])
        for k, inner in enumerate(found.inner, 1):
            self._one(f"{name}, mail {k} in it", kinds.MAIL, inner)
        return None

    def _attached(
        self, name: str, letter: str, one: mails.Attachment, day: str, number: int
    ) -> int:
        """Take in what is attached to a mail, of whose letter it is a part."""
        if one.shown:
            self.found.left.append((letter, EMAIL, Left(ATTACHED, one.name)))
            return 0
        try:
            kind = kinds.kind_of(one.content)
            if kind in (kinds.ZIP, kinds.MAILS, kinds.MAIL, kinds.OUTLOOK):
                raise Unreadable("is an archive or a mail. Save it into the folder by itself")
            if len(one.content) > documents.LARGEST:
                raise Unreadable(_too_large(len(one.content)))
            return self._letter(name, letter, documents.lines_of(kind, one.content), number, day)
        except Unreadable as why:
            self.refuse(name, str(why))
            return 0

    def _letter(self, name: str, letter: str, found: Lines, number: int, day: str = "") -> int:
        """Take in a document, whose passages are numbered from `number` on; how many they are."""
        if words(found.lines) > MOST_WORDS:
            raise Unreadable("has more words than any letter: is it a mailbox or a table?")
        own = quoted.own(found.lines, printed=True)
        lines = trimmed.unwrapped(Lines(own.lines, found.wrapped))
        kind = EMAIL if own.mail else NOTES if trimmed.is_notes(name, lines) else LETTER
        written = trimmed.trimmed(kind, lines)
        written.left += found.left + own.left
        written.day = own.day or written.day or day
        outcome = self._passages(name, letter, written, number)
        said = found.notes if outcome.passages else [*found.notes, "says nothing to be read"]
        outcome.said = "; ".join([*([outcome.said] if outcome.said else []), *said])
        return outcome.passages

    def _passages(self, name: str, letter: str, written: Written, first: int) -> File:
        kept: list[str] = []
        lines = written.lines
        if not self._raw:
            # The letter as a whole: what comes before a name may say that it is one.
            lines = redaction.redact("\n".join(lines)).text.split("\n")
        for paragraph in trimmed.headed([line for line in lines if line.strip()]):
            parts = _parts(paragraph)
            says = [not text.says_nothing(redaction.unmarked(part)) for part in parts]
            kept += [part for part, some in zip(parts, says, strict=True) if some]
            empty = [part for part, some in zip(parts, says, strict=True) if not some]
            written.left += [Left(NOTHING, part) for part in empty]
        outcome = File(name, letter, written.kind, written.day, len(kept))
        outcome.said = self._same_words(name, kept)
        self.found.files.append(outcome)
        self.found.passages += [
            Passage(letter, k, written.day, written.kind, part)
            for k, part in enumerate(kept, first)
        ]
        self.found.left += [(letter, written.kind, left) for left in written.left]
        return outcome

    def _same_words(self, name: str, kept: list[str]) -> str:
        """What to say where another letter has the same words: both count, if two sent them."""
        same = " ".join(kept).casefold()
        first = self._texts.setdefault(same, name) if same else name
        return "" if first == name else f"has the same words as {first}; both are counted"


def _parts(paragraph: str) -> list[str]:
    """A paragraph in passages, a scrap at its end with the one before."""
    parts = passages.passages(paragraph) or [paragraph]
    if len(parts) > 1 and words(parts[-1:]) < SCRAP:
        parts[-2:] = [" ".join(parts[-2:])]
    return parts


def _too_large(size: int) -> str:
    return f"has {size // 1_000_000} MB. Save it without its pictures, or its text alone"
