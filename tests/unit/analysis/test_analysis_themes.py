"""Themes: every answer in one, the same every time, labels to read, quotations that name nobody."""

import json
import random
import time
from pathlib import Path

import pytest
from analysis_files import read_csv, write_csv
from click.testing import CliRunner

from analysis import dataset, text, themes, weighting
from analysis.__main__ import cli
from analysis.text import Familiar, quotable
from analysis.themes import OTHER, UNPROCESSED, ThemedDataset

TOPICS = {
    "speeding": [
        "Speeding and dangerous driving on {p} must stop.",
        "Nobody stops the speeding cars on {p}.",
        "We need speed cameras for the speeding on {p}.",
        "Dangerous driving and speeding make {p} unsafe.",
    ],
    "farm": [
        "Rural crime is ignored, farm machinery stolen near {p}.",
        "Theft of farm machinery is rural crime too.",
        "Farm machinery theft near {p} is never solved.",
        "More officers for rural crime and farm theft near {p}.",
    ],
    "calls": [
        "I waited an hour when I called 101 about {p}.",
        "The 101 call waiting times are far too slow.",
        "Calls to 101 take too long to answer.",
        "Nobody answers 101 calls, waiting times are awful.",
    ],
    "youth": [
        "Youth clubs in {p} would keep young people busy.",
        "Bring back youth clubs for young people.",
        "Young people in {p} have no youth clubs.",
        "Fund youth workers and youth clubs.",
    ],
}
PLACES = ["the village", "the high street", "the estate", "our lane", "the ring road", "the park"]


def comments(n: int, seed: int = 3) -> tuple[list[str], list[str]]:
    """Comments and what each is about."""
    choose = random.Random(seed)
    said, about = [], []
    for k in range(n):
        topic = choose.choice(list(TOPICS))
        ends = [
            "",
            " It is a worry.",
            f" Seen on {k} occasions.",
            " Please act now.",
            " For years.",
        ]
        said.append(
            choose.choice(TOPICS[topic]).format(p=choose.choice(PLACES)) + choose.choice(ends)
        )
        about.append(topic)
    return said, about


def themed(
    folder: Path, answers: list[str], count: int | None = None, seed: int = 0
) -> ThemedDataset:
    path = write_csv(folder / "r.csv", [{"id": k, "text": a} for k, a in enumerate(answers)])
    return themes.theme(weighting.unweighted(dataset.read(path)), "text", count, seed)


def test_themes_find_what_comments_are_about(tmp_path: Path) -> None:
    said, about = comments(400)
    found = themed(tmp_path, said, count=4)
    first: dict[int, str] = {}
    for row, theme, _ in found.assignments:
        first.setdefault(row, theme)
    agree = 0
    for theme in {t.id for t in found.themes}:
        rows = [r for r, t in first.items() if t == theme]
        if rows:
            agree += max(sum(about[r] == topic for r in rows) for topic in TOPICS)
    assert agree / len(said) > 0.9


def test_labels_are_short_distinct_and_peoples_own_words(tmp_path: Path) -> None:
    said, _ = comments(400)
    labels = [t.label for t in themed(tmp_path, said).themes if t.id.startswith("t")]
    assert len(labels) == len(set(labels)) >= 4
    everything = {text.stem(w) for s in said for w in text.words(s)}
    for label in labels:
        assert 3 <= len(label.split()) <= 6
        assert label[0].isupper() or label[0].isdigit()
        assert {text.stem(w) for w in text.words(label)} <= everything | {"and"}


def test_every_answer_is_themed_and_sizes_count_them(tmp_path: Path) -> None:
    said, _ = comments(200)
    said += ["n/a", "None", "asdf", "👍👍", "...", "12345", "მეტი პოლიცია"]
    found = themed(tmp_path, said)
    rows = {row for row, _, _ in found.assignments}
    assert rows == set(range(len(said)))
    for theme in found.themes:
        assert theme.size == sum(t == theme.id for _, t, _ in found.assignments)
    nothing = {row for row, t, _ in found.assignments if t == UNPROCESSED}
    assert nothing == set(range(200, 207))
    assert set(found.apart.values()) == {"says nothing", "language"}
    assert all(0 < score <= 1 for _, _, score in found.assignments)


