"""A command of ours as a child process: what it took of the processor and of memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Cost:
    """What one run took, its own children's included."""

    cpu: float
    wall: float
    peak: float
    """Megabytes. Linux starts a child's count at its parent's memory: measure from a small one."""


def run(*arguments: str) -> Cost:
    """Run ``python …`` from the project's folder to its end."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT)  # noqa: S603  our own command
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"python {' '.join(arguments)} ended with {process.returncode}")
    wall = time.perf_counter() - began
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)
