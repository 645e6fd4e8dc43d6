"""Invitations, the messages that carry them, and the key of an installation."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "installation_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_key_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation_key")),
    )
    op.create_table(
        "invitation_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_slug", sa.String(length=80), nullable=False),
        sa.Column("strand", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("made_by", sa.String(length=254), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel IN ('letter', 'email', 'text')", name=op.f("ck_invitation_batch_channel")
        ),
        sa.ForeignKeyConstraint(
            ["survey_slug"], ["survey.slug"], name=op.f("fk_invitation_batch_survey_slug")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_batch")),
    )
    op.create_index(op.f("ix_invitation_batch_survey_slug"), "invitation_batch", ["survey_slug"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_slug", sa.String(length=80), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("marks", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("reach", sa.Text(), server_default="", nullable=False),
        sa.Column("used", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["invitation_batch.id"], name=op.f("fk_invitation_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["survey_slug"], ["survey.slug"], name=op.f("fk_invitation_survey_slug")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_batch_id"), "invitation", ["batch_id"])
    op.create_index("ix_invitation_marks", "invitation", ["marks"], postgresql_using="gin")
    op.create_index(
        "ix_invitation_used", "invitation", ["survey_slug"], postgresql_where=sa.text("used")
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(length=20), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('invitation', 'reminder')", name=op.f("ck_message_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'dropped')", name=op.f("ck_message_state")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["invitation_batch.id"], name=op.f("fk_message_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_batch_id"), "message", ["batch_id"])
    op.create_index(
        "ix_message_due", "message", ["due"], postgresql_where=sa.text("state = 'waiting'")
    )


def downgrade() -> None:
    """Change it back."""
    op.drop_table("message")
    op.drop_table("invitation")
    op.drop_table("invitation_batch")
    op.drop_table("installation_key")
