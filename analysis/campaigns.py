"""Letters that many sent: their text, their days, and where copies of one differ."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher

from analysis import text

CAMPAIGN = 10
"""Copies of a letter from which on it is called an organised campaign."""

LETTER = 20
"""Words from which on an answer that comes again is a letter; of briefer ones many say the same."""

COMPARED = 20
"""Wordings, the commonest ones, that are compared with one another."""

SHOWN = 3
LONGEST = 1000
"""Words of a letter that are compared; its first ones."""

_PUNCTUATION = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Part:
    """Words of a letter in a row; `same`: the share of compared copies that have them too."""

    text: str
    same: float


@dataclass(frozen=True, slots=True)
class Variation:
    """Another wording of a letter, sent by `copies`: its words, and whether the letter has them."""

    copies: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Campaign:
    """A letter that many sent: how many copies, and the theme its words fall in.

    `text` is the wording that most copies are like, without personal data; `parts` are the same
    words cut where copies differ. Days are as the data has them, empty where it has none.
    `wordings`: how many different ones there are.
    """

    size: int
    theme: str
    text: str = ""
    first: str = ""
    last: str = ""
    wordings: int = 1
    parts: tuple[Part, ...] = ()
    variations: tuple[Variation, ...] = ()

    @property
    def texts(self) -> list[str]:
        """The letter, and its commonest other wordings."""
        return [self.text, *(" ".join(p.text for p in v.parts) for v in self.variations)]

    def as_dict(self) -> dict[str, object]:
        """As campaigns.json has it."""
        return {
            "size": self.size,
            "theme": self.theme,
            "text": self.text,
            "first_day": self.first,
            "last_day": self.last,
            "wordings": self.wordings,
            "parts": [{"text": p.text, "same": p.same} for p in self.parts],
            "variations": [
                {
                    "copies": v.copies,
                    "parts": [{"text": p.text, "differs": p.same < 1} for p in v.parts],
                }
                for v in self.variations
            ],
        }


def letters(first: Sequence[int], answers: Sequence[str]) -> dict[int, list[int]]:
    """Places of the copies of each campaign's letter, by the place of its first."""
    sizes = Counter(first)
    many = {k for k, n in sizes.items() if n >= CAMPAIGN and len(text.words(answers[k])) >= LETTER}
    found: dict[int, list[int]] = {k: [] for k in sorted(many)}
    for place, original in enumerate(first):
        if original in many:
            found[original].append(place)
    return found


def campaign(copies: Sequence[str], theme: str, days: Sequence[str]) -> Campaign:
    """What there is to say of a letter, from its copies and the days on which they came."""
    worded = Counter(" ".join(copy.split()) for copy in copies)
    order = sorted(worded, key=lambda said: (-worded[said], said))[:COMPARED]
    chosen = _typical(order, worded)
    here = chosen.split(" ")[:LONGEST]
    kept = [worded[chosen]] * len(here)
    variations: list[Variation] = []
    for other in order:
        if other == chosen:
            continue
        there = other.split(" ")[:LONGEST]
        shared = [0.0] * len(there)
        for block in _blocks(here, there):
            for step in range(block.size):
                kept[block.a + step] += worded[other]
                shared[block.b + step] = 1.0
        if len(variations) < SHOWN:
            variations.append(Variation(worded[other], _parts(there, shared)))
    sent = sum(worded[said] for said in order)
    shares = [round(n / sent, 3) for n in kept]
    known = sorted(day for day in days if day)
    return Campaign(
        len(copies), theme, chosen, known[0] if known else "", known[-1] if known else "",
        len(worded), _parts(here, shares), tuple(variations),
    )  # fmt: skip


def _blocks(one: Sequence[str], other: Sequence[str]) -> list[Match]:
    """Words in a row that two wordings have in common, whatever their case and punctuation."""
    here, there = ([_PUNCTUATION.sub("", w.lower()) for w in words] for words in (one, other))
    return SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()


def _typical(wordings: Sequence[str], copies: Counter[str]) -> str:
    """The wording that has most runs of three words in common with the others, by their copies."""
    runs = [_runs(said) for said in wordings]
    total = [
        sum(len(one & other) / max(len(one | other), 1) * copies[said]
            for other, said in zip(runs, wordings, strict=True))
        for one in runs
    ]  # fmt: skip
    return wordings[total.index(max(total))]


def _runs(said: str) -> set[tuple[str, ...]]:
    words = text.words(said)[:LONGEST]
    return {tuple(words[k : k + 3]) for k in range(max(len(words) - 2, 1))}


def _parts(words: Sequence[str], shares: Sequence[float]) -> tuple[Part, ...]:
    """Words in a row of the same share as one part."""
    parts: list[Part] = []
    for word, share in zip(words, shares, strict=True):
        if parts and parts[-1].same == share:
            parts[-1] = Part(f"{parts[-1].text} {word}", share)
        else:
            parts.append(Part(word, share))
    return tuple(parts)
