"""Questionnaires being designed: their revisions, files and editors."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "questionnaire",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("made_by", sa.String(length=254), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_questionnaire")),
    )
    op.create_table(
        "questionnaire_files",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_questionnaire_files")),
    )
    op.create_table(
        "questionnaire_presence",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["slug"],
            ["questionnaire.slug"],
            name=op.f("fk_questionnaire_presence_slug"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slug", "email", name=op.f("pk_questionnaire_presence")),
    )
    op.create_table(
        "questionnaire_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("files_digest", sa.String(length=64), nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('step', 'superseded', 'aside')", name=op.f("ck_questionnaire_revision_kind")
        ),
        sa.ForeignKeyConstraint(
            ["files_digest"],
            ["questionnaire_files.digest"],
            name=op.f("fk_questionnaire_revision_files_digest"),
        ),
        sa.ForeignKeyConstraint(
            ["slug"],
            ["questionnaire.slug"],
            name=op.f("fk_questionnaire_revision_slug"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_revision")),
        sa.UniqueConstraint("slug", "number", name=op.f("uq_questionnaire_revision_slug_number")),
    )


def downgrade() -> None:
    """Change it back."""
    op.drop_table("questionnaire_revision")
    op.drop_table("questionnaire_presence")
    op.drop_table("questionnaire_files")
    op.drop_table("questionnaire")
