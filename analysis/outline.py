"""From likely topics to themes: few, large and distinct enough, named, told apart, in groups.

The rules are those of i.AI's consultation evaluations: at most 70 themes, each of five answers and
a thousandth of all; names less than 0.9 alike; and less than 0.7 of the smaller of two themes in
the other one. A theme that is too small is given up, and its comments go to the next likeliest;
two that are too much alike become one. Where somebody asks for a number of themes only their names
are kept apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from analysis import naming, vectors
from analysis.naming import Namer, Phrase
from analysis.vectors import Floats

MOST = 70
SMALLEST, SMALLEST_SHARE = 5, 0.001
NAMES_ALIKE, SAME_MEMBERS = 0.9, 0.7

ALSO, MOST_OF_ONE = 0.3, 4
"""A comment is also in a second theme that is at least this likely; in so many at most."""

READ = 12_000
"""Comments that are read for names, spread evenly over all."""

SAID = 3
"""Phrases of a description."""

Scores = NDArray[np.float64]
Steps = tuple[tuple[int, int], ...]
Members = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Outline:
    """What is told of a theme besides who is in it. `nearest`: which other theme; -1 for none."""

    label: str
    keywords: tuple[str, ...]
    description: str = ""
    nearest: int = -1
    difference: str = ""
    group: int = 0


@dataclass(frozen=True, slots=True)
class Outlined:
    """(comments, themes) scores, what each theme is, and names of the groups they are in.

    `steps` lead from topics to the themes: see `settled`.
    """

    scores: Scores
    themes: list[Outline]
    groups: list[str]
    steps: Steps


def belongs(scores: Scores) -> list[list[int]]:
    """Per comment its themes: the likeliest, and others likely too; none without scores."""
    order, chosen = _chosen(scores)
    return [row[keep].tolist() for row, keep in zip(order, chosen, strict=True)]


def _chosen(scores: Scores) -> tuple[NDArray[np.intp], Members]:
    """The likeliest themes of each comment in their order, and which of these it is in."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :MOST_OF_ONE]
    best = np.take_along_axis(scores, order, axis=1)
    chosen: Members = (best >= ALSO) | (np.arange(order.shape[1]) == 0)
    return order, chosen & (best > 0)


def _members(scores: Scores) -> Members:
    order, chosen = _chosen(scores)
    held = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(held, order, chosen, axis=1)
    return held


