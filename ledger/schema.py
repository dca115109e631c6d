"""The tables as the code uses them. `migrations/` makes them; a test compares the two."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """A time with zone on PostgreSQL; SQLite has no zones and keeps the time in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()


def _decision_id() -> Column[str]:
    return Column("decision_id", Uuid(as_uuid=False), ForeignKey("decisions.id"), primary_key=True)


writers = Table(
    "writers",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("started", UtcTime, nullable=False),
    Column("sequence", BigInteger, nullable=False),  # of its last row
    Column("hash", String(64), nullable=False),  # of its last row
    Column("signed_sequence", BigInteger, nullable=False),  # as of the last root
)

client_keys = Table(
    "client_keys",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("created", UtcTime, nullable=False),
    Column("lookup", String(64), index=True),  # null once forgotten
    Column("wrapped", LargeBinary),  # null once forgotten
    Column("forgotten", UtcTime),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("writer", Uuid(as_uuid=False), ForeignKey("writers.id"), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("time", UtcTime, nullable=False, index=True),
    Column("request_id", Text, nullable=False),
    Column("key_name", Text, nullable=False),
    Column("client_key", Uuid(as_uuid=False), ForeignKey("client_keys.id"), nullable=False),
    Column("solvency", Double, nullable=False),
    Column("threshold", Double, nullable=False),
    Column("decision", String(3), nullable=False),
    Column("coverage", Double),
    Column("model_name", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("model_digest", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("encrypted", LargeBinary, nullable=False),  # client, inputs, reasons, warnings, ...
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("writer", "sequence"),
    Index("ix_decisions_client_key_time", "client_key", "time"),
)

contests = Table(
    "contests",
    metadata,
    _decision_id(),
    Column("time", UtcTime, nullable=False),
    Column("encrypted", LargeBinary, nullable=False),  # the client's words
)

reviews = Table(
    "reviews",
    metadata,
    _decision_id(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("time", UtcTime, nullable=False),
    Column("action", String(8), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("author", Text, nullable=False),
    Column("encrypted", LargeBinary, nullable=False),  # the author's text
    Column("complete", Boolean, nullable=False),  # this review was the last one needed
)

outcomes = Table(
    "outcomes",
    metadata,
    _decision_id(),
    Column("outcome", String(9), nullable=False),
    Column("date", Date, nullable=False),
    Column("recorded", UtcTime, nullable=False),
)

roots = Table(
    "roots",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("statement", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("public_key", Text, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    _decision_id(),
    Column("form", String(64), primary_key=True),  # language and media type
    Column("time", UtcTime, nullable=False),
    Column("encrypted", LargeBinary, nullable=False),
)
