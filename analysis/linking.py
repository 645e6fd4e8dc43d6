"""The counts behind all tables of a release, each once, and how they add up.

A count is of the people of whom some things are true: that they live in Rugby, that they answered
question 3, that they answered it “agree”. It is told apart by those things alone, so the same count
in two tables is one: hidden in both or in neither. What adds up follows from the same names: people
in Rugby are those who answered and those who did not, and these are men, women and neither.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.crosstabs import Breakdown, Group, Table
from analysis.dataset import Dataset
from analysis.measures import CROSS
from analysis.suppression import Bools, Counts, interval, pattern, small

Fact = tuple[str, str]
Key = frozenset[Fact]

ANSWERED = "(answered)"
NOBODY = "(none)"
NET = "(net)"
YES, NO = "(yes)", "(no)"

Nested = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Inner question → outer question → inner code → the outer code it lies in."""


@dataclass(frozen=True, slots=True)
class Linked:
    """All counts of a release, with which are hidden."""

    numbers: dict[Key, int]
    hidden: Bools
    nested: Nested

    def _is_hidden(self, key: Key) -> bool:
        # People in a ward of another district are not there, and no count of a release.
        number = self.numbers.get(_without_implied(key, self.nested))
        return number is not None and bool(self.hidden[number])

    def base_hidden(self, table: Table, breakdown: Breakdown | None, group: Group) -> bool:
        """Whether a column is hidden whole."""
        column = _column(breakdown, group)
        return self._is_hidden(column | {(table.question.id, ANSWERED)})

    def cells_hidden(self, table: Table, breakdown: Breakdown | None, group: Group) -> list[bool]:
        """For every cell of a column whether it is hidden; what is no count goes with its base."""
        column = _column(breakdown, group)
        base = self.base_hidden(table, breakdown, group)
        keys = [_cell_key(table, column, k) for k in range(len(group.cells))]
        return [base or (key is not None and self._is_hidden(key)) for key in keys]


def link(
    tables: Sequence[Table],
    threshold: int,
    round_to: int,
    *,
    protect_unstated: bool = True,
    nested: Nested | None = None,
    before: Sequence[Table] = (),
    shown: Mapping[Key, bool] | None = None,
) -> Linked:
    """What to hide of all tables together.

    `nested` says which areas lie in which. `before` are the tables of an earlier release as it was,
    from fewer responses; `shown` says of counts released before, from the same responses, whether
    they were printed: what was stays so. Raises `suppression.Exposed` where an earlier release
    leaves no way.
    """
    work = _Linking(threshold, round_to, protect_unstated, nested or {})
    work.take_all(tables)
    for key, printed in (shown or {}).items():
        key = _without_implied(key, work.nested)
        if key in work.numbers and printed:
            work.counts.kept[work.numbers[key]] = True
            work.counts.released.add(work.numbers[key])
    work.add_up()
    if before:
        work.difference(before)
    everybody = work.numbers.get(frozenset())
    if everybody is not None and small(work.counts.values[everybody], threshold):
        hidden = np.ones(len(work.counts.values), dtype=np.bool_)  # nothing is left to look for
    else:
        hidden = pattern(work.counts, threshold, round_to)
    return Linked(work.numbers, hidden, work.nested)


def keys_of(table: Table) -> Iterator[tuple[str, str, str, Key | None]]:
    """The key of every row `tabulate` writes: category, by, group, key (None where no count)."""
    for breakdown, group in _columns(table, rest=False):
        column = _column(breakdown, group)
        for k, cell in enumerate(group.cells):
            yield cell.category, group.by, group.group, _cell_key(table, column, k)


def nesting(dataset: Dataset, names: Sequence[str]) -> Nested:
    """Which of some questions lie within which: wards in districts, where every ward is in one."""
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for inner in names:
        for outer in names:
            if inner == outer:
                continue
            pairs = dataset.frame.select(inner, outer).drop_nulls(inner).unique()
            if pairs[outer].null_count():
                continue
            inside = [str(v) for v in pairs[inner]]
            spread = len(set(map(str, pairs[outer])))
            if len(set(inside)) == len(inside) > spread > 1:
                within = dict(zip(inside, map(str, pairs[outer]), strict=True))
                missing = dataset.frame.select(inner, outer).filter(
                    pl.col(inner).is_null() & pl.col(outer).is_not_null()
                )
                if missing.is_empty():
                    within[NOBODY] = NOBODY  # who is in no ward is in no district
                found.setdefault(inner, {})[outer] = within
    return found


