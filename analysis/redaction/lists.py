"""The lists a name is known by, from `words/names/`: read once, when the first text comes."""

import gzip
import unicodedata
from functools import cache
from importlib import resources

_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "ə": "a", "ß": "ss",
                        "æ": "ae", "œ": "oe", "þ": "th", "’": "'", "‘": "'"})  # fmt: skip


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
