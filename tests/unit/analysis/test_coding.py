"""Coding: learning a code frame from few answers and from what its codes are called."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from analysis_files import write_csv
from click.testing import CliRunner, Result

from analysis.__main__ import cli

SAID = {
    "speed": [
        "Cars race through our village far too fast",
        "Please put up speed cameras on the main road",
        "Drivers ignore the 30 limit every single day",
        "The speeding near the school has to stop",
        "Motorbikes tear up and down at night",
        "Nobody keeps to the speed limit here",
    ],
    "calls": [
        "I waited an hour for 101 to answer",
        "Nobody picks up the phone when you ring",
        "The call handlers take too long to answer",
        "Online reports are never answered",
        "I gave up ringing after forty minutes",
        "Getting through on the phone is impossible",
    ],
    "youth": [
        "Young people have nowhere to go in the evenings",
        "Reopen the youth clubs for teenagers",
        "Fund youth workers in the parks",
        "Teenagers need something to do",
        "Give the kids a youth centre",
        "Activities for young people keep them out of trouble",
    ],
}
FRAME = [
    {"code": "speed", "name": "Speeding and dangerous driving", "description": ""},
    {"code": "calls", "name": "Answering telephone calls", "description": "101 and contact"},
    {"code": "youth", "name": "Youth clubs and young people", "description": ""},
]


def run(folder: Path, coded: list[dict[str, str]], *more: str) -> Result:
    answers = [(f"{code}{k}", text) for code, texts in SAID.items() for k, text in enumerate(texts)]
    rows = [{"id": i, "text": t} for i, t in [*answers, ("blank", ""), ("copy", SAID["youth"][1])]]
    write_csv(folder / "r.csv", rows)
    with (folder / "coded.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "code", "coder"])
        writer.writeheader()
        writer.writerows(coded)
    write_csv(folder / "frame.csv", FRAME)
    given = ["code", str(folder / "r.csv"), "--text", "text", "--coded", str(folder / "coded.csv")]
    return CliRunner().invoke(cli, [*given, "-o", str(folder / "out"), *more])


def chances(folder: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    with (folder / "out/predictions.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["id"], {})[row["code"]] = float(row["probability"])
    return found


def right(found: dict[str, dict[str, float]]) -> int:
    return sum(
        max(found[f"{code}{k}"], key=lambda c: found[f"{code}{k}"][c]) == code
        for code, texts in SAID.items()
        for k in range(len(texts))
    )


def test_names_alone_tell_codes_apart(tmp_path: Path) -> None:
    done = run(tmp_path, [], "--frame", str(tmp_path / "frame.csv"))
    assert done.exit_code == 0, done.output
    found = chances(tmp_path)
    assert len(found) == 20
    assert right(found) >= 14
    agreement = json.loads((tmp_path / "out/agreement.json").read_text("utf-8"))
    assert agreement == {"coded": 0, "macro_f1": None, "micro_f1": None, "people": None}


def test_a_few_coded_answers_teach_codes_without_names(tmp_path: Path) -> None:
    marks = {"speed": "C1", "calls": "C2", "youth": "C3"}
    coded = [{"id": f"{c}{k}", "code": marks[c]} for c in SAID for k in range(3)]
    assert run(tmp_path, coded).exit_code == 0
    found = chances(tmp_path)
    unseen = [(c, found[f"{c}{k}"]) for c in SAID for k in range(3, 6)]
    assert sum(max(p, key=lambda x: p[x]) == marks[c] for c, p in unseen) >= 6
    assert all(max(p.values()) >= 0.5 for _, p in unseen)  # every coded answer had a code
    assert found["copy"] == pytest.approx(found["youth1"], abs=0.01)
    assert set(found["blank"].values()) == {0.0}


def test_answers_read_and_found_to_have_none_teach_that_too(tmp_path: Path) -> None:
    coded = [{"id": f"speed{k}", "code": "speed"} for k in range(3)]
    coded += [{"id": f"{c}{k}", "code": "(none)"} for c in ("calls", "youth") for k in range(4)]
    assert run(tmp_path, coded).exit_code == 0
    found = chances(tmp_path)
    assert set(found["speed4"]) == {"speed"}
    told = np.mean([found[f"speed{k}"]["speed"] for k in (3, 4, 5)])
    assert told > np.mean([found[f"{c}{k}"]["speed"] for c in ("calls", "youth") for k in (4, 5)])


def test_what_to_code_next_covers_rare_codes_and_leaves_out_what_is_done(tmp_path: Path) -> None:
    coded = [{"id": f"speed{k}", "code": "speed"} for k in range(4)]
    coded += [{"id": "youth1", "code": "youth"}]
    assert (
        run(tmp_path, coded, "--frame", str(tmp_path / "frame.csv"), "--suggest", "6").exit_code
        == 0
    )
    with (tmp_path / "out/next.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "code", "why"]
    assert rows[0]["code"] == "calls"
    assert rows[0]["id"].startswith("calls")
    asked = [row["id"] for row in rows]
    assert len(set(asked)) == 6
    assert not {"copy", "youth1", "blank", "speed0"} & set(asked)


def test_agreement_of_machine_and_people(tmp_path: Path) -> None:
    coded = [
        {"id": f"{c}{k}", "code": c, "coder": who}
        for c in SAID for k in range(6) for who in ("ann", "bob")
    ]  # fmt: skip
    coded[-1]["code"] = "speed"
    assert run(tmp_path, coded).exit_code == 0
    told = json.loads((tmp_path / "out/agreement.json").read_text("utf-8"))
    assert told["coded"] == 18
    assert told["macro_f1"]["low"] <= told["macro_f1"]["value"] <= told["macro_f1"]["high"]
    assert told["people"]["answers"] == 18
    assert told["people"]["coders"] == 2
    # One disagreement in 18 pairs of single codes: 1 - (1/18) / expected, by hand.
    ones = np.array([13, 12, 11])  # speed, calls, youth among 36
    expected = 1 - (ones * (ones - 1)).sum() / (36 * 35)
    assert told["people"]["alpha"] == pytest.approx(1 - (1 / 18) / expected, abs=1e-9)


def test_the_same_files_every_time(tmp_path: Path) -> None:
    coded = [{"id": f"{c}{k}", "code": c} for c in SAID for k in range(3)]
    both = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert run(tmp_path / name, coded).exit_code == 0
        out = tmp_path / name / "out"
        both.append(
            [(out / f).read_bytes() for f in ("predictions.csv", "next.csv", "agreement.json")]
        )
    assert both[0] == both[1]


@pytest.mark.parametrize(
    ("coded", "frame", "message"),
    [
        ([{"id": "nobody", "code": "speed"}], True, "line 2: no response has the id “nobody”"),
        ([{"id": "speed0", "code": "sped"}], True, "the frame has no code “sped”"),
        ([{"id": "speed0", "code": ""}], True, "line 2 has no code. For none write “(none)”"),
        ([], False, "There is no code"),
    ],
)
def test_what_cannot_be_learnt_from_is_named(
    tmp_path: Path, coded: list[dict[str, str]], frame: bool, message: str
) -> None:
    more = ["--frame", str(tmp_path / "frame.csv")] if frame else []
    done = run(tmp_path, coded, *more)
    assert done.exit_code == 1
    assert message in done.output
