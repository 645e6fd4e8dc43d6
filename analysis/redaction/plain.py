"""Which of many texts hold nothing personal for certain: most comments, and at a glance.

`redact` takes a text word by word. Here a whole column is held at once to conditions without which
none of its rules can find anything: forms that no rule has (their patterns without what they look
around for, which can only match more), and words that no name begins with, or that are followed by
words that no name goes on with. What is left over is for `redact`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.redaction import addresses, homes, names, patterns
from analysis.redaction import lexicon as lex
from analysis.redaction.extent import ENDING
from analysis.redaction.lists import cue, cues

Marks = NDArray[np.bool_]
Places = NDArray[np.int64]
Sorts = NDArray[np.int32]

_USUAL = ' -"$-?A-Z\\\\^`a-z|~\n\r\t£À-ÖØ-öø-ÿ‘’“”–—…•'
"""Characters that all rules and all engines read alike; no “#@[]_{}”."""
_INITIALS = r"[A-Z]\.\s?[A-Z]\.|['’-]\p{L}+[0-9]"
"""“B.M.”, and what is cut into words in a way of its own."""
_CLASSES = {r"\w": "0-9A-Z_a-zÀ-ÖØ-öø-ÿ", r"\s": r"\x20\n\r\t", r"\d": "0-9"}
_ITEM = r"\p{L}*[0-9][\p{L}0-9]*|\p{L}+(?:['’-]\p{L}+)*|[.!?;,\n–—-]"
"""What has a digit and is no word, a word as `words` has it, or a mark that may end a sentence."""

NAME, LEADS, LETTER, ME, UNKNOWN, LAST, TOWN, CALLED, CLOSING = (1 << k for k in range(9))
"""A word that may be a name whatever follows, or with the word after it; an initial; “I” and “A”;
with a capital, and in no list; a surname; one that is a place; “called”; “regards”."""
PLAIN, PAIRS, LISTED, PARTICLE, LOWER, CLAN, GREETING = (1 << k for k in range(9, 16))
"""After a word that may begin a name: no part of it, a second unknown word. Before a town: no name.
“De”, which is part of a name where a capital follows. Without a capital. “Family” and “says”.
“Dear”."""
PLACE, BARS, SKIPPED, NO_END, NO_SMALL_END, BEGINS, MIDDLE, NO_FULL = (
    1 << k for k in range(16, 24)
)
"""A place. In no signature; left out of one. Not the last word of a full name, with a capital or
without one; the first of one without; its second of three. In no full name."""
STOPPED, OPENS, TITLE = 1 << 24, 1 << 25, 1 << 26
"""Before the end of a sentence. After a mark that may end one. A title that is a word too."""
PAST = PLAIN | LOWER | LISTED
"""What is after the end of a text: nothing that a name goes on with."""
TOGETHER = 6
GAP = 3
"""How many words after it say whether a word begins a name."""

_OTHER = (
    lex.ANY_NAME | lex.ODD_LAST | lex.USUAL_LAST | lex.LETTER | lex.INITIAL | lex.TITLE | lex.SOFT
    | lex.SMALL | lex.UPPER | lex.FAMILY | lex.UNKNOWN | lex.OWNER
)  # fmt: skip
_SIGNED = lex.PLACE | lex.ANY_NAME | lex.INITIAL | lex.PARTICLE | lex.LETTER
_UNLISTED = (
    lex.WORD | lex.PLACE | lex.NEVER | lex.UPPER | lex.PLACED | lex.TITLE | lex.SOFT | lex.INITIAL
)


class Look(NamedTuple):
    """What a text may hold: what has a form of its own, a home without a number, a name.

    `forms` is a bit for each pattern of `_forms` that it may hold anything of.
    """

    forms: int
    homes: bool
    names: bool


ALL = Look(forms=-1, homes=True, names=True)


