"""Names of people, told by lists and by what stands beside them.

A text is taken word by word. A first name starts a name, a title or “my neighbour” before a word
makes one of it, and a name takes in the surnames after it. Capitals count for nothing where
everything has them.
"""

import re
from collections.abc import Sequence

from analysis.redaction.lexicon import (
    ANY_FIRST,
    ANY_LAST,
    ANY_WORD,
    CALLED,
    CAPITAL,
    CLOSING,
    FIRST,
    INITIAL,
    KIN,
    LAST,
    NEVER,
    PARTICLE,
    PLACE,
    PLACED,
    RARE,
    SMALL,
    SOFT,
    STRONG,
    SURNAME_PLACES,
    SURNAMED,
    TITLE,
    UPPER,
    WEAK,
    WORD,
    look,
)  # fmt: skip

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_STOP = re.compile(r"[.!?:;…\n•\"“”*|]|\s[-–—]\s")
_NEAR = frozenset(
    [
        "in",
        "at",
        "near",
        "around",
        "through",
        "across",
        "outside",
        "between",
        "towards",
        "via",
        "into",
        "throughout",
        "within",
    ]
)
_BEFORE_PLACE = frozenset(
    [
        "operation",
        "storm",
        "hurricane",
        "st",
        "saint",
        "lake",
        "mount",
        "fort",
        "port",
        "project",
        "hms",
        "san",
        "santa",
        "nether",
        "upper",
        "lower",
        "great",
        "little",
    ]
)
_DETERMINED = frozenset(
    ["the", "a", "an", "this", "that", "these", "those", "some", "any", "no", "every", "each"]
)
_OF_PEOPLE = frozenset(
    [
        "said",
        "says",
        "told",
        "came",
        "comes",
        "lives",
        "lived",
        "asked",
        "spoke",
        "speaks",
        "rang",
        "visited",
        "attended",
        "who",
        "explained",
        "helped",
        "arrived",
        "threatened",
        "shouted",
        "shouts",
        "attacked",
        "listened",
        "answered",
        "replied",
        "promised",
        "sorted",
        "dealt",
        "phoned",
        "texted",
        "emailed",
        "died",
        "moved",
        "works",
        "worked",
        "drinks",
        "keeps",
        "kept",
        "hit",
        "stole",
        "smashed",
        "sells",
        "deals",
        "knocked",
        "went",
        "goes",
        "gave",
        "took",
        "contacted",
        "investigated",
        "patrols",
        "reported",
    ]
)
_OF_ANY = _OF_PEOPLE | frozenset(
    [
        "was",
        "is",
        "has",
        "had",
        "did",
        "does",
        "and",
        "from",
        "at",
        "never",
        "always",
        "also",
        "called",
        "got",
        "saw",
        "knows",
    ]
)
_PERSON = frozenset(
    [
        "lad",
        "man",
        "woman",
        "boy",
        "girl",
        "guy",
        "bloke",
        "officer",
        "lady",
        "person",
        "kid",
        "neighbour",
        "someone",
        "somebody",
        "chap",
        "pcso",
        "him",
        "her",
        "he",
        "she",
        "me",
        "i",
        "my",
        "his",
        "name",
        "dealer",
        "youth",
        "individual",
        "male",
        "female",
        "teenager",
        "gentleman",
        "fella",
        "child",
        "son",
        "daughter",
        "friend",
        "pc",
        "sergeant",
        "nurse",
        "doctor",
        "constable",
        "offender",
        "suspect",
        "thug",
        "drunk",
        "resident",
    ]
)
_NOT_AFTER_CLOSING = frozenset(
    [
        "you",
        "all",
        "everyone",
        "everybody",
        "guys",
        "team",
        "for",
        "to",
        "the",
        "a",
        "an",
        "very",
        "again",
        "so",
        "much",
        "and",
        "in",
        "lots",
        "anyway",
        "mate",
        "sir",
        "madam",
        "everything",
        "police",
        "officers",
        "from",
        "with",
        "your",
        "my",
        "our",
        "of",
        "yours",
        "faithfully",
        "sincerely",
        "truly",
        "regards",
        "kind",
        "best",
        "warm",
        "many",
        "thanks",
        "wishes",
        "x",
        "xx",
        "xxx",
    ]
)
_AGE = re.compile(r"[\s,(]+(?:aged?\s)?\d{1,2}\b")


