"""The mark of the strand that a response was invited for."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Change the schema."""
    op.add_column("response", sa.Column("strand", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Change it back."""
    op.drop_column("response", "strand")
