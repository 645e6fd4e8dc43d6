"""Comparisons against R's survey 4.1: tests of tables, means and ranks, models, published figures.

The last test holds that together with `test_estimates_against_r.py` and
`test_weighting_against_r.py` every case of the reference is used.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import test_estimates_against_r as figures
from r_cases import DESIGNS, Survey, cases, close, matrix, survey

from analysis import estimates
from analysis.compare import results
from analysis.compare.association import rao_scott
from analysis.compare.means import against_rest, pairs, published, t_test
from analysis.compare.models import indicators, proportional_odds, regression
from analysis.compare.ranks import rank_test
from analysis.compare.results import Test

STATISTIC, P = 1e-10, 1e-8
OPTIMISED = 1e-3
"""R's svyolr stops its search some digits short of the maximum."""

Check = Callable[[Survey, Any], None]


def same(found: Test, wanted: Any, df: str = "parameter") -> None:
    """A test against R's htest."""
    close(found.statistic, list(wanted["statistic"].values()), STATISTIC)
    close(found.df, list(wanted[df].values()), STATISTIC)
    close(found.p, wanted["p.value"], P)
    if wanted["estimate"] is not None:
        close(found.estimate, list(wanted["estimate"].values()), STATISTIC)
    if wanted["conf.int"] is not None:
        close([found.low, found.high], wanted["conf.int"], STATISTIC)


def table(statistic: str) -> Check:
    def check(s: Survey, wanted: Any) -> None:
        q1 = s.numbers("q1")
        rows = np.where(np.isnan(q1), -1, q1 - 1).astype(np.int64)
        same(
            rao_scott(rows, s.levels("district")[1], s.weights, s.sample, statistic=statistic),
            wanted,
        )

    return check


def small_table(s: Survey, wanted: Any) -> None:
    top2 = s.numbers("top2")
    rows = np.where(np.isnan(top2), -1, top2).astype(np.int64)
    same(rao_scott(rows, s.levels("sex")[1], s.weights, s.sample), wanted)


def between_sexes(s: Survey, wanted: Any) -> None:
    labels, codes = s.levels("sex")
    groups = np.where(codes == labels.index("Male"), 1, 0)
    groups[(codes != labels.index("Male")) & (codes != labels.index("Female"))] = -1
    same(t_test(s.numbers("q1"), s.weights, groups, s.sample), wanted)


def between_waves(s: Survey, wanted: Any) -> None:
    same(t_test(s.numbers("top2"), s.weights, s.levels("wave")[1], s.sample), wanted)


def rest(s: Survey, wanted: Any) -> None:
    labels, codes = s.levels("district")
    same(against_rest(s.numbers("top2"), s.weights, codes, labels.index("Rugby"), s.sample), wanted)


def kruskal_wallis(s: Survey, wanted: Any) -> None:
    found = rank_test(s.numbers("q1"), s.weights, s.levels("district")[1], s.sample)
    # R prints the chi-square as the parameter and the degrees of freedom as the statistic.
    close(found.statistic, wanted["parameter"]["Chisq"], STATISTIC)
    assert found.df[0] == wanted["statistic"]["df"]
    close(found.p, wanted["p.value"], P)


def wilcoxon(s: Survey, wanted: Any) -> None:
    same(rank_test(s.numbers("q1"), s.weights, s.levels("wave")[1], s.sample), wanted)


def predictors(s: Survey, questions: tuple[str, ...]) -> tuple[np.ndarray, tuple[str, ...]]:
    columns, names = [], []
    for question in questions:
        labels, codes = s.levels(question)
        found, told = indicators(codes, labels)
        columns.append(found)
        names += told
    return np.concatenate(columns, axis=1), tuple(names)


def logistic(s: Survey, wanted: Any) -> None:
    rows, names = predictors(s, ("district", "sex", "wave"))
    rows = np.column_stack([np.ones(len(rows)), rows])
    found = regression(
        s.numbers("top2"), rows, ("", *names), s.weights, s.sample, family="quasibinomial"
    )
    theirs = matrix(wanted["coefficients"])
    close(np.column_stack([found.coefficients, found.se, found.t]), theirs[:, :3], STATISTIC)
    close(found.p, theirs[:, 3], P)
    scale = np.outer(found.se, found.se)
    assert np.max(np.abs(found.covariance - matrix(wanted["vcov"])) / scale) < STATISTIC
    assert found.df == wanted["df.residual"]


