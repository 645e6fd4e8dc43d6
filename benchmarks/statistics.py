"""What weighting and tables cost, beside their peers and beside plain numpy, in one run.

    python -m benchmarks.statistics [rake] [tables] [large] [file] [--peer-python PATH]

`rake` weights 10⁶ rows to five margins, `tables` makes 100 questions × 30 groups with standard
errors on 10⁶ rows, `large` weights 10⁷ rows beside a copy of memory, `file` tabulates a CSV of
10⁷ rows. `--peer-python` is an interpreter that has svy or rimpy; they are no dependencies, and
are left out where it has none. Needs 8 GB of memory and, for `file`, 1 GB of temporary disk.

All figures are medians of several turns. CPU time counts all threads.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.estimates.moments import moments
from analysis.weighting import rake
from benchmarks import statistics_data as data

PARTS = ("rake", "tables", "large", "file")
DATA = (sys.executable, "-m", "benchmarks.statistics_data")
STREAMED = 33
"""Bytes a row: five codes read, a place of 2 written and read twice, a weight of 8 written, and
each written line fetched before it is written."""


def timed(work: Callable[[], Any], turns: int) -> tuple[float, float]:
    """Median seconds of CPU and of the clock, after one turn that does not count."""
    work()
    found = []
    for _ in range(turns):
        clock, cpu = time.perf_counter(), time.process_time()
        work()
        found.append((time.process_time() - cpu, time.perf_counter() - clock))
    return statistics.median(f[0] for f in found), statistics.median(f[1] for f in found)


def show(what: str, cpu: float | None, wall: float | None, beside: str = "") -> None:
    """A line of the table."""
    times = "".join(f"{1000 * t:>12,.1f}" if t is not None else " " * 12 for t in (cpu, wall))
    print(f"{what:<46}{times}   {beside}", flush=True)


def head(title: str) -> None:
    """A part's heading."""
    print(f"\n{title:<46}{'CPU ms':>12}{'wall ms':>12}")


