"""Files larger than memory: the same themes with processes here and on a real Dask cluster."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from distributed import LocalCluster

from analysis import streaming, workers
from analysis.__main__ import cli
from analysis.errors import DataError
from analysis.progress import Progress
from benchmarks.letters import comment, copy, template

SUBJECTS = ("precept", "patrols", "rural", "speeding", "library", "fire")
ROWS = 900


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a scheduler with two workers, each a process of its own."""
    start: Any = LocalCluster  # it has no types
    with start(n_workers=2, threads_per_worker=1, dashboard_address=None) as running:
        yield str(running.scheduler_address)


@pytest.fixture(scope="module")
def responses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Comments on six things, forty copies of a letter, some that say nothing, some empty."""
    dice = Random(3)
    letter = copy(template("library", dice), dice)
    rows = []
    for k in range(ROWS):
        said = comment(dice, 15, SUBJECTS[k % 6])
        if k % 20 == 0:
            said = letter.replace(" the ", (" the ", " our ")[k % 3 == 0], 1)
        elif k % 50 == 7:
            said = "n/a" if k % 100 == 7 else ""
        rows.append((f"r{k}", f"2026-11-{1 + k % 28:02d}", said))
    file = tmp_path_factory.mktemp("large") / "responses.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("id", "received_on", "comment"), *rows])
    return file


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is large from 500 rows on, and its parts are small."""
    monkeypatch.setattr(streaming, "FROM", 500)
    monkeypatch.setattr(streaming, "SAMPLE", 600)
    monkeypatch.setattr(streaming, "PART", 170)


def themed(responses: Path, out: Path, *more: str) -> dict[str, bytes]:
    asked = ["themes", str(responses), "--text", "comment", "-o", str(out), *more]
    done = CliRunner().invoke(cli, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return {file.name: file.read_bytes() for file in sorted(out.iterdir())} | {
        "said": done.output.encode()
    }


def test_here_and_on_a_cluster_are_the_same_and_everybody_is_counted(
    responses: Path, cluster: str, tmp_path: Path
) -> None:
    here = themed(responses, tmp_path / "here")
    there = themed(responses, tmp_path / "there", "--scheduler", cluster)
    assert here == there
    assert b"900 responses: 9 without an answer" in here["said"]
    themes = json.loads(here["themes.json"])
    rows = list(csv.DictReader(here["assignments.csv"].decode().splitlines()))
    sizes = Counter(row["theme"] for row in rows)
    assert {t["id"]: t["size"] for t in themes} == dict(sizes)
    assert len({row["id"] for row in rows}) == 891
    apart = list(csv.DictReader(here["unprocessed.csv"].decode().splitlines()))
    assert {row["reason"] for row in apart} == {"says nothing"}
    assert sizes["unprocessed"] == len(apart) == 9
    assert 5 <= sum(t["parent"] != "" for t in themes) <= 20
    [letter] = json.loads(here["campaigns.json"])
    assert 40 <= letter["size"] <= 45
    assert letter["first_day"] <= "2026-11-03"
    # Copies of it are in sizes, and not in those without campaigns.
    alone = sum(t["size"] - t["size_without_campaigns"] for t in themes)
    assert alone >= letter["size"]
    assert sum(t["near_identical"] for t in themes) >= letter["size"] - 1
    groups = json.loads(here["groups.json"])
    of = {name: g["id"] for g in groups for name in g["themes"]}
    inside = Counter(g for i, g in {(r["id"], of.get(r["theme"])) for r in rows} if g)
    assert {g["id"]: g["size"] for g in groups} == dict(inside)


def test_the_same_themes_as_of_a_file_that_fits(
    responses: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "SAMPLE", ROWS)
    large = themed(responses, tmp_path / "large")
    monkeypatch.setattr(streaming, "FROM", 10_000)
    small = themed(responses, tmp_path / "small")
    labels = [{t["label"] for t in json.loads(found["themes.json"])} for found in (large, small)]
    assert len(labels[0] & labels[1]) >= 0.5 * len(labels[1])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,comment\n" + "".join(f"a,word {k}\n" for k in range(600)), "comes twice"),
        ("id,comment\n" + "".join(f"r{k},\n" for k in range(600)), "nobody has answered"),
        ("id,comment\n" + "".join(f",word {k}\n" for k in range(600)), "a row has no id"),
        ("id,other\n" + "".join(f"r{k},x\n" for k in range(600)), "no column"),
    ],
)
def test_a_large_file_that_cannot_be_used(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text)
    with pytest.raises(DataError, match=says):
        streaming.theme_file(file, "comment", tmp_path / "out")


def test_a_scheduler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "ANSWERS", "1s")
    with (
        pytest.raises(DataError, match="No Dask scheduler answers"),
        workers.mapping(max, 1, "tcp://127.0.0.1:1"),
    ):
        pass


class Terminal(io.StringIO):
    """A terminal that keeps what is written."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_how_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("analysis.progress.time.monotonic", lambda: now[0])
    out = Terminal()
    with Progress(out) as report:
        report(1, 10, "Reading")
        assert out.getvalue() == ""
        now[0] += 10
        report(5, 10, "Sorting")
        assert out.getvalue().endswith("Sorting: 50%, 10 seconds left")
        now[0] += 0.1
        report(6, 10, "Sorting")
        assert "60%" not in out.getvalue()
        now[0] += 1
        report(0, 0, "Finding themes")
        assert out.getvalue().rstrip().endswith("Finding themes")
    assert out.getvalue().endswith("\r")


def test_a_scheduler_is_not_asked_for_a_small_file(
    responses: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "FROM", 10_000)
    said = themed(responses, tmp_path / "small", "--scheduler", "tcp://127.0.0.1:1")["said"]
    assert b"With fewer than 10,000 rows nothing was sent to the scheduler." in said


def test_texts_that_come_again_are_read_once_and_written_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "REMEMBERED", 40)
    dice = Random(4)
    pool = [comment(dice, 15, SUBJECTS[k % 6]) for k in range(60)]
    said = [pool[k] if k < 60 else dice.choice(pool) for k in range(700)]
    file, out = tmp_path / "again.csv", tmp_path / "out"
    with file.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows(
            [("id", "comment"), *((f'r"{k}", 1', text) for k, text in enumerate(said))]
        )
    read: list[int] = []
    new = streaming._new

    def counted(*given: Any) -> Iterator[list[str]]:
        for texts in new(*given):
            read.append(len(texts))
            yield texts

    monkeypatch.setattr(streaming, "_new", counted)
    themed(file, out)
    assert 60 < sum(read) < 350  # each is read anew after all were forgotten
    rows = list(csv.DictReader((out / "assignments.csv").read_text().splitlines()))
    assert {row["id"] for row in rows} == {f'r"{k}", 1' for k in range(700)}
    of: dict[str, set[tuple[str, ...]]] = {}
    given: dict[str, list[str]] = {}
    for row in rows:
        given.setdefault(row["id"], []).append(f"{row['theme']} {row['score']}")
    for k, text in enumerate(said):
        of.setdefault(text, set()).add(tuple(given[f'r"{k}", 1']))
    assert all(len(same) == 1 for same in of.values())
