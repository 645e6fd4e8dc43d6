"""Finding topics among comments: what they mean, what words they share, and who is near whom.

A comment is its meaning (`analysis.vectors`) beside its words (latent semantic analysis of TF-IDF;
Deerwester and others 1990), averaged with its nearest neighbours, which takes away what is its
own and leaves what it is about. Groups are those on which many runs of k-means agree (evidence
accumulation; Fred and Jain 2005).
"""

import math
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, hstack
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from analysis import grammar, passages, text, vectors
from analysis.passages import Parts
from analysis.vectors import Bags, Floats, Places

WORDS, WORD_WEIGHT = 100, 0.5
"""Dimensions of the words' part of a comment, and its length beside the meaning's."""

NEIGHBOURS, STEPS, OWN = 15, 5, 0.1
"""Each comment becomes the average of so many nearest ones, so often; a tenth stays its own."""

RUNS, SHARE, SPREAD, DIMENSIONS = 60, 0.8, 1.2, 48
"""So many runs of k-means have to agree, each on this share of the comments, with up to a fifth
more groups than wanted, on so many dimensions. With these, two runs over nine tenths of the same
comments agree to .8 and more (adjusted Rand index), which fewer runs or more groups do not."""

FEWEST_HOLD = 2
MOST_WORDS = 30_000

SMALLEST, SMALLEST_SHARE = 5, 0.001
"""A theme has at least so many comments, and this share of all."""

LONGEST = 3000
"""Words of one comment that are read for its keywords; its first ones."""

KEYWORDS = 24
CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Space:
    """Where comments are put by meaning and words; made on some, used on all of their kind."""

    mean: Floats
    columns: dict[str, int]
    rarity: Floats
    components: Floats

    @classmethod
    def of(cls, comments: Sequence[str], found: Bags, seed: int) -> "Space":
        """The space of some comments."""
        held = found.matrix(np.ones(len(found.codes)))
        texts = np.diff(held.tocsc().indptr)
        common = np.argsort(-texts, kind="stable")[:MOST_WORDS]
        kept = np.sort(common[texts[common] >= FEWEST_HOLD])
        columns = {found.words[k]: j for j, k in enumerate(kept)}
        rarity = (np.log((1 + len(found)) / (1 + texts[kept])) + 1).astype(np.float32)
        mean = vectors.meanings(comments, found, vectors.shipped()).mean(axis=0)
        blank = cls(mean, columns, rarity, np.zeros((0, len(kept)), dtype=np.float32))
        dimensions = min(WORDS, len(kept) - 1, len(found) - 1)
        if dimensions < 1:
            return blank
        _, _, axes = randomized_svd(blank.words(found), dimensions, n_iter=7, random_state=seed)
        return cls(mean, columns, rarity, axes.astype(np.float32))

    def words(self, found: Bags) -> csr_array:
        """(comments, words): TF-IDF, rows of length 1."""
        column = np.array([self.columns.get(word, -1) for word in found.words], dtype=np.int64)
        held = found.matrix(np.ones(len(found.codes))).tocoo()
        row, places = held.row[column[held.col] >= 0], column[held.col]
        places = places[places >= 0]
        value = (1 + np.log(held.data[column[held.col] >= 0])) * self.rarity[places]
        table = csr_array((value, (row, places)), shape=(len(found), len(self.columns)))
        lengths = np.sqrt(table.multiply(table).sum(axis=1))
        return diags_array(1 / np.where(lengths > 0, lengths, 1)) @ table

    def place(self, comments: Sequence[str], found: Bags) -> Floats:
        """(comments, dimensions): where each is, at distance 1 from nowhere."""
        return _beside(*self.both(vectors.meanings(comments, found, vectors.shipped()), found))

    def both(self, meaning: Floats, found: Bags) -> tuple[Floats, Floats]:
        """What comments mean, about what all of them do, and their words."""
        known = np.linalg.norm(meaning, axis=1, keepdims=True) > 0
        meaning = np.where(known, meaning - self.mean, 0)
        return meaning, vectors.unit(self.words(found) @ self.components.T)


def _beside(meaning: Floats, words: Floats) -> Floats:
    return vectors.unit(np.hstack([vectors.unit(meaning), WORD_WEIGHT * vectors.unit(words)]))


