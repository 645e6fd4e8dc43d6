"""Names of people, told by lists and by what stands beside them.

A text is taken word by word. A first name begins a name, a title or “my neighbour” before a word
makes one of it, and a name takes in the surnames after it. Capitals count for nothing where
everything has them.
"""

import re
from collections.abc import Sequence

from analysis.redaction import cued
from analysis.redaction import lexicon as lex
from analysis.redaction.extent import extend, of_place
from analysis.redaction.lists import cue
from analysis.redaction.words import Words

_AGE = re.compile(r"\s*[,(]\s*\d{1,2}\b|\s*,?\s+aged\s")
_TOWN = re.compile(
    r"(?:ton|ham|ford|worth|bury|by|ley|field|wick|cester|bourne|thorpe|stead|combe|well|don)$"
)
_VERBS = frozenset(["was", "is", "has", "who", "and", "had"])


def find(text: str, covered: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Start and end of each name in a text, outside the spans covered already."""
    words = Words(text, covered)
    seen = lex.CAPITAL | lex.SMALL | lex.TITLE | lex.SOFT | lex.KIN | lex.CALLED | lex.CLOSING
    seen |= lex.FAMILY
    for i, here in enumerate(words.flags):
        if here & lex.STARTS and here & seen and not words.taken[i]:
            _look(words, i, here)
    if True not in words.taken:
        return []
    _beside(words)
    _again(words)
    return words.spans()


def _look(words: Words, i: int, here: int) -> None:
    """Take the name that word `i` is, begins or announces."""
    if here & (lex.TITLE | lex.SOFT) and cued.titled(words, i):
        return
    if here & (lex.KIN | lex.CALLED) and cued.announced(words, i, here):
        return
    if here & lex.CLOSING and cued.signature(words, i):
        return
    if here & lex.INITIAL and cued.initial(words, i):
        return
    if here & lex.ANY_FIRST and not here & lex.NEVER and _first(words, i, here):
        return
    if here & lex.FAMILY:
        words.taken[i] = words.before(i) == "the" and (words.cased(i) or not here & lex.ANY_WORD)
    elif here & lex.UNKNOWN:
        _unknown(words, i)
    elif here & (lex.LAST | lex.RARE) and here & lex.CAPITAL:
        _last(words, i, here)


def _first(words: Words, i: int, here: int) -> bool:
    """Take a first name with its surnames, if it is one here."""
    end = extend(words, i)
    surnamed = end > i + 1
    if here & lex.STRONG:
        good = _strong(words, i, here, surnamed)
    elif not words.cased(i):
        good = False
    elif here & lex.FIRST:
        good = _both(words, i, here, surnamed)
    elif here & lex.WEAK:
        good = _mostly(words, i, surnamed)
    else:
        good = surnamed or words.after(i) in cue("of_people") or _within(words, i)
        good = good and not here & (lex.PLACE | lex.ANY_WORD)
    if good and not of_place(words, i, end):
        words.take(i - 1 if not surnamed and _family_first(words, i) else i, end)
        return True
    return False


def _within(words: Words, i: int) -> bool:
    """Whether a word with a capital stands by itself inside a sentence, and not as a place does."""
    if words.opens(i) or words.next_is(i, lex.CAPITAL) or words.flags[i] & lex.UPPER:
        return False
    before = words.before(i)
    return not _proper(words, i) and before not in cue("near") and before not in cue("determiner")


def _proper(words: Words, i: int) -> bool:
    """Whether the word before has a capital as well and is none of a name: “West Mercia”."""
    if not words.flags[i - 1] & lex.CAPITAL or words.gap(i - 1) not in (" ", "'s ", "’s "):
        return False
    titles = lex.ANY_NAME | lex.TITLE | lex.SOFT | lex.KIN
    opener = words.opens(i - 1) and words.low[i - 1] in cue("opener")
    return not opener and not words.flags[i - 1] & titles


def _family_first(words: Words, i: int) -> bool:
    """Whether a surname stands before a first name: “Nguyen Lan”."""
    if not i or words.gap(i - 1) != " " or not words.cased(i - 1) or words.taken[i - 1]:
        return False
    other = lex.ANY_WORD | lex.PLACE | lex.NEVER | lex.UPPER | lex.TITLE | lex.SOFT | lex.KIN
    return bool(words.flags[i - 1] & lex.ANY_LAST) and not words.flags[i - 1] & other


def _strong(words: Words, i: int, here: int, surnamed: bool) -> bool:
    if surnamed:
        return bool(here & lex.SMALL or words.cased(i))
    if here & lex.PLACE and words.before(i) in cue("near"):
        return False
    if here & lex.CAPITAL and words.before(i) == "the":
        return False  # an inn
    if here & lex.UPPER and not words.shouted(i) and not _shout_of_name(words, i):
        return False
    return bool(here & lex.SMALL) or (words.cased(i) and not here & lex.UPPER)


def _shout_of_name(words: Words, i: int) -> bool:
    """Whether a word in capitals among others is a name: TED and LIBOR are none."""
    if words.after(i) in _VERBS or words.after(i) in cue("of_people"):
        return True
    small = bool(words.flags[i] & lex.SMALL)
    return small and (len(words.low[i]) > 3 or words.before(i) in cue("to_people"))


def _both(words: Words, i: int, here: int, surnamed: bool) -> bool:
    """Whether “Dawn” is somebody."""
    before, after = words.before(i), words.after(i)
    if surnamed:
        place = here & words.flags[i + 1] & lex.PLACE
        return not place or bool(words.flags[i + 1] & lex.LAST)
    if here & lex.UPPER and not here & lex.SMALL:
        return after in cue("of_people")
    if here & lex.PLACE:
        return before not in (*cue("near"), "from", "of", "to") and after in cue("of_people")
    if words.opens(i):
        of_any = after in cue("of_any") or after in cue("of_people")
        return of_any or bool(_AGE.match(words.text, words.end[i]))
    if before in cue("determiner") or before in cue("near") or after == "of":
        return False
    if words.next_is(i, lex.CAPITAL) and words.flags[i + 1] & lex.WORD:
        return False  # “Angel Investor”, “Poppy Appeal”
    return not _proper(words, i)


def _mostly(words: Words, i: int, surnamed: bool) -> bool:
    """Whether “Grace” is somebody, and no quality."""
    after = words.flags[i + 1] if i + 1 < len(words) else 0
    if words.after(i) == "i":
        return False  # “May I”
    if surnamed and not after & lex.PLACE and after & (lex.ANY_LAST | lex.INITIAL):
        return not after & lex.WORD or not words.opens(i) or words.low[i + 1] in cue("surname_word")
    if words.opens(i):
        return words.after(i) in cue("of_speakers") and words.low[i] not in ("may", "march")
    return words.after(i) in cue("of_people") and words.before(i) not in cue("determiner")


def _last(words: Words, i: int, here: int) -> None:
    """Take a surname by itself, with the word before if that is a name nobody listed."""
    if not words.cased(i) or here & (lex.NEVER | lex.UPPER):
        return
    speaks = words.gap(i) == " " and words.after(i) in cue("of_speakers")
    place = here & lex.PLACE and words.before(i) in ("from", "of", "to")
    place = place or words.opens(i) or _proper(words, i) or of_place(words, i, i + 1)
    if here & lex.LAST and speaks and not place:
        words.take(i, i + 1)
        return
    family = words.before(i) in cue("determiner") and words.after(i) in cue("clan")
    if family and here & lex.LAST and not here & lex.WEAK:
        words.take(i, i + 1)
        return
    if here & lex.ANY_WORD:
        return
    capital = words.next_is(i, lex.CAPITAL)
    odd = words.next_is(i, lex.PLACED | lex.ANY_WORD) and not words.next_is(i, lex.ANY_LAST)
    if capital and odd:
        return
    end = extend(words, i)
    if _unlisted(words, i - 1) and not of_place(words, i - 1, end):
        words.take(i - 1, end)
        return
    if not here & lex.LAST or here & lex.PLACE or _TOWN.search(words.low[i]):
        return
    if words.before(i) == "the":
        return  # an inn, a line of cars
    if words.before(i) in cue("near") or (capital and end == i + 1) or of_place(words, i, end):
        return
    after = words.after(i)
    if after == "of":
        return
    acts = after in cue("of_any") or after in cue("of_people") or after[-2:] == "ed"
    if end > i + 1 or not words.opens(i) or acts:
        words.take(i, end)


def _unknown(words: Words, i: int) -> None:
    """Take what no list and no dictionary has: two such words, or one that speaks."""
    back = words.before(i)
    if not words.cased(i) or back in cue("near") or back in ("from", "of", "to"):
        return
    end = extend(words, i)
    nxt = words.flags[i + 1] if end > i + 1 else 0
    pair = nxt & (lex.UNKNOWN | lex.ANY_LAST) and not nxt & (lex.ANY_WORD | lex.PLACE)
    after = words.after(end - 1)
    if words.opens(i):
        pair = pair and (after in cue("of_any") or after in cue("of_people"))
    alone = words.after(i) in cue("of_speakers") or back in cue("greeting")
    if (pair or alone) and not of_place(words, i, end):
        words.take(i, end)


def _unlisted(words: Words, i: int) -> bool:
    """Whether the word `i`, a surname after it, can be a first name that is in no list."""
    if i < 0 or words.gap(i) != " " or not words.cased(i) or words.taken[i] or not words.low[i]:
        return False
    other = lex.WORD | lex.PLACE | lex.NEVER | lex.UPPER | lex.PLACED | lex.TITLE | lex.SOFT
    return not words.flags[i] & (other | lex.INITIAL) and words.before(i) not in cue("near")


def _beside(words: Words) -> None:
    """Take “Mark” in “Mark and Sue”, and “Shirly” in “Sue, Shirly and Jo”."""
    for i, here in enumerate(words.flags):
        if words.taken[i] or not here & lex.CAPITAL or here & (lex.NEVER | lex.PLACED | lex.UPPER):
            continue
        if not words.cased(i) or not words.low[i] or here & lex.INITIAL:
            continue
        joined = _joined(words, i)
        if joined == "":
            continue
        unknown = not here & (lex.ANY_WORD | lex.PLACE | lex.TITLE | lex.SOFT)
        if joined == "and":
            good = bool(here & lex.ANY_FIRST) or unknown
        else:
            good = bool(here & (lex.FIRST | lex.RARE)) and unknown
        if good and not of_place(words, i, i + 1):
            words.take(i, extend(words, i))


def _joined(words: Words, i: int) -> str:
    """How a word is joined to a name: by “and”, by a comma, or not at all."""
    for k, step in ((i + 1, 1), (i - 1, -1)):
        if not 0 <= k < len(words):
            continue
        gap = words.gap(min(i, k)).strip()
        if words.taken[k] and gap in ("&", "/", "+"):
            return "and"
        if words.taken[k] and gap == ",":
            return ","
        far = k + step
        there = 0 <= far < len(words) and words.taken[far] and words.low[k] == "and"
        if there and gap == words.gap(min(k, far)).strip() == "":
            return "and"
    return ""


def _again(words: Words) -> None:
    """Take a name wherever else the text has it."""
    known = {low for low, taken in zip(words.low, words.taken, strict=True) if taken}
    for i, low in enumerate(words.low):
        if low not in known or words.taken[i] or len(low) < 3:
            continue
        flags, after = words.flags[i], words.after(i)
        acts = after in cue("of_any") or after in cue("of_people") or after in cue("of_duty")
        alone = not words.cased(i) or (words.opens(i) and not acts)
        if flags & (lex.ANY_WORD | lex.PARTICLE) and alone:
            continue
        if not flags & lex.PLACE and not of_place(words, i, i + 1):
            words.taken[i] = True
