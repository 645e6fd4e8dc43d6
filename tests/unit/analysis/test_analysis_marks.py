"""Force-wide tables of a sample: by area and by year, with marks that can be trusted."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from analysis_files import codebook, question, read_csv, resident_targets, shared, write_csv
from click.testing import CliRunner

from analysis import compare, dataset, pipeline, sampling, weighting
from analysis.__main__ import cli
from analysis.disclosure import Rules
from analysis.errors import DataError
from analysis.weighting import WeightedDataset

DISTRICTS = ("North Warwickshire", "Nuneaton and Bedworth", "Rugby", "Stratford-on-Avon", "Warwick")


def survey(folder: Path, mode: str) -> WeightedDataset:
    book = codebook(
        folder / "codebook.json",
        [
            question("q1", options={str(k): f"Answer {k}" for k in range(1, 6)}, text="How safe?"),
            question("district", role="area", options={d: d for d in DISTRICTS}, short="District"),
            question("wave", role="wave", options={"1": "2010/11", "2": "2011/12"}, short="Year"),
        ],
        mode=mode,
    )
    path = shared("reference", "statistics", "resident.csv")
    return weighting.unweighted(dataset.read(path, book))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> WeightedDataset:
    return survey(tmp_path_factory.mktemp("sample"), "sample")


def cells(part: str) -> dict[str, list[str]]:
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", part)
    return {head: re.findall(r"<td>(.*?)</td>", rest) for head, rest in rows}


def table(page: str, key: str) -> str:
    start = page.index(f'aria-labelledby="{key}-caption"')
    return page[start : page.index("</tbody>", start)]


def test_the_marks_are_those_of_the_tests_that_compare_makes(sample: WeightedDataset) -> None:
    page = pipeline.build(sample).html()
    shown = {
        (f"Answer {answer}", district): figure
        for answer in range(1, 6)
        for district, figure in zip(
            ("", *DISTRICTS), cells(table(page, "q1-1"))[f"Answer {answer}"], strict=True
        )
    }
    rows = compare.compare(
        sample, "q1", "district", sample=sampling.sample_design(sample), adjust="holm"
    )
    tested: list[dict[str, Any]] = [row for row in rows if row["kind"] == "rest"]
    assert len(tested) == 25
    assert "Holm’s adjustment for the 25 tests" in page
    marked = 0
    for row in tested:
        figure = shown[f"Answer {row['category']}", row["group"]]
        sign = "▲" if row["difference"] > 0 else "▼"
        assert (sign in figure) == (row["p_adjusted"] < 0.05), row
        marked += sign in figure
    assert marked >= 2
    assert "higher than the rest" in page


def test_a_year_is_held_against_the_one_before(sample: WeightedDataset) -> None:
    page = pipeline.build(sample).html()
    first = [row[1] for row in cells(table(page, "q1-2")).values()]
    assert not any("▲" in cell or "▼" in cell for cell in first), "nothing came before the first"
    assert "those of the wave before" in page


def test_an_open_consultation_has_no_marks_and_says_why(tmp_path: Path) -> None:
    page = pipeline.build(survey(tmp_path, "open")).html()
    assert "▲" not in page
    assert "AAPOR" in page


def test_best_worst_sets_rankings_and_points_have_tables(tmp_path: Path) -> None:
    options = {"a": "Patrols", "b": "Response", "c": "Victims"}
    rows = [
        {"id": k, "r.a": 1, "r.b": 2, "r.c": 3, "p.a": 7, "p.b": 3, "p.c": "",
         "s__1.best": "a", "s__1.worst": "c", "s__2.best": "a", "s__2.worst": "b"}
        for k in range(40)
    ]  # fmt: skip
    parts = [{"name": f"{{}}.{code}", "option": code} for code in options]

    def columns(name: str) -> list[dict[str, str]]:
        return [{"name": p["name"].format(name), "option": p["option"]} for p in parts]

    sets = [
        question(f"s__{n}", "best_worst", options=options,
                 columns=[{"name": f"s__{n}.{end}", "option": end} for end in ("best", "worst")])
        | {"part_of": "s"}
        for n in (1, 2)
    ]  # fmt: skip
    book = codebook(
        tmp_path / "c.json",
        [
            question("r", "ranking", options=options, columns=columns("r")),
            question("p", "points", options=options, columns=columns("p")),
            *sets,
        ],
    )
    data = weighting.unweighted(dataset.read(write_csv(tmp_path / "r.csv", rows), book))
    found = {
        (row["question"], row["category"]): row["estimate"]
        for shown in pipeline.release(data).tables
        for row in shown.rows()
    }
    assert found["r", "a"] == 1.0
    assert found["r", "b (mean)"] == 2.0
    assert found["p", "c (mean)"] == 0.0
    assert found["s", "a (mean)"] == 1.0
    assert found["s", "c (mean)"] == -1.0  # shown in the first set alone, and worst there
    page = pipeline.build(data).html()
    assert "Patrols, average place" in page
    assert "Victims, score from −1 to 1" in page


def test_a_report_keeps_to_the_design_in_the_codebook(tmp_path: Path) -> None:
    book = codebook(tmp_path / "c.json", [question("q1", options={"1": "1"})], mode="sample")
    raw = json.loads(book.read_text())
    raw["design"] = {"base_weight": "basew", "cluster": "ward"}
    book.write_text(json.dumps(raw))
    path = shared("reference", "statistics", "resident.csv")
    data, _ = pipeline.prepare(path, book)
    (table,) = pipeline.release(data).tables
    cell = next(c for c in table.everyone.cells if c.category == "1")
    by_hand = tabulated(path, "--weight", "basew", "--cluster", "ward", folder=tmp_path)
    assert cell.se == pytest.approx(float(by_hand["1"]["se"]), abs=5e-4)
    assert cell.estimate == pytest.approx(float(by_hand["1"]["estimate"]), abs=2e-3)
    raw["design"] = {"strata": "x", "psu": "ward"}
    book.write_text(json.dumps(raw))
    with pytest.raises(DataError, match="psu"):
        pipeline.prepare(path, book)


def tabulated(path: Path, *options: str, folder: Path) -> dict[str, dict[str, str]]:
    out = folder / "t.csv"
    done = CliRunner().invoke(
        cli,
        ["tabulate", str(path), "--questions", "q1", "--mode", "sample", "--suppress", "0",
         "--round", "1", *options, "-o", str(out)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return {row["category"]: row for row in read_csv(out)}


def test_weights_made_in_the_call_give_the_gain_and_a_mode_cannot_be_overruled(
    tmp_path: Path,
) -> None:
    path = shared("reference", "statistics", "resident.csv")
    cases = json.loads(shared("reference", "statistics", "r-survey-results.json").read_text())
    errors = cases["cases"]["res.rrB.q1.dist"]["result"]["se"]  # raked by R
    targets = resident_targets(tmp_path)
    weights = tmp_path / "w.csv"
    CliRunner().invoke(cli, ["weight", str(path), "--targets", str(targets), "-o", str(weights)])
    fixed = tabulated(path, "--weight", str(weights), folder=tmp_path)
    gain = tabulated(path, "--targets", str(targets), folder=tmp_path)
    for answer in fixed:
        assert float(gain[answer]["estimate"]) == pytest.approx(float(fixed[answer]["estimate"]))
        assert float(gain[answer]["se"]) == pytest.approx(errors[f"q1f{answer}"], rel=1e-11)
        assert gain[answer]["se"] != fixed[answer]["se"]
    book = codebook(tmp_path / "c.json", [question("q1", options={"1": "1"})], mode="open")
    done = CliRunner().invoke(
        cli,
        ["tabulate", str(path), "--questions", "q1", "--mode", "sample", "--codebook", str(book),
         "-o", str(tmp_path / "x.csv")],
    )  # fmt: skip
    assert done.exit_code == 1
    assert "The mode is fixed" in done.output
    assert not (tmp_path / "x.csv").exists()


def test_a_later_report_does_not_give_away_who_came_since(tmp_path: Path) -> None:
    def data(yes: int, no: int, name: str) -> WeightedDataset:
        rows = [{"id": k, "q": "yes" if k < yes else "no"} for k in range(yes + no)]
        book = codebook(
            tmp_path / "b.json",
            [question("q", options={"yes": "Yes", "no": "No"})],
        )
        return weighting.unweighted(dataset.read(write_csv(tmp_path / name, rows), book))

    rules = Rules(10, 1)
    first = data(40, 30, "first.csv")
    with pytest.raises(DataError, match="Fewer than 10 responses came"):
        pipeline.release(data(43, 31, "few.csv"), rules=rules, before=first)
    # Twenty came, of whom three said no: without rounding 33 − 30 would tell.
    (alone,) = pipeline.release(data(57, 33, "more.csv"), rules=rules).tables
    assert not any(c.suppressed for c in alone.everyone.cells)
    (after,) = pipeline.release(data(57, 33, "more.csv"), rules=rules, before=first).tables
    assert all(c.suppressed for c in after.everyone.cells)
    (rounded,) = pipeline.release(data(57, 33, "more.csv"), before=first).tables
    assert not any(c.suppressed for c in rounded.everyone.cells), "rounding is enough"


def test_replicates_from_the_command_line(tmp_path: Path) -> None:
    path = shared("reference", "statistics", "resident.csv")
    drawn = ("--targets", str(resident_targets(tmp_path)), "--cluster", "ward")
    linear = tabulated(path, *drawn, folder=tmp_path)
    resampled = tabulated(path, *drawn, "--replicates", "jackknife", folder=tmp_path)
    for answer, row in linear.items():
        assert float(resampled[answer]["estimate"]) == pytest.approx(float(row["estimate"]))
        assert float(resampled[answer]["se"]) == pytest.approx(float(row["se"]), rel=0.1)
        assert resampled[answer]["se"] != row["se"]
    for options, said in (
        (["--replicates", "balanced"], "two sampling units in every stratum"),
        (["--replicates", "JK1", "--replicate-weights", "nothing*"], "fewer than two columns"),
    ):
        done = CliRunner().invoke(
            cli,
            ["tabulate", str(path), "--questions", "q1", "--mode", "sample", *options,
             "-o", str(tmp_path / "x.csv")],
        )  # fmt: skip
        assert done.exit_code == 1
        assert said in done.output
