"""Answers as numbers: what they mean, what words they use, who is near, and how near a code is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer
from threadpoolctl import threadpool_limits

from analysis import text, topics, vectors
from analysis.coding.frame import Code, Doubles, Marks
from analysis.errors import DataError
from analysis.vectors import Floats

WORDS_WEIGHT, NEAR_WEIGHT = 0.5, 0.4
"""How much words that a code's name and an answer share count beside what they mean; how much of
what an answer means is taken from its neighbours when it is held to codes' names."""

SCALE, DIMENSIONS = 3.0, 256
"""The length of an answer's own and of its neighbours' features; to how many they are reduced."""

DRAWN = 12_000


@dataclass(frozen=True, slots=True)
class Named:
    """(codes, dimensions) what codes' names mean, (codes, stems) their words, and how near is near.

    `slope` (codes,) is what a step towards a code counts, in standard deviations of all answers.
    """

    meaning: Floats
    stems: csr_array
    slope: Doubles


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers as numbers, and what codes' names are held to.

    `points` (answers, features); `meaning` (answers, dimensions); `stems` (answers, stems), TF-IDF
    by `read`; `said` whether there is a word. `axes` are the features' directions among an
    answer's own place in `space` and that of its neighbours.
    """

    texts: Sequence[str]
    points: Floats
    axes: Floats
    space: topics.Space
    meaning: Floats
    read: TfidfVectorizer
    stems: csr_array
    said: Marks

    @classmethod
    def of(cls, texts: Sequence[str], seed: int = 0) -> "Answers":
        """The answers of redacted texts; an empty one is never given a code."""
        drawn = [t for t in texts if t.strip()]
        if not drawn:
            raise DataError("There is no answer to code: every one is empty.")
        drawn = drawn[:: max(1, -(-len(drawn) // DRAWN))]
        with threadpool_limits(1):
            space, found = topics.Space.of(drawn, vectors.bags(drawn), seed), vectors.bags(texts)
            own = space.place(texts, found)
            near = topics.smoothed(own) if len(own) <= 2 * DRAWN else own
            axes = _axes(own, near)
            points = np.float32(SCALE) * (own @ axes[: own.shape[1]] + near @ axes[own.shape[1] :])
            meaning = _meanings(own, near, len(space.mean))
        read = TfidfVectorizer(analyzer=_stems, sublinear_tf=True)
        try:
            read.fit(drawn)
        except ValueError:
            raise DataError("There is no answer to code: none has a word with meaning.") from None
        said = np.array([bool(t.strip()) for t in texts], dtype=bool)
        return cls(texts, points, axes, space, meaning, read, read.transform(texts), said)

    def nearness(self, frame: Sequence[Code], between: bool) -> tuple[Doubles, Named]:
        """(answers, codes): how near each is to a code's name, in standard deviations of all.

        With `between` half of it is in those of the code alone: what is learnt says how common
        each code is, and only which answers are nearer counts.
        """
        # The name twice: a description explains it, often with words of other codes.
        names = [code.name.replace("_", " ") for code in frame]
        told = [f"{n}. {n}. {c.description}" for n, c in zip(names, frame, strict=True)]
        named = vectors.meanings(told, vectors.bags(told), vectors.shipped())
        named = vectors.unit(named - (named.mean(axis=0) if len(frame) > 2 else self.space.mean))
        stems = self.read.transform(told)
        shared = (self.stems @ stems.T).toarray()
        near = np.asarray(self.meaning @ named.T + WORDS_WEIGHT * shared, dtype=np.float64)
        slope = np.full(len(frame), 1 / (near.std() or 1))
        scaled: Doubles = (near - near.mean()) * slope
        if between:
            apart = near.std(axis=0)
            alone = 1 / np.where(apart > 0, apart, 1)
            scaled = (scaled + (near - near.mean(axis=0)) * alone) / 2
            slope = (slope + alone) / 2
        return scaled, Named(named, stems, slope)


def _meanings(own: Floats, near: Floats, size: int) -> Floats:
    """(answers, size): what answers mean, the first part of where they and their neighbours are."""
    mixed: Floats = (1 - NEAR_WEIGHT) * vectors.unit(own[:, :size])
    mixed += NEAR_WEIGHT * vectors.unit(near[:, :size])
    return mixed


def _axes(own: Floats, near: Floats) -> Floats:
    """(places twice, features): the directions in which answers and their neighbours differ most.

    Nearly as much can be learnt from these as from all, in a tenth of the time.
    """
    both = np.hstack([part[:: max(1, -(-len(own) // DRAWN))] for part in (own, near)])
    values, found = np.linalg.eigh(both.T @ both)
    kept = min(DIMENSIONS, int((values > 1e-6 * values[-1]).sum()) or 1)
    return np.ascontiguousarray(found[:, ::-1][:, :kept])


def _stems(told: str) -> list[str]:
    return [text.stem(w) for w in text.words(told) if w not in text.stop_words() and len(w) > 1]


def similar(answers: Answers, place: int, count: int) -> list[int]:
    """The answers nearest to one, by cosine, nearest first; never itself or an empty one."""
    points = answers.points
    lengths = np.linalg.norm(points, axis=1)
    cosine = points @ points[place] / np.where(lengths > 0, lengths, 1)
    cosine[~answers.said] = -np.inf
    cosine[place] = -np.inf
    order = np.argsort(-cosine, kind="stable")[:count]
    return [int(k) for k in order if np.isfinite(cosine[k])]
