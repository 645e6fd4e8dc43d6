"""A text as words: where each is, what it may be, what is beside it, and which are names."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from analysis.redaction import lexicon as lex
from analysis.redaction.lists import cue

_TOKEN = re.compile(r"(?<![\w@#])[^\W\d_]+(?:['’-][^\W\d_]+)*(?!\w)")
_ASCII = re.compile(r"(?<![\w@#])[A-Za-z]+(?:['-][A-Za-z]+)*(?!\w)", re.ASCII)
"""The same of a text without accents and the like; for speed."""
_STOP = re.compile(r"[.!?:;…\n•\"“”*|]|\s[-–—]\s")


class Words:
    """The words of a text in order; `covered` are spans that are no words to look at.

    By place: `low` the folded word, `flags` what it may be (`lexicon`), `start` and `end` in
    characters, without a possessive ending, and `taken`, whether it is part of a name.
    """

    def __init__(self, text: str, covered: Sequence[tuple[int, int]]) -> None:
        self.text = text
        spans = [m.span() for m in (_ASCII if text.isascii() else _TOKEN).finditer(text)]
        looked = [lex.look(text[a:b]) for a, b in spans]
        self.low = [one[0] for one in looked]
        self.flags = [one[1] for one in looked]
        self.start = [a for a, _ in spans]
        self.end = [b for _, b in spans]
        for k, one in enumerate(looked):
            if one[2]:
                self.end[k] -= one[2]
        little = len([flags for flags in self.flags if flags & lex.GERMAN])
        self.german = little > 1 and 6 * little >= len(looked)
        """Whether so many words are German that it is a German text."""
        counted = [flags for flags in self.flags if flags & lex.COUNTED]
        capital = len([flags for flags in counted if flags & lex.CAPITAL])
        self.titled = capital > max(2, len(counted) - capital)
        """Whether so many words have capitals that a capital says nothing."""
        self.taken: list[bool] = [False] * len(self.low)
        for first, last in covered:
            place = bisect_right(self.end, first)
            while place < len(self.low) and self.start[place] < last:
                named = text[first:last] == "[NAME]"
                self.low[place], self.flags[place] = "", lex.MARKED if named else 0
                place += 1

    def __len__(self) -> int:
        return len(self.low)

    def gap(self, i: int) -> str:
        """What is between word `i` and the next, a possessive ending with it."""
        return self.text[self.end[i] : self.start[i + 1]] if i + 1 < len(self.low) else "\n"

    def opens(self, i: int) -> bool:
        """Whether a word stands at the beginning of a sentence."""
        return i == 0 or _STOP.search(self.gap(i - 1)) is not None

    def before(self, i: int) -> str:
        """The word before in the same sentence, or nothing."""
        return "" if self.opens(i) else self.low[i - 1]

    def after(self, i: int) -> str:
        """The word after in the same sentence, or nothing."""
        return "" if i + 1 >= len(self.low) or self.gap(i).strip(" ,()&") else self.low[i + 1]

    def owns(self, i: int) -> str:
        """The word that comes after “'s”, or nothing."""
        owning = i + 1 < len(self.low) and self.gap(i) in ("'s ", "’s ", "s ")
        return self.low[i + 1] if owning else ""

    def named(self, i: int) -> bool:
        """Whether a word is part of a name, or was: a mark."""
        return self.taken[i] or bool(self.flags[i] & lex.MARKED)

    def closes(self, i: int) -> bool:
        """Whether a name can end with word `i`: a comma, the end, or a verb is next."""
        if i + 1 >= len(self.low) or self.gap(i) != " ":
            return i + 1 >= len(self.low) or self.gap(i)[:1] not in "-/'’"
        return self.low[i + 1] in cue("after_name") or self.low[i + 1] in cue("of_people")

    def next_is(self, i: int, flags: int) -> bool:
        """Whether a word with one of these flags follows after a space."""
        return i + 1 < len(self.low) and self.gap(i) == " " and bool(self.flags[i + 1] & flags)

    def cased(self, i: int) -> bool:
        """Whether a word has a capital that says something."""
        flags = self.flags[i]
        if not flags & lex.CAPITAL or self.titled:
            return False
        return not flags & lex.UPPER or not self.shouted(i)

    def shouted(self, i: int) -> bool:
        """Whether words beside are in capitals too."""
        near = (k for k in (i - 1, i + 1, i - 2, i + 2) if 0 <= k < len(self.low))
        return any(self.flags[k] & lex.UPPER and self.flags[k] & lex.WORD for k in near)

    def take(self, i: int, j: int) -> None:
        """Words from `i` up to, not with, `j` are a name."""
        for k in range(i, j):
            self.taken[k] = bool(self.low[k])

    def spans(self) -> list[tuple[int, int]]:
        """Start and end of each name, words of one name together."""
        found: list[tuple[int, int]] = []
        for i, taken in enumerate(self.taken):
            if not taken:
                continue
            gap = self.gap(i - 1).strip(" ") if found and self.taken[i - 1] else "apart"
            if gap == "" or (gap == "." and self.flags[i - 1] & (lex.INITIAL | lex.LETTER)):
                found[-1] = (found[-1][0], self.end[i])
            else:
                found.append((self.start[i], self.end[i]))
        return found
