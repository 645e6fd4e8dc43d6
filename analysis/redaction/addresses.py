"""Addresses of homes: number and street, flats; without a number, what `homes` finds.

The town after an address stays.
"""

import re
from collections.abc import Iterator, Sequence

from analysis.redaction import homes
from analysis.redaction.patterns import Span, near_digits
from analysis.redaction.streets import (
    FLAT,
    FLATS,
    HOUSE,
    MEASURE,
    NUMBER,
    ONE_WORD,
    SMALL,
    SMALL_HOUSE,
    STREET,
    TYPES,
    WELSH,
    rules,
)  # fmt: skip

_NO = r"(?<![\w£$.,/])"
_FLATS = rules(
    rf"\b{FLAT}[\s,]+(?:{HOUSE}|{STREET})(?:,\s*(?:{NUMBER}\s+)?{STREET})?",
    rf"""(?i:\b{FLAT}[\s,]+(?:{SMALL_HOUSE}|(?!{MEASURE})[a-z'’]{{3,}}\s(?:house|court|point|tower|towers))
    (?:,\s(?:\d+[a-z]?\s)?{SMALL})?)\b""",
    r"\b(?P<it>[Ff]lat\s\d{1,4}[A-Za-z]?)\b(?=\s*(?:[,.;)\n]|$|above|below|next|is|has|was|at|keeps?))",
)
_STREETS = rules(
    rf"""{_NO}(?:{FLAT}[\s,]+)?(?:{HOUSE}[\s,]+)?{NUMBER}\s+(?!{MEASURE})(?:{STREET}|{WELSH})
    (?:,\s+{STREET})?""",
    rf"""{_NO}(?i:(?:{FLAT}[\s,]+)?{NUMBER}\s+
    (?:the\s+(?:avenue|close|crescent|green|grove|drive)|{SMALL}))\b""",
    rf"""{_NO}(?:(?:FLAT|APARTMENT)\s\d+[A-Z]?,?\s)?\d{{1,4}}[A-Z]?,?\s(?:[A-Z'’]{{3,}}\s){{1,3}}
    (?:STREET|ROAD|RD|LANE|AVENUE|AVE|DRIVE|CLOSE|CRESCENT|COURT|GARDENS|TERRACE|GROVE|WAY|CROFT|MEWS
    |RISE|WALK|ROW|PLACE|SQUARE|PARADE|HILL|VIEW|PARK|GREEN|END|FIELDS?|HOUSE|TOWERS?)\b""",
)
_PLACES = rules(
    rf"{_NO}(?:{FLAT}[\s,]+)?{NUMBER}\s+{ONE_WORD}(?=\s*(?:[,.;)\n]|$))",
)
_NUMBERS = rules(
    r"(?i:\b(?:at|from|outside)\s+(?P<it>(?:house\s)?(?:number|no\.?)\s\d{1,4}[a-h]?))\b"
)
WITH_DIGIT = (
    (FLATS, _FLATS[:1]),
    (TYPES, _STREETS[:1]),
    (None, _PLACES),
    (FLATS, _FLATS[1:2]),
    (TYPES, _STREETS[1:]),
    (frozenset(["at", "from", "outside"]), _NUMBERS),
    (FLATS, _FLATS[2:]),
)
"""Words of which a text must have one, and the rules then, the likeliest reading first."""
Groups = Sequence[tuple[frozenset[str] | None, Sequence[re.Pattern[str]]]]
_WORD = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"(?:19|20)\d\d\b")
_SINCE = re.compile(r"\b(?:in|since|during|from|until|of|by|for|[A-Z][a-z]+)\s$|[-/]$")
_COUNTED = re.compile(
    r"\b(?:section|part|page|paragraph|chapter|article|schedule|clause|policy|question|over|under|about"
    r"|around|nearly|almost|least|than|the|these|those|all|some|every|only|year|grade|band|class|another)\s$",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"(?:the\s)?(?:high|main|my|our|same|this|next|back|side|other)\s(?:street|road)", re.IGNORECASE
)


def find(text: str, without_number: bool, groups: Groups = WITH_DIGIT) -> Iterator[Span]:
    """Every address in a text, also `without_number`; the likeliest reading comes first.

    Pieces may overlap. `groups` are those of the rules that may find something.
    """
    for start, end in _spans(text, without_number, groups):
        piece = text[start:end].rstrip(" ,.\n")
        if piece and not _is_number(text, start, piece) and not _GENERIC.fullmatch(piece):
            yield start, start + len(piece), "ADDRESS"


def _is_number(text: str, start: int, piece: str) -> bool:
    """Whether the number is a year, or counts something: “Section 21”."""
    back = text[max(0, start - 20) : start]
    if _YEAR.match(piece) and _SINCE.search(back):
        return True
    return piece[0:1].isdigit() and piece[-1:].islower() and _COUNTED.search(back) is not None


def _spans(text: str, without_number: bool, groups: Groups) -> Iterator[tuple[int, int]]:
    spans, words = near_digits(text), frozenset(_WORD.findall(text.lower()))
    for signs, group in groups if spans else ():
        if signs and words.isdisjoint(signs):
            continue
        for rule in group:
            for start, end in spans:
                for match in rule.finditer(text, start, end):
                    yield match.span("it" if "it" in rule.groupindex else 0)
    if without_number:
        yield from homes.find(text, words)
