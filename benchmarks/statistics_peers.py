"""The peers' part of the benchmark of statistics, run by an interpreter that has them.

    PEER_PYTHON benchmarks/statistics_peers.py rake|tables FOLDER

Prints JSON: seconds by name, or in words why there are none. Imports nothing of ours. Each peer is
called as its documentation says, on a polars frame of the same codes.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

TOLERANCE = 1e-9


def timed(work: Callable[[], str], turns: int) -> dict[str, Any]:
    """Median seconds; the last turn's note."""
    note = work() if turns > 1 else ""
    found = []
    for _ in range(turns):
        clock, cpu = time.perf_counter(), time.process_time()
        note = work()
        found.append((time.process_time() - cpu, time.perf_counter() - clock))
    return {
        "cpu": statistics.median(f[0] for f in found),
        "wall": statistics.median(f[1] for f in found),
        "note": note,
    }


def met(frame: pl.DataFrame, totals: list[Any], weights: Any) -> str:
    """The largest relative distance from a margin."""
    weights = weights / weights.sum() * totals[0].sum()
    sums = [np.bincount(frame[f"m{m}"], weights) for m in range(len(totals))]
    gap = max(np.abs(s / t - 1).max() for s, t in zip(sums, totals, strict=True))
    return f"margins met to {gap:.0e}"


def rake(folder: Path) -> dict[str, Any]:
    """Raking of 10⁶ rows to five margins."""
    totals = [np.load(folder / f"totals{m}.npy") for m in range(5)]
    codes = {f"m{m}": np.load(folder / f"codes{m}.npy") for m in range(5)}
    frame = pl.DataFrame(codes)
    found: dict[str, Any] = {}
    try:
        import rimpy  # type: ignore[import-not-found]  # a peer, not a dependency
    except ImportError as error:
        found["rimpy"] = f"left out: {error}"
    else:
        shares = {f"m{m}": dict(enumerate((t / t.sum()).tolist())) for m, t in enumerate(totals)}

        def by_rimpy() -> str:
            done = rimpy.rake(frame, shares, convergence_threshold=TOLERANCE)
            return met(frame, totals, done["weight"].to_numpy())

        found[f"rimpy {version('rimpy')}"] = timed(by_rimpy, 5)
    try:
        import svy  # type: ignore[import-not-found]  # a peer, not a dependency
    except ImportError as error:
        found["svy"] = f"left out: {error}"
    else:
        controls = {f"m{m}": dict(enumerate(t.tolist())) for m, t in enumerate(totals)}
        sample = svy.Sample(frame.with_columns(w=pl.lit(1.0)), svy.Design(wgt="w"))

        def by_svy(tolerance: float) -> str:
            done = sample.weighting.rake(controls=controls, tol=tolerance, wgt_name="raked")
            return met(frame, totals, done.data["raked"].to_numpy())

        for tolerance, name in ((TOLERANCE, ""), (1e-4, " at its default")):
            found[f"svy {version('svy')}{name}"] = timed(partial(by_svy, tolerance), 3)
    return found


def tables(folder: Path) -> dict[str, Any]:
    """One of 100 questions by group with standard errors, times 100."""
    try:
        import svy
    except ImportError as error:
        return {"svy": f"left out: {error}"}
    held = np.load(folder / "answers.npz")
    frame = pl.DataFrame({name: held[name] for name in ("g", "w", "q0")})
    # Code 5 is no answer.
    frame = frame.with_columns(pl.when(pl.col("q0") < 5).then("q0"))
    sample = svy.Sample(frame, svy.Design(wgt="w"))

    def one() -> str:
        sample.estimation.prop("q0", by="g", drop_nulls=True)
        return "one question, times 100"

    took = timed(one, 1)
    return {f"svy {version('svy')}": {**took, "cpu": took["cpu"] * 100, "wall": took["wall"] * 100}}


def version(name: str) -> str:
    """Of an installed package."""
    from importlib import metadata

    return metadata.version(name)


if __name__ == "__main__":
    print(json.dumps({"rake": rake, "tables": tables}[sys.argv[1]](Path(sys.argv[2]))))
