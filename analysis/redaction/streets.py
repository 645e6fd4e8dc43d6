"""How streets, numbers of houses, flats and names of houses are written, as parts of patterns."""

import re

TYPE = r"""(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave?|Drive|Dr|Close|Cl|Crescent|Cresc?|Court|Ct
    |Place|Pl|Gardens|Gdns|Terr(?:ace)?|Square|Sq|Grove|Gr|Row|Walk|Mews|Rise|Parade|Croft|Wharf|Quay
    |Yard|Boulevard|Approach|Broadway|Paddocks?|Spinney|Copse|Cottages|Villas|Buildings|Mansions|Heights
    |Way|Hill|Park|View|Green|Mount|End|Fields?|Meadows?|Bank|Gate|Path|Vale|Side|Common|Heath|Hollow
    |Orchard|Dell|Glebe|Leys|Leas|Ridge|Chase|House|Tower|Lodge|Point|Circus|Drove)"""
SURE = r"""(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Drive|Dr|Close|Crescent|Court|Place|Gardens|Gdns
    |Terrace|Square|Grove|Row|Walk|Mews|Rise|Parade|Croft|Wharf|Way|Cottages|Villas|Paddock|Orchard)"""
"""Of these a town's name ends in none, as “Acocks Green” and “Camp Hill” do."""
CAP = r"[A-Z][\w’'.-]*"
STREET = rf"(?:(?:{CAP}|of|the|on|y|yr|in)\s+){{0,3}}{CAP}\s+{TYPE}\b"
SURE_STREET = rf"(?:(?:{CAP}|of|the)\s+){{0,3}}{CAP}\s+{SURE}\b"
WELSH = rf"""(?:Heol|Ffordd|Stryd|Clos|Maes|Lôn|Lon|Rhodfa|Bryn|Cae|Tan|Pen|Parc|Rhes|Llys)
    (?:[\s-](?:y|yr|{CAP})){{1,3}}"""
ONE_WORD = rf"(?:The\s+{CAP}|{CAP}(?:way|gate|fields|mead|croft|side|bank|lea|hurst|dene)\b)"
NUMBER = r"""(?:[Nn]o\.?\s?|[Nn]umber\s|\#)?\d{1,4}\s?(?:[A-Ha-h]\b)?
    (?:\s?[-–/&]\s?\d{1,4}[A-Ha-h]?)?,?"""
FLAT = r"""(?:(?i:flat|apartment|apt|unit|room|bedsit|maisonette|plot)\.?\s*(?:[Nn]o\.?\s?)?
    (?:\d{1,4}[A-Za-z]?|[A-H]\b)(?:/\d+)?)"""
HOUSE = rf"""(?:{CAP}\s+){{1,3}}(?:House|Cottage|Court|Lodge|Farm|Farmhouse|Barn|Villa
    |Bungalow|Manor|Grange|Mansions|Towers?|Point|Heights|Rectory|Vicarage|Hall|Mill|Buildings?
    |Forge|Smithy|Stables|Granary|Oaks|Elms|Willows|Laurels|Cedars|Limes|Beeches|Bungalows)\b"""
SMALL_TYPE = r"""(?:street|road|rd|lane|avenue|ave|crescent|gardens|terrace|grove|mews|croft|parade
    |(?:drive|close|court|square|walk|row|rise|way|place)(?!\s(?:this|the|an?|up|to|it|them|us|me|my|our
    |people|through|down|away|out|many|their|trouble|all|in\strouble|alone)\b))"""
MEASURE = r"(?:Hour|Mile|Minute|Day|Year|Week|Month|Star|Way|New|Mph|More|Children)\b"
NO_STREET = r"""(?:an?|the|in|on|of|our|my|your|their|his|her|this|that|these|those|to|for|per
    |every|each|is|are|was|were|and|or|mph|way|lanes?|hours?|cars?|people|times?|years?|days?|weeks?|months?
    |minutes?|miles?|metres?|yards?|mins?|hrs?|men|women|kids|lads|officers?|pcsos?|police|different
    |separate|main|busy|quiet|other|new|more|local|down|from|at|along|off|up|by|near|with|road|street
    |million|thousand|hundred|percent|pounds?|quid|st|nd|rd|th|am|pm|houses?|shops?|pubs?|cameras?
    |drivers?|single|dual|residential|surrounding|adjacent|side|back|small|big|large|very|really|private
    |same|next|rural|country|cross|which|that|as|we|i|you|they|he|she|it|not|have|has|had|do|does|will|would|can|could|if|but|so|because|when|all|any|some|no|one|two|three|more|less|most|fewer|both|evictions?|children|families|schools?|homes|targets|staff|buses|lorries|what|where|how|there|here|then|than|be|been|go|get|me|us|them|ring|long|own|first|last|second|third|middle|right|left|wrong|high|hot|cold|toll|slip|trunk|ring|service|access|village|town|city|local|nearest|nearby|unlit|narrow|wide|lovely|nice|noisy|dangerous|entire|whole|every|each|another|such|little|tiny|same|cycle|bus|traffic|motor|hard|shoulder|outside|inside|fast|slow|supreme|crown|county|magistrates|market|town|disabled|no-through|dead|people|please|now|lots|many|much|bad|good|poor|[a-z]+(?:ed|ing))"""
SMALL = rf"(?:(?!{NO_STREET}\b)[a-z'’]{{2,}}\s+){{1,3}}{SMALL_TYPE}"
SMALL_HOUSE = rf"""(?:(?!{NO_STREET}\b|(?:care|council|nursing|childrens?|holiday|tied|dairy|fish
    |wind|solar
    |fruit|city|fire|youth|community|guild|sports|retirement|opposite|semi-detached|detached|sheltered)\b)
    [a-z'’]{{3,}}\s+){{1,2}}(?:cottage|farm|farmhouse|lodge|barn|rectory|vicarage|forge|mill|grange|manor
    |bungalow|tower|mansions|heights|villa|house)"""

TYPES = frozenset(
    [
        "street",
        "st",
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
        "cl",
        "crescent",
        "cres",
        "cresc",
        "court",
        "ct",
        "place",
        "pl",
        "gardens",
        "gdns",
        "terr",
        "terrace",
        "square",
        "sq",
        "grove",
        "gr",
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
        "way",
        "hill",
        "park",
        "view",
        "green",
        "mount",
        "end",
        "field",
        "fields",
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
        "towers",
        "lodge",
        "point",
        "circus",
        "drove",
        "cottage",
        "farm",
        "farmhouse",
        "barn",
        "villa",
        "bungalow",
        "bungalows",
        "manor",
        "grange",
        "rectory",
        "vicarage",
        "hall",
        "mill",
        "building",
        "forge",
        "smithy",
        "stables",
        "granary",
        "oaks",
        "elms",
        "willows",
        "laurels",
        "cedars",
        "limes",
        "beeches",
        "old",
        "heol",
        "ffordd",
        "stryd",
        "clos",
        "maes",
        "lôn",
        "lon",
        "rhodfa",
        "bryn",
        "cae",
        "tan",
        "pen",
        "parc",
        "rhes",
        "llys",
    ]
)
FLATS = frozenset(["flat", "apartment", "apt", "unit", "room", "bedsit", "maisonette", "plot"])


def rules(*patterns: str) -> tuple[re.Pattern[str], ...]:
    """Patterns in which blanks and lines are for the reader."""
    return tuple(re.compile(pattern, re.VERBOSE) for pattern in patterns)