class _Linking:
    def __init__(
        self, threshold: int, round_to: int, protect_unstated: bool, nested: Nested
    ) -> None:
        self.nested = nested
        self.counts = Counts()
        self.numbers: dict[Key, int] = {}
        self._nobody = self.counts.add(0, printed=True, kept=True)
        self.threshold, self.round_to = threshold, round_to
        self.protect_unstated = protect_unstated
        #: For every thing that can be answered, what says that it was.
        self.answered: dict[str, Fact] = {}

    def _add(self, key: Key, value: int, *, printed: bool, kept: bool = False) -> int:
        key = _without_implied(key, self.nested)
        if _impossible(key, self.nested):
            return self._nobody
        if key not in self.numbers:
            self.numbers[key] = self.counts.add(value, printed=printed, kept=kept)
        elif printed:
            self.counts.printed[self.numbers[key]] = True
        return self.numbers[key]

    def _worded(self, count: int) -> tuple[float, float]:
        """What a number of people in words may stand for."""
        if small(count, self.threshold):
            return 1.0, float(self.threshold - 1)
        return interval(count, self.threshold, self.round_to)

    def take_all(self, tables: Sequence[Table]) -> None:
        """The counts of tables that are published together."""
        for table in tables:
            self.take(table)
        there = {table.question.id for table in tables}
        for table in tables:
            parts = [name for name in table.question.over if name in there]
            for breakdown, group in _columns(table, rest=True) if parts else ():
                self._any(table, _column(breakdown, group), parts)

    def _any(self, table: Table, column: Key, parts: Sequence[str]) -> None:
        """Who answered any of several questions, and gave any of them an answer."""
        name = table.question.id
        self._whole(column, (name, ANSWERED), [(part, ANSWERED) for part in parts])
        for cell in table.everyone.cells:
            answer = f".{cell.category}"
            self._whole(column, (name + answer, YES), [(part + answer, YES) for part in parts])

    def take(self, table: Table) -> None:
        """The counts of one table."""
        everybody = self._add(frozenset(), table.responses, printed=True, kept=True)
        self.counts.known[everybody] = self._worded(table.responses)
        total = self._column(table, None, table.everyone, printed=True)
        silent = table.responses - table.everyone.n
        without = self._add(
            frozenset({(table.question.id, NOBODY)}), silent, printed=True, kept=True
        )
        # In words: how many did not answer, and how many were not asked, each perhaps “a few”.
        parts = (table.asked - table.everyone.n, table.responses - table.asked)
        ends = [self._worded(part) for part in parts]
        self.counts.known[without] = (sum(low for low, _ in ends), sum(high for _, high in ends))
        for breakdown in table.breakdowns:
            for group in breakdown.groups:
                base = self._column(table, breakdown, group, printed=True)
                self.counts.hide_with(total, base)
            self._rest(table, breakdown)
            if CROSS in breakdown.by.id:
                self._crossed(table, breakdown)

    def _column(
        self, table: Table, breakdown: Breakdown | None, group: Group, *, printed: bool
    ) -> int:
        question, column = table.question, _column(breakdown, group)
        answered = (question.id, ANSWERED)
        base = self._add(column | {answered}, group.n, printed=printed)
        self.answered[question.id] = answered
        for k, cell in enumerate(group.cells):
            key = _cell_key(table, column, k)
            if key is None or cell.count is None:
                continue
            number = self._add(key, cell.count, printed=printed)
            self.counts.hide_with(base, number)
            if table.several:
                variable = f"{question.id}.{cell.category}"
                self.answered[variable] = answered
                other = self._add(column | {(variable, NO)}, group.n - cell.count, printed=printed)
                self.counts.hide_with(number, other)
                self.counts.hide_with(other, number)
            if cell.net:
                net = next(n for n in question.nets if n.id == cell.category)
                codes = {o.code for o in question.options}
                members = [
                    self._number(column | {(question.id, code)})
                    for code in net.codes
                    if code in codes
                ]
                self.counts.sums.append((number, tuple(members)))
                self.counts.nets.add(number)
                for member in members:
                    self.counts.hide_with(member, number)
        for whole, parts in question.wholes.items():
            facts = [(f"{question.id}.{code}", YES) for code in (whole, *parts)]
            self._whole(column, facts[0], facts[1:])
        return base

    def _whole(self, column: Key, whole: Fact, parts: Sequence[Fact]) -> None:
        """What can be subtracted from an answer that others are part of.

        Who has it without one of them; and all of them, which add up to it but for those who have
        none or several. No figure of either is printed.
        """
        total = self._number(column | {whole})
        numbers = [self._number(column | {part}) for part in parts]
        size, sizes = self.counts.values[total], [self.counts.values[k] for k in numbers]
        for part, number, count in zip(parts, numbers, sizes, strict=True):
            rest = self._add(column | {_without(whole, part)}, size - count, printed=False)
            self.counts.loose.add(rest)
            self.counts.sums.append((total, (number, rest)))
        left = size - sum(sizes)
        if left:
            beside = (whole[0], f"{NET} less {parts[0][0]} and others")
            own = self._add(column | {beside}, left, printed=False)
            self.counts.loose.add(own)
            numbers.append(own)
        self.counts.sums.append((total, tuple(numbers)))

    def _rest(self, table: Table, breakdown: Breakdown) -> None:
        """Those in none of a breakdown's groups: how many is said in words, and no more."""
        group = breakdown.unstated
        base = self._column(table, breakdown, group, printed=False)
        self.counts.printed[base], self.counts.kept[base] = True, True
        self.counts.known[base] = self._worded(group.n)
        if not self.protect_unstated:
            return
        for k in range(len(group.cells)):
            key = _cell_key(table, _column(breakdown, group), k)
            if key is not None:
                self.counts.loose.add(self._number(key))

    def _crossed(self, table: Table, breakdown: Breakdown) -> None:
        """Groups of a crossing make everyone; each by itself they are parts of their margins."""
        columns = [*(_column(breakdown, g) for g in breakdown.groups)]
        columns.append(_column(breakdown, breakdown.unstated))
        answered: Key = frozenset({(table.question.id, ANSWERED)})
        keys = [_cell_key(table, frozenset(), k) for k in range(len(table.everyone.cells))]
        for whole, inner in table.question.wholes.items():
            facts = [(f"{table.question.id}.{code}", YES) for code in (whole, *inner)]
            keys += [frozenset({_without(facts[0], part)}) for part in facts[1:]]
        for key in (answered, *(key for key in keys if key is not None)):
            parts = tuple(self._number(column | key) for column in columns)
            self.counts.sums.append((self._number(key), parts))

    def _number(self, key: Key) -> int:
        return self.numbers.get(_without_implied(key, self.nested), self._nobody)

    def add_up(self) -> None:
        """Every sum that the counts' names imply."""
        self._silent()
        while self._name_the_rest():
            pass
        for (whole, _), members in self._parts().items():
            total = self.numbers[whole]
            numbers = [self.numbers[key] for key in members]
            left = self.counts.values[total] - sum(self.counts.values[k] for k in numbers)
            if left:  # such as rankings without a first place
                numbers.append(self.counts.add(left, printed=False))
            self.counts.sums.append((total, tuple(numbers)))

    def _parts(self) -> dict[tuple[Key, str], list[Key]]:
        """Every count that others add up to, along what they do, and these."""
        parts: dict[tuple[Key, str], list[Key]] = {}
        for key in self.numbers:
            for fact in key:
                for whole, along in self._wholes(key, fact):
                    parts.setdefault((whole, along), []).append(key)
        return parts

    def _name_the_rest(self) -> bool:
        """Add who is in none of the groups that a count is parted into, so that they are one count
        in all the sums they are in; false where all have names."""
        found: dict[Key, int] = {}
        for (whole, along), members in self._parts().items():
            rest = _without_implied(whole | {(along, NOBODY)}, self.nested)
            if " in " in along or any(name == along for name, _ in whole) or rest in self.numbers:
                continue
            if (along, ANSWERED) in {fact for key in members for fact in key}:
                continue  # those who did not answer have theirs
            left = self.counts.values[self.numbers[whole]]
            found[rest] = left - sum(self.counts.values[self.numbers[key]] for key in members)
        for rest, value in found.items():
            self._add(rest, value, printed=False)
        return bool(found)

    def _silent(self) -> None:
        """Those of every group who did not answer: never printed, but they add up."""
        found: dict[Key, int] = {}
        for key, number in self.numbers.items():
            for fact in key:
                name, value = fact
                group = key - {fact}
                if value == ANSWERED and group and group in self.numbers:
                    whole = self.counts.values[self.numbers[group]]
                    found[group | {(name, NOBODY)}] = whole - self.counts.values[number]
        for key, count in found.items():
            self._add(key, count, printed=False)

    def _wholes(self, key: Key, fact: Fact) -> Iterator[tuple[Key, str]]:
        """The counts that this one is a part of along one of its facts, and along what."""
        name, value = fact
        rest = key - {fact}
        answered = self.answered.get(name) if value not in (ANSWERED, NOBODY) else None
        if value.startswith(NET):
            return
        if answered is not None and rest | {answered} in self.numbers:
            yield rest | {answered}, name
        elif rest in self.numbers:
            yield rest, name
        for outer, within in self.nested.get(name, {}).items():
            whole = rest | {(outer, within.get(value, ""))}
            for told in (whole, whole | {(name, ANSWERED)}) if value != NOBODY else (whole,):
                if told in self.numbers and told != key:
                    yield told, f"{name} in {outer}"

    def difference(self, before: Sequence[Table]) -> None:
        """What came since an earlier release: its counts as they were printed, and the rest."""
        earlier = _Linking(self.threshold, self.round_to, self.protect_unstated, self.nested)
        earlier.take_all(before)
        earlier.add_up()
        gone = pattern(earlier.counts, self.threshold, self.round_to)
        moved = []
        for k, value in enumerate(earlier.counts.values):
            number = self.counts.add(value, printed=False)
            moved.append(number)
            if not gone[k]:
                ends = interval(value, self.threshold, self.round_to)
                self.counts.known[number] = earlier.counts.known.get(k, ends)
        for total, parts in earlier.counts.sums:
            self.counts.sums.append((moved[total], tuple(moved[p] for p in parts)))
        for key, number in list(self.numbers.items()):
            if key in earlier.numbers:
                then = moved[earlier.numbers[key]]
                since = self.counts.values[number] - self.counts.values[then]
                new = self.counts.add(since, printed=False)
                self.counts.loose.add(new)
                self.counts.sums.append((number, (then, new)))


