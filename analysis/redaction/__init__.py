"""Personal data out of people's words: each piece gives way to a mark that says its kind.

`redact` takes out, `restore` puts back. Both are exact: a text that has “[NAME]” in it already
comes back as it was, and what has been redacted once is not changed by redacting it again.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import polars as pl

from analysis.progress import Report, silent
from analysis.redaction import addresses, names, patterns, plain, presidio

KINDS = (
    "ADDRESS", "BANK ACCOUNT", "CARD NUMBER", "COLLAR NUMBER", "CRIME REFERENCE", "DATE OF BIRTH",
    "DRIVING LICENCE", "EMAIL", "HANDLE", "IP ADDRESS", "NAME", "NHS NUMBER", "NI NUMBER",
    "PASSPORT NUMBER", "PHONE", "PLATE", "POSTCODE", "SORT CODE", "URL",
)  # fmt: skip
CHUNK = 10_000
_MARK = re.compile(rf"\[(?:{'|'.join(KINDS)})\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of personal data: where it was in the text, in characters, its kind, its words."""

    start: int
    end: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with marks for its pieces, which are in order and apart from one another."""

    text: str
    pieces: tuple[Piece, ...]

    @property
    def kinds(self) -> list[str]:
        """The kinds it had, each once, in the order of the alphabet."""
        return sorted({piece.kind for piece in self.pieces})


def redact(text: str) -> Redacted:
    """A text without the personal data in it.

    What is left is looked at again until nothing more is found: a mark may be all the sign there is
    that the word after it is a name too.
    """
    return _joined(text, _redacted(text, plain.ALL), presidio.find([text])[0])


def redact_all(texts: Sequence[str | None] | pl.Series, report: Report = silent) -> list[Redacted]:
    """`redact` of each text, several times as fast: most need no look at their words."""
    column = pl.Series(values=texts, dtype=pl.String).fill_null("")
    found: list[Redacted] = []
    for start in range(0, len(column), CHUNK):
        part = column[start : start + CHUNK]
        different = part.unique()
        texts = different.to_list()
        done = {
            text: _redacted(text, look) if any(look) else Redacted(text, ())
            for text, look in zip(texts, plain.looks(different), strict=True)
        }
        for text, others in zip(texts, presidio.find(texts), strict=True):
            done[text] = _joined(text, done[text], others)
        found += [done[text] for text in part.to_list()]
        report(len(found), len(column), "Taking out names and addresses")
    return found


def _redacted(text: str, look: plain.Look, known: Sequence[Piece] = ()) -> Redacted:
    """`redact` of what a text may hold, beside pieces that are known.

    Marks for names bring nothing about but names; others may say what a number or a word is.
    """
    pieces = list(known)
    while True:
        redacted = _marked(text, pieces)
        found = _find(redacted, look)
        if not found:
            return Redacted(redacted, tuple(pieces))
        if look.forms or look.homes:
            look = plain.ALL
        pieces = sorted(pieces + _moved(text, pieces, found), key=lambda piece: piece.start)


def _joined(text: str, found: Redacted, others: Sequence[patterns.Span]) -> Redacted:
    """What ours and others found in a text, and what that brings about.

    Where two overlap they are one piece, of the kind of the first; marks stay as they are.
    """
    if not others:
        return found
    marks = [match.span() for match in _MARK.finditer(text)]
    spans = [(piece.start, piece.end, piece.kind) for piece in found.pieces]
    spans += [part for span in others for part in _outside(span, text, marks)]
    pieces: list[Piece] = []
    for start, end, kind in sorted(spans, key=lambda span: span[0]):
        if pieces and start < pieces[-1].end:
            start, end, kind = pieces[-1].start, max(end, pieces[-1].end), pieces[-1].kind
            pieces.pop()
        pieces.append(Piece(start, end, kind, text[start:end]))
    return found if pieces == list(found.pieces) else _redacted(text, plain.ALL, pieces)


def _outside(
    span: patterns.Span, text: str, marks: Sequence[tuple[int, int]]
) -> Iterator[patterns.Span]:
    """What of a span lies outside of marks and says something."""
    start, end, kind = span
    for first, last in [*marks, (end, end)]:
        if start < first:
            said = text[start : min(first, end)]
            begin = start + len(said) - len(said.lstrip())
            if any(c.isalnum() for c in said):
                yield begin, begin + len(said.strip()), kind
        start = max(start, last)


def restore(redacted: str, pieces: Sequence[Piece]) -> str:
    """The text as it was; `pieces` are those `redact` gave with it, in order."""
    parts: list[str] = []
    at = shift = 0
    for piece in pieces:
        start = piece.start + shift
        parts += redacted[at:start], piece.text
        at = start + len(_mark(piece.kind))
        shift += len(_mark(piece.kind)) - len(piece.text)
    return "".join(parts) + redacted[at:]


def unmarked(redacted: str) -> str:
    """A redacted text without its marks: only what its author wrote, to count words of."""
    return _MARK.sub(" ", redacted)


def _mark(kind: str) -> str:
    return f"[{kind}]"


def _marked(text: str, pieces: Sequence[Piece]) -> str:
    parts: list[str] = []
    at = 0
    for piece in pieces:
        parts += text[at : piece.start], _mark(piece.kind)
        at = piece.end
    return "".join(parts) + text[at:] if parts else text


def _moved(text: str, pieces: Sequence[Piece], found: Sequence[patterns.Span]) -> list[Piece]:
    """Pieces found in the marked text, at their places in the text itself."""
    moved: list[Piece] = []
    shift, ahead = 0, 0
    for start, end, kind in found:
        while ahead < len(pieces) and pieces[ahead].start - shift < start:
            shift += len(pieces[ahead].text) - len(_mark(pieces[ahead].kind))
            ahead += 1
        first, last = start + shift, end + shift
        moved.append(Piece(first, last, kind, text[first:last]))
    return moved


def _find(text: str, look: plain.Look) -> list[patterns.Span]:
    """The pieces in a text in order; none touches a mark or another piece."""
    taken = [match.span() for match in _MARK.finditer(text)] if "[" in text else []
    found: list[patterns.Span] = []
    rules, groups = plain.given(look.forms)
    forms = patterns.find(text, rules) if look.forms else ()
    streets = addresses.find(text, look.homes, groups) if look.forms or look.homes else ()
    for start, end, kind in chain(forms, streets):
        if start < end and not any(start < b and a < end for a, b in taken):
            taken.append((start, end))
            found.append((start, end, kind))
    if look.names:
        found += [(start, end, "NAME") for start, end in names.find(text, taken)]
    return sorted(found)
