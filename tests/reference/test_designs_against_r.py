"""Designs against R's survey 4.1: stages, finite populations, calibration, replicate weights.

`r/stages.csv` is invented; `r/stages.R` made `r/stages.json` of it, in R 4.2.2.
"""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from r_cases import close

from analysis import dataset, estimates
from analysis.compare.association import rao_scott
from analysis.compare.means import t_test
from analysis.compare.models import indicators, regression
from analysis.compare.ranks import rank_test
from analysis.compare.results import Test
from analysis.dataset import Dataset
from analysis.errors import DataError
from analysis.estimates import Calibration, Design, Estimate, Replicates
from analysis.estimates import replicates as made

FOLDER = Path(__file__).parent / "r"
EXACT, TEST = 1e-11, 1e-9


@functools.cache
def data() -> Dataset:
    return dataset.read(FOLDER / "stages.csv")


@functools.cache
def wanted() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "stages.json").read_text())
    return found


def codes(name: str) -> np.ndarray:
    cells = data().column(name).to_numpy()
    return np.unique(cells.astype(str), return_inverse=True)[1].reshape(-1)


def full() -> np.ndarray:
    return data().numbers("w")


def staged() -> Design:
    return estimates.design(data(), "stratum", ["psu", "home", "id"], ["n1", "n2", "n3"])


def replaced() -> Design:
    return estimates.design(data(), "stratum", "psu")


def unstratified() -> Design:
    return estimates.design(data(), None, "place")


def raking(weights: np.ndarray) -> np.ndarray:
    """To the two margins of the R script."""
    people = {"m1": [4000.0, 2500.0], "m2": [2000.0, 2400.0, 2100.0]}
    for _ in range(200):
        for name, totals in people.items():
            weights = weights * (np.array(totals) / np.bincount(codes(name), weights))[codes(name)]
    return weights


def jackknife(sample: Design) -> Replicates:
    first = sample.stages[0]
    return made.jackknife(first.units, first.unit_stratum, full())


def columns() -> np.ndarray:
    return np.column_stack([data().numbers(f"b{k}") for k in range(1, 13)])


def raked() -> tuple[np.ndarray, Design]:
    weights = raking(full())
    return weights, replaced().calibrated([codes("m1"), codes("m2")], full(), weights)


def poststratified() -> tuple[np.ndarray, Design]:
    total = np.array([2000.0, 2400.0, 2100.0])
    weights = full() * (total / np.bincount(codes("m2"), full()))[codes("m2")]
    return weights, staged().calibrated([codes("m2")], full(), weights)


def calibrated() -> tuple[np.ndarray, Design]:
    """Linear calibration, by its formula, to a number's total too."""
    x = np.column_stack([np.ones(len(data())), codes("m1") == 1, data().numbers("x")])
    gap = np.array([6500.0, 2500.0, 85000.0]) - full() @ x
    weights = full() * (1 + x @ np.linalg.solve(x.T @ (full()[:, None] * x), gap))
    fitted = Calibration.to_totals(x.astype(np.float64), full(), weights)
    return weights, replace(replaced(), calibration=fitted)


def raked_jackknife() -> tuple[np.ndarray, Design]:
    fitted = made.reweighted(jackknife(replaced()), raking)
    return fitted.full, replaced().with_replicates(fitted)


DESIGNS: dict[str, Callable[[], tuple[np.ndarray, Design]]] = {
    "staged": lambda: (full(), staged()),
    "replaced": lambda: (full(), replaced()),
    "unstratified": lambda: (full(), unstratified()),
    "raked": raked,
    "poststratified": poststratified,
    "calibrated": calibrated,
    "jackknife1": lambda: (full(), unstratified().with_replicates(jackknife(unstratified()))),
    "jackknifen": lambda: (full(), replaced().with_replicates(jackknife(replaced()))),
    "brr": lambda: (
        full(),
        replaced().with_replicates(made.given(columns(), full(), "BRR", combined=False)),
    ),
    "bootstrap_mse": lambda: (
        full(),
        replaced().with_replicates(
            made.given(columns() * full()[:, None], full(), "bootstrap", mse=True)
        ),
    ),
    "raked_jackknife": raked_jackknife,
}


@dataclass(frozen=True)
class Ours:
    """A design at work, with what R found under it."""

    weights: np.ndarray
    sample: Design
    r: dict[str, Any]
    loose: float

    def estimate(self, found: Estimate, name: str) -> None:
        close([found.value, found.se], [*self.r[name]["value"], *self.r[name]["se"]], self.loose)

    def test(self, found: Test, name: str) -> None:
        close(found.statistic, self.r[name]["statistic"], TEST)
        close(found.df if name != "kruskal" else found.df[1:], self.r[name]["df"], TEST)
        close(found.p, self.r[name]["p"], TEST * 10)


@pytest.fixture(params=DESIGNS)
def ours(request: pytest.FixtureRequest) -> Ours:
    weights, sample = DESIGNS[request.param]()
    # R's replicates are raked only as far as the full sample was when it stopped.
    loose = 1e-9 if request.param == "raked_jackknife" else EXACT
    return Ours(weights, sample, wanted()[request.param], loose)


def everyone() -> np.ndarray:
    return np.ones(len(data()), dtype=bool)


