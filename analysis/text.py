"""People's own words: taking them apart, seeing which say nothing, and which may be quoted."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from typing import Any

COMMON_NAME = 10
"""A capitalised word may be quoted once this many different answers hold it: a place all know."""

QUOTE_LENGTH = 300

HEAD, MOST_OF_NOTHING = 100, 8
"""Of a longer answer so many characters are read to see that it says something: more words than
any line of `words/nothing.txt` has."""

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+|\n+")

_PERSONAL = re.compile(
    r"""
      \S+@\S+                                             # e-mail
    | https?://|www\.|\b[\w-]+\.(?:com|org|net|uk|gov|info|co)\b
    | \d{4,}|(?:\d[\s().-]*){6,}                          # long numbers, phone numbers
    | \b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b               # postcode
    | \b[A-Z]{2}\d{2}\s*[A-Z]{3}\b|\b[A-Z]\d{1,3}\s?[A-Z]{3}\b   # number plates
    | \b(?:mr|mrs|ms|miss|mx|dr|prof|rev|sir|lady|lord|pc|pcso|sgt|sergeant|insp|inspector|
        supt|superintendent|constable|cllr|councillor)\.?\s+(?-i:[A-Z])[\w'’-]+
    | (?<!\w)@\w{2,}                                      # a name on social media
    """,
    re.VERBOSE | re.IGNORECASE,
)


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Words that carry no theme, from `words/stop.txt`."""
    return frozenset(" ".join(listed("stop.txt")).split())


@lru_cache(maxsize=1)
def english() -> frozenset[str]:
    """Little words that show a text to be English, from `words/english.txt`."""
    return frozenset(" ".join(listed("english.txt")).split())


@lru_cache(maxsize=1)
def _nothing() -> frozenset[str]:
    return frozenset(listed("nothing.txt"))


def listed(name: str) -> list[str]:
    """The lines of a file of `words/`, without those that explain it."""
    text = resources.files("analysis").joinpath("words", name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line and not line.startswith("#")]


def words(text: str) -> list[str]:
    """The words of a text in order, lower case, hyphens kept, with straight apostrophes."""
    return [w.replace("’", "'") for w in _WORD.findall(text.lower())]


def written(text: str) -> list[str]:
    """The same words as people wrote them."""
    return _WORD.findall(text)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A word without its ending, so that “speeding” and “speeds” are one (Porter 2, English)."""
    return str(_stemmer().stem(word.removesuffix("'s")))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    from nltk.stem.snowball import SnowballStemmer

    return SnowballStemmer("english")


def says_nothing(text: str) -> bool:
    """Whether an answer has no content to read: “n/a”, “none”, “asdf”, only emoji or dots."""
    if len(text) > HEAD and _wordy(text[:HEAD]):
        return False
    found = words(unicodedata.normalize("NFKC", text))
    if not any(any(c.isalpha() for c in w) for w in found):
        return True
    if " ".join(found) in _nothing() or len(set("".join(found))) < 2:
        return True
    return len(found) == 1 and _mashed(found[0])


def _wordy(head: str) -> bool:
    """Whether a beginning alone has more words than anything that says nothing."""
    found = words(head)
    several = len(found) > MOST_OF_NOTHING and len(set("".join(found))) > 1
    return several and any(map(str.isalpha, found))


def _mashed(word: str) -> bool:
    """Keys struck at random: a Latin word without vowels, or one pair of letters over and over."""
    if not word.isascii() or len(word) < 4 or any(c.isdigit() for c in word):
        return False
    rows = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    return (
        not re.search("[aeiouy]", word)
        or any(word[:4] in row for row in rows)
        or re.fullmatch(r"(\w{1,3}?)\1{2,}\w?", word) is not None
    )


def sentences(text: str) -> list[str]:
    """A text cut after full stops, question and exclamation marks, and line ends."""
    return [s.strip() for s in _SENTENCE.split(text) if s and s.strip()]


class Familiar:
    """How many different answers hold each word, as written, to tell names from common words."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._written: Counter[str] = Counter()
        self._inside: Counter[str] = Counter()
        for text in texts:
            found, inside = set(), set()
            for sentence in sentences(text):
                here = _WORD.findall(sentence)
                found.update(here)
                inside.update(here[1:])
            self._written.update(found)
            self._inside.update(inside)

    def written(self, word: str) -> int:
        """How many different answers hold the word spelt just so."""
        return self._written[word]

    def inside(self, word: str) -> int:
        """The same, not counting the beginnings of sentences, where any word has a capital."""
        return self._inside[word]

    def proper(self, word: str) -> bool:
        """Whether a lower-case word is mostly written with a capital inside a sentence."""
        capital = self._inside[word.capitalize()] + self._inside[word.upper()]
        return capital > 3 * self._inside[word] and capital >= COMMON_NAME

    def surface(self, word: str) -> str:
        """A lower-case word as most people write it."""
        if not self.proper(word):
            return word
        upper, capital = word.upper(), word.capitalize()
        return upper if self._inside[upper] >= self._inside[capital] else capital


_TRAITS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:i(?:['’]m| am)|aged?|turn(?:ed|ing)?) (?:now |only |just )?\d{1,3}\b"
        r"|\b\d{1,3}[- ]years?[- ]old\b|\bmy \w+ties\b|\bpensioner\b|\bteenager\b"
        r"|\bas an? student\b",
        r"\bas an? (?:\w+ ){0,3}(?:woman|man|mother|father|mum|dad|girl|boy|widow|widower)\b"
        r"|\bi(?:['’]m| am) an? (?:\w+ ){0,3}(?:woman|man|mother|father|mum|dad|widow|widower)\b",
        r"\b(?:gay|lesbian|bisexual|trans|transgender|non-binary|queer)\b",
        r"\b(?:muslim|jewish|sikh|hindu|buddhist|christian|black|asian|chinese|gypsy|traveller"
        r"|polish|roma|refugee|asylum seeker|immigrant)\b",
        r"\b(?:disabled|disability|wheelchair|deaf|blind|autistic|autism|dementia|epilep\w+"
        r"|bipolar|depression|cancer|pregnant|mental health (?:problem|condition|issue)s?)\b",
        r"\bi work(?:ed)? (?:as|for|at|in)\b"
        r"|\bas an? (?:\w+ )?(?:teacher|nurse|farmer|doctor|gp|publican|vicar|shopkeeper"
        r"|headteacher|governor|officer|magistrate|councillor|landlord|solicitor|paramedic)\b",
        r"\bi was (?:\w+ )?(?:raped|assaulted|attacked|stabbed|robbed|burgled|abused|mugged"
        r"|stalked)\b"
        r"|\bmy (?:ex|rapist|abuser|attacker|stalker)\b",
        r"\b(?:i|we) (?:live|lived) (?:in|at|on|near|opposite|next)\b"
        r"|\b(?:in|on) (?:my|our) (?:village|street|road)\b",
    )
]
"""What people say of themselves, kind by kind: age, sex and family, orientation, ethnicity and
faith, health, work, what was done to them, where they live."""


def combination(text: str) -> bool:
    """Whether a passage says two or more kinds of things of its author: few are both."""
    return sum(1 for trait in _TRAITS if trait.search(text)) > 1


def quotable(text: str, familiar: Familiar) -> bool:
    """Whether a passage may be printed: short, complete, and naming or reaching nobody.

    Not printed either is a passage that tells two kinds of things of its author, such as age and
    work: few are both.

    Refused: e-mail and web addresses, telephone numbers, postcodes, number plates, runs of four
    digits, a title with a name, and every capitalised word that fewer than ten answers hold
    (at a sentence's start: unless others write it small).
    """
    text = text.strip()
    if not text or len(text) > QUOTE_LENGTH or _PERSONAL.search(text) or combination(text):
        return False
    for sentence in sentences(text):
        for number, word in enumerate(_WORD.findall(sentence)):
            if word[0].islower() or not word[0].isalpha() or word in ("I", "A") or _is_i(word):
                continue
            if not (word[0].isupper() or any(c.isupper() for c in word)):
                continue  # a script without capitals
            opening = number == 0 and familiar.written(word.lower()) > 0
            if not opening and familiar.inside(word) < COMMON_NAME:
                return False
    return True


def _is_i(word: str) -> bool:
    return word.replace("’", "'") in ("I'm", "I've", "I'd", "I'll", "I’m")


_CLAUSE = re.compile(r"[.,;:!?…()\[\]\"“”/\n–—]+|\s-\s")


def clauses(text: str) -> list[str]:
    """A text cut at every mark of punctuation: phrases do not run across one."""
    return [c for c in _CLAUSE.split(text) if c.strip()]
