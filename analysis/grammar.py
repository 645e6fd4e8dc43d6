"""Phrases that can name something: what words are, by a list from WordNet and their endings."""

import gzip
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from analysis import text

LONGEST = 6
"""Words of a phrase."""

READ = 400
"""Words of a comment that are read for phrases; its first ones."""

SHAPES = (
    (re.compile("M"), 0.5),  # help, change: as well something done
    (re.compile("[ADGNM]+M"), 0.8),  # long wait; but also: older streets change
    (re.compile("M[ADGNM]*N"), 0.7),  # support staff; but also: stop housing
    (re.compile("(?:[ADGN]&[ADGN]|[ADGNM])*N"), 1.0),  # new bank card, clean and tidy ward
    (re.compile("[ADGNM]*NLT?[ADGNM]*N"), 0.95),  # noise from other patients
    (re.compile("G[LT]{0,2}[ADGNM]*N"), 0.75),  # waiting for an appointment
    (re.compile("[VM]T?[ADGNM]*N(?:LT?[ADGNM]*N)?"), 0.4),  # stop the closure of the station
)
"""What a phrase may be made of, letter by letter, and how well that names something. N noun, A
adjective, D participle, G word in -ing, V verb, M verb or noun, L little word, T article."""

ALONE = 0.5
"""A whole clause that many wrote just so names their theme half as well as a thing does."""


@lru_cache(maxsize=1)
def _listed() -> dict[str, str]:
    packed = resources.files("analysis").joinpath("words", "kinds.txt.gz").read_bytes()
    lines = gzip.decompress(packed).decode("ascii").splitlines()
    return dict(line.split(" ") for line in lines)


@lru_cache(maxsize=1)
def _little() -> dict[str, str]:
    lines = (line.split(" ") for line in text.listed("little.txt"))
    return {word: kind for kind, *words in lines for word in words}


@lru_cache(maxsize=100_000)
def kind(word: str) -> str:
    """The letter of a word for `SHAPES`: P for a pronoun, X for what no phrase holds."""
    little = _little().get(word)
    if little is not None:
        return little
    if word in text.stop_words() or word.isdigit() or len(word) < 2:
        return "X"
    return _kind(word.removesuffix("'s"))


def _kind(word: str) -> str:
    listed = _listed()
    if word in listed:
        found = listed[word]
    elif word.endswith("ing"):
        return "G"
    elif word.endswith("ed"):
        return "D"
    elif word.endswith("ly"):
        return "X"
    else:
        found = next((listed[base] for base in _bases(word) if base in listed), "n")
        found = found.replace("a", "") or "n"  # adjectives have no plural
    if found[0] == "v":
        return "M" if "n" in found else "V"
    return {"n": "N", "a": "A"}.get(found[0], "X")


def _bases(word: str) -> Iterator[str]:
    """What a word in -s may be the plural, or the third person, of."""
    if word.endswith("ies"):
        yield word[:-3] + "y"
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("s"):
        yield word[:-1]


@lru_cache(maxsize=200_000)
def shape(kinds: str) -> float:
    """How well a phrase of these kinds of words names something, from 0 to 1."""
    return next((worth for form, worth in SHAPES if form.fullmatch(kinds)), 0.0)


def _named(kind_: str, written: str) -> str:
    """An adjective with a capital is part of a name: Bowling Green."""
    return "N" if kind_ == "A" and written[:1].isupper() and not written.isupper() else kind_


def phrases(comment: str) -> dict[str, float]:
    """The phrases of a comment, each with how well its make names something."""
    found: dict[str, float] = {}
    read = 0
    for clause in text.clauses(comment):
        here = text.words(clause)
        kinds = "".join(map(kind, here))
        if "A" in kinds:
            kinds = "".join(_named(k, w) for k, w in zip(kinds, text.written(clause), strict=True))
        for start, first in enumerate(kinds):
            if first in "XLTP&":
                continue
            for end in range(start + 1, min(start + LONGEST, len(here)) + 1):
                if kinds[end - 1] == "X":
                    break
                worth = shape(kinds[start:end])
                if worth:
                    found[" ".join(here[start:end])] = worth
        if 3 <= len(here) <= LONGEST and kinds.strip("XLT&"):
            found.setdefault(" ".join(here), ALONE)
        read += len(here)
        if read > READ:
            break
    return found
