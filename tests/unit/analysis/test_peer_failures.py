"""What other Python packages get wrong or leave unsaid, as a user of the command line meets it.

What is said of svy was seen of version 0.35.0 on inputs like these; what is said of rimpy, of the
engine of version 0.5.0 built from its source, called through another binding than its own.
"""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from analysis_files import read_csv, write_csv
from click.testing import CliRunner, Result

from analysis.__main__ import cli

BEFORE = "id,weight\nkept,1.0\n"
"""What stands in the output file before a call that fails."""
AREAS = [("area", "north", 60), ("area", "south", 40)]
SEXES = [("sex", "f", 51), ("sex", "m", 49)]


def people(count: int = 120, **columns: Any) -> list[dict[str, Any]]:
    """Responses from two areas and both sexes; a further column is a value or a list of them."""
    return [
        {
            "id": f"r{k}",
            "area": "north" if k % 3 else "south",
            "sex": "f" if k % 2 else "m",
            **{name: c[k] if isinstance(c, list) else c for name, c in columns.items()},
        }
        for k in range(count)
    ]


class Desk:
    """A folder with responses and margins, and the commands called there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "w.csv"
        self.responses(people())
        self.margins(AREAS + SEXES)

    def responses(self, rows: list[dict[str, Any]]) -> None:
        write_csv(self.folder / "r.csv", rows)

    def margins(self, rows: list[tuple[str, str, float]]) -> None:
        named = [dict(zip(("margin", "category", "population"), row, strict=True)) for row in rows]
        write_csv(self.folder / "T.csv", named)

    def call(self, *arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(a) for a in arguments])

    def weigh(self, *more: object) -> Result:
        targets = self.folder / "T.csv"
        return self.call(
            "weight", self.folder / "r.csv", "--targets", targets, "-o", self.out, *more
        )

    def weights(self, *more: object) -> dict[str, float]:
        done = self.weigh(*more)
        assert done.exit_code == 0, done.output
        return {row["id"]: float(row["weight"]) for row in read_csv(self.out)}

    def refused(self, *more: object) -> str:
        """What a call that fails says. The file that was there stays as it was."""
        self.out.write_text(BEFORE)
        done = self.weigh(*more)
        assert done.exit_code == 1, (done.output, done.exception)
        assert done.stderr.startswith("Error: ")
        assert "Traceback" not in done.stderr
        assert self.out.read_text() == BEFORE
        assert [p.name for p in self.folder.iterdir() if p.name.endswith(".part")] == []
        return done.stderr

    def table(self, *more: object) -> dict[tuple[str, str], dict[str, str]]:
        out = self.folder / "t.csv"
        exact = ("--suppress", 0, "--round", 1)
        done = self.call("tabulate", self.folder / "r.csv", "-o", out, *exact, *more)
        assert done.exit_code == 0, (done.output, done.exception)
        text = out.read_text().lower()
        assert "nan" not in text
        assert "inf" not in text
        return {(row["category"], row["group"]): row for row in read_csv(out)}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# -- margins that do not fit -------------------------------------------------------------------


def test_a_level_that_nobody_in_the_sample_has(desk: Desk) -> None:
    # svy and rimpy refuse too, but propose no category to join it to.
    desk.margins([*AREAS[:1], ("area", "south", 30), ("area", "isles", 10), *SEXES])
    told = desk.refused()
    assert "“area” counts people as “isles”, but nobody in r.csv is" in told
    assert "--join area:south+isles" in told
    weights = desk.weights("--join", "area:south+isles")
    assert sum(w for k, w in weights.items() if int(k[1:]) % 3 == 0) == pytest.approx(40, rel=1e-12)


def test_a_level_that_the_population_does_not_have(desk: Desk) -> None:
    # rimpy warns that it did not converge, and gives such a row a weight of almost nothing.
    desk.responses([*people(), {"id": "x", "area": "abroad", "sex": "f"}])
    told = desk.refused()
    assert "“area” has no population figure for “abroad”, which 1 response in r.csv has" in told
    assert "Its categories are “north”, “south”" in told
    assert "not_in_population" in told


@pytest.mark.parametrize(
    ("written", "meant"), [("North", "north"), ("norht", "north"), ("South ", "south")]
)
def test_labels_that_nearly_match_are_shown_the_nearest(
    desk: Desk, written: str, meant: str
) -> None:
    # svy lists which keys are missing and extra, not which belong together.
    rows = people()
    for row in rows:
        row["area"] = written if row["area"] == meant else row["area"]
    desk.responses(rows)
    assert f"(nearest: “{meant}”)" in desk.refused()


def test_margins_that_cannot_all_hold_fail_by_name(desk: Desk) -> None:
    # svy says that it did not converge and to raise max_iter, but neither which margin nor how far;
    # rimpy warns and hands out weights that meet no margin.
    desk.responses([{"id": k, "area": "ab"[k % 2], "home": "ab"[k % 2]} for k in range(10)])
    desk.margins([("area", "a", 10), ("area", "b", 30), ("home", "a", 20), ("home", "b", 20)])
    told = desk.refused()
    assert "do not meet the margin “area”" in told or "do not meet the margin “home”" in told
    assert "the target is" in told
    assert "are reached" in told
    assert "of it away after" in told
    assert "or leave a margin out. No weights were written." in told


def test_margins_of_different_totals(desk: Desk) -> None:
    # rimpy takes shares that add up to 1.1 and hands out weights, with a warning.
    desk.margins([*AREAS, ("sex", "f", 60), ("sex", "m", 50)])
    told = desk.refused()
    assert "“area” adds up to 100 people and “sex” to 110" in told
    assert "scale one to the other" in told


def test_bounds_that_cannot_be_met(desk: Desk) -> None:
    desk.responses(
        [{"id": k, "area": "north" if k else "south", "sex": "fm"[k % 2]} for k in range(60)]
    )
    told = desk.refused("--bounds", "0.5,2")
    assert "“area”, category “south”: the target is 40 people" in told
    assert "widen the bounds" in told


def test_bounds_hold_rather_than_are_checked(desk: Desk) -> None:
    # svy's bounds are looked at after raking, and fail where ours find weights within them.
    desk.responses(people(280, area=["north" if k % 7 else "south" for k in range(280)]))
    desk.margins([("area", "north", 70), ("area", "south", 30), ("sex", "f", 60), ("sex", "m", 40)])
    plain = np.array(list(desk.weights().values())) * 280 / 100
    assert plain.max() > 2.5
    held = np.array(list(desk.weights("--bounds", "0.55,2.4").values())) * 280 / 100
    assert held.min() >= 0.55
    assert held.max() <= 2.4


# -- base weights --------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["-1", "nan", "inf", "", "heavy"])
def test_a_weight_that_is_none(desk: Desk, bad: str) -> None:
    # svy says “All weights are zero in group 0” of a negative weight, of NaN and of infinity.
    desk.responses(people(base=[bad if k == 6 else 1.5 for k in range(120)]))
    told = desk.refused("--base-weight", "base")
    assert "“base”" in told
    assert "row 7" in told
    done = desk.call("tabulate", desk.folder / "r.csv", "--questions", "sex", "--weight", "base",
                     "-o", desk.folder / "t.csv")  # fmt: skip
    assert done.exit_code == 1
    assert "row 7" in done.stderr
    assert not (desk.folder / "t.csv").exists()


def test_weights_that_are_all_zero(desk: Desk) -> None:
    desk.responses(people(base=0))
    assert "all weights are zero" in desk.refused("--base-weight", "base")


def test_a_category_whose_base_weights_are_all_zero(desk: Desk) -> None:
    desk.responses(people(base=[k % 3 for k in range(120)]))
    told = desk.refused("--base-weight", "base")
    assert "south" in told


def test_some_weights_of_zero_stay_zero(desk: Desk) -> None:
    desk.responses(people(base=[int(k % 5 > 0) for k in range(120)]))
    weights = desk.weights("--base-weight", "base")
    assert {k for k, w in weights.items() if w == 0} == {f"r{k}" for k in range(0, 120, 5)}
    assert sum(weights.values()) == pytest.approx(100, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1e12, 1e90])
def test_the_scale_of_base_weights_does_not_matter(desk: Desk, scale: float) -> None:
    base = [1 + k % 7 for k in range(120)]
    desk.responses(people(base=base))
    usual = desk.weights("--base-weight", "base")
    desk.responses(people(base=[b * scale for b in base]))
    assert desk.weights("--base-weight", "base") == pytest.approx(usual, rel=1e-11)


def test_the_scale_of_weights_does_not_matter_to_a_sample(desk: Desk) -> None:
    tables = []
    for scale in (1, 1e-100, 1e90):
        desk.responses(people(base=[(1 + k % 7) * scale for k in range(120)]))
        asked = ("--questions", "area", "--weight", "base", "--mode", "sample")
        tables.append(desk.table(*asked)["north", ""])
    for other in tables[1:]:
        for name in ("estimate", "se", "ci_low", "ci_high", "n_effective"):
            assert float(other[name]) == pytest.approx(float(tables[0][name]), rel=1e-11)


def test_weights_whose_squares_are_no_numbers_are_refused(desk: Desk) -> None:
    desk.responses(people(base=[1e155 if k == 3 else 1 for k in range(120)]))
    assert "row 4 has" in desk.refused("--base-weight", "base")


def test_one_weight_far_above_the_others_is_seen(desk: Desk) -> None:
    desk.responses(people(base=[1e6 if k == 0 else 1 for k in range(120)]))
    asked = ("--questions", "area", "--weight", "base", "--mode", "sample")
    row = desk.table(*asked)["north", ""]
    assert row["n"] == "120"
    assert float(row["n_effective"]) == pytest.approx(1, abs=0.01)


# -- samples of one, and answers all alike -------------------------------------------------------


def test_one_row(desk: Desk) -> None:
    # svy gives a standard error of 0, which claims certainty, and an interval of NaN.
    desk.responses(people(1))
    desk.margins([("area", "south", 7)])
    assert desk.weights() == {"r0": 7.0}
    assert desk.table("--questions", "area")["south", ""]["estimate"] == "1.0"
    done = desk.call("tabulate", desk.folder / "r.csv", "--questions", "area", "--mode", "sample",
                     "-o", desk.folder / "t.csv")  # fmt: skip
    assert done.exit_code == 1
    assert "single sampling unit" in done.stderr


@pytest.mark.parametrize("content", ["", "id,area,sex\n"])
def test_an_empty_file(desk: Desk, content: str) -> None:
    (desk.folder / "r.csv").write_text(content)
    told = desk.refused()
    assert "the file is empty" in told or "no rows below the header" in told


def test_answers_all_alike_are_not_certain(desk: Desk) -> None:
    # svy: a standard error of 0, and an interval of NaN for the share, of 0 to 0 for the mean of 0.
    desk.responses(people(view=["yes"] * 119 + [""]))
    row = desk.table("--questions", "view", "--mode", "sample")["yes", ""]
    assert (row["estimate"], row["se"], row["n"]) == ("1.0", "", "119")
    # All of 119: the exact binomial interval.
    assert float(row["ci_low"]) == pytest.approx(0.025 ** (1 / 119), rel=1e-12)
    assert float(row["ci_high"]) == 1


def test_a_group_in_which_nobody_answered(desk: Desk) -> None:
    desk.responses(people(view=["yes" if k % 3 else "" for k in range(120)]))
    row = desk.table("--questions", "view", "--by", "area", "--mode", "sample")["yes", "south"]
    assert (row["estimate"], row["se"], row["ci_low"], row["n"]) == ("", "", "", "0")


# -- medians -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "median"),
    [
        ([1.0] * 20, 10),
        # 0.1 ten times and 1.0 at once make a tie on paper, not in floating point.
        ([0.1] * 10 + [1.0] + [0.0] * 9, 10),
        ([0.1] * 20, 10),
        ([0.1] * 10 + [0.100001] * 10, 11),
    ],
)
def test_a_median_at_a_tie_follows_rs_rule_math(
    desk: Desk, weights: list[float], median: float
) -> None:
    desk.responses([{"id": k, "pounds": k, "w": w} for k, w in enumerate(weights, start=1)])
    found = desk.table("--questions", "pounds", "--weight", "w")["(median)", ""]
    assert float(found["estimate"]) == median


# -- missing answers, joins, waves ---------------------------------------------------------------


def test_missing_answers_are_not_refused(desk: Desk) -> None:
    # svy refuses to rake where one is missing: “Drop or impute missing values before raking”.
    rows = people(sex=["" if k % 12 == 0 else "fm"[k % 2] for k in range(120)])
    desk.responses(rows)
    for rule in ("level", "float", "drop"):
        weights = desk.weights("--missing", rule)
        assert sum(weights.values()) == pytest.approx(100, rel=1e-12)
        north = sum(weights.get(r["id"], 0) for r in rows if r["area"] == "north")
        assert north == pytest.approx(60, rel=1e-12)


@pytest.mark.parametrize(
    ("join", "said"),
    [
        ("area:north+west", "the margin has no category “west”"),
        ("home:a+b", "there is no margin “home”"),
        ("area", "joins nothing"),
    ],
)
def test_a_join_of_what_is_not_there(desk: Desk, join: str, said: str) -> None:
    assert said in desk.refused("--join", join)


def test_waves_are_weighted_each_by_itself(desk: Desk) -> None:
    rows = people(wave=["1" if k < 50 else "2" for k in range(120)])
    desk.responses(rows)
    weights = desk.weights("--within", "wave")
    for wave, size in (("1", 50), ("2", 70)):
        inside = [r for r in rows if r["wave"] == wave]
        assert sum(weights[r["id"]] for r in inside) == pytest.approx(100 * size / 120, rel=1e-12)
        north = sum(weights[r["id"]] for r in inside if r["area"] == "north")
        assert north == pytest.approx(60 * size / 120, rel=1e-12)


def test_a_wave_that_cannot_be_weighted_is_named(desk: Desk) -> None:
    rows = people(wave=["1" if k < 50 else "2" for k in range(120)])
    desk.responses([r for r in rows if r["wave"] == "1" or r["area"] == "north"])
    told = desk.refused("--within", "wave")
    assert "Within wave “2”: The margin “area” counts people as “south”" in told
    desk.responses([{**r, "wave": ""} if r["id"] == "r3" else r for r in rows])
    assert "column “wave” is empty in row 4" in desk.refused("--within", "wave")


# -- size ----------------------------------------------------------------------------------------


def test_three_million_rows_meet_their_margins(desk: Desk) -> None:
    # svy's default tolerance is 1e-4.
    rows, draw = 3_000_000, np.random.default_rng(5)
    sizes = {"area": 5, "age": 7, "sex": 2}
    hidden = draw.random(rows, dtype=np.float32)
    codes = {
        name: np.minimum((hidden + draw.random(rows, dtype=np.float32)) / 2 * k, k - 1).astype(int)
        for name, k in sizes.items()
    }
    words = {name: [f"{name} {k}" for k in range(size)] for name, size in sizes.items()}
    pl.DataFrame(
        {"id": np.arange(rows), **{n: pl.Series(words[n]).gather(c) for n, c in codes.items()}}
    ).write_parquet(desk.folder / "r.parquet")
    totals = {name: draw.multinomial(500_000, [1 / k] * k) for name, k in sizes.items()}
    desk.margins([(n, words[n][k], t) for n, ts in totals.items() for k, t in enumerate(ts)])
    began = time.process_time()
    told = desk.folder / "d.json"
    done = desk.call("weight", desk.folder / "r.parquet", "--targets", desk.folder / "T.csv",
                     "-o", desk.out, "--diagnostics", told)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert time.process_time() - began < 10
    assert json.loads(told.read_text())["largest_margin_gap"] <= 1e-12
    weights = pl.read_csv(desk.out)["weight"].to_numpy()
    for name, code in codes.items():
        np.testing.assert_allclose(np.bincount(code, weights), totals[name], rtol=1e-9)