def ordered(s: Survey, wanted: Any) -> None:
    labels, codes = s.levels("sex")
    sexes = [labels.index("Female"), labels.index("Male")]
    male, _ = indicators(np.where(np.isin(codes, sexes), codes == sexes[1], -1), ["F", "M"])
    wave, _ = indicators(s.levels("wave")[1], ["1", "2"])
    q1 = s.numbers("q1")
    answers = np.where(np.isnan(q1), -1, q1).astype(np.int64)
    found = proportional_odds(
        answers, np.column_stack([male, wave]), ("sex", "wave"), s.weights, s.sample
    )
    theirs = matrix(wanted["coefficients"])
    assert np.max(np.abs(found.coefficients - theirs[:, 0]) / theirs[:, 1]) < OPTIMISED
    close(found.se, theirs[:, 1], OPTIMISED)
    assert found.df == wanted["df.residual"]


KINDS: dict[str, Check] = {
    "chisq.q1_district.F": table("F"),
    "chisq.q1_district.Chisq": table("Chisq"),
    "chisq.q1_district.adjWald": table("adjWald"),
    "chisq.top2_sex": small_table,
    "ttest.sex": between_sexes,
    "ttest.wave": between_waves,
    "rank.kw": kruskal_wallis,
    "rank.wil.wave": wilcoxon,
    "district_vs_rest": rest,
    "glm": logistic,
}
ONLY_EQUAL = {"olr": ordered}
PUBLISHED = ("0.42_0.0065", "0.43_0.0065", "0.42_0", "0.44_0.004")


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", KINDS)
def test_as_in_r(kind: str, design: str) -> None:
    s = survey(design)
    KINDS[kind](s, s.result(kind))


@pytest.mark.parametrize("kind", ONLY_EQUAL)
def test_as_in_r_with_equal_weights(kind: str) -> None:
    s = survey("r0")
    ONLY_EQUAL[kind](s, s.result(kind))


def test_pairs_and_their_adjusted_p_values() -> None:
    s = survey("rrB")
    wanted = s.result("pairwise")
    labels, codes = s.levels("district")
    groups = np.where(codes == labels.index("Missing"), -1, codes)
    found = pairs(s.numbers("top2"), s.weights, groups, s.sample)
    names = [f"{labels[pair.high]} - {labels[pair.low]}" for pair in found]
    tests = [pair.test for pair in found]
    for ours, theirs, rel in [
        ([t.estimate for t in tests], wanted["diff"], STATISTIC),
        ([t.statistic for t in tests], wanted["t"], STATISTIC),
        ([t.p for t in tests], wanted["p"], P),
        *[
            (results.adjusted([t.p for t in tests], how), wanted[how], P)
            for how in ("bonferroni", "holm", "BH", "BY", "hochberg")
        ],
    ]:
        close(ours, [theirs[name] for name in names], rel)


@pytest.mark.parametrize("against", PUBLISHED)
def test_a_published_figure(against: str) -> None:
    s = survey("rrB")
    wanted = s.result(f"national.{against}")
    figure, se = map(float, against.split("_"))
    ours = estimates.mean(s.numbers("top2"), s.weights, s.all, s.sample)
    close([ours.value, ours.se], [wanted["p"], wanted["se"]], 1e-11)
    found = published(ours, figure, se)
    close(found.statistic, wanted["z"], STATISTIC)
    close(found.p, wanted["p.value.normal"], P)
    close([found.low, found.high], wanted["diff_ci_normal"], STATISTIC)


def test_every_case_is_used() -> None:
    used = {f"res.{d}.{kind}" for d in DESIGNS for kind in (*KINDS, *figures.KINDS)}
    used |= {f"res.r0.{kind}" for kind in (*ONLY_EQUAL, *figures.ONLY_EQUAL)}
    used |= {"res.rrB.pairwise"} | {f"res.rrB.national.{against}" for against in PUBLISHED}
    bounded = {name for name in cases() if name.startswith("res.bounded.")}
    assert len(bounded) == 15  # test_weighting_against_r.py runs each of them
    assert used | bounded == set(cases())
    assert len(cases()) == 195
