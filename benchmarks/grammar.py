"""A small grammar of sentences, from which the benchmarks' invented residents write.

A file under ``benchmarks/texts`` holds sections, each headed ``== name`` and followed by lines to
choose from. In a line, ``[a|b|c]`` is a choice and ``{name}`` a line of another section, or
whatever a function of that name returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

TEXTS = Path(__file__).parent / "texts"

Node = str | tuple[str, list["Pattern"]]
Pattern = list[Node]
Bank = dict[str, list[Pattern]]
Maker = Callable[[Random], str]
_PARTS = re.compile(r"[\[\]|]|\{\w[\w.]*\}|[^\[\]|{}]+")


def parse(line: str) -> Pattern:
    """A line as a tree: words, ``("slot", …)`` names and ``("choice", …)`` of trees."""
    stack: list[list[Pattern]] = [[[]]]
    for part in _PARTS.findall(line):
        if part == "[":
            stack.append([[]])
        elif part == "]":
            choice = stack.pop()
            stack[-1][-1].append(("choice", choice))
        elif part == "|" and len(stack) > 1:
            stack[-1].append([])
        elif part[0] == "{":
            stack[-1][-1].append(("slot", [[part[1:-1]]]))
        else:
            stack[-1][-1].append(part)
    if len(stack) != 1:
        raise ValueError(f"a bracket is left open: {line}")
    return stack[0][0]


def read(*names: str) -> Bank:
    """Sections of some files, by name."""
    bank: Bank = {}
    section = ""
    for name in names:
        for raw in (TEXTS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            line = raw.strip()
            if line.startswith("== "):
                section = line[3:]
                bank[section] = []
            elif line:
                bank[section].append(parse(line))
    return bank


class Grammar:
    """Makes sentences from a bank; ``makers`` stand in for sections."""

    def __init__(self, bank: Bank, makers: Mapping[str, Maker] | None = None) -> None:
        self.bank = bank
        self.makers = dict(makers or {})

    def line(self, section: str, dice: Random, within: str = "") -> str:
        """Any line of a section, made."""
        return self.make(dice.choice(self.bank[section]), dice, within)

    def make(self, pattern: Pattern, dice: Random, within: str = "") -> str:
        """One text of a pattern; ``within`` is the subject whose sections come first."""
        out = []
        for node in pattern:
            if isinstance(node, str):
                out.append(node)
            elif node[0] == "choice":
                out.append(self.make(dice.choice(node[1]), dice, within))
            else:
                out.append(self.slot(str(node[1][0][0]), dice, within))
        return "".join(out)

    def slot(self, name: str, dice: Random, within: str = "") -> str:
        """What stands for a name; ``Name`` is ``name`` with a capital."""
        lower = name.lower()
        if name != lower and name[1:] == lower[1:]:
            made = self.slot(lower, dice, within)
            return made[:1].upper() + made[1:]
        if name in self.makers:
            return self.makers[name](dice)
        own = f"{within}.{name}"
        return self.line(own if own in self.bank else name, dice, within)
