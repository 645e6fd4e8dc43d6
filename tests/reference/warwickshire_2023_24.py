"""The 1,348 responses of Warwickshire 2023/24, rebuilt row by row from the published table.

The table gives, per answer, how many of all, of those not working in policing and of those who
do. What remains per answer are the 29 who are in neither group; 20 answered nothing.
"""

import csv
import json
from pathlib import Path

ANSWERS = {
    "60p_83p": ("60p–83p a month affordable", 599, 409, 178),
    "30p_60p": ("30p–60p", 207, 159, 43),
    "0p_30p": ("0p–30p", 134, 107, 24),
    "no_increase": ("No increase", 293, 232, 52),
    "no_council_tax": ("I don’t pay council tax", 12, 10, 2),
    "dont_know": ("Don’t know", 83, 64, 19),
}
BASES = {"": 1328, "no": 981, "yes": 318}
RESPONSES, NOT_ANSWERING, NEITHER, PAPER = 1348, 20, 29, 40


def rows() -> list[dict[str, str]]:
    """One row a response, in the columns that consult exports."""
    pairs: list[tuple[str, str]] = []
    for code, (_, everyone, outside, police) in ANSWERS.items():
        neither = everyone - outside - police
        pairs += [(code, "no")] * outside + [(code, "yes")] * police + [(code, "")] * neither
    pairs += [("", "")] * NOT_ANSWERING
    return [
        {
            "id": f"r{number:04}",
            "channel": "paper" if number % 33 == 0 and number <= 33 * PAPER else "web",
            "language": "en",
            "received_on": "2023-01-09",
            "survey_version": "1",
            "affordable": answer,
            "police": group,
        }
        for number, (answer, group) in enumerate(pairs, start=1)
    ]


def codebook() -> dict[str, object]:
    """The codebook that goes with `rows`."""
    afford = [{"code": c, "label": {"en": label}} for c, (label, *_) in ANSWERS.items()]
    groups = [{"code": "no", "label": {"en": "No"}}, {"code": "yes", "label": {"en": "Yes"}}]
    return {
        "format": 1,
        "consultation": {
            "slug": "warwickshire-precept-2023-24",
            "title": {"en": "Police precept 2023/24"},
            "body": "Warwickshire policing body",
            "mode": "open",
            "opens": "2022-12-01",
            "closes": "2023-01-09",
        },
        "survey": {"slug": "warwickshire-precept-2023-24", "version": 1, "content_hash": "0" * 64},
        "languages": ["en"],
        "illustrative": [],
        "disclosure": {"suppress": 10, "round": 5},
        "headline": "affordable",
        "questions": [
            _question("affordable", "How affordable would a precept change be?", None, afford),
            _question(
                "police", "Do you work or volunteer for Warwickshire Police?", "group", groups
            ),
        ],
    }


def _question(name: str, text: str, role: str | None, options: object) -> dict[str, object]:
    return {
        "id": name,
        "type": "choice",
        "text": {"en": text},
        "short": {"en": text},
        "role": role,
        "required": False,
        "conditional": False,
        "columns": [{"name": name}],
        "options": options,
        "nets": [],
        "minimum": None,
        "maximum": None,
    }


def write(folder: Path) -> tuple[Path, Path]:
    """Write responses.csv and codebook.json; returns their paths."""
    responses, book = folder / "responses.csv", folder / "codebook.json"
    table = rows()
    with responses.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    book.write_text(json.dumps(codebook(), ensure_ascii=False), encoding="utf-8")
    return responses, book