def test_figures(ours: Ours) -> None:
    w, sample, numbers = ours.weights, ours.sample, data().numbers
    close(w, ours.r["weights"], EXACT)
    mean = estimates.mean(numbers("y"), w, everyone(), sample)
    ours.estimate(mean, "mean")
    close(mean.deff, ours.r["mean"]["deff"], ours.loose)
    ours.estimate(estimates.total(numbers("y"), w, everyone(), sample), "total")
    ours.estimate(estimates.ratio(numbers("y"), numbers("x"), w, everyone(), sample), "ratio")
    groups = estimates.by_group(numbers("y"), w, codes("area"), sample)
    assert groups.se is not None
    close(groups.values, ours.r["groups"]["value"], EXACT)
    close(groups.se, ours.r["groups"]["se"], ours.loose)


def test_shares_with_their_intervals(ours: Ours) -> None:
    for kind in ("xlogit", "beta"):
        found = estimates.mean(
            data().numbers("yes"),
            ours.weights,
            everyone(),
            ours.sample,
            share=True,
            interval=kind,
        )
        ours.estimate(found, "share")
        close([found.low, found.high], ours.r[kind], max(ours.loose, 1e-10))


def test_quantiles(ours: Ours) -> None:
    found = []
    for share in (0.2, 0.5, 0.8):
        q = estimates.quantile(data().numbers("y"), ours.weights, everyone(), ours.sample, share)
        found += [q.value, q.low, q.high, q.se]
    close(found, ours.r["quantiles"], ours.loose)


def test_degrees_of_freedom(ours: Ours) -> None:
    inside = codes("area") == 0
    found = [ours.sample.freedom(everyone()), ours.sample.freedom(inside)]
    assert found == ours.r["freedom"]


def test_tests(ours: Ours) -> None:
    w, sample, y = ours.weights, ours.sample, data().numbers("y")
    ours.test(t_test(y, w, codes("m1"), sample), "t")
    ours.test(rank_test(y, w, codes("m1"), sample), "wilcoxon")
    answers = {}
    for name in ("grade", "yes"):
        values = data().numbers(name)
        answers[name] = np.where(np.isnan(values), -1, values).astype(np.int64)
    ours.test(rao_scott(answers["grade"], codes("area"), w, sample), "table")
    wald = rao_scott(answers["yes"], codes("area"), w, sample, statistic="adjWald")
    ours.test(wald, "wald")
    if "kruskal" in ours.r:
        ours.test(rank_test(y, w, codes("area"), sample), "kruskal")


def test_models(ours: Ours) -> None:
    one, x = np.ones(len(data())), data().numbers("x")
    area, names = indicators(codes("area"), ["p", "q", "r"])
    rows = np.column_stack([one, x, area])
    linear = regression(data().numbers("y"), rows, ("", "x", *names), ours.weights, ours.sample)
    rows = np.column_stack([one, x, codes("m1")])
    logistic = regression(
        data().numbers("yes"),
        rows,
        ("", "x", "m1v"),
        ours.weights,
        ours.sample,
        family="quasibinomial",
    )
    for found, name in [(linear, "linear"), (logistic, "logistic")]:
        close(found.coefficients, ours.r[name]["value"], 1e-9)
        close(found.se, ours.r[name]["se"], max(ours.loose, 1e-10))
        assert found.df == ours.r[name]["df"][0]


@pytest.mark.parametrize(("case", "rho"), [("fay_total", 0.3), ("brr_total", 0.0)])
def test_balanced_half_samples(case: str, rho: float) -> None:
    """A total has the same error under any balanced set of half-samples, R's and ours."""
    half = estimates.design(data(), "half", "place")
    first = half.stages[0]
    sample = half.with_replicates(made.balanced(first.units, first.unit_stratum, full(), rho=rho))
    found = estimates.total(data().numbers("x"), full(), everyone(), sample)
    close([found.value, found.se], [*wanted()[case]["value"], *wanted()[case]["se"]], EXACT)


def test_a_stratum_with_a_single_unit_is_named_unless_it_is_certain(tmp_path: Path) -> None:
    rows = ["id,s,n,y", "1,a,2,1", "2,a,2,3", "3,b,1,5"]
    (tmp_path / "r.csv").write_text("\n".join(rows))
    few = dataset.read(tmp_path / "r.csv")
    with pytest.raises(DataError, match="Stratum “b” has a single sampling unit"):
        estimates.design(few, "s")
    ones = np.ones(3, dtype=bool)
    certain = estimates.design(few, "s", fpc="n")
    found = estimates.total(few.numbers("y"), np.ones(3), ones, certain)
    assert found.se == 0
    adjusted = estimates.design(few, "s", lonely="adjust")
    found = estimates.total(few.numbers("y"), np.ones(3), ones, adjusted)
    assert found.se == pytest.approx(np.sqrt(2 * ((1 - 2) ** 2 + (3 - 2) ** 2) + 5**2))


@pytest.mark.parametrize("least", [1, 2, 3, 9, 21, 29, 40])
def test_hadamard_matrices_are_balanced(least: int) -> None:
    found = made.hadamard(least)
    order = len(found)
    assert order >= least
    assert np.array_equal(found @ found.T, order * np.eye(order))
    assert (found[0] == 1).all()


def test_the_bootstrap_repeats_with_its_seed_and_keeps_each_stratum(tmp_path: Path) -> None:
    first = replaced().stages[0]
    one, two = (
        made.bootstrap(first.units, first.unit_stratum, full(), replicates=400, seed=5)
        for _ in range(2)
    )
    assert np.array_equal(one.weights, two.weights)

    def mean(sample: Design) -> Estimate:
        return estimates.mean(data().numbers("y"), full(), everyone(), sample)

    boot, line = mean(replaced().with_replicates(one)), mean(replaced())
    assert boot.se == pytest.approx(line.se, rel=0.15)
