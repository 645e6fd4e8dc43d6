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
    """A survey's question, by its name in the dataset: what is coded."""

    slug: str
    question: str

    def __str__(self) -> str:
        return f"{self.slug} {self.question}"

    @classmethod
    def of(cls, text: str) -> Place:
        """The place that a text names."""
        slug, _, question = text.partition(" ")
        return cls(slug, question)


@dataclass(frozen=True)
class Comment:
    """An answer without personal data; ``first`` is the comment that it is a copy of."""

    id: UUID
    text: str
    received_on: date | None = None
    first: UUID | None = None
    apart: str = ""
    themes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a machine made of the comments on a question."""

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
