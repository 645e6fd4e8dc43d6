"""Table classes of coding. They hold rows and never validate."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

import consult.tables  # noqa: F401  the tables these refer to, and how constraints are named

#: What tells a comment from all others.
OF_COMMENT = ("survey_slug", "question", "since", "comment_id")


def _survey() -> Column[str]:
    return Column(String(80), ForeignKey("survey.slug"), primary_key=True)


def _question() -> Column[str]:
    return Column(String(100), primary_key=True)


def _since() -> Column[int]:
    """The version that the question's meaning began with: what is coded belongs to a meaning."""
    return Column(Integer, primary_key=True, autoincrement=False)


class CommentRow(SQLModel, table=True):
    """An answer in somebody's own words, without names, addresses and numbers of people.

    A trigger deletes it, and with it what it was coded as, when its answer changes or is taken
    back: nothing may tell later what it said. It is kept with the question whose frame it is coded
    by; ``asked`` is the one it answers, ``comment_id`` the response's own where both are the same.
    """

    __tablename__ = "comment"

    survey_slug: str = Field(sa_column=_survey())
    question: str = Field(sa_column=_question())
    since: int = Field(sa_column=_since())
    comment_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    response_id: UUID = Field(
        sa_column=Column(
            Uuid, ForeignKey("response.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    asked: str = Field(sa_column=Column(String(100), nullable=False))
    text: str = Field(sa_column=Column(Text, nullable=False))
    received_on: date | None = Field(sa_column=Column(Date, nullable=True))
    #: The comment that it is a copy of.
    first: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
    #: Why it cannot be read; empty where it can.
    apart: str = Field(sa_column=Column(String(20), nullable=False, server_default=""))
    #: The candidate themes that it is in, the likeliest first.
    themes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


class ReadingRow(SQLModel, table=True):
    """What a machine made of all comments on a question: candidates, for people to judge."""

    __tablename__ = "reading"

    survey_slug: str = Field(sa_column=_survey())
    question: str = Field(sa_column=_question())
    since: int = Field(sa_column=_since())
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    actor: str = Field(sa_column=Column(String(254), nullable=False))
    reconciled: str = Field(sa_column=Column(Text, nullable=False))
    themes: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    #: Letters that many sent, as campaigns.json has them.
    campaigns: list[Any] = Field(sa_column=Column(JSONB, nullable=False))


class FrameRow(SQLModel, table=True):
    """A code frame after one change. ``undo_to`` is the state that taking it back leads to.

    ``state_of`` is the change that it is the state of: its own, or one that taking others back
    has led to.
    """

    __tablename__ = "code_frame"

    survey_slug: str = Field(sa_column=_survey())
    question: str = Field(sa_column=_question())
    since: int = Field(sa_column=_since())
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    summary: str = Field(sa_column=Column(Text, nullable=False))
    actor: str = Field(sa_column=Column(String(254), nullable=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state_of: int = Field(sa_column=Column(Integer, nullable=False))
    undo_to: int | None = Field(sa_column=Column(Integer, nullable=True))
    signed: bool = Field(sa_column=Column(Boolean, nullable=False))
    #: How far people, and machine and people, agreed when it was signed.
    agreement: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))


class AssignmentRow(SQLModel, table=True):
    """What a comment was coded as, once: by a person, or (no ``actor``) by the machine.

    The newest that was not undone counts. ``blind`` is of the check sample: whoever
    coded it did not know what the machine or anybody else said.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        ForeignKeyConstraint(
            OF_COMMENT,
            [f"comment.{name}" for name in OF_COMMENT],
            ondelete="CASCADE",
        ),
        Index("ix_assignment_comment", *OF_COMMENT),
        Index("ix_assignment_action", "action"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    survey_slug: str = Field(sa_column=Column(String(80), nullable=False))
    question: str = Field(sa_column=Column(String(100), nullable=False))
    since: int = Field(sa_column=Column(Integer, nullable=False))
    comment_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    actor: str | None = Field(sa_column=Column(String(254), nullable=True))
    blind: bool = Field(sa_column=Column(Boolean, nullable=False))
    #: The revision of the frame that it was coded by.
    frame: int = Field(sa_column=Column(Integer, nullable=False))
    confidence: float | None = Field(sa_column=Column(Float, nullable=True))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    #: What was done at once is undone at once.
    action: UUID = Field(sa_column=Column(Uuid, nullable=False))
    undone: bool = Field(sa_column=Column(Boolean, nullable=False))


class QuotationRow(SQLModel, table=True):
    """A passage of a comment that may be published under a code, and who approved it."""

    __tablename__ = "quotation"
    __table_args__ = (
        ForeignKeyConstraint(
            OF_COMMENT,
            [f"comment.{name}" for name in OF_COMMENT],
            ondelete="CASCADE",
        ),
    )

    survey_slug: str = Field(sa_column=Column(String(80), primary_key=True))
    question: str = Field(sa_column=_question())
    since: int = Field(sa_column=_since())
    comment_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    code: str = Field(sa_column=Column(String(20), primary_key=True))
    text: str = Field(sa_column=Column(Text, nullable=False))
    actor: str = Field(sa_column=Column(String(254), nullable=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