class Words:
    """A text as words: where each is, what it may be, and what has been taken as a name."""

    def __init__(self, text: str, covered: Sequence[tuple[int, int]]) -> None:
        self.text = text
        self.low: list[str] = []
        self.flags: list[int] = []
        self.start: list[int] = []
        self.end: list[int] = []
        self.covered = covered
        plain = capital = 0
        for match in _TOKEN.finditer(text):
            low, flags, tail = look(match[0])
            start, end = match.span()
            self.low.append(low)
            self.start.append(start)
            self.end.append(end - tail)
            self.flags.append(flags)
            if flags & WORD and not flags & (ANY_FIRST | INITIAL) and end - start > 3:
                if flags & CAPITAL:
                    capital += 1
                else:
                    plain += 1
        self.titled = capital > 2 and capital > plain
        self.taken: list[bool] = [False] * len(self.low)
        if covered:
            self._cover()

    def _cover(self) -> None:
        """Words inside marks and pieces of other kinds are no words to look at."""
        for i, (start, end) in enumerate(zip(self.start, self.end, strict=True)):
            if any(start < b and a < end for a, b in self.covered):
                self.low[i], self.flags[i] = "", 0

    def gap(self, i: int) -> str:
        """What is between word `i` and the next, without a possessive ending."""
        return self.text[self.end[i] : self.start[i + 1]] if i + 1 < len(self.low) else "\n"

    def opens(self, i: int) -> bool:
        """Whether a word stands at the beginning of a sentence."""
        return i == 0 or _STOP.search(self.gap(i - 1)) is not None

    def before(self, i: int) -> str:
        """The word before in the same sentence, or nothing."""
        return "" if i == 0 or _STOP.search(self.gap(i - 1)) else self.low[i - 1]

    def after(self, i: int) -> str:
        """The word after in the same sentence, or nothing."""
        return "" if self.gap(i).strip(" ,(") else self.low[i + 1]

    def cased(self, i: int) -> bool:
        """Whether a word has a capital that says something."""
        flags = self.flags[i]
        if not flags & CAPITAL or self.titled:
            return False
        if not flags & UPPER:
            return True
        near = [k for k in (i - 1, i + 1, i - 2, i + 2) if 0 <= k < len(self.low)]
        return not any(self.flags[k] & UPPER and self.flags[k] & WORD for k in near)

    def take(self, i: int, j: int) -> None:
        """Words `i` to `j`, not counting `j`, are a name."""
        for k in range(i, j):
            if self.low[k]:
                self.taken[k] = True