def outline(
    comments: Sequence[str],
    scores: Scores,
    keywords: list[list[str]],
    copies: Sequence[int],
    answers: int,
    asked: bool,
    taken: Sequence[str],
    english: bool = True,
) -> Outlined:
    """Themes that keep the rules, named unlike those `taken`; `copies` sent each comment.

    `answers` is how many there are in all languages; `asked` whether a number was asked for.
    """
    sizes = np.asarray(copies, dtype=np.float64)
    steps: list[tuple[int, int]] = []
    if not asked:
        scores, keywords = _settled(scores, keywords, sizes, answers, steps)
    every = max(1, -(-len(comments) // READ))
    read = comments[::every]
    namer = Namer(read, english)
    while True:
        found = [np.flatnonzero(of).tolist() for of in _members(scores[::every]).T]
        phrases = [namer.phrases(of, words) for of, words in zip(found, keywords, strict=True)]
        names = _names(namer, phrases, keywords, scores, sizes, taken)
        pair = _first_alike(names)
        if pair is None or asked:
            break
        scores, keywords = _step(scores, keywords, pair, steps)
    told = _told(namer, scores, names, keywords, phrases, found)
    return replace(told, steps=tuple(steps))


def settled(scores: Scores, steps: Steps) -> Scores:
    """(comments, themes) from (comments, topics): by each step a topic goes to another, or to all.

    A step is the topic and the one that it goes to, -1 for all, among those that are left.
    """
    for topic, into in steps:
        scores = _without(scores, topic) if into < 0 else _joined(scores, into, topic)
    return scores


def _step(
    scores: Scores, keywords: list[list[str]], step: tuple[int, int], steps: list[tuple[int, int]]
) -> tuple[Scores, list[list[str]]]:
    """Scores and keywords after one more step, which is put to the others."""
    steps.append(step)
    topic, into = step
    words = list(keywords)
    if into >= 0:
        both = dict.fromkeys([*keywords[into], *keywords[topic]])
        words[into] = list(both)[: len(keywords[into])]
    return settled(scores, (step,)), [*words[:topic], *words[topic + 1 :]]


def _settled(
    scores: Scores,
    keywords: list[list[str]],
    copies: Scores,
    answers: int,
    steps: list[tuple[int, int]],
) -> tuple[Scores, list[list[str]]]:
    """Without themes that are too small, and with those as one that have the same members."""
    least = max(SMALLEST, SMALLEST_SHARE * answers)
    while scores.shape[1] > 1:
        held = _members(scores)
        sizes = copies @ held
        smallest = int(sizes.argmin())
        if sizes[smallest] < least or scores.shape[1] > MOST:
            scores, keywords = _step(scores, keywords, (smallest, -1), steps)
            continue
        both = (held * copies[:, None]).T @ held
        share = both / np.minimum.outer(sizes, sizes)
        share[np.tril_indices_from(share)] = 0
        if share.max() < SAME_MEMBERS:
            break
        one, other = np.unravel_index(share.argmax(), share.shape)
        large, small = (one, other) if sizes[one] >= sizes[other] else (other, one)
        scores, keywords = _step(scores, keywords, (int(small), int(large)), steps)
    return scores, keywords


def _without(scores: Scores, theme: int) -> Scores:
    """Themes without one; its comments are as surely in the others together as they were."""
    before = scores.sum(axis=1)
    left = np.delete(scores, theme, axis=1)
    after = left.sum(axis=1)
    scale = np.divide(before, after, out=np.zeros_like(before), where=after > 0)
    scaled: Scores = np.minimum(left * scale[:, None], 1.0)
    return scaled


def _joined(scores: Scores, one: int, other: int) -> Scores:
    """Two themes as one, in the place of the first."""
    joined = scores.copy()
    joined[:, one] = np.minimum(scores[:, one] + scores[:, other], 1.0)
    return np.delete(joined, other, axis=1)


def _names(
    namer: Namer,
    phrases: list[list[Phrase]],
    keywords: list[list[str]],
    scores: Scores,
    copies: Scores,
    taken: Sequence[str],
) -> list[str]:
    """A name for each theme; the larger choose first."""
    sizes = copies @ _members(scores)
    names = [""] * len(phrases)
    for k in np.argsort(-sizes, kind="stable").tolist():
        others = [*taken, *(name for name in names if name)]
        names[k] = namer.name(phrases[k], keywords[k], others)
    return names


def _first_alike(names: Sequence[str]) -> tuple[int, int] | None:
    """The later and the earlier of two themes whose names are too much alike."""
    for k, one in enumerate(names):
        for j in range(k + 1, len(names)):
            if naming.similarity(one, names[j]) >= NAMES_ALIKE:
                return j, k
    return None


def _told(
    namer: Namer,
    scores: Scores,
    names: list[str],
    keywords: list[list[str]],
    phrases: list[list[Phrase]],
    members: list[list[int]],
) -> Outlined:
    """Descriptions, neighbours and groups of themes that have names."""
    centres = namer.centres(members)
    near = centres @ centres.T
    np.fill_diagonal(near, -2)
    of, groups = _groups(namer, centres, names, phrases, keywords, members)
    themes = []
    for k, name in enumerate(names):
        told = Outline(name, tuple(keywords[k]), _description(namer, phrases[k]), group=of[k])
        if len(names) > 1:
            nearest = int(near[k].argmax())
            apart = _apart(namer, phrases[k], phrases[nearest], names[nearest])
            told = replace(told, nearest=nearest, difference=apart)
        themes.append(told)
    return Outlined(scores, themes, groups, ())


def _description(namer: Namer, phrases: Sequence[Phrase]) -> str:
    """What people of a theme mention, in one sentence; empty where they share no phrase."""
    said = _different(namer, phrases)
    return f"People most often mention {_listed(said)}." if said else ""


def _apart(namer: Namer, mine: Sequence[Phrase], others: Sequence[Phrase], name: str) -> str:
    """What tells a theme from its nearest one, in one sentence."""
    here = _different(namer, [p for p in mine if p.text not in {o.text for o in others[:50]}])
    there = _different(namer, [p for p in others if p.text not in {m.text for m in mine[:50]}])
    if not here or not there:
        return f"Nearest is “{name}”."
    return f"Nearest is “{name}”: there people mention {_listed(there)}, here {_listed(here)}."


def _different(namer: Namer, phrases: Sequence[Phrase]) -> list[str]:
    """The first phrases that do not say one another again."""
    chosen: list[Phrase] = []
    for phrase in phrases:
        if not any(phrase.stems & other.stems for other in chosen):
            chosen.append(phrase)
        if len(chosen) == SAID:
            break
    return [f"“{namer.cased(p.text)}”" for p in chosen]


def _listed(said: Sequence[str]) -> str:
    return f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]


def _groups(
    namer: Namer,
    centres: Floats,
    names: list[str],
    phrases: list[list[Phrase]],
    keywords: list[list[str]],
    members: list[list[int]],
) -> tuple[list[int], list[str]]:
    """Which group each theme is in (Ward's method on their middles), and the groups' names."""
    count = groups_for(len(names))
    if count < 2:
        of = [0] * len(names)
    else:
        tree = linkage(vectors.unit(centres).astype(np.float64), "ward")
        of = (fcluster(tree, count, "maxclust") - 1).tolist()
    called: list[str] = []
    for group in range(max(of, default=-1) + 1):
        inside = [k for k in range(len(names)) if of[k] == group]
        together = sorted({i for k in inside for i in members[k]})
        words = [w for k in inside for w in keywords[k][:3]]
        found = namer.phrases(together, words) if len(inside) > 1 else phrases[inside[0]]
        called.append(namer.name(found, words, [*names, *called]))
    return of, called


def groups_for(themes: int) -> int:
    """How many groups so many themes make: 1 below four, 3 for ten, 8 for 25."""
    return 1 if themes < 4 else int(np.clip(round(themes / 3.2), 2, 8))