@dataclass(frozen=True, slots=True)
class Reader:
    """Where the parts of comments are, long ones' style taken away."""

    space: Space
    styles: tuple[Floats, Floats]
    long: float
    """The share of long comments' passages. So much of their style is taken from short ones too:
    where long ones are few, what is theirs is a topic among others."""

    @classmethod
    def of(cls, parts: Parts, found: Bags, seed: int) -> "Reader":
        """Made on some comments, used on all of their kind."""
        space = Space.of(parts.texts, found, seed)
        meaning, words = space.both(parts.meanings(found), found)
        styles = parts.style(meaning), parts.style(words)
        return cls(space, styles, float(parts.within.mean()))

    def place(self, parts: Parts, found: Bags) -> Floats:
        """(parts, dimensions): where each is; zero where no word is known."""
        both = self.space.both(parts.meanings(found), found)
        known = np.linalg.norm(both[0], axis=1, keepdims=True) > 0
        much = np.where(parts.within, 1, self.long)
        plain = [
            one - np.outer(much * (one @ way), way)
            for one, way in zip(both, self.styles, strict=True)
        ]
        return np.where(known, parts.leaning(_beside(*plain)), 0)


def neighbours(points: Floats, count: int) -> tuple[Places, Floats]:
    """(points, count): each point's nearest others by cosine, in no order, and how near."""
    nearest = np.empty((len(points), count), dtype=np.int64)
    near = np.empty((len(points), count), dtype=np.float32)
    for start in range(0, len(points), 1000):
        cosine = points[start : start + 1000] @ points.T
        here = np.arange(len(cosine))
        cosine[here, start + here] = -2
        best = np.argpartition(-cosine, count - 1, axis=1)[:, :count]
        nearest[start : start + 1000] = best
        near[start : start + 1000] = np.take_along_axis(cosine, best, axis=1)
    return nearest, near


