"""The tables. They are the truth; whatever engine runs the jobs only wakes people up.

Times are seconds since 1970 in UTC. Deleting a conversation deletes everything said in it.

PostgreSQL ends one of two transactions that wait for each other. So whoever changes several rows
locks a conversation before its messages, these in their order, and both before their person.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
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
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up only in an INTEGER key


# Spelled out, not bound: SQLite looks a partial index up by its very words.
UNANSWERED = "state != 'answered'"
UNSENT = "state IN ('pending', 'sending')"


def _belongs(to: str) -> ForeignKey:
    return ForeignKey(to, ondelete="CASCADE")


person = Table(
    "person",
    metadata,
    Column("platform", String(32), primary_key=True),
    Column("person", String(128), primary_key=True),
    Column("face_consent", Boolean),
    Column("face_asked_at", Double),
    Column("noticed_at", Double),
    Column("language", String(8)),
    Column("emotion_line", Boolean),
    Column("turns", Integer),
    Column("leanings", JSON(none_as_null=True)),
    Column("asked_photo", Text),
    Column("opted_out", Boolean),
)

blocked = Table(
    "blocked",
    metadata,
    Column("platform", String(32), primary_key=True),
    Column("person", String(128), primary_key=True),
    Column("at", Double, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Id, primary_key=True),
    Column("platform", String(32), nullable=False),
    Column("person", String(128), nullable=False),
    Column("at", Double, nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("read", String(32)),
    Column("felt", String(32)),
    Column("inbox_id", Id, _belongs("inbox.id")),
    Index(None, "platform", "person"),
    Index(None, "at"),
    Index(None, "inbox_id"),
)

place = Table(
    "place",
    metadata,
    Column("platform", String(32), primary_key=True),
    Column("place", String(128), primary_key=True),
    Column("face", Boolean),
    Column("channels", JSON(none_as_null=True)),
    Column("strict", Boolean),
)

switch = Table(
    "switch",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("at", Double, nullable=False),
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("platform", String(32), nullable=False),
    Column("chat", String(128), nullable=False),
    Column("thread", String(128), nullable=False),
    Column("person", String(128), nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("crisis_at", Double),
    Column("place", String(128)),
    Column("mood", JSON(none_as_null=True)),
    UniqueConstraint("platform", "chat", "thread", "person"),
    Index(None, "platform", "person"),
    # An id that came back after /forget would let a running turn write into a stranger's rows.
    sqlite_autoincrement=True,
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, _belongs("conversation.id"), nullable=False),
    Column("platform", String(32), nullable=False),
    Column("chat", String(128), nullable=False),
    Column("message_id", String(128), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("photo", Text),
    Column("locale", String(35), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("received_at", Double, nullable=False),
    UniqueConstraint("platform", "chat", "message_id"),
    UniqueConstraint("conversation_id", "seq"),
    Index(
        "ix_inbox_unanswered",
        "conversation_id",
        sqlite_where=text(UNANSWERED),
        postgresql_where=text(UNANSWERED),
    ),
    sqlite_autoincrement=True,
)

attachment = Table(
    "attachment",
    metadata,
    Column("inbox_id", Id, _belongs("inbox.id"), primary_key=True, autoincrement=False),
    Column("data", LargeBinary),
    Column("note", Text, nullable=False),
)

ticket = Table(
    "ticket",
    metadata,
    Column("inbox_id", Id, _belongs("inbox.id"), primary_key=True, autoincrement=False),
    Column("token", Text, nullable=False),
    Column("place", String(128), nullable=False),
    Column("private", Boolean, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index(None, "expires_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("inbox_id", Id, _belongs("inbox.id"), primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("reading", JSON(none_as_null=True)),
    Column("buttons", JSON(none_as_null=True)),
    Column("file_name", String(64)),
    Column("file", LargeBinary),
    Column("urgent", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("platform_message_id", String(128)),
    Column("created_at", Double, nullable=False),
    Index(None, "platform_message_id"),
    Index(
        "ix_outbox_unsent",
        "inbox_id",
        sqlite_where=text(UNSENT),
        postgresql_where=text(UNSENT),
    ),
)

history = Table(
    "history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, _belongs("conversation.id"), nullable=False),
    Column("at", Double, nullable=False),
    Column("speaker", String(8), nullable=False),
    Column("text", Text, nullable=False),
    Column("reading", JSON(none_as_null=True)),
    Index(None, "conversation_id", "id"),
    Index(None, "at"),
)
