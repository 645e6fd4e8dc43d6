"""Coding: comments as they may be read, candidates, code frames, assignments; and long work."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

# What was said of an answer goes with it, whoever changes it and whichever way.
FORGET = """
CREATE FUNCTION forget_comment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM comment WHERE response_id = NEW.id AND (
        NEW.withdrawn
        OR NEW.answers -> asked IS DISTINCT FROM OLD.answers -> asked
    );
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER comment_follows_answer AFTER UPDATE OF answers, withdrawn ON response
    FOR EACH ROW EXECUTE FUNCTION forget_comment()
"""
UUID = postgresql.UUID(as_uuid=True)
MOMENT = sa.DateTime(timezone=True)
OF_COMMENT = ["survey_slug", "question", "since", "comment_id"]


def upgrade() -> None:
    """Change the schema."""
    _comments()
    _frames()
    _jobs()


def _comments() -> None:
    op.create_table(
        "comment",
        sa.Column("survey_slug", sa.String(length=80), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("comment_id", UUID, nullable=False),
        sa.Column("response_id", UUID, nullable=False),
        sa.Column("asked", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("first", UUID, nullable=True),
        sa.Column("apart", sa.String(length=20), server_default="", nullable=False),
        sa.Column("themes", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_comment_response_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["survey_slug"], ["survey.slug"], name=op.f("fk_comment_survey_slug")
        ),
        sa.PrimaryKeyConstraint(*OF_COMMENT, name=op.f("pk_comment")),
    )  # fmt: skip
    op.create_index(op.f("ix_comment_response_id"), "comment", ["response_id"])
    op.execute(FORGET)
    op.execute(TRIGGER)
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("survey_slug", sa.String(length=80), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("comment_id", UUID, nullable=False),
        sa.Column("codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("actor", sa.String(length=254), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("action", UUID, nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            OF_COMMENT, [f"comment.{name}" for name in OF_COMMENT],
            name=op.f("fk_assignment_survey_slug"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )  # fmt: skip
    op.create_index("ix_assignment_comment", "assignment", OF_COMMENT)
    op.create_index("ix_assignment_action", "assignment", ["action"])
    op.create_table(
        "quotation",
        sa.Column("survey_slug", sa.String(length=80), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("comment_id", UUID, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            OF_COMMENT, [f"comment.{name}" for name in OF_COMMENT],
            name=op.f("fk_quotation_survey_slug"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*OF_COMMENT, "code", name=op.f("pk_quotation")),
    )  # fmt: skip


def _frames() -> None:
    op.create_table(
        "reading",
        sa.Column("survey_slug", sa.String(length=80), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("reconciled", sa.Text(), nullable=False),
        sa.Column("themes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("campaigns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_slug"], ["survey.slug"], name=op.f("fk_reading_survey_slug")
        ),
        sa.PrimaryKeyConstraint(
            "survey_slug", "question", "since", "number", name=op.f("pk_reading")
        ),
    )
    op.create_table(
        "code_frame",
        sa.Column("survey_slug", sa.String(length=80), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state_of", sa.Integer(), nullable=False),
        sa.Column("undo_to", sa.Integer(), nullable=True),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("agreement", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["survey_slug"], ["survey.slug"], name=op.f("fk_code_frame_survey_slug")
        ),
        sa.PrimaryKeyConstraint(
            "survey_slug", "question", "since", "number", name=op.f("pk_code_frame")
        ),
    )


def _jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", UUID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("began_at", MOMENT, nullable=True),
        sa.Column("beat_at", MOMENT, nullable=True),
        sa.Column("claim", UUID, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_job_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(
        "ix_job_one_at_a_time", "job", ["about"], unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )  # fmt: skip


def downgrade() -> None:
    """Change it back."""
    op.execute("DROP TRIGGER comment_follows_answer ON response")
    for table in ("job", "code_frame", "reading", "quotation", "assignment", "comment"):
        op.drop_table(table)
    op.execute("DROP FUNCTION forget_comment()")