def _without(whole: Fact, part: Fact) -> Fact:
    """What is true of those who have a whole and not this part of it."""
    return part[0], f"{NET} {whole[0]} without it"


def _without_implied(key: Key, nested: Nested) -> Key:
    """The key without what goes without saying: who lives in a ward lives in its district."""
    implied: set[Fact] = set()
    for name, value in key:
        for outer, within in nested.get(name, {}).items():
            if value in within:
                implied.add((outer, within[value]))
                if value != NOBODY:
                    implied.add((outer, ANSWERED))
    return key - implied if implied else key


def _impossible(key: Key, nested: Nested) -> bool:
    """Whether the facts contradict each other: a ward of another district."""
    said = dict(key)
    return any(
        outer in said and within.get(value, said[outer]) != said[outer]
        for name, value in key
        for outer, within in nested.get(name, {}).items()
        if said.get(outer) != ANSWERED
    )


def _columns(table: Table, *, rest: bool) -> Iterator[tuple[Breakdown | None, Group]]:
    yield None, table.everyone
    for breakdown in table.breakdowns:
        for group in (*breakdown.groups, *((breakdown.unstated,) if rest else ())):
            yield breakdown, group


def _column(breakdown: Breakdown | None, group: Group) -> Key:
    """What is true of the people in a column."""
    if breakdown is None:
        return frozenset()
    names = breakdown.by.id.split(CROSS)
    values = group.group.split(CROSS)
    if group is breakdown.unstated:
        return frozenset({(breakdown.by.id, NOBODY)})
    if len(names) == 1 or len(names) != len(values):
        return frozenset({(breakdown.by.id, group.group)})
    return frozenset(zip(names, values, strict=True))


def _cell_key(table: Table, column: Key, k: int) -> Key | None:
    """What is true of the people a cell counts; None for a mean or median."""
    cell = table.everyone.cells[k]
    if cell.count is None:
        return None
    if cell.net:
        return column | {(table.question.id, f"{NET} {cell.category}")}
    if table.several:
        return column | {(f"{table.question.id}.{cell.category}", YES)}
    return column | {(table.question.id, cell.category)}


def shown_before(table: Table, printed: Mapping[tuple[str, str, str], bool]) -> dict[Key, bool]:
    """Which counts of a table were printed, from rows by (category, by, group)."""
    found: dict[Key, bool] = {}
    for category, by, group, key in keys_of(table):
        if key is not None and (category, by, group) in printed:
            found[key] = printed[category, by, group]
    return found
