"""Comparisons as the command prints them, changes from wave to wave, and what they refuse."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from analysis_files import write_csv

from analysis import dataset, estimates, weighting
from analysis.compare import COLUMNS, compare, means, models, results, waves
from analysis.compare.association import rao_scott
from analysis.compare.ranks import rank_test
from analysis.compare.waves import Measure, Wave
from analysis.errors import DataError
from analysis.estimates import Design, Estimate
from analysis.weighting import WeightedDataset


@pytest.fixture
def small(tmp_path: Path) -> tuple[WeightedDataset, Design]:
    chance = np.random.default_rng(7)
    rows: list[dict[str, Any]] = []
    for k in range(120):
        place = "abc"[k % 3]
        happy = int(chance.random() < {"a": 0.3, "b": 0.5, "c": 0.7}[place])
        rows.append(
            {
                "id": k,
                "place": place,
                "happy": happy,
                "paid": round(float(chance.normal(10 + happy, 2)), 2),
                "answer": ["no", "maybe", "yes"][int(chance.integers(3))],
                "one": 1,
                "few": "x" if k < 6 else "y",
            }
        )
    data = dataset.read(write_csv(tmp_path / "r.csv", rows))
    return weighting.unweighted(data), estimates.design(data)


def rows_of(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [row for row in found if row["kind"] == kind]


def test_every_row_has_every_column(small: tuple[WeightedDataset, Design]) -> None:
    for measure in ("happy", "paid", "answer"):
        for row in compare(small[0], measure, "place", sample=small[1]):
            assert list(row) == list(COLUMNS)


def test_a_share_by_three_groups(small: tuple[WeightedDataset, Design]) -> None:
    found = compare(small[0], "happy", "place", sample=small[1], against=(0.4, 0.02))
    assert [row["kind"] for row in found] == ["overall", *["pair"] * 3, *["rest"] * 3,
                                              *["published"] * 4]  # fmt: skip
    pair = rows_of(found, "pair")[1]
    assert (pair["group"], pair["other"], pair["tests"]) == ("c", "a", 3)
    assert pair["difference"] == pytest.approx(pair["estimate"] - pair["estimate_other"])
    assert pair["p"] <= pair["p_adjusted"] <= 1
    by_hand = results.adjusted([row["p"] for row in rows_of(found, "pair")])
    assert [row["p_adjusted"] for row in rows_of(found, "pair")] == by_hand
    everyone = rows_of(found, "published")[0]
    z = (everyone["estimate"] - 0.4) / everyone["se"]
    assert everyone["statistic"] == pytest.approx(z)


def test_two_groups_have_no_rest_and_a_number_is_ranked(
    small: tuple[WeightedDataset, Design],
) -> None:
    found = compare(small[0], "paid", "happy", sample=small[1])
    assert [row["kind"] for row in found] == ["overall", "pair"]
    assert found[0]["test"] == "Design-based Wilcoxon test"
    assert found[1]["test"] == "Design-based t test"


def test_categories_are_tested_together_and_each(small: tuple[WeightedDataset, Design]) -> None:
    found = compare(small[0], "answer", "place", sample=small[1])
    assert len(rows_of(found, "overall")) == 1
    assert "Rao" in found[0]["test"]
    assert {row["tests"] for row in rows_of(found, "pair")} == {9}


def test_an_open_consultation_has_differences_and_says_why_no_more(
    small: tuple[WeightedDataset, Design],
) -> None:
    found = compare(small[0], "happy", "place", sample=small[1], mode="open", against=(0.4, 0.0))
    assert {row["kind"] for row in found} == {"pair", "rest", "published"}
    for row in found:
        assert row["difference"] is not None
        assert "chose themselves" in row["warnings"]
        chance = ("se", "ci_low", "ci_high", "statistic", "p", "p_adjusted")
        assert all(row[name] is None for name in chance)


def test_groups_too_small_to_publish_are_blank(small: tuple[WeightedDataset, Design]) -> None:
    (row,) = rows_of(compare(small[0], "happy", "few", sample=small[1]), "pair")
    assert row["estimate"] is row["n"] is row["p"] is None
    assert row["warnings"] == "Fewer than 10 answered, so the figures are not shown."
    (row,) = rows_of(compare(small[0], "happy", "few", sample=small[1], suppress=0), "pair")
    assert row["n_other"] == 6


def test_what_cannot_be_compared_is_refused(small: tuple[WeightedDataset, Design]) -> None:
    with pytest.raises(DataError, match="fewer than two groups"):
        compare(small[0], "happy", "one", sample=small[1])
    with pytest.raises(DataError, match="several categories"):
        compare(small[0], "answer", "place", sample=small[1], against=(0.4, 0.1))
    with pytest.raises(DataError, match="no adjustment"):
        compare(small[0], "happy", "place", sample=small[1], adjust="tukey")
    with pytest.raises(DataError, match="no mode"):
        compare(small[0], "happy", "place", sample=small[1], mode="panel")


def test_a_constant_answer_has_no_test_but_a_reason(
    small: tuple[WeightedDataset, Design],
) -> None:
    data, sample = small
    pair = np.arange(120) % 2
    found = means.t_test(np.ones(120), data.weights, pair, sample)
    assert found.p is None
    assert found.warnings == (means.NO_SPREAD,)
    assert rank_test(np.ones(120), data.weights, pair, sample).p is None
    with pytest.raises(DataError, match="two categories"):
        rao_scott(np.zeros(120, np.int64), pair, data.weights, sample)
    with pytest.raises(DataError, match="no answer"):
        means.t_test(np.full(120, np.nan), data.weights, pair, sample)
    with pytest.raises(DataError, match="two groups or more"):
        rank_test(np.arange(120.0), data.weights, np.zeros(120, np.int64), sample)


def test_models_refuse_what_they_cannot_tell_apart(small: tuple[WeightedDataset, Design]) -> None:
    data, sample = small
    one = np.ones(120)
    with pytest.raises(DataError, match="cannot tell its columns apart"):
        models.regression(one, np.column_stack([one, one]), ("", "x"), data.weights, sample)
    with pytest.raises(DataError, match="three different answers"):
        models.proportional_odds(
            np.arange(120) % 2, np.arange(120.0)[:, None], ("x",), data.weights, sample
        )


@pytest.mark.parametrize("how", results.ADJUSTMENTS)
def test_adjusted_p_values_are_never_smaller_and_keep_their_gaps(how: str) -> None:
    found = results.adjusted([0.03, None, 0.01, 0.2], how)
    assert found[1] is None
    for ours, p in zip(found, [0.03, None, 0.01, 0.2], strict=True):
        assert ours is None or (p is not None and p <= ours <= 1)


def test_a_published_figure_passes_its_warnings_on() -> None:
    ours = Estimate(0.46, 0.05)
    found = means.published(ours, 0.6, 0.01, ("Asked by telephone there, on the web here.",))
    assert found.statistic == pytest.approx(-0.14 / np.hypot(0.05, 0.01))
    assert found.warnings == ("Asked by telephone there, on the web here.",)
    with pytest.raises(DataError, match="standard error of 0 or more"):
        means.published(ours, 0.6, -1.0)
    assert means.published(Estimate(None), 0.6, 0.01).p is None


def test_a_measure_against_its_target() -> None:
    measure = Measure("Confidence", baseline=0.50, target=0.60)
    found = waves.progress(measure, Estimate(0.5, 0.01), Estimate(0.56, 0.01))
    assert found.from_baseline == pytest.approx(0.06)
    assert found.to_target == pytest.approx(0.04)
    assert found.reached is False
    assert found.more_than_noise is True
    opened = waves.progress(measure, Estimate(0.5), Estimate(0.61))
    assert (opened.reached, opened.to_target, opened.more_than_noise) == (True, 0.0, None)
    assert opened.note == waves.NO_SIGNIFICANCE
    held = Measure("Cost", 10, 10, "hold", tolerance=1)
    assert waves.progress(held, Estimate(10), Estimate(10.5)).reached is True
    nobody = waves.progress(measure, Estimate(0.5), Estimate(None))
    assert nobody.reached is None
    with pytest.raises(DataError, match="which way is better"):
        Measure("Confidence", 0.5, 0.6, "sideways")


def test_what_else_changed_between_waves_is_said() -> None:
    wave = np.repeat([0, 1], 200)
    old = np.concatenate([np.arange(200) < 60, np.arange(200) < 120]).astype(np.int64)
    same = np.tile([0, 1], 200)
    profile = {"age": (old, ["under 50", "50 and over"]), "sex": (same, ["f", "m"])}
    before, after = Wave("2024", "How safe?", "telephone"), Wave("2025", "How safe now?", "web")
    told = waves.cautions(before, after, wave, np.ones(400), profile, None)
    assert len(told) == 3
    assert "worded differently" in told[0]
    assert "telephone" in told[1]
    assert "differ in “age”" in told[2]
    assert "%" not in told[2]
    assert not waves.cautions(before, before, wave, np.ones(400), {"sex": profile["sex"]}, None)


def test_a_change_in_open_mode_has_no_p_value() -> None:
    values, wave = np.array([0.0, 1, 1, 1]), np.array([0, 0, 1, 1])
    found = waves.change(values, np.ones(4), wave, None)
    assert (found.estimate, found.p) == (0.5, None)
    assert found.warnings == (waves.NO_SIGNIFICANCE,)
