"""An attacker with a linear programme learns nothing certain about a suppressed count."""

import csv
import math
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis import crosstabs, dataset, disclosure, weighting
from analysis.crosstabs import Table
from analysis.disclosure import Publishable, Rules

THRESHOLD = 10

cells = st.one_of(st.integers(0, 14), st.integers(0, 60))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[int]], bool]:
    """Counts of answers (rows) by group (columns); the last column are those in no group."""
    answers, groups = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    counts = [[draw(cells) for _ in range(groups + 1)] for _ in range(answers)]
    return counts, draw(st.booleans())


def tabulated(counts: list[list[int]]) -> Table:
    """The table of a file with those counts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "q", "g"])
            number = 0
            for answer, row in enumerate(counts):
                for group, n in enumerate(row):
                    for _ in range(n):
                        number += 1
                        writer.writerow(
                            [number, f"a{answer}", "" if group == len(row) - 1 else f"g{group}"]
                        )
            writer.writerow([number + 1, "", ""])
        data = weighting.unweighted(dataset.read(path))
    return crosstabs.tabulate(data, "q", ["g"])


def known(group: disclosure.PublishedGroup, k: int, rules: Rules) -> tuple[float, float] | None:
    """The counts that a published share may stand for, as an attacker works them out."""
    cell = group.cells[k]
    if cell.suppressed or cell.estimate is None:
        return None
    assert group.n is not None
    return around(round(cell.estimate * group.n), rules)


def around(published: int, rules: Rules) -> tuple[float, float]:
    if published == 0 and rules.suppress:
        return 0.0, 0.0
    if rules.round_to <= 1:
        return float(published), float(published)
    reach = rules.round_to / 2
    low = max(math.ceil(published - reach), rules.suppress)
    return float(low), float(math.ceil(published + reach) - 1)


def attack(found: Publishable, rules: Rules) -> dict[tuple[int, int], tuple[float, float]]:
    """For each suppressed cell (group, answer; group −1 is everyone) what it can be at most."""
    groups = found.breakdowns[0].groups
    columns = [found.everyone, *groups, None]  # None: those in no group
    k = len(found.everyone.cells)
    n = len(columns) * k
    assert found.everyone.n is not None
    total = around(found.everyone.n, rules)
    bounds = []
    for column in columns:
        for c in range(k):
            seen = known(column, c, rules) if column is not None else None
            bounds.append(seen or (0.0, total[1]))
    adds, limits, rows = [], [], []
    for c in range(k):  # the groups and the rest make everyone
        row = np.zeros(n)
        row[c] = -1
        row[[j * k + c for j in range(1, len(columns))]] = 1
        rows.append(row)
    for j, column in enumerate(columns):  # the answers make the base, as far as it is known
        base = around(column.n, rules) if column is not None and column.n is not None else None
        if base is not None:
            row = np.zeros(n)
            row[j * k : (j + 1) * k] = 1
            adds += [row, -row]
            limits += [base[1], -base[0]]
    most = {}
    for j, column in enumerate(columns[:-1]):
        assert column is not None
        for c in range(k):
            if column.cells[c].suppressed:
                ends = []
                for sign in (1, -1):
                    goal = np.zeros(n)
                    goal[j * k + c] = sign
                    solved = linprog(
                        goal, A_ub=np.array(adds), b_ub=np.array(limits), A_eq=np.array(rows),
                        b_eq=np.zeros(k), bounds=bounds, method="highs",
                    )  # fmt: skip
                    assert solved.x is not None, solved.message
                    ends.append(float(solved.x[j * k + c]))
                most[j - 1, c] = (ends[0], ends[1])
    return most


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_no_suppressed_count_can_be_worked_out(drawn: tuple[list[list[int]], bool]) -> None:
    counts, rounded = drawn
    if not any(map(any, counts)):
        return
    table = tabulated(counts)
    rules = Rules(THRESHOLD, 5 if rounded else 1)
    found = disclosure.protect(table, rules)
    exact = [table.everyone, *table.breakdowns[0].groups]
    for group, shown in zip(exact, [found.everyone, *found.breakdowns[0].groups], strict=True):
        for cell, printed in zip(group.cells, shown.cells, strict=True):
            assert printed.suppressed or cell.count not in range(1, THRESHOLD)
        assert shown.n is None or group.n not in range(1, THRESHOLD)
    if found.everyone.n is None:
        return
    for (j, c), (least, most) in attack(found, rules).items():
        true = exact[j + 1].cells[c].count
        assert true is not None
        if 0 < true < THRESHOLD:
            assert most >= THRESHOLD - 1e-6, "known to be small"
            assert most - least > 0.5, "known exactly"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_no_line_that_adds_up_has_one_gap(drawn: tuple[list[list[int]], bool]) -> None:
    counts, rounded = drawn
    if not any(map(any, counts)):
        return
    table = tabulated(counts)
    found = disclosure.protect(table, Rules(THRESHOLD, 5 if rounded else 1))
    groups, rest = found.breakdowns[0].groups, table.breakdowns[0].unstated
    for shown in (found.everyone, *groups):
        gaps = sum(c.suppressed for c in shown.cells)
        assert shown.n is None or gaps != 1 or len(shown.cells) == 1
    hidden = sum(g.n is None for g in groups)
    assert hidden != 1 or len(groups) == 1
    for k, cell in enumerate(found.everyone.cells):
        gaps = cell.suppressed + sum(g.cells[k].suppressed for g in groups)
        assert gaps != 1 or (rest.cells[k].count or 0) > 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_switched_off_it_changes_nothing(drawn: tuple[list[list[int]], bool]) -> None:
    counts, _ = drawn
    if not any(map(any, counts)):
        return
    table = tabulated(counts)
    found = disclosure.protect(table, Rules(0, 1))
    for group, shown in zip(
        [table.everyone, *table.breakdowns[0].groups],
        [found.everyone, *found.breakdowns[0].groups],
        strict=True,
    ):
        assert shown.n == group.n
        for cell, printed in zip(group.cells, shown.cells, strict=True):
            assert not printed.suppressed
            assert printed.estimate == cell.estimate.value


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_unweighted_shares_are_rounded_counts_over_rounded_bases(
    drawn: tuple[list[list[int]], bool],
) -> None:
    counts, _ = drawn
    if not any(map(any, counts)):
        return
    table = tabulated(counts)
    found = disclosure.protect(table, Rules(THRESHOLD, 5))
    for group, shown in zip(
        [table.everyone, *table.breakdowns[0].groups],
        [found.everyone, *found.breakdowns[0].groups],
        strict=True,
    ):
        for cell, printed in zip(group.cells, shown.cells, strict=True):
            if printed.estimate is not None and cell.count is not None:
                assert shown.n is not None
                assert printed.estimate * shown.n == np.float64(
                    5 * math.floor(cell.count / 5 + 0.5)
                ) or (abs(printed.estimate * shown.n - 5 * math.floor(cell.count / 5 + 0.5)) < 1e-9)
                assert 0 <= printed.estimate <= 1
