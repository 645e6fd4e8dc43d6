"""What is coded: comments, readings of them, frames, assignments, quotations. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from consult.coding.frame import Frame


@dataclass(frozen=True)
class Place:
    """What is coded: a survey's question, for as long as its answers mean the same.

    ``since`` is the version that this meaning began with. It stays, while the question's name in
    the dataset is another once a later version means something else by it.
    """

    slug: str
    question: str
    since: int = 1

    def __str__(self) -> str:
        return f"{self.slug} {self.question} v{self.since}"

    @classmethod
    def of(cls, text: str) -> Place:
        """The place that a text names."""
        slug, _, rest = text.partition(" ")
        question, _, since = rest.partition(" v")
        return cls(slug, question, int(since) if since.isdecimal() and len(since) < 6 else 0)

    @property
    def said(self) -> str:
        """Which question, for people."""
        later = f", since version {self.since}" if self.since > 1 else ""
        return f"{self.question} of {self.slug}{later}"

    def entry(self, book: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Its entry in the codebook, whose ``id`` is its name in the dataset."""
        for entry in book["questions"]:
            if (entry["question"], entry["versions"][0]) == (self.question, self.since):
                return dict(entry)
        return None


@dataclass(frozen=True)
class Comment:
    """An answer without personal data; ``first`` is the comment that it is a copy of.

    ``asked`` is the question that it answers, empty for that whose frame it is coded by.
    """

    id: UUID
    text: str
    received_on: date | None = None
    first: UUID | None = None
    apart: str = ""
    themes: tuple[str, ...] = ()
    asked: str = ""
    #: The response whose answer it is; None where they have one id.
    of: UUID | None = None

    @property
    def response(self) -> UUID:
        """The response whose answer it is."""
        return self.of or self.id


def candidate(reading: int, theme: str) -> str:
    """What a code keeps of a candidate that it was made of: another reading's is another one."""
    return f"{reading} {theme}"


@dataclass(frozen=True)
class Reading:
    """What a machine made of the comments on a question; its themes say whose they are."""

    number: int
    at: datetime
    by: str
    reconciled: str
    themes: tuple[Mapping[str, Any], ...]
    campaigns: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Revision:
    """A code frame after a change."""

    number: int
    frame: Frame
    summary: str
    by: str
    at: datetime
    state_of: int = 0
    undo_to: int | None = None
    signed: bool = False
    agreement: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Assignment:
    """What a comment was coded as. ``by`` is empty for the machine."""

    comment: UUID
    codes: tuple[str, ...]
    by: str
    frame: int
    confidence: float | None
    at: datetime


@dataclass(frozen=True)
class Quotation:
    """A passage that may be published under a code."""

    comment: UUID
    code: str
    text: str
    by: str
