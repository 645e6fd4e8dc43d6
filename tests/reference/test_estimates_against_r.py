"""Estimates against R's survey 4.1: shares, means, totals, quantiles, their errors and intervals.

`test_comparisons_against_r.py` checks that the two files together use every case.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from r_cases import DESIGNS, Survey, close, matrix, survey

from analysis import estimates
from analysis.estimates import (
    Estimate,
    Means,
    Totals,
    by_group,
    covariance,
    intervals,
    listwise,
    within,
)

TIGHT = 1e-12
"""Estimates and their errors; R's own sums are good to a few more digits."""
ERROR = 1e-11
INTERVAL = 1e-10
ITERATED = {"logit": (1e-8, 1e-6), "likelihood": (1e-8, 1e-4)}
"""R finds these by steps: the digits of figure and interval that it reaches itself."""


def figures(s: Survey, values: np.ndarray, wanted: dict[str, Any]) -> None:
    """Means of the columns of `values` (n, k) against a case of svymean."""
    statistic = Means(listwise(values))
    found = statistic.figures(s.weights)
    spread = covariance(statistic, s.weights, s.sample)
    close(found, list(wanted["coef"].values()), TIGHT)
    se = np.sqrt(np.diag(spread))
    close(se, list(wanted["se"].values()), ERROR)
    if "vcov" in wanted:
        # Covariances that are nought up to rounding have no digits to compare.
        theirs = matrix(wanted["vcov"])
        assert np.max(np.abs(spread - theirs) / np.outer(se, se)) < ERROR
    df = s.sample.freedom(s.all & (s.weights > 0))
    assert df == wanted["df"]
    for name, ends in [("ci_t", student(df)), ("ci_normal", intervals.normal)]:
        rows = [ends(m, e) for m, e in zip(found, se, strict=True)]
        close(rows, matrix(wanted[name]), INTERVAL)
    if "deff" in wanted:
        # A domain of those who answered; the design effect is each column's own.
        ours = [estimates.mean(v, s.weights, s.all, s.sample).deff for v in listwise(values).T]
        close(ours, wanted["deff"], ERROR)


def student(df: int) -> Callable[[float, float], Any]:
    return lambda value, se: intervals.student(value, se, df)


def mean_of(column: str) -> Callable[[Survey, Any], None]:
    return lambda s, wanted: figures(s, s.numbers(column)[:, None], wanted)


def distribution(s: Survey, wanted: Any) -> None:
    figures(s, s.answers(), wanted)


def multi(s: Survey, wanted: Any) -> None:
    figures(s, np.column_stack([s.numbers(f"ms{k}") for k in range(1, 7)]), wanted)


def ranked_first(s: Survey, wanted: Any) -> None:
    ranks = [s.numbers(f"rank{k}") for k in (1, 2)]
    columns = [np.where(np.isnan(r), np.nan, (r == 1) == yes) for r in ranks for yes in (0, 1)]
    figures(s, np.column_stack(columns), wanted)


def by(question: str, groups: tuple[str, ...], names: list[str]) -> Callable[[Survey, Any], None]:
    """svyby of `names`, the columns of the question, with normal intervals (as R prints them)."""

    def check(s: Survey, wanted: Any) -> None:
        columns = wanted["table"]["columns"]
        values = s.answers() if question == "q1f" else np.column_stack(
            [s.numbers(n) for n in names]
        )  # fmt: skip
        split = [s.levels(g) for g in groups]
        for row in range(len(columns[groups[0]])):
            inside = s.all
            for group, (labels, codes) in zip(groups, split, strict=True):
                inside = inside & (codes == labels.index(str(columns[group][row])))
            for name, part in zip(names, listwise(values).T, strict=True):
                one = estimates.mean(part, s.weights, inside, s.sample)
                if columns[name][row] is None:  # R's subset of a calibrated design: NA × 0
                    assert s.sample.calibration is not None
                    assert one.low is not None
                    continue
                tail = f".{name}" if len(names) > 1 else ""
                close(one.value, columns[name][row], TIGHT)
                close(one.se, columns[f"se{tail}"][row], ERROR)
                ends = intervals.normal(one.value or 0.0, one.se or 0.0)
                close(ends, [columns[f"ci_{x}{tail}"][row] for x in "lu"], INTERVAL)
                if f"DEff.{name}" in columns:
                    close(one.deff, columns[f"DEff.{name}"][row], ERROR)

    return check


