"""Themes of very many comments: how fast, in what memory, here and on a Dask cluster.

    python -m benchmarks.scale [--texts 1000000] [--letters] [--cluster]

Invents comments (benchmarks/letters.py; 20,000 different ones, one or two of them in each row) or,
with --letters, the campaigns of benchmarks/campaigns.py, writes them to a CSV file, and runs the
command `themes` on it: read, redact, clean, sort, write. Memory is what all its processes have
together, shared pages counted once (PSS), looked at five times a second. With --cluster the same
is done by a Dask cluster on this machine, and the files are compared.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psutil

from benchmarks import campaigns
from benchmarks.letters import SUBJECTS, comment

POOL = 20_000


def comments(count: int) -> Iterator[str]:
    """Comments of one to four sentences."""
    dice = Random(1)  # noqa: S311  invents, hides nothing
    pool = [comment(dice, 12 + k % 20, SUBJECTS[k % len(SUBJECTS)]) for k in range(POOL)]
    for _ in range(count):
        one = dice.choice(pool)
        yield one if dice.random() < 0.5 else f"{one} {dice.choice(pool)}"


def write(file: Path, texts: Iterator[str]) -> float:
    """Write the file; returns how many letters a comment has on average."""
    letters = count = 0
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("id", "received_on", "comment"))
        for count, text in enumerate(texts, start=1):
            letters += len(text)
            writer.writerow((f"r{count}", f"2026-11-{1 + count % 28:02d}", text))
    return letters / count


def memory(process: psutil.Process) -> float:
    """Megabytes that a process and its children have together."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().pss
        except psutil.Error:
            continue  # it has just ended
    return total / 2**20


def themes(file: Path, out: Path, *more: str) -> tuple[float, float, float]:
    """Run the command: seconds, seconds of the processor, megabytes."""
    command = [sys.executable, "-m", "analysis", "themes", str(file), "--text", "comment"]
    before, began, peak = os.times(), time.perf_counter(), 0.0
    process = subprocess.Popen([*command, "-o", str(out), *more], stdout=subprocess.DEVNULL)  # noqa: S603  ours
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        peak = max(peak, memory(watched))
        time.sleep(0.2)
    if process.returncode:
        raise SystemExit(f"themes ended with {process.returncode}")
    used = os.times()
    cpu = used.children_user + used.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, cpu, peak


def measure(file: Path, folder: Path, count: int, letters: float, *, cluster: bool) -> None:
    """Run it, and print."""
    seconds, cpu, peak = themes(file, folder / "here")
    print(f"{count:,} comments of {letters:.0f} letters on {os.cpu_count()} cores")
    print(
        f"{seconds:.0f} s, {cpu:.0f} s of the processor, {count / cpu:,.0f} texts per core-second"
    )
    print(f"{peak:,.0f} MB in all its processes together")
    if not cluster:
        return
    from distributed import LocalCluster

    with LocalCluster(threads_per_worker=1, dashboard_address=None) as running:
        seconds, _, _ = themes(file, folder / "there", "--scheduler", running.scheduler_address)
    names = [f.name for f in sorted((folder / "here").iterdir())]
    here, there = ([(folder / w / n).read_bytes() for n in names] for w in ("here", "there"))
    print(
        f"{seconds:.0f} s on a Dask cluster; {'the same files' if here == there else 'OTHER FILES'}"
    )


def main() -> None:
    """Invent, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--letters", action="store_true")
    parser.add_argument("--cluster", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="consult-scale-") as name:
        folder = Path(name)
        texts = iter(campaigns.make(asked.texts, 1)[0]) if asked.letters else comments(asked.texts)
        file = folder / "responses.csv"
        letters = write(file, texts)
        measure(file, folder, asked.texts, letters, cluster=asked.cluster)


if __name__ == "__main__":
    main()
