"""Parts of the command line, and what they share."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from consult.errors import ConsultError

Result = TypeVar("Result")


def run_async(work: Coroutine[Any, Any, Result]) -> Result:
    """What ``work`` comes to."""
    return asyncio.run(work)


def write_text(file: Path, text: str) -> None:
    """Write a text as it is, its folder too. Raises ConsultError."""
    write_bytes(file, text.encode())  # no translation of line ends: bytes are compared


def write_bytes(file: Path, content: bytes) -> None:
    """Write a file, its folder too. Raises ConsultError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise ConsultError(f"{file} cannot be written: {error.strerror}.") from None


def only(file: Path, endings: set[str]) -> None:
    """Refuse a file of another ending."""
    if file.suffix.lower() not in endings:
        known = " or ".join(sorted(endings))
        raise click.UsageError(f"'{file.name}': this command takes {known} files.")
