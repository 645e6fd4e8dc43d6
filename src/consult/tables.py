"""Table classes. They hold rows and never validate; only ``*/store.py`` modules import them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

#: Constraint names are part of the schema: a violated one names the form field it belongs to.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata


def moment(**settings: Any) -> Any:
    """A column for a moment, which is never missing."""
    return Column(DateTime(timezone=True), nullable=False, **settings)


class ConsultationRow(SQLModel, table=True):
    """What a body consults on."""

    __tablename__ = "consultation"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(sa_column=Column(String(80), nullable=False, unique=True))
    stage: str = Field(default="draft", sa_column=Column(String(20), nullable=False))


class SurveyRow(SQLModel, table=True):
    """A questionnaire of a consultation, and its version in use."""

    __tablename__ = "survey"

    slug: str = Field(sa_column=Column(String(80), primary_key=True))
    consultation_id: int = Field(
        sa_column=Column(Integer, ForeignKey("consultation.id"), nullable=False, index=True)
    )
    current_number: int = Field(sa_column=Column(Integer, nullable=False))


class SurveyVersionRow(SQLModel, table=True):
    """A published version. A trigger refuses to change or delete one."""

    __tablename__ = "survey_version"
    __table_args__ = (UniqueConstraint("survey_slug", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    survey_slug: str = Field(
        sa_column=Column(String(80), ForeignKey("survey.slug"), nullable=False)
    )
    number: int
    content_hash: str = Field(sa_column=Column(String(64), nullable=False))
    #: JSON and not JSONB, which would put its keys in an order of its own.
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    published_at: datetime = Field(sa_column=moment())
    published_by: str = Field(sa_column=Column(String(254), nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    #: Questions whose answers mean something else than in the version before.
    apart: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String(64)), nullable=False, server_default=text("'{}'")),
    )


class DraftRow(SQLModel, table=True):
    """Answers in progress, sealed with a key only the respondent's browser holds."""

    __tablename__ = "draft"

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    survey_slug: str = Field(
        sa_column=Column(String(80), ForeignKey("survey.slug"), nullable=False)
    )
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    #: Counts its changes: two tabs must not overwrite each other's page.
    change: int = Field(sa_column=Column(Integer, nullable=False))
    touched_on: date = Field(sa_column=Column(Date, nullable=False, index=True))


class ResponseRow(SQLModel, table=True):
    """One respondent's submission. The day is all that is kept of its time."""

    __tablename__ = "response"
    __table_args__ = (
        CheckConstraint(
            "channel IN ('web', 'paper', 'telephone', 'kiosk', 'meeting', 'letter')",
            name="channel",
        ),
        Index("ix_response_version_id_received_on", "version_id", "received_on"),
        Index("ix_response_source", "source", postgresql_where=text("source IS NOT NULL")),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    version_id: int = Field(
        sa_column=Column(Integer, ForeignKey("survey_version.id"), nullable=False)
    )
    channel: str = Field(sa_column=Column(String(20), nullable=False))
    language: str = Field(sa_column=Column(String(8), nullable=False))
    received_on: date = Field(sa_column=Column(Date, nullable=False))
    order_seed: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    #: Why an analyst may doubt it: ``respond/receiving.py`` has the list.
    flags: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String(20)), nullable=False, server_default=text("'{}'")),
    )
    #: The partner's key it came with, unless that is not to be kept (``api/store.py``).
    source: int | None = Field(
        default=None, sa_column=Column(Integer, ForeignKey("api_key.id"), nullable=True)
    )
    #: The mark of the strand it was invited for (``inviting/codes.py``).
    strand: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    #: Why someone answered again, in their words.
    again: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    #: How often it was sent: 2 once corrected.
    revision: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default="1"))
    #: Taken back by the respondent: the answers are gone, the row says that there was one.
    withdrawn: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )
    closed_parts: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String(64)), nullable=False, server_default=text("'{}'")),
    )
    answers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class SupersededRow(SQLModel, table=True):
    """What a response said before its sender corrected it."""

    __tablename__ = "superseded"

    response_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("response.id", ondelete="CASCADE"), primary_key=True)
    )
    revision: int = Field(sa_column=Column(Integer, primary_key=True))
    version_id: int = Field(
        sa_column=Column(Integer, ForeignKey("survey_version.id"), nullable=False)
    )
    language: str = Field(sa_column=Column(String(8), nullable=False))
    received_on: date = Field(sa_column=Column(Date, nullable=False))
    closed_parts: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String(64)), nullable=False, server_default=text("'{}'")),
    )
    answers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class ReturnCodeRow(SQLModel, table=True):
    """A draft's token, sealed with a code that only the respondent has."""

    __tablename__ = "return_code"

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    touched_on: date = Field(sa_column=Column(Date, nullable=False, index=True))