def looks(texts: pl.Series) -> Iterator[Look]:
    """What each text may hold; what it may not, it does not for certain."""
    odd = texts.str.contains(f"[^{_USUAL}]")
    sites = "|".join(re.escape(site) for site in sorted(cues()["site"]))
    doubtful = ~odd & texts.str.contains(rf"[0-9]|(?i:dot|\(at\)|{sites})")
    forms = np.where(odd.to_numpy(), ALL.forms, 0)
    forms[doubtful.to_numpy()] = _formed(texts.filter(doubtful))
    homes = odd | texts.str.contains(_homes())
    named = (odd | texts.str.contains(_INITIALS)).to_numpy()
    named[~named] = ~_nameless(texts.filter(pl.Series(~named)))
    return map(Look, forms.tolist(), homes.to_list(), named.tolist())


def _formed(texts: pl.Series) -> Places:
    """(texts,): of which forms a digit, a dot or a site may be, as in `Look`."""
    found = np.zeros(len(texts), dtype=np.int64)
    for k, (form, _) in enumerate(_forms()):
        found |= texts.str.contains(form).to_numpy().astype(np.int64) << k
    return found


@lru_cache(maxsize=1)
def _forms() -> list[tuple[str, list[patterns.Rule | re.Pattern[str]]]]:
    """All forms with their rules, some at a time: more are slower together."""
    rules = (*patterns.WITH_DOT, *patterns.WITH_SITE, *patterns.WITH_DIGIT)
    every: list[tuple[str, patterns.Rule | re.Pattern[str]]] = [
        (f"(?xi:{widened(r.wider or r.pattern.pattern)})", r) for r in rules
    ]
    streets = (r for _, group in addresses.WITH_DIGIT for r in group)
    every += [(f"(?x:{widened(r.pattern)})", r) for r in streets]
    parts = [every[k : k + TOGETHER] for k in range(0, len(every), TOGETHER)]
    return [("|".join(form for form, _ in part), [rule for _, rule in part]) for part in parts]


@lru_cache(maxsize=10_000)
def given(forms: int) -> tuple[patterns.Rules, addresses.Groups]:
    """The rules of the forms that a text may hold."""
    if forms == ALL.forms:
        return patterns.EVERY, addresses.WITH_DIGIT
    rules = {rule for k, (_, of) in enumerate(_forms()) if forms >> k & 1 for rule in of}
    groups = [
        (signs, [rule for rule in group if rule in rules]) for signs, group in addresses.WITH_DIGIT
    ]
    return patterns.Rules.of(rules), [(signs, group) for signs, group in groups if group]


@lru_cache(maxsize=1)
def _homes() -> str:
    return "(?x)" + "|".join(f"(?:{widened(form)})" for form in homes.FORMS)


def widened(pattern: str) -> str:
    """A pattern without boundaries, names of groups and what it looks around for.

    It matches wherever the pattern does in a text of usual characters, in an engine that cannot
    look around, and at once: classes of characters hold the usual ones only.
    """
    kept: list[str] = []
    at, within = 0, False
    for part in re.finditer(r"\\.|\(\?<?[=!]|\?P<\w+>|[\[\]]", pattern, re.DOTALL):
        if part.start() < at:
            continue
        kept.append(pattern[at : part.start()])
        at = part.end()
        if part[0] in "[]":
            within = part[0] == "["
        if part[0].startswith("("):
            at = _closed(pattern, at)
        elif part[0] in _CLASSES:
            kept.append(_CLASSES[part[0]] if within else f"[{_CLASSES[part[0]]}]")
        elif part[0] != r"\b":
            kept.append("?:" if part[0].startswith("?") else part[0])
    return "".join(kept) + pattern[at:]


def _closed(pattern: str, at: int) -> int:
    """The place after the bracket that closes the group within which `at` is."""
    depth, within = 1, False
    for part in re.finditer(r"\\.|[\[\]()]", pattern[at:], re.DOTALL):
        if part[0] in "[]":
            within = part[0] == "["
        elif not within and part[0] in "()":
            depth += 1 if part[0] == "(" else -1
            if not depth:
                return at + part.end()
    raise ValueError(pattern)


