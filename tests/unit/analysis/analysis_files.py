"""Small files for the tests of the analysis package, and where the shared references are."""

import csv
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared"


def shared(*parts: str) -> Path:
    """A file of the shared references; fails with its path where it is missing."""
    path = SHARED.joinpath(*parts)
    assert path.exists(), f"the shared reference {Path('..', 'shared', *parts)} is missing"
    return path


def write_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    """CSV as rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def resident_targets(folder: Path) -> Path:
    """The reference margins as T.csv."""
    margins = json.loads(shared("reference", "statistics", "resident_margins.json").read_text())
    rows = [
        {"margin": name, "category": category, "population": people}
        for name, categories in margins.items()
        if isinstance(categories, dict)
        for category, people in categories.items()
    ]
    return write_csv(folder / "T.csv", rows)


def question(name: str, kind: str = "choice", **more: Any) -> dict[str, Any]:
    """A codebook question; `options` as code → label."""
    options = more.pop("options", {})
    outside = more.pop("outside", ())
    return {
        "id": name,
        "type": kind,
        "text": {"en": more.pop("text", name)},
        "short": {"en": more.pop("short", name)},
        "role": more.pop("role", None),
        "required": False,
        "conditional": False,
        "columns": more.pop("columns", [{"name": name}]),
        "options": [
            {
                "code": c,
                "label": {"en": label},
                "exclusive": False,
                "not_in_population": c in outside,
            }
            for c, label in options.items()
        ],
        "nets": more.pop("nets", []),
        "minimum": None,
        "maximum": None,
        **more,
    }


def codebook(path: Path, questions: list[dict[str, Any]], **about: Any) -> Path:
    """A codebook.json of format 1."""
    book = {
        "format": 1,
        "consultation": {
            "slug": "c",
            "title": {"en": about.pop("title", "A consultation")},
            "body": "A body",
            "mode": about.pop("mode", "open"),
            "opens": "2025-01-02",
            "closes": "2025-02-03",
        },
        "survey": {"slug": "s", "version": 3, "content_hash": "f" * 64},
        "languages": ["en"],
        "illustrative": about.pop("illustrative", []),
        "disclosure": {"suppress": 10, "round": 5},
        "headline": about.pop("headline", None),
        "questions": questions,
    }
    path.write_text(json.dumps(book, ensure_ascii=False), encoding="utf-8")
    return path
