"""Invitations, and who was reminded."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the schema."""


def downgrade() -> None:
    """Change it back."""
