"""Finding topics among comments: TF-IDF and non-negative matrix factorisation."""

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer

from analysis import text

MOST_FEATURES = 6000
LONGEST = 3000
"""Words of one comment that are read for its topics; its first ones. All of it is kept."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Model:
    """`scores` is (comments, topics), cosine-like from 0 to 1; `keywords` per topic as written."""

    scores: Floats
    keywords: list[list[str]]


def fit(
    comments: Sequence[str], count: int | None, wanted: int, most: int, seed: int
) -> Model | None:
    """Topics of the comments: `count` of them, or about `wanted`, alike ones joined.

    None when the comments share too few words for any topic.
    """
    features = [_features(comment) for comment in comments]
    step = max(1, -(-len(comments) // most))
    sample = features[::step]
    vectorizer = TfidfVectorizer(
        analyzer=_itself,
        min_df=2 if len(sample) < 500 else 4,
        max_df=0.3 if len(sample) >= 50 else 0.6,
        max_features=MOST_FEATURES,
        sublinear_tf=True,
    )
    try:
        matrix = vectorizer.fit_transform([[stem for stem, _ in f] for f in sample])
    except ValueError:
        return None  # no word is in two comments
    everything = vectorizer.transform([[stem for stem, _ in f] for f in features])
    topics = min(count or wanted, *matrix.shape)
    model = NMF(topics, init="nndsvda", random_state=seed, max_iter=400)
    with warnings.catch_warnings():
        # A factorisation that still moves in its fourth digit is good enough to group comments.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(matrix)
        loads = model.transform(everything)
    profiles = model.components_
    if count is None:
        loads, profiles = _joined(loads, profiles)
    keep = profiles.sum(axis=1) > 0
    loads, profiles = loads[:, keep], profiles[keep]
    if not len(profiles):
        return None
    loads = loads * np.linalg.norm(profiles, axis=1)
    return Model(loads, _keywords(profiles, vectorizer, features))


def _itself(tokens: list[str]) -> list[str]:
    return tokens


def _features(comment: str) -> list[tuple[str, str]]:
    """Stems of the words that carry meaning, and of two such in a row; each with its surface."""
    stop = text.stop_words()
    found = text.words(comment)[:LONGEST]
    features: list[tuple[str, str]] = []
    before: tuple[str, str] | None = None
    for word in found:
        if word in stop or len(word) < 2 or word.isdigit():
            before = None
            continue
        here = (text.stem(word), word)
        features.append(here)
        if before is not None:
            features.append((f"{before[0]} {here[0]}", f"{before[1]} {here[1]}"))
        before = here
    return features


def _joined(loads: Floats, profiles: Floats) -> tuple[Floats, Floats]:
    """Topics joined while two have much the same words, so that no theme comes twice."""
    while len(profiles) > 2:
        unit = profiles / np.maximum(np.linalg.norm(profiles, axis=1, keepdims=True), 1e-12)
        near = np.triu(unit @ unit.T, k=1)
        a, b = np.unravel_index(int(np.argmax(near)), near.shape)
        if near[a, b] < 0.35:
            break
        weights = loads.sum(axis=0)
        share = weights[a] / max(weights[a] + weights[b], 1e-12)
        profiles[a] = share * profiles[a] + (1 - share) * profiles[b]
        loads[:, a] += loads[:, b]
        profiles, loads = np.delete(profiles, b, axis=0), np.delete(loads, b, axis=1)
    return loads, profiles


def _keywords(
    profiles: Floats, vectorizer: TfidfVectorizer, features: list[list[tuple[str, str]]]
) -> list[list[str]]:
    """Per topic its strongest words as most people write them, the strongest first."""
    names = vectorizer.get_feature_names_out()
    strongest = [np.argsort(-row, kind="stable")[:24] for row in profiles]
    wanted = {names[i] for order in strongest for i in order}
    written: dict[str, Counter[str]] = {name: Counter() for name in wanted}
    for pairs in features:
        for stem, surface in pairs:
            if stem in wanted:
                written[stem][surface] += 1
    keywords = []
    for row, order in zip(profiles, strongest, strict=True):
        kept = [names[i] for i in order if row[i] > 0.08 * row[order[0]]]
        keywords.append([min(written[k], key=lambda w: (-written[k][w], w)) for k in kept])
    return keywords
