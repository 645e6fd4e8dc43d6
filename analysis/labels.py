"""Quotations for themes, from what people wrote themselves."""

from collections.abc import Mapping, Sequence

import numpy as np

from analysis import text, vectors
from analysis.text import Familiar

SHORTEST_QUOTE = 40
WHOLE = 200

QUOTABLE = 60
"""Passages among which quotations are chosen."""

TYPICAL, WHOLE_SENTENCE, EARLIER, SAME = 1.5, 0.15, 0.1, 0.5
"""What being typical is worth beside being different; a whole sentence; coming from a comment that
is more surely of the theme; and the share of words above which two passages are too much alike."""


def examples(
    comments: Sequence[str], familiar: Familiar, keywords: Sequence[str], most: int
) -> tuple[str, ...]:
    """Up to `most` quotations that differ, from comments in falling order of typicality.

    A comment is quoted whole where it is short, else one or two whole sentences of it; either
    way the quotation holds a keyword of the theme. Each is as near as can be to the middle of what
    might be quoted and as far from those before it (maximal marginal relevance; Carbonell and
    Goldstein 1998).
    """
    telling = {
        text.stem(w): 1 / (1 + k)
        for k, key in reversed([*enumerate(keywords)])
        for w in key.split()
    }
    found: list[str] = []
    for comment in comments:
        passage = _passage(comment, familiar, telling)
        if passage is not None and passage not in found:
            found.append(passage)
        if len(found) == QUOTABLE:
            break
    return tuple(found[k] for k in _diverse(found, most)) if found else ()


def _diverse(found: Sequence[str], most: int) -> list[int]:
    """Which passages to quote, by place: typical ones, unlike one another."""
    points = vectors.meanings(found, vectors.bags(list(found)), vectors.shipped())
    near = points @ vectors.unit(points.mean(axis=0, keepdims=True))[0]
    whole = np.array([_whole_sentence(p) for p in found])
    worth = near + WHOLE_SENTENCE * whole - EARLIER * np.arange(len(found)) / len(found)
    words = [{text.stem(w) for w in text.words(p) if w not in text.stop_words()} for p in found]
    chosen: list[int] = []
    left = list(range(len(found)))
    while left and len(chosen) < most:
        nearest = [max((float(points[k] @ points[j]) for j in chosen), default=0.0) for k in left]
        best = max(range(len(left)), key=lambda i: TYPICAL * worth[left[i]] - nearest[i])
        chosen.append(left[best])
        left = [k for k in left if all(_share(words[k], words[j]) <= SAME for j in chosen)]
    return chosen


def _share(one: set[str], other: set[str]) -> float:
    """The share of the fewer words that both have."""
    return len(one & other) / max(min(len(one), len(other)), 1)


def _whole_sentence(passage: str) -> bool:
    """Whether it begins and ends as a sentence of a few words does."""
    begins = passage[0].isupper() or not passage[0].isalpha()
    return begins and passage[-1] in ".!?…" and passage.count(" ") >= 4


def _passage(comment: str, familiar: Familiar, telling: Mapping[str, float]) -> str | None:
    """The whole comment where it is short, else the sentence or two that say most of the theme."""
    whole = " ".join(comment.split())
    if SHORTEST_QUOTE <= len(whole) <= WHOLE:
        candidates = [whole]
    else:
        parts = text.sentences(comment[:5000])
        joined = (
            " ".join(" ".join(parts[k : k + n]).split()) for k in range(len(parts)) for n in (1, 2)
        )
        candidates = [c for c in joined if len(c) >= SHORTEST_QUOTE and c[-1:] in ".!?…"]
    said = [(-_tells(c, telling), len(c), c) for c in candidates]
    for worth, _, candidate in sorted(said):
        if worth < 0 and text.quotable(candidate, familiar):
            return candidate
    return None


def _tells(passage: str, telling: Mapping[str, float]) -> float:
    said = sorted({text.stem(w) for w in text.words(passage)})  # sums depend on the order
    return sum(telling.get(stem, 0.0) for stem in said)