def counts(s: Survey, wanted: Any) -> None:
    columns = wanted["table"]["columns"]
    labels, codes = s.levels("district")
    answered = ~np.isnan(s.numbers("top2"))
    for label, count in zip(columns["district"], columns["counts"], strict=True):
        assert int((answered & (codes == labels.index(label))).sum()) == count


def share(column: str, how: str, r_name: str = "") -> Callable[[Survey, Any], None]:
    def check(s: Survey, wanted: Any) -> None:
        found = estimates.mean(
            s.numbers(column), s.weights, s.all, s.sample, share=True, interval=how
        )
        if wanted["estimate"] is None:  # R takes an answer that is missing × a weight of 0
            assert s.sample.calibration is not None
            complete(s, column, found)
            return
        value, ends = ITERATED.get(r_name, (TIGHT, INTERVAL))
        close(found.value, wanted["estimate"], value)
        close(found.se, wanted["se"], ERROR)
        close([found.low, found.high], wanted["ci"], ends)

    return check


def complete(s: Survey, column: str, found: Estimate) -> None:
    """The interval on those who answered, by its formula."""
    plain = estimates.mean(s.numbers(column), s.weights, s.all, s.sample)
    answered = ~np.isnan(s.numbers(column))
    n, df = int(answered.sum()), s.sample.freedom(answered)
    assert plain.value is not None
    assert plain.se is not None
    ends = intervals.beta(plain.value, plain.se, n, df)
    close([found.value, found.se], [plain.value, plain.se], TIGHT)
    close([found.low, found.high], ends, TIGHT)


def share_by(column: str, how: str, r_name: str = "") -> Callable[[Survey, Any], None]:
    def check(s: Survey, wanted: Any) -> None:
        columns = wanted["table"]["columns"]
        labels, codes = s.levels("district")
        for row, label in enumerate(columns["district"]):
            inside = codes == labels.index(label)
            found = estimates.mean(
                s.numbers(column), s.weights, inside, s.sample, share=True, interval=how
            )
            value, ends = ITERATED.get(r_name, (TIGHT, INTERVAL))
            close(found.value, columns[column][row], value)
            if columns["ci_l"][row] is None:
                assert found.low is not None
                continue
            close([found.low, found.high], [columns["ci_l"][row], columns["ci_u"][row]], ends)

    return check


def quantiles(rule: str) -> Callable[[Survey, Any], None]:
    def check(s: Survey, wanted: Any) -> None:
        table = matrix(wanted["precept"])
        for at, row in zip(wanted["precept"]["rownames"], table, strict=True):
            found = estimates.quantile(
                s.numbers("precept"), s.weights, s.all, s.sample, float(at), rule
            )
            close([found.value, found.low, found.high], row[:3], TIGHT)
            close(found.se, row[3], INTERVAL)

    return check


def medians_by(s: Survey, wanted: Any) -> None:
    columns = wanted["table"]["columns"]
    labels, codes = s.levels("district")
    for row, label in enumerate(columns["district"]):
        inside = codes == labels.index(label)
        found = estimates.median(s.numbers("precept"), s.weights, inside, s.sample)
        close(found.value, columns["precept"][row], TIGHT)
        close(found.se, columns["se.precept"][row], INTERVAL)


def totals(s: Survey, wanted: Any) -> None:
    found = []
    for name in ("district", "age_band"):
        labels, codes = s.levels(name)
        found.append(np.where(codes[:, None] < 0, np.nan, codes[:, None] == np.arange(len(labels))))
    both = Totals(listwise(np.concatenate(found, axis=1)))
    close(both.figures(s.weights), list(wanted["coef"].values()), TIGHT)
    spread = covariance(both, s.weights, s.sample)
    se, theirs = np.sqrt(np.diag(spread)), np.array(list(wanted["se"].values()))
    # After raking the totals of the margins are known: what is left is rounding.
    whole = both.figures(s.weights)
    assert np.all(np.abs(se - theirs) <= np.where(theirs < 1e-6 * whole, 1e-6 * whole, ERROR * se))


def vcov(s: Survey, wanted: Any) -> None:
    labels, codes = s.levels("district")
    answered = np.where(np.isnan(s.numbers("top2")), -1, codes)
    found = by_group(s.numbers("top2"), s.weights, answered, s.sample)
    assert labels == wanted["rownames"]
    assert found.covariance is not None
    theirs = matrix(wanted)
    scale = np.sqrt(np.outer(np.diag(theirs), np.diag(theirs)))
    assert np.max(np.abs(found.covariance - theirs) / scale) < TIGHT


