"""Addresses that have no number: the street somebody lives in, a house by its name.

A street alone is no address; it is one after “I live in”, “our road” and the like.
"""

import re
from collections.abc import Iterator
from functools import cache

from analysis.redaction.lexicon import ANY_FIRST, ANY_LAST, NEVER, PLACE, WORD, look
from analysis.redaction.streets import (
    CAP,
    FLAT,
    HOUSE,
    NUMBER,
    SMALL,
    SMALL_HOUSE,
    STREET,
    SURE_STREET,
    TYPES,
    WELSH,
    rules,
)  # fmt: skip

_LIVE = r"""\b(?i:liv(?:e|es|ed|ing)|resid(?:e|es|ed|ing)|moved|residents?|home|house|flat|address
    |bungalow|staying|property|lodging|windows?|garden|front\ door|(?:bed|front\ )?room|driveway
    |neighbours?|grew\ up|brought\ up|raised|born\ and\ bred
    |(?:here|yours|written)(?=\s(?:on|in|from|at)\b)
    |(?:we|i)(?:\s?['’]?(?:re|m|ve\ been)|\ am|\ are|\ have\ been)(?=\s(?:in|at)\b)|rent|renting)\s+
    (?:(?:here|there|is|are|was|back|just|right|alone|down|up|all\ my\ life
    |for\ \w+\ years)\s+){0,2}"""
_IN = r"""(?i:in|on|at|of|to|into|from|off|opposite|near|beside|behind|next\s+to|close\s+to|is
    |along|:
    |round\s+the\s+corner\s+from)\s+(?i:the\s+(?!old))?"""
_END = r"(?=\s*(?:[,.;)\n]|and\b|in\b|with\b|for\b|who\b|$))"
_LIVING = re.compile(_LIVE, re.VERBOSE)
_WHERE = rules(
    rf"{_IN}(?P<it>(?!High\s)(?:{SURE_STREET}|{WELSH}|{HOUSE}))",
    rf"(?i:on|at|off)\s+(?i:the\s+)?(?P<it>{STREET})",
    rf"(?i:in|on|at|is)\s+(?P<it>{NUMBER}(?:\s+{CAP}(?:\s+{CAP})?)?){_END}",
    rf"(?i:(?:in|on|at|off|of|is|to|from|near|just\s+off)\s+(?P<it>{SMALL})\b)",
    rf"(?i:(?:in|at)\s+)(?P<it>{FLAT})",
    rf"(?i:(?:in|at|to)\s+(?P<it>(?:the\s+)?{SMALL_HOUSE})\b)",
)
"""What may come after “I live”."""
_AT_NAMED = re.compile(
    rf"(?i:at)\s+(?P<it>(?:The\s+)?{CAP}(?:\s+{CAP})?)(?=\s*(?:[,.;)\n]|(?i:and|with|for|since|which|near)\b|$))"
)
"""After “I live”: a house of any name; a settlement is in the gazetteer."""
_OURS = re.compile(
    rf"""\b(?i:our|my)\s+(?i:road|street|lane|close|avenue|drive|crescent|cul-de-sac|terrace|square|block
    |house|home|cottage|farm|flat|bungalow|place|property|building|address)
    (?:\s*[,(:]\s*|\s+(?i:called|named|is|on|in|at)?\s*)(?P<it>(?!High\s)(?:{STREET}|{HOUSE}|(?i:{SMALL}\b)))""",
    re.VERBOSE,
)
_OWN = re.compile(
    rf"\b(?i:i|we)\s+(?:(?i:also|still|jointly)\s+)?(?i:own|owned|inherited)\s+(?P<it>(?:The\s+)?{CAP}(?:\s{CAP})?)"
    r"(?=\s+(?:and|which|on|in|with|at)\b|\s*[,.;\n]|$)"
)
_RUN = re.compile(
    rf"""\b(?i:own|run|rent|bought|sold|farm|let|renovated|inherited|built|extended)\s+(?P<it>(?:{CAP}\s+){{1,2}}
    (?:House|Cottage|Farm|Barn|Villa|Bungalow|Manor|Grange|Rectory|Vicarage|Forge|Lodge))\b""",
    re.VERBOSE,
)
_BROKEN = re.compile(
    rf"""\b(?i:broken\s+into|burgled|burglary|break-in|intruders?|robbed|raided|lodge[rd]|delivered|delivery|woken
    |left\s+outside|flooded|stolen\s+from)\s+(?:(?i:here|again|twice)\s+)?(?i:at|from|to)\s+
    (?P<it>(?:The\s+)?(?:{HOUSE}|Old\s+{CAP})|{SURE_STREET})""",
    re.VERBOSE,
)
_COMMA_STREET = re.compile(rf",\s+(?=[A-Z])(?!World\b|High\b){STREET}", re.VERBOSE)
_HOUSE_BEFORE = re.compile(
    rf"(?:^|(?P<led>\n|(?i:\b(?:at|is|in|from|near|of)\s)|[.!?,:;-]\s)|(?<=\s))(?P<it>(?:The\s+)?{CAP}(?:\s{CAP}){{0,3}})$"
)
_HOUSE_CODE = re.compile(
    rf"(?:^|[\n.,;:-]\s?|(?i:at|from|is)\s)(?P<it>(?:The\s+)?{CAP}(?:\s{CAP})?)(?=,\s(?:{CAP}(?:\s{CAP})?,?\s)?\[POSTCODE\])"
)
_SIGNED = re.compile(rf"\[NAME\],\s+(?P<it>{HOUSE}|{SURE_STREET})(?=\s*(?:$|[.\n,]))", re.VERBOSE)
_HOUSE_ONLY = re.compile(rf"{HOUSE}$", re.VERBOSE)
FORMS = (
    _LIVE + f"(?:{'|'.join(f'(?:{rule.pattern})' for rule in (*_WHERE, _AT_NAMED))})",
    *(rule.pattern for rule in (_COMMA_STREET, _OURS, _OWN, _RUN, _BROKEN)),
    rf",\s+(?:{HOUSE}|{SURE_STREET})",
)
"""The forms of all that `find` finds in a text that has no marks or marks of names only."""
_LIVE_WORDS = frozenset(
    [
        "live",
        "lives",
        "lived",
        "living",
        "reside",
        "resides",
        "resided",
        "residing",
        "moved",
        "resident",
        "residents",
        "home",
        "house",
        "flat",
        "address",
        "bungalow",
        "staying",
        "property",
        "lodging",
        "window",
        "windows",
        "garden",
        "door",
        "bedroom",
        "room",
        "driveway",
        "neighbour",
        "neighbours",
        "grew",
        "brought",
        "raised",
        "bred",
        "here",
        "yours",
        "written",
        "we",
        "i",
        "rent",
        "renting",
    ]
)
_RUN_WORDS = frozenset(
    [
        "own",
        "run",
        "rent",
        "bought",
        "sold",
        "farm",
        "let",
        "renovated",
        "inherited",
        "built",
        "extended",
    ]
)
_BROKEN_WORDS = frozenset(
    [
        "broken",
        "burgled",
        "burglary",
        "break",
        "intruder",
        "intruders",
        "robbed",
        "raided",
        "lodger",
        "lodged",
        "delivered",
        "delivery",
        "woken",
        "left",
        "flooded",
        "stolen",
    ]
)


