"""What a word may be, as a set of flags, from the lists and from cues such as “neighbour”."""

from functools import lru_cache
from importlib import resources

from analysis.redaction.lists import fold, listed

STRONG, FIRST, WEAK, RARE = 1, 2, 4, 8
"""A first name: hardly anything else; a word as well; a word mostly; of few people here."""
LAST, RARE_LAST = 16, 32
"""A surname; one of few people."""
WORD, RARE_WORD, PLACE, NEVER = 64, 128, 256, 512
"""An everyday word; one in a larger dictionary; a place; never a name by itself."""
TITLE, SOFT, KIN, CALLED, PARTICLE, CLOSING, PLACED = 1024, 2048, 4096, 8192, 16384, 32768, 65536
"""Before a name: a title; one that is a word too; a relation; “called”. Within it: “de”. Before a
signature. After a name that is a place's: “Road”."""
SMALL = 131072
"""A name even in small letters."""
CAPITAL, UPPER, INITIAL = 1 << 18, 1 << 19, 1 << 20
"""How it is written: a capital first; all capitals; a single capital."""
SURNAMED = 1 << 21
"""A word that is a surname of so many that in small letters after a name it is one."""

ANY_FIRST = STRONG | FIRST | WEAK | RARE
ANY_LAST = LAST | RARE_LAST
ANY_WORD = WORD | RARE_WORD

