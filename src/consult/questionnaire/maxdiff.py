"""Balanced sets for best–worst questions (MaxDiff).

A balanced incomplete block design shows every option equally often, and every pair of options
together equally often (Cochran and Cox 1957, chapter 11). Where none exists for the numbers asked
for, the sets found are as near to one as a search gets. The sets are stored with the question.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import combinations

from consult.questionnaire.document import Document

#: Times a search is begun anew, and swaps tried in each.
STARTS, SWAPS = 12, 4_000
#: Options in a set where the question does not say.
SIZE = 4


def wanted_sets(options: int, size: int) -> int:
    """How many sets show each of ``options`` about three times, in sets of ``size``."""
    return max(-(-3 * options // size), 1)


def design(options: Sequence[str], size: int, sets: int, *, seed: int = 0) -> list[list[str]]:
    """``sets`` lists of ``size`` options, each option shown equally often or once more.

    The same numbers and seed give the same sets. Raises ValueError where there are fewer options
    than a set holds, or too few sets to show every option.
    """
    if len(options) < size:
        raise ValueError(f"a set of {size} needs {size} options or more")
    if size * sets < len(options):
        raise ValueError(f"{sets} sets of {size} cannot show {len(options)} options")
    chance = random.Random(seed)  # noqa: S311  a design, no secret
    best = min((_search(len(options), size, sets, chance) for _ in range(STARTS)), key=_unevenness)
    shown = [[options[place] for place in sorted(members)] for members in best]
    return shown


def _search(options: int, size: int, sets: int, chance: random.Random) -> list[list[int]]:
    """Sets with even counts, improved by swapping options between two sets."""
    blocks = _even(options, size, sets, chance)
    score = _unevenness(blocks)
    perfect = _least(options, size, sets)
    for _ in range(SWAPS):
        if score <= perfect:
            break
        one, other = chance.sample(range(sets), 2) if sets > 1 else (0, 0)
        a, b = chance.choice(blocks[one]), chance.choice(blocks[other])
        if a in blocks[other] or b in blocks[one]:
            continue
        tried = [list(block) for block in blocks]
        tried[one][tried[one].index(a)], tried[other][tried[other].index(b)] = b, a
        changed = _unevenness(tried)
        if changed <= score:
            blocks, score = tried, changed
    return blocks


def _even(options: int, size: int, sets: int, chance: random.Random) -> list[list[int]]:
    """Sets filled in turn with whatever was shown least often so far."""
    shown: Counter[int] = Counter()
    blocks = []
    for _ in range(sets):
        order = sorted(range(options), key=lambda place: (shown[place], chance.random()))
        blocks.append(order[:size])
        shown.update(order[:size])
    return blocks


def _unevenness(blocks: Sequence[Sequence[int]]) -> int:
    """The sum of the squares of how often each pair is shown together: least where even."""
    pairs = Counter(pair for block in blocks for pair in combinations(sorted(block), 2))
    return sum(count * count for count in pairs.values())


def _least(options: int, size: int, sets: int) -> int:
    """What ``_unevenness`` is at least, with pairs as even as whole numbers can be."""
    together, pairs = sets * size * (size - 1) // 2, options * (options - 1) // 2
    each, over = divmod(together, pairs)
    return over * (each + 1) ** 2 + (pairs - over) * each**2


def with_sets(
    document: Document, question_id: str, sets: int | None = None
) -> tuple[Document, str]:
    """A questionnaire with the sets of a best–worst question made, and how even they are.

    Raises ValueError, with what to do, where there is no such question or it cannot be done.
    """
    definition = deepcopy(dict(document.definition))
    entries = [entry for entry in definition.get("pages", ()) if isinstance(entry, dict)]
    inside = [q for entry in entries for q in (entry, *entry.get("questions", ()))]
    found = [q for q in inside if q.get("id") == question_id and q.get("type") == "best_worst"]
    if not found:
        raise ValueError(f"There is no best_worst question called '{question_id}'.")
    question = found[0]
    codes = [o["code"] if isinstance(o, dict) else str(o) for o in question.get("options", ())]
    size = int(question.get("size", SIZE))
    count = sets or int(question.get("sets") or wanted_sets(len(codes), size))
    made = design(codes, size, count)
    question |= {"size": size, "sets": count, "design": made}
    alone = Counter(code for members in made for code in members)
    pairs = Counter(pair for members in made for pair in combinations(members, 2))
    summary = (
        f"{count} sets of {size}: each option is shown {_times(list(alone.values()))}, "
        f"each pair together {_times([pairs[pair] for pair in combinations(codes, 2)])}."
    )
    return replace(document, definition=definition), summary


def _times(counts: Collection[int]) -> str:
    least, most = min(counts), max(counts)
    return f"{least} times" if least == most else f"{least} to {most} times"
