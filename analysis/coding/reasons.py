"""Which words of an answer spoke for a code: what the code's logit loses without each of them."""

from collections.abc import Sequence
from unicodedata import normalize

import numpy as np
import polars as pl

from analysis import text, vectors
from analysis.coding.answers import SCALE, WORDS_WEIGHT, Answers
from analysis.coding.frame import Code, Doubles
from analysis.coding.learning import NAME_WEIGHT, Predicted
from analysis.vectors import Bags

MOST, LEAST = 5, 0.1
"""How many words are named, and from what share of the first one's weight on."""

TRIED = 100
"""How many different words of an answer are looked at: its first ones."""


def why(
    answers: Answers, frame: Sequence[Code], predicted: Predicted, place: int, code: str
) -> tuple[str, ...]:
    """The words of an answer that spoke most for a code, as written in it, the strongest first.

    Each is what the code's logit loses when the word is left out everywhere in the answer, read
    as if its neighbours were as it is.
    """
    column = [c.id for c in frame].index(code)
    told = answers.texts[place]
    found = vectors.bags([told])
    written = _written(told)
    said = dict.fromkeys(found.words[k] for k in found.codes.tolist())
    words = [w for w in said if w in written and len(w) > 1 and w not in text.stop_words()][:TRIED]
    own = answers.space.place([told] * (len(words) + 1), _without(found, words))
    half = len(answers.axes) // 2
    features = SCALE * own @ (answers.axes[:half] + answers.axes[half:])
    meaning = vectors.unit(own[:, : len(answers.space.mean)])
    near = meaning @ predicted.named.meaning[column]
    near = near + WORDS_WEIGHT * _shared(answers, told, words, predicted, column)
    logit = features @ predicted.weights[:, column]
    logit = logit + NAME_WEIGHT * predicted.named.slope[column] * near
    lost = logit[0] - logit[1:]
    order = np.argsort(-lost, kind="stable")[:MOST].tolist()
    return tuple(written[words[k]] for k in order if lost[k] > max(LEAST * lost[order[0]], 0))


def _written(told: str) -> dict[str, str]:
    """The words of an answer as `vectors.bags` has them, and as they are first written in it."""
    apart = pl.Series([told]).str.replace_all(vectors.UNSPACED, " $0 ")
    found = apart.str.extract_all(r"[\p{L}\p{M}\p{N}]+")[0].to_list()
    return {normalize("NFKC", word).lower(): word for word in reversed(found)}


def _without(found: Bags, words: Sequence[str]) -> Bags:
    """One text as it is, and then without each of some words."""
    place = {word: k for k, word in enumerate(found.words)}
    rows = [found.codes, *(found.codes[found.codes != place[word]] for word in words)]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return Bags(found.words, np.concatenate(rows), starts)


def _shared(
    answers: Answers, told: str, words: Sequence[str], predicted: Predicted, column: int
) -> Doubles:
    """(1 + words,): how near an answer's stems are to a code's, whole and without each word."""
    read = answers.read
    kept = [(w, s) for w in text.words(told) for s in read.analyzer(w) if s in read.vocabulary_]
    if not kept:
        return np.zeros(len(words) + 1)
    stems, of = np.unique([read.vocabulary_[s] for _, s in kept], return_inverse=True)
    counts = np.tile(np.bincount(of).astype(np.float64), (len(words) + 1, 1))
    pieces = vectors.bags([w for w, _ in kept])
    row = {word: i for i, word in enumerate(words, start=1)}
    left_out = np.array([row.get(word, 0) for word in pieces.words])[pieces.codes]
    pairs = np.unique(np.column_stack([left_out, pieces.owner])[left_out > 0], axis=0)
    np.subtract.at(counts, (pairs[:, 0], of[pairs[:, 1]]), 1)
    weights = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * read.idf_[stems]
    found: Doubles = vectors.unit(weights) @ predicted.named.stems[[column]].toarray()[0, stems]
    return found
