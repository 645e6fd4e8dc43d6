"""Whether a word that is a first name as well, “Dawn”, “Grace”, “Grant”, is somebody here."""

import re

from analysis.redaction import lexicon as lex
from analysis.redaction.lists import cue
from analysis.redaction.words import Words

_AGE = re.compile(
    r"\s*[,(]\s*(?:aged\s+|age\s+)?\d{1,2}\b(?!\s*(?:st|nd|rd|th|%|am|pm|[:./]\d|[a-z]{4,}s\b))"
    r"|\s*,?\s+aged\s"
)
_APART = re.compile(
    r"\s*,\s+(?:who|aged)\s|\s+not\s+(?:me|him|her|us)\b"
    r"|\s+from\s+(?:over|next|across|number|down|up|round|around|no\.?\s?\d)\b"
)
"""What comes after somebody: “, who”, “not me”, “from number nine”."""
_SEASONS = frozenset(
    ["summer", "spring", "winter", "season", "may", "march", "april", "june", "august", "will",
     "hope", "love", "king", "justice"]
)  # fmt: skip


def both(words: Words, i: int, here: int, surnamed: bool) -> bool:
    """Whether “Dawn” is somebody."""
    before, after = words.before(i), words.after(i)
    if surnamed:
        place = here & words.flags[i + 1] & lex.PLACE
        return not place or bool(words.flags[i + 1] & lex.LAST)
    if here & lex.UPPER and not here & lex.SMALL:
        return after in cue("of_people")
    if evident(words, i):
        return True
    if here & lex.PLACE:
        return before not in (*cue("near"), "from", "of", "to") and after in cue("of_people")
    if words.opens(i):
        if after in cue("of_any") or after in cue("of_people") or after in cue("of_humans"):
            return True
        return after in ("is", "was") and words.low[i + 2 : i + 3] != ["a"]
    if before in cue("determiner") or before in cue("near") or after == "of":
        return False
    if words.next_is(i, lex.CAPITAL) and words.flags[i + 1] & lex.WORD:
        return False  # “Angel Investor”, “Poppy Appeal”
    return not proper(words, i)


def mostly(words: Words, i: int, surnamed: bool) -> bool:
    """Whether “Grace” is somebody, and no quality."""
    after = words.flags[i + 1] if i + 1 < len(words) else 0
    if words.after(i) == "i":
        return False  # “May I”
    if surnamed and not after & lex.PLACE and after & (lex.ANY_LAST | lex.INITIAL):
        return not after & lex.WORD or not words.opens(i) or words.low[i + 1] in cue("surname_word")
    if evident(words, i):
        return True
    if words.opens(i):
        human = words.after(i) in cue("of_speakers") or words.after(i) in cue("of_humans")
        return human and words.low[i] not in _SEASONS
    return words.after(i) in cue("of_people") and words.before(i) not in cue("determiner")


def small(words: Words, i: int, end: int) -> bool:
    """Whether “rob saunders”, “april jones” in small letters are somebody."""
    last = words.flags[end - 1]
    if end == i + 1 or words.before(i) in cue("determiner") or last & lex.PLACE:
        return False
    if last & lex.LAST and not last & lex.ANY_WORD:
        return True
    return bool(words.flags[i] & lex.FIRST and last & lex.USUAL_LAST) and words.closes(end - 1)


def proper(words: Words, i: int) -> bool:
    """Whether the word before has a capital as well and is none of a name: “West Mercia”."""
    if not words.flags[i - 1] & lex.CAPITAL or words.gap(i - 1) not in (" ", "'s ", "’s "):
        return False
    titles = lex.ANY_NAME | lex.TITLE | lex.SOFT | lex.KIN
    opener = words.opens(i - 1) and words.low[i - 1] in cue("opener")
    return not opener and not words.flags[i - 1] & titles


def evident(words: Words, i: int) -> bool:
    """Whether words beside a name leave no doubt, whatever else the name may be."""
    if words.owns(i) in cue("owned"):
        return words.before(i) not in cue("determiner")
    before = words.before(i)
    near = before in cue("near") or before in cue("determiner") or before in ("of", "since", "by")
    if not near and (
        _APART.match(words.text, words.end[i]) or _AGE.match(words.text, words.end[i])
    ):
        return True
    if not near and (_is_somebody(words, i) or words.after(i) in ("who", "whose")):
        return True
    if words.next_is(i, lex.CAPITAL) or words.low[i] in _SEASONS:
        return False
    return _addressed(words, i, before)


def _addressed(words: Words, i: int, before: str) -> bool:
    """Whether “thanks”, “I told”, “spoke to” stands before word `i`."""
    if before in ("you", "to", "with") and i > 1:
        back = words.low[i - 2]
        return back in ("thank", "bless") if before == "you" else back in cue("talks")
    if before == "done":
        return words.low[i - 2 : i - 1] == ["well"]
    return before in cue("greets")


def _is_somebody(words: Words, i: int) -> bool:
    """Whether “, my carer”, “is my daughter”, “was mugged”, “is only six” comes after."""
    j = i + 1
    if j + 1 >= len(words):
        return False
    gap = words.gap(i)
    if gap == " " and words.low[j] in ("is", "was", "got", "has", "had"):
        j += 1
        while j < len(words) and words.low[j] in ("been", "just", "being", "also", "now", "still"):
            j += 1
        if j < len(words) and words.low[j] in cue("of_harm"):
            return True
    elif gap not in (", ", " ("):
        return False
    if j >= len(words) or words.low[j] not in ("my", "our", "his", "her", "their", "the"):
        return False
    return any(words.flags[k] & lex.KIN for k in range(j + 1, min(j + 4, len(words))))