def test_the_same_answers_give_the_same_files(tmp_path: Path) -> None:
    said, _ = comments(150)
    path = write_csv(tmp_path / "r.csv", [{"id": k, "text": a} for k, a in enumerate(said)])
    for folder in ("one", "two"):
        done = CliRunner().invoke(
            cli,
            ["themes", str(path), "--text", "text", "--seed", "7", "-o", str(tmp_path / folder)],
        )
        assert done.exit_code == 0, done.output
    for name in ("themes.json", "assignments.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    rows = read_csv(tmp_path / "one" / "assignments.csv")
    assert list(rows[0]) == ["id", "theme", "score"]
    listed = json.loads((tmp_path / "one" / "themes.json").read_text())
    assert {"id", "label", "keywords", "size", "examples"} <= set(listed[0])
    assert {r["theme"] for r in rows} == {t["id"] for t in listed}


def test_a_campaign_is_counted_in_full_and_makes_no_theme(tmp_path: Path) -> None:
    said, _ = comments(120)
    letter = (
        "I am writing to object in the strongest terms to the closure of the front desk in {p}, "
        "where older residents go to speak to an officer in person, not by phone. Yours, {n}."
    )
    letters = [letter.format(p=PLACES[k % 6], n=f"neighbour {k}") for k in range(80)]
    found = themed(tmp_path, said + letters)
    assert [c.size for c in found.campaigns] == [80]
    where = {t for row, t, _ in found.assignments if row >= 120}
    assert len(where) == 1
    theme = next(t for t in found.themes if t.id == where.pop())
    assert theme.size >= 80
    assert theme.letters >= 79
    assert not any("front desk" in t.label.lower() for t in found.themes)


@pytest.mark.parametrize(
    "answers",
    [
        ["One single thought about speeding."],
        ["The very same words."] * 50,
        ["", "", ""],
        ["n/a", "no", "-"],
        ["😀", "👍", "🚓🚓"],
        ["پولیس کو زیادہ نظر آنا چاہیے", "سڑکوں پر تیز رفتاری بہت خطرناک ہے"] * 20,
        [f"Mae angen mwy o heddlu yn ein pentref {w}" for w in ["un", "dau", "tri", "pedwar"]],
        ["a b c d e f g h i j"] * 3,
        [f"Speeding {'cars ' * k}speeding" for k in range(1, 20)],
        [f"{k} lights" for k in range(1000, 1030)],
        ["more police " * 600 + f"in place {k}" for k in range(20)],
        ["=1+1", "<script>alert(1)</script>", "\"quoted\", with commas\nand lines"],
    ],
)  # fmt: skip
def test_odd_files_work(tmp_path: Path, answers: list[str]) -> None:
    found = themed(tmp_path, answers)
    rows = {row for row, _, _ in found.assignments}
    assert rows == {k for k, a in enumerate(answers) if a}
    assert sum(len(t.examples) for t in found.themes if t.id in (OTHER, UNPROCESSED)) == 0


def test_a_very_long_answer_and_two_thousand_comments_take_seconds(tmp_path: Path) -> None:
    said, _ = comments(2000)
    words = random.Random(1)
    said.append(
        " ".join(
            words.choice(["speeding", "farm", "youth", "x1", "zebra", "of"]) for _ in range(50_000)
        )
    )
    begun = time.monotonic()
    found = themed(tmp_path, said)
    assert time.monotonic() - begun < 20
    assert any(row == 2000 for row, _, _ in found.assignments)


FAMILIAR = Familiar(["The lights in Rugby are out.", "I saw it by Rugby. You see the dog run."] * 6)


@pytest.mark.parametrize(
    "said",
    [
        "Ring me on 07700 900123 about the lights in the park.",
        "My number is 01926 415000 if you want to talk about it.",
        "Write to someone@example.org about the lights please.",
        "See www.example.org for what happened in the park here.",
        "It happened at CV21 2AB again and again in the evening.",
        "The car AB12 CDE is parked on the pavement every day.",
        "I spoke to PC Jones about it and nothing was ever done.",
        "My neighbour Mrs Patel is afraid to go out in the dark.",
        "The reference was 20231 and nobody ever rang me back.",
        "I think that Darren next door is selling drugs to children.",
        "Darren next door sells drugs to the children of the street.",
        "Everyone knows that mcDonald sells them in the evening.",
        "x" * 301,
        "",
    ],
)
def test_what_could_name_or_reach_somebody_is_not_quoted(said: str) -> None:
    assert not quotable(said, FAMILIAR)


@pytest.mark.parametrize(
    "said",
    [
        "The lights in Rugby are out, and I've told them twice.",
        "See that the lights in the park are mended. I am afraid.",
        "سڑکوں پر تیز رفتاری بہت خطرناک ہے",
    ],
)
def test_ordinary_sentences_are_quoted(said: str) -> None:
    assert quotable(said, FAMILIAR)


def test_examples_are_whole_sentences_that_may_be_quoted(tmp_path: Path) -> None:
    said, _ = comments(300)
    said += [
        f"Speeding again. Ring Gwendolyn on 0770{k:07} about the speeding cars." for k in range(9)
    ]
    found = themed(tmp_path, said)
    quoted = [e for t in found.themes for e in t.examples]
    assert len(quoted) >= 5
    for example in quoted:
        assert len(example) <= 300
        assert example[-1] in ".!?"
        assert "Gwendolyn" not in example
        assert "0770" not in example
    for theme in found.themes:
        assert len(set(theme.examples)) == len(theme.examples) <= 3


def test_answers_that_say_nothing() -> None:
    for said in (
        "n/a",
        "N/A.",
        "none",
        "No comment",
        "asdfgh",
        "???",
        "aaaa",
        "hjkl",
        "Dim sylw",
        "🙂",
    ):
        assert text.says_nothing(said), said
    for said in (
        "No more parking",
        "Police",
        "Dim parcio yma",
        "ہاں",
        "Nothing is done about speeding",
    ):
        assert not text.says_nothing(said), said


@pytest.mark.parametrize(
    ("passage", "printed"),
    [
        ("More officers on foot in the evening would help.", True),
        ("I am 82 and the buses stop at six.", True),
        ("I am 82 and deaf, and nobody at the front desk could help.", False),
        ("As a nurse I come home late and I live near the station.", False),
        ("As a disabled woman I do not feel safe there.", False),
        ("My ex found out that I was pregnant.", False),
        ("Speeding on our road is out of hand.", True),
    ],
)
def test_what_few_people_are_together_is_not_quoted(passage: str, printed: bool) -> None:
    assert quotable(passage, Familiar([passage.lower()])) is printed
