"""Estimates against a second, slow engine, and what must hold for any sample."""

import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import dataset, estimates
from analysis.compare import results
from analysis.compare.means import t_test
from analysis.estimates import Design, replicates

CHEAP = settings(max_examples=40, deadline=None)


@st.composite
def surveys(draw: st.DrawFn) -> tuple[Design, dict[str, Any]]:
    """A stratified sample of clusters with sampled shares, as a design and as plain lists."""
    rows: list[tuple[int, int, float, float, float]] = []
    for stratum in range(draw(st.integers(1, 3))):
        share = draw(st.sampled_from([0.1, 0.5, 0.9]))
        for cluster in range(draw(st.integers(2, 4))):
            for _ in range(draw(st.integers(1, 3))):
                y, w = draw(st.integers(-5, 5)), draw(st.integers(1, 4))
                rows.append((stratum, cluster, share, float(y), float(w)))
    text = ["id,s,c,f", *(f"{k},{s},{c},{f}" for k, (s, c, f, _, _) in enumerate(rows))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        path.write_text("\n".join(text))
        design = estimates.design(dataset.read(path), "s", "c", "f")
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return design, dict(zip(("s", "c", "f", "y", "w"), columns, strict=True))


def brute(found: dict[str, Any], scores: np.ndarray) -> float:
    """The textbook formula, stratum by stratum and cluster by cluster."""
    total = 0.0
    for stratum in set(found["s"]):
        inside = found["s"] == stratum
        clusters = sorted(set(found["c"][inside]))
        sums = [scores[inside & (found["c"] == c)].sum() for c in clusters]
        n, middle = len(sums), sum(sums) / len(sums)
        fraction = found["f"][inside][0]
        total += (1 - fraction) * n / (n - 1) * sum((t - middle) ** 2 for t in sums)
    return total


@CHEAP
@given(surveys())
def test_variance_of_a_mean_is_the_textbook_s(survey: tuple[Design, dict[str, Any]]) -> None:
    design, found = survey
    y, w = found["y"], found["w"]
    mean = float(w @ y / w.sum())
    ours = estimates.mean(y, w, np.ones(len(y), dtype=bool), design)
    assert ours.value == pytest.approx(mean, abs=1e-12)
    if ours.se is not None:
        assert ours.se**2 == pytest.approx(brute(found, w * (y - mean) / w.sum()), abs=1e-12)


@CHEAP
@given(surveys())
def test_the_jackknife_of_a_total_is_the_linearised_variance(
    survey: tuple[Design, dict[str, Any]],
) -> None:
    design, found = survey
    first = design.stages[0]
    made = replicates.jackknife(first.units, first.unit_stratum, found["w"], first.fractions)
    everyone = np.ones(len(found["y"]), dtype=bool)
    line = estimates.total(found["y"], found["w"], everyone, design)
    again = estimates.total(found["y"], found["w"], everyone, design.with_replicates(made))
    assert again.se == pytest.approx(line.se, rel=1e-9, abs=1e-9)


@CHEAP
@given(surveys(), st.integers(1, 5))
def test_neither_the_weights_scale_nor_the_rows_order_matters_to_a_share(
    survey: tuple[Design, dict[str, Any]], scale: int
) -> None:
    design, found = survey
    yes, everyone = (found["y"] > 0).astype(float), np.ones(len(found["y"]), dtype=bool)
    one = estimates.mean(yes, found["w"], everyone, design, share=True)
    other = estimates.mean(yes, found["w"] * scale, everyone, design, share=True)
    for a, b in [(one.value, other.value), (one.se, other.se), (one.low, other.low)]:
        assert a is b is None or a == pytest.approx(b, rel=1e-9, abs=1e-12)


@CHEAP
@given(surveys())
def test_every_figure_is_a_number_or_none(survey: tuple[Design, dict[str, Any]]) -> None:
    design, found = survey
    y, w = found["y"], found["w"]
    groups = [np.zeros(len(y), dtype=bool), np.arange(len(y)) == 0, y > 0, w > 0]
    kinds = ["xlogit", "mean", "beta", "beta-complete", "wilson", "likelihood"]
    for group, kind in product(groups, kinds):
        figures = [
            estimates.mean((y > 2).astype(float), w, group, design, share=True, interval=kind),
            estimates.median(y, w, group, design),
            estimates.quantile(y, w, group, design, 0.9, "hf7"),
            estimates.total(y, w, group, design),
            estimates.ratio(y, y + 6, w, group, design),
        ]
        for f in figures:
            for value in (f.value, f.se, f.low, f.high, f.deff):
                assert value is None or np.isfinite(value)


@CHEAP
@given(surveys())
def test_a_median_has_half_of_the_weight_on_either_side(
    survey: tuple[Design, dict[str, Any]],
) -> None:
    _, found = survey
    y, w = found["y"], found["w"]
    value = estimates.median(y, w, np.ones(len(y), dtype=bool), None).value
    assert value is not None
    assert 2 * w[y <= value].sum() >= w.sum()
    assert 2 * w[y < value].sum() < w.sum()


@CHEAP
@given(surveys())
def test_swapping_two_groups_turns_the_sign(survey: tuple[Design, dict[str, Any]]) -> None:
    design, found = survey
    groups = np.arange(len(found["y"])) % 2
    one = t_test(found["y"], found["w"], groups, design)
    other = t_test(found["y"], found["w"], 1 - groups, design)
    assert one.estimate == pytest.approx(-(other.estimate or 0.0), abs=1e-12)
    assert one.p is other.p is None or one.p == pytest.approx(other.p)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjustments_keep_the_order_of_p_values(p: list[float]) -> None:
    order = np.argsort(p, kind="stable")
    for how in results.ADJUSTMENTS:
        found = np.array(results.adjusted(p, how), dtype=float)
        assert (np.diff(found[order]) >= 0).all()
        assert (found >= np.array(p) - 1e-15).all()
        assert (found <= 1).all()
