"""Population margins held against the responses: codes, what does not fit, and what to join."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from analysis.codebook import Question
from analysis.dataset import Dataset
from analysis.errors import DataError, listed
from analysis.population import CROSS, Margin, Population
from analysis.weighting.cells import Codes, Floats

MISSING = "Missing"
FEW = 30
SMALL = 0.01
"""Fewer people than this in a category, or a category of a smaller share of the population, make
weights that rest on too little (Battaglia, Hoaglin and Frankel 2009, Survey Practice 2:5)."""


@dataclass(frozen=True, slots=True)
class Join:
    """Categories of a margin weighted as one: `margin:First+Second`."""

    margin: str
    categories: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Join":
        """Read `margin:First+Second`. Raises DataError."""
        margin, colon, rest = text.partition(":")
        categories = tuple(part.strip() for part in rest.split("+"))
        if not colon or len(categories) < 2 or not all((margin.strip(), *categories)):
            raise DataError(f"“{text}” joins nothing: write it as age_band:16-24+25-34.")
        return cls(margin.strip(), categories)

    def __str__(self) -> str:
        return f"{self.margin}:{'+'.join(self.categories)}"

    @property
    def label(self) -> str:
        """What the joined category is called."""
        return " + ".join(self.categories)


@dataclass(frozen=True, slots=True)
class Target:
    """A margin as the fitting sees it: each row's category and the wanted share of each.

    `codes` (rows,) is a place in `categories`, or their number where the row is in none; `counts`
    is how many rows are in each, and `sample` their base-weighted share among those in any.
    """

    name: str
    categories: tuple[str, ...]
    codes: Codes
    shares: Floats
    counts: Floats
    sample: Floats
    missing: int = 0


def joined(population: Population, joins: Sequence[Join]) -> Population:
    """The margins with categories put together. Raises DataError for what is not there."""
    margins = list(population.margins)
    for join in joins:
        place = next((k for k, m in enumerate(margins) if m.name == join.margin), None)
        if place is None:
            raise DataError(
                f"Cannot join {join}: there is no margin “{join.margin}”. There are: "
                f"{listed([m.name for m in margins])}."
            )
        margin = margins[place]
        unknown = [c for c in join.categories if c not in margin.categories]
        if unknown:
            raise DataError(
                f"Cannot join {join}: the margin has no category {listed(unknown)}. It has: "
                f"{listed(list(margin.categories), 12)}."
            )
        together = sum(
            n for c, n in zip(margin.categories, margin.totals, strict=True) if c in join.categories
        )
        rest = [
            (c, n)
            for c, n in zip(margin.categories, margin.totals, strict=True)
            if c not in join.categories
        ]
        at = margin.categories.index(join.categories[0])
        before = sum(1 for c in margin.categories[:at] if c not in join.categories)
        rest.insert(before, (join.label, together))
        margins[place] = replace(
            margin, categories=tuple(c for c, _ in rest), totals=tuple(n for _, n in rest)
        )
    return replace(population, margins=tuple(margins))


def margin_questions(dataset: Dataset, margin: Margin) -> list[Question]:
    """The questions a margin crosses; raises DataError when the data has no such column."""
    found = []
    for name in margin.questions:
        try:
            question = dataset.question(name)
        except DataError:
            columns = [q.id for q in dataset.codebook.questions] or dataset.frame.columns
            raise DataError(
                f"The margin “{margin.name}” needs the column “{name}”, which {dataset.name} does "
                f"not have{_meant(name, columns)}. Rename one of them, or leave the margin out."
            ) from None
        if len(question.columns) != 1:
            raise DataError(
                f"The margin “{margin.name}” is a question of several answers; use one."
            )
        found.append(question)
    return found


def codes_of(dataset: Dataset, margin: Margin, joins: Sequence[Join] = ()) -> Codes:
    """Each row's category in the margin; their number where it has none.

    `joins` are those that made the margin's categories. Raises DataError for answers that the
    margin does not know, with the nearest that it does.
    """
    questions = margin_questions(dataset, margin)
    answers = [dataset.distinct(q.column) for q in questions]
    outside = [{o.code for o in q.options if o.not_in_population} for q in questions]
    place = {category: code for code, category in enumerate(margin.categories)}
    for join in joins:
        if join.margin == margin.name:
            place |= dict.fromkeys(join.categories, place.get(join.label, -1))
    none = len(margin.categories)
    table = np.full([len(a) + 1 for a in answers], none)
    unknown: list[tuple[tuple[int, ...], str]] = []
    for at in product(*(range(len(a)) for a in answers)):
        parts = [a[k] for a, k in zip(answers, at, strict=True)]
        if any(part in out for part, out in zip(parts, outside, strict=True)):
            continue
        label = CROSS.join(parts)
        table[at] = place.get(label, none)
        if label not in place:
            unknown.append((at, label))
    coded = [dataset.coded(q.column, a) for q, a in zip(questions, answers, strict=True)]
    if unknown:
        _refuse_unknown(dataset, margin, coded, unknown)
    kind = np.uint8 if none < 1 << 8 else np.uint16 if none < 1 << 16 else np.uint32
    return np.asarray(table.astype(kind)[tuple(coded)])


def _refuse_unknown(
    dataset: Dataset,
    margin: Margin,
    coded: Sequence[Codes],
    unknown: list[tuple[tuple[int, ...], str]],
) -> None:
    """Raise where an answer that the margin does not know was given; crossings may not occur."""
    given: dict[str, int] = {}
    for at, label in unknown:
        here = np.ones(len(dataset), dtype=bool)
        for codes, k in zip(coded, at, strict=True):
            here &= codes == k
        if count := int(here.sum()):
            given[label] = count
    if not given:
        return
    meant = [f"“{label}”{_meant(label, margin.categories)}" for label in sorted(given)[:8]]
    more = f" and {len(given) - 8} more" if len(given) > 8 else ""
    raise DataError(
        f"The margin “{margin.name}” has no population figure for {', '.join(meant)}{more}, "
        f"which {_responses(sum(given.values()), dataset.name)}. Its categories are "
        f"{listed(list(margin.categories), 12)}. Spell them alike, or mark the option "
        "not_in_population in the codebook."
    )


def _responses(count: int, name: str) -> str:
    return f"1 response in {name} has" if count == 1 else f"{count} responses in {name} have"


def _meant(label: str, known: Sequence[str]) -> str:
    """The known name most like a label, for a message; nothing where none is like it."""
    folded = {k.casefold().replace("&", "and").strip(): k for k in known}
    near = difflib.get_close_matches(
        label.casefold().replace("&", "and").strip(), folded, n=1, cutoff=0.6
    )
    return f" (nearest: “{folded[near[0]]}”)" if near else ""


def target_of(
    dataset: Dataset,
    margin: Margin,
    codes: Codes,
    base: Floats | None,
    missing: str,
) -> Target:
    """The margin with its shares for fitting. Raises DataError for a category nobody is in.

    With `missing` “level”, rows without a category are one of their own, whose share is that of
    their base weights; the others' shares are of the rest.
    """
    size = len(margin.categories)
    shares = np.array(margin.totals) / margin.total
    counts = np.bincount(codes, minlength=size + 1).astype(np.float64)
    mass = counts if base is None else np.bincount(codes, base, minlength=size + 1)
    nobody = [k for k in range(size) if mass[k] == 0]
    if nobody:
        raise DataError(_absent(dataset, margin, counts, nobody))
    categories = margin.categories
    sample = mass[:size] / mass[:size].sum()
    absent = float(mass[size] / mass.sum())
    missed = int(counts[size])
    if missing == "level" and absent > 0:
        return Target(
            margin.name,
            (*categories, MISSING),
            codes,
            np.append(shares * (1 - absent), absent),
            counts,
            np.append(sample * (1 - absent), absent),
            missed,
        )
    return Target(margin.name, categories, codes, shares, counts[:size], sample, missed)


def _absent(dataset: Dataset, margin: Margin, counts: Floats, nobody: list[int]) -> str:
    names = [margin.categories[k] for k in nobody]
    join = proposal(margin, counts, nobody[0])
    remedy = f"Join it to a neighbour (--join {join})" if join else "Give it another margin"
    return (
        f"The margin “{margin.name}” counts people as {listed(names)}, but nobody in "
        f"{dataset.name} is. {remedy}, or leave the margin out."
    )


def proposal(margin: Margin, counts: Floats, small: int) -> Join | None:
    """What to join a small category with: the smaller of its neighbours in the margin's order.

    Bands of age stand beside each other in any margin; for what has no order it is a proposal that
    a person has to look at, which is why nothing is ever joined unasked.
    """
    near = [k for k in (small - 1, small + 1) if 0 <= k < len(margin.categories)]
    if len(margin.categories) < 3:
        return None  # there would be nothing left to weight to
    with_people = [k for k in near if counts[k] > 0] or near
    other = min(with_people, key=lambda k: counts[k])
    first, second = sorted((small, other))
    return Join(margin.name, (margin.categories[first], margin.categories[second]))


def doubts(margin: Margin, target: Target) -> list[str]:
    """What makes weights to this margin shaky: few people in a category, or a tiny one."""
    said = []
    for k, category in enumerate(margin.categories):
        n = int(target.counts[k])
        share = margin.totals[k] / margin.total
        if n >= FEW and share >= SMALL:
            continue
        few = f"fewer than {FEW} responses"
        why = few if n < FEW else f"{100 * share:.1f}% of the population"
        join = proposal(margin, target.counts, k)
        remedy = f"; consider --join {join}" if join else ""
        said.append(f"Margin “{margin.name}”, category “{category}” rests on {why}{remedy}.")
    return said
