"""Names of people, told by lists and by what stands beside them.

A text is taken word by word. A first name begins a name, a title or “my neighbour” before a word
makes one of it, and a name takes in the surnames after it. Capitals count for nothing where
everything has them.
"""

import re
from collections.abc import Sequence

from analysis.redaction import cued, signed
from analysis.redaction import lexicon as lex
from analysis.redaction.beside import after_mark, again, beside
from analysis.redaction.extent import extend, of_place
from analysis.redaction.lists import cue
from analysis.redaction.somebody import both, mostly, proper, small
from analysis.redaction.words import Words

_TOWN = re.compile(
    r"(?:ton|ham|ford|worth|bury|by|ley|field|wick|cester|bourne|thorpe|stead|combe|well|don)$"
)
SEEN = (
    lex.CAPITAL | lex.SMALL | lex.TITLE | lex.SOFT | lex.KIN | lex.CALLED | lex.CLOSING
    | lex.FAMILY | lex.LETTER | lex.OWNER | lex.FIRST | lex.WEAK | lex.LAST
)  # fmt: skip
"""What a word must be for a name to be looked for at it."""
IN_GERMAN = lex.ANY_FIRST | lex.TITLE | lex.SOFT | lex.KIN | lex.CALLED | lex.CLOSING | lex.INITIAL
"""What a name can be found by in German, where all things have a capital."""
_NONE = frozenset[str]()
_VERBS = frozenset(["was", "is", "has", "who", "and", "had"])


def find(text: str, covered: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Start and end of each name in a text, outside the spans covered already."""
    words = Words(text, covered)
    starts = IN_GERMAN if words.german else lex.STARTS
    passed = cue("german_word") if words.german else _NONE
    for i, here in enumerate(words.flags):
        if here & starts and here & SEEN and not words.taken[i] and words.low[i] not in passed:
            _look(words, i, here)
    if not words.german:
        signed.at_end(words)
    if covered:
        after_mark(words)
    if covered or True in words.taken:
        beside(words)
        again(words)
    bare = [(a, b) for a, b in signed.bare(text) if not any(a < d and c < b for c, d in covered)]
    spans = words.spans()
    return spans + [(a, b) for a, b in bare if not any(a < d and c < b for c, d in spans)]


def _look(words: Words, i: int, here: int) -> None:
    """Take the name that word `i` is, begins or announces."""
    if here & (lex.TITLE | lex.SOFT) and cued.titled(words, i):
        return
    if here & (lex.KIN | lex.CALLED) and cued.announced(words, i, here):
        return
    if here & lex.CLOSING and signed.signature(words, i):
        return
    if here & (lex.INITIAL | lex.LETTER) and signed.initial(words, i):
        return
    if here & lex.ANY_FIRST and not here & lex.NEVER and _first(words, i, here):
        return
    if here & lex.OWNER:
        words.taken[i] = _owner(words, i)
        return
    if here & lex.LAST and words.owns(i - 1) == "" and _clan(words, i, here):
        words.taken[i] = True
    elif here & lex.FAMILY:
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
        good = small(words, i, end)
    elif here & lex.FIRST:
        good = both(words, i, here, surnamed)
    elif here & lex.WEAK:
        good = mostly(words, i, surnamed)
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
    return not proper(words, i) and before not in cue("near") and before not in cue("determiner")


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


def _owner(words: Words, i: int) -> bool:
    """Whether “Archies” is somebody's: a thing comes after it."""
    if i + 1 >= len(words) or words.text[words.end[i] + 1 : words.start[i + 1]] != " ":
        return False
    thing = words.flags[i + 1] & lex.ANY_WORD and words.low[i + 1] not in cue("after_name")
    return words.low[i + 1] in cue("owned") or bool(thing and not words.flags[i] & lex.RARE_WORD)


def _clan(words: Words, i: int, here: int) -> bool:
    """Whether a surname has brothers or a household: “the Lamb brothers”, “the pearson family”."""
    clan = words.after(i)
    if words.low[i] in cue("no_clan"):
        return False
    if clan not in cue("clan") or words.gap(i) != " " or here & lex.NEVER:
        return False
    if words.cased(i):
        led = words.before(i) in cue("determiner") or words.low[max(0, i - 1)] in (
            "whole",
            "entire",
        )
        return led or (clan in ("brothers", "twins", "sisters") and not here & lex.PLACE)
    if here & lex.WORD and clan not in ("brothers", "twins", "sisters"):
        return False
    barred = words.low[i] in cue("no_surname") or here & lex.WEAK
    return words.before(i) in cue("determiner") and not barred


def _last(words: Words, i: int, here: int) -> None:
    """Take a surname by itself, with the word before if that is a name nobody listed."""
    if not words.cased(i) or here & (lex.NEVER | lex.UPPER):
        return
    speaks = words.gap(i) == " " and words.after(i) in cue("of_speakers")
    place = here & lex.PLACE and words.before(i) in ("from", "of", "to")
    place = place or words.opens(i) or proper(words, i) or of_place(words, i, i + 1)
    if here & lex.LAST and speaks and not place:
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
    back, nxt = words.before(i), words.flags[i + 1] if i + 1 < len(words) else 0
    pair = nxt & (lex.UNKNOWN | lex.ANY_LAST) and not nxt & (lex.ANY_WORD | lex.PLACE)
    alone = words.after(i) in cue("of_speakers") or back in cue("greeting")
    if not (pair or alone) or not words.cased(i):
        return
    if back in cue("near") or back in ("from", "of", "to"):
        return
    end = extend(words, i)
    pair = pair and end > i + 1
    after = words.after(end - 1)
    if words.opens(i):
        pair = pair and (after in cue("of_any") or after in cue("of_people"))
    if (pair or alone) and not of_place(words, i, end):
        words.take(i, end)


def _unlisted(words: Words, i: int) -> bool:
    """Whether the word `i`, a surname after it, can be a first name that is in no list."""
    if i < 0 or words.gap(i) != " " or not words.cased(i) or words.taken[i] or not words.low[i]:
        return False
    other = lex.WORD | lex.PLACE | lex.NEVER | lex.UPPER | lex.PLACED | lex.TITLE | lex.SOFT
    return not words.flags[i] & (other | lex.INITIAL) and words.before(i) not in cue("near")
