"""Notices, frozen when first written, and an index for the decisions of one client."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("decision_id", sa.Uuid(), sa.ForeignKey("decisions.id"), primary_key=True),
        sa.Column("form", sa.String(64), primary_key=True),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("encrypted", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_decisions_client_key_time", "decisions", ["client_key", "time"])
