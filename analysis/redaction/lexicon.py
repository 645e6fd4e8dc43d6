"""What a word may be, as a set of flags: a first name, a surname, a place, a title, a cue."""

from functools import lru_cache

from analysis.redaction.lists import cues, fold, listed, own

STRONG, FIRST, WEAK, RARE = 1, 2, 4, 8
"""A first name: hardly anything else; a word as well; a word mostly; of few people here."""
LAST, RARE_LAST, ODD_LAST, USUAL_LAST = 16, 32, 64, 128
"""A surname; of few people; a word that is one of few people; a word that is one of very many."""
WORD, RARE_WORD, PLACE, NEVER = 256, 512, 1024, 2048
"""An everyday word; one in a larger dictionary; a place; never a name by itself."""
TITLE, SOFT, KIN, CALLED, CLOSING = 4096, 8192, 16384, 32768, 65536
"""Before a name: a title; one that is a word too; a relation; “called”; the end of a letter."""
PARTICLE, PLACED, SMALL = 1 << 17, 1 << 18, 1 << 19
"""Within a name: “de”. After one that is a place's: “Road”. A name even in small letters."""
CAPITAL, UPPER, INITIAL = 1 << 20, 1 << 21, 1 << 22
"""How it is written: a capital first; all capitals; a single capital."""
FAMILY = 1 << 23
"""More than one of a surname: “the Hendersons”."""
COUNTED, UNKNOWN = 1 << 24, 1 << 25
"""A word whose capital shows that a text has capitals everywhere. A capital on what is nothing."""
MARKED, LETTER, OWNER = 1 << 26, 1 << 27, 1 << 28
"""A mark for a name; a single small letter; a first name with an s, “Archies dog”."""

GERMAN = 1 << 29
"""A little word of German."""

ANY_FIRST = STRONG | FIRST | WEAK | RARE
ANY_LAST = LAST | RARE_LAST
ANY_NAME = ANY_FIRST | ANY_LAST
ANY_WORD = WORD | RARE_WORD
STARTS = (
    LETTER
    | OWNER
    | ANY_FIRST
    | LAST
    | TITLE
    | SOFT
    | KIN
    | CALLED
    | CLOSING
    | INITIAL
    | FAMILY
    | UNKNOWN
)
"""What a name can be found by."""
_FLAGS = {"title": TITLE, "soft": SOFT, "kin": KIN, "called": CALLED, "closing": CLOSING,
          "german": GERMAN, "particle": PARTICLE, "placed": PLACED,
          "surname_word": USUAL_LAST}  # fmt: skip
_RELATIONS = ("law", "husband", "wife", "partner", "boyfriend", "girlfriend")


@lru_cache(maxsize=100_000)
def look(raw: str) -> tuple[str, int, int]:
    """The folded word without “'s”, its flags, and how many characters the “'s” has."""
    tail = 2 if len(raw) > 3 and raw[-2] in "'’" and raw[-1] in "sS" else 0
    stem = raw[: len(raw) - tail]
    word = fold(stem)
    flags = _name(word) | _sort(word)
    if not tail and word[-1] == "s" and _owner(word, flags):
        word, flags, tail = word[:-1], OWNER, 1
    elif not flags & (ANY_NAME | NEVER):
        flags |= _compound(word, stem)
    for purpose, flag in _FLAGS.items():
        if word in cues()[purpose]:
            flags |= flag
    if flags & WORD and len(stem) > 3 and not flags & ANY_FIRST:
        flags |= COUNTED
    if len(stem) == 1 and stem.islower() and word not in "aiou":
        flags |= LETTER
    if not flags and stem[0].isupper() and stem.isalpha() and not stem.isupper():
        flags = UNKNOWN
    if stem[0].isupper():
        flags |= CAPITAL
        if len(stem) == 1:
            flags |= INITIAL
        elif stem.isupper():
            flags |= UPPER
    return word, flags, tail


def _owner(word: str, flags: int) -> bool:
    """Whether a word is a first name with an s, and nothing that a list has."""
    if len(word) < 5 or flags & (ANY_NAME | WORD | PLACE | NEVER):
        return False
    first = _first(word[:-1])
    return bool(first & (SMALL if flags & RARE_WORD else SMALL | FIRST)) and not first & NEVER


def _sort(word: str) -> int:
    """Whether a folded word is in a dictionary or a gazetteer."""
    place = PLACE if word in listed("places") else 0
    if word in listed("words"):
        return WORD | place
    return RARE_WORD | place if word in listed("words_rare") else place


def _name(word: str) -> int:
    """Which sort of first name and surname a folded word is."""
    flags = _first(word)
    if word in listed("surnames"):
        return flags | LAST
    if word in listed("surnames_rare"):
        return flags | RARE_LAST
    return flags | ODD_LAST if word in listed("surnames_odd") else flags


def _first(word: str) -> int:
    if word in own("strong"):
        return STRONG | SMALL
    if word in own("not"):
        return NEVER
    if word in own("mostly"):
        return WEAK
    if word in own("both"):
        return FIRST
    if word in listed("first") and word not in listed("words"):
        if word in listed("words_rare") or word in listed("places"):
            return FIRST
        long = len(word) > 3 or word in cues()["short"]
        return STRONG | SMALL if long else STRONG
    return RARE if word in listed("first_rare") else 0


def _compound(word: str, stem: str) -> int:
    """Flags of what no list has whole: “Smith-Jones”, “McAllister”, “mother-in-law”."""
    if "-" in word:
        first, last = word.split("-")[0], word.split("-")[-1]
        if last in _RELATIONS:
            return KIN
        ends = _name(first), _name(last)
        if all(e & (STRONG | FIRST | ANY_LAST) and not e & NEVER for e in ends):
            return STRONG if ends[0] & STRONG else LAST
        return 0
    if word[-1] == "s" and not _sort(word) & WORD and word[:-1] in listed("surnames"):
        return FAMILY
    scottish = word[:2] in ("mc", "o'") and len(word) > 4
    scottish = scottish or (word[:3] == "mac" and len(word) > 5 and stem[3:4].isupper())
    return LAST if scottish and not _sort(word) & WORD else 0
