"""Names at the end of what somebody wrote, and initials."""

import re

from analysis.redaction import lexicon as lex
from analysis.redaction.extent import extend, of_place
from analysis.redaction.lists import cue
from analysis.redaction.words import Words

_ENDED = re.compile(r"[.!?\n]|\s[-–—]\s?|,\s*$")
_TOWN = re.compile(r"\s*(?:,|\n|\()\s*$|\s*\(?$")
_LAST = re.compile(r"[\s.!x)]*$")
_BARE = re.compile(
    r"(?<![\w.])(?P<it>[A-Z]\.\s?[A-Z]\.)(?=\s+(?:has\s(?:been|also|always|now|never)|had\s|who\s|and\s(?:his|her)\s"
    r"|was\s(?:seen|stealing|shouting|drunk|arrested|there|rude|very)|is\s(?:always|a\s(?:bully|thug|liar))"
    r"|(?:keeps|lives|lived|told|said|says|came|hit|shouted|threatened|attacked|assaulted|stole|punched|moved"
    r"|started|refuses|refused|knows|plays|comes|goes|drives|deals|does|never|still)\b))"
    r"|(?:by|with|told|asked|to|from|called|against|neighbour|neighbour,|named)\s+(?P<by>[A-Z]\.\s?[A-Z]\.)"
    r"(?=\s+(?:who|at|in|on|over|again|every|and|for|about)\b|\s*,|\s*$)"
)  # fmt: skip
_TWO = re.compile(r"[A-Z]\.\s?[A-Z]\.")
_NO_PERSON = frozenset(
    ["uk", "us", "eu", "un", "mp", "pm", "am", "nb", "ps", "pc", "gp", "it", "hr", "pe", "tv", "re",
     "rs", "ie", "eg", "la", "dc", "ai", "ot", "ct", "cv", "id", "dj", "dr", "tb", "pa", "vc", "hq",
     "ni", "ww", "bc", "ad", "ok", "rc", "ra", "dv", "pr", "ed", "ms", "ex"]
)  # fmt: skip


def bare(text: str) -> list[tuple[int, int]]:
    """“B.M.” where it does what people do."""
    if _TWO.search(text) is None:
        return []
    found: list[tuple[int, int]] = []
    for match in _BARE.finditer(text):
        group = "it" if match["it"] else "by"
        if "".join(c for c in match[group] if c.isalpha()).lower() not in _NO_PERSON:
            found.append(match.span(group))
    return found


def signature(words: Words, i: int) -> bool:
    """Take the last words of a text after “Regards,”."""
    rest = range(i + 1, len(words))
    if not 1 <= len(rest) <= 6 or (
        words.low[i] in ("love", "best") and words.gap(i).strip(" ") == ""
    ):
        return False
    names = [k for k in rest if words.low[k] not in cue("no_signature")]
    while len(names) > 1 and words.flags[names[-1]] & lex.PLACE and words.gap(names[-2]) == ", ":
        names.pop()
    if not 1 <= len(names) <= 4 or names[-1] - names[0] != len(names) - 1:
        return False
    for k in names:
        flags = words.flags[k]
        known = flags & (lex.ANY_NAME | lex.INITIAL | lex.PARTICLE | lex.LETTER)
        if not known and (not flags & lex.CAPITAL or flags & (lex.WORD | lex.NEVER | lex.UPPER)):
            return False
        if flags & lex.WORD and not flags & (lex.CAPITAL | lex.FIRST | lex.STRONG):
            return False
        usual = lex.STRONG | lex.FIRST | lex.ANY_LAST | lex.LETTER
        if not flags & lex.CAPITAL and not flags & usual:
            return False
    if any(words.flags[k] & lex.NEVER and not words.flags[k] & lex.ANY_LAST for k in names):
        return False
    words.take(names[0], names[-1] + 1)
    return True


def at_end(words: Words) -> None:
    """Take “Carol Coward” or “n. griffiths” as a text's last line or sentence, a town after it."""
    end = len(words)
    while end > 2 and words.flags[end - 1] & (lex.PLACE | lex.MARKED) and len(words) - end < 3:
        if words.text[words.end[end - 2] : words.start[end - 1]].strip(" []") in (
            "",
            ",",
            "\n",
            "(",
        ):
            end -= 1
            if words.gap(end - 1).strip() != "":
                break
        else:
            break
    for last in {end, len(words)}:
        for size in (3, 2):
            if _signs(words, last - size, last):
                words.take(last - size, last)
                return


