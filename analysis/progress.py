"""How far a long run is, and how long it will still take, on a terminal."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

Report = Callable[[int, int, str], None]
"""Takes how much is done, of how much, and of what."""

AFTER, EVERY = 2.0, 0.5
"""Seconds after which anything is said, and between two words on it."""


def silent(done: int, of: int, doing: str) -> None:
    """Says nothing."""


class Progress:
    """Says on stderr how far something is, where that is a terminal and it takes long."""

    def __init__(self, out: TextIO = sys.stderr) -> None:
        self._out, self._told, self._width = out, 0.0, 0
        self._began = time.monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._width:
            self._out.write("\r" + " " * self._width + "\r")
            self._out.flush()

    def __call__(self, done: int, of: int, doing: str) -> None:
        """`done` of `of` is done, of what `doing` says; 0 of 0 where nobody can tell."""
        now = time.monotonic()
        if not self._out.isatty() or now - self._began < AFTER or now - self._told < EVERY:
            return
        self._told = now
        line = f"{doing}: {100 * done // of}%{_left(now - self._began, done, of)}" if of else doing
        self._out.write("\r" + line.ljust(self._width))
        self._out.flush()
        self._width = len(line)


def _left(seconds: float, done: int, of: int) -> str:
    if done * 20 < of:
        return ""
    left = seconds * (of - done) / done
    return f", {left:.0f} seconds left" if left < 90 else f", {left / 60:.0f} minutes left"