TITLES = [
    "mr",
    "mrs",
    "ms",
    "mx",
    "dr",
    "prof",
    "cllr",
    "clr",
    "sgt",
    "pcso",
    "pcsos",
    "wpc",
    "supt",
    "insp",
    "dci",
    "dcs",
    "det",
    "ch",
    "dsupt",
    "cpt",
    "capt",
    "rev",
    "revd",
    "fr",
    "messrs",
    "mister",
    "missus",
    "cllrs",
    "drs",
    "hon",
]
SOFT_TITLES = [
    "miss",
    "pc",
    "pcs",
    "dc",
    "ds",
    "di",
    "ps",
    "officer",
    "officers",
    "sergeant",
    "inspector",
    "superintendent",
    "constable",
    "constables",
    "detective",
    "chief",
    "councillor",
    "councillors",
    "doctor",
    "professor",
    "nurse",
    "sister",
    "matron",
    "sir",
    "lady",
    "lord",
    "dame",
    "judge",
    "father",
    "reverend",
    "vicar",
    "canon",
    "imam",
    "rabbi",
    "pastor",
    "aunt",
    "auntie",
    "aunty",
    "uncle",
    "nan",
    "nanny",
    "nana",
    "gran",
    "grandma",
    "grandad",
    "grandpa",
    "captain",
    "major",
    "colonel",
    "commissioner",
    "acc",
    "dcc",
    "mp",
    "pcc",
    "sheriff",
    "cousin",
    "special",
    "headteacher",
    "head",
    "teacher",
    "landlord",
    "consultant",
    "surgeon",
    "physio",
    "midwife",
    "coroner",
    "ustad",
    "sheikh",
    "maulana",
    "granthi",
    "bhai",
    "bibi",
    "mullah",
    "brother",
    "magistrate",
    "dsi",
    "lieutenant",
    "corporal",
]
KINS = [
    "neighbour",
    "neighbours",
    "neighbor",
    "neighbors",
    "husband",
    "wife",
    "son",
    "sons",
    "daughter",
    "daughters",
    "mum",
    "mom",
    "mam",
    "mother",
    "dad",
    "father",
    "brother",
    "brothers",
    "sister",
    "sisters",
    "nan",
    "nana",
    "gran",
    "grandma",
    "granny",
    "grandad",
    "grandpa",
    "grandfather",
    "grandmother",
    "grandson",
    "granddaughter",
    "niece",
    "nephew",
    "cousin",
    "cousins",
    "aunt",
    "auntie",
    "aunty",
    "uncle",
    "partner",
    "boyfriend",
    "girlfriend",
    "ex",
    "fiance",
    "fiancee",
    "fiancé",
    "fiancée",
    "mate",
    "mates",
    "friend",
    "friends",
    "boss",
    "manager",
    "landlord",
    "landlady",
    "carer",
    "tenant",
    "lodger",
    "stepdad",
    "stepmum",
    "stepson",
    "stepdaughter",
    "stepfather",
    "stepmother",
    "colleague",
    "twin",
    "twins",
    "hubby",
    "missus",
    "kid",
    "lad",
    "bloke",
    "solicitor",
    "consultant",
    "surgeon",
    "officer",
    "pcso",
    "doctor",
    "dentist",
    "nurse",
    "midwife",
    "caseworker",
    "counsellor",
    "teacher",
    "headteacher",
    "postman",
    "vicar",
    "councillor",
    "gp",
    "handler",
    "contact",
    "rapist",
    "abuser",
    "stalker",
    "attacker",
    "victim",
    "suspect",
    "offender",
]
CALLS = ["called", "named", "nicknamed", "name", "names", "aka", "christened", "surnamed"]
PARTICLES = [
    "de",
    "da",
    "do",
    "dos",
    "das",
    "di",
    "del",
    "della",
    "du",
    "van",
    "von",
    "der",
    "den",
    "ter",
    "la",
    "le",
    "el",
    "al",
    "bin",
    "bint",
    "ibn",
    "ben",
    "abu",
    "ap",
    "ab",
    "o",
    "mc",
    "mac",
    "st",
    "umm",
    "ul",
    "ur",
    "ud",
    "uz",
    "ad",
]
CLOSINGS = [
    "regards",
    "thanks",
    "thank",
    "cheers",
    "sincerely",
    "faithfully",
    "truly",
    "wishes",
    "love",
    "yours",
    "signed",
    "ta",
    "respectfully",
    "xx",
    "gratefully",
]
PLACES = [
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "drive",
    "crescent",
    "court",
    "gardens",
    "terrace",
    "square",
    "row",
    "walk",
    "mews",
    "rise",
    "parade",
    "school",
    "schools",
    "academy",
    "college",
    "university",
    "hospital",
    "surgery",
    "chapel",
    "cathedral",
    "mosque",
    "temple",
    "gurdwara",
    "centre",
    "center",
    "library",
    "station",
    "arms",
    "inn",
    "pub",
    "hotel",
    "club",
    "stadium",
    "foundation",
    "charity",
    "institute",
    "memorial",
    "statue",
    "theatre",
    "museum",
    "gallery",
    "league",
    "ltd",
    "limited",
    "plc",
    "precinct",
    "castle",
    "abbey",
    "palace",
    "close",
    "lane",
    "way",
    "park",
    "hill",
    "green",
    "wood",
    "woods",
    "hall",
    "church",
    "house",
    "grove",
    "field",
    "fields",
    "court",
    "bridge",
    "gate",
    "tower",
    "market",
    "estate",
    "bank",
    "mount",
    "view",
    "cross",
    "ward",
    "building",
    "buildings",
    "farm",
    "cottage",
    "cottages",
    "primary",
    "infants",
    "infant",
    "junior",
    "secondary",
    "grammar",
    "high",
    "community",
    "medical",
    "health",
    "nursery",
    "day",
    "cup",
    "trophy",
    "solicitors",
    "insurance",
    "homes",
    "housing",
    "trust",
    "care",
    "award",
    "scheme",
    "roundabout",
    "island",
    "canal",
    "river",
    "lake",
    "forest",
    "common",
    "recreation",
    "leisure",
    "shopping",
    "industrial",
    "retail",
    "business",
    "barracks",
    "prison",
    "convent",
    "priory",
    "pharmacy",
    "motors",
    "garage",
    "stores",
    "supermarket",
    "bakery",
    "cafe",
    "takeaway",
    "restaurant",
]
SURNAME_PLACES = frozenset(
    [
        "lane",
        "park",
        "hill",
        "green",
        "wood",
        "woods",
        "hall",
        "church",
        "house",
        "grove",
        "field",
        "fields",
        "court",
        "bridge",
        "gate",
        "tower",
        "market",
        "bank",
        "mount",
        "cross",
        "ward",
        "farm",
        "close",
        "street",
        "castle",
        "abbey",
        "temple",
        "forest",
        "common",
        "day",
        "high",
        "island",
        "lake",
        "rivers",
        "banks",
    ]
)
"""Words for places that are surnames as well: “Alan Hill”, “near Albert Hill”."""
SURNAME_WORDS = frozenset(
    [
        "smith",
        "jones",
        "taylor",
        "brown",
        "williams",
        "wilson",
        "johnson",
        "davies",
        "robinson",
        "wright",
        "thompson",
        "evans",
        "walker",
        "white",
        "roberts",
        "green",
        "hall",
        "wood",
        "jackson",
        "clarke",
        "clark",
        "harris",
        "lewis",
        "hill",
        "cooper",
        "king",
        "baker",
        "martin",
        "turner",
        "cook",
        "bailey",
        "parker",
        "carter",
        "ward",
        "mason",
        "fisher",
        "hunter",
        "webb",
        "bell",
        "shaw",
        "palmer",
        "knight",
        "fox",
        "grant",
        "barker",
        "pearce",
        "potter",
        "butler",
        "porter",
        "foster",
        "fletcher",
        "archer",
        "miller",
        "mills",
        "harper",
        "gardner",
        "burns",
        "booth",
        "gibbs",
        "marsh",
        "reed",
        "rose",
        "woods",
        "black",
        "stone",
        "field",
        "lane",
        "bird",
        "berry",
        "barber",
        "cole",
        "kaur",
        "singh",
        "khan",
        "patel",
        "begum",
        "ahmed",
        "ali",
        "hussain",
    ]
)


