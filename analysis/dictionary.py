"""Comments in other languages read through a word list, so that they are themed with the English.

A dictionary is the body's own file: lines of a word, a tab and its English, or the files of a
dictionary server (dictd), as FreeDict's packages have them. Each word gives way to the English that
it stands for. That is no translation: it is never shown, but tells what a comment is about.
"""

import gzip
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from analysis import cleaning, redaction, text, vectors
from analysis.errors import DataError

MOST = 3
"""A word stands for so many of its meanings, the first ones: the right one is mostly among them."""

LONGEST = 3
"""Words of a meaning; what is longer explains."""

SHORTEST, ALIKE, LONGER = 4, 0.6, 2
"""A word that is not listed is read as a listed one that shares this share of its letters, four at
least, from the first on, and has at most two more: mostly the same word with another ending."""

LISTED = 200
"""So many listed words are looked at for that."""

BRIEF = frozenset(("a", "an", "the", "to", "be", "sb", "sth", "somebody's", "one's"))

_DIGITS = {
    c: k for k, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
_ASIDE = re.compile(r"\[[^]]*\]|<[^>]*>|\([^)]*\)|\{[^}]*\}|/[^/]*/|\"[^\"]*\"|^\s*\d+\.")
_OTHER = re.compile(r"\s*(?:\"|(?:see|synonyms?|antonyms?|note|example)\b)", re.IGNORECASE)

_MUTATED = {
    "cy": (
        ("ngh", "c"), ("ng", "g"), ("mh", "p"), ("nh", "t"), ("ch", "c"), ("ph", "p"), ("th", "t"),
        ("dd", "d"), ("g", "c"), ("b", "p"), ("d", "t"), ("f", "b"), ("f", "m"), ("n", "d"),
        ("m", "b"), ("m", "p"), ("l", "ll"), ("r", "rh"), ("", "g"),
    ),
}  # fmt: skip
"""By language, how words begin after certain others, and as what they are listed: Welsh “gerdyn”,
“ngherdyn” and “cherdyn” are “cerdyn”."""


@dataclass(slots=True)
class Dictionary:
    """The words of a language, sorted, and where the English of each is found."""

    language: str
    _words: list[str]
    _entries: dict[str, list[tuple[int, int]]]
    _text: bytes
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, language: str, path: Path) -> "Dictionary":
        """A word list, or the .index of a dictd dictionary with its .dict or .dict.dz beside it.

        `language` is its ISO 639 code, of two or three letters. Raises DataError for what cannot
        be read.
        """
        from babel.core import get_global

        code = str(get_global("language_aliases").get(language.lower(), language.lower()))
        try:
            read = _server_files(path) if path.suffix == ".index" else _word_list(path)
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from None
        except (ValueError, KeyError, EOFError):
            raise DataError(f"{path}: is no dictionary. Give a tab-separated word list, or the "
                            ".index file of a dictd dictionary.") from None  # fmt: skip
        entries, content = read
        if not entries:
            raise DataError(f"{path}: lists no word. Each line is a word, a tab, and its English.")
        return cls(code, sorted(entries), entries, content)

    def english(self, word: str) -> tuple[str, ...]:
        """What a word stands for, the commonest first; nothing where it is unknown."""
        if word not in self._known:
            listed = self._listed(word)
            self._known[word] = self._meanings(listed) if listed else ()
        return self._known[word]

    def read_through(self, comment: str) -> str:
        """A comment as the English words that its words stand for."""
        return " ".join(one for word in _words(comment) for one in self.english(word))

    def known(self, comments: Iterable[str]) -> float:
        """The share of the words of comments that it has."""
        found = [bool(self.english(word)) for one in comments for word in _words(one)]
        return sum(found) / len(found) if found else 0.0

    def _listed(self, word: str) -> str:
        forms = [word, *self._unmutated(word)]
        parts = [part for part in re.split(r"['-]", word) if part != word]
        forms += sorted((p for p in parts if len(p) > 1), key=len, reverse=True)
        for form in forms:
            if form in self._entries:
                return form
        nearest = [near for form in forms if (near := self._ended(form))]
        return max(nearest)[1] if nearest else ""

    def _unmutated(self, word: str) -> Iterator[str]:
        for start, listed in _MUTATED.get(self.language, ()):
            if word.startswith(start):
                yield listed + word[len(start) :]

    def _ended(self, word: str) -> tuple[float, str] | None:
        """The listed word with the longest beginning in common, and how much of it that is."""
        for length in range(len(word) - 1, max(SHORTEST, int(ALIKE * len(word))) - 1, -1):
            at = bisect_left(self._words, word[:length])
            near = [
                one
                for one in islice(self._words, at, at + LISTED)
                if one.startswith(word[:length]) and len(one) <= len(word) + LONGER
            ]
            if near:
                return length / len(word), min(near, key=lambda one: (len(one), one))
        return None

    def _meanings(self, listed: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for start, length in self._entries[listed]:
            entry = self._text[start : start + length].decode("utf-8", "replace")
            found |= dict.fromkeys(_english(entry))
        return tuple(islice(found, MOST))


def _english(entry: str) -> Iterator[str]:
    """The English of an entry: all but its explanations, which may be in any language."""
    place = vectors.shipped().place
    for line in entry.split("\n"):
        if _OTHER.match(line):
            continue
        for part in re.split(r"[,;]", _ASIDE.sub(" ", line)):
            words = text.words(part)
            if 0 < len(words) <= LONGEST and all(word in place for word in words):
                yield " ".join(word for word in words if word not in BRIEF) or words[0]


def _words(comment: str) -> list[str]:
    return text.words(comment[:20_000])


def _word_list(path: Path) -> tuple[dict[str, list[tuple[int, int]]], bytes]:
    content = path.read_bytes()
    entries: dict[str, list[tuple[int, int]]] = {}
    at = 0
    for line in content.split(b"\n"):
        word, tab, english = line.partition(b"\t")
        if tab:
            listed = word.decode("utf-8-sig").strip().lower()
            entries.setdefault(listed, []).append((at + len(word) + 1, len(english)))
        at += len(line) + 1
    return entries, content


def _server_files(path: Path) -> tuple[dict[str, list[tuple[int, int]]], bytes]:
    packed = path.with_suffix(".dict.dz")
    if packed.exists():
        with gzip.open(packed) as file:
            content = file.read()
    else:
        content = path.with_suffix(".dict").read_bytes()
    entries: dict[str, list[tuple[int, int]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, start, length = line.split("\t")[:3]
        if " " in word or word.startswith("00"):
            continue  # a phrase, or what the dictionary says of itself
        first, long = _number(start), _number(length)
        # The first line of an entry is the word again, and how it is said.
        head = content.find(b"\n", first, first + long) + 1 or first
        entries.setdefault(word.lower(), []).append((head, first + long - head))
    return entries, content


def _number(digits: str) -> int:
    value = 0
    for digit in digits:
        value = value * 64 + _DIGITS[digit]
    return value


@dataclass(frozen=True, slots=True)
class Reading:
    """Comments as themes are sought among them: what is read of each, and in which language.

    `comments` and `written`: as people wrote them, and in which language.
    """

    comments: Sequence[str]
    written: list[str]
    texts: Sequence[str]
    languages: list[str]
    dictionaries: Mapping[str, Dictionary]

    @classmethod
    def of(cls, comments: Sequence[str], dictionaries: Mapping[str, Dictionary]) -> "Reading":
        """Comments in a language that there is a dictionary of are read in English."""
        written = cleaning.languages(comments)
        # Marks of what was redacted are no words of theirs.
        texts = [
            dictionaries[code].read_through(redaction.unmarked(comment))
            if code in dictionaries
            else comment
            for comment, code in zip(comments, written, strict=True)
        ]
        languages = [cleaning.ENGLISH if code in dictionaries else code for code in written]
        return cls(comments, written, texts, languages, dictionaries)

    def only(self, places: Sequence[int]) -> "Reading":
        """Those of some comments."""
        return Reading(
            [self.comments[k] for k in places],
            [self.written[k] for k in places],
            [self.texts[k] for k in places],
            [self.languages[k] for k in places],
            self.dictionaries,
        )

    def named(self) -> Sequence[str]:
        """The texts that themes are named after: nothing of those read through a dictionary."""
        own = [a == b for a, b in zip(self.languages, self.written, strict=True)]
        if not any(own):
            return self.texts
        return [one if is_own else "" for one, is_own in zip(self.texts, own, strict=True)]

    def said(self, keywords: list[list[str]]) -> list[list[str]]:
        """Keywords of themes without those that stand in dictionaries alone; some of each."""
        from analysis import topics  # scikit-learn takes a second to load

        if not self.dictionaries:
            return keywords
        said = {stems for one in self.named() for stems, _ in topics.features(one)}
        return [
            [key for key in keys if " ".join(map(text.stem, key.split())) in said] or keys
            for keys in keywords
        ]

    def telling(self, keywords: Sequence[str]) -> list[str]:
        """Words of other languages that stand for keywords, so that comments in them are quoted."""
        stems = {text.stem(word) for key in keywords for word in key.split()}
        found: dict[str, None] = {}
        for comment, language in zip(self.comments, self.written, strict=True):
            for word in _words(comment) if language in self.dictionaries else ():
                meant = " ".join(self.dictionaries[language].english(word)).split()
                if any(text.stem(one) in stems for one in meant):
                    found[word] = None
        return list(found)

    def spoken(self, quoted: str) -> str:
        """The language of the comment that a quotation is of."""
        plain = " ".join(quoted.split())
        pairs = zip(self.comments, self.written, strict=True)
        return next((code for one, code in pairs if plain in " ".join(one.split())), "")

    def through(self, copies: Sequence[int]) -> dict[str, tuple[int, float]]:
        """By language of a dictionary how many answers are in it, and how much of them it knows.

        `copies`: how many answers each comment stands for.
        """
        told = {}
        for language, words in self.dictionaries.items():
            places = [k for k, one in enumerate(self.written) if one == language]
            known = words.known(self.comments[k] for k in places)
            told[language] = (sum(copies[k] for k in places), known)
        return told
