"""Success measures: baseline, target, distance, and whether a change is more than chance."""

import math
import re
from pathlib import Path
from typing import Any

import pytest
from analysis_files import codebook, question, read_csv, write_csv
from click.testing import CliRunner
from scipy import stats

from analysis import pipeline
from analysis.__main__ import cli
from analysis.success import Standing

ANSWERS = {"good": "Good", "fair": "Fair", "poor": "Poor"}
NETS = [{"id": "well", "label": {"en": "Good or fair"}, "codes": ["good", "fair"]}]


def tracked(**measure: Any) -> dict[str, Any]:
    return {"direction": "up", "net": "well", **measure}


def report_of(
    folder: Path,
    rows: list[dict[str, Any]],
    measures: dict[str, dict[str, Any]],
    *more: dict[str, Any],
    mode: str = "sample",
) -> tuple[dict[str, Standing], str]:
    """The standings by question, and the page."""
    asked = [
        question(name, "number", text="Pounds?", short="Pounds", measure=measure)
        if name == "pounds"
        else question(name, options=ANSWERS, nets=NETS, text=f"{name}?", measure=measure)
        for name, measure in measures.items()
    ]
    book = codebook(folder / "codebook.json", [*asked, *more], mode=mode, closes="2026-03-01")
    data, left_out = pipeline.prepare(write_csv(folder / "r.csv", rows), book)
    made = pipeline.build(data, left_out)
    page = made.html()
    return dict(zip(measures, made._standings, strict=False)), page


def people(well: int, poor: int, **more: Any) -> list[dict[str, Any]]:
    answers = ["good"] * well + ["poor"] * poor
    return [{"id": k, "police": answer, **more} for k, answer in enumerate(answers)]


def row(page: str) -> list[str]:
    start = page.index('id="success-caption"')
    first = page[page.index("<tbody>", start) : page.index("</tr>", page.index("<tbody>", start))]
    return re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", first)


def test_a_measure_stands_beside_its_baseline_and_target(tmp_path: Path) -> None:
    measure = tracked(baseline=62, baseline_error=1.4, baseline_when="2010/11", target=80)
    found, page = report_of(tmp_path, people(700, 300), {"police": measure})
    stands = found["police"]
    assert (stands.baseline, stands.now, stands.reached) == (62, 70, False)
    assert stands.change == pytest.approx(8)
    assert stands.distance == pytest.approx(10)
    z = 0.08 / math.hypot(math.sqrt(0.7 * 0.3 / 999), 0.014)
    assert stands.certain is bool(2 * stats.norm.sf(z) < 0.05) is True
    assert row(page) == [
        "police: Good or fair", "62.0% (2010/11)", "70.0%", "+8.0 points, more than chance",
        "80.0% or more", "10.0 points below the target",
    ]  # fmt: skip
    assert "error is not known" not in page


def test_a_small_change_may_be_chance(tmp_path: Path) -> None:
    found, page = report_of(tmp_path, people(630, 370), {"police": tracked(baseline=62, target=60)})
    assert found["police"].certain is False
    assert row(page)[3:] == ["+1.0 points, may be chance", "60.0% or more", "Target met"]
    assert "own error is not known" in page


def test_an_open_consultation_tells_no_change_from_chance_and_says_why(tmp_path: Path) -> None:
    found, page = report_of(
        tmp_path, people(700, 300), {"police": tracked(baseline=62)}, mode="open"
    )
    assert found["police"].certain is None
    assert row(page)[3:] == ["+8.0 points", "none set", "Better than before"]
    assert "nobody can say whether a change is more than chance" in page


def test_what_is_hidden_has_no_standing_either(tmp_path: Path) -> None:
    measure = tracked(baseline=62, target=70)
    found, page = report_of(tmp_path, people(4, 300), {"police": measure})
    assert (found["police"].now, found["police"].certain) == (None, None)
    assert row(page)[2:] == ["[c]", "[c]", "70.0% or more", "Not shown"]
    nobody = [{"id": k, "police": ""} for k in range(30)]
    found, page = report_of(tmp_path, nobody, {"police": measure})
    assert found["police"].now is None
    assert row(page)[2:4] == ["–", "–"]


@pytest.mark.parametrize(
    ("measure", "stands"),
    [
        ({"direction": "up", "target": 120.0}, "19.50 below the target"),
        ({"direction": "down", "target": 90.0}, "10.50 above the target"),
        ({"direction": "hold", "target": 99.0, "tolerance": 2.0}, "Target met"),
        ({"direction": "hold", "target": 99.0, "tolerance": 1.0}, "1.50 above the target"),
        ({"direction": "down", "baseline": 90.0}, "Worse than before"),
        ({"direction": "down", "baseline": 100.5}, "As before"),
        ({"direction": "hold", "target": 100.0, "tolerance": 0.5}, "Target met"),
    ],
)
def test_averages_are_measured_in_their_own_unit(
    tmp_path: Path, measure: dict[str, Any], stands: str
) -> None:
    rows = [{"id": k, "pounds": k} for k in range(1, 201)]
    _, page = report_of(tmp_path, rows, {"pounds": measure})
    assert row(page)[2] == "100.50"
    assert row(page)[-1] == stands