def find(text: str, covered: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Start and end of each name in a text, outside the spans covered already."""
    words = Words(text, covered)
    interest = STRONG | FIRST | WEAK | RARE | LAST | TITLE | SOFT | KIN | CALLED | INITIAL | CLOSING
    flags, taken, i = words.flags, words.taken, 0
    for i in range(len(flags)):
        here = flags[i]
        if not here & interest or taken[i]:
            continue
        if here & CAPITAL or here & (SMALL | TITLE | SOFT | KIN | CALLED | CLOSING):
            _look(words, i, here)
    if not any(taken):
        return []
    _again(words)
    return _spans(words)


def _look(words: Words, i: int, here: int) -> None:
    """Take the name that word `i` is, begins or announces."""
    if here & (TITLE | SOFT) and _titled(words, i):
        return
    if here & (KIN | CALLED) and _announced(words, i, here):
        return
    if here & CLOSING and _signature(words, i):
        return
    if here & INITIAL and _initial(words, i):
        return
    if here & ANY_FIRST and _first(words, i, here):
        return
    if here & (LAST | RARE) and here & CAPITAL:
        _last(words, i, here)


def _first(words: Words, i: int, here: int) -> bool:
    """Take a first name with its surnames, if it is one here."""
    end = _extend(words, i)
    if _of_place(words, i, end):
        words.take(i, i)
        return False
    surnamed = end > i + 1
    if here & NEVER:
        return False
    if here & STRONG:
        good = _strong(words, i, here, surnamed)
    elif here & FIRST:
        good = _both(words, i, here, surnamed)
    elif here & WEAK:
        good = words.cased(i) and (
            (
                surnamed
                and bool(words.flags[i + 1] & (ANY_LAST | INITIAL))
                and not words.flags[i + 1] & PLACE
            )
            or (
                not words.opens(i)
                and words.before(i) not in _DETERMINED
                and words.after(i) in _OF_PEOPLE
            )
        )
    else:
        good = (
            words.cased(i)
            and not here & (PLACE | ANY_WORD)
            and (
                surnamed
                or words.after(i) in _OF_PEOPLE
                or (not words.opens(i) and bool(here & LAST))
            )
        )
    if good:
        words.take(i, end)
    return good


def _strong(words: Words, i: int, here: int, surnamed: bool) -> bool:
    if here & CAPITAL and (words.cased(i) or here & SMALL):
        if here & PLACE and words.before(i) in _NEAR and not surnamed:
            return False
        return not here & UPPER or here & SMALL != 0 or surnamed
    return bool(here & SMALL) and not (here & PLACE and words.before(i) in _NEAR)


def _both(words: Words, i: int, here: int, surnamed: bool) -> bool:
    if not words.cased(i):
        return False
    before = words.before(i)
    if surnamed:
        return not (here & PLACE and words.flags[i + 1] & PLACE) or bool(words.flags[i + 1] & LAST)
    if here & PLACE:
        return before not in _NEAR and words.after(i) in _OF_PEOPLE
    if words.opens(i):
        return words.after(i) in _OF_ANY or bool(_AGE.match(words.text, words.end[i]))
    return before not in _DETERMINED and before not in _NEAR


def _surname(words: Words, i: int, lead: int) -> bool:
    """Whether word `i`, right after a name, belongs to it; `lead` is the word before."""
    flags = words.flags[i]
    if flags & NEVER and not flags & ANY_LAST:
        return False
    if words.cased(i):
        if flags & WORD:
            return bool(flags & (ANY_LAST | ANY_FIRST)) and words.low[i] not in (
                "may",
                "will",
                "so",
                "an",
            )
        return True
    if words.cased(lead) and not flags & CAPITAL:
        return bool(flags & LAST) and not flags & ANY_WORD and not flags & PLACE
    return bool(flags & SURNAMED) or (
        bool(flags & (ANY_LAST | STRONG)) and not flags & (ANY_WORD | PLACE)
    )


def _extend(words: Words, i: int) -> int:
    """The place after the last word of the name that begins at `i`."""
    j, last = i + 1, i
    while j < len(words.low) and j < i + 5 and words.low[j]:
        gap = words.gap(j - 1)
        dotted = words.flags[j - 1] & INITIAL and gap.strip(" ") == "."
        if not (dotted or gap == " " or gap == "  ") or words.end[j - 1] != words.start[j] - len(
            gap
        ):
            break
        if words.text[words.end[j - 1]] in "'’":
            break
        flags = words.flags[j]
        if flags & INITIAL and words.low[j] != "i" and not words.titled:
            j, last = j + 1, j
        elif (
            flags & PARTICLE
            and j + 1 < len(words.low)
            and words.flags[j + 1] & CAPITAL
            and (words.flags[j + 1] & ANY_LAST or not words.flags[j + 1] & ANY_WORD)
        ):
            j += 1
        elif _surname(words, j, last) and not (
            flags & PLACED and words.low[j] not in SURNAME_PLACES and flags & CAPITAL
        ):
            j, last = j + 1, j
        else:
            break
    return last + 1


def _of_place(words: Words, i: int, end: int) -> bool:
    """Whether what looks like a name is a street, a school, a storm or a law."""
    before = words.before(i)
    if before in _BEFORE_PLACE and (words.flags[i - 1] & CAPITAL):
        return True
    law = words.text[words.end[end - 1] : words.end[end - 1] + 8].lower()
    if law[:1] in ("'", "’") and law.endswith(" law"):
        return True
    if (
        end < len(words.low)
        and words.gap(end - 1) in (" ", "'s ", "’s ")
        and words.flags[end] & PLACED
    ):
        alike = bool(words.flags[end] & CAPITAL) == bool(words.flags[i] & CAPITAL)
        if alike and words.low[end] not in (
            "close",
            "high",
            "way",
            "day",
            "view",
            "care",
            "health",
            "row",
        ):
            return True
        if alike and words.flags[end] & CAPITAL:
            return True
    ends = words.low[end - 1]
    if end > i + 1 and ends in SURNAME_PLACES:
        royal = words.flags[i] & PLACE or words.low[i] in (
            "victoria",
            "albert",
            "george",
            "edward",
            "queen",
            "king",
        )
        return (
            bool(royal)
            or before in _NEAR
            or before in ("the", "to", "from", "of", "on", "by", "behind")
        )
    return False


def _titled(words: Words, i: int) -> bool:
    """Take the name after a title."""
    j = i + 1
    hard = bool(words.flags[i] & TITLE)
    while (
        j < len(words.low) and words.flags[j] & (TITLE | SOFT) and words.gap(j - 1) in (" ", ". ")
    ):
        hard = hard or bool(words.flags[j] & TITLE)
        j += 1
    if j >= len(words.low) or not words.low[j]:
        return False
    gap = words.gap(j - 1)
    if gap not in (" ", "  ") and not (hard and gap in (". ", ".")):
        if not (gap == ", " and words.flags[j] & STRONG and words.flags[j] & CAPITAL):
            return False
    flags, previous = words.flags[j], words.flags[j - 1]
    if flags & NEVER and not flags & ANY_LAST:
        return False
    if words.cased(j) or (
        flags & CAPITAL and previous & CAPITAL and flags & (ANY_FIRST | ANY_LAST)
    ):
        good = not flags & WORD or (bool(flags & (ANY_FIRST | ANY_LAST)) and not flags & PLACED)
        good = good or (hard and bool(flags & LAST))
        if not hard and not previous & CAPITAL and not flags & ANY_FIRST:
            good = good and not flags & PLACE and not flags & WORD
        if flags & UPPER and not flags & (ANY_FIRST | ANY_LAST):
            good = False
        good = good or bool(flags & INITIAL and j + 1 < len(words.low) and words.flags[j + 1] & CAPITAL
                            and words.gap(j) in (" ", ". ", "."))  # fmt: skip
    elif hard:
        good = bool(flags & SURNAMED) or (bool(flags & (ANY_FIRST | ANY_LAST)) and not flags & WORD)
        good = good or (
            not flags & ANY_WORD and len(words.low[j]) > 2 and not flags & (PLACE | UPPER)
        )
    else:
        good = bool(flags & (SMALL | ANY_LAST)) and not flags & (ANY_WORD | PLACE)
        good = good or (words.low[j - 1] in ("pc", "dc", "sergeant", "inspector", "constable", "councillor")
                        and bool(flags & SURNAMED))  # fmt: skip
    if good:
        words.take(j, _extend(words, j))
    return good


def _announced(words: Words, i: int, here: int) -> bool:
    """Take the name after “my neighbour”, “called”, “name is”."""
    j = i + 1
    while (
        j < len(words.low)
        and j < i + 3
        and words.low[j] in ("is", "was", "being", "are", "mr", "of")
    ):
        j += 1
    if j >= len(words.low) or not words.low[j] or (here & KIN and j > i + 1):
        return False
    gap = words.gap(j - 1).strip()
    if gap not in ("", ",", "(", "“", '"', "'", ":", "‘"):
        return False
    if here & KIN and not here & CALLED and not _possessed(words, i):
        return False
    flags = words.flags[j]
    if flags & NEVER and not flags & ANY_LAST:
        return False
    if (
        here & CALLED
        and not flags & STRONG
        and not any(low in _PERSON for low in words.low[max(0, i - 4) : i + 1])
    ):
        return False
    if words.cased(j):
        good = bool(flags & (ANY_FIRST | ANY_LAST)) or not flags & ANY_WORD
        good = (
            good
            and not (flags & PLACE and not flags & ANY_FIRST)
            and not (gap and not flags & ANY_FIRST)
        )
    else:
        good = bool(flags & (STRONG | RARE | LAST | FIRST)) and not (flags & PLACED)
        good = (
            good and (not flags & WORD or bool(flags & FIRST)) and not (gap and not flags & STRONG)
        )
        good = good or bool(
            flags & WEAK and not gap and words.after(j) in ("was", "is", "has", "who", "and", "had")
        )
    if good:
        words.take(j, _extend(words, j))
    return good


def _possessed(words: Words, i: int) -> bool:
    """Whether “neighbour” is somebody's: “my next door neighbour”, “the neighbour”."""
    for k in range(i - 1, max(-1, i - 5), -1):
        if words.low[k] in ("my", "our", "his", "her", "their", "your", "the", "a", "mine"):
            return True
        if _STOP.search(words.gap(k)):
            return False
    return words.opens(i)


def _signature(words: Words, i: int) -> bool:
    """Take the last words of a text after “Regards,”."""
    rest = range(i + 1, len(words.low))
    if not 1 <= len(rest) <= 6:
        return False
    names = [k for k in rest if words.low[k] not in _NOT_AFTER_CLOSING]
    if not names or len(names) > 4 or names != list(range(names[0], names[-1] + 1)):
        return False
    if words.low[i] == "love" and not any(c in ",\n" for c in words.gap(i)):
        return False
    for k in names:
        flags = words.flags[k]
        known = flags & (ANY_FIRST | ANY_LAST | INITIAL | PARTICLE)
        if not words.low[k] or (flags & NEVER and not known) or (flags & WORD and not known):
            return False
        if flags & WORD and not flags & CAPITAL and not flags & FIRST:
            return False
        if not known and not flags & CAPITAL:
            return False
    words.take(names[0], names[-1] + 1)
    return True


def _initial(words: Words, i: int) -> bool:
    """Take “J. Smith”, “A K Patel”."""
    j = i
    while j < len(words.low) and words.flags[j] & INITIAL and words.gap(j) in (" ", ". ", "."):
        j += 1
    if j == i or j >= len(words.low) or not words.cased(j):
        return False
    flags = words.flags[j]
    dotted = words.gap(j - 1) != " "
    if words.low[i] in ("i", "a") and not dotted:
        return False
    good = (
        bool(flags & ANY_LAST)
        and not flags & (UPPER | NEVER)
        and (dotted or not flags & (WORD | PLACE))
    )
    if good:
        words.take(i, _extend(words, j))
    return good


_TOWN = re.compile(
    r"(?:ton|ham|ford|worth|bury|by|ley|field|wick|cester|bourne|thorpe|stead|combe|well|don)$"
)


def _last(words: Words, i: int, here: int) -> None:
    """Take a surname by itself, with the word before if that is a name nobody listed."""
    if here & (ANY_WORD | NEVER | UPPER) or not words.cased(i) or (words.opens(i) and here & PLACE):
        return
    nxt = i + 1 < len(words.low) and words.gap(i) == " " and words.flags[i + 1] & CAPITAL
    if nxt and words.flags[i + 1] & (PLACED | ANY_WORD) and not words.flags[i + 1] & ANY_LAST:
        return
    if i and words.gap(i - 1) == " " and words.cased(i - 1) and not words.taken[i - 1]:
        lead = words.flags[i - 1]
        if (
            words.low[i - 1]
            and not lead & (WORD | PLACE | NEVER | UPPER | PLACED | TITLE | SOFT)
            and not _of_place(words, i - 1, i + 1)
            and words.before(i - 1) not in _NEAR
        ):
            words.take(i - 1, _extend(words, i))
            return
    if not here & LAST or here & PLACE or _TOWN.search(words.low[i]):
        return
    end = _extend(words, i)
    if _of_place(words, i, end) or words.before(i) in _NEAR or (nxt and end == i + 1):
        return
    if words.opens(i) and words.after(i) not in _OF_ANY and end == i + 1:
        return
    words.take(i, end)


def _again(words: Words) -> None:
    """Take a name wherever else the text has it."""
    known = {words.low[i] for i, taken in enumerate(words.taken) if taken and len(words.low[i]) > 2}
    for i, low in enumerate(words.low):
        if low in known and not words.taken[i]:
            flags = words.flags[i]
            if not flags & (ANY_WORD | PLACE | PARTICLE) or (
                words.cased(i) and not words.opens(i) and not flags & PLACE
            ):
                if not _of_place(words, i, i + 1):
                    words.taken[i] = True


def _spans(words: Words) -> list[tuple[int, int]]:
    """The words taken, those of one name together."""
    spans: list[tuple[int, int]] = []
    for i, taken in enumerate(words.taken):
        if not taken:
            continue
        start, end = words.start[i], words.end[i]
        if (
            spans
            and i
            and words.taken[i - 1]
            and words.text[spans[-1][1] : start].strip(" .") == ""
        ):
            if "\n" not in words.text[spans[-1][1] : start]:
                spans[-1] = (spans[-1][0], end)
                continue
        spans.append((start, end))
    return spans
