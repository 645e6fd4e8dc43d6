"""The lists a name is known by, from `words/names/`: read once, when the first text comes."""

import gzip
import unicodedata
from functools import cache, lru_cache
from importlib import resources

_PLAIN = str.maketrans("łøđðıəæœþ’‘", "loddiaeet''")


def fold(word: str) -> str:
    """A word in small letters without accents, as the lists hold it: “Łukasz” is “lukasz”."""
    word = word.lower()
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word.translate(_PLAIN))
    return "".join(c for c in parts if not unicodedata.combining(c))


@cache
def listed(name: str) -> frozenset[str]:
    """The entries of `words/names/<name>.txt.gz`, folded."""
    path = resources.files("analysis").joinpath("words", "names", f"{name}.txt.gz")
    return frozenset(gzip.decompress(path.read_bytes()).decode("ascii").split())


@cache
def own(name: str) -> frozenset[str]:
    """The words of `words/names/own_<name>.txt`."""
    return frozenset(word for line in _lines(f"own_{name}.txt") for word in line.split())


@lru_cache(maxsize=1)
def phrases() -> frozenset[str]:
    """Pairs of words that name a place, a thing or a body: “hampton+lucy”, “union+jack”."""
    return listed("places_pairs") | {line.replace(" ", "+") for line in _lines("phrases.txt")}


@lru_cache(maxsize=1)
def cues() -> dict[str, frozenset[str]]:
    """Words that tell a name by standing beside it, from `words/names/cues.txt`, by purpose."""
    parts = (line.split(": ", 1) for line in _lines("cues.txt"))
    return {purpose: frozenset(words.split()) for purpose, words in parts}


@cache
def cue(purpose: str) -> frozenset[str]:
    """The words for one purpose; what for, the callers say."""
    return cues()[purpose]


def _lines(name: str) -> list[str]:
    path = resources.files("analysis").joinpath("words", "names", name)
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
