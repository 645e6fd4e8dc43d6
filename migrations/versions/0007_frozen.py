"""Frozen datasets: what a report was published from."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# What was published from stays what it was, or the report's figures are nobody's.
REFUSE = """
CREATE FUNCTION refuse_thawing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a frozen dataset is never changed; freeze a new one'
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
TRIGGER = """
CREATE TRIGGER dataset_is_immutable BEFORE UPDATE OR DELETE ON dataset
    FOR EACH ROW EXECUTE FUNCTION refuse_thawing()
"""


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "dataset",
        sa.Column("survey_slug", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("frozen_on", sa.Date(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("codebook", sa.Text(), nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("responses", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_slug"], ["survey.slug"], name=op.f("fk_dataset_survey_slug")
        ),
        sa.PrimaryKeyConstraint("survey_slug", "number", name=op.f("pk_dataset")),
    )
    # It is compressed: PostgreSQL need not try again.
    op.execute("ALTER TABLE dataset ALTER COLUMN responses SET STORAGE EXTERNAL")
    op.execute(REFUSE)
    op.execute(TRIGGER)


def downgrade() -> None:
    """Change it back."""
    op.drop_table("dataset")
    op.execute("DROP FUNCTION refuse_thawing()")
