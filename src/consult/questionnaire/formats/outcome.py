"""What reading or writing a form brings: the form, and notes of what could not be carried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consult.errors import ConsultError


class FormatError(ConsultError):
    """A file that cannot be used: where, what is wrong, and what to do about it."""

    def __init__(self, place: str, what: str, remedy: str) -> None:
        self.place, self.what, self.remedy = place, what, remedy
        super().__init__(f"{place}: {what}. {remedy}")


@dataclass(frozen=True, order=True)
class Note:
    """Something that was not carried over, or not as it was."""

    place: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}. {self.why}"


@dataclass(frozen=True)
class Imported:
    """A form in our own file format, as plain data, and what the reader has to say of it."""

    definition: dict[str, Any]
    words: dict[str, dict[str, Any]]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Exported:
    """A survey as a file of another format, and what that format cannot say."""

    content: bytes
    notes: tuple[Note, ...]


class Notebook:
    """Notes as they are made; what reads the same is noted once."""

    def __init__(self) -> None:
        self._notes: dict[Note, None] = {}

    def add(self, place: str, what: str, why: str) -> None:
        """Note something."""
        self._notes[Note(place, what, why)] = None

    def gathered(self, what: str, why: str, places: Mapping[str, None] | list[str]) -> None:
        """Note one thing that holds in several places, as one note."""
        names = list(places)
        if names:
            more = f" and {len(names) - 8} more" if len(names) > 8 else ""
            self.add(", ".join(names[:8]) + more, what, why)

    @property
    def notes(self) -> tuple[Note, ...]:
        """All of them, in the order they were made."""
        return tuple(self._notes)
