"""Flagged responses in the report: how many, for what, and the main question without them."""

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from analysis import pipeline
from analysis.codebook import FLAGGED
from analysis.errors import DataError

FLAGS = {"again": "Answered again", "fast": "Sent fast", "burst": "Came with many"}


def files(
    folder: Path, rows: list[tuple[str, str]], *, known: bool = True, name: str = "r"
) -> tuple[Path, Path]:
    """Responses (their answer, their flags) and a codebook, which may know of ``flags``."""
    folder.mkdir(exist_ok=True)
    responses, book = folder / f"{name}.csv", folder / f"{name}.json"
    with responses.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "flags", "view"])
        writer.writerows([str(n), flags, view] for n, (view, flags) in enumerate(rows))
    options = [{"code": code, "label": {"en": code.title()}} for code in ("yes", "no", "unsure")]
    question = {
        "id": "view", "type": "choice", "text": {"en": "Do you agree?"}, "versions": [1],
        "columns": [{"name": "view"}], "options": options,
    }  # fmt: skip
    content = {"format": 1, "questions": [question], "headline": "view"}
    if known:
        content["flags"] = [{"code": code, "label": says} for code, says in FLAGS.items()]
    book.write_text(json.dumps(content))
    return responses, book


def page(folder: Path, rows: list[tuple[str, str]], *, known: bool = True) -> str:
    """The report of ``rows``."""
    responses, book = files(folder, rows, known=known)
    out = folder / "report.html"
    pipeline.report_files(responses, book, None, out)
    return out.read_text()


def made(yes: int, no: int, flags: str) -> list[tuple[str, str]]:
    return [("yes", flags)] * yes + [("no", flags)] * no


def section(text: str) -> str:
    """The part of a report about flags, as words."""
    found = re.search(r'<section aria-labelledby="flagged">.*?</section>', text, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""


def test_enough_flagged_are_counted_by_reason_and_left_out_beside(tmp_path: Path) -> None:
    rows = made(100, 100, "") + made(60, 20, "again") + made(20, 0, "again fast")
    said = section(page(tmp_path, rows))
    assert "About 300 responses came in. Of them about 100 are flagged." in said
    assert "Answered again 100 33%" in said
    assert "Sent fast 20 7%" in said
    assert "Came with many 0 0%" in said
    # 180 of 300 said yes; without the flagged 100 of 200.
    assert "Yes 60% 50%" in said
    assert "Base: people who answered 300 200" in said


@pytest.mark.parametrize("few", [1, 5, 9])
def test_a_few_flagged_are_not_told_nor_to_be_had_by_subtraction(few: int, tmp_path: Path) -> None:
    said = section(page(tmp_path, made(100, 100, "") + made(few, 0, "fast")))
    assert "How many of them are flagged is not shown." in said
    assert "Sent fast [c] [c]" in said
    assert "Answered again 0 0%" in said
    assert "would tell of fewer people than may be published" in said
    assert "Without flagged responses" not in said


def test_where_few_flagged_gave_an_answer_that_answer_is_hidden_without_them(
    tmp_path: Path,
) -> None:
    responses, book = files(tmp_path, made(100, 100, "") + made(3, 60, "again"))
    data, _ = pipeline.prepare(responses, book)
    (table,) = pipeline.release(data).tables
    (split,) = table.breakdowns
    assert split.by.id == FLAGGED
    without = next(group for group in split.groups if group.group == "no")
    figures = {cell.category: cell.suppressed for cell in without.cells}
    # 103 in all said yes: 100 without the flagged would say that 3 of those did.
    assert figures["yes"]
    assert not table.everyone.cells[0].suppressed


def test_with_nobody_flagged_the_report_is_as_if_there_were_no_flags(tmp_path: Path) -> None:
    rows = made(100, 40, "")
    assert page(tmp_path / "a", rows) == page(tmp_path / "b", rows, known=False)
    assert section(page(tmp_path / "a", rows)) == ""
    assert section(page(tmp_path / "c", made(100, 40, "again"), known=False)) == ""


def test_the_same_files_give_the_same_page(tmp_path: Path) -> None:
    rows = made(50, 50, "") + made(20, 30, "burst")
    assert page(tmp_path / "a", rows) == page(tmp_path / "b", rows)


def test_tables_asked_for_by_name_have_no_column_more(tmp_path: Path) -> None:
    responses, book = files(tmp_path, made(50, 50, "") + made(20, 30, "burst"))
    data, _ = pipeline.prepare(responses, book)
    (table,) = pipeline.tables(data, ["view"], ())
    assert table.breakdowns == ()
    (flagged,) = pipeline.tables(data, [FLAGGED], ())
    assert Counter({c.category: c.unweighted for c in flagged.everyone.cells})["yes"] == 50 / 150
    with pytest.raises(DataError, match="no question or column"):
        pipeline.tables(data, ["(flag nonsense)"], ())