def table(s: Survey, wanted: Any) -> None:
    codes, q1 = s.levels("district")[1], s.numbers("q1")
    known = (codes >= 0) & ~np.isnan(q1)
    found = np.zeros(wanted["dim"])
    np.add.at(found, (q1[known].astype(int) - 1, codes[known]), s.weights[known])
    close(found, matrix(wanted), TIGHT)


def effective(s: Survey, wanted: Any) -> None:
    n, n_effective, deff = estimates.kish(s.weights)
    assert n == wanted["n"]
    close([n_effective, deff], [wanted["kish_neff"], wanted["kish_deff"]], TIGHT)


def freedom(s: Survey, wanted: Any) -> None:
    assert s.sample.freedom(s.all) == wanted


def trend(s: Survey, wanted: Any) -> None:
    labels, codes = s.levels("wave")
    assert labels == ["1", "2"]
    found = by_group(s.numbers("top2"), s.weights, codes, s.sample).contrast(np.array([-1.0, 1.0]))
    close(found.value, wanted["coef"]["contrast"], TIGHT)
    close(found.se, wanted["se"]["contrast"], ERROR)
    ends = intervals.student(found.value or 0.0, found.se or 0.0, wanted["df"])
    close(ends, matrix(wanted["ci_t"]), INTERVAL)


def small_domain(s: Survey, wanted: Any) -> None:
    """A share of 0 in a few people: R has no interval, we have a defined one."""
    inside = s.all
    for name, label in [("district", "North Warwickshire"), ("age_band", "16-24")]:
        labels, codes = s.levels(name)
        inside = inside & (codes == labels.index(label))
    found = estimates.mean(s.numbers("top2"), s.weights, inside, s.sample, share=True)
    assert found.value == wanted["estimate"] == 0
    assert wanted["ci"] == [None, None]
    assert found.se is None
    assert found.low == 0
    assert found.high is not None
    assert 0 < found.high < 1


KINDS: dict[str, Callable[[Survey, Any], None]] = {
    "neff": effective,
    "degf": freedom,
    "q1.mean": mean_of("q1"),
    "q1.dist": distribution,
    "q1.by.district": by("q1f", ("district",), [f"q1f{k}" for k in range(1, 6)]),
    "top2.by.age": by("top2", ("age_band",), ["top2"]),
    "top2.by.dist_sex": by("top2", ("district", "sex"), ["top2"]),
    "unw.by.district": counts,
    "unsafe.logit": share("unsafe", "xlogit", "logit"),
    "rare.logit": share("rare", "xlogit", "logit"),
    "unsafe.beta": share("unsafe", "beta"),
    "rare.beta": share("rare", "beta"),
    "unsafe.mean": share("unsafe", "mean"),
    "rare.mean": share("rare", "mean"),
    "unsafe.likelihood": share("unsafe", "likelihood", "likelihood"),
    "rare.likelihood": share("rare", "likelihood", "likelihood"),
    "unsafe.logit.by": share_by("unsafe", "xlogit", "logit"),
    "unsafe.beta.by": share_by("unsafe", "beta"),
    "rare.beta.by": share_by("rare", "beta"),
    "unsafe.xlogit": share("unsafe", "xlogit"),
    "unsafe.beta.nomiss": share("unsafe", "beta-complete"),
    "multi": multi,
    "multi.by": by("multi", ("district",), [f"ms{k}" for k in range(1, 7)]),
    "rank.mean1": mean_of("rank1"),
    "rank.first": ranked_first,
    "precept.mean": mean_of("precept"),
    "precept.quant": quantiles("math"),
    "precept.quant.hf7": quantiles("hf7"),
    "precept.quant.by": medians_by,
    "pop.total": totals,
    "table": table,
    "wave.by": by("top2", ("wave",), ["top2"]),
    "domain.small": small_domain,
}
ONLY_EQUAL: dict[str, Callable[[Survey, Any], None]] = {
    "vcov.by.district": vcov,
    "wave.trend": trend,
}


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", KINDS)
def test_as_in_r(kind: str, design: str) -> None:
    s = survey(design)
    KINDS[kind](s, s.result(kind))


@pytest.mark.parametrize("kind", ONLY_EQUAL)
def test_as_in_r_with_equal_weights(kind: str) -> None:
    s = survey("r0")
    ONLY_EQUAL[kind](s, s.result(kind))


def test_a_group_is_a_column_that_is_nan_outside() -> None:
    values = np.array([1.0, 2.0, 4.0])
    assert Means(within(values, np.array([True, True, False]))[:, None]).figures(np.ones(3)) == 1.5
