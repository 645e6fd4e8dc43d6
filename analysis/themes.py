"""What people's own words are about: a machine's proposal, for a person to judge.

Copies of a letter count once when themes are sought, so that a campaign cannot make one, and all
of them in its size. `analysis.topics` finds the themes by meaning and words; the same answers and
seed always give the same ones.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis import cleaning, duplicates, labels, redaction, text
from analysis.errors import DataError
from analysis.text import Familiar
from analysis.weighting import WeightedDataset

OTHER, UNPROCESSED = "other", "unprocessed"
WHY = {
    cleaning.NOTHING: "say nothing",
    cleaning.UNREADABLE: "unreadable",
    cleaning.LANGUAGE: "in languages of few",
}
OTHER_LABEL, UNPROCESSED_LABEL = "Other comments", "Says nothing, or could not be read"

FEWEST = 8
"""With fewer different comments than this, themes would be one person's words: all are “other”."""

FEWEST_FOREIGN = 20
"""With fewer different comments in a language other than that of most, nothing is themed in it."""

MOST_THEMES = 25
EXAMPLES = 3
KEYWORDS = 8
ALSO = 0.3
"""A comment is also in a second theme that is at least this likely."""

DISCOVER_FROM = 12_000
"""Themes are sought among at most this many different comments, spread evenly over the file."""

Floats = NDArray[np.float64]
_SEAL = object()


@dataclass(frozen=True, slots=True)
class Theme:
    """A group of comments. `size`: answers in it; `letters`: those that are copies of another."""

    id: str
    label: str
    keywords: tuple[str, ...]
    size: int
    letters: int
    examples: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """As themes.json has it."""
        return {
            "id": self.id,
            "label": self.label,
            "keywords": list(self.keywords),
            "size": self.size,
            "near_identical": self.letters,
            "examples": list(self.examples),
        }


@dataclass(frozen=True, slots=True)
class Campaign:
    """A letter that many sent: how many copies, and the theme its words fall in."""

    size: int
    theme: str


@dataclass(frozen=True, slots=True)
class ThemedDataset:
    """A dataset with the themes of one open question. Made only by `theme`.

    `assignments` are (row, theme id, score from 0 to 1), by row and falling score. `apart` says of
    each row that is unprocessed why (`analysis.cleaning`).
    """

    data: WeightedDataset
    column: str
    themes: tuple[Theme, ...]
    assignments: tuple[tuple[int, str, float], ...]
    answered: int
    apart: dict[int, str]
    campaigns: tuple[Campaign, ...]
    seed: int
    _seal: object = field(repr=False)

    def reconciled(self) -> str:
        """How all responses add up to themed, other and unprocessed answers, in words."""
        others = {row for row, name, _ in self.assignments if name == OTHER}
        themed = self.answered - len(others) - len(self.apart)
        why = Counter(self.apart.values())
        told = ", ".join(f"{why[reason]} {words}" for reason, words in WHY.items() if why[reason])
        return (
            f"{len(self.data.dataset)} responses: {len(self.data.dataset) - self.answered} without "
            f"an answer, {themed} themed, {len(others)} other, {len(self.apart)} unprocessed"
            f"{f' ({told})' if told else ''}."
        )

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("a ThemedDataset is made by analysis.themes.theme alone")


def theme(
    data: WeightedDataset, column: str, count: int | None = None, seed: int = 0
) -> ThemedDataset:
    """Group the answers of an open question; `count` themes, or as many as the data bears.

    Every answer is in at least one theme, if only `other`, or `unprocessed` where it says nothing.
    Raises DataError for an unknown column or a count below 1.
    """
    if count is not None and count < 1:
        raise DataError("The number of themes must be 1 or more, or auto.")
    question = data.dataset.codebook.find(column)
    cells = data.dataset.column(question.column if question else column).to_list()
    rows = [r for r, cell in enumerate(cells) if cell]
    # Before anything else reads them: names in a label or a quotation would be published.
    answers = [redaction.redact(cells[r]).text for r in rows]
    reasons = [cleaning.unprocessed(a) for a in answers]
    spoken = [k for k, reason in enumerate(reasons) if not reason]
    first = duplicates.find([answers[k] for k in spoken]).first.tolist()
    distinct = sorted(set(first))
    comments = [answers[spoken[k]] for k in distinct]
    copies_of = Counter(first)
    found = _in_languages(comments, [copies_of[k] for k in distinct], count, seed)
    of_comment = {k: found.members[i] for i, k in enumerate(distinct)}
    given: list[list[tuple[str, float]]] = [[(UNPROCESSED, 1.0)] for _ in answers]
    for k, place in enumerate(spoken):
        given[place] = of_comment[first[k]]
        reasons[place] = cleaning.LANGUAGE if given[place][0][0] == UNPROCESSED else ""
    assignments = tuple((r, t, s) for r, many in zip(rows, given, strict=True) for t, s in many)
    copies = {spoken[k] for k, original in enumerate(first) if original != k}
    themes = _themes(found, comments, given, copies)
    campaigns = _campaigns(first, of_comment, [answers[k] for k in spoken])
    apart = {r: reason for r, reason in zip(rows, reasons, strict=True) if reason}
    return ThemedDataset(
        data, column, themes, assignments, len(rows), apart, campaigns, seed, _SEAL
    )


CAMPAIGN = 10
"""Copies of a letter from which on it is called an organised campaign."""

LETTER = 20
"""Words from which on an answer that comes again is a letter; of briefer ones many say the same."""