def find(text: str, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    """What may be a home's address without a number; `words` are the text's in small letters."""
    yield from (match.span("it") for match in _matches(text, words))
    if "," in text and not words.isdisjoint(TYPES):
        for match in _COMMA_STREET.finditer(text):
            start = _house_before(text, match.start())
            if start is not None:
                yield start, match.end()


def _house_before(text: str, end: int) -> int | None:
    """Where the name of a house begins that ends at `end`, a comma and its street after it."""
    back = max(0, end - 48)
    found = _HOUSE_BEFORE.search(text, back, end)
    while found is not None:
        led = found["led"] is not None or found.start("it") == 0
        if _HOUSE_ONLY.fullmatch(found["it"]) or (led and _is_house(found["it"])):
            return found.start("it")
        found = _HOUSE_BEFORE.search(text, found.start("it") + 1, end)
    return None


def _matches(text: str, words: frozenset[str]) -> Iterator[re.Match[str]]:
    """Matches of what may be an address, its words in the group `it`."""
    yield from _living(text, words)
    if not words.isdisjoint(("own", "owned", "inherited")):
        yield from (m for m in _OWN.finditer(text) if _is_house(m["it"]))
    if "[POSTCODE]" in text:
        yield from (m for m in _HOUSE_CODE.finditer(text) if _is_house(m["it"]))
    if words.isdisjoint(TYPES):
        return
    if "[NAME]," in text:
        yield from _SIGNED.finditer(text)
    if not words.isdisjoint(("our", "my")):
        yield from _OURS.finditer(text)
    if not words.isdisjoint(_RUN_WORDS):
        yield from _RUN.finditer(text)
    if not words.isdisjoint(_BROKEN_WORDS):
        yield from _BROKEN.finditer(text)


def _living(text: str, words: frozenset[str]) -> Iterator[re.Match[str]]:
    """What may be an address after “I live”, “my house”."""
    for word in sorted(words & _LIVE_WORDS):
        for place in _word(word).finditer(text):
            living = _LIVING.match(text, place.start())
            if living is None:
                continue
            for rule in _WHERE:
                match = rule.match(text, living.end())
                if match is not None:
                    yield match
            match = _AT_NAMED.match(text, living.end()) if word not in ("i", "we") else None
            if match is not None and _is_house(match["it"]):
                yield match


@cache
def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"\b{word}\b", re.IGNORECASE)


def _is_house(name: str) -> bool:
    """Whether words with capitals can be the name of a house: no settlement, no person."""
    words = [look(word)[1] for word in name.split() if word.lower() != "the"]
    if not words or any(flags & NEVER for flags in words) or all(f & PLACE for f in words):
        return False
    if len(words) == 1 and words[0] & PLACE:
        return False
    return not words[0] & ANY_FIRST and (bool(words[0] & WORD) or not words[0] & ANY_LAST)