def _nameless(texts: pl.Series) -> Marks:
    """(texts,): where no word can be a name."""
    lists = texts.str.extract_all(_ITEM)
    items = lists.filter(lists.list.len() > 0).explode()
    of = np.repeat(np.arange(len(texts)), lists.list.len().to_numpy())
    different = items.unique()
    sorts = pl.Series([_sort(item) for item in different], dtype=pl.Int32)
    every = items.replace_strict(different, sorts, return_dtype=pl.Int32).to_numpy()
    marks = every < 0
    word = np.flatnonzero(~marks)
    ends, stops = (np.concatenate([[0], np.cumsum(every <= sort)]) for sort in (_END, _STOP))
    lengths = np.bincount(of[word], minlength=len(texts))
    apart = GAP * np.arange(len(texts))
    end = np.cumsum(lengths) + apart
    words = np.full(len(word) + GAP * len(texts), PAST, dtype=np.int32)
    before, after = np.append(-1, word[:-1]) + 1, np.append(word[1:], len(every))
    words[np.arange(len(word)) + apart[of[word]]] = (
        every[word] | OPENS * (ends[word] > ends[before]) | STOPPED * (stops[after] > stops[word])
    )
    return ~_may_hold(words, end - lengths, end)


def _may_hold(words: Sorts, start: Places, end: Places) -> Marks:
    """(texts,): whether a name may be among the words of each."""
    words[start] |= OPENS
    doubtful = _may_name(words)
    closing = np.flatnonzero(words & CLOSING)
    doubtful[closing] |= _may_close(words, closing, end[np.searchsorted(end, closing, "right")])
    before = np.concatenate([[0], np.cumsum(doubtful)])
    found: Marks = (before[end] > before[start]) | _may_end(words, start, end)
    return found


_NONE, _END, _STOP = -1, -2, -3


@lru_cache(maxsize=200_000)
def _sort(raw: str) -> int:
    """What a word as written may be, as a set of the flags above; no word is below nought."""
    if any(c.isdigit() for c in raw):
        return _NONE
    if not raw[0].isalpha():
        return _STOP if raw in ".!?;" else _END
    word, flags, _ = lex.look(raw)
    kinds = (*_first(word, flags), *_next(word, flags), *_last(word, flags))
    return sum(kind for kind, has in kinds if has)


Kinds = tuple[tuple[int, int | bool], ...]


def _first(word: str, flags: int) -> Kinds:
    """What a word may be that a name begins with or is announced by."""
    begins = flags & lex.STARTS and flags & names.SEEN
    sure = flags & (lex.TITLE | lex.OWNER | lex.FAMILY | lex.SMALL)
    sure = sure or (flags & lex.CAPITAL and flags & lex.ANY_FIRST)
    other = lex.ANY_WORD | lex.NEVER | lex.UPPER
    last = flags & lex.CAPITAL and flags & lex.LAST and not flags & other
    me = flags & lex.INITIAL and word in ("i", "a")
    return (
        (NAME, begins and (sure or (last and not flags & lex.PLACE))),
        (TOWN, last and flags & lex.PLACE),
        (LEADS, begins and flags & (lex.SOFT | lex.KIN | lex.ANY_FIRST)),
        (TITLE, flags & lex.SOFT),
        (LETTER, flags & (lex.LETTER | lex.INITIAL) and not me),
        (ME, me),
        (UNKNOWN, flags & lex.UNKNOWN),
        (LAST, flags & lex.LAST),
        (CALLED, flags & lex.CALLED),
        (CLOSING, flags & lex.CLOSING),
        (GREETING, word in cue("greeting")),
        (LISTED, not flags & lex.CAPITAL or flags & _UNLISTED),
    )


def _next(word: str, flags: int) -> Kinds:
    """What a word may be to one before it."""
    small, wordy = not flags & lex.CAPITAL, flags & (lex.ANY_WORD | lex.PLACE)
    dull = small and (wordy or len(word) < 3 or not ENDING.search(word))
    dull = dull or (flags & lex.NEVER and not flags & lex.ANY_LAST)
    surname = lex.ANY_LAST | lex.ODD_LAST
    common = small and flags & lex.WORD and not flags & _OTHER & ~surname
    return (
        (PLAIN, common or (dull and not flags & _OTHER)),
        (PAIRS, flags & (lex.UNKNOWN | lex.ANY_LAST) and not wordy),
        (PARTICLE, flags & lex.PARTICLE),
        (LOWER, small),
        (CLAN, word in cue("clan") or word in cue("of_speakers")),
    )