def _campaigns(
    first: list[int], of_comment: dict[int, list[tuple[str, float]]], answers: list[str]
) -> tuple[Campaign, ...]:
    sizes: dict[int, int] = {}
    for original in first:
        sizes[original] = sizes.get(original, 0) + 1
    many = [
        Campaign(n, of_comment[k][0][0])
        for k, n in sizes.items()
        if n >= CAMPAIGN and len(text.words(answers[k])) >= LETTER
    ]
    return tuple(sorted(many, key=lambda c: -c.size))


@dataclass(frozen=True, slots=True)
class _Found:
    """Themes among different comments: per comment its themes and scores; per theme its words."""

    members: list[list[tuple[str, float]]]
    names: dict[str, tuple[str, tuple[str, ...]]]


def _in_languages(
    comments: Sequence[str], copies: Sequence[int], count: int | None, seed: int
) -> _Found:
    """Themes of each language by itself; unprocessed in one that few wrote in.

    `count` is for the language of most.
    """
    spoken = cleaning.languages(comments)
    by_size = sorted(Counter(spoken).items(), key=lambda pair: (-pair[1], pair[0]))
    members: list[list[tuple[str, float]]] = [[(UNPROCESSED, 1.0)] for _ in comments]
    names: dict[str, tuple[str, tuple[str, ...]]] = {}
    for rank, (language, size) in enumerate(by_size):
        if rank and size < FEWEST_FOREIGN:
            continue
        here = [k for k, code in enumerate(spoken) if code == language]
        found = _discover([comments[k] for k in here], count if rank == 0 else None, seed)
        mark = "" if rank == 0 else f"{language}:"
        names |= {f"{mark}{name}": told for name, told in found.names.items()}
        for k, many in zip(here, found.members, strict=True):
            members[k] = [(f"{mark}{n}" if n in found.names else n, score) for n, score in many]
    return _renumbered(_Found(members, names), copies)


def _discover(comments: Sequence[str], count: int | None, seed: int) -> _Found:
    nothing = _Found([[(OTHER, 1.0)] for _ in comments], {})
    if len(comments) < FEWEST:
        return nothing
    from analysis import topics  # scikit-learn takes a second to load

    plain = [redaction.unmarked(comment) for comment in comments]
    model = topics.fit(plain, count, wanted_themes(len(comments)), DISCOVER_FROM, seed)
    if model is None:
        return nothing
    members: list[list[tuple[str, float]]] = []
    for scores in model.scores:
        chosen = _belongs(scores)
        members.append([(f"t{k + 1}", s) for k, s in chosen] or [(OTHER, 1.0)])
    grouped = [
        [i for i, many in enumerate(members) if many[0][0] == f"t{k + 1}"]
        for k in range(model.scores.shape[1])
    ]
    named = labels.name(plain, grouped, model.keywords)
    names = {
        f"t{k + 1}": (label, tuple(words[:KEYWORDS]))
        for k, (label, words) in enumerate(zip(named, model.keywords, strict=True))
    }
    return _Found(members, names)


def wanted_themes(comments: int) -> int:
    """How many themes that many different comments bear: 2 for ten, 7 for 100, 19 for 2,000."""
    return int(min(max(round(4 * math.log(comments) - 11), 2), MOST_THEMES))


def _belongs(scores: Floats) -> list[tuple[int, float]]:
    """The themes of one comment: the likeliest, and others likely too; none without scores."""
    order = np.argsort(-scores, kind="stable")[:4]
    best = float(scores[order[0]])
    if best <= 0:
        return []
    chosen = [int(k) for k in order if scores[k] >= ALSO or k == order[0]]
    return [(k, round(float(scores[k]), 4)) for k in chosen]


def _renumbered(found: _Found, copies: Sequence[int]) -> _Found:
    """Themes numbered from the largest, all copies counted, without those nobody is in."""
    sizes = dict.fromkeys(found.names, 0)
    for many, times in zip(found.members, copies, strict=True):
        for name, _ in many:
            if name in sizes:
                sizes[name] += times
    order = sorted((n for n in sizes if sizes[n]), key=lambda n: (-sizes[n], len(n), n))
    new = {old: f"t{k + 1}" for k, old in enumerate(order)}
    new |= {OTHER: OTHER, UNPROCESSED: UNPROCESSED}
    members = [[(new[name], score) for name, score in many] for many in found.members]
    return _Found(members, {new[n]: found.names[n] for n in order})


def _themes(
    found: _Found,
    comments: Sequence[str],
    given: list[list[tuple[str, float]]],
    copies: set[int],
) -> tuple[Theme, ...]:
    names = dict(found.names) | {
        OTHER: (OTHER_LABEL, ()),
        UNPROCESSED: (UNPROCESSED_LABEL, ()),
    }
    sizes = dict.fromkeys(names, 0)
    letters = dict.fromkeys(names, 0)
    for place, many in enumerate(given):
        for name, _ in many:
            sizes[name] += 1
            letters[name] += place in copies
    familiar = Familiar(comments)
    ranked: dict[str, list[tuple[float, int]]] = {name: [] for name in names}
    for i, many in enumerate(found.members):
        for name, score in many:
            ranked[name].append((-score, i))
    themes = []
    for name, (label, keywords) in names.items():
        if not sizes[name]:
            continue
        set_apart = name in (OTHER, UNPROCESSED)
        best = [] if set_apart else [comments[i] for _, i in sorted(ranked[name])[:400]]
        examples = labels.examples(best, familiar, keywords, EXAMPLES)
        themes.append(Theme(name, label, keywords, sizes[name], letters[name], examples))
    return tuple(themes)
