"""Names for themes: 3 to 6 words, of phrases that their people wrote."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations, islice

import numpy as np

from analysis import grammar, text, vectors
from analysis.text import Familiar
from analysis.vectors import Floats

SHORTEST, LONGEST = 3, 6
"""Words of a name."""

FITTING = {1: 0.4, 2: 0.9, 3: 1.25, 4: 1.15, 5: 0.95, 6: 0.75}
"""How well a phrase of so many words reads as a name, or as part of one."""

COMMON = 0.02
"""A phrase that a smaller share of a theme's comments hold is worth less as its name."""

A_THING = 0.75
"""Only phrases made at least so well are joined by “and”: not “stop the closure”."""

CANDIDATES = 400
POOL = 60
FRAGMENT = 0.6
"""A phrase is left out of which a larger share than this is written as part of a longer one."""

NEARLY = 0.85
"""A phrase that is a name by itself comes first if it is so many times as typical as the best."""

FULLER = 0.4
"""A phrase gives way to a longer one that holds it and is at least so many times as typical."""

ALIKE = 0.88
"""Names more alike than this are not given to two themes where others can be found."""

SYNONYMS = 0.5
"""Two words before the same one that mean as much the same add nothing: great and good."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a theme: how typical, how well made, how many wrote it, what it means."""

    text: str
    score: float
    worth: float
    count: int
    meaning: Floats

    @property
    def words(self) -> list[str]:
        """Its words."""
        return self.text.split(" ")

    @property
    def stems(self) -> set[str]:
        """Stems of its words that carry meaning."""
        return {text.stem(w) for w in self.words if w not in text.stop_words()}


class Namer:
    """What is written in all comments; `english`: whether the lists of words tell their kinds."""

    def __init__(self, comments: Sequence[str], english: bool = True) -> None:
        little = frozenset[str]() if english else grammar.little_words(comments)
        self._familiar = Familiar(comments)
        self._worth: dict[str, float] = {}
        self._said: list[list[str]] = []
        written: dict[str, Counter[str]] = {}
        for comment in comments:
            said: dict[str, str] = {}
            for phrase, worth in grammar.phrases(comment, little).items():
                stems = _stems(phrase)
                said[stems] = phrase
                self._worth[stems] = max(worth, self._worth.get(stems, 0.0))
            self._said.append(list(said))
            for stems, phrase in said.items():
                written.setdefault(stems, Counter())[phrase] += 1
        self._overall: Counter[str] = Counter()
        for stems_said in self._said:
            self._overall.update(stems_said)
        self._surface = {stems: min(of, key=lambda p: (-of[p], p)) for stems, of in written.items()}
        self._means = _meanings(comments)
        self._middle = self._means.mean(axis=0)

    def phrases(self, members: Sequence[int], keywords: Sequence[str] = ()) -> list[Phrase]:
        """Phrases of a theme, the most typical first: often in it, seldom outside, near its middle.

        Those made of its keywords come first, of the first ones most of all. A phrase is left out
        that is hardly ever written but as part of a longer one.
        """
        inside: Counter[str] = Counter()
        for i in members:
            inside.update(self._said[i])
        size, rest = len(members), len(self._said) - len(members) + 1
        least = 2 if size < 40 else 3 if size < 600 else 4
        rough: dict[str, float] = {}
        for phrase, n in inside.items():
            if n >= min(least, size):
                typical = math.log2(1 + (n / size) / ((self._overall[phrase] - n + 0.5) / rest))
                fit = FITTING[phrase.count(" ") + 1] * self._worth[phrase]
                fit *= min(1.0, n / size / COMMON) ** 0.5
                rough[phrase] = n**0.5 * typical * fit
        best = sorted(rough, key=lambda p: (-rough[p], p))[:CANDIDATES]
        within = _within(best, inside)
        best = [p for p in best if within[p] <= FRAGMENT * inside[p]]
        if not best:
            return []
        shown = [self._surface[p] for p in best]
        meaning = vectors.unit(_meanings(shown) - self._middle)
        near = np.maximum(meaning @ self.centres([members])[0], 0.0) + 0.1
        near *= 1 + np.array([_about(p, keywords) for p in best])
        found = [Phrase(says, rough[p] * float(s), self._worth[p], inside[p], m)
                 for p, says, s, m in zip(best, shown, near, meaning, strict=True)]  # fmt: skip
        return sorted(found, key=lambda p: (-p.score, p.text))

    def centres(self, groups: Sequence[Sequence[int]]) -> Floats:
        """(groups, dimensions): what the comments of each mean, about what all of them do."""
        means = [self._means[list(g)].mean(axis=0) if g else self._middle for g in groups]
        return vectors.unit(np.array(means) - self._middle)

    def name(self, ranked: Sequence[Phrase], keywords: Sequence[str], taken: Sequence[str]) -> str:
        """A name unlike those taken, in sentence case."""
        proposals = (_sentence(self.cased(p)) for p in _proposals(ranked[:POOL], keywords))
        tried = list(islice(proposals, 40))
        for proposal in tried:
            if all(similarity(proposal, other) < ALIKE for other in taken):
                return proposal
        least = [max(similarity(p, other) for other in taken) for p in tried]
        label = base = tried[least.index(min(least))]
        number = 2
        while label in taken:
            label, number = f"{base} ({number})", number + 1
        return label

    def cased(self, phrase: str) -> str:
        """A phrase with capitals where most people write them."""
        return " ".join(self._cased(word) for word in phrase.split())

    def _cased(self, word: str) -> str:
        base = word.removesuffix("'s")
        return self._familiar.surface(base) + word[len(base) :]


