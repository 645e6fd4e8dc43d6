"""Addresses of homes: number and street, flats, house names, the street somebody lives in."""

import re
from collections.abc import Iterator

from analysis.redaction.patterns import Span

_STRONG = [
    "street",
    "road",
    "rd",
    "lane",
    "ln",
    "avenue",
    "ave",
    "av",
    "drive",
    "dr",
    "close",
    "crescent",
    "cres",
    "cresc",
    "court",
    "ct",
    "place",
    "gardens",
    "gdns",
    "terrace",
    "terr",
    "square",
    "sq",
    "grove",
    "row",
    "walk",
    "mews",
    "rise",
    "parade",
    "croft",
    "wharf",
    "quay",
    "yard",
    "boulevard",
    "approach",
    "broadway",
    "paddock",
    "paddocks",
    "spinney",
    "copse",
    "cottages",
    "villas",
    "buildings",
    "mansions",
    "heights",
    "st",
    "way",
]
_WEAK = [
    "hill",
    "park",
    "view",
    "green",
    "mount",
    "end",
    "fields",
    "field",
    "meadow",
    "meadows",
    "bank",
    "gate",
    "path",
    "vale",
    "side",
    "common",
    "heath",
    "hollow",
    "orchard",
    "dell",
    "glebe",
    "leys",
    "leas",
    "ridge",
    "chase",
    "house",
    "tower",
    "lodge",
    "point",
    "circus",
    "drove",
    "gr",
    "cl",
]
_TYPE = rf"(?:{'|'.join(w.capitalize() for w in _STRONG + _WEAK)})"
_NAMED = r"[A-Z][\w’'.-]*"
_STREET = rf"(?:(?:{_NAMED}|of|the|on|y|yr|in)\s+){{0,3}}{_NAMED}\s+{_TYPE}\b\.?"
_WELSH = rf"(?:Heol|Ffordd|Stryd|Clos|Maes|Lôn|Lon|Rhodfa|Bryn|Cae|Tan|Pen|Parc|Rhes|Llys)(?:[- ](?:y|yr|{_NAMED})){{1,3}}"
_BARE = rf"(?:The\s+{_NAMED}|Broadway|Kingsway|Queensway|Westgate|Eastgate|Southgate|Northgate|Highgate|Parkway|Ringway|{_NAMED}(?:gate|way|fields|mead|croft|side|bank|lea|hurst|dene)\b)"
_NUMBER = (
    r"(?:[Nn]o\.?\s?|[Nn]umber\s|#)?\d{1,4}\s?(?:[A-Ha-h]\b)?(?:\s?[-–/&]\s?\d{1,4}[A-Ha-h]?)?,?"
)
_FLAT = r"(?:(?i:flat|apartment|apt|unit|room|bedsit|maisonette|plot)\.?\s*(?:[Nn]o\.?\s?)?(?:\d{1,4}[A-Za-z]?|[A-H]\b)(?:/\d+)?)"
_HOUSE = rf"(?:{_NAMED}\s+){{1,3}}(?:House|Cottage|Court|Lodge|Farm|Farmhouse|Barn|Villa|Bungalow|Manor|Grange|Mansions|Tower|Towers|Point|Heights|Rectory|Vicarage|Hall|Mill|Building|Buildings|View)"
_SMALL = (
    r"(?:(?!(?:a|an|the|in|on|of|our|my|your|their|his|her|this|that|these|those|to|for|per|every|each|is"
    r"|are|was|were|and|or|mph|way|lane|lanes|hour|hours|cars?|people|times?|years?|days?|weeks?|months?"
    r"|minutes?|miles?|metres?|yards?|mins?|hrs?|men|women|kids|lads|officers?|pcsos?|police|different"
    r"|separate|main|busy|other|new|more|local|down|from|at|along|off|up|by|near|off|with|road|street"
    r"|million|thousand|hundred|percent|pounds?|quid|st|nd|rd|th|am|pm|houses?|shops?|pubs?|cameras?"
    r"|drivers?|single|dual|single|residential|surrounding|adjacent|side|back|hundred|small|big|large"
    r"|[a-z]+(?:ed|ing))\b)[a-z'’]{2,}\s+){1,3}"
)
_SMALL_TYPE = r"(?:street|road|rd|lane|avenue|ave|drive|close|crescent|court|gardens|terrace|square|grove|mews|walk|row)"
_LIVE = (
    r"\b(?:[Ll]iv(?:e|es|ed|ing)|LIVE|[Rr]esid(?:e|es|ed|ing)|[Mm]oved|[Rr]esidents?|[Hh]ome|[Hh]ouse|[Ff]lat"
    r"|[Aa]ddress|[Bb]ungalow|[Ss]taying|[Pp]roperty|[Ll]odging)\s+(?:(?:here|there|is|are|was|back|just|right|alone|down|up|of)\s+){0,2}"
)
_IN = r"(?:in|on|at|of|to|into|off|opposite|near|beside|behind|next\s+to|round\s+the\s+corner\s+from|close\s+to|is|along|:)\s+(?:the\s+)?"

