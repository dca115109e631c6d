"""The tables as the code uses them. `migrations/` makes them; a test compares the two."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """A time with zone on PostgreSQL; SQLite has no zones and keeps the time in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData()


def _decision_id() -> sa.Column[str]:
    return sa.Column(
        "decision_id", sa.Uuid(as_uuid=False), sa.ForeignKey("decisions.id"), primary_key=True
    )


writers = sa.Table(
    "writers",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("started", UtcTime, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),  # of its last row
    sa.Column("hash", sa.String(64), nullable=False),  # of its last row
    sa.Column("signed_sequence", sa.BigInteger, nullable=False),  # as of the last root
)

client_keys = sa.Table(
    "client_keys",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("created", UtcTime, nullable=False),
    sa.Column("lookup", sa.String(64), index=True),  # null once forgotten
    sa.Column("wrapped", sa.LargeBinary),  # null once forgotten
    sa.Column("forgotten", UtcTime),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("writer", sa.Uuid(as_uuid=False), sa.ForeignKey("writers.id"), nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("time", UtcTime, nullable=False, index=True),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("key_name", sa.Text, nullable=False),
    sa.Column(
        "client_key", sa.Uuid(as_uuid=False), sa.ForeignKey("client_keys.id"), nullable=False
    ),
    sa.Column("solvency", sa.Double, nullable=False),
    sa.Column("threshold", sa.Double, nullable=False),
    sa.Column("decision", sa.String(3), nullable=False),
    sa.Column("coverage", sa.Double),
    sa.Column("model_name", sa.Text, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("model_digest", sa.Text, nullable=False),
    sa.Column("policy_version", sa.Text, nullable=False),
    sa.Column(
        "encrypted", sa.LargeBinary, nullable=False
    ),  # client, inputs, reasons, warnings, ...
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.UniqueConstraint("writer", "sequence"),
    sa.Index("ix_decisions_client_key_time", "client_key", "time"),
)

contests = sa.Table(
    "contests",
    metadata,
    _decision_id(),
    sa.Column("time", UtcTime, nullable=False),
    sa.Column("encrypted", sa.LargeBinary, nullable=False),  # the client's words
)

reviews = sa.Table(
    "reviews",
    metadata,
    _decision_id(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("time", UtcTime, nullable=False),
    sa.Column("action", sa.String(8), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("encrypted", sa.LargeBinary, nullable=False),  # the author's text
    sa.Column("complete", sa.Boolean, nullable=False),  # this review was the last one needed
)

outcomes = sa.Table(
    "outcomes",
    metadata,
    _decision_id(),
    sa.Column("outcome", sa.String(9), nullable=False),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("recorded", UtcTime, nullable=False),
)

roots = sa.Table(
    "roots",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("statement", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("public_key", sa.Text, nullable=False),
)

notices = sa.Table(
    "notices",
    metadata,
    _decision_id(),
    sa.Column("form", sa.String(64), primary_key=True),  # language and media type
    sa.Column("time", UtcTime, nullable=False),
    sa.Column("encrypted", sa.LargeBinary, nullable=False),
)