def _sentence(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _about(stems: str, keywords: Sequence[str]) -> float:
    """How much of a phrase, as stems, is a theme's keywords, from 0 to 1."""
    weight: dict[str, float] = {}
    for k, keyword in enumerate(keywords):
        for word in keyword.split():
            weight.setdefault(text.stem(word), 1 / (1 + k / 4))
    found = [weight.get(s, 0.0) for s in stems.split(" ") if grammar.kind(s) not in "LT&X"]
    return sum(found) / max(len(found), 1)


@lru_cache(maxsize=500_000)
def _stems(phrase: str) -> str:
    """A phrase by the stems of its words: “waiting times” is “waiting time”."""
    return " ".join(w if grammar.kind(w) in "LT&" else text.stem(w) for w in phrase.split(" "))


def _meanings(texts: Sequence[str]) -> Floats:
    return vectors.meanings(texts, vectors.bags(list(texts)), vectors.shipped())


def similarity(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1: in their letters or in what they mean.

    What they mean counts as far as their words are English: of others the vectors know nothing.
    """
    letters = SequenceMatcher(None, one.lower(), other.lower(), autojunk=False).ratio()
    told = min(_known_share(one), _known_share(other))
    return max(letters, told * float(_meaning(one) @ _meaning(other)))


@lru_cache(maxsize=10_000)
def _meaning(name: str) -> Floats:
    found: Floats = _meanings([name])[0]
    return found


def _known_share(name: str) -> float:
    found = [w for w in text.words(name) if w not in text.stop_words()]
    return sum(grammar.known(w) for w in found) / max(len(found), 1)


def _within(phrases: Sequence[str], inside: Counter[str]) -> Counter[str]:
    """How often each phrase is written as part of a longer one of these, of that most often."""
    most = Counter[str]()
    for longer in phrases:
        words = longer.split(" ")
        for start, end in combinations(range(len(words) + 1), 2):
            part = " ".join(words[start:end])
            if part != longer:
                most[part] = max(most[part], inside[longer])
    return most


def _proposals(ranked: Sequence[Phrase], keywords: Sequence[str]) -> Iterator[str]:
    """Names from the best phrase on: by itself, made fuller, or joined with another.

    One that is nearly as typical and long enough by itself comes before all that are joined.
    """
    for phrase in ranked:
        if len(phrase.words) >= SHORTEST and phrase.score >= NEARLY * ranked[0].score:
            yield phrase.text
    for first in ranked:
        if len(first.words) >= SHORTEST:
            yield first.text
            continue
        longer = [p for p in ranked if _says(p, first) and p.score >= FULLER * first.score]
        yield from (p.text for p in longer if len(p.words) >= SHORTEST)
        for base in [*longer[:1], first]:
            yield from _pairs(base, ranked)
    yield from _fallbacks([p.text for p in ranked], keywords)


def _fallbacks(phrases: Sequence[str], keywords: Sequence[str]) -> Iterator[str]:
    """Names where phrases do not make one: with a keyword, or “comments on” and what there is."""
    words = list(dict.fromkeys(w for key in keywords for w in key.split()))
    brief = [said for said in [*phrases, *words] if len(said.split()) <= LONGEST - 2]
    for said in brief:
        held = {text.stem(w) for w in said.split()}
        yield from (f"{said} and {w}" for w in words[:4] if text.stem(w) not in held)
    yield from (f"comments on {said}" for said in brief)
    yield "comments of few words"


def _says(longer: Phrase, first: Phrase) -> bool:
    """Whether a phrase, of a thing, holds another one."""
    return (
        longer is not first and longer.worth >= A_THING and f" {first.text} " in f" {longer.text} "
    )


def _pairs(first: Phrase, ranked: Sequence[Phrase]) -> list[str]:
    """A phrase joined with others, the best few."""
    joined = ((_joined(first, p), p) for p in ranked if p.score >= 0.15 * first.score)
    fit = [(p.score * (0.3 + max(float(p.meaning @ first.meaning), 0.0)), said)
           for said, p in joined if said]  # fmt: skip
    return [said for _, said in sorted(fit, key=lambda pair: (-pair[0], pair[1]))[:4]]


def _joined(first: Phrase, second: Phrase) -> str:
    """Two phrases as one name; empty where they do not go together."""
    one, two = first.words, second.words
    if min(first.worth, second.worth) < (A_THING if len(one) + len(two) > 2 else 0):
        return ""
    if " and " in f"{first.text} {second.text}":
        return ""
    if {one[0], two[0]} & text.stop_words():  # more, other
        return ""
    if len(one) == len(two) == 2 and one[1] == two[1]:
        apart = _qualifies(one[0]) == _qualifies(two[0]) and not _alike(one[0], two[0])
        near = similarity(one[0], two[0]) > SYNONYMS or {one[0], two[0]} <= _praise()
        return f"{one[0]} and {two[0]} {one[1]}" if apart and not near else ""
    if len(one) + len(two) + 1 > LONGEST - (len(two) > 1) or _begin_alike(first, second):
        return ""
    return f"{first.text} and {second.text}"


@lru_cache(maxsize=1)
def _praise() -> frozenset[str]:
    return frozenset(" ".join(text.listed("praise.txt")).split())


def _qualifies(word: str) -> bool:
    return grammar.kind(word) in "AD"


def _begin_alike(one: Phrase, other: Phrase) -> bool:
    """Whether two phrases share a word, or the beginning of one."""
    return any(_alike(a, b) for a in one.stems for b in other.stems)


def _alike(one: str, other: str) -> bool:
    """Whether two words begin alike: rail and railway, top and top-up."""
    short, long = sorted((text.stem(one), text.stem(other)), key=len)
    return long.startswith(short[:5]) if len(short) > 1 else long == short
