"""Addresses of homes: number and street, flats, house names, the street somebody lives in.

A street alone is no address; it is one after “I live in”. The town after it stays.
"""

import re
from collections.abc import Iterator

from analysis.redaction.patterns import Span, near_digits

_TYPE = r"""(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave?|Drive|Dr|Close|Cl|Crescent|Cresc?|Court|Ct
    |Place|Pl|Gardens|Gdns|Terr(?:ace)?|Square|Sq|Grove|Gr|Row|Walk|Mews|Rise|Parade|Croft|Wharf|Quay
    |Yard|Boulevard|Approach|Broadway|Paddocks?|Spinney|Copse|Cottages|Villas|Buildings|Mansions|Heights
    |Way|Hill|Park|View|Green|Mount|End|Fields?|Meadows?|Bank|Gate|Path|Vale|Side|Common|Heath|Hollow
    |Orchard|Dell|Glebe|Leys|Leas|Ridge|Chase|House|Tower|Lodge|Point|Circus|Drove)"""
_SURE = r"""(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Drive|Dr|Close|Crescent|Court|Place|Gardens|Gdns
    |Terrace|Square|Grove|Row|Walk|Mews|Rise|Parade|Croft|Wharf|Way|Cottages|Villas|Paddock|Orchard)"""
"""Of these a town's name ends in none, as “Acocks Green” and “Camp Hill” do."""
_CAP = r"[A-Z][\w’'.-]*"
_STREET = rf"(?:(?:{_CAP}|of|the|on|y|yr|in)\s+){{0,3}}{_CAP}\s+{_TYPE}\b"
_SURE_STREET = rf"(?:(?:{_CAP}|of|the)\s+){{0,3}}{_CAP}\s+{_SURE}\b"
_WELSH = rf"""(?:Heol|Ffordd|Stryd|Clos|Maes|Lôn|Lon|Rhodfa|Bryn|Cae|Tan|Pen|Parc|Rhes|Llys)
    (?:[\s-](?:y|yr|{_CAP})){{1,3}}"""
_ONE_WORD = rf"(?:The\s+{_CAP}|{_CAP}(?:way|gate|fields|mead|croft|side|bank|lea|hurst|dene)\b)"
_NUMBER = r"""(?:[Nn]o\.?\s?|[Nn]umber\s|\#)?\d{1,4}\s?(?:[A-Ha-h]\b)?
    (?:\s?[-–/&]\s?\d{1,4}[A-Ha-h]?)?,?"""
_FLAT = r"""(?:(?i:flat|apartment|apt|unit|room|bedsit|maisonette|plot)\.?\s*(?:[Nn]o\.?\s?)?
    (?:\d{1,4}[A-Za-z]?|[A-H]\b)(?:/\d+)?)"""
_HOUSE = rf"""(?:{_CAP}\s+){{1,3}}(?:House|Cottage|Court|Lodge|Farm|Farmhouse|Barn|Villa
    |Bungalow|Manor|Grange|Mansions|Towers?|Point|Heights|Rectory|Vicarage|Hall|Mill|Buildings?
    |Forge|Smithy|Stables|Granary|Oaks|Elms|Willows|Laurels|Cedars|Limes|Beeches|Bungalows)\b"""
_SMALL_TYPE = r"""(?:street|road|rd|lane|avenue|ave|drive|close|crescent|court|gardens|terrace
    |square|grove|mews|walk|row)"""
_MEASURE = r"(?:Hour|Mile|Minute|Day|Year|Week|Month|Star|Way|New|Mph|More|Children)\b"
_NO_STREET = r"""(?:an?|the|in|on|of|our|my|your|their|his|her|this|that|these|those|to|for|per
    |every|each|is|are|was|were|and|or|mph|way|lanes?|hours?|cars?|people|times?|years?|days?|weeks?|months?
    |minutes?|miles?|metres?|yards?|mins?|hrs?|men|women|kids|lads|officers?|pcsos?|police|different
    |separate|main|busy|quiet|other|new|more|local|down|from|at|along|off|up|by|near|with|road|street
    |million|thousand|hundred|percent|pounds?|quid|st|nd|rd|th|am|pm|houses?|shops?|pubs?|cameras?
    |drivers?|single|dual|residential|surrounding|adjacent|side|back|small|big|large|very|really|private
    |same|next|rural|country|cross|[a-z]+(?:ed|ing))"""
