"""The published table of Warwickshire 2023/24 comes back, and the report reconciles its bases."""

from pathlib import Path

import pytest
from analysis_files import read_csv
from click.testing import CliRunner
from warwickshire_2023_24 import ANSWERS, BASES, NOT_ANSWERING, PAPER, RESPONSES, rows, write

from analysis.__main__ import cli


def run(*arguments: object) -> None:
    done = CliRunner().invoke(cli, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_the_rebuilt_file_has_the_published_margins() -> None:
    table = rows()
    assert len(table) == RESPONSES
    assert sum(not r["affordable"] for r in table) == NOT_ANSWERING
    assert sum(r["channel"] == "paper" for r in table) == PAPER
    assert sum(bool(r["affordable"]) and not r["police"] for r in table) == 29


@pytest.mark.parametrize("with_codebook", [False, True])
def test_the_published_table_comes_back(tmp_path: Path, with_codebook: bool) -> None:
    responses, book = write(tmp_path)
    more = ["--codebook", book] if with_codebook else []
    run("tabulate", responses, "--questions", "affordable", "--by", "police",
        "--suppress", 0, "--round", 1, "-o", tmp_path / "t.csv", *more)  # fmt: skip
    table = {(r["group"], r["category"]): r for r in read_csv(tmp_path / "t.csv")}
    assert len(table) == 18
    for k, group in enumerate(("", "no", "yes")):
        for code, (_, *counts) in ANSWERS.items():
            row = table[group, code]
            assert float(row["estimate"]) == counts[k] / BASES[group]
            assert int(row["n"]) == BASES[group]
            assert row["by"] == ("police" if group else "")
            assert row["suppressed"] == "false"
            assert row["se"] == row["ci_low"] == row["ci_high"] == ""


def test_the_report_reconciles_the_bases_in_words(tmp_path: Path) -> None:
    responses, book = write(tmp_path)
    run("report", responses, "--codebook", book, "--suppress", 0, "--round", 1,
        "-o", tmp_path / "r.html")  # fmt: skip
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "1,348 people responded. 1,328 answered this question and 20 did not." in page
    assert (
        "981 + 318 + 29 = 1,328: 981 said “No”, 318 said “Yes”, and 29 were in neither group."
        in page
    )
    assert "45% answered “60p–83p a month affordable”" in page


def test_the_published_report_hides_small_counts_and_says_that_it_rounds(tmp_path: Path) -> None:
    responses, book = write(tmp_path)
    run("report", responses, "--codebook", book, "-o", tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "About 1,350 people responded. About 1,330 answered this question and about 20" in page
    assert "The figures are rounded, so they may not add up exactly." in page
    for exact in ("1,348", "1,328", "981", "318"):
        assert exact not in page.replace("viewBox", "").split("<main", 1)[1].split("<svg", 1)[0]
    assert "[c]" in page
