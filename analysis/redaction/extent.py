"""How far a name goes, and whether it is a street's, a school's or a law's."""

import re

from analysis.redaction import lexicon as lex
from analysis.redaction.lists import cue, phrases
from analysis.redaction.words import Words

_LAW = re.compile(r"['’]?s?\s+laws?\b", re.IGNORECASE)
ENDING = re.compile(
    r"(?:sk[iay]|wicz|cz[yi]k|escu|enko|[ae]uskas|aitis|idis|poulos|ov[a]?|ev[a]?|ović|uddin|ullah"
    r"|zadeh|singham|nathan|rajah|eira|inho|ovic|dottir|sson)$"
)
"""How surnames end that no list has."""
_ROYAL = frozenset(["victoria", "albert", "george", "edward", "alexandra", "elizabeth"])
_ROMAN = frozenset(["ii", "iii", "iv", "vi", "vii", "viii"])


def extend(words: Words, i: int) -> int:
    """The place after the last word of the name that begins at `i`."""
    last, j = i, i + 1
    while j < len(words) and j < i + 5 and words.low[j]:
        gap, flags = words.gap(j - 1), words.flags[j]
        dotted = words.flags[j - 1] & lex.INITIAL and gap in (". ", ".")
        if not dotted and gap not in (" ", "  "):
            break
        if (
            (flags & lex.LETTER and words.next_is(j, lex.LAST) and words.low[j] not in "sxn")
            or (flags & lex.INITIAL and words.low[j] != "i" and not words.titled)
            or (flags & lex.UPPER and words.low[j] in _ROMAN)
        ):
            last = j
        elif not (flags & lex.PARTICLE and _leads(words, j)):
            hard = flags & lex.PLACED and words.low[j] not in cue("surname_place")
            if hard or not _surname(words, j, last):
                break
            last = j
        j += 1
    return last + 1


def _surname(words: Words, i: int, lead: int) -> bool:
    """Whether word `i`, right after a name's word `lead`, belongs to the name."""
    flags = words.flags[i]
    if flags & lex.NEVER and (len(words.low[i]) < 3 or not flags & lex.ANY_LAST):
        return False
    if flags & lex.NEVER and flags & lex.PLACE and not words.flags[lead] & lex.STRONG:
        return False
    if words.cased(i):
        if flags & lex.UPPER and not words.flags[lead] & lex.UPPER and len(words.low[i]) < 4:
            return False  # “MP”, “VC”
        if flags & lex.WORD:
            if words.low[i] in ("may", "will"):
                return bool(words.flags[lead] & lex.STRONG) and words.closes(i)
            odd = lex.ODD_LAST if words.flags[lead] & lex.STRONG else 0
            if flags & (lex.ANY_NAME | odd):
                return words.low[i] != "so"
            return _noun(words, i, lead)
        named = flags & lex.ANY_LAST or words.flags[lead] & lex.ANY_FIRST
        return bool(named) or not flags & lex.PLACE
    if words.cased(lead) and not flags & lex.CAPITAL:
        plain = flags & lex.LAST and not flags & (lex.ANY_WORD | lex.PLACE)
        return bool(plain) or _small(words, i, lead)
    if flags & lex.USUAL_LAST or (flags & (lex.ANY_LAST | lex.STRONG) and not flags & lex.ANY_WORD):
        return True
    if _small(words, i, lead):
        return True
    # Everything has capitals: what no dictionary has is a surname.
    if flags & (lex.ANY_WORD | lex.PLACE) or len(words.low[i]) < 3:
        return False
    return bool(words.flags[lead] & flags & lex.CAPITAL or ENDING.search(words.low[i]))


def _noun(words: Words, i: int, lead: int) -> bool:
    """Whether a word with a capital, no surname in any list, is one after a sure first name."""
    other = lex.PLACE | lex.TITLE | lex.SOFT | lex.KIN | lex.CLOSING | lex.UPPER
    if words.flags[i] & other or not words.flags[lead] & lex.STRONG:
        return False
    barred = words.low[i] in cue("opener") or words.low[i] in cue("no_surname")
    return not barred and words.closes(i) and not words.next_is(i, lex.CAPITAL)


def _small(words: Words, i: int, lead: int) -> bool:
    """Whether a word that is a surname too, its capital no sign, is one after a first name."""
    if not words.flags[i] & lex.LAST or words.low[i] in cue("no_surname"):
        return False
    return bool(words.flags[lead] & (lex.STRONG | lex.LETTER | lex.INITIAL)) and words.closes(i)


def _leads(words: Words, j: int) -> bool:
    """Whether a surname comes after a particle."""
    if words.next_is(j, lex.PARTICLE) and not words.next_is(j, lex.CAPITAL):
        j += 1
    return words.next_is(j, lex.CAPITAL) and (
        words.next_is(j, lex.ANY_LAST) or not words.next_is(j, lex.ANY_WORD)
    )


def _firm(words: Words, i: int, before: str, after: str) -> bool:
    """Whether word `i` is one of the two of “Marks and Spencer”."""
    around = words.low[i - 2] if before == "and" and i > 1 else ""
    beyond = words.low[i + 2] if after == "and" and i + 2 < len(words) else ""
    firms = (f"{around}+and+{words.low[i]}", f"{words.low[i]}+and+{beyond}")
    return not phrases().isdisjoint(firms)


def of_place(words: Words, i: int, end: int) -> bool:
    """Whether what looks like a name is a street, a school, a storm, a shop or a law."""
    before = words.low[i - 1] if i else ""
    capital = words.flags[i] & lex.CAPITAL
    if before in ("st", "saint") or (
        before in cue("before_place") and words.flags[i - 1] & lex.CAPITAL and not words.opens(i)
    ):
        return True
    after = words.low[i + 1] if i + 1 < len(words) else ""
    pairs = (f"{before}+{words.low[i]}", f"{words.low[i]}+{after}")
    if not phrases().isdisjoint(pairs) or _firm(words, i, before, after):
        return True
    if _LAW.match(words.text, words.end[end - 1]):
        return True
    if end < len(words) and words.flags[end] & lex.PLACED:
        joined = words.gap(end - 1) in (" ", "'s ", "’s ")
        if joined and capital and words.flags[end] & lex.CAPITAL:
            return True
        if joined and not capital and words.low[end] not in cue("surname_place"):
            return True
    if end > i + 1 and words.low[end - 1] in cue("surname_place"):
        name = words.flags[i] & (lex.STRONG | lex.INITIAL) and words.low[i] not in _ROYAL
        back = words.before(i)
        return not name or back in cue("near") or back in ("the", "on", "behind", "off")
    return False
