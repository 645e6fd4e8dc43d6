"""What the demonstration's invented residents write: a small grammar, and how people type.

The words are in ``words.yaml``. Nobody in them is real.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from ruamel.yaml import YAML

T = TypeVar("T")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_SLIPS: Mapping[str, str] = {
    "because": "becuase", "their": "there", "really": "realy", "people": "poeple",
    "thought": "thort", "definitely": "definately", "neighbour": "neighbor", "driving": "drivng",
    "receive": "recieve", "too": "to", "police": "polcie", "speeding": "speding",
    "burglary": "burglery", "officers": "officer's", "separate": "seperate", "you're": "your",
    "burgled": "burgaled", "council": "councel", "community": "comunity", "would": "woud",
    "with": "wiht", "don't": "dont", "can't": "cant", "I'm": "im", "it's": "its",
}  # fmt: skip
_FACES = ("😡", "👍", "😢", "🙏", "🚓", "🤷", "👏", "😤", "🚗💨")


class Dice:
    """Chance from a seed, by ``random()`` alone: the same on every version of Python."""

    def __init__(self, seed: int) -> None:
        self._next = random.Random(seed).random  # noqa: S311  a demonstration, not a secret

    def chance(self, share: float) -> bool:
        """True in ``share`` of cases."""
        return self._next() < share

    def number(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        return low + int(self._next() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of ``items``."""
        return items[int(self._next() * len(items))]

    def weighed(self, weights: Mapping[T, float]) -> T:
        """One of the keys, by weight."""
        left = self._next() * sum(weights.values())
        for key, weight in weights.items():
            left -= weight
            if left < 0:
                return key
        return next(reversed(list(weights)))

    def some(self, weights: Mapping[T, float], count: int) -> list[T]:
        """``count`` different keys, by weight."""
        left, chosen = dict(weights), []
        for _ in range(min(count, len(left))):
            chosen.append(self.weighed(left))
            del left[chosen[-1]]
        return chosen

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """``items`` in another order."""
        left, order = list(items), []
        while left:
            order.append(left.pop(int(self._next() * len(left))))
        return order


@cache
def table(name: str) -> Any:
    """A data file beside this module."""
    text = resources.files("consult.demo").joinpath(name).read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)


@cache
def _lines(*path: str) -> tuple[str, ...]:
    found = table("words.yaml")
    for key in path:
        found = found[key]
    lines = found.splitlines() if isinstance(found, str) else found
    return tuple(line.strip() for line in lines if line.strip())


@dataclass(frozen=True)
class Typist:
    """How somebody writes."""

    lower: bool
    shouts: bool
    stops: bool
    slips: float
    face: str

    @classmethod
    def drawn(cls, dice: Dice, *, young: bool) -> Typist:
        """A typist at random; the young use fewer capitals and more faces."""
        return cls(
            lower=dice.chance(0.3 if young else 0.13),
            shouts=dice.chance(0.02),
            stops=dice.chance(0.75),
            slips=dice.pick((0, 0, 0, 0, 0, 0.01, 0.03, 0.08)),
            face=dice.pick(_FACES) if dice.chance(0.09 if young else 0.03) else "",
        )


