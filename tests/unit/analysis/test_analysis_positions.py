"""Agreement apart from topic: codes by what people chose in the question a report leads with."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from analysis import dataset, pipeline, weighting
from analysis.disclosure import Publishable, Rules

Group = tuple[str, str, int]


def codebook() -> dict[str, Any]:
    def options(*codes: str) -> list[dict[str, Any]]:
        return [{"code": code, "label": {"en": code.title()}} for code in codes]

    columns = [{"name": f"why__codes.{code}", "option": code} for code in ("cost", "police")]
    return {
        "format": 1,
        "headline": "support",
        "questions": [
            {"id": "support", "type": "choice", "columns": [{"name": "support"}],
             "options": options("yes", "no")},
            {"id": "why__codes", "type": "choices", "columns": columns,
             "options": options("cost", "police"), "coded": {"of": "why"}},
        ],
    }  # fmt: skip


def table(folder: Path, groups: list[Group]) -> Publishable:
    """The codes' table of comments: (support, code, how many)."""
    (folder / "codebook.json").write_text(json.dumps(codebook()))
    with (folder / "r.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "support", "why__codes.cost", "why__codes.police"])
        rows = [(s, int(c == "cost"), int(c == "police")) for s, c, n in groups for _ in range(n)]
        writer.writerows([k, *row] for k, row in enumerate(rows))
        writer.writerows([len(rows) + k, "yes", "", ""] for k in range(30))  # wrote nothing
    data = weighting.unweighted(dataset.read(folder / "r.csv", folder / "codebook.json"))
    tables = pipeline.release(data, rules=Rules(10, 1)).tables
    return next(t for t in tables if t.question.id == "why__codes")


def test_codes_are_told_by_what_people_chose(tmp_path: Path) -> None:
    made = table(tmp_path, [("yes", "cost", 20), ("yes", "police", 40),
                            ("no", "cost", 45), ("no", "police", 15)])  # fmt: skip
    [by] = made.breakdowns
    assert by.by.id == "support"
    told = {g.label: {c.category: c.estimate for c in g.cells} for g in by.groups}
    assert told == {
        "Yes": {"cost": pytest.approx(1 / 3), "police": pytest.approx(2 / 3)},
        "No": {"cost": 0.75, "police": 0.25},
    }
    assert [g.n for g in by.groups] == [60, 60]


def test_few_of_an_opinion_are_hidden(tmp_path: Path) -> None:
    made = table(tmp_path, [("yes", "cost", 20), ("yes", "police", 40),
                            ("no", "cost", 45), ("no", "police", 3)])  # fmt: skip
    [by] = made.breakdowns
    hidden = {(g.label, c.category) for g in by.groups for c in g.cells if c.suppressed}
    assert ("No", "police") in hidden
    assert ("Yes", "police") in hidden  # or it could be subtracted from everyone's


def test_a_question_asked_of_one_opinion_is_not_parted_by_it(tmp_path: Path) -> None:
    assert table(tmp_path, [("no", "cost", 45), ("no", "police", 15)]).breakdowns == ()
