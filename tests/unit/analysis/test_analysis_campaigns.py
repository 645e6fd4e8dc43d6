"""Campaigns: a letter's text, its days, and where its copies differ."""

import json
from pathlib import Path

from analysis_files import write_csv
from click.testing import CliRunner

from analysis import campaigns
from analysis.__main__ import cli

LETTER = (
    "I am writing to object to the closure of the front desk at our police station, where older "
    "people go to speak to an officer. Please keep it open at least three days a week."
)


def test_the_wording_that_most_are_like_is_shown_and_differences_marked() -> None:
    other = LETTER.replace("three days", "five days") + " Thank you."
    found = campaigns.campaign([LETTER] * 8 + [other] * 2, "t3", ["2026-03-02", "", "2026-03-09"])
    assert (found.size, found.theme, found.wordings) == (10, "t3", 2)
    assert (found.first, found.last) == ("2026-03-02", "2026-03-09")
    assert found.text == LETTER
    assert " ".join(p.text for p in found.parts) == LETTER
    assert [(p.text, p.same) for p in found.parts if p.same < 1] == [("three", 0.8)]
    told = found.as_dict()["variations"]
    assert isinstance(told, list)
    assert told[0]["copies"] == 2
    assert [p["text"] for p in told[0]["parts"] if p["differs"]] == ["five", "Thank you."]


def test_capitals_and_punctuation_are_no_difference() -> None:
    shouted = LETTER.upper().replace(",", "")
    found = campaigns.campaign([LETTER] * 8 + [shouted] * 2, "t1", [""] * 10)
    assert [p.same for p in found.parts] == [1.0]
    assert [p.same for p in found.variations[0].parts] == [1.0]


def test_a_letter_has_twenty_words_and_ten_copies() -> None:
    brief = "More police please"
    first = [0] * 12 + [12] * 9 + [21] * 10
    answers = [brief] * 12 + [LETTER] * 9 + [LETTER + " Now."] * 10
    assert list(campaigns.letters(first, answers)) == [21]
    assert campaigns.letters(first, answers)[21] == list(range(21, 31))


def test_the_command_writes_campaigns_with_their_days_and_sizes_without_them(
    tmp_path: Path,
) -> None:
    rows = [
        {"id": k, "received_on": f"2026-03-{1 + k % 9:02}",
         "text": f"{LETTER} Yours, Gwendolyn Ashworth." if k % 2 else LETTER}
        for k in range(30)
    ]  # fmt: skip
    said = ["Speeding on the ring road", "The front desk helped me", "More buses at night"]
    rows += [{"id": 30 + k, "received_on": "2026-04-01", "text": f"{said[k % 3]} is {k} worry."}
             for k in range(30)]  # fmt: skip
    path = write_csv(tmp_path / "r.csv", rows)
    done = CliRunner().invoke(cli, ["themes", str(path), "--text", "text", "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    (found,) = json.loads((tmp_path / "campaigns.json").read_text())
    assert found["size"] == 30
    assert (found["first_day"], found["last_day"]) == ("2026-03-01", "2026-03-09")
    assert "Gwendolyn" not in json.dumps(found)
    listed = json.loads((tmp_path / "themes.json").read_text())
    theme = next(t for t in listed if t["id"] == found["theme"])
    assert theme["size"] - theme["size_without_campaigns"] == 30
    groups = json.loads((tmp_path / "groups.json").read_text())
    assert {t["parent"] for t in listed if t["parent"]} == {g["id"] for g in groups}
