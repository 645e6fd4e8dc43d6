"""Paragraphs of letters and meeting notes without what surrounds them: heads, greetings, ends."""

import re
from itertools import takewhile

from analysis.letters import days
from analysis.letters.documents import BULLET
from analysis.letters.parts import (
    DISCLAIMER,
    GREETING,
    HEAD,
    MEETING,
    NOTES,
    RUNNING,
    SIGNATURE,
    SUBJECT,
    Left,
    Lines,
    Written,
    words,
)

HEAD_LINES = 30
"""A letter greets within so many lines, and its day stands among them."""

SHORT, PROSE = 8, 12
"""Words of a line that may be a heading or part of an address; of one that says something."""

SIGNED = 100
"""A letterhead or a signature has at most so many words: names, jobs, addresses."""

ITEM = re.compile(
    r"^(?:[•·▪◦‣]\s*|[*–—-]\s+|\(?(?:\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivx]{1,4})[.)]\s+){1,2}", re.I
)
_BULLET = re.compile(r"^(?:[•·▪◦‣]|[*–—-]\s)")
_ENDS = re.compile(r"[.!?…:;][\"'”’)]*$")
_CAPITAL = r"[A-Z][\w'’.-]*"
_HELLO = (
    r"(?:dear|annwyl)\b[^,.!:;\n]{0,60}"
    r"|(?:hi|hello|hey|good (?:morning|afternoon|evening))\b"
    rf"(?-i:(?:\s+(?:{_CAPITAL}|there|all|team|both|everyone|sir|madam|and|or|/)){{0,4}})"
    r"|to whom (?:it|this) may concern|sirs?|madam|fao\b.{0,40}"
)
_GREETING = re.compile(rf"^(?:{_HELLO})\s*(?:[,:!.–-]+\s*|$)", re.IGNORECASE)
_CLOSING = (
    r"(?:i (?:look forward|remain)\b.{0,60})?(?:yours?(?:\s+(?:very|most))?(?:\s+(?:sincerely"
    r"|faithfully|truly|respectfully|ever|etc))?|(?:with\s+)?(?:kind(?:est)?|best|warm(?:est)?|many"
    r"|with|all good|sincere)\s*(?:best\s+|kind\s+)?(?:regards|wishes|thanks)|regards|sincerely"
    r"|thank you(?: (?:for|in) .{0,50})?|thanks(?: (?:for|in) .{0,50})?|many thanks|cheers|cofion"
    r"(?:\s+\w+)?|yn gywir|diolch|rgds|respectfully|in anticipation)"
)
_CLOSED = re.compile(
    rf"^{_CLOSING}\s*[,.!]*(?:\s+(?:and\s+{_CLOSING}|(?-i:(?:{_CAPITAL}\s*){{1,4}})))?\s*[,.!]*$",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"^p\.?\s?p?\.?s\b", re.IGNORECASE)
_DEVICE = re.compile(
    r"^(?:sent (?:from|via|using) (?:my |outlook|mail|yahoo|samsung|the |a )|get outlook for\b)",
    re.I,
)
_CONTACT = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b|\S+@\S+\.\w|\bwww\.|https?://|(?:\d[\s().-]*){9,}"
    r"|^\s*(?:tel|phone|mobile|telephone|fax|e-?mail|(?:our|your) ref(?:erence)?|ref)\b\s*[.:]",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"this (?:e-?mail|message|communication|transmission)\b.{0,160}\b(?:confidential|privileged"
    r"|intended|originated|came from outside|contain viruses)"
    r"|not the intended (?:recipient|addressee)"
    r"|received (?:this|it) (?:\S+ ){0,4}in error|before printing|save paper"
    r"|(?:views|opinions|statements) (?:and \w+ )?expressed (?:\S+ ){0,6}(?:are|is|may)\b.{0,60}"
    r"\b(?:not|author|sender|individual)"
    r"|(?:scanned|checked|swept) (?:for|by)\b.{0,60}virus|caution:? .{0,40}external"
    r"|do not click (?:on )?(?:any )?links|\[external\]|monitored (?:and|or) recorded"
    r"|registered (?:office|in england|charity n)|neges (?:e-?bost )?hon.{0,80}cyfrinachol",
    re.IGNORECASE | re.DOTALL,
)
_PAGE = re.compile(
    r"^(?:page\s+)?[–-]?\s*\d{1,3}\s*[–-]?(?:\s*(?:of|/)\s*\d{1,3})?$", re.IGNORECASE
)
_SUBJECT = re.compile(r"^(?:re|subject|ref)\s*[:.–-]", re.IGNORECASE)

