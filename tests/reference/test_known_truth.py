"""Known truths: samples drawn again and again from a population of which everything is known.

A 95% interval of `--mode sample` must hold the true figure in 93% to 97% of 2,000 samples (the
count itself is good to ±1 point). The samples are drawn as their design says; figures, errors,
intervals and raked weights are the package's own functions, once per sample. Where a design's
strata and clusters have the same rows in every sample, the design is made once and used for all.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from analysis_files import write_csv
from click.testing import CliRunner

from analysis import dataset, estimates
from analysis.__main__ import cli
from analysis.estimates import Design, Estimate
from analysis.weighting import rake

TIMES = 2_000
DISTRICTS, WARDS, EACH = 5, 40, 100
"""Wards a district, people a ward; people stand in the order of their wards."""
PEOPLE = DISTRICTS * WARDS * EACH

Floats = np.ndarray
Sample = tuple[np.ndarray, Floats, Design]
"""Places in the population, weights, and how they were drawn."""


@dataclass(frozen=True)
class Population:
    """Who lives there: what margins count, and what a survey asks."""

    district: np.ndarray
    age: np.ndarray
    worried: Floats
    victim: Floats
    pounds: Floats


@functools.cache
def population() -> Population:
    draw = np.random.default_rng(2024)
    district = np.repeat(np.arange(DISTRICTS), WARDS * EACH)
    age = draw.choice(6, PEOPLE, p=[0.12, 0.18, 0.2, 0.2, 0.16, 0.14])
    ward = np.repeat(draw.normal(0, 0.4, DISTRICTS * WARDS), EACH)
    chance = 1 / (1 + np.exp(1.5 - 0.5 * age - 0.3 * district - ward))
    worried = (draw.random(PEOPLE) < chance).astype(float)
    victim = (draw.random(PEOPLE) < 0.06 * np.exp(0.3 * ward)).astype(float)
    pounds = draw.gamma(3, 10, PEOPLE) + 6 * age + 8 * ward
    return Population(district, age, worried, victim, pounds)


def whole(rows: int) -> np.ndarray:
    return np.ones(rows, dtype=bool)


FIGURES: dict[str, tuple[Callable[[Population], Floats], bool, Callable[..., Floats]]] = {
    "small share": (lambda p: p.victim, True, np.mean),
    "middling share": (lambda p: p.worried, True, np.mean),
    "mean": (lambda p: p.pounds, False, np.mean),
    # The least value with half of the people at or below it.
    "median": (lambda p: p.pounds, False, lambda v: np.sort(v)[len(v) // 2 - 1]),
}


def figure(name: str, rows: np.ndarray, weights: Floats, sample: Design) -> Estimate:
    column, share, _ = FIGURES[name]
    values = column(population())[rows]
    if name == "median":
        return estimates.median(values, weights, whole(len(rows)), sample)
    return estimates.mean(values, weights, whole(len(rows)), sample, share=share)


def truth(name: str) -> float:
    column, _, of = FIGURES[name]
    return float(of(column(population())))


def covered(found: Estimate, true: float) -> bool:
    assert found.low is not None
    assert found.high is not None
    return found.low <= true <= found.high


# -- how samples are drawn ---------------------------------------------------------------------


def designed(folder: Path, columns: dict[str, object], **how: object) -> Design:
    """A design as the command line makes it, from the columns of a file."""
    frame = pl.DataFrame(columns).with_row_index("id")
    frame.write_csv(folder / "sample.csv")
    return estimates.design(dataset.read(folder / "sample.csv"), **how)  # type: ignore[arg-type]


def simple(folder: Path) -> Iterator[Sample]:
    n, draw = 400, np.random.default_rng(1)
    design = designed(folder, {"people": np.full(n, PEOPLE)}, fpc="people")
    weights = np.full(n, PEOPLE / n)
    while True:
        yield draw.choice(PEOPLE, n, replace=False, shuffle=False), weights, design


def stratified(folder: Path) -> Iterator[Sample]:
    """Districts of one size, samples of very different ones: weights from 20 to 100."""
    sizes, draw, people = np.array([40, 60, 80, 120, 200]), np.random.default_rng(2), WARDS * EACH
    stratum = np.repeat(np.arange(DISTRICTS), sizes)
    design = designed(
        folder, {"s": stratum, "f": sizes[stratum] / people}, strata="s", fpc="f"
    )  # fmt: skip
    while True:
        places = [
            k * people + draw.choice(people, n, replace=False, shuffle=False)
            for k, n in enumerate(sizes)
        ]
        yield np.concatenate(places), (people / sizes)[stratum], design


def clustered(folder: Path) -> Iterator[Sample]:
    """10 of 40 wards in every district, 10 of 100 people in each of them."""
    wards, people, draw = 10, 10, np.random.default_rng(3)
    n = DISTRICTS * wards * people
    design = designed(
        folder,
        {
            "s": np.repeat(np.arange(DISTRICTS), wards * people),
            "ward": np.repeat(np.arange(DISTRICTS * wards), people),
            "person": np.arange(n),
            "n1": np.full(n, WARDS),
            "n2": np.full(n, EACH),
        },
        strata="s",
        cluster=["ward", "person"],
        fpc=["n1", "n2"],
    )
    weights = np.full(n, PEOPLE / n)
    while True:
        drawn = np.argsort(draw.random((DISTRICTS, WARDS)), axis=1)[:, :wards]
        drawn = (drawn + WARDS * np.arange(DISTRICTS)[:, None]).reshape(-1)
        inside = np.argpartition(draw.random((len(drawn), EACH)), people, axis=1)[:, :people]
        yield (drawn[:, None] * EACH + inside).reshape(-1), weights, design


def raked(folder: Path) -> Iterator[Sample]:
    """A simple sample raked to district and age, the gain from it taken off the errors."""
    for rows, base, design in simple(folder):
        yield to_margins(rows, base, design)


def to_margins(rows: np.ndarray, base: Floats, design: Design) -> Sample:
    margins = [population().district, population().age]
    codes = [margin[rows].astype(np.uint8) for margin in margins]
    weights = rake(codes, [np.bincount(m).astype(float) for m in margins], base)
    return rows, weights, design.calibrated([c.astype(np.int64) for c in codes], base, weights)


DESIGNS = {"simple": simple, "stratified": stratified, "clustered": clustered, "raked": raked}


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_hold_the_truth_as_often_as_they_claim(design: str, tmp_path: Path) -> None:
    true = {name: truth(name) for name in FIGURES}
    held, claimed = dict.fromkeys(FIGURES, 0), dict.fromkeys(FIGURES, 0.0)
    values: dict[str, list[float]] = {name: [] for name in FIGURES}
    for _, (rows, weights, sample) in zip(range(TIMES), DESIGNS[design](tmp_path), strict=False):
        for name in FIGURES:
            found = figure(name, rows, weights, sample)
            held[name] += covered(found, true[name])
            values[name].append(found.value or 0.0)
            claimed[name] += (found.se or 0.0) ** 2 / TIMES
    shares = {name: count / TIMES for name, count in held.items()}
    print(design, shares)
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares
    for name in ("small share", "middling share", "mean"):
        # No bias, and errors that are what the figure varies by.
        spread = float(np.std(values[name]))
        assert abs(np.mean(values[name]) - true[name]) < 4 * spread / TIMES**0.5
        assert claimed[name] ** 0.5 == pytest.approx(spread, rel=0.08)


# -- who does not answer -----------------------------------------------------------------------


def answering(chance: Floats, folder: Path) -> Iterator[Sample]:
    """Simple samples in which each person answers with their own chance, raked to the margins.

    The design is that of as many people drawn at random as answered, which is what an analyst
    knows.
    """
    draw = np.random.default_rng(4)
    designs: dict[int, Design] = {}
    while True:
        rows = draw.choice(PEOPLE, 700, replace=False, shuffle=False)
        rows = rows[draw.random(len(rows)) < chance[rows]]
        n = len(rows)
        if n not in designs:
            designs[n] = designed(folder, {"x": np.zeros(n)})
        yield to_margins(rows, np.full(n, PEOPLE / n), designs[n])


def outcome(chance: Floats, folder: Path) -> tuple[float, float, float]:
    """Bias of the plain share and of the weighted one, and how often its interval holds."""
    true, plain, weighted, held = truth("middling share"), [], [], 0
    times = 600
    for _, (rows, weights, sample) in zip(range(times), answering(chance, folder), strict=False):
        found = figure("middling share", rows, weights, sample)
        plain.append(float(population().worried[rows].mean()))
        weighted.append(found.value or 0.0)
        held += covered(found, true)
    return float(np.mean(plain)) - true, float(np.mean(weighted)) - true, held / times


def test_weighting_removes_the_bias_whose_cause_is_in_the_margins(tmp_path: Path) -> None:
    p = population()
    plain, weighted, held = outcome(0.3 + 0.1 * p.age + 0.03 * p.district, tmp_path)
    assert plain > 0.03
    assert abs(weighted) < 0.003
    assert 0.93 <= held <= 0.97


def test_weighting_cannot_remove_another_bias_and_its_report_says_so(tmp_path: Path) -> None:
    """The worried answer twice as often, whatever their age: margins are met, figures are wrong."""
    p = population()
    plain, weighted, held = outcome(0.4 + 0.4 * p.worried, tmp_path)
    assert plain > 0.1
    assert weighted > 0.1
    assert held < 0.05

    rows, _, _ = next(answering(0.4 + 0.4 * p.worried, tmp_path))
    responses = write_csv(
        tmp_path / "r.csv",
        [
            {"id": k, "district": p.district[k], "age": p.age[k], "worried": p.worried[k]}
            for k in rows
        ],
    )
    targets = write_csv(
        tmp_path / "T.csv",
        [
            {"margin": name, "category": k, "population": count}
            for name, margin in (("district", p.district), ("age", p.age))
            for k, count in enumerate(np.bincount(margin))
        ],
    )
    page = tmp_path / "weighting.html"
    arguments = ["weight", responses, "--targets", targets, "-o", tmp_path / "w.csv"]
    done = CliRunner().invoke(cli, [str(a) for a in [*arguments, "--report", page]])
    assert done.exit_code == 0, done.output
    told = page.read_text(encoding="utf-8")
    assert "by the margins named here, and by nothing else" in told
    assert "nothing in these responses can show it" in told