def peers(python: str | None, part: str, folder: Path) -> dict[str, Any]:
    """What the peers took on the files in `folder`: seconds by name, or why not."""
    if python is None:
        return {"peers": "left out: give --peer-python"}
    done = subprocess.run(  # noqa: S603  an interpreter that the caller named
        [python, "-P", str(Path(__file__).with_name("statistics_peers.py")), part, str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return {"peers": f"failed: {done.stderr.strip().splitlines()[-1:]}"}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def beside(found: dict[str, Any], cpu: float, wall: float) -> None:
    """The peers' lines."""
    for name, took in found.items():
        if isinstance(took, str):
            print(f"  {name}: {took}")
        else:
            ratio = f"{took['cpu'] / cpu:,.0f} × CPU, {took['wall'] / wall:,.0f} × wall"
            show(f"  {name}", took["cpu"], took["wall"], f"{ratio}; {took['note']}")


def part_rake(python: str | None) -> None:
    """10⁶ rows, five margins, for raking's two cases: answers by chance, and as people's are."""
    for related in (False, True):
        codes, totals = data.margins(1_000_000, related=related)
        head(f"rake 10⁶ rows, margins {'related' if related else 'independent'}")
        work = partial(rake, codes, totals)
        # Before and after the peers, as other work on the machine comes and goes.
        before = timed(work, 40)
        with tempfile.TemporaryDirectory() as folder:
            data.keep(Path(folder), codes, totals)
            found = peers(python, "rake", Path(folder))
        after = timed(work, 40)
        cpu, wall = ((a + b) / 2 for a, b in zip(before, after, strict=True))
        show("analysis.weighting.rake", cpu, wall, f"margins met to {met(codes, totals, work())}")
        beside(found, cpu, wall)


def met(codes: list[Any], totals: list[Any], weights: Any) -> str:
    """The largest relative distance from a margin."""
    sums = [np.bincount(c, weights) for c in codes]
    return f"{max(np.abs(s / t - 1).max() for s, t in zip(sums, totals, strict=True)):.0e}"


def part_tables(python: str | None) -> None:
    """100 questions × 30 groups with standard errors on 10⁶ rows."""
    rows = 1_000_000
    groups, questions, sizes, weights = data.answers(rows, 100, 30)

    def ours() -> None:
        for found in moments(groups, 30, questions, sizes, weights):
            found.shares()
            found.errors(rows)

    def plain() -> None:
        """The same sums, a question at a time: rows, Σw and Σw² of each group and answer."""
        squares = weights * weights
        start = groups.astype(np.intp)
        for codes, size in zip(questions, sizes, strict=True):
            place = start * (size + 1) + codes
            for w in (None, weights, squares):
                np.bincount(place, w, minlength=31 * (size + 1))

    head("100 questions × 30 groups, 10⁶ rows")
    cpu, wall = timed(ours, 5)
    show("analysis.estimates.moments, with errors", cpu, wall)
    other = timed(plain, 5)
    ratio = f"ours is {cpu / other[0]:.2f} of its CPU, {wall / other[1]:.2f} of its wall"
    show("  numpy.bincount, the sums alone", *other, ratio)
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "answers.npz", g=groups, w=weights, q0=questions[0])
        beside(peers(python, "tables", Path(folder)), cpu, wall)


def part_large(python: str | None) -> None:
    """10⁷ rows: the clock beside the memory's, and the memory above the data."""
    rows = 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        codes, totals = data.margins(rows, related=True)
        data.keep(Path(folder), codes, totals)
        head("rake 10⁷ rows, margins related")
        cpu, wall = timed(lambda: rake(codes, totals), 7)
        show("analysis.weighting.rake", cpu, wall)
        # A copy reads as much as it writes, so half of the bytes are copied. `fresh` goes into
        # memory that the system has just given, as our weights do; `old` into the same each time.
        some = np.ones(rows * STREAMED // 2 // 8)
        target = np.empty_like(some)
        for name, work in (
            ("fresh memory", some.copy),
            ("memory in use", lambda: np.copyto(target, some)),
        ):
            copied = timed(work, 15)
            gigabytes = rows * STREAMED / copied[1] / 1e9
            told = f"{gigabytes:.1f} GB/s; ours takes {wall / copied[1]:.2f} × its wall"
            show(f"  {STREAMED} bytes a row, copied to {name}", *copied, told)
        above = int(
            subprocess.run(  # noqa: S603  ourselves, so that nothing else is in memory
                [*DATA, "above", folder],
                capture_output=True, text=True, check=True,
            ).stdout
        )  # fmt: skip
        print(f"  peak memory above the data: {above / rows:.1f} bytes a row")


def part_file(python: str | None) -> None:
    """10⁷ rows of CSV through the command line."""
    rows = 10_000_000
    head("tabulate 10⁷ rows of CSV")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "responses.csv"
        # A process starts from the peak of the one that started it, so this one stays small.
        subprocess.run([*DATA, "csv", str(path), str(rows)], check=True)  # noqa: S603  ourselves
        asked = ",".join(f"q{k}" for k in range(data.IN_FILE))
        for mode in ("open", "sample"):
            command = [
                sys.executable, "-m", "analysis", "tabulate", str(path), "--questions", asked,
                "--by", "district,age", "--weight", "w", "--mode", mode, "-o", f"{folder}/t.csv",
            ]  # fmt: skip
            began = time.perf_counter()
            child = subprocess.Popen(command)  # noqa: S603  our own command
            _, status, used = os.wait4(child.pid, 0)
            wall = time.perf_counter() - began
            if status:
                raise SystemExit(f"tabulate failed: {status}")
            size = path.stat().st_size / 1e9
            told = f"peak {peak(used) / 1e9:.2f} GB for a file of {size:.2f} GB"
            show(f"analysis tabulate --mode {mode}", used.ru_utime + used.ru_stime, wall, told)
        one = timed(lambda: pl.scan_csv(path).select(pl.len()).collect(), 1)
        show("  polars, counting the rows alone", *one)


def peak(used: resource.struct_rusage) -> int:
    """Bytes; Linux counts kilobytes."""
    return used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="|".join(PARTS))
    parser.add_argument("--peer-python", metavar="PATH")
    called = parser.parse_args()
    if unknown := set(called.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    parts = called.parts or PARTS
    if len(parts) == 1:
        globals()[f"part_{parts[0]}"](called.peer_python)
        return
    peer = ["--peer-python", called.peer_python] if called.peer_python else []
    for part in parts:
        command = [sys.executable, "-m", "benchmarks.statistics", part, *peer]
        subprocess.run(command, check=True)  # noqa: S603  ourselves, a fresh process a part


if __name__ == "__main__":
    main()