class ContactRow(SQLModel, table=True):
    """Someone who wants to hear what happened, or takes part in a prize draw.

    Nothing here can be joined to a response: see ``respond/contacts.py``.
    """

    __tablename__ = "contact"

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    survey_slug: str = Field(
        sa_column=Column(String(80), ForeignKey("survey.slug"), nullable=False, index=True)
    )
    name: str = Field(sa_column=Column(Text, nullable=False))
    reach: str = Field(sa_column=Column(Text, nullable=False))
    purposes: list[str] = Field(sa_column=Column(ARRAY(String(20)), nullable=False))


class PostcodeAreaRow(SQLModel, table=True):
    """One line of a lookup file: the area of a postcode, a sector or a district."""

    __tablename__ = "postcode_area"

    lookup: str = Field(sa_column=Column(String(64), primary_key=True))
    postcode: str = Field(sa_column=Column(String(8), primary_key=True))
    area: str = Field(sa_column=Column(String(64), nullable=False))


class QuotaRow(SQLModel, table=True):
    """How many responses of a kind a sample has."""

    __tablename__ = "quota"

    survey_slug: str = Field(
        sa_column=Column(String(80), ForeignKey("survey.slug"), primary_key=True)
    )
    quota: str = Field(sa_column=Column(String(64), primary_key=True))
    count: int = Field(sa_column=Column(Integer, nullable=False))


class ApiKeyRow(SQLModel, table=True):
    """What a partner's app sends responses with; only the hash of the key is kept."""

    __tablename__ = "api_key"

    key_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    #: What its responses carry, where they do.
    id: int | None = Field(
        default=None, sa_column=Column(Integer, Identity(), nullable=False, unique=True)
    )
    name: str = Field(sa_column=Column(String(80), nullable=False))
    survey_slug: str = Field(
        sa_column=Column(String(80), ForeignKey("survey.slug"), nullable=False, index=True)
    )
    made_at: datetime = Field(sa_column=moment())
    made_by: str = Field(sa_column=Column(String(254), nullable=False))
    revoked_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    #: Whether its responses say that they came with it, so that they can be set aside.
    linked: bool = Field(
        default=True, sa_column=Column(Boolean, nullable=False, server_default=text("true"))
    )
    set_aside: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )


class TelephoneCaseRow(SQLModel, table=True):
    """Someone to ring for a survey; see ``calling/store.py`` for what keeps it from its response.

    No moment of a finished interview is kept, nor the number once it is not needed any more.
    """

    __tablename__ = "telephone_case"
    __table_args__ = (
        UniqueConstraint("survey_slug", "reference"),
        UniqueConstraint("survey_slug", "phone_digest"),
        CheckConstraint("state IN ('new', 'begun', 'retry', 'final')", name="state"),
        Index("ix_telephone_case_survey_slug_state", "survey_slug", "state"),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    survey_slug: str = Field(
        sa_column=Column(String(80), ForeignKey("survey.slug"), nullable=False)
    )
    reference: str = Field(sa_column=Column(String(40), nullable=False))
    phone: str = Field(sa_column=Column(Text, nullable=False))
    phone_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    strand: str = Field(sa_column=Column(String(64), nullable=False))
    state: str = Field(sa_column=Column(String(10), nullable=False))
    #: The latest outcome of a call, the final one where the state is final.
    outcome: str = Field(sa_column=Column(String(20), nullable=False))
    attempts: int = Field(sa_column=Column(Integer, nullable=False))
    #: When to ring again; ``promised`` where the time was agreed with the person.
    due_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    promised: bool = Field(sa_column=Column(Boolean, nullable=False))
    held_by: str | None = Field(default=None, sa_column=Column(String(254), nullable=True))
    held_until: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    #: Answers in progress, sealed with the installation's secret.
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class KioskRow(SQLModel, table=True):
    """A tablet at an event: what it seals responses for, and what it proves itself with."""

    __tablename__ = "kiosk"

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    survey_slug: str = Field(
        sa_column=Column(String(80), ForeignKey("survey.slug"), nullable=False, index=True)
    )
    event: str = Field(sa_column=Column(String(120), nullable=False))
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    #: The private half (P-256, PKCS 8) of the key that the tablet seals with.
    private_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    made_at: datetime = Field(sa_column=moment())
    made_by: str = Field(sa_column=Column(String(254), nullable=False))
    ended_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )


class KioskKeptRow(SQLModel, table=True):
    """A response from a kiosk that could not be stored, and why; for staff to look at."""

    __tablename__ = "kiosk_kept"

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    kiosk_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("kiosk.id"), nullable=False, index=True)
    )
    came_on: date = Field(sa_column=Column(Date, nullable=False))
    #: What became of it, and each problem as [question, code, detail].
    fate: str = Field(sa_column=Column(String(20), nullable=False))
    problems: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    #: The response as the tablet sent it, unsealed; or the sealed bytes that could not be opened.
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class StaffRow(SQLModel, table=True):
    """A member of staff."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("role IN ('designer', 'analyst', 'interviewer', 'admin')", name="role"),
    )

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(sa_column=Column(String(254), nullable=False, unique=True))
    role: str = Field(sa_column=Column(String(20), nullable=False))
    password_hash: str = Field(sa_column=Column(String(200), nullable=False))
    failures: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    locked_until: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )


class SignInRow(SQLModel, table=True):
    """A signed-in browser; only the hash of its token is kept."""

    __tablename__ = "sign_in"

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    staff_id: int = Field(
        sa_column=Column(Integer, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False)
    )
    expires_at: datetime = Field(sa_column=moment(index=True))


class AuditRow(SQLModel, table=True):
    """What staff changed: written in the transaction of the change."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=moment(server_default=func.now()))
    actor: str = Field(sa_column=Column(String(254), nullable=False))
    action: str = Field(sa_column=Column(String(60), nullable=False))
    subject: str = Field(sa_column=Column(String(200), nullable=False))
    reason: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


class QuestionnaireRow(SQLModel, table=True):
    """A questionnaire being designed, and which of its revisions is the one in hand."""

    __tablename__ = "questionnaire"

    slug: str = Field(sa_column=Column(String(80), primary_key=True))
    made_by: str = Field(sa_column=Column(String(254), nullable=False))
    made_at: datetime = Field(sa_column=moment())
    head: int = Field(sa_column=Column(Integer, nullable=False))


class QuestionnaireFilesRow(SQLModel, table=True):
    """A questionnaire's files as they were read or uploaded, under the digest of their content."""

    __tablename__ = "questionnaire_files"

    digest: str = Field(sa_column=Column(String(64), primary_key=True))
    texts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class QuestionnaireRevisionRow(SQLModel, table=True):
    """A questionnaire after one change.

    ``document`` is JSON and not JSONB, which would put its keys in an order of its own.
    """

    __tablename__ = "questionnaire_revision"
    __table_args__ = (
        UniqueConstraint("slug", "number"),
        CheckConstraint("kind IN ('step', 'superseded', 'aside')", name="kind"),
    )

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(
        sa_column=Column(
            String(80), ForeignKey("questionnaire.slug", ondelete="CASCADE"), nullable=False
        )
    )
    number: int = Field(sa_column=Column(Integer, nullable=False))
    parent: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    kind: str = Field(sa_column=Column(String(12), nullable=False))
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    files_digest: str = Field(
        sa_column=Column(String(64), ForeignKey("questionnaire_files.digest"), nullable=False)
    )
    field: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    summary: str = Field(sa_column=Column(Text, nullable=False))
    actor: str = Field(sa_column=Column(String(254), nullable=False))
    at: datetime = Field(sa_column=moment())


class QuestionnairePresenceRow(SQLModel, table=True):
    """Who has a questionnaire open in the designer, and when they were last heard of."""

    __tablename__ = "questionnaire_presence"

    slug: str = Field(
        sa_column=Column(
            String(80), ForeignKey("questionnaire.slug", ondelete="CASCADE"), primary_key=True
        )
    )
    email: str = Field(sa_column=Column(String(254), primary_key=True))
    at: datetime = Field(sa_column=moment())
