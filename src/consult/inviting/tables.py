"""Table classes of invitations. They hold rows and never validate."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel

from consult.tables import moment


class InstallationKeyRow(SQLModel, table=True):
    """Random bytes from which this installation's keys are made, with ``CONSULT_SECRET``."""

    __tablename__ = "installation_key"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class InvitationBatchRow(SQLModel, table=True):
    """Invitations made together: for whom, and how they travel."""

    __tablename__ = "invitation_batch"
    __table_args__ = (CheckConstraint("channel IN ('letter', 'email', 'text')", name="channel"),)

    id: int | None = Field(default=None, primary_key=True)
    survey_slug: str = Field(
        sa_column=Column(String(80), ForeignKey("survey.slug"), nullable=False, index=True)
    )
    strand: str = Field(sa_column=Column(String(80), nullable=False))
    channel: str = Field(sa_column=Column(String(10), nullable=False))
    language: str = Field(sa_column=Column(String(8), nullable=False))
    made_by: str = Field(sa_column=Column(String(254), nullable=False))
    made_at: datetime = Field(sa_column=moment())


class InvitationRow(SQLModel, table=True):
    """One response's worth of invitation; of its code only marks are kept.

    Nothing here joins it to a response, neither its place in the table nor the transaction that
    wrote it: see ``spend`` in ``inviting/store.py``, the only way in which ``used`` is set.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        Index("ix_invitation_marks", "marks", postgresql_using="gin"),
        Index("ix_invitation_used", "survey_slug", postgresql_where=text("used")),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    survey_slug: str = Field(
        sa_column=Column(String(80), ForeignKey("survey.slug"), nullable=False)
    )
    #: None for an address that was checked at the door.
    batch_id: int | None = Field(
        default=None,
        sa_column=Column(Integer, ForeignKey("invitation_batch.id"), nullable=True, index=True),
    )
    #: One for each code that was sent: a reminder brings a fresh one, and the first still works.
    marks: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    #: An email address or telephone number, until it has been used or is no longer needed.
    reach: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    used: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )


class MessageRow(SQLModel, table=True):
    """A message to be sent, until it has been; then only how it went, and to nobody."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("kind IN ('invitation', 'reminder')", name="kind"),
        CheckConstraint("state IN ('waiting', 'sent', 'failed', 'dropped')", name="state"),
        Index("ix_message_due", "due", postgresql_where=text("state = 'waiting'")),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    batch_id: int = Field(
        sa_column=Column(Integer, ForeignKey("invitation_batch.id"), nullable=False, index=True)
    )
    #: No foreign key: invitations are taken out and put back when one is used.
    invitation_id: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))
    kind: str = Field(sa_column=Column(String(12), nullable=False))
    state: str = Field(sa_column=Column(String(8), nullable=False))
    attempts: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    #: When to try; a try under way is one whose time has been put off.
    due: datetime = Field(sa_column=moment())
    error: str = Field(default="", sa_column=Column(String(20), nullable=False, server_default=""))