def _signs(words: Words, i: int, end: int) -> bool:
    """Whether words `i` to `end` are a full name in a sentence of their own that closes a text."""
    if i < 0 or any(words.taken[i:end]) or not all(words.low[i:end]):
        return False
    if words.low[i] == "i" and words.gap(i) == " ":
        return False
    if len(words.low[end - 1]) < 3 or (i and len(words.low[i - 1]) == 1):
        return False
    initials = words.flags[i] & (lex.INITIAL | lex.LETTER)
    if i and not _ENDED.search(words.gap(i - 1)) and "," not in words.gap(i - 1):
        return False
    if i and "," in words.gap(i - 1) and not initials:
        return False
    if end == len(words) and not _LAST.match(words.text, words.end[end - 1]):
        return False
    if any(words.gap(k) not in (" ", ". ", ".") for k in range(i, end - 1)):
        return False
    if any(words.gap(k) != " " and len(words.low[k]) > 1 for k in range(i, end - 1)):
        return False
    middle = lex.INITIAL | lex.LETTER | lex.PARTICLE | lex.ANY_FIRST
    if end - i == 3 and not words.flags[i + 1] & middle:
        return False
    return _full(words, i, end - 1, bool(initials)) and not of_place(words, i, end)


def _full(words: Words, i: int, last: int, initials: bool) -> bool:
    """Whether a first name or an initial and a surname stand at `i` and `last`."""
    first, final = words.flags[i], words.flags[last]
    other = lex.PLACED | lex.TITLE | lex.SOFT | lex.KIN | lex.CLOSING
    if (first | final) & other or words.low[last] in cue("no_surname"):
        return False
    if words.titled or not first & final & lex.CAPITAL:
        if (first ^ final) & lex.CAPITAL or final & (lex.PLACE | lex.WORD):
            return False
        if initials:
            return bool(final & lex.ANY_LAST) and words.low[i] not in ("i", "a")
        return bool(first & lex.STRONG) and not final & lex.ANY_WORD
    known = final & (lex.ANY_LAST | lex.ODD_LAST)
    if initials:
        return bool(known) or not final & (lex.ANY_WORD | lex.UPPER)
    if first & (lex.STRONG | lex.FIRST | lex.RARE):
        return bool(known) or not final & (lex.WORD | lex.PLACE)
    firsty = first & (lex.WEAK | lex.NEVER) or not first & lex.ANY_WORD
    return bool(firsty and final & lex.ANY_LAST) and not final & (lex.ANY_WORD | lex.PLACE)


def initial(words: Words, i: int) -> bool:
    """Take “J. Smith”, “A K Patel”, “d okafor”."""
    letter = words.flags[i] & (lex.INITIAL | lex.LETTER)
    j = i
    while j < len(words) and words.flags[j] & letter and words.gap(j) in (" ", ". ", "."):
        j += 1
    if j == i or j >= len(words):
        return False
    flags, dotted = words.flags[j], words.gap(j - 1) != " "
    if letter == lex.LETTER or not words.cased(j):
        return _small(words, i, j, dotted)
    if flags & lex.INITIAL or "".join(words.low[i:j]) in _NO_PERSON:
        return False  # “N.H.S.”, “M.P.”
    if (words.low[i] in ("i", "a") and not dotted and j == i + 1) or flags & (
        lex.UPPER | lex.NEVER | lex.PLACED
    ):
        return False
    unknown = dotted and not flags & (lex.ANY_WORD | lex.PLACE)
    unknown = unknown or (j > i + 1 and not flags & lex.ANY_WORD and _ends(words, j))
    if unknown or (flags & lex.ANY_LAST and (dotted or not flags & (lex.WORD | lex.PLACE))):
        words.take(i, extend(words, j))
        return True
    return False


def _ends(words: Words, j: int) -> bool:
    return words.closes(j) and not words.flags[j] & lex.NEVER


def _small(words: Words, i: int, j: int, dotted: bool) -> bool:
    """Take initials with a surname where capitals say nothing: “j smith”."""
    flags = words.flags[j]
    odd = "".join(words.low[i:j]) in ("r", "u", "n", "x", "b", "c", "y", "k", "s", "d", "m", "e")
    if not flags & (lex.LAST | lex.USUAL_LAST) or flags & (lex.PLACED | lex.NEVER):
        return False
    if flags & lex.WORD and not flags & lex.USUAL_LAST:
        return False
    if odd and not dotted and (flags & (lex.ANY_WORD | lex.PLACE) or words.gap(j - 1) != " "):
        return False
    if words.low[i] in "ai" or (flags & lex.PLACE and not dotted) or not words.closes(j):
        return False
    words.take(i, j + 1)
    return True
