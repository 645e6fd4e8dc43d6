"""Names that something before them announces: a title, “my neighbour”, “called”."""

from analysis.redaction import lexicon as lex
from analysis.redaction.extent import extend, of_place
from analysis.redaction.lists import cue
from analysis.redaction.words import Words

_VERBS = frozenset(["was", "is", "has", "who", "and", "had"])
_LOWER_TITLES = frozenset(["mr", "mrs", "ms", "cllr", "sgt", "pcso", "pc"])
_RANKS = frozenset(
    ["pc", "dc", "ds", "di", "ps", "sergeant", "inspector", "constable", "councillor", "officer"]
)


def titled(words: Words, i: int) -> bool:
    """Take the name after a title, and after a second title."""
    j, hard = i + 1, bool(words.flags[i] & lex.TITLE)
    while j < len(words) and words.flags[j] & (lex.TITLE | lex.SOFT):
        if words.gap(j - 1) not in (" ", ". "):
            break
        hard = hard or bool(words.flags[j] & lex.TITLE)
        j += 1
    ranked = j > i + 1 and words.flags[j - 1] & lex.LAST
    if ranked and not words.next_is(j - 1, lex.ANY_NAME):
        words.take(j - 1, j)  # “PC Sheikh”
        return True
    if j >= len(words) or not words.low[j]:
        return False
    gap, flags = words.gap(j - 1), words.flags[j]
    if gap not in (" ", "  ") and not (hard and gap in (". ", ".")):
        return False
    if (flags & lex.NEVER and not flags & lex.ANY_LAST) or words.low[j] in ("i", "to", "so"):
        return False
    end = extend(words, j)
    if _named_title(words, j, hard) and not (of_place(words, j, end) and not hard):
        words.take(j, end)
        return True
    return False


def _named_title(words: Words, j: int, hard: bool) -> bool:
    """Whether word `j` after a title is a name; `hard` where the title is nothing else."""
    flags, title = words.flags[j], words.flags[j - 1]
    known = bool(flags & lex.ANY_NAME)
    if flags & lex.INITIAL:
        return hard or words.next_is(j, lex.CAPITAL)
    if words.cased(j) or (flags & title & lex.CAPITAL and known):
        if flags & lex.UPPER and not known and not (hard and len(words.low[j]) > 3):
            return False
        if hard:
            return known or not flags & lex.WORD or bool(flags & lex.ODD_LAST)
        if title & lex.CAPITAL or flags & lex.ANY_FIRST:
            field = flags & lex.PLACED and words.low[j - 1] not in _RANKS
            return (known and not field) or not flags & lex.ANY_WORD
        return not flags & (lex.PLACE | lex.ANY_WORD)
    if words.low[j - 1] in ("mr", "mrs") and flags & lex.WORD and len(words.low[j]) > 2:
        return words.low[j] not in cue("no_surname") and words.low[j] not in cue("opener")
    if hard:
        unknown = words.low[j - 1] in _LOWER_TITLES and not flags & (lex.ANY_WORD | lex.PLACE)
        usual = flags & lex.USUAL_LAST or (flags & lex.LAST and not flags & lex.NEVER)
        good = (usual and len(words.low[j]) > 2) or (known and not flags & lex.WORD)
        return bool(good) or (unknown and len(words.low[j]) > 3)
    if words.low[j - 1] in _RANKS and flags & lex.USUAL_LAST:
        return True
    return bool(flags & (lex.SMALL | lex.LAST)) and not flags & (lex.ANY_WORD | lex.PLACE)


def announced(words: Words, i: int, here: int) -> bool:
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
        and cue("person").isdisjoint(words.low[max(0, i - 4) : i + 1])
    ):
        return False
    nickname = here & lex.CALLED and words.cased(j) and not flags & (lex.PLACE | lex.PLACED)
    if not nickname and not _named_here(words, j, gap in (",", "(")):
        return False
    end = extend(words, j)
    if of_place(words, j, end):
        return False
    words.take(j, end)
    return True


def _named_here(words: Words, j: int, apart: bool) -> bool:
    """Whether word `j` is a name where one is expected; `apart` if a comma is before it."""
    flags = words.flags[j]
    if flags & (lex.TITLE | lex.SOFT) or words.low[j] in ("a", "i"):
        return False
    if words.cased(j):
        if apart or flags & lex.PLACE:
            return bool(flags & lex.ANY_FIRST)
        return bool(flags & lex.ANY_NAME) or not flags & (lex.ANY_WORD | lex.UPPER)
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
