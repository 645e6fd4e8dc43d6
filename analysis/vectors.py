"""What words mean, as numbers: static word vectors shipped with the package, and texts by them.

The vectors were distilled once from a sentence transformer (MiniLM-L6-v2, Apache 2.0) by
`analysis/words/distil.py`, so that nothing of it is needed here: a text is the mean of its words'
vectors, the commoner a word in the language the less it counts (Arora, Liang and Ma 2017).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

LEAD, LEAD_WORDS = 1.0, 2.0
"""The first words of a comment say what it is about: the first counts 1 + LEAD times, the next
less and less, by a factor of e with LEAD_WORDS telling words. In a question no word does."""

UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
"""Letters of scripts without spaces between words: each counts as a word of its own."""

_ASKS = re.compile(
    r"^\W*(?:how|what|why|when|where|which|who|can|could|do|does|did|is|are|am|will|would|should"
    r"|was|were|has|have)\b",
    re.IGNORECASE,
)

Floats = NDArray[np.float32]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Words, (words, dimensions) what they mean, (words,) how much each tells, from 0 to 1.

    A word beginning with ## is an ending that other words are made of.
    """

    place: dict[str, int]
    meaning: Floats
    telling: Floats

    def of(self, words: Sequence[str]) -> tuple[Floats, Floats]:
        """(words, dimensions) meanings and (words,) how telling; zero for a word unlike any."""
        meaning = np.zeros((len(words), self.meaning.shape[1]), dtype=np.float32)
        telling = np.zeros(len(words), dtype=np.float32)
        made = [parts(self, word) for word in words]
        many = np.fromiter(map(len, made), dtype=np.int64, count=len(words))
        known, place = np.flatnonzero(many), [one for of in made for one in of]
        if place:
            starts = np.cumsum(many[known]) - many[known]
            meaning[known] = np.add.reduceat(self.meaning[place], starts)
            meaning[known] /= many[known, None].astype(np.float32)
            telling[known] = np.maximum.reduceat(self.telling[place], starts)
        return meaning, telling


@lru_cache(maxsize=100_000)
def parts(vectors: Vectors, word: str) -> tuple[int, ...]:
    """The places of a word, or of the longest pieces it is made of; none if there are none."""
    return _cut(vectors, word) or _cut(vectors, _plain(word))


def _cut(vectors: Vectors, word: str) -> tuple[int, ...]:
    made: list[int] = []
    start = 0
    while start < len(word):
        mark = "##" if start else ""
        for end in range(len(word), start, -1):
            place = vectors.place.get(mark + word[start:end])
            if place is not None:
                made.append(place)
                start = end
                break
        else:
            return ()
    return tuple(made)


def _plain(word: str) -> str:
    """A word without accents."""
    apart = unicodedata.normalize("NFD", word)
    return "".join(c for c in apart if not unicodedata.combining(c))


@lru_cache(maxsize=1)
def shipped() -> Vectors:
    """The vectors that come with the package."""
    with resources.files("analysis").joinpath("words/vectors.npz").open("rb") as file:
        kept = np.load(file)
        words = kept["words"].tobytes().decode().split("\n")
        meaning = kept["vectors"].astype(np.float32) * kept["scale"][:, None].astype(np.float32)
        telling = kept["telling"].astype(np.float32)
    return Vectors({word: k for k, word in enumerate(words)}, meaning, telling)


@dataclass(frozen=True, slots=True)
class Bags:
    """Texts as words: the different `words`, and text i's are `codes[starts[i]:starts[i + 1]]`."""

    words: list[str]
    codes: Places
    starts: Places

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def owner(self) -> Places:
        """(codes,): the text that each word is of."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def matrix(self, values: NDArray[np.floating]) -> csr_array:
        """(texts, words): the sum of `values`, one for each word of the texts."""
        shape = (len(self), len(self.words))
        found = csr_array((values, self.codes.copy(), self.starts.copy()), shape=shape)
        found.sum_duplicates()
        return found


def bags(texts: pl.Series | Sequence[str], longest: int = 1000) -> Bags:
    """The words of texts in lower case, the first `longest` of each; “don't” is two."""
    column = texts if isinstance(texts, pl.Series) else pl.Series(list(texts), dtype=pl.String)
    lists = (
        normal(column.fill_null(""))
        .str.to_lowercase()
        .str.extract_all(r"[\p{L}\p{M}\p{N}]+")
        .list.head(longest)
    )
    lengths = lists.list.len().to_numpy().astype(np.int64)
    every = lists.filter(pl.Series(lengths > 0)).explode()
    _, first, codes = np.unique(every.hash().to_numpy(), return_index=True, return_inverse=True)
    # In the order of the words, whatever their hashes: the same texts give the same bags.
    words = every.gather(first)
    order = words.arg_sort().to_numpy()
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Bags(words.gather(order).to_list(), place[codes], starts)


def normal(texts: pl.Series) -> pl.Series:
    """Texts with one form of each character (NFKC), those that are words of their own apart."""
    foreign = (texts.str.len_bytes() != texts.str.len_chars()).arg_true()
    if not len(foreign):
        return texts
    apart = texts.gather(foreign).str.normalize("NFKC").str.replace_all(UNSPACED, " $0 ")
    return texts.scatter(foreign, apart)


def meanings(texts: Sequence[str], found: Bags, vectors: Vectors) -> Floats:
    """(texts, dimensions): what each text means, of length 1; zero where no word is known."""
    meaning, telling = vectors.of(found.words)
    weight = telling[found.codes].astype(np.float64)
    before = np.cumsum(weight) - weight
    lengths = np.diff(found.starts)
    some = lengths > 0
    before -= np.repeat(before[found.starts[:-1][some]], lengths[some])
    asks = np.fromiter((bool(_ASKS.match(t)) for t in texts), dtype=bool, count=len(found))
    lead = np.where(asks[found.owner], 0.0, LEAD * np.exp(-before / LEAD_WORDS))
    summed = found.matrix(weight * (1 + lead)) @ meaning
    return unit(summed)


def unit(rows: NDArray[np.floating]) -> Floats:
    """Rows of length 1; those of length 0 as they are."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Floats = (rows / np.where(lengths > 1e-9, lengths, 1)).astype(np.float32)
    return scaled