class Writer:
    """Writes comments for one person after another."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def comment(self, topics: Sequence[str], district: str, typist: Typist) -> str:
        """A comment on one or more topics, from two words to a page."""
        length = self._dice.weighed({"words": 26, "line": 34, "some": 28, "page": 12})
        if length == "words":
            text = self._said("topics", topics[0], "short", district=district)
            return self._typed(text, typist)
        sentences = self._sentences(topics, length, district)
        if length == "page":
            sentences = [
                self._said("open", district=district),
                *sentences,
                self._said("close", district=district),
            ]
        elif self._dice.chance(0.15):
            sentences.append(self._said("close", district=district))
        breaks = "\n\n" if length == "page" and self._dice.chance(0.4) else " "
        half = len(sentences) // 2
        text = " ".join(sentences[:half]) + breaks + " ".join(sentences[half:])
        return self._typed(text.strip(), typist)

    def _sentences(self, topics: Sequence[str], length: str, district: str) -> list[str]:
        """Different sentences on the topics: what happens, then what should."""
        low, high = {"line": (1, 1), "some": (2, 3), "page": (6, 11)}[length]
        wanted = self._dice.number(low, high)
        plan = [topics[n * len(topics) // wanted] for n in range(wanted)]
        done: list[tuple[str, str, str]] = []
        for topic in plan:
            earlier = [kind for t, kind, _ in done if t == topic]
            kind = "asks" if self._dice.chance(0.65 if earlier else 0.4) else "tells"
            lines = [
                line
                for line in _lines("topics", topic, kind)
                if line not in {template for _, _, template in done}
            ]
            if lines:
                done.append((topic, kind, self._dice.pick(lines)))
        return [self._expanded(template, district) for _, _, template in done]

    def line(self, *path: str, district: str, typist: Typist) -> str:
        """A line of a list, as this person types it."""
        return self._typed(self._said(*path, district=district), typist)

    def exact(self, *path: str) -> str:
        """A line of a list as it stands."""
        return self._dice.pick(_lines(*path))

    def personal(self, district: str) -> str:
        """A sentence that gives away an invented person."""
        first, last = self.exact("names", "first"), self.exact("names", "last")
        given = {
            "name": f"{first} {last}",
            "surname": last,
            "street": f"{self._dice.number(2, 98)} {self.exact('names', 'street')}",
            # Kept for use in drama by Ofcom; a postcode area with no such district.
            "phone": f"01632 960{self._dice.number(0, 999):03}",
            "postcode": f"CV99 {self._dice.number(1, 9)}{self._dice.pick(('AB', 'DX', 'QZ'))}",
            "email": f"{first.lower()}.{last.lower()}@example.org",
        }
        return self._expanded(self._dice.pick(_lines("personal")), district, given)

    def letter(self, lines: str) -> str:
        """A copy of a campaign's letter, with the small changes people make."""
        sentences = [self._expanded(line, "elsewhere") for line in lines.splitlines()]
        text = " ".join(sentence for sentence in sentences if sentence)
        if self._dice.chance(0.5):
            name = f"{self.exact('names', 'first')} {self.exact('names', 'last')}"
            text += f"\n{name}"
        return text

    def _said(self, *path: str, district: str) -> str:
        return self._expanded(self._dice.pick(_lines(*path)), district)

    def _expanded(self, text: str, district: str, given: Mapping[str, str] | None = None) -> str:
        """``text`` with every choice made and every slot filled."""

        def slot(match: re.Match[str]) -> str:
            name = match[1]
            if given and name in given:
                return given[name]
            path = ("towns", district) if name == "town" else ("slots", name)
            return self._dice.pick(_lines(*path))

        while "[" in text or "{" in text:
            text = _CHOICE.sub(lambda match: self._dice.pick(match[1].split("|")), text)
            text = _SLOT.sub(slot, text)
        text = re.sub(r"\s+", " ", text).strip()
        text = re.sub(r"\s+([.,?!:])", r"\1", text)
        return re.sub(r"(^|[.?!] )([a-z])", lambda match: match[1] + match[2].upper(), text)

    def _typed(self, text: str, typist: Typist) -> str:
        """``text`` as this person types it."""
        if typist.slips:
            text = re.sub(r"[A-Za-z']+", lambda match: self._slip(match[0], typist.slips), text)
        if typist.shouts:
            text = text.upper()
        elif typist.lower:
            text = text.lower()
        if typist.stops and text[-1].isalnum() and self._dice.chance(0.4):
            text += self._dice.pick((".", ".", ".", "!", "!!"))
        elif not typist.stops:
            text = text.rstrip(".").replace(". ", self._dice.pick((" ", ", ", "... ", ". ")))
        return f"{text} {typist.face}".strip()

    def _slip(self, word: str, share: float) -> str:
        if word in _SLIPS and self._dice.chance(min(1, share * 3)):
            return _SLIPS[word]
        if len(word) > 4 and self._dice.chance(share):
            at = self._dice.number(1, len(word) - 3)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word