@lru_cache(maxsize=1)
def _own() -> dict[str, frozenset[str]]:
    folder = resources.files("analysis").joinpath("words", "names")

    def read(name: str) -> list[list[str]]:
        text = folder.joinpath(name).read_text(encoding="utf-8")
        return [line.split() for line in text.splitlines() if line[:1] != "#"]

    both, mostly = read("own_words.txt")
    return {
        "strong": frozenset(w for line in read("own_strong.txt") for w in line),
        "both": frozenset(both),
        "mostly": frozenset(mostly),
        "never": frozenset(w for line in read("own_not.txt") for w in line),
    }


@lru_cache(maxsize=1)
def _cues() -> dict[str, int]:
    found: dict[str, int] = {}
    for flag, listing in ((TITLE, TITLES), (SOFT, SOFT_TITLES), (KIN, KINS), (CALLED, CALLS),
                          (PARTICLE, PARTICLES), (CLOSING, CLOSINGS), (PLACED, PLACES)):  # fmt: skip
        for word in listing:
            found[word] = found.get(word, 0) | flag
    return found


def _name_flags(word: str) -> int:
    """Which sort of first name and surname a folded word is."""
    own = _own()
    flags = 0
    usual = listed("first")
    everyday, rarer = word in listed("words"), word in listed("words_rare")
    if word in own["strong"]:
        return STRONG | SMALL | (LAST if word in listed("surnames") else 0)
    if word in own["never"]:
        flags |= NEVER
    elif word in own["mostly"]:
        flags |= WEAK
    elif word in own["both"]:
        flags |= FIRST
    elif word in usual and not everyday:
        place = word in listed("places")
        flags |= FIRST if rarer or place else STRONG
        if not rarer and not place and len(word) > 2:
            flags |= SMALL
    elif word in listed("first_rare"):
        flags |= RARE
    if word in listed("surnames"):
        flags |= LAST
    elif word in listed("surnames_rare"):
        flags |= RARE_LAST
    return flags


@lru_cache(maxsize=100_000)
def look(raw: str) -> tuple[str, int, int]:
    """The folded word without “'s”, its flags, and how many characters the “'s” has."""
    tail = 2 if len(raw) > 3 and raw[-2] in "'’" and raw[-1] in "sS" else 0
    stem = raw[: len(raw) - tail]
    word = fold(stem)
    flags = _name_flags(word) | _cues().get(word, 0)
    if "-" in word and not flags & (ANY_FIRST | ANY_LAST):
        first, last = word.split("-")[0], word.split("-")[-1]
        ends = [_name_flags(first), _name_flags(last)]
        if ends[0] & (STRONG | FIRST | LAST) and ends[1] & (STRONG | FIRST | LAST | RARE_LAST):
            flags |= STRONG if ends[0] & STRONG and not ends[1] & NEVER else LAST
        if last in ("law", "husband", "wife", "partner", "boyfriend", "girlfriend"):
            flags |= KIN
    elif not flags & ANY_LAST and word[:2] in ("mc", "o'") and len(word) > 4:
        flags |= LAST if word not in listed("words") else 0
    elif word[:3] == "mac" and word[3:] and stem[3:4].isupper() and len(word) > 5:
        flags |= LAST
    if word in listed("words"):
        flags |= WORD
    elif word in listed("words_rare"):
        flags |= RARE_WORD
    if word in listed("places"):
        flags |= PLACE
    if word in SURNAME_WORDS:
        flags |= SURNAMED
    if stem[0].isupper():
        flags |= CAPITAL
        if len(stem) == 1:
            flags |= INITIAL
        elif stem.isupper():
            flags |= UPPER
    return word, flags, tail
