"""What people's own words are about: a machine's proposal, for a person to judge.

Copies of a letter count once when themes are sought, so that a campaign cannot make one, and all
of them in its size. `analysis.topics` finds the themes by meaning and words; the same answers and
seed always give the same ones.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from analysis import campaigns, cleaning, duplicates, labels, redaction
from analysis.campaigns import Campaign
from analysis.dictionary import Dictionary, Reading
from analysis.errors import DataError
from analysis.progress import Report, silent
from analysis.text import Familiar
from analysis.weighting import WeightedDataset

OTHER, UNPROCESSED = "other", "unprocessed"
WHY = {
    cleaning.NOTHING: "say nothing",
    cleaning.UNREADABLE: "unreadable",
    cleaning.LANGUAGE: "in languages of few",
}
OTHER_LABEL, UNPROCESSED_LABEL = "Comments in no theme", "Says nothing or is unreadable"

FEWEST = 8
"""With fewer different comments than this, themes would be one person's words: all are “other”."""

FEWEST_FOREIGN = 20
"""With fewer different comments in a language other than that of most, nothing is themed in it."""

MOST_THEMES = 25
EXAMPLES = 3
KEYWORDS = 8

FEWEST_SHARE = 0.001
"""Nor is anything themed in a language of a smaller share of all answers."""

DAYS = ("received_on", "day")
"""Columns that say on which day an answer came, such as 2026-03-09."""

DISCOVER_FROM = 12_000
"""Themes are sought among at most this many different comments, spread evenly over the file."""

if TYPE_CHECKING:
    from analysis.outline import Outline
    from analysis.sorting import Kind, Sorter

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d$")
_SEAL = object()


