"""Whoever takes all that is published together and a linear programme learns no suppressed count.

The attacker here shares no code with what is attacked: an unknown for every combination of answers
that a person can give, and every printed figure a limit on a sum of them.
"""

import csv
import itertools
import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st

from analysis import dataset, pipeline, weighting
from analysis.disclosure import Rules
from analysis.errors import DataError
from tests.properties import attacking

THRESHOLD = 10
VALUES = {
    "area": ["north", "south", ""],
    "ward": ["n1", "n2", "s1", "s2", ""],
    "sex": ["f", "m", ""],
    "view": ["yes", "no", "unsure", ""],
}
INSIDE = {"n1": "north", "n2": "north", "s1": "south", "s2": "south", "": ""}
ATOMS = [
    atom
    for atom in itertools.product(*VALUES.values())
    if INSIDE[atom[1]] == atom[0]  # who gives a ward gives its area
]
Row = dict[str, Any]


def drawn(seed: int, evenness: float, number: int) -> list[tuple[str, ...]]:
    """So many people, in some combinations few."""
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.full(len(ATOMS), evenness))
    counts = random.multinomial(number, shares)
    return [atom for atom, n in zip(ATOMS, counts, strict=True) for _ in range(n)]


people = st.builds(
    drawn, st.integers(0, 2**32 - 1), st.sampled_from([0.15, 0.4, 1.0]), st.integers(40, 500)
)


def published(folder: Path, rows: list[tuple[str, ...]], rules: Rules) -> list[Row]:
    path = folder / "r.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *VALUES])
        writer.writerows([k, *row] for k, row in enumerate(rows))
    data = weighting.unweighted(dataset.read(path))
    by = ["area", "ward", "sex", "area*sex", "sex*area"]
    tables = pipeline.tables(data, ["view", "area", "ward", "sex"], by, rules)
    return [row for table in tables for row in table.rows()]


def around(shown: int, rules: Rules) -> tuple[float, float]:
    """The counts that a printed one stands for."""
    if shown == 0 or rules.round_to <= 1:
        return shown, shown
    reach = rules.round_to / 2
    return max(math.ceil(shown - reach), THRESHOLD), math.ceil(shown + reach) - 1


def who(row: Row, category: str | None) -> np.ndarray:
    """Which atoms a row counts; its base with None."""
    said = (
        dict(zip(row["by"].split("*"), row["group"].split("*"), strict=True)) if row["by"] else {}
    )
    found = []
    for atom in ATOMS:
        values = dict(zip(VALUES, atom, strict=True))
        answer = values[row["question"]]
        counted = answer == category if category is not None else answer != ""
        found.append(counted and all(values[name] == value for name, value in said.items()))
    return np.array(found, dtype=float)


class Attacker:
    def __init__(self, rows: list[Row], rules: Rules) -> None:
        sums, low, high = [], [], []
        for row in rows:
            if not row["n"]:
                continue
            for atoms, count in (
                (who(row, None), row["n"]),
                (who(row, row["category"]), round(row["estimate"] * row["n"])),
            ):
                least, most = around(count, rules)
                sums.append(atoms)
                low.append(least)
                high.append(most)
        self.limits = np.array([*sums, *(-s for s in sums)]).reshape(-1, len(ATOMS))
        self.ends = np.array([*high, *(-x for x in low)])

    def knows(self, atoms: np.ndarray) -> tuple[float, float]:
        return attacking.knows(atoms, self.limits, self.ends)


# Seeds do not shrink to anything simpler, and each try is some hundred linear programmes.
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
@example(drawn(13, 1.0, 300), 5)
@example(drawn(120, 0.15, 40), 1)
@given(people, st.sampled_from([1, 5]))
def test_all_that_is_published_bounds_no_suppressed_count(
    rows: list[tuple[str, ...]], round_to: int
) -> None:
    rules = Rules(THRESHOLD, round_to)
    with tempfile.TemporaryDirectory() as name:
        out = published(Path(name), rows, rules)
    attacker = Attacker(out, rules)
    assume(len(attacker.ends) > 0)
    counts = np.array([rows.count(atom) for atom in ATOMS], dtype=float)
    assert (attacker.limits @ counts <= attacker.ends + 1e-9).all(), "the truth fits what is shown"
    seen: set[bytes] = set()
    for row in out:
        atoms = who(row, row["category"])
        if not row["suppressed"]:
            assert not 0 < counts @ atoms < THRESHOLD, "a small count is printed"
            continue
        if atoms.tobytes() in seen or not counts @ atoms:
            continue
        seen.add(atoms.tobytes())
        least, most = attacker.knows(atoms)
        assert most - least >= THRESHOLD - 1e-4, (row, least, most)


def test_an_earlier_file_of_the_same_answers_is_reckoned_with(tmp_path: Path) -> None:
    north = {("f", "yes"): 14, ("f", "no"): 12, ("m", "yes"): 30, ("m", "no"): 25}
    south = {("f", "yes"): 20, ("f", "no"): 4, ("m", "yes"): 20, ("m", "no"): 20}
    rows = [
        (area, ward, *who)
        for area, ward, counts in (("north", "n1", north), ("south", "s1", south))
        for who, n in counts.items()
        for _ in range(n)
    ]
    path = tmp_path / "r.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *VALUES])
        writer.writerows([k, *row] for k, row in enumerate(rows))
    data = weighting.unweighted(dataset.read(path))
    rules = Rules(THRESHOLD, 1)
    (alone,) = pipeline.tables(data, ["view"], ["sex"], rules)
    assert not any(row["suppressed"] for row in alone.rows())
    first = tmp_path / "first.csv"
    with first.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(alone.rows()[0]))
        writer.writeheader()
        writer.writerows(
            {**row, "suppressed": str(row["suppressed"]).lower()} for row in alone.rows()
        )
    # Women by area: four southern women said no. With the first file out, a single gap would tell.
    (second,) = pipeline.tables(data, ["view"], ["area*sex"], rules, released=[first])
    shown = {(r["category"], r["group"]): r["suppressed"] for r in second.rows()}
    assert shown["no", "south*f"]
    assert shown["no", "north*f"], "with the women's total published, this one tells the other"
    (apart,) = pipeline.tables(data, ["view"], ["area*sex"], rules)
    assert sum(r["suppressed"] for r in apart.rows()) <= sum(shown.values())


def test_a_released_file_of_other_answers_is_refused(tmp_path: Path) -> None:
    path, other = tmp_path / "r.csv", tmp_path / "other.csv"
    path.write_text("id,view\n" + "".join(f"{k},yes\n" for k in range(30)))
    other.write_text("question,category,by,group,suppressed\nview,never,,,false\n")
    data = weighting.unweighted(dataset.read(path))
    with pytest.raises(DataError, match=r"other\.csv.*view"):
        pipeline.tables(data, ["view"], (), released=[other])
