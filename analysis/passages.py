"""Long comments in passages, so that a letter is grouped by what it is about and not by its form.

Formal letters are alike in how they are written. What long comments as such have in common is one
direction in the space of meanings; it is taken away, and each passage leans on those around it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis import text, vectors
from analysis.vectors import Bags, Floats, Places

LONG, PASSAGE = 60, 25
"""A comment of more words than LONG is read passage by passage, each of PASSAGE words or more."""

AROUND = 5
"""A passage is read with so many before and after it: on its own it may be mere courtesy."""

MOST = 8
"""Passages of a comment among which themes are sought, so that one long letter makes none."""

FEWEST = 20
"""With fewer passages of long comments, what they have in common says nothing of their style."""


def passages(comment: str) -> list[str]:
    """A long comment in parts of whole sentences, of about PASSAGE words each."""
    parts: list[str] = []
    held: list[str] = []
    for sentence in text.sentences(comment):
        held.append(sentence)
        if sum(part.count(" ") + 1 for part in held) >= PASSAGE:
            parts.append(" ".join(held))
            held = []
    return [*parts, " ".join(held)] if held else parts


@dataclass(frozen=True, slots=True)
class Parts:
    """Comments as they are read: short ones whole, long ones in passages.

    The parts of comment i are `texts[starts[i]:starts[i + 1]]`.
    """

    texts: list[str]
    starts: Places

    @classmethod
    def of(cls, comments: Sequence[str]) -> "Parts":
        """The parts of some comments."""
        texts: list[str] = []
        starts = [0]
        for comment in comments:
            texts += (passages(comment) if comment.count(" ") >= LONG else []) or [comment]
            starts.append(len(texts))
        return cls(texts, np.array(starts, dtype=np.int64))

    @property
    def counts(self) -> Places:
        """(comments,): how many parts each has."""
        return np.diff(self.starts)

    @property
    def owner(self) -> Places:
        """(parts,): the comment that each is of."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @property
    def within(self) -> NDArray[np.bool_]:
        """(parts,): whether it is a passage of a long comment."""
        return np.repeat(self.counts > 1, self.counts)

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """(parts,): those among which themes are sought, at most MOST of a comment."""
        chosen = np.zeros(len(self.texts), dtype=bool)
        for start, end in pairwise(self.starts.tolist()):
            chosen[np.linspace(start, end - 1, min(end - start, MOST)).astype(np.int64)] = True
        return chosen

    def meanings(self, found: Bags) -> Floats:
        """(parts, dimensions): what each means; first words count more only where all begins."""
        led = vectors.meanings(self.texts, found, vectors.shipped())
        inner = self.within
        inner[self.starts[:-1]] = False
        if not inner.any():
            return led
        meaning, telling = vectors.shipped().of(found.words)
        weights = found.matrix(telling[found.codes].astype(np.float64))[inner]
        led[inner] = vectors.unit(weights @ meaning)
        return led

    def style(self, points: Floats) -> Floats:
        """(dimensions,): the direction in which long comments differ from short ones; or zero."""
        within = self.within
        if min(within.sum(), (~within).sum()) < FEWEST:
            return np.zeros(points.shape[1], dtype=np.float32)
        apart = points[within].mean(axis=0) - points[~within].mean(axis=0)
        return vectors.unit(apart[None]).ravel()

    def leaning(self, points: Floats) -> Floats:
        """Points of passages moved to those around them, half of the way."""
        here = np.flatnonzero(self.within)
        if not len(here):
            return points
        owner, mine = self.owner[here], points[here]
        # Only passages of long comments are looked at: `first` and `last` are places among them.
        start = np.searchsorted(here, self.starts[owner])
        end = np.searchsorted(here, self.starts[owner + 1])
        first = np.maximum(start, np.arange(len(here)) - AROUND)
        last = np.minimum(end, np.arange(len(here)) + AROUND + 1)
        summed = np.vstack([np.zeros((1, mine.shape[1])), np.cumsum(mine, 0, dtype=np.float64)])
        moved = points.copy()
        moved[here] = vectors.unit(mine + vectors.unit(summed[last] - summed[first]))
        return moved

    def of_comments(self, judged: NDArray[np.float64]) -> NDArray[np.float64]:
        """(comments, topics) from (parts, topics): what a comment is about.

        Likeliest is what its passages are about on average. In any other topic a comment is as
        surely as the second surest of its passages: one that stands alone may be an aside.
        """
        mean: NDArray[np.float64] = np.add.reduceat(judged, self.starts[:-1]) / self.counts[:, None]
        for k in np.flatnonzero(self.counts > 1):
            here = np.sort(judged[self.starts[k] : self.starts[k + 1]], axis=0)
            best = mean[k].argmax()
            most = max(float(here[-2, best]), float(mean[k, best]))
            mean[k], mean[k, best] = np.minimum(np.maximum(mean[k], here[-2]), 0.999 * most), most
        return mean


def share(comments: Sequence[str], most: int) -> int:
    """Every how many-th comment is read so that at most about `most` parts are."""
    parts = sum(min(_parts(comment), MOST) for comment in comments)
    return max(1, -(-parts // most))


def chunks(comments: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """Comments in their order, so many at a time that they have about `most` parts."""
    start = held = 0
    for k, comment in enumerate(comments):
        held += _parts(comment)
        if held >= most:
            yield comments[start : k + 1]
            start, held = k + 1, 0
    if start < len(comments):
        yield comments[start:]


def _parts(comment: str) -> int:
    """How many parts a comment has at most."""
    spaces = comment.count(" ")
    return 1 + spaces // PASSAGE if spaces >= LONG else 1
