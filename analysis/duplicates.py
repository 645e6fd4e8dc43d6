"""Copies among answers: the same words, and organised letters with changes.

The same words whatever the case and punctuation are found by their hash. Letters are compared by
their runs of words: the smallest hashes of a text's runs (bottom-k sketch, a MinHash with one
function; Broder 1997, Cohen and Kaplan 2007) say which texts may be copies, and the whole sets of
runs decide. A copy of a copy belongs to the same letter, however far it has drifted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from analysis import vectors

RUN = 3
"""Words in a run. Longer ones break at every typing mistake, shorter ones are common phrases."""

LETTER = 8
"""Texts of fewer words are copies only where all words are the same: many say the same briefly."""

SKETCH = 48
"""Smallest hashes kept of a text: two that share a fifth of their runs have two of these in common
with probability 0.999, so that they are compared."""

ALIKE, BESIDES = 0.5, 4
"""Copies share half of the runs of the shorter one and four more: in a short text as many runs are
common phrases …"""

BRIEF, DOUBTFUL, SAME_WORDS = 30, 0.4, 0.8
"""… or, where the shorter has at most 30 runs, so many of them and four fifths of all their words,
in any order …"""

LONGER = 2.5
"""… and neither has more than this many times the runs of the other: a letter quoted in somebody's
own long text makes it no copy."""

CHUNK = 50_000
PAIRS = 20_000
PARTS = 4
LOW = np.uint64(2**32 - 1)

Words = NDArray[np.uint64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Copies:
    """Which texts are copies of which, by place in the column.

    `first` (n,): the place of the first text of its kind, its own if it is alone; `exact` (n,):
    whether another text has the very same words.
    """

    first: Places
    exact: NDArray[np.bool_]

    @property
    def sizes(self) -> Places:
        """(n,): how many texts are of its kind, itself counted."""
        counted: Places = np.bincount(self.first, minlength=len(self.first))[self.first]
        return counted

    @property
    def kinds(self) -> list[str]:
        """Per text `exact`, `near` or `single`."""
        names = np.where(self.exact, "exact", np.where(self.sizes > 1, "near", "single"))
        return [str(name) for name in names]

    @property
    def clusters(self) -> int:
        """How many kinds have two texts or more."""
        return int((np.bincount(self.first) > 1).sum())

    @property
    def numbers(self) -> Places:
        """(n,): clusters numbered from 1 in the order in which they first come."""
        _, number = np.unique(self.first, return_inverse=True)
        return np.asarray(number + 1, dtype=np.int64)


def find(texts: pl.Series | Sequence[str | None]) -> Copies:
    """The copies among texts; an empty text is a copy of none."""
    column = texts if isinstance(texts, pl.Series) else pl.Series(list(texts), dtype=pl.String)
    hashes = np.empty(len(column), dtype=np.uint64)
    empty = np.zeros(len(column), dtype=bool)
    places, runs, sizes = [], [], []
    for start in range(0, len(column), CHUNK):
        part = column.slice(start, CHUNK).fill_null("")
        words = normal(part)
        # Where there is no word (emoji, dots), the text itself is compared.
        key = words.zip_with(words != "", part.str.strip_chars())
        here = slice(start, start + len(part))
        hashes[here], empty[here] = key.hash(seed=1).to_numpy(), (key == "").to_numpy()
        _, new = np.unique(hashes[here], return_index=True)
        found, counts = _runs(words.gather(new))
        places.append(start + new[counts > 0])
        runs.append(found)
        sizes.append(counts[counts > 0])
    same, exact = _same_words(hashes, empty)
    if not places:
        return Copies(same, exact)
    place, size, run = np.concatenate(places), np.concatenate(sizes), np.concatenate(runs)
    del runs
    once = same[place] == place  # not those that an earlier part has in the very same words
    place, run = place[once], run[np.repeat(once, size)]
    starts = np.concatenate([[0], np.cumsum(size[once])]).astype(np.int64)
    letters = _Letters(column, place, run, starts)
    joined = np.arange(len(column))
    joined[place] = place[_joined(letters)]
    return Copies(joined[same], exact)


def of_letters(letters: Sequence[str], texts: Sequence[str]) -> NDArray[np.int32]:
    """(texts,): which of the letters each is a copy of, the one it is most like; -1 for none.

    Each is compared with the letters alone, not with the other texts.
    """
    found = np.full(len(texts), -1, dtype=np.int32)
    every = pl.Series([*letters, *texts], dtype=pl.String)
    runs, sizes = _runs(normal(every))
    several = _Letters(every, np.arange(len(every)), runs, np.concatenate([[0], np.cumsum(sizes)]))
    known = np.unique(runs[: several.starts[len(letters)]])
    if not len(known):
        return found
    place = np.minimum(np.searchsorted(known, runs), len(known) - 1)
    there = known[place] == runs
    starts = np.concatenate([[0], np.cumsum(there)])[several.starts]
    table = csr_array(
        (np.ones(starts[-1], dtype=np.int32), place[there], starts), shape=(len(every), len(known))
    )
    shared = (table[len(letters) :] @ table[: len(letters)].T).tocoo()
    sizes = several.sizes
    least = np.minimum(sizes[len(letters) + shared.row], sizes[shared.col])
    likely = np.flatnonzero(shared.data >= DOUBTFUL * least)
    likely = likely[np.lexsort((shared.col[likely], -shared.data[likely]))]
    text, letter = len(letters) + shared.row[likely].astype(np.int64), shared.col[likely]
    copies = [
        _copies(several, text[k : k + PAIRS], letter[k : k + PAIRS])
        for k in range(0, len(text), PAIRS)
    ]
    if copies:
        text, letter = (ends[np.concatenate(copies)] for ends in (text, letter))
        _, best = np.unique(text, return_index=True)
        found[text[best] - len(letters)] = letter[best]
    return found


def normal(texts: pl.Series) -> pl.Series:
    """Texts as words in lower case with single spaces, without apostrophes and punctuation."""
    return (
        vectors.normal(texts)
        .str.to_lowercase()
        .str.replace_all("['’`´]", "")
        .str.replace_all(r"[^\p{L}\p{N}\p{M}]+", " ")
        .str.strip_chars(" ")
    )


def _same_words(hashes: Words, empty: NDArray[np.bool_]) -> tuple[Places, NDArray[np.bool_]]:
    """Per text the first place with the same words, and whether it has any copy of that sort."""
    _, first, back, counts = np.unique(
        hashes, return_index=True, return_inverse=True, return_counts=True
    )
    same = first[back].astype(np.int64)
    same[empty] = np.flatnonzero(empty)
    return same, (counts[back] > 1) & ~empty


def _runs(texts: pl.Series) -> tuple[NDArray[np.uint32], Places]:
    """The distinct runs of words of each text, sorted, one text after the other; and how many.

    None for one too short to be a letter.
    """
    lists = texts.str.split(" ")
    lengths = lists.list.len().to_numpy().astype(np.int64)
    words = lists.explode().hash(seed=2).to_numpy()
    if len(words) < RUN:
        return np.zeros(0, dtype=np.uint32), np.zeros(len(lengths), dtype=np.int64)
    run = words[:-2] * np.uint64(0x9E3779B97F4A7C15)
    run ^= _turned(words[1:-1]) * np.uint64(0xC2B2AE3D27D4EB4F)
    run ^= _turned(_turned(words[2:])) * np.uint64(0x165667B19E3779F9)
    run ^= run >> np.uint64(29)
    owner = np.repeat(np.arange(len(lengths), dtype=np.uint64), lengths)
    # A run belongs to a text that is long enough and does not end within it.
    inside = (owner[:-2] == owner[2:]) & np.repeat(lengths >= LETTER, lengths)[:-2]
    keyed = np.sort((owner[:-2][inside] << np.uint64(32)) | (run[inside] >> np.uint64(32)))
    keyed = keyed[np.r_[True, keyed[1:] != keyed[:-1]]] if len(keyed) else keyed
    counts = np.bincount((keyed >> np.uint64(32)).astype(np.int64), minlength=len(lengths))
    return (keyed & np.uint64(0xFFFFFFFF)).astype(np.uint32), counts.astype(np.int64)


def _turned(values: Words) -> Words:
    turned: Words = (values << np.uint64(21)) | (values >> np.uint64(43))
    return turned


@dataclass(frozen=True, slots=True)
class _Letters:
    """Texts long enough to be letters, each at its place in the column, by their runs of words.

    `runs[starts[i]:starts[i + 1]]` are those of the i-th, sorted.
    """

    column: pl.Series
    place: Places
    runs: NDArray[np.uint32]
    starts: Places

    @property
    def sizes(self) -> Places:
        """How many runs each has."""
        return np.diff(self.starts)

    def sets(self, which: Places) -> csr_array:
        """(which, 2**32): 1 at each run that one has."""
        sizes = self.sizes[which]
        ends = np.cumsum(sizes)
        place = np.arange(sizes.sum()) + np.repeat(self.starts[which] - ends + sizes, sizes)
        held = np.ones(len(place), dtype=np.int8)
        starts = np.concatenate([[0], ends])
        return csr_array(
            (held, self.runs[place].astype(np.int64), starts), shape=(len(which), 2**32)
        )

    def words(self, which: Places) -> pl.Series:
        """The lists of words of some."""
        return normal(self.column.gather(self.place[which])).str.split(" ")


def _joined(letters: _Letters) -> Places:
    """Per letter the first one of its kind, after comparing all that may be copies."""
    kind = np.arange(len(letters.place))
    for one, two in _candidates(letters):
        for start in range(0, len(one), PAIRS):
            a, b = one[start : start + PAIRS], two[start : start + PAIRS]
            new = kind[a] != kind[b]  # what has been joined meanwhile needs no comparing
            a, b = a[new], b[new]
            copies = _copies(letters, a, b)
            if copies.any():
                kind = _merged(kind, a[copies], b[copies])
    return kind


def _candidates(letters: _Letters) -> Iterator[tuple[Places, Places]]:
    """Pairs with two hashes of their sketches in common, those with most of them first.

    Of all that have a hash, each is paired with the first one and with the one before it.
    """
    text, opens = _sketches(letters)
    later = ~opens
    first = text[opens].repeat(np.diff(np.r_[np.flatnonzero(opens), len(opens)]))[later]
    before, text = text[:-1][later[1:]], text[later]
    for partner in (first, before):
        # In parts, by which partner it is, to need less memory.
        for part in range(PARTS):
            here = partner % np.uint32(PARTS) == part
            pair = (partner[here].astype(np.uint64) << np.uint64(32)) | text[here]
            pair.sort()
            ends = np.flatnonzero(np.r_[pair[1:] != pair[:-1], True]) if len(pair) else pair
            times = np.diff(ends, prepend=-1)
            pair = pair[ends[times > 1]]
            pair = pair[np.argsort(-times[times > 1], kind="stable")]
            yield (pair >> np.uint64(32)).astype(np.int64), (pair & LOW).astype(np.int64)


def _sketches(letters: _Letters) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """The letters by the hashes of their sketches in order, and where another hash begins."""
    sizes = np.minimum(letters.sizes, SKETCH)
    ends = np.cumsum(sizes)
    keyed = np.empty(sizes.sum(), dtype=np.uint64)
    for start in range(0, len(sizes), CHUNK):
        text = np.arange(start, min(start + CHUNK, len(sizes)))
        low, high = ends[start] - sizes[start], ends[text[-1]]
        shift = letters.starts[text] - (ends[text] - sizes[text])
        place = np.arange(low, high) + np.repeat(shift, sizes[text])
        keyed[low:high] = letters.runs[place].astype(np.uint64) << np.uint64(32)
        keyed[low:high] |= np.repeat(text, sizes[text]).astype(np.uint64)
    keyed.sort()
    alike = keyed[1:] >> np.uint64(32) == keyed[:-1] >> np.uint64(32)
    # A hash that one text alone has is of no use: most are such.
    keyed = keyed[np.r_[False, alike] | np.r_[alike, False]] if len(keyed) else keyed
    ordered = (keyed & LOW).astype(np.uint32)
    keyed >>= np.uint64(32)
    opens = np.ones(len(keyed), dtype=bool)
    np.not_equal(keyed[1:], keyed[:-1], out=opens[1:])
    return ordered, opens


def _shared(letters: _Letters, one: Places, two: Places) -> Places:
    """How many runs each pair has in common."""
    both = letters.sets(one).multiply(letters.sets(two))
    shared: Places = np.diff(both.tocsr().indptr).astype(np.int64)
    return shared


def _copies(letters: _Letters, one: Places, two: Places) -> NDArray[np.bool_]:
    """Whether each pair shares enough of its runs, or where it is brief of its words."""
    sizes = letters.sizes
    short, long = np.minimum(sizes[one], sizes[two]), np.maximum(sizes[one], sizes[two])
    shared = _shared(letters, one, two)
    copies: NDArray[np.bool_] = shared >= ALIKE * short + BESIDES
    doubtful = np.flatnonzero(~copies & (short <= BRIEF) & (shared >= DOUBTFUL * short))
    if len(doubtful):
        words = pl.DataFrame(
            {"a": letters.words(one[doubtful]), "b": letters.words(two[doubtful])}
        ).select(
            both=pl.col("a").list.set_intersection("b").list.len(),
            any=pl.col("a").list.set_union("b").list.len(),
        )
        copies[doubtful] = (words["both"] >= SAME_WORDS * words["any"]).to_numpy()
    return copies & (long <= LONGER * short)


def _merged(kind: Places, one: Places, two: Places) -> Places:
    """Kinds joined by pairs; each is called after its first text."""
    names, ends = np.unique(np.concatenate([kind[one], kind[two]]), return_inverse=True)
    graph = csr_array(
        (np.ones(len(one), dtype=np.int8), (ends[: len(one)], ends[len(one) :])),
        shape=(len(names), len(names)),
    )
    _, number = connected_components(graph, directed=False)
    first = np.full(number.max(initial=-1) + 1, len(kind))
    np.minimum.at(first, number, names)
    called = np.arange(len(kind))
    called[names] = first[number]
    merged: Places = called[kind]
    return merged
