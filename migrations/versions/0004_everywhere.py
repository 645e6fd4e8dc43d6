"""Telephone calls, kiosks and polls."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change the schema."""


def downgrade() -> None:
    """Change it back."""