def _last(word: str, flags: int) -> Kinds:
    """What a word may be in a signature, or in a full name that closes a text."""
    skipped = word in cue("no_signature")
    other = lex.PLACED | lex.TITLE | lex.SOFT | lex.KIN | lex.CLOSING
    return (
        (PLACE, flags & lex.PLACE),
        (SKIPPED, skipped),
        (BARS, not flags & (_SIGNED | lex.CAPITAL) and not skipped),
        (NO_END, flags & lex.WORD and not flags & (lex.ANY_LAST | lex.ODD_LAST)),
        (NO_SMALL_END, flags & (lex.PLACE | lex.WORD)),
        (BEGINS, flags & (lex.STRONG | lex.INITIAL | lex.LETTER)),
        (MIDDLE, flags & (lex.INITIAL | lex.LETTER | lex.PARTICLE | lex.ANY_FIRST)),
        (NO_FULL, flags & other),
    )


def _may_name(words: Sorts) -> Marks:
    """(words,): whether a name may begin with each, by what `names` looks at."""
    more = np.append(words, np.full(GAP + 2, PAST, dtype=np.int32))
    later = [more[k : k + len(words)] for k in range(GAP + 3)]
    small = [word & LOWER > 0 for word in later]
    plain = [
        (word & PLAIN > 0) & ((word & PARTICLE == 0) | (small[k + 1] & small[k + 2]))
        for k, word in enumerate(later[: GAP + 1])
    ]
    after, goes_on = later[1], words & STOPPED == 0
    me = (after & ME > 0) & plain[2] & small[2]
    found: Marks = words & NAME > 0
    found |= (words & LEADS > 0) & goes_on & ~(plain[1] | me)
    found |= (words & after & TITLE) > 0  # “Miss. Doctor”
    found |= (words & LETTER > 0) & ~plain[1]
    found |= (words & (LETTER | ME) > 0) & (after & (LETTER | ME) > 0)
    found |= (words & ME > 0) & ~goes_on & ~small[1]
    found |= (words & UNKNOWN > 0) & goes_on & (after & (PAIRS | CLAN) > 0)
    found |= (words & LAST > 0) & goes_on & (after & CLAN > 0)
    found |= (words & CALLED > 0) & ~(plain[1] & plain[2] & plain[3])
    found[1:] |= (words[1:] & UNKNOWN > 0) & (words[:-1] & GREETING > 0)
    found[1:] |= (words[1:] & TOWN > 0) & (words[:-1] & LISTED == 0)
    return found


def _may_close(words: Sorts, closing: Places, end: Places) -> Marks:
    """(closing,): whether a signature may come after “Regards” at `closing`, the text's `end`."""
    bars = np.concatenate([[0], np.cumsum(words & BARS > 0)])
    skipped = np.concatenate([[0], np.cumsum(words & SKIPPED > 0)])
    rest = end - closing - 1
    found: Marks = (rest > skipped[end] - skipped[closing + 1]) & (rest <= 6)
    found &= bars[end] == bars[closing + 1]
    return found


def _may_end(words: Sorts, start: Places, end: Places) -> Marks:
    """(texts,): whether a text may close with a full name, places after it."""
    found = np.zeros(len(start), dtype=bool)
    towns = np.ones(len(start), dtype=bool)
    for last in range(4):
        towns &= (last == 0) | (words[end - last] & PLACE > 0)
        for size in (2, 3):
            there = towns & (end - last - size >= start)
            at = np.where(there, end - last - size, start)
            first, final = words[at], words[np.where(there, end - last - 1, start)]
            there &= (first & OPENS > 0) & ((first | final) & NO_FULL == 0)
            there &= (size == 2) | (words[np.where(there, at + 1, start)] & MIDDLE > 0)
            capitals = (first & LOWER == 0) & (final & (LOWER | NO_END) == 0)
            small = (first & final & LOWER > 0) & (final & NO_SMALL_END == 0)
            found |= there & (capitals | (small & (first & BEGINS > 0)))
    return found
