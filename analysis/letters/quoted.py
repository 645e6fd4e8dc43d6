"""Mails within mails: what somebody wrote now, without the older mails below it.

A mail that only passes another on is that other mail.
"""

import re
from dataclasses import dataclass, field

from analysis.letters import days
from analysis.letters.parts import HEAD, NOTE, OLDER, Left, words

NOTE_WORDS = 25
"""Whoever forwards a mail with fewer words of their own passes it on; with more, they write."""

_FORWARDED = re.compile(
    r"^\W*(?:begin forwarded message|-{2,}\s*forwarded (?:message|by)\b)", re.IGNORECASE
)
_ORIGINAL = re.compile(r"^\s*-{2,}\s*original (?:message|appointment)\s*-{2,}", re.IGNORECASE)
_WROTE = re.compile(
    r"^(?:on\b.{6,250}\bwrote|am\b.{6,250}\bschrieb.{0,80}|ar\b.{6,250}\bysgrifennodd.{0,80}"
    r"|(?:w dniu|dnia)\b.{6,250}\b(?:pisze|napisał\(?a?\)?).{0,80}|le\b.{6,250}\ba écrit)\s*:\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^\W*(?P<name>from|sent|date|to|cc|bcc|subject|reply-to|attachments?|importance)\s*\*?:",
    re.IGNORECASE,
)
_MARKS = re.compile(r"^(?:>\s?)+")
_RULE = re.compile(r"^\s*[_=-]{5,}\s*$")


@dataclass(slots=True)
class Own:
    """Lines somebody wrote, and what was left out. `day`: of the mail they stand in, if it says.

    `mail`: whether headers were found, as programs print them above a mail.
    """

    lines: list[str]
    left: list[Left] = field(default_factory=list)
    day: str = ""
    mail: bool = False


def own(lines: list[str], forwarded: bool = False, printed: bool = False) -> Own:
    """What was written now; `forwarded` where the subject says that a mail is passed on.

    `printed`: lines of a document, in which a mail has its headers and the mailbox's owner above.
    """
    found = Own(lines)
    start = _header_end(lines, _owner_end(lines) if printed else 0)
    if start:
        head = Left(HEAD, "\n".join(lines[:start]))
        found = Own(lines[start:], [head], _sent(lines[:start]), True)
    at, passed = _older(found.lines)
    if at < 0:
        return _unquoted(found)
    before, below = found.lines[:at], found.lines[at:]
    mine = words(line for line in before if not _MARKS.match(line) and not _RULE.match(line))
    if not mine or ((passed or forwarded) and mine < NOTE_WORDS):
        lines, marks = _bare(below)
        inner = own(lines)
        left = [*found.left, Left(NOTE, "\n".join([*before, *marks])), *inner.left]
        return Own(inner.lines, left, inner.day or found.day, True)
    answered = _answers(below)
    older = [line for k, line in enumerate(below) if line.strip() and k not in answered]
    found.lines = before + [below[k] for k in answered]
    found.left.append(Left(OLDER, "\n".join(older)))
    return _unquoted(found)


def _header_end(lines: list[str], start: int) -> int:
    """Where the headers that begin at a line, or soon after, end; 0 without such."""
    names: set[str] = set()
    end = blank = 0
    for k, line in enumerate(lines[start : start + 16], start):
        header = _HEADER.match(_MARKS.sub("", line))
        if header:
            names.add(header["name"].lower())
            end, blank = k + 1, 0
        elif not _MARKS.sub("", line).strip():
            blank += 1
        elif not names or blank or not line[:1].isspace():
            break
    sent = "from" in names and names & {"sent", "date", "to"} and "subject" in names
    return end if sent else 0


def _owner_end(lines: list[str]) -> int:
    """Where headers may begin under the name that Outlook prints above a mail."""
    said = [k for k, line in enumerate(lines[:6]) if line.strip() and not _RULE.match(line)]
    named = said and words([lines[said[0]]]) <= 4 and not _HEADER.match(lines[said[0]])
    return said[0] + 1 if named else 0


def _sent(headers: list[str]) -> str:
    return days.only(h for h in headers if re.match(r"^\W*(?:sent|date)\W*:", h, re.IGNORECASE))


def _older(lines: list[str]) -> tuple[int, bool]:
    """Where an older mail begins, and whether it says that it was forwarded; -1 without one."""
    for k, line in enumerate(lines):
        bare = _MARKS.sub("", line)
        if _FORWARDED.match(bare):
            return k, True
        if _ORIGINAL.match(bare):
            return k, False
        two = f"{bare} {_MARKS.sub('', lines[k + 1])}" if k + 1 < len(lines) else bare
        if _WROTE.match(bare.strip()) or (len(bare) > 20 and _WROTE.match(two.strip())):
            return k, False
        if re.match(r"^\W*from\s*\*?:", bare, re.IGNORECASE) and _header_end(lines, k):
            return k, False
    return -1, False


def _bare(below: list[str]) -> tuple[list[str], list[str]]:
    """The mail under a mark, one level of “>” taken off; and the lines of the mark."""
    start = 0
    while start < len(below):
        line = _MARKS.sub("", below[start])
        if line.strip() and not _starts(line):
            break
        start += 1 + (line.lower().startswith("on ") and not line.rstrip().endswith(":"))
    lines = below[start:]
    marked = [line for line in lines if line.strip()]
    if marked and sum(line.startswith(">") for line in marked) * 2 > len(marked):
        lines = [re.sub(r"^>\s?", "", line) for line in lines]
    return lines, below[:start]


def _starts(line: str) -> bool:
    begun = re.match(r"on\b.{10,}\d", line, re.IGNORECASE) is not None and len(line) > 20
    return bool(_FORWARDED.match(line) or _ORIGINAL.match(line) or _WROTE.match(line) or begun)


def _answers(below: list[str]) -> list[int]:
    """Places of what stands between or under the lines of an older mail marked by “>”."""
    marked = [k for k, line in enumerate(below) if _MARKS.match(line)]
    if not marked or _header_end(below, 0):
        return []
    return [k for k in range(marked[0], len(below)) if not _MARKS.match(below[k])]


def _unquoted(found: Own) -> Own:
    """Without lines marked by “>”, wherever they stand."""
    marked = [line for line in found.lines if _MARKS.match(line)]
    if marked:
        found.left.append(Left(OLDER, "\n".join(marked)))
        found.lines = [line for line in found.lines if not _MARKS.match(line)]
    found.lines = [line for line in found.lines if not _RULE.match(line)]
    return found