_SMALL = rf"(?:(?!{_NO_STREET}\b)[a-z'’]{{2,}}\s+){{1,3}}{_SMALL_TYPE}"
_LIVE = r"""\b(?:[Ll]iv(?:e|es|ed|ing)|LIVE|[Rr]esid(?:e|es|ed|ing)|[Mm]oved|[Rr]esidents?|[Hh]ome
    |[Hh]ouse|[Ff]lat|[Aa]ddress|[Bb]ungalow|[Ss]taying|[Pp]roperty|[Ll]odging)\s+
    (?:(?:here|there|is|are|was|back|just|right|alone|down|up)\s+){0,2}"""
_IN = r"""(?:in|on|at|of|to|into|off|opposite|near|beside|behind|next\s+to|close\s+to|is|along|:
    |round\s+the\s+corner\s+from)\s+(?:the\s+)?"""
_NO = r"(?<![\w£$.,/])"
_END = r"(?=\s*(?:[,.;)\n]|and\b|in\b|with\b|for\b|who\b|$))"


def _rules(*rules: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rule, re.VERBOSE) for rule in rules)


_WITH_DIGIT = _rules(
    rf"\b{_FLAT}[\s,]+(?:{_HOUSE}|{_STREET})(?:,\s*(?:{_NUMBER}\s+)?{_STREET})?",
    rf"{_NO}(?:{_FLAT}[\s,]+)?(?:{_HOUSE}[\s,]+)?{_NUMBER}\s+(?!{_MEASURE})(?:{_STREET}|{_WELSH})",
    rf"{_NO}(?:{_FLAT}[\s,]+)?{_NUMBER}\s+{_ONE_WORD}(?=\s*(?:[,.;)\n]|$))",
    rf"""{_NO}(?i:(?:{_FLAT}[\s,]+)?{_NUMBER}\s+
    (?:the\s+(?:avenue|close|crescent|green|grove|drive)|{_SMALL}))\b""",
    rf"""{_NO}(?:(?:FLAT|APARTMENT)\s\d+[A-Z]?,?\s)?\d{{1,4}}[A-Z]?,?\s(?:[A-Z'’]{{3,}}\s){{1,3}}
    (?:STREET|ROAD|RD|LANE|AVENUE|AVE|DRIVE|CLOSE|CRESCENT|COURT|GARDENS|TERRACE|GROVE|WAY)\b""",
    r"(?i:\b(?:at|from|outside)\s+(?P<it>(?:house\s)?(?:number|no\.?)\s\d{1,4}[a-h]?))\b",
    r"\b(?P<it>[Ff]lat\s\d{1,4}[A-Za-z]?)\b(?=\s*(?:[,.;)\n]|$|above|below|next|is|has|was|at|keeps?))",
)
_LIVING = re.compile(_LIVE, re.VERBOSE)
_WHERE = _rules(
    rf"{_IN}(?P<it>(?!High\s)(?:{_SURE_STREET}|{_WELSH}|{_HOUSE}))",
    rf"(?:on|at|off)\s+(?:the\s+)?(?P<it>{_STREET})",
    rf"(?:in|on|at|is)\s+(?P<it>{_NUMBER}(?:\s+{_CAP}(?:\s+{_CAP})?)?){_END}",
    rf"(?i:(?:in|on|at|off|near|just\s+off)\s+(?P<it>{_SMALL})\b)",
    rf"(?i:(?:in|at)\s+)(?P<it>{_FLAT})",
)
"""What may come after “I live”."""
_NAMED_HOUSE = re.compile(rf"\b{_HOUSE},\s*{_STREET}", re.VERBOSE)
_YEAR = re.compile(r"(?:19|20)\d\d\b")
_SINCE = re.compile(r"\b(?:in|since|during|from|until|of|by|for|[A-Z][a-z]+)\s$|[-/]$")
_GENERIC = re.compile(r"(?:the\s)?(?:high|main|my|our|same|this)\s(?:street|road)", re.IGNORECASE)


def find(text: str) -> Iterator[Span]:
    """Every address in a text; pieces may overlap, the likeliest reading comes first."""
    for match in _matches(text):
        start, end = match.span("it") if "it" in match.re.groupindex else match.span()
        piece = text[start:end].rstrip(" ,.\n")
        if _YEAR.match(piece) and _SINCE.search(text[max(0, start - 20) : start]):
            continue
        if piece and not _GENERIC.fullmatch(piece):
            yield start, start + len(piece), "ADDRESS"


def _matches(text: str) -> Iterator[re.Match[str]]:
    spans = near_digits(text)
    for rule in _WITH_DIGIT if spans else ():
        for start, end in spans:
            yield from rule.finditer(text, start, end)
    if "," in text:
        yield from _NAMED_HOUSE.finditer(text)
    for living in _LIVING.finditer(text):
        for rule in _WHERE:
            match = rule.match(text, living.end())
            if match is not None:
                yield match
