"""The table class of jobs. It holds rows and never validates."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Float, Index, String, Text, Uuid, text
from sqlmodel import Field, SQLModel

import consult.tables  # noqa: F401  how constraints are named


class JobRow(SQLModel, table=True):
    """Work of a kind about something; ``step`` says what is being done, or why it failed."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        # A second click finds the first's job.
        Index(
            "ix_job_one_at_a_time",
            "about",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    kind: str = Field(sa_column=Column(String(20), nullable=False))
    about: str = Field(sa_column=Column(String(200), nullable=False))
    actor: str = Field(sa_column=Column(String(254), nullable=False))
    state: str = Field(sa_column=Column(String(10), nullable=False))
    share: float = Field(sa_column=Column(Float, nullable=False))
    step: str = Field(sa_column=Column(Text, nullable=False))
    asked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    began_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    beat_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    #: What the worker that took it last was given: nobody else may say anything of it.
    claim: UUID | None = Field(sa_column=Column(Uuid, nullable=True))