def test_several_measures_are_tested_together(tmp_path: Path) -> None:
    rows = people(645, 355)
    for one in rows:
        one["council"] = one["police"]
    # By itself p is 0.04; of two, Holm's method takes twice that.
    alone, _ = report_of(tmp_path, rows, {"police": tracked(baseline=61.4)})
    both, page = report_of(
        tmp_path, rows, {"police": tracked(baseline=61.4), "council": tracked(baseline=64)}
    )
    assert (alone["police"].certain, both["police"].certain) == (True, False)
    assert "for the 2 measures tested" in page


def test_what_the_baseline_was_asked_otherwise_is_said(tmp_path: Path) -> None:
    measure = tracked(
        baseline=62, baseline_when="2010/11", baseline_channel="telephone", reworded=True
    )
    _, page = report_of(tmp_path, people(700, 300, channel="web"), {"police": measure})
    assert "worded differently in this survey than in 2010/11" in page
    assert "by telephone" in page
    assert "by the web" in page


def waves(folder: Path, *, mode: str = "sample") -> tuple[dict[str, Standing], str]:
    rows = []
    for wave, well, old, channel in (("2024", 500, 300, "telephone"), ("2025", 600, 700, "web")):
        rows += [
            {
                "id": f"{wave}-{k}", "police": "good" if k < well else "poor", "year": wave,
                "age": "old" if (k * 7) % 1000 < old else "young", "channel": channel,
            }
            for k in range(1000)
        ]  # fmt: skip
    return report_of(
        folder, rows, {"police": tracked(target=65)},
        question("year", role="wave", options={"2024": "2024", "2025": "2025"}),
        question("age", role="age", options={"young": "Young", "old": "Old"}, short="Age"),
        mode=mode,
    )  # fmt: skip


def test_the_last_wave_is_now_and_the_one_before_it_the_baseline(tmp_path: Path) -> None:
    found, page = waves(tmp_path)
    stands = found["police"]
    assert (stands.since, stands.baseline, stands.now) == ("2024", 50, 60)
    assert stands.certain is True
    assert row(page)[1:] == [
        "50.0% (2024)", "60.0%", "+10.0 points, more than chance", "65.0% or more",
        "5.0 points below the target",
    ]  # fmt: skip
    for part in ("Success measures", "wave to wave is believed"):
        said = page[page.index(part) :]
        assert "by telephone" in said
        assert "differ in “Age”" in said


def test_compare_says_what_else_changed_between_waves(tmp_path: Path) -> None:
    waves(tmp_path)
    out = tmp_path / "c.csv"
    done = CliRunner().invoke(
        cli,
        ["compare", str(tmp_path / "r.csv"), "--codebook", str(tmp_path / "codebook.json"),
         "--measure", "police", "--by", "year", "-o", str(out)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    for row_ in read_csv(out):
        assert "differ in “Age”" in row_["warnings"]
        assert "by telephone" in row_["warnings"]


def test_each_wave_is_weighted_to_the_same_margins(tmp_path: Path) -> None:
    _, unweighted = waves(tmp_path)
    targets = write_csv(
        tmp_path / "T.csv",
        [{"margin": "age", "category": c, "population": 500} for c in ("young", "old")],
    )
    data, left_out = pipeline.prepare(tmp_path / "r.csv", tmp_path / "codebook.json", targets)
    assert left_out == ()
    assert data.diagnostics is not None
    assert data.diagnostics.within == "year"
    page = pipeline.build(data, left_out).html()
    assert "differ in “Age”" in unweighted
    assert "differ in “Age”" not in page


def test_a_margin_that_one_wave_cannot_meet_is_left_out_by_name(tmp_path: Path) -> None:
    waves(tmp_path)
    book, path = tmp_path / "codebook.json", tmp_path / "r.csv"
    text = path.read_text().replace("good,2024,old", "good,2024,young")
    path.write_text(text.replace("poor,2024,old", "poor,2024,young"))
    targets = write_csv(
        tmp_path / "T.csv",
        [{"margin": "age", "category": c, "population": 500} for c in ("young", "old")],
    )
    data, left_out = pipeline.prepare(path, book, targets)
    assert not data.weighted
    [why] = left_out
    assert why.startswith("2024: ")
    assert "age" in why