_RULES = (
    re.compile(rf"(?<![\w£$.,/])(?:{_FLAT}[\s,]+)?(?:{_HOUSE}[\s,]+)?{_NUMBER}\s+(?:{_STREET}|{_WELSH})"),
    re.compile(rf"(?<![\w£$.,/])(?:{_FLAT}[\s,]+)?{_NUMBER}\s+{_BARE}(?=\s*(?:[,.;)\n]|$))"),
    re.compile(rf"\b{_FLAT}[\s,]+(?:{_HOUSE}|{_STREET})\b(?:,\s*(?:{_NUMBER}\s+)?{_STREET})?"),
    re.compile(rf"\b{_HOUSE}\b,\s*{_STREET}"),
    re.compile(rf"(?<![\w£$.,/])(?:{_FLAT}[\s,]+)?(?i:{_NUMBER}\s+{_SMALL}{_SMALL_TYPE})\b(?!s)"),
    re.compile(r"(?<![\w£$.,/])(?:(?:FLAT|APARTMENT)\s\d+[A-Z]?,?\s)?\d{1,4}[A-Z]?,?\s(?:[A-Z'’]{3,}\s){1,3}(?:STREET|ROAD|RD|LANE|AVENUE|AVE|DRIVE|CLOSE|CRESCENT|COURT|GARDENS|TERRACE|GROVE|WAY)\b"),
    re.compile(rf"{_LIVE}{_IN}(?P<it>(?!High\s)(?:{_STREET}|{_WELSH}|{_HOUSE}))"),
    re.compile(rf"{_LIVE}(?:in|on|at|is)\s+(?P<it>{_NUMBER}(?:\s+{_NAMED}(?:\s+{_NAMED})?)?)(?=\s*(?:[,.;)\n]|and\b|in\b|with\b|for\b|who\b|$))"),
    re.compile(rf"(?i:{_LIVE}(?:in|on|at|off|near|just\s+off)\s+(?P<it>{_SMALL}{_SMALL_TYPE})\b)"),
    re.compile(rf"(?i:{_LIVE}(?:in|at)\s+)(?P<it>{_FLAT})"),
    re.compile(r"(?i:\b(?:at|neighbours?\s+at|from|outside)\s+(?P<it>(?:house\s)?(?:number|no\.?)\s\d{1,4}[a-h]?))\b"),
    re.compile(r"\b(?P<it>[Ff]lat\s\d{1,4}[A-Za-z]?)(?=\s*(?:[,.;)\n]|$|above|below|next|is|are|has|have|was|keeps?|play))"),
)  # fmt: skip
_ANY = re.compile(
    r"\d|\b(?:liv(?:e|es|ed|ing)|resid\w+|moved|address|home|house|flat|cottage|staying|property)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d\b")
_SINCE = re.compile(r"\b(?:in|since|during|from|until|of|by|for|[A-Z][a-z]+)\s$|[-/]$")
_GENERIC = re.compile(r"(?:the\s)?(?:high|main|my|our|same|this)\s(?:street|road)", re.IGNORECASE)


def find(text: str) -> Iterator[Span]:
    """Every address in a text; the town after it stays."""
    if not _ANY.search(text):
        return
    for rule in _RULES:
        for match in rule.finditer(text):
            start, end = match.span("it") if "it" in rule.groupindex else match.span()
            piece = text[start:end].rstrip(" ,.\n")
            if _YEAR.match(piece) and _SINCE.search(text[:start]):
                continue
            if piece and not _GENERIC.fullmatch(piece):
                yield start, start + len(piece), "ADDRESS"
