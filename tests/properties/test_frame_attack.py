"""A whole and its parts published together tell of nobody: codes of a frame with two levels.

The attacker here shares no code with what is attacked: an unknown for every combination of area and
codes that a comment can have, and every printed figure a limit on a sum of them.
"""

import csv
import itertools
import json
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
from analysis.suppression import LOOSE
from tests.properties import attacking

THRESHOLD = 10
PARTS = ("p1", "p2", "p3")
CODES = ("whole", *PARTS, "other")
AREAS = ("north", "south", "")
Atom = tuple[str, frozenset[str] | None]
Row = dict[str, Any]


def has(*codes: str) -> frozenset[str]:
    """The codes of a comment that was given some: the whole goes with its parts."""
    return frozenset(codes) | ({"whole"} if set(codes) & set(PARTS) else set())


SINGLE = [has(part) for part in PARTS]
SEVERAL = [has(*some) for n in (2, 3) for some in itertools.combinations(PARTS, n)]
#: What comments can have: one part each; the whole alone besides; several parts at once too.
KINDS = {
    "parts": SINGLE,
    "parts and rest": [*SINGLE, has("whole")],
    "overlapping": [*SINGLE, has("whole"), *SEVERAL],
}


def atoms(kind: str) -> list[Atom]:
    said = [has(), *KINDS[kind]]
    said += [codes | {"other"} for codes in said]  # of which the whole says nothing
    return [(area, codes) for area in AREAS for codes in (None, *said)]


def drawn(kind: str, seed: int, evenness: float, number: int) -> tuple[str, list[int]]:
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.full(len(atoms(kind)), evenness))
    return kind, random.multinomial(number, shares).tolist()


frames = st.builds(
    drawn,
    st.sampled_from(sorted(KINDS)),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.15, 0.4, 1.0]),
    st.integers(60, 500),
)


def counted(north: list[int], south: list[int]) -> list[int]:
    """So many in each area with no code, and with each part by itself."""
    return [n for part in (north, south, []) for n in [0, *part, *[0] * (8 - len(part))]]


def codebook() -> dict[str, Any]:
    def option(code: str, part_of: str | None = None) -> dict[str, Any]:
        return {"code": code, "label": {"en": code}, "part_of": part_of}

    options = [option(code, "whole" if code in PARTS else None) for code in CODES]
    columns = [{"name": f"q.{code}", "option": code} for code in CODES]
    area = {"id": "area", "type": "choice", "columns": [{"name": "area"}], "role": "area"}
    area["options"] = [option(code) for code in AREAS if code]
    coded = {"id": "q", "type": "choices", "columns": columns, "options": options}
    return {"format": 1, "questions": [area, coded]}


def published(folder: Path, kind: str, counts: list[int], rules: Rules) -> list[Row]:
    (folder / "codebook.json").write_text(json.dumps(codebook()))
    with (folder / "r.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "area", *(f"q.{code}" for code in CODES)])
        every = itertools.count()
        for (area, codes), n in zip(atoms(kind), counts, strict=True):
            cells = [""] * len(CODES) if codes is None else [int(c in codes) for c in CODES]
            writer.writerows([next(every), area, *cells] for _ in range(n))
    data = weighting.unweighted(dataset.read(folder / "r.csv", folder / "codebook.json"))
    (table,) = pipeline.tables(data, ["q"], ["area"], rules)
    return table.rows()


def around(shown: int, rules: Rules) -> tuple[float, float]:
    """The counts that a printed one stands for."""
    if shown == 0 or rules.round_to <= 1:
        return shown, shown
    reach = rules.round_to / 2
    return max(math.ceil(shown - reach), THRESHOLD), math.ceil(shown + reach) - 1


class Attacker:
    """Knows what comments can have, and all that is printed."""

    def __init__(self, kind: str, rows: list[Row], rules: Rules) -> None:
        self.atoms = atoms(kind)
        sums, ends = [], []
        for row in rows:
            if row["n"]:
                count = round(row["estimate"] * row["n"])
                for category, shown in ((None, row["n"]), (row["category"], count)):
                    who, (least, most) = self.who(row["group"], category), around(shown, rules)
                    sums += [who, -who]
                    ends += [most, -least]
        self.limits, self.ends = np.array(sums).reshape(-1, len(self.atoms)), np.array(ends)

    def who(self, group: str, category: str | None, without: str = "") -> np.ndarray:
        return np.array(
            [
                codes is not None
                and group in ("", area)
                and (category is None or category in codes)
                and without not in codes
                for area, codes in self.atoms
            ],
            dtype=float,
        )

    def knows(self, who: np.ndarray) -> tuple[float, float]:
        return attacking.knows(who, self.limits, self.ends)


# Seeds do not shrink to anything simpler, and each try is some hundred linear programmes.
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
@example(("parts", counted([30, 40, 30, 3], [30, 40, 30, 20])), 1)
@example(("parts", counted([30, 90, 4, 0], [30, 90, 20, 30])), 5)
@given(frames, st.sampled_from([1, 5]))
def test_a_whole_beside_its_parts_bounds_no_small_count(
    frame: tuple[str, list[int]], round_to: int
) -> None:
    (kind, counts), rules = frame, Rules(THRESHOLD, round_to)
    with tempfile.TemporaryDirectory() as name:
        rows = published(Path(name), kind, counts, rules)
    attacker, truth = Attacker(kind, rows, rules), np.array(counts, dtype=float)
    assume(len(attacker.ends) > 0)
    assert (attacker.limits @ truth <= attacker.ends + 1e-9).all(), "the truth fits what is shown"
    for row in rows:
        who = attacker.who(row["group"], row["category"])
        if row["suppressed"] and truth @ who:
            least, most = attacker.knows(who)
            assert most - least >= THRESHOLD - 1e-4, (row, least, most)
        if row["category"] in PARTS:
            rest = attacker.who(row["group"], "whole", without=row["category"])
            if 0 < truth @ rest < THRESHOLD:
                # Nobody prints a figure of them: they are as those in no group are.
                least, most = attacker.knows(rest)
                assert most - least >= LOOSE - 1e-4, (row, "the rest", least, most)


def test_what_could_be_subtracted_is_hidden_and_no_more(tmp_path: Path) -> None:
    """Of a whole of 93 its parts are 50, 40 and 3: the 40 go with the 3, all else stays."""
    rows = published(tmp_path, "parts", counted([60, 50, 40, 3], []), Rules(THRESHOLD, 1))
    hidden = {row["category"] for row in rows if row["suppressed"] and not row["by"]}
    assert hidden == {"p2", "p3"}


@pytest.mark.parametrize("round_to", [1, 5])
def test_a_part_that_is_nearly_all_of_its_whole_is_hidden(tmp_path: Path, round_to: int) -> None:
    counts = counted([60, 90, 2, 1], [])
    rows = published(tmp_path, "parts", counts, Rules(THRESHOLD, round_to))
    hidden = {row["category"] for row in rows if row["suppressed"] and not row["by"]}
    assert hidden == {"p1", "p2", "p3"}


WROTE = ["", "no", "yes"]
ANSWERS = [(area, *pair) for area in AREAS for pair in itertools.product(WROTE, WROTE)]


def over(seed: int, evenness: float, number: int) -> list[int]:
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.full(len(ANSWERS), evenness))
    return random.multinomial(number, shares).tolist()


