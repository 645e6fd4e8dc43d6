"""Disclosure control of whole releases: how long it takes beside making their tables.

python -m benchmarks.release [--questions 40] [--areas 30] [--answers 5]

Every question is broken down by area (of very different sizes) and by a question of three answers,
and has two nets unless --without-nets says otherwise.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

import numpy as np
import polars as pl

from analysis import crosstabs, dataset, disclosure, weighting
from analysis.programme import Programme

PEOPLE = (4, 12, 60, 500, 5_000, 50_000)


def responses(people: int, questions: int, areas: int, answers: int, folder: Path) -> Path:
    """A file of invented answers, some far commoner than others."""
    dice = np.random.default_rng(people)
    sizes = 1 / np.arange(1, areas + 1)
    columns = {
        "id": np.arange(people),
        "area": dice.choice([f"area {k}" for k in range(areas)], people, p=sizes / sizes.sum()),
        "victim": dice.choice(["yes", "no", "not said"], people, p=[0.2, 0.7, 0.1]),
    }
    codes = [f"answer {k}" for k in range(answers)]
    for k in range(questions):
        columns[f"q{k}"] = dice.choice(codes, people, p=dice.dirichlet(np.ones(answers)))
    path = folder / "responses.csv"
    pl.DataFrame(columns).write_csv(path)
    return path


def codebook(questions: int, answers: int, folder: Path) -> Path:
    """The questions, each with its first and its last two answers as nets."""
    codes = [f"answer {k}" for k in range(answers)]
    nets = [{"id": "first", "codes": codes[:2]}, {"id": "last", "codes": codes[-2:]}]
    asked = [
        {
            "id": f"q{k}", "type": "scale", "columns": [{"name": f"q{k}"}],
            "options": [{"code": code} for code in codes], "nets": nets,
        }
        for k in range(questions)
    ]  # fmt: skip
    path = folder / "codebook.json"
    path.write_text(json.dumps({"format": 1, "questions": asked}), encoding="utf-8")
    return path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--areas", type=int, default=30)
    parser.add_argument("--answers", type=int, default=5)
    parser.add_argument("--without-nets", action="store_true")
    given = parser.parse_args()
    solved = 0
    best = Programme.best

    def counted(self: Programme, *goal: np.ndarray) -> np.ndarray:
        nonlocal solved
        solved += 1
        return best(self, *goal)

    patch.object(Programme, "best", counted).start()
    print(
        f"{'people':>8} {'tables':>8} {'release':>8} {'ratio':>7} {'programmes':>11} {'hidden':>7}"
    )
    for people in PEOPLE:
        with tempfile.TemporaryDirectory() as folder:
            path = responses(people, given.questions, given.areas, given.answers, Path(folder))
            book = codebook(given.questions, given.answers, Path(folder))
            read = dataset.read(path, None if given.without_nets else book)
            data = weighting.unweighted(read)
        wanted = [(f"q{k}", ("area", "victim")) for k in range(given.questions)]
        solved = 0
        start = time.perf_counter()
        tables = crosstabs.tables(data, wanted)
        made = time.perf_counter()
        released = disclosure.release(tables)
        done = time.perf_counter()
        rows = [row for table in released for row in table.rows()]
        hidden = sum(row["suppressed"] for row in rows) / len(rows)
        print(
            f"{people:>8,} {made - start:>7.2f}s {done - made:>7.2f}s "
            f"{(done - made) / (made - start):>7.1f} {solved:>11} {hidden:>7.0%}"
        )


if __name__ == "__main__":
    main()
