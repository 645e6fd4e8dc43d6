"""Which partner's key a response came with, so that one partner's can be set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Change the schema."""
    op.add_column("api_key", sa.Column("id", sa.Integer(), sa.Identity(), nullable=False))
    # Keys made before this were made under the promise that nothing is kept.
    op.add_column(
        "api_key", sa.Column("linked", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.alter_column("api_key", "linked", server_default=sa.true())
    op.add_column(
        "api_key", sa.Column("set_aside", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_unique_constraint(op.f("uq_api_key_id"), "api_key", ["id"])
    op.add_column("response", sa.Column("source", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_response_source"), "response", "api_key", ["source"], ["id"])
    op.create_index(
        "ix_response_source",
        "response",
        ["source"],
        postgresql_where=sa.text("source IS NOT NULL"),
    )


def downgrade() -> None:
    """Change it back."""
    op.drop_column("response", "source")
    for column in ("set_aside", "linked", "id"):
        op.drop_column("api_key", column)