@dataclass(frozen=True, slots=True)
class Theme:
    """A group of comments. `size`: answers in it; `letters`: those that are copies of another.

    `alone`: its size without the letters of campaigns. `parent`: the group it is in; `nearest`:
    the theme most like it; both are empty for those set apart. `languages`: those of the examples,
    where comments were read through a dictionary.
    """

    id: str
    label: str
    keywords: tuple[str, ...]
    size: int
    letters: int
    examples: tuple[str, ...]
    alone: int = 0
    description: str = ""
    nearest: str = ""
    difference: str = ""
    parent: str = ""
    parent_label: str = ""
    languages: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """As themes.json has it."""
        told = {"example_languages": list(self.languages)} if self.languages else {}
        return {
            "id": self.id,
            "label": self.label,
            "description": self.description,
            "keywords": list(self.keywords),
            "size": self.size,
            "size_without_campaigns": self.alone,
            "near_identical": self.letters,
            "parent": self.parent,
            "parent_label": self.parent_label,
            "nearest": self.nearest,
            "difference": self.difference,
            "examples": list(self.examples),
            **told,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Themes that are near one another. `size`: answers in any of them."""

    id: str
    label: str
    themes: tuple[str, ...]
    size: int

    def as_dict(self) -> dict[str, object]:
        """As groups.json has it."""
        return {
            "id": self.id, "label": self.label, "themes": list(self.themes), "size": self.size,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ThemedDataset:
    """A dataset with the themes of one open question. Made only by `theme`.

    `assignments` are (row, theme id, score from 0 to 1), by row and falling score. `apart` says of
    each row that is unprocessed why (`analysis.cleaning`). `through` says of each language that
    was read through a dictionary how many answers are in it, and which share of words is known.
    """

    data: WeightedDataset
    column: str
    themes: tuple[Theme, ...]
    assignments: tuple[tuple[int, str, float], ...]
    answered: int
    apart: dict[int, str]
    campaigns: tuple[Campaign, ...]
    groups: tuple[Group, ...]
    seed: int
    sorter: "Sorter" = field(repr=False)
    through: dict[str, tuple[int, float]]
    _seal: object = field(repr=False)

    def reconciled(self) -> str:
        """How all responses add up to themed, other and unprocessed answers, in words."""
        others = {row for row, name, _ in self.assignments if name == OTHER}
        responses = len(self.data.dataset)
        return reconciled(responses, self.answered, len(others), Counter(self.apart.values()))

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("a ThemedDataset is made by analysis.themes.theme alone")


def reconciled(responses: int, answered: int, others: int, why: Counter[str]) -> str:
    """How all responses add up, in words; `why` says of those that are unprocessed why."""
    apart = why.total()
    told = ", ".join(f"{why[reason]:,} {words}" for reason, words in WHY.items() if why[reason])
    return (
        f"{responses:,} responses: {responses - answered:,} without an answer, "
        f"{answered - others - apart:,} themed, {others:,} other, {apart:,} unprocessed"
        f"{f' ({told})' if told else ''}."
    )


def theme(
    data: WeightedDataset,
    column: str,
    count: int | None = None,
    seed: int = 0,
    report: Report = silent,
    dictionaries: Mapping[str, Dictionary] | None = None,
) -> ThemedDataset:
    """Group the answers of an open question; `count` themes, or as many as the data bears.

    Answers in the languages of `dictionaries` are themed with the English ones. Every answer is in
    at least one theme, if only `other`, or `unprocessed` where it says nothing. Raises DataError
    for an unknown column or a count below 1.
    """
    if count is not None and count < 1:
        raise DataError("The number of themes must be 1 or more, or auto.")
    question = data.dataset.codebook.find(column)
    cells = data.dataset.column(question.column if question else column).to_list()
    rows = [r for r, cell in enumerate(cells) if cell]
    # Before anything else reads them: names in a label or a quotation would be published.
    answers = [r.text for r in redaction.redact_all([cells[r] for r in rows], report)]
    report(0, 0, "Finding copies and themes")
    reasons = [cleaning.unprocessed(a) for a in answers]
    spoken = [k for k, reason in enumerate(reasons) if not reason]
    first = duplicates.find([answers[k] for k in spoken]).first.tolist()
    distinct = sorted(set(first))
    comments = [answers[spoken[k]] for k in distinct]
    copies_of = Counter(first)
    reading = Reading.of(comments, dictionaries or {})
    copies = [copies_of[k] for k in distinct]
    found = _in_languages(reading, copies, count, len(rows), seed)
    of_comment = {k: found.members[i] for i, k in enumerate(distinct)}
    given: list[list[tuple[str, float]]] = [[(UNPROCESSED, 1.0)] for _ in answers]
    for k, place in enumerate(spoken):
        given[place] = of_comment[first[k]]
        reasons[place] = cleaning.LANGUAGE if given[place][0][0] == UNPROCESSED else ""
    assignments = tuple((r, t, s) for r, many in zip(rows, given, strict=True) for t, s in many)
    texts, days = [answers[k] for k in spoken], _days(data, [rows[k] for k in spoken])
    sent = campaigns.letters(first, texts)
    within = {k: of_comment[k][0][0] for k in sent}
    letters = [campaigns.campaign([texts[k] for k in same], within[k0], [days[k] for k in same])
               for k0, same in sent.items()]  # fmt: skip
    organised = {spoken[k] for same in sent.values() for k in same}
    again = {spoken[k] for k, original in enumerate(first) if original != k}
    themes = _themes(found, given, again, organised, reading)
    apart = {r: reason for r, reason in zip(rows, reasons, strict=True) if reason}
    return ThemedDataset(
        data, column, themes, assignments, len(rows), apart,
        tuple(sorted(letters, key=lambda c: -c.size)), _grouped(found, given), seed,
        found.sorter(), reading.through(copies), _SEAL,
    )  # fmt: skip


def _days(data: WeightedDataset, rows: Sequence[int]) -> list[str]:
    """The day on which each of these answers came; empty where the data does not say."""
    told = [name for name in DAYS if name in data.dataset.frame.columns]
    if not told:
        return [""] * len(rows)
    days = data.dataset.column(told[0]).to_list()
    return [days[r] if days[r] and _ISO_DAY.match(days[r]) else "" for r in rows]


@dataclass(frozen=True, slots=True)
class _Found:
    """Themes among different comments: per comment its themes and scores; per theme its outline;
    by language what tells them apart.

    `nearest` and `group` of an outline are places in `outlines` and `groups`.
    """

    members: list[list[tuple[str, float]]]
    outlines: "dict[str, Outline]"
    groups: list[str]
    kinds: "dict[str, Kind]"

    def sorter(self) -> "Sorter":
        """What says of other comments which themes they are in."""
        from analysis.sorting import Sorter

        # The language of most comes first.
        return Sorter(self.kinds, next(iter(self.kinds), cleaning.ENGLISH))


def _in_languages(
    reading: Reading, copies: Sequence[int], count: int | None, answers: int, seed: int
) -> _Found:
    """Themes of each language by itself; unprocessed in one that few wrote in.

    `count` is for the language of most.
    """
    spoken = reading.languages
    by_size = sorted(Counter(spoken).items(), key=lambda pair: (-pair[1], pair[0]))
    whole = _Found([[(UNPROCESSED, 1.0)] for _ in spoken], {}, [], {})
    for rank, (language, _) in enumerate(by_size):
        here = [k for k, code in enumerate(spoken) if code == language]
        wrote = sum(copies[k] for k in here)
        if rank and (len(here) < FEWEST_FOREIGN or wrote < FEWEST_SHARE * answers):
            continue
        asked = count if rank == 0 else None
        taken = [told.label for told in whole.outlines.values()] + whole.groups
        found = _discover(
            reading.only(here), [copies[k] for k in here], asked, answers, taken, seed
        )
        _add(whole, found, here, "" if rank == 0 else f"{language}:")
    return _renumbered(whole, copies)


def _add(whole: _Found, found: _Found, here: Sequence[int], mark: str) -> None:
    """Put the themes of one language beside those of others, their ids with a mark."""
    themes, groups = len(whole.outlines), len(whole.groups)
    whole.groups.extend(found.groups)
    for name, told in found.outlines.items():
        nearest = told.nearest + themes if told.nearest >= 0 else -1
        whole.outlines[mark + name] = replace(told, nearest=nearest, group=told.group + groups)
    for k, many in zip(here, found.members, strict=True):
        whole.members[k] = [(mark + n if n in found.outlines else n, score) for n, score in many]
    for language, kind in found.kinds.items():
        whole.kinds[language] = kind.called(lambda name: mark + name)


def _discover(
    reading: Reading,
    copies: Sequence[int],
    count: int | None,
    answers: int,
    taken: Sequence[str],
    seed: int,
) -> _Found:
    """Themes of comments that are all read in one language."""
    comments, language = reading.texts, reading.languages[0]
    nothing = _Found([[(OTHER, 1.0)] for _ in comments], {}, [], {})
    if len(comments) < FEWEST:
        return nothing
    from analysis import outline, sorting, topics  # scikit-learn takes a second to load

    plain = [redaction.unmarked(comment) for comment in comments]
    model = topics.fit(plain, count, wanted_themes(len(comments)), DISCOVER_FROM, seed)
    if model is None:
        return nothing
    named = plain
    if reading.dictionaries:
        named = [redaction.unmarked(comment) for comment in reading.named()]
    found = outline.outline(
        named, model.scores(plain), reading.said(model.keywords), copies, answers,
        count is not None, taken, language == cleaning.ENGLISH,
    )  # fmt: skip
    names = tuple(f"t{k + 1}" for k in range(len(found.themes)))
    members = sorting.members(found.scores, names)
    outlines = {
        f"t{k + 1}": replace(told, keywords=told.keywords[:KEYWORDS])
        for k, told in enumerate(found.themes)
    }
    kind = sorting.Kind(model, found.steps, names)
    return _Found(members, outlines, found.groups, {language: kind})


def distinct(found: ThemedDataset, column: str) -> tuple[dict[str, int], int]:
    """How many different values of a column the answers in each theme and group have, and all.

    So passages are counted in letters. An answer without a value counts by itself. Raises
    DataError for an unknown column.
    """
    cells = found.data.dataset.column(column).to_list()
    group = {theme.id: theme.parent for theme in found.themes if theme.parent}
    values: dict[str, set[object]] = {}
    for row, name, _ in found.assignments:
        for one in {name, group.get(name, name)}:
            values.setdefault(one, set()).add(cells[row] or row)
    every = set[object]().union(*values.values())
    return {name: len(some) for name, some in values.items()}, len(every)


def wanted_themes(comments: int) -> int:
    """How many themes that many different comments bear: 2 for ten, 7 for 100, 19 for 2,000."""
    return int(min(max(round(4 * math.log(comments) - 11), 2), MOST_THEMES))


def _renumbered(found: _Found, copies: Sequence[int]) -> _Found:
    """Themes numbered from the largest, all copies counted, without those nobody is in."""
    sizes = dict.fromkeys(found.outlines, 0)
    for many, times in zip(found.members, copies, strict=True):
        for name, _ in many:
            if name in sizes:
                sizes[name] += times
    old = list(found.outlines)
    order = sorted((n for n in sizes if sizes[n]), key=lambda n: (-sizes[n], len(n), n))
    place = {name: k for k, name in enumerate(order)}
    used = list(dict.fromkeys(found.outlines[name].group for name in order))
    outlines = {}
    for name in order:
        told = found.outlines[name]
        nearest = place.get(old[told.nearest], -1) if told.nearest >= 0 else -1
        outlines[f"t{place[name] + 1}"] = replace(
            told, nearest=nearest, group=used.index(told.group)
        )
    new = {name: f"t{place[name] + 1}" for name in order}
    new |= {OTHER: OTHER, UNPROCESSED: UNPROCESSED}
    members = [[(new[name], score) for name, score in many] for many in found.members]
    kinds = {one: kind.called(lambda name: new.get(name, "")) for one, kind in found.kinds.items()}
    return _Found(members, outlines, [found.groups[g] for g in used], kinds)


def _grouped(found: _Found, given: Sequence[list[tuple[str, float]]]) -> tuple[Group, ...]:
    """The groups of themes, with how many answers are in each."""
    of = {name: told.group for name, told in found.outlines.items()}
    sizes = Counter(g for many in given for g in {of[name] for name, _ in many if name in of})
    return tuple(
        Group(f"g{g + 1}", label, tuple(n for n, k in of.items() if k == g), sizes[g])
        for g, label in enumerate(found.groups)
    )


def _themes(
    found: _Found,
    given: Sequence[list[tuple[str, float]]],
    again: set[int],
    organised: set[int],
    reading: Reading,
) -> tuple[Theme, ...]:
    """Themes from the largest on, then what is set apart; `again` and `organised` are answers that
    are copies of another, and those of campaigns."""
    sizes, copies, sent = Counter[str](), Counter[str](), Counter[str]()
    for place, many in enumerate(given):
        for name, _ in many:
            sizes[name] += 1
            copies[name] += place in again
            sent[name] += place in organised
    familiar = Familiar(reading.comments)
    ranked: dict[str, list[tuple[float, int]]] = {name: [] for name in found.outlines}
    for i, many in enumerate(found.members):
        for name, score in many:
            if name in ranked:
                ranked[name].append((-score, i))
    themes = []
    for name, told in found.outlines.items():
        best = reading.only([i for _, i in sorted(ranked[name])[:400]])
        telling = [*told.keywords, *best.telling(told.keywords)]
        quoted = labels.examples(best.comments, familiar, telling, EXAMPLES)
        spoken = tuple(best.spoken(one) for one in quoted) if reading.dictionaries else ()
        alone = sizes[name] - sent[name]
        nearest = f"t{told.nearest + 1}" if told.nearest >= 0 else ""
        themes.append(Theme(
            name, told.label, told.keywords, sizes[name], copies[name], quoted, alone,
            told.description, nearest, told.difference, f"g{told.group + 1}",
            found.groups[told.group], spoken,
        ))  # fmt: skip
    for name, label in ((OTHER, OTHER_LABEL), (UNPROCESSED, UNPROCESSED_LABEL)):
        if sizes[name]:
            alone = sizes[name] - sent[name]
            themes.append(Theme(name, label, (), sizes[name], copies[name], (), alone))
    return tuple(themes)
