"""Decisions in chains, clients' keys, contests, reviews, outcomes, signed roots."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    uuid, time, hexadecimal = sa.Uuid(), sa.DateTime(timezone=True), sa.String(64)
    op.create_table(
        "writers",
        sa.Column("id", uuid, primary_key=True),
        sa.Column("started", time, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", hexadecimal, nullable=False),
        sa.Column("signed_sequence", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "client_keys",
        sa.Column("id", uuid, primary_key=True),
        sa.Column("created", time, nullable=False),
        sa.Column("lookup", hexadecimal, index=True),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("forgotten", time),
    )
    op.create_table(
        "decisions",
        sa.Column("id", uuid, primary_key=True),
        sa.Column("writer", uuid, sa.ForeignKey("writers.id"), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("time", time, nullable=False, index=True),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("key_name", sa.Text, nullable=False),
        sa.Column("client_key", uuid, sa.ForeignKey("client_keys.id"), nullable=False),
        sa.Column("solvency", sa.Double, nullable=False),
        sa.Column("threshold", sa.Double, nullable=False),
        sa.Column("decision", sa.String(3), nullable=False),
        sa.Column("coverage", sa.Double),
        sa.Column("model_name", sa.Text, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("model_digest", sa.Text, nullable=False),
        sa.Column("policy_version", sa.Text, nullable=False),
        sa.Column("encrypted", sa.LargeBinary, nullable=False),
        sa.Column("previous", hexadecimal, nullable=False),
        sa.Column("hash", hexadecimal, nullable=False),
        sa.UniqueConstraint("writer", "sequence"),
    )
    op.create_table(
        "contests",
        sa.Column("decision_id", uuid, sa.ForeignKey("decisions.id"), primary_key=True),
        sa.Column("time", time, nullable=False),
        sa.Column("encrypted", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "reviews",
        sa.Column("decision_id", uuid, sa.ForeignKey("decisions.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("time", time, nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("encrypted", sa.LargeBinary, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
    )
    op.create_table(
        "outcomes",
        sa.Column("decision_id", uuid, sa.ForeignKey("decisions.id"), primary_key=True),
        sa.Column("outcome", sa.String(9), nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("recorded", time, nullable=False),
    )
    op.create_table(
        "roots",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("public_key", sa.Text, nullable=False),
    )
