"""Names of people, told by lists and by what stands beside them.

A text is taken word by word. A first name begins a name, a title or “my neighbour” before a word
makes one of it, and a name takes in the surnames after it. Capitals count for nothing where
everything has them.
"""

import re
from collections.abc import Sequence
from functools import cache

from analysis.redaction import lexicon as lex
from analysis.redaction.lists import cues, phrases
from analysis.redaction.words import Words

_AGE = re.compile(r"[\s,(]+(?:aged?\s)?\d{1,2}\b")
_LAW = re.compile(r"['’]?s?\s+laws?\b", re.IGNORECASE)
_TOWN = re.compile(
    r"(?:ton|ham|ford|worth|bury|by|ley|field|wick|cester|bourne|thorpe|stead|combe|well|don)$"
)
_ROYAL = frozenset(["victoria", "albert", "george", "edward", "alexandra", "elizabeth"])
_ROMAN = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii"])
_VERBS = frozenset(["was", "is", "has", "who", "and", "had"])
_LOWER_TITLES = frozenset(["mr", "mrs", "ms", "cllr", "sgt", "pcso", "pc"])
_RANKS = frozenset(
    ["pc", "dc", "ds", "di", "ps", "sergeant", "inspector", "constable", "councillor", "officer"]
)


def find(text: str, covered: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Start and end of each name in a text, outside the spans covered already."""
    words = Words(text, covered)
    seen = lex.CAPITAL | lex.SMALL | lex.TITLE | lex.SOFT | lex.KIN | lex.CALLED | lex.CLOSING
    for i, here in enumerate(words.flags):
        if here & lex.STARTS and here & seen and not words.taken[i]:
            _look(words, i, here)
    if True not in words.taken:
        return []
    _beside(words)
    _again(words)
    return words.spans()


@cache
def _cue(purpose: str) -> frozenset[str]:
    return cues()[purpose]


def _look(words: Words, i: int, here: int) -> None:
    """Take the name that word `i` is, begins or announces."""
    if here & (lex.TITLE | lex.SOFT) and _titled(words, i):
        return
    if here & (lex.KIN | lex.CALLED) and _announced(words, i, here):
        return
    if here & lex.CLOSING and _signature(words, i):
        return
    if here & lex.INITIAL and _initial(words, i):
        return
    if here & lex.ANY_FIRST and not here & lex.NEVER and _first(words, i, here):
        return
    if here & lex.FAMILY:
        words.taken[i] = words.cased(i) and words.before(i) == "the"
    elif here & (lex.LAST | lex.RARE) and here & lex.CAPITAL:
        _last(words, i, here)


def _first(words: Words, i: int, here: int) -> bool:
    """Take a first name with its surnames, if it is one here."""
    end = _extend(words, i)
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
        people = words.after(i) in _cue("of_people")
        good = surnamed or people or (not words.opens(i) and bool(here & lex.LAST))
        good = good and not here & (lex.PLACE | lex.ANY_WORD)
    if good and not _of_place(words, i, end):
        words.take(i - 1 if not surnamed and _family_first(words, i) else i, end)
        return True
    return False


def _family_first(words: Words, i: int) -> bool:
    """Whether a surname stands before a first name: “Nguyen Lan”."""
    if not i or words.gap(i - 1) != " " or not words.cased(i - 1) or words.taken[i - 1]:
        return False
    other = lex.ANY_WORD | lex.PLACE | lex.NEVER | lex.UPPER | lex.TITLE | lex.SOFT | lex.KIN
    return bool(words.flags[i - 1] & lex.ANY_LAST) and not words.flags[i - 1] & other


def _strong(words: Words, i: int, here: int, surnamed: bool) -> bool:
    if surnamed:
        return bool(here & lex.SMALL or words.cased(i))
    if here & lex.PLACE and words.before(i) in _cue("near"):
        return False
    if here & lex.UPPER and not words.shouted(i) and not _shout_of_name(words, i):
        return False
    return bool(here & lex.SMALL) or (words.cased(i) and not here & lex.UPPER)


def _shout_of_name(words: Words, i: int) -> bool:
    """Whether a word in capitals among others is a name: TED and LIBOR are none."""
    if words.after(i) in _VERBS or words.after(i) in _cue("of_people"):
        return True
    small = bool(words.flags[i] & lex.SMALL)
    return small and (len(words.low[i]) > 3 or words.before(i) in _cue("to_people"))


def _both(words: Words, i: int, here: int, surnamed: bool) -> bool:
    """Whether “Dawn” is somebody."""
    before, after = words.before(i), words.after(i)
    if surnamed:
        place = here & words.flags[i + 1] & lex.PLACE
        return not place or bool(words.flags[i + 1] & lex.LAST)
    if here & lex.UPPER and not here & lex.SMALL:
        return after in _cue("of_people")
    if here & lex.PLACE:
        return before not in _cue("near") and after in _cue("of_people")
    if words.opens(i):
        of_any = after in _cue("of_any") or after in _cue("of_people")
        return of_any or bool(_AGE.match(words.text, words.end[i]))
    if before in _cue("determiner") or before in _cue("near") or after == "of":
        return False
    if words.next_is(i, lex.CAPITAL) and words.flags[i + 1] & lex.WORD:
        return False  # “Angel Investor”, “Poppy Appeal”
    proper = words.flags[i - 1] & lex.CAPITAL and words.gap(i - 1) in (" ", "'s ", "’s ")
    titles = lex.ANY_NAME | lex.TITLE | lex.SOFT | lex.KIN | lex.UPPER
    opener = words.opens(i - 1) and words.low[i - 1] in _cue("opener")
    return not proper or opener or bool(words.flags[i - 1] & titles)


def _mostly(words: Words, i: int, surnamed: bool) -> bool:
    """Whether “Grace” is somebody, and no quality."""
    after = words.flags[i + 1] if i + 1 < len(words) else 0
    if surnamed and not after & lex.PLACE and after & (lex.ANY_LAST | lex.INITIAL):
        return (
            not after & lex.WORD or not words.opens(i) or words.low[i + 1] in _cue("surname_word")
        )
    if words.opens(i):
        return words.after(i) in _cue("of_speakers") and words.low[i] not in ("may", "march")
    return words.after(i) in _cue("of_people") and words.before(i) not in _cue("determiner")


def _surname(words: Words, i: int, lead: int) -> bool:
    """Whether word `i`, right after a name's word `lead`, belongs to the name."""
    flags = words.flags[i]
    if flags & lex.NEVER and not flags & lex.ANY_LAST:
        return False
    if words.cased(i):
        if flags & lex.UPPER and not words.flags[lead] & lex.UPPER and len(words.low[i]) < 4:
            return False  # “MP”, “VC”
        if flags & lex.WORD:
            odd = lex.ODD_LAST if words.flags[lead] & lex.STRONG else 0
            return bool(flags & (lex.ANY_NAME | odd)) and words.low[i] not in ("may", "will", "so")
        named = flags & lex.ANY_LAST or words.flags[lead] & lex.ANY_FIRST
        return bool(named) or not flags & lex.PLACE
    if words.cased(lead) and not flags & lex.CAPITAL:
        return bool(flags & lex.LAST) and not flags & (lex.ANY_WORD | lex.PLACE)
    if flags & lex.USUAL_LAST or (flags & (lex.ANY_LAST | lex.STRONG) and not flags & lex.ANY_WORD):
        return True
    # Everything has capitals: what no dictionary has is a surname.
    unknown = words.flags[lead] & flags & lex.CAPITAL and not flags & (lex.ANY_WORD | lex.PLACE)
    return bool(unknown) and len(words.low[i]) > 2


def _extend(words: Words, i: int) -> int:
    """The place after the last word of the name that begins at `i`."""
    last, j = i, i + 1
    while j < len(words) and j < i + 5 and words.low[j]:
        gap, flags = words.gap(j - 1), words.flags[j]
        dotted = words.flags[j - 1] & lex.INITIAL and gap in (". ", ".")
        if not dotted and gap not in (" ", "  "):
            break
        if (flags & lex.INITIAL and words.low[j] != "i" and not words.titled) or (
            flags & lex.UPPER and words.low[j] in _ROMAN
        ):
            last = j
        elif not (flags & lex.PARTICLE and _leads(words, j)):
            hard = flags & lex.PLACED and words.low[j] not in _cue("surname_place")
            if hard or not _surname(words, j, last):
                break
            last = j
        j += 1
    return last + 1


def _leads(words: Words, j: int) -> bool:
    """Whether a surname comes after a particle."""
    if words.next_is(j, lex.PARTICLE) and not words.next_is(j, lex.CAPITAL):
        j += 1
    return words.next_is(j, lex.CAPITAL) and (
        words.next_is(j, lex.ANY_LAST) or not words.next_is(j, lex.ANY_WORD)
    )


def _of_place(words: Words, i: int, end: int) -> bool:
    """Whether what looks like a name is a street, a school, a storm, a shop or a law."""
    before = words.low[i - 1] if i else ""
    capital = words.flags[i] & lex.CAPITAL
    if before in ("st", "saint") or (
        before in _cue("before_place") and words.flags[i - 1] & lex.CAPITAL and not words.opens(i)
    ):
        return True
    if (before, words.low[i]) in phrases() or (
        i + 1 < len(words) and (words.low[i], words.low[i + 1]) in phrases()
    ):
        return True
    if _LAW.match(words.text, words.end[end - 1]):
        return True
    if end < len(words) and words.flags[end] & lex.PLACED:
        joined = words.gap(end - 1) in (" ", "'s ", "’s ")
        if joined and capital and words.flags[end] & lex.CAPITAL:
            return True
        if joined and not capital and words.low[end] not in _cue("surname_place"):
            return True
    if end > i + 1 and words.low[end - 1] in _cue("surname_place"):
        name = words.flags[i] & (lex.STRONG | lex.INITIAL) and words.low[i] not in _ROYAL
        back = words.before(i)
        return not name or back in _cue("near") or back in ("the", "on", "behind", "off")
    return False


def _titled(words: Words, i: int) -> bool:
    """Take the name after a title, and after a second title."""
    j, hard = i + 1, bool(words.flags[i] & lex.TITLE)
    while j < len(words) and words.flags[j] & (lex.TITLE | lex.SOFT):
        if words.gap(j - 1) not in (" ", ". "):
            break
        hard = hard or bool(words.flags[j] & lex.TITLE)
        j += 1
    if j >= len(words) or not words.low[j]:
        return False
    gap, flags = words.gap(j - 1), words.flags[j]
    if gap not in (" ", "  ") and not (hard and gap in (". ", ".")):
        return False
    if (flags & lex.NEVER and not flags & lex.ANY_LAST) or words.low[j] in ("i", "to", "so"):
        return False
    end = _extend(words, j)
    if _named_title(words, j, hard) and not (_of_place(words, j, end) and not hard):
        words.take(j, end)
        return True
    return False


def _named_title(words: Words, j: int, hard: bool) -> bool:
    """Whether word `j` after a title is a name; `hard` where the title is nothing else."""
    flags, title = words.flags[j], words.flags[j - 1]
    known = bool(flags & lex.ANY_NAME)
    if flags & lex.INITIAL:
        return hard or words.next_is(j, lex.CAPITAL) or words.gap(j) in (". ", ".")
    if words.cased(j) or (flags & title & lex.CAPITAL and known):
        if flags & lex.UPPER and not known and not (hard and len(words.low[j]) > 3):
            return False
        if hard:
            return known or not flags & lex.WORD or bool(flags & lex.ODD_LAST)
        if title & lex.CAPITAL or flags & lex.ANY_FIRST:
            field = flags & lex.PLACED and words.low[j - 1] not in _RANKS
            return (known and not field) or not flags & lex.ANY_WORD
        return not flags & (lex.PLACE | lex.ANY_WORD)
    if hard:
        unknown = words.low[j - 1] in _LOWER_TITLES and not flags & (lex.ANY_WORD | lex.PLACE)
        usual = flags & lex.USUAL_LAST or (flags & lex.LAST and not flags & lex.NEVER)
        good = (usual and len(words.low[j]) > 2) or (known and not flags & lex.WORD)
        return bool(good) or (unknown and len(words.low[j]) > 3)
    if words.low[j - 1] in _RANKS and flags & lex.USUAL_LAST:
        return True
    return bool(flags & (lex.SMALL | lex.LAST)) and not flags & (lex.ANY_WORD | lex.PLACE)


def _announced(words: Words, i: int, here: int) -> bool:
    """Take the name after “my neighbour”, “called”, “name is”."""
    j = i + 1
    if here & lex.CALLED:
        while j < len(words) and j < i + 3 and words.low[j] in ("is", "was", "as", "are"):
            j += 1
    if j >= len(words) or not words.low[j]:
        return False
    gap, flags = words.gap(j - 1).strip(), words.flags[j]
    if gap not in ("", ",", "(", "“", '"', "'", ":", "‘") or (
        flags & lex.NEVER and not flags & lex.ANY_LAST
    ):
        return False
    if here & lex.KIN and not _possessed(words, i):
        return False
    if (
        here & lex.CALLED
        and not flags & lex.STRONG
        and _cue("person").isdisjoint(words.low[max(0, i - 4) : i + 1])
    ):
        return False
    nickname = here & lex.CALLED and words.cased(j) and not flags & (lex.PLACE | lex.PLACED)
    if not nickname and not _named_here(words, j, bool(gap)):
        return False
    end = _extend(words, j)
    if _of_place(words, j, end):
        return False
    words.take(j, end)
    return True


def _named_here(words: Words, j: int, apart: bool) -> bool:
    """Whether word `j` is a name where one is expected; `apart` if a comma is before it."""
    flags = words.flags[j]
    if flags & lex.INITIAL and words.low[j] in ("a", "i"):
        return False
    if words.cased(j):
        if apart or flags & lex.PLACE:
            return bool(flags & lex.ANY_FIRST)
        return bool(flags & lex.ANY_NAME) or not flags & lex.ANY_WORD
    if flags & lex.PLACED:
        return False
    if apart:
        return bool(flags & lex.SMALL)
    if flags & lex.WEAK:
        return words.after(j) in _VERBS
    known = flags & (lex.STRONG | lex.RARE | lex.LAST)
    return bool(flags & lex.FIRST or (known and not flags & lex.WORD))


def _possessed(words: Words, i: int) -> bool:
    """Whether “neighbour” is somebody's: “my next door neighbour”, “the neighbour”."""
    for k in range(i - 1, max(-1, i - 5), -1):
        if words.low[k] in ("my", "our", "his", "her", "their", "your", "the", "a", "mine"):
            return True
        if words.opens(k + 1):
            return False
    return words.opens(i)


def _signature(words: Words, i: int) -> bool:
    """Take the last words of a text after “Regards,”."""
    rest = range(i + 1, len(words))
    if not 1 <= len(rest) <= 6 or (words.low[i] == "love" and words.gap(i).strip(" ") == ""):
        return False
    names = [k for k in rest if words.low[k] not in _cue("no_signature")]
    if not 1 <= len(names) <= 4 or names[-1] - names[0] != len(names) - 1:
        return False
    for k in names:
        flags = words.flags[k]
        known = flags & (lex.ANY_NAME | lex.INITIAL | lex.PARTICLE)
        if not known and (not flags & lex.CAPITAL or flags & (lex.WORD | lex.NEVER | lex.UPPER)):
            return False
        if flags & lex.WORD and not flags & (lex.CAPITAL | lex.FIRST | lex.STRONG):
            return False
        if not flags & lex.CAPITAL and not flags & (lex.STRONG | lex.FIRST | lex.ANY_LAST):
            return False
    if any(words.flags[k] & lex.NEVER and not words.flags[k] & lex.ANY_LAST for k in names):
        return False
    words.take(names[0], names[-1] + 1)
    return True


def _initial(words: Words, i: int) -> bool:
    """Take “J. Smith”, “A K Patel”."""
    j = i
    while j < len(words) and words.flags[j] & lex.INITIAL and words.gap(j) in (" ", ". ", "."):
        j += 1
    if j == i or j >= len(words) or not words.cased(j):
        return False
    flags, dotted = words.flags[j], words.gap(j - 1) != " "
    if flags & lex.INITIAL:
        return False  # “N.H.S.”
    if (words.low[i] in ("i", "a") and not dotted) or flags & (lex.UPPER | lex.NEVER | lex.PLACED):
        return False
    unknown = dotted and not flags & (lex.ANY_WORD | lex.PLACE)
    if unknown or (flags & lex.ANY_LAST and (dotted or not flags & (lex.WORD | lex.PLACE))):
        words.take(i, _extend(words, j))
        return True
    return False


def _last(words: Words, i: int, here: int) -> None:
    """Take a surname by itself, with the word before if that is a name nobody listed."""
    if not words.cased(i) or here & (lex.NEVER | lex.UPPER):
        return
    if here & lex.LAST and not words.opens(i) and words.after(i) in _cue("of_speakers"):
        words.take(i, i + 1)
        return
    if here & lex.ANY_WORD:
        return
    capital = words.next_is(i, lex.CAPITAL)
    odd = words.next_is(i, lex.PLACED | lex.ANY_WORD) and not words.next_is(i, lex.ANY_LAST)
    if capital and odd:
        return
    end = _extend(words, i)
    if _unlisted(words, i - 1) and not _of_place(words, i - 1, end):
        words.take(i - 1, end)
        return
    if not here & lex.LAST or here & lex.PLACE or _TOWN.search(words.low[i]):
        return
    if words.before(i) in _cue("near") or (capital and end == i + 1) or _of_place(words, i, end):
        return
    after = words.after(i)
    if end > i + 1 or not words.opens(i) or after in _cue("of_any") or after in _cue("of_people"):
        words.take(i, end)


def _unlisted(words: Words, i: int) -> bool:
    """Whether the word `i`, a surname after it, can be a first name that is in no list."""
    if i < 0 or words.gap(i) != " " or not words.cased(i) or words.taken[i] or not words.low[i]:
        return False
    other = lex.WORD | lex.PLACE | lex.NEVER | lex.UPPER | lex.PLACED | lex.TITLE | lex.SOFT
    return not words.flags[i] & (other | lex.INITIAL) and words.before(i) not in _cue("near")


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
        if good and not _of_place(words, i, i + 1):
            words.take(i, _extend(words, i))


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
        flags = words.flags[i]
        if flags & (lex.ANY_WORD | lex.PARTICLE) and (not words.cased(i) or words.opens(i)):
            continue
        if not flags & lex.PLACE and not _of_place(words, i, i + 1):
            words.taken[i] = True
