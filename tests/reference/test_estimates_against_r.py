"""Estimates with fixed weights against R's survey 4.1 (design r0, and estimates of the others)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from analysis_files import resident_targets, shared, write_csv

from analysis import crosstabs, dataset, estimates, population, weighting
from analysis.dataset import Dataset
from analysis.estimates import Design, Estimate

STATISTICS = ("reference", "statistics")
TIGHT = 1e-12


@pytest.fixture(scope="module")
def cases() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared(*STATISTICS, "r-survey-results.json").read_text())
    return found["cases"]


@pytest.fixture(scope="module")
def resident() -> Dataset:
    return dataset.read(shared(*STATISTICS, "resident.csv"))


@pytest.fixture(scope="module")
def equal(resident: Dataset) -> tuple[np.ndarray, Design]:
    return np.full(len(resident), 489_376 / len(resident)), estimates.design(resident)


def top2(data: Dataset) -> np.ndarray:
    q1 = data.numbers("q1")
    return np.where(np.isnan(q1), np.nan, q1 >= 4)


def unsafe(data: Dataset) -> np.ndarray:
    q1 = data.numbers("q1")
    return np.where(np.isnan(q1), np.nan, q1 <= 2)


def everyone(data: Dataset) -> np.ndarray:
    return np.ones(len(data), dtype=bool)


def test_mean_with_its_error_interval_and_design_effect(
    resident: Dataset, equal: tuple[np.ndarray, Design], cases: dict[str, Any]
) -> None:
    for column in ("q1", "precept"):
        wanted = cases[f"res.r0.{column}.mean"]["result"]
        found = estimates.mean(resident.numbers(column), equal[0], everyone(resident), equal[1])
        assert found.value == pytest.approx(wanted["coef"][column], rel=TIGHT)
        assert found.se == pytest.approx(wanted["se"][column], rel=TIGHT)
        low, high = wanted["ci_t"]["row_major"]
        assert (found.low, found.high) == (
            pytest.approx(low, rel=1e-10),
            pytest.approx(high, rel=1e-10),
        )
        if "deff" in wanted:
            assert found.deff == pytest.approx(wanted["deff"], rel=TIGHT)


def test_distribution_of_a_question(
    resident: Dataset, equal: tuple[np.ndarray, Design], cases: dict[str, Any], tmp_path: Path
) -> None:
    wanted = cases["res.r0.q1.dist"]["result"]
    # Weights in the file, as an analyst would give them, at full precision.
    rows = [
        {**row, "w": repr(float(w))}
        for row, w in zip(resident.frame.to_dicts(), equal[0], strict=True)
    ]
    data = dataset.read(write_csv(tmp_path / "r.csv", rows))
    weighted = weighting.with_weights(data, "w")
    table = crosstabs.tabulate(weighted, "q1", ["district"], estimates.design(data))
    for k, cell in enumerate(table.everyone.cells):
        name = f"q1f{cell.category}"
        assert cell.estimate.value == pytest.approx(wanted["coef"][name], rel=TIGHT)
        assert cell.estimate.se == pytest.approx(wanted["se"][name], rel=TIGHT)
        assert cell.estimate.deff == pytest.approx(wanted["deff"][k], rel=TIGHT)
    groups = cases["res.r0.q1.by.district"]["result"]["table"]["columns"]
    for group in table.breakdowns[0].groups:
        place = groups["district"].index(group.group)
        for cell in group.cells:
            name = f"q1f{cell.category}"
            assert cell.estimate.value == pytest.approx(groups[name][place], rel=TIGHT)
            assert cell.estimate.se == pytest.approx(groups[f"se.{name}"][place], rel=TIGHT)


def test_domains(
    resident: Dataset, equal: tuple[np.ndarray, Design], cases: dict[str, Any]
) -> None:
    wanted = cases["res.r0.top2.by.age"]["result"]["table"]["columns"]
    ages = resident.column("age_band").to_numpy()
    for k, age in enumerate(wanted["age_band"]):
        found = estimates.mean(top2(resident), equal[0], ages == age, equal[1], share=True)
        assert found.value == pytest.approx(wanted["top2"][k], rel=TIGHT)
        assert found.se == pytest.approx(wanted["se"][k], rel=TIGHT)
        assert found.deff == pytest.approx(wanted["DEff.top2"][k], rel=TIGHT)


def test_options_of_a_question_with_several_answers(
    resident: Dataset, equal: tuple[np.ndarray, Design], cases: dict[str, Any]
) -> None:
    wanted = cases["res.r0.multi"]["result"]
    for name in wanted["coef"]:
        found = estimates.mean(resident.numbers(name), equal[0], everyone(resident), equal[1])
        assert found.value == pytest.approx(wanted["coef"][name], rel=TIGHT)
        assert found.se == pytest.approx(wanted["se"][name], rel=TIGHT)


def test_exact_logit_interval(
    resident: Dataset, equal: tuple[np.ndarray, Design], cases: dict[str, Any]
) -> None:
    wanted = cases["res.r0.unsafe.xlogit"]["result"]
    found = estimates.mean(unsafe(resident), equal[0], everyone(resident), equal[1], share=True)
    assert found.value == pytest.approx(wanted["estimate"], rel=TIGHT)
    assert [found.low, found.high] == [pytest.approx(x, rel=1e-10) for x in wanted["ci"]]


def test_logit_interval_of_domains_to_the_digits_of_rs_iteration(
    resident: Dataset, equal: tuple[np.ndarray, Design], cases: dict[str, Any]
) -> None:
    wanted = cases["res.r0.unsafe.logit.by"]["result"]["table"]["columns"]
    where = resident.column("district").to_numpy()
    for k, district in enumerate(wanted["district"]):
        found = estimates.mean(unsafe(resident), equal[0], where == district, equal[1], share=True)
        assert found.low == pytest.approx(wanted["ci_l"][k], rel=1e-6)
        assert found.high == pytest.approx(wanted["ci_u"][k], rel=1e-6)


def test_median_by_the_math_rule(
    resident: Dataset, equal: tuple[np.ndarray, Design], cases: dict[str, Any]
) -> None:
    table = cases["res.r0.precept.quant"]["result"]["precept"]
    value, low, high, se = table["row_major"][8:12]
    found = estimates.median(resident.numbers("precept"), equal[0], everyone(resident), equal[1])
    assert (found.value, found.low, found.high) == (value, low, high)
    assert found.se == pytest.approx(se, rel=1e-9)


@pytest.mark.parametrize(
    ("design", "how"),
    [("rrB", {}), ("rrC", {"base_weight": "basew"}), ("rps", {"missing": "drop"})],
)
def test_raked_estimates_and_medians(
    tmp_path: Path, resident: Dataset, cases: dict[str, Any], design: str, how: dict[str, str]
) -> None:
    targets = resident_targets(tmp_path)
    if design == "rps":
        lines = targets.read_text().splitlines()
        targets.write_text("\n".join([lines[0], *(x for x in lines if x.startswith("district"))]))
    weighted = weighting.weight(resident, population.read(targets), **how)  # type: ignore[arg-type]
    data, w = weighted.dataset, weighted.weights
    mean = estimates.mean(data.numbers("q1"), w, everyone(data), None)
    assert mean.value == pytest.approx(
        cases[f"res.{design}.q1.mean"]["result"]["coef"]["q1"], rel=1e-10
    )
    row = cases[f"res.{design}.precept.quant"]["result"]["precept"]["row_major"][8:12]
    assert estimates.median(data.numbers("precept"), w, everyone(data), None).value == row[0]
    by = cases[f"res.{design}.precept.quant.by"]["result"]["table"]["columns"]
    where = data.column("district").fill_null("Missing").to_numpy()
    for district, wanted in zip(by["district"], by["precept"], strict=True):
        found = estimates.median(data.numbers("precept"), w, where == district, None)
        assert found.value == wanted


def test_a_median_at_an_exact_tie_is_the_lower_value() -> None:
    found = estimates.median(
        np.array([4.0, 1.0, 3.0, 2.0]), np.full(4, 0.1), np.ones(4, dtype=bool), None
    )
    assert found.value == 2.0


def test_what_cannot_be_had_is_not_nan(resident: Dataset, equal: tuple[np.ndarray, Design]) -> None:
    nobody = np.zeros(len(resident), dtype=bool)
    one = nobody.copy()
    one[int(np.flatnonzero(~np.isnan(resident.numbers("q1")))[0])] = True
    every = np.where(np.isnan(resident.numbers("q1")), np.nan, 1.0)
    for group, values in [(nobody, top2(resident)), (one, top2(resident)), (~nobody, every)]:
        found = estimates.mean(values, equal[0], group, equal[1], share=True)
        for figure in (found.value, found.se, found.low, found.high, found.deff):
            assert figure is None or np.isfinite(figure)
    assert estimates.mean(top2(resident), equal[0], nobody, equal[1]) == Estimate(None)
    assert estimates.median(resident.numbers("precept"), equal[0], nobody, equal[1]) == Estimate(
        None
    )


def test_strata_and_finite_populations_by_hand(tmp_path: Path) -> None:
    rows = [
        {"id": i, "y": y, "s": s, "f": f}
        for i, (y, s, f) in enumerate([(1, "a", 10), (3, "a", 10), (2, "b", 4), (6, "b", 4)])
    ]
    data = dataset.read(write_csv(tmp_path / "r.csv", rows))
    w = np.array([5.0, 5.0, 2.0, 2.0])
    found = estimates.mean(
        data.numbers("y"), w, np.ones(4, bool), estimates.design(data, strata="s", fpc="f")
    )
    mean = (5 * 1 + 5 * 3 + 2 * 2 + 2 * 6) / 14
    a, b = (5 * (1 - 3) / 14) ** 2 / 2, (2 * (2 - 6) / 14) ** 2 / 2
    assert found.value == pytest.approx(mean, rel=1e-14)
    wanted = (1 - 2 / 10) * 2 * a + (1 - 2 / 4) * 2 * b
    assert found.se == pytest.approx(np.sqrt(wanted), rel=1e-12)
