"""Phrases that can name something: what words are, by a list from WordNet and their endings."""

import gzip
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources

from analysis import text
from analysis.redaction import lexicon

LONGEST = 6
"""Words of a phrase."""

LITTLE = 100
"""So many of the commonest words of another language are taken to say nothing by themselves."""

READ = 400
"""Words of a comment that are read for phrases; its first ones."""

SHAPES = (
    (re.compile("M"), 0.35),  # help, change: as well something done
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
    if word in text.stop_words() or word.isdigit() or len(word) < 2 or nobodys(word):
        return "X"
    return _kind(word.removesuffix("'s"))


@lru_cache(maxsize=100_000)
def nobodys(word: str) -> bool:
    """Whether a word is for no name of a theme: a first name, should one have been overlooked, or
    “xxxx”, as some write what they left out."""
    _, flags, _ = lexicon.look(word)
    named = flags & lexicon.SMALL and not flags & (lexicon.ANY_WORD | lexicon.PLACE)
    return bool(named) or (len(word) > 2 and len(set(word)) == 1)


def _kind(word: str) -> str:
    found = _listed().get(word, "")
    if word.endswith("ing") and len(word) > 4 and found[:1] != "n":
        return "G"
    if not found and word.endswith("ed"):
        return "D"
    if not found and word.endswith("ly"):
        return "X"
    if not found:
        base = next((base for base in _bases(word) if base in _listed()), "")
        found = _listed().get(base, "").replace("a", "") or "n"  # adjectives have no plural
    if found[0] == "v":
        return "M" if "n" in found else "V"
    return {"n": "N", "a": "A"}.get(found[0], "X")


def known(word: str) -> bool:
    """Whether a word is English, as far as its lists and endings tell."""
    listed = _listed()
    return (
        word in text.english()
        or word in listed
        or any(base in listed for base in _bases(word))
        or word.endswith(("'s", "ing", "ed"))
    )


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


def little_words(comments: Sequence[str]) -> frozenset[str]:
    """The commonest words of comments that are not in English, which no list tells."""
    held = Counter(word for said in comments for word in set(text.written(said)))
    small = [word for word in held if word.islower() and held[word] > 1]
    return frozenset(sorted(small, key=lambda word: (-held[word], word))[:LITTLE])


def _kinds(written: Sequence[str], words: Sequence[str], little: frozenset[str]) -> str:
    """The letters of a clause; by their capitals “Green” in “Bowling Green” and “LED” are nouns."""
    kinds = ["X" if word in little else kind(word) for word in words]
    capital = [word[:1].isupper() and not word.isupper() for word in written]
    for k in range(1, len(kinds)):
        if capital[k] and capital[k - 1] and kinds[k] == "A":
            kinds[k] = "N"
    if any(word.islower() for word in written):
        kinds = ["N" if len(w) > 1 and w.isupper() and k in "ADVM" else k
                 for w, k in zip(written, kinds, strict=True)]  # fmt: skip
    return "".join(kinds)


def phrases(comment: str, little: frozenset[str] = frozenset()) -> dict[str, float]:
    """The phrases of a comment, each with how well its make names something.

    `little` are more words that no phrase holds.
    """
    found: dict[str, float] = {}
    read = 0
    for clause in text.clauses(comment):
        written = text.written(clause)
        here = [word.lower().replace("’", "'") for word in written]
        kinds = _kinds(written, here, little)
        for start, first in enumerate(kinds):
            if first in "XLTP&":
                continue
            for end in range(start + 1, min(start + LONGEST, len(here)) + 1):
                if kinds[end - 1] == "X":
                    break
                worth = shape(kinds[start:end])
                if worth:
                    found[" ".join(here[start:end])] = worth
        whole = 3 <= len(here) <= LONGEST and kinds.strip("XLT&")
        if whole and not any(map(nobodys, here)):
            found.setdefault(" ".join(here), ALONE)
        read += len(here)
        if read > READ:
            break
    return found
