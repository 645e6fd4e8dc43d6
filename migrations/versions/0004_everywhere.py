"""Keys of partners' apps, telephone calls and kiosks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "api_key",
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("survey_slug", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=254), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["survey_slug"], ["survey.slug"], name=op.f("fk_api_key_survey_slug")
        ),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_api_key")),
    )
    op.create_index(op.f("ix_api_key_survey_slug"), "api_key", ["survey_slug"])
    op.create_table(
        "telephone_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_slug", sa.String(length=80), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("phone_digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("strand", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised", sa.Boolean(), nullable=False),
        sa.Column("held_by", sa.String(length=254), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state IN ('new', 'begun', 'retry', 'final')", name=op.f("ck_telephone_case_state")
        ),
        sa.ForeignKeyConstraint(
            ["survey_slug"], ["survey.slug"], name=op.f("fk_telephone_case_survey_slug")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephone_case")),
        sa.UniqueConstraint(
            "survey_slug", "reference", name=op.f("uq_telephone_case_survey_slug_reference")
        ),
        sa.UniqueConstraint(
            "survey_slug", "phone_digest", name=op.f("uq_telephone_case_survey_slug_phone_digest")
        ),
    )
    op.create_index(
        "ix_telephone_case_survey_slug_state", "telephone_case", ["survey_slug", "state"]
    )
    op.create_table(
        "kiosk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_slug", sa.String(length=80), nullable=False),
        sa.Column("event", sa.String(length=120), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=254), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["survey_slug"], ["survey.slug"], name=op.f("fk_kiosk_survey_slug")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosk")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kiosk_token_hash")),
    )
    op.create_index(op.f("ix_kiosk_survey_slug"), "kiosk", ["survey_slug"])
    op.create_table(
        "kiosk_kept",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kiosk_id", sa.Uuid(), nullable=False),
        sa.Column("came_on", sa.Date(), nullable=False),
        sa.Column("fate", sa.String(length=20), nullable=False),
        sa.Column("problems", postgresql.JSONB(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosk.id"], name=op.f("fk_kiosk_kept_kiosk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosk_kept")),
    )
    op.create_index(op.f("ix_kiosk_kept_kiosk_id"), "kiosk_kept", ["kiosk_id"])


def downgrade() -> None:
    """Change it back."""
    for table in ("kiosk_kept", "kiosk", "telephone_case", "api_key"):
        op.drop_table(table)
