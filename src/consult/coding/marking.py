"""Comments on a page: words marked, and lines around what was looked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: Letters on either side of what was looked for.
AROUND = 60
#: A mark that stands for personal data, such as [NAME].
_TAKEN_OUT = re.compile(r"\[[A-Z][A-Z ]+\]")


@dataclass(frozen=True)
class Run:
    """Some of a text; ``kind`` says what is special about it: word, personal, or nothing."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Line:
    """What was looked for, between what stands before and after it."""

    before: str
    found: str
    after: str


def marked(text: str, words: Sequence[str]) -> list[Run]:
    """A text in runs: those words, what stands for personal data, and the rest."""
    wanted = "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))
    spoke = rf"|(?P<word>(?<!\w)(?:{wanted})(?!\w))" if wanted else ""
    pattern = re.compile(rf"(?P<personal>{_TAKEN_OUT.pattern}){spoke}", re.IGNORECASE if wanted
                         else re.NOFLAG)  # fmt: skip
    runs, at = [], 0
    for match in pattern.finditer(text):
        kind = match.lastgroup or ""
        if kind == "personal" and not _TAKEN_OUT.fullmatch(match.group()):
            continue
        if match.start() > at:
            runs.append(Run(text[at : match.start()]))
        runs.append(Run(match.group(), kind))
        at = match.end()
    return [*runs, Run(text[at:])] if at < len(text) else runs


def line(text: str, phrase: str) -> Line:
    """A comment in one line, with a phrase in its middle (a concordance); its start without one."""
    plain = " ".join(text.split())
    at = plain.casefold().find(" ".join(phrase.split()).casefold()) if phrase else -1
    if at < 0 or len(plain.casefold()) != len(plain):
        return Line("", "", _short(plain, 3 * AROUND))
    end = at + len(" ".join(phrase.split()))
    before = plain[max(0, at - AROUND) : at]
    return Line(("…" if at > AROUND else "") + before, plain[at:end], _short(plain[end:], AROUND))


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[:letters].rsplit(" ", 1)[0] + " …"