_NOTES_NAME = re.compile(r"(?<![a-z])(?:minutes|notes|meeting|forum|focus group)(?![a-z])", re.I)
_NOTES_LINE = re.compile(
    r"^\W*(?:(?:draft )?minutes\b|(?:meeting )?notes (?:of|from)\b|meeting notes\b)", re.IGNORECASE
)
_MEETING = re.compile(
    r"^\W*(?:present|attend(?:ees|ance|ed)|in attendance|apologies|chair(?:ed by|person)?"
    r"|(?:minutes|notes)(?: taken)? by|minute[- ]taker|circulation|distribution|date|time|venue"
    r"|location|place|held (?:on|at)|(?:date|time|day) of (?:the )?(?:next )?meeting|next meeting"
    r"|meeting (?:opened|closed|ended|started))\b"
    r"(?=\s*(?:[:–-]|$|(?:of|on|at|from|were|is)\b))",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"^\W*(?:present|attend(?:ees|ance|ed)|in attendance|apologies)\b(?P<list>[^:]{0,20}:)?", re.I
)
_SMALL = frozenset(("of", "and", "the", "for"))


def unwrapped(found: Lines) -> list[str]:
    """One line for each paragraph, heading, item or line of an address; none is empty.

    A line of a wrapped text goes on where the next one's first word did not fit on it.
    """
    if not found.wrapped:
        return [line for line in found.lines if line.strip()]
    lengths = sorted(len(line) for line in found.lines if line.strip())
    width = lengths[len(lengths) * 9 // 10] if lengths else 0
    out: list[str] = []
    open_ = False
    for k, line in enumerate(found.lines):
        bare = line.strip()
        if not bare:
            open_ = False
            continue
        if open_ and not ITEM.match(bare):
            out[-1] += bare if re.search(r"[a-z]-$", out[-1]) and bare[0].islower() else f" {bare}"
        else:
            out.append(bare)
        after = found.lines[k + 1].strip() if k + 1 < len(found.lines) else ""
        fits = len(line) + 1 + len(after.split(" ", 1)[0]) <= 0.94 * width
        open_ = bool(after) and (not fits or after[:1].islower())
    return out


def is_notes(name: str, lines: list[str]) -> bool:
    """Whether a file is of a meeting: by its name, or by how it begins."""
    head = lines[:HEAD_LINES]
    told = sum(bool(_LISTED.match(line)) for line in head)
    return bool(
        _NOTES_NAME.search(name) or any(_NOTES_LINE.match(line) for line in head[:5]) or told > 1
    )


def trimmed(kind: str, lines: list[str]) -> Written:
    """What somebody wrote, of the lines of a letter, a mail or meeting notes."""
    written = Written(kind, lines)
    _take(written, DISCLAIMER, [k for k, one in enumerate(lines) if _DISCLAIMER.search(one)])
    _take(written, RUNNING, [k for k, one in enumerate(written.lines) if _PAGE.match(one)])
    if kind == NOTES:
        head = written.lines[:HEAD_LINES]
        written.day = days.only(
            one for k, one in enumerate(head) if k < 3 or days.alone(one) or _MEETING.match(one)
            if not re.search(r"next meeting", one, re.IGNORECASE)
        )  # fmt: skip
        _take(written, MEETING, _meeting(written.lines))
        return written
    written.day = days.only(one for one in written.lines[:HEAD_LINES] if days.alone(one))
    greeted = _greeted(written)
    _take(written, HEAD, greeted)
    subject = [k for k, one in enumerate(written.lines[:2]) if _SUBJECT.match(one)]
    _take(written, SUBJECT, [k for k in subject if words([written.lines[k]]) <= 3 * SHORT])
    _take(written, SIGNATURE, _signed(written.lines))
    return written


def _take(written: Written, reason: str, places: list[int]) -> None:
    """Leave lines out for a reason."""
    gone = set(places)
    if gone:
        written.left.append(Left(reason, "\n".join(written.lines[k] for k in sorted(gone))))
        written.lines = [line for k, line in enumerate(written.lines) if k not in gone]


def _prose(line: str) -> bool:
    return words([line]) >= PROSE or bool(words([line]) >= SHORT and _ENDS.search(line))


def _greeted(written: Written) -> list[int]:
    """Take the greeting out, and say which lines above it, or above all else, are a letterhead."""
    for k, line in enumerate(written.lines[:HEAD_LINES]):
        match = _GREETING.match(line)
        if match is None or not match[0].strip():
            continue
        written.left.append(Left(GREETING, match[0].strip()))
        rest = line[match.end() :].strip()
        written.lines = [*written.lines[:k], *([rest] if rest else []), *written.lines[k + 1 :]]
        above = [j for j in range(k) if not _prose(written.lines[j])]
        return above if words(written.lines[j] for j in above) <= SIGNED else []
    head = list(takewhile(lambda one: not _prose(one) and not _ENDS.search(one), written.lines))
    if len(head) == len(written.lines):
        return []
    marked = [k for k, one in enumerate(head) if _CONTACT.search(one) or days.alone(one)]
    return list(range(marked[-1] + 1)) if marked else []


def _signed(lines: list[str]) -> list[int]:
    """The closing words and what follows them, but for what says something of its own."""
    for k, line in enumerate(lines):
        if re.fullmatch(r"--\s*", line):
            rest = list(range(k, len(lines)))
        elif _CLOSED.match(line) and not any(map(_spoken, _before_postscript(lines[k + 1 :]))):
            rest = [j for j in range(k, len(lines)) if not _spoken(lines[j])]
        else:
            continue
        if words(lines[j] for j in rest) <= SIGNED:
            return rest
    devices = [k for k, line in enumerate(lines) if _DEVICE.match(line)]
    end = len(lines)
    while end and not _spoken(lines[end - 1]) and not _ENDS.search(lines[end - 1]):
        end -= 1
    tail = [k for k in range(end, len(lines)) if k not in devices]
    signed = any(_CONTACT.search(lines[k]) for k in tail) and words(lines[end:]) <= SIGNED
    return [*devices, *tail] if end and signed else devices


def _before_postscript(lines: list[str]) -> list[str]:
    """The two lines after closing words, which would be a name and who that is."""
    return list(takewhile(lambda one: not _POSTSCRIPT.match(one), lines[:2]))


def _spoken(line: str) -> bool:
    """Whether a line under a letter still says something."""
    said = bool(_POSTSCRIPT.match(line)) or (_prose(line) and bool(_ENDS.search(line)))
    return said and not _DEVICE.match(line)


def _meeting(lines: list[str]) -> list[int]:
    """Lines that say who met when and where, and the names under such a line."""
    gone: list[int] = []
    listing = False
    for k, line in enumerate(lines):
        listed = _LISTED.match(line)
        if _MEETING.match(line) and (not _prose(line) or (listed and listed["list"])):
            listing = bool(listed)
        elif k < 3 and (_NOTES_LINE.match(line) or days.alone(line)):
            listing = False
        elif not (listing and _named(line)):
            listing = False
            continue
        gone.append(k)
    return gone


def _named(line: str) -> bool:
    """Whether a line in a list of those present is one of them."""
    bare = line.removeprefix(BULLET)
    short = 1 < words([bare]) <= SHORT and not _ENDS.search(bare)
    person = re.sub(r"\([^)]*\)\s*$", "", bare)
    named = all(not w[:1].islower() or w in _SMALL for w in re.findall(r"\w[\w'’.-]*", person))
    return short and named and not re.match(r"\d+[.)]", bare)


def headed(lines: list[str]) -> list[str]:
    """Lines, a heading joined to what follows it; items without their marks."""
    out: list[str] = []
    held = ""
    for k, line in enumerate(lines):
        after = lines[k + 1] if k + 1 < len(lines) else ""
        bare = ITEM.sub("", line)
        one = f"{held} {bare}".strip()
        short = words([bare]) < SHORT and not re.search(r"[.!?…][\"'”’)]*$", bare)
        leads = bool(_BULLET.match(after)) or words([after]) >= SHORT
        if short and leads and not _BULLET.match(line):
            held = one if one.endswith(":") else f"{one}."
        else:
            out.append(one)
            held = ""
    return out
