"""Weights meet their margins whatever the sample, and do not depend on its order."""

import csv
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import dataset, population, weighting
from analysis.weighting import WeightedDataset

people = st.integers(1000, 5000)
Rows = list[tuple[str, str]]


def weigh(rows: Rows, targets: dict[str, dict[str, float]], **how: Any) -> WeightedDataset:
    with tempfile.TemporaryDirectory() as folder:
        responses, margins = Path(folder) / "r.csv", Path(folder) / "T.csv"
        with responses.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "a", "b"])
            writer.writerows([k, *row] for k, row in enumerate(rows))
        with margins.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["margin", "category", "population"])
            for name, categories in targets.items():
                writer.writerows([name, c, repr(float(n))] for c, n in categories.items())
        return weighting.weight(dataset.read(responses), population.read(margins), **how)


@st.composite
def samples(draw: st.DrawFn) -> tuple[Rows, dict[str, dict[str, float]]]:
    """A sample in which every combination of categories comes, and margins of one total."""
    # Enough full rows that no group consists of people who left the other question out: then
    # the margins contradict each other, which is refused, and tested elsewhere.
    full = [(a, b) for a in "xyz" for b in "pq"] * 12
    extra = st.tuples(st.sampled_from(["x", "y", "z", ""]), st.sampled_from(["p", "q", ""]))
    rows = full + draw(st.lists(extra, max_size=12))
    a = {c: float(draw(people)) for c in "xyz"}
    b = {c: float(draw(people)) for c in "pq"}
    scale = sum(a.values()) / sum(b.values())
    return rows, {"a": a, "b": {c: n * scale for c, n in b.items()}}


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(samples(), st.sampled_from(["level", "float", "drop"]))
def test_margins_are_met(drawn: tuple[Rows, dict[str, dict[str, float]]], missing: str) -> None:
    rows, targets = drawn
    found = weigh(rows, targets, missing=missing)
    total = sum(targets["a"].values())
    assert abs(found.weights.sum() / total - 1) < 1e-12
    assert (found.weights > 0).all()
    for name in ("a", "b"):
        cells = found.dataset.column(name).to_numpy()
        stated = found.weights[[c is not None for c in cells]].sum()
        for category, wanted in targets[name].items():
            share = found.weights[cells == category].sum() / stated
            assert abs(share / (wanted / sum(targets[name].values())) - 1) < 1e-11


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    drawn: tuple[Rows, dict[str, dict[str, float]]], random: Any
) -> None:
    rows, targets = drawn
    order = list(range(len(rows)))
    random.shuffle(order)
    straight = weigh(rows, targets).weights
    mixed = weigh([rows[k] for k in order], targets).weights
    assert np.allclose(straight[order], mixed, rtol=1e-10)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(samples(), st.sampled_from(["rake", "logit", "linear"]))
def test_bounds_hold(drawn: tuple[Rows, dict[str, dict[str, float]]], method: str) -> None:
    rows, targets = drawn
    bounds = (0.001, 500.0)
    found = weigh(rows, targets, method=method, bounds=bounds)
    ratio = found.weights / found.weights.mean()
    assert ratio.min() >= bounds[0] * (1 - 1e-9)
    assert ratio.max() <= bounds[1] * (1 + 1e-9)
