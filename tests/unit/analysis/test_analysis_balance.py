"""The weighting report: true to the weights, and its sums can be checked by hand."""

import re
from pathlib import Path

import numpy as np
import pytest
from analysis_files import resident_targets, shared, write_csv
from click.testing import CliRunner

from analysis import balance, dataset, population, weighting
from analysis.__main__ import cli
from analysis.disclosure import Rules
from analysis.errors import DataError

RESIDENT = ("reference", "statistics", "resident.csv")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("balance")
    out = folder / "w.html"
    done = CliRunner().invoke(
        cli,
        [
            "weight", str(shared(*RESIDENT)), "--targets", str(resident_targets(folder)),
            "-o", str(folder / "w.csv"), "--report", str(out), "--results", "q1,precept",
        ],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return out.read_text(encoding="utf-8")


def cells(row: str) -> list[str]:
    return [re.sub("<[^>]+>", "", c) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]


def test_it_says_who_was_missing_and_what_it_cost(page: str) -> None:
    rows = {c[0]: c[1:] for c in map(cells, re.findall(r"<tr[^>]*>.*?</tr>", page)) if len(c) > 4}
    assert rows["Stratford-on-Avon"] == ["31%", "23%", "+8", "over-represented"]
    assert rows["16-24"][3] == "under-represented"
    assert "about 1,680 would unweighted" in page  # Kish's number by R: 1,677.8
    assert "efficiency of 56%" in page
    assert "design effect 1.79" in page


def test_changes_are_those_of_the_printed_figures(page: str) -> None:
    part = page[page.index("What weighting changes") : page.index("What hangs on each margin")]
    rows = [cells(r) for r in re.findall(r"<tr[^>]*>.*?</tr>", part)]
    shares = [r for r in rows if len(r) == 4 and r[1].endswith("%") and r[2].endswith("%")]
    assert len(shares) == 5
    for _, before, after, change in shares:
        assert int(after[:-1]) - int(before[:-1]) == int(change.replace("−", "-"))


def test_each_margin_is_left_out_in_turn(page: str) -> None:
    part = page[page.index("What hangs on each margin") :]
    rows = [cells(r) for r in re.findall(r"<tr[^>]*>.*?</tr>", part)]
    assert [r[0] for r in rows[1:]] == ["district", "age_band", "sex", "ethnicity", "tenure"]
    assert all(re.fullmatch(r"[+−]\d\.\d", r[1]) for r in rows[1:])


def test_doubts_name_the_margin_and_no_small_number(page: str) -> None:
    assert "category “Other” rests on fewer than 30 responses" in page
    assert "come without a source" in page
    assert "nothing in these responses can show it" in page


def test_few_heavy_responses_are_not_shown_as_a_bin(tmp_path: Path) -> None:
    rows = [{"id": k, "g": "a" if k < 3 else "b"} for k in range(100)]
    data = dataset.read(write_csv(tmp_path / "r.csv", rows))
    targets = population.read(
        write_csv(
            tmp_path / "T.csv", [{"margin": "g", "category": c, "population": 500} for c in "ab"]
        )
    )
    weighted = weighting.weight(data, targets)
    text = balance.html(weighted, targets, [], Rules())
    assert "5 and more" not in text
    assert np.sum(weighted.weights / weighted.weights.mean() > 5) == 3
    with pytest.raises(DataError, match="not weighted"):
        balance.html(weighting.unweighted(data), targets, [], Rules())
