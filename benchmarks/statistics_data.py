"""Invented data for the benchmark of statistics, the same for us and for its peers.

As a program: `above FOLDER` prints the bytes of memory that raking the margins kept in a folder
takes above them; `csv FILE ROWS` writes a file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]

SIZES = (5, 7, 2, 6, 4)
"""Categories of each margin: district, age, sex, ethnicity, tenure."""
IN_FILE = 10
"""Questions in the CSV."""


def margins(rows: int, *, related: bool) -> tuple[list[Codes], list[Floats]]:
    """Codes and totals of five margins; `related` ones depend on one another as people's do."""
    draw = np.random.default_rng(1)
    hidden = draw.standard_normal(rows) if related else None
    codes, totals = [], []
    for size in SIZES:
        cuts = np.cumsum(draw.dirichlet([4] * size))[:-1]
        edges = np.quantile(draw.standard_normal(10_000), cuts)
        value = draw.standard_normal(rows)
        if hidden is not None:
            value = 0.6 * hidden + 0.8 * value
        codes.append(np.searchsorted(edges, value).astype(np.uint8))
        shares = np.bincount(codes[-1], minlength=size) / rows * draw.uniform(0.6, 1.6, size)
        totals.append(shares / shares.sum() * rows)
    return codes, totals


def keep(folder: Path, codes: list[Codes], totals: list[Floats]) -> None:
    """Write margins for another process."""
    for m, (code, total) in enumerate(zip(codes, totals, strict=True)):
        np.save(folder / f"codes{m}.npy", code)
        np.save(folder / f"totals{m}.npy", total)


def kept(folder: Path) -> tuple[list[Codes], list[Floats]]:
    """Read them again."""
    places = range(len(list(folder.glob("codes*.npy"))))
    return (
        [np.load(folder / f"codes{m}.npy") for m in places],
        [np.load(folder / f"totals{m}.npy") for m in places],
    )


def answers(rows: int, questions: int, groups: int) -> tuple[Codes, list[Codes], list[int], Floats]:
    """Groups, answers to questions of five options (some left blank), their sizes, and weights."""
    draw = np.random.default_rng(2)
    of = draw.integers(0, groups, rows, dtype=np.uint8)
    asked = [draw.integers(0, 6, rows, dtype=np.uint8) for _ in range(questions)]
    return of, asked, [5] * questions, draw.uniform(0.3, 3, rows)


def csv(path: Path, rows: int) -> Path:
    """A file of responses: id, weight, two groups and ten questions, in words."""
    draw = np.random.default_rng(3)
    words = ["very good", "fairly good", "fairly poor", "very poor", "don't know"]
    step = 1_000_000
    with path.open("wb") as file:
        for start in range(0, rows, step):
            n = min(step, rows - start)
            frame = pl.DataFrame(
                {
                    "id": np.arange(start, start + n),
                    "w": draw.uniform(0.3, 3, n).round(2),
                    "district": [f"district {k}" for k in draw.integers(0, 5, n)],
                    "age": draw.integers(0, 7, n).astype(str),
                    **{
                        f"q{k}": pl.Series(words).gather(draw.integers(0, 5, n))
                        for k in range(IN_FILE)
                    },
                }
            )
            frame.write_csv(file, include_header=start == 0)
    return path


def peak() -> int:
    """Bytes of memory that this process has ever held; 0 where the system does not say.

    `getrusage` would not do: on Linux a process starts from the peak of the one that started it.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def above(folder: Path) -> int:
    """Bytes above the data, after a small turn that loads what is needed once."""
    from analysis.weighting import rake

    small: tuple[Any, Any] = margins(1000, related=True)
    rake(*small)
    codes, totals = kept(folder)
    before = peak()
    rake(codes, totals)
    return peak() - before


if __name__ == "__main__":
    if sys.argv[1] == "above":
        print(above(Path(sys.argv[2])))
    else:
        csv(Path(sys.argv[2]), int(sys.argv[3]))
