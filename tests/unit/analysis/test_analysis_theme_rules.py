"""The four rules that themes keep, on every set of texts there is and on random comments."""

import csv
import os
import subprocess
import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest
from analysis_files import write_csv
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import dataset, naming, outline, themes, weighting
from analysis.themes import OTHER, UNPROCESSED, ThemedDataset

TEXTS = Path(__file__).resolve().parents[4] / "shared" / "data" / "text"
MOST = 700
"""Answers of a set that are read, spread over it."""


def themed(folder: Path, answers: Sequence[str], count: int | None = None) -> ThemedDataset:
    rows = [{"id": k, "text": said} for k, said in enumerate(answers)]
    path = write_csv(folder / "r.csv", rows)
    return themes.theme(weighting.unweighted(dataset.read(path)), "text", count)


def check(found: ThemedDataset) -> None:
    """The four rules, and the tree."""
    own = [t for t in found.themes if t.id not in (OTHER, UNPROCESSED)]
    members: dict[str, set[int]] = {t.id: set() for t in found.themes}
    for row, name, _ in found.assignments:
        members[name].add(row)
    assert len(own) <= outline.MOST
    least = max(outline.SMALLEST, outline.SMALLEST_SHARE * found.answered)
    assert all(t.size >= least for t in own)
    for one, other in combinations(own, 2):
        assert naming.similarity(one.label, other.label) < outline.NAMES_ALIKE
        both = members[one.id] & members[other.id]
        smaller = min(len(members[one.id]), len(members[other.id]))
        assert len(both) < outline.SAME_MEMBERS * smaller
    assert set().union(*members.values(), set()) == {r for r, _, _ in found.assignments}
    for group in found.groups:
        assert {t.id for t in own if t.parent == group.id} == set(group.themes)
        assert group.size == len(set().union(*(members[t] for t in group.themes)))
    assert sum(len(g.themes) for g in found.groups) == len(own)
    assert all(t.label == t.label.strip() for t in own)
    assert all(t.alone <= t.size for t in found.themes)


def texts(name: str) -> list[str]:
    folder = TEXTS / name
    file = folder / ("titles.csv" if name == "uk_petition_titles" else f"{name}.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        said = [row["text"] for row in csv.DictReader(lines)]
    return said[:: max(1, len(said) // MOST)]


@pytest.mark.parametrize(
    "name",
    [
        "patient_experience", "banking77", "polis_open", "presidio_synth_v2",
        "themefinder_gambling_xs", "uk_petition_titles",
    ],
)  # fmt: skip
def test_the_rules_hold_on_every_set(name: str, tmp_path: Path) -> None:
    found = themed(tmp_path, texts(name))
    check(found)
    assert 3 <= sum(bool(t.parent) for t in found.themes) <= 70
    for label in [t.label for t in found.themes] + [g.label for g in found.groups]:
        assert naming.SHORTEST <= len(label.split()) <= naming.LONGEST, label


def test_as_many_themes_as_asked_for_have_distinct_names(tmp_path: Path) -> None:
    found = themed(tmp_path, texts("banking77"), count=30)
    labels = [t.label for t in found.themes if t.parent]
    assert len(labels) == len(set(labels)) >= 28


def test_two_processes_give_the_same_bytes(tmp_path: Path) -> None:
    rows = [{"id": k, "text": said} for k, said in enumerate(texts("patient_experience")[:300])]
    path = write_csv(tmp_path / "r.csv", rows)
    for seed in ("1", "2"):
        out = str(tmp_path / seed)
        command = [
            sys.executable,
            "-m",
            "analysis",
            "themes",
            str(path),
            "--text",
            "text",
            "-o",
            out,
        ]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": seed})
    for one in sorted((tmp_path / "1").iterdir()):
        assert one.read_bytes() == (tmp_path / "2" / one.name).read_bytes(), one.name


SOME = (
    "police speeding cars village farm theft officer call waiting Rugby bins dark lights İ 101 the"
    " of not safe ÉCOLE school £5 nothing we need more nos"
)
WORDS = st.sampled_from(SOME.split())
COMMENTS = st.lists(
    st.one_of(st.lists(WORDS, min_size=1, max_size=90).map(" ".join), st.text(max_size=60)),
    min_size=1,
    max_size=60,
)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(COMMENTS)
def test_the_rules_hold_on_random_comments(tmp_path: Path, answers: list[str]) -> None:
    path = tmp_path / "r.csv"
    write_csv(path, [{"id": k, "text": said} for k, said in enumerate(answers)])
    check(themes.theme(weighting.unweighted(dataset.read(path)), "text"))
