"""What a desk has proved to hold, and for which desk a snapshot was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns."""
    for name in ("held", "held_at", "confirmed"):
        number = sa.Column(name, sa.BigInteger(), server_default="0", autoincrement=False, nullable=False)
        op.add_column("contact", number)
    op.add_column("snapshot", sa.Column("desk", TEXT, server_default="", nullable=False))