def published_over(folder: Path, counts: list[int], rules: Rules) -> list[Row]:
    """Two questions coded by one frame of one code, and everyone who answered any."""
    area = codebook()["questions"][0]
    questions = [area]
    for name, parts in (("one", []), ("two", []), ("any", ["one", "two"])):
        option = {"code": "c", "label": {"en": "c"}}
        column = {"name": f"{name}.c", "option": "c"}
        made = {"id": name, "type": "choices", "columns": [column], "options": [option]}
        questions.append({**made, "over": parts})
    (folder / "codebook.json").write_text(json.dumps({"format": 1, "questions": questions}))
    cell = {"": "", "no": "0", "yes": "1"}
    with (folder / "r.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "area", "one.c", "two.c", "any.c"])
        every = itertools.count()
        for (where, one, two), n in zip(ANSWERS, counts, strict=True):
            cells = [cell[one], cell[two], cell[max(one, two)]]  # "" < "no" < "yes"
            writer.writerows([next(every), where, *cells] for _ in range(n))
    data = weighting.unweighted(dataset.read(folder / "r.csv", folder / "codebook.json"))
    tables = pipeline.tables(data, ["one", "two", "any"], ["area"], rules)
    return [row for table in tables for row in table.rows()]


class OverAttacker(Attacker):
    """Knows who answers any, and what any has, of two questions."""

    def __init__(self, rows: list[Row], rules: Rules) -> None:
        self.question = ""
        self.atoms = ANSWERS
        sums, ends = [], []
        for row in rows:
            if row["n"]:
                count = round(row["estimate"] * row["n"])
                for yes, shown in ((False, row["n"]), (True, count)):
                    who = self.of(row["question"], row["group"], yes=yes)
                    least, most = around(shown, rules)
                    sums += [who, -who]
                    ends += [most, -least]
        self.limits, self.ends = np.array(sums).reshape(-1, len(self.atoms)), np.array(ends)

    def of(self, question: str, group: str, *, yes: bool) -> np.ndarray:
        told = []
        for area, one, two in ANSWERS:
            answer = {"one": one, "two": two, "any": max(one, two)}[question]
            told.append(group in ("", area) and (answer == "yes" if yes else answer != ""))
        return np.array(told, dtype=float)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
@example([0, 0, 3, 0, 20, 20, 80, 20, 20] + [0] * 18, 1)
@given(
    st.builds(
        over, st.integers(0, 2**32 - 1), st.sampled_from([0.15, 0.4, 1.0]), st.integers(60, 500)
    ),
    st.sampled_from([1, 5]),
)
def test_any_of_several_questions_beside_each_bounds_no_small_count(
    counts: list[int], round_to: int
) -> None:
    rules = Rules(THRESHOLD, round_to)
    with tempfile.TemporaryDirectory() as name:
        rows = published_over(Path(name), counts, rules)
    attacker, truth = OverAttacker(rows, rules), np.array(counts, dtype=float)
    assume(len(attacker.ends) > 0)
    assert (attacker.limits @ truth <= attacker.ends + 1e-9).all(), "the truth fits what is shown"
    for row in rows:
        who = attacker.of(row["question"], row["group"], yes=True)
        if row["suppressed"] and truth @ who:
            least, most = attacker.knows(who)
            assert most - least >= THRESHOLD - 1e-4, (row, least, most)
        if row["question"] == "any":
            for part in ("one", "two"):
                # Nobody prints a figure of those who said it to the other question alone.
                rest = who - attacker.of(part, row["group"], yes=True)
                if 0 < truth @ rest < THRESHOLD:
                    least, most = attacker.knows(rest)
                    assert most - least >= LOOSE - 1e-4, (row, part, least, most)