def smoothed(points: Floats) -> Floats:
    """Points averaged with their nearest ones, several times: groups draw together."""
    count = min(NEIGHBOURS, len(points) // 8)
    if count < 2:
        return points
    nearest, near = neighbours(points, count)
    size = len(points)
    weight = np.maximum(near, 0).ravel()
    rows = np.repeat(np.arange(size), count)
    one_way = csr_array((weight, (rows, nearest.ravel())), shape=(size, size))
    graph = one_way.maximum(one_way.T)
    total = np.asarray(graph.sum(axis=1)).ravel()
    graph = diags_array(1 / np.where(total > 0, total, 1)) @ graph
    moved = points
    for _ in range(STEPS):
        moved = (1 - OWN) * (graph @ moved) + OWN * points
    return vectors.unit(moved)


def agreed(points: Floats, count: int, seed: int) -> NDArray[np.int64]:
    """(points,): groups on which runs of k-means on parts of the points agree."""
    random = np.random.default_rng(seed)
    size = len(points)
    if size <= count:
        return np.arange(size)
    held = []
    for _ in range(RUNS):
        groups = int(random.uniform(count, SPREAD * count))
        part = random.random(size) < SHARE
        groups = max(2, min(groups, int(part.sum()) // 2))
        means = KMeans(groups, n_init=1, max_iter=30, random_state=int(random.integers(2**31)))
        of = means.fit(points[part]).predict(points)
        held.append(csr_array((np.ones(size), (np.arange(size), of)), shape=(size, groups)))
    together = hstack(held).tocsr()
    sizes = np.asarray(together.sum(axis=0)).ravel()
    together = together @ diags_array(1 / np.sqrt(np.maximum(sizes, 1)))
    left, length, _ = randomized_svd(together, min(count, size - 1), n_iter=10, random_state=seed)
    apart = vectors.unit(left * length)
    found: NDArray[np.int64] = KMeans(count, n_init=20, random_state=seed).fit_predict(apart)
    return found


@dataclass(frozen=True, slots=True)
class Model:
    """What tells topics apart; `keywords` are those of each as people write them."""

    reader: Reader
    judge: LogisticRegression
    keywords: list[list[str]]

    def scores(self, comments: Sequence[str]) -> NDArray[np.float64]:
        """(comments, topics): how likely each is; none of a comment whose words are unknown."""
        with threadpool_limits(1):
            every = [_judged(self.judge, self.reader, c) for c in passages.chunks(comments, CHUNK)]
        return np.vstack(every)


def fit(
    comments: Sequence[str], count: int | None, wanted: int, most: int, seed: int
) -> Model | None:
    """Topics of the comments: `count` of them, or about `wanted`, sought among `most` of them.

    Without `count` a topic of too few comments is given up, and they go to the others. None when
    the comments share too little for any topic.
    """
    # One thread: sums in another order differ in their last digits, and themes with them.
    with threadpool_limits(1), warnings.catch_warnings():
        # Fewer different points than groups: then there are as many groups as points.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return _fitted(comments, count, wanted, most, seed)


def _fitted(
    comments: Sequence[str], count: int | None, wanted: int, most: int, seed: int
) -> Model | None:
    sample = list(comments[:: passages.share(comments, most)])
    parts = Parts.of(sample)
    found = vectors.bags(parts.texts)
    if not found.words:
        return None
    reader = Reader.of(parts, found, seed)
    points = reader.place(parts, found)
    known = (np.linalg.norm(points, axis=1) > 0) & parts.drawn
    if known.sum() < 2:
        return None
    drawn = smoothed(points[known])
    if drawn.shape[1] > DIMENSIONS < len(drawn):
        drawn = drawn - drawn.mean(axis=0)
        left, length, _ = randomized_svd(drawn, DIMENSIONS, n_iter=7, random_state=seed)
        drawn = (left * length).astype(np.float32)
    of = agreed(drawn, min(count or wanted, int(known.sum()) // 2 or 1), seed)
    kept = np.ones(len(of), dtype=bool) if count else _large(of, parts.owner[known], len(sample))
    topics, of = np.unique(of[kept], return_inverse=True)
    if len(topics) < 2:
        return None
    judge = LogisticRegression(C=10.0, max_iter=300).fit(points[known][kept], of)
    model = Model(reader, judge, [])
    typical = model.scores(sample).argmax(axis=1)
    return replace(model, keywords=_keywords(sample, typical, len(topics)))


def _large(of: Places, owner: Places, comments: int) -> NDArray[np.bool_]:
    """Whether each part is in a group of parts of enough different comments."""
    pairs = np.unique(np.column_stack([of, owner]), axis=0)
    large: NDArray[np.bool_] = np.bincount(pairs[:, 0]) >= max(SMALLEST, SMALLEST_SHARE * comments)
    return large[of]


def _judged(
    judge: LogisticRegression, reader: Reader, comments: Sequence[str]
) -> NDArray[np.float64]:
    """(comments, topics): how likely each topic is; zeros where no word is known."""
    parts = Parts.of(comments)
    points = reader.place(parts, vectors.bags(parts.texts))
    known = np.linalg.norm(points, axis=1, keepdims=True) > 0
    return parts.of_comments(judge.predict_proba(points) * known)


def _keywords(sample: Sequence[str], of: NDArray[np.int64], topics: int) -> list[list[str]]:
    """Per topic its most telling words and pairs of words, as most people write them.

    Those far more frequent in the topic than elsewhere (class-based TF-IDF; Grootendorst 2022).
    """
    written: dict[str, Counter[str]] = {}
    inside: list[Counter[str]] = [Counter() for _ in range(topics)]
    overall: Counter[str] = Counter()
    for comment, topic in zip(sample, of, strict=True):
        stems = dict(features(comment))
        inside[topic].update(stems.keys())
        overall.update(stems.keys())
        for stem, surface in stems.items():
            written.setdefault(stem, Counter())[surface] += 1
    sizes = np.bincount(of, minlength=topics)
    found = []
    for own, size in zip(inside, sizes, strict=True):
        rest = max(len(sample) - int(size), 1)
        telling = {
            stem: (n / max(size, 1))
            * math.log((n / max(size, 1)) / ((overall[stem] - n + 0.5) / rest))
            for stem, n in own.items()
            if n >= min(2, size)
        }
        best = sorted(telling, key=lambda stem: (-telling[stem], stem))[:KEYWORDS]
        best = [stem for stem in best if telling[stem] > 0] or best[:1]
        found.append([min(written[s], key=lambda w: (-written[s][w], w)) for s in best])
    return found


def features(comment: str) -> list[tuple[str, str]]:
    """Stems of the words that carry meaning, and of two such in a row; each with its surface."""
    stop = text.stop_words()
    found = text.words(comment)[:LONGEST]
    listed: list[tuple[str, str]] = []
    before: tuple[str, str] | None = None
    for word in found:
        if word in stop or len(word) < 2 or word.isdigit() or grammar.nobodys(word):
            before = None
            continue
        here = (text.stem(word), word)
        listed.append(here)
        if before is not None:
            listed.append((f"{before[0]} {here[0]}", f"{before[1]} {here[1]}"))
        before = here
    return listed
