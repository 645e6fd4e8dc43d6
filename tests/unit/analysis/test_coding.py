"""Coding: learning a code frame from few answers and from what its codes are called."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from analysis_files import write_csv
from click.testing import CliRunner, Result
from scipy.sparse import csr_array

from analysis import coding
from analysis.__main__ import cli
from analysis.coding import learning

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


CODES = [coding.Code(row["code"], row["name"], row["description"]) for row in FRAME]
TEXTS = [text for texts in SAID.values() for text in texts]


@pytest.fixture(scope="module")
def answers() -> coding.Answers:
    return coding.Answers.of([*TEXTS, "", SAID["youth"][1]])


def coded(*places: int) -> coding.Coded:
    ids = list(SAID)
    return coding.Coded({k: frozenset([ids[k // 6]]) for k in places}, {})


def test_predictions_are_of_what_is_coded_and_not_of_what_came_before(
    answers: coding.Answers,
) -> None:
    places = [0, 1, 6, 7, 12, 13]
    first = coding.predict(answers, CODES, coded(*places)).probability
    for end in range(len(places), 0, -1):
        coding.predict(answers, CODES, coded(*places[:end]))
    again = coding.predict(answers, CODES, coded(*reversed(places))).probability
    assert np.array_equal(first, again)


def test_weights_are_where_the_penalised_likelihood_is_greatest(answers: coding.Answers) -> None:
    given = coded(*range(0, 18, 2))
    near, _ = answers.nearness(CODES, True)
    found = learning.learn(answers, near, given, CODES)
    rows = answers.points[given.places].astype(float)
    logit = rows @ found.weights + found.level + learning.NAME_WEIGHT * near[given.places]
    slope = rows.T @ (1 / (1 + np.exp(-logit)) - given.marks(CODES))
    assert slope + learning.SHRINK * found.weights == pytest.approx(0, abs=1e-3)


def test_held_out_logits_are_near_those_of_fits_without_each(answers: coding.Answers) -> None:
    places = list(range(0, 18, 2))
    near, _ = answers.nearness(CODES, True)
    found = learning.learn(answers, near, coded(*places), CODES).held_out
    without = []
    for out in places:
        one = learning.learn(answers, near, coded(*(k for k in places if k != out)), CODES)
        mine = answers.points[out].astype(float) @ one.weights + one.level
        without.append(mine + learning.NAME_WEIGHT * near[out])
    assert found == pytest.approx(np.array(without), abs=0.5)
    assert np.corrcoef(found.ravel(), np.ravel(without))[0, 1] > 0.99


NAMELESS = [coding.Code(f"k{j}", f"Code {j}") for j in range(3)]
MEMBERS = {f"k{j}": frozenset(range(6 * j, 6 * j + 5)) for j in range(3)}


def test_members_of_candidates_tell_codes_apart_that_names_do_not(answers: coding.Answers) -> None:
    given = np.array([[k // 6 == j for j in range(3)] for k in range(18)])
    by_name = coding.predict(answers, NAMELESS, coding.Coded({}, {})).probability[:18]
    by_members = coding.predict(answers, NAMELESS, coding.Coded({}, {}, MEMBERS)).probability[:18]
    right, better = (((told >= 0.5) == given).mean() for told in (by_name, by_members))
    assert better > right + 0.1
    right, better = (
        (told.argmax(axis=1) == given.argmax(axis=1)).mean() for told in (by_name, by_members)
    )
    assert better > right + 0.2


def test_people_are_believed_before_members(answers: coding.Answers) -> None:
    """Each code's members are another's: what people say outweighs them."""
    wrong = {f"k{(j + 1) % 3}": places for j, (_, places) in enumerate(MEMBERS.items())}
    marks = {k: frozenset([f"k{k // 6}"]) for k in range(18) if k % 6 != 5}
    found = coding.predict(answers, NAMELESS, coding.Coded(marks, {}, wrong)).probability
    assert found[[*marks]].argmax(axis=1).tolist() == [k // 6 for k in marks]


def test_members_of_some_codes_leave_the_others_alone(answers: coding.Answers) -> None:
    few = {"k0": MEMBERS["k0"]}
    plain = coding.predict(answers, NAMELESS, coded_as(3, 9, 15)).weights
    found = coding.predict(
        answers, NAMELESS, coding.Coded(coded_as(3, 9, 15).codes, {}, few)
    ).weights
    assert np.array_equal(plain[:, 1:], found[:, 1:])
    assert not np.allclose(plain[:, 0], found[:, 0])


def coded_as(*places: int) -> coding.Coded:
    return coding.Coded({k: frozenset([f"k{k // 6}"]) for k in places}, {})


def test_doubtful_is_what_the_machine_nearly_gave_or_nearly_did_not() -> None:
    chance = np.array([[0.1, 0.36], [0.1, 0.34], [0.9, 0.5], [0.64, 0.0], [0.66, 0.4], [0, 0]])
    found = coding.Predicted(tuple(CODES[:2]), chance, np.zeros((1, 2)), named())
    assert found.doubtful.tolist() == [True, False, False, True, False, False]


def named() -> coding.Named:
    return coding.Named(np.zeros((2, 1), np.float32), csr_array((2, 1)), np.ones(2))


def test_why_says_which_words_spoke_for_a_code(answers: coding.Answers) -> None:
    found = coding.predict(answers, CODES, coded(0, 1, 6, 7, 12, 13))
    assert "youth" in coding.why(answers, CODES, found, 13, "youth")[:2]
    words = coding.why(answers, CODES, found, 6, "calls")
    assert 1 <= len(words) <= 5
    assert all(word in SAID["calls"][0].split() for word in words)
    assert coding.why(answers, CODES, found, TEXTS.index(SAID["speed"][1]), "speed")[0] == "speed"
    assert coding.why(answers, CODES, found, len(TEXTS), "speed") == ()


def test_why_is_what_leaving_a_word_out_costs() -> None:
    # Among few answers none has neighbours: then the logit is of the answer's own words alone.
    told = ["Youth clubs for TEENAGERS on the estate", "Speed cameras", "Answer the phone, please"]
    less = [told[0].replace(word, "") for word in ("Youth", "clubs", "TEENAGERS", "estate")]
    answers = coding.Answers.of([*told, *less])
    found = coding.predict(answers, CODES, coding.Coded({}, {}))
    logit = np.log(found.probability[:, 2] / (1 - found.probability[:, 2]))
    lost = logit[0] - logit[3:]
    words = np.array(["Youth", "clubs", "TEENAGERS", "estate"])[np.argsort(-lost)]
    assert coding.why(answers, CODES, found, 0, "youth") == tuple(
        word for word, cost in zip(words, np.sort(lost)[::-1], strict=True)
        if cost > max(0, 0.1 * lost.max())
    )  # fmt: skip


def test_similar_answers_are_those_that_say_the_same(answers: coding.Answers) -> None:
    found = coding.similar(answers, 13, 4)
    assert found[0] == len(TEXTS) + 1  # its copy
    assert len(found) == 4
    assert not {13, len(TEXTS)} & set(coding.similar(answers, 13, 50))


def test_suggestions_one_at_a_time_are_those_of_the_list(answers: coding.Answers) -> None:
    given = coded(0, 1, 6)
    found = coding.predict(answers, CODES, given)
    first = np.arange(len(answers.said))
    one_by_one = coding.following(found, given, first)
    listed = coding.suggest(found, given, first, 5)
    assert [next(one_by_one) for _ in range(5)] == listed
    assert [s.why for s in listed[:2]] == ["rare code", "doubtful"]
