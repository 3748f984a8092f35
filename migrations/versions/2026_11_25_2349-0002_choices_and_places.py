"""What people and places choose, what they said about replies, buttons and files on replies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blocked",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "person", name=op.f("pk_blocked")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("read", sa.String(length=32), nullable=True),
        sa.Column("felt", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_feedback_platform_person"), ["platform", "person"], unique=False
        )

    op.create_table(
        "place",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=128), nullable=False),
        sa.Column("face", sa.Boolean(), nullable=True),
        sa.Column("channels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("strict", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("platform", "place", name=op.f("pk_place")),
    )
    op.create_table(
        "switch",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switch")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column("mood", sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("buttons", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("file_name", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("file", sa.LargeBinary(), nullable=True))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("emotion_line", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("turns", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("leanings", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("leanings")
        batch_op.drop_column("turns")
        batch_op.drop_column("emotion_line")
        batch_op.drop_column("language")

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("file")
        batch_op.drop_column("file_name")
        batch_op.drop_column("buttons")

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_column("mood")
        batch_op.drop_column("place")

    op.drop_table("switch")
    op.drop_table("place")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_platform_person"))
        batch_op.drop_index(batch_op.f("ix_feedback_at"))

    op.drop_table("feedback")
    op.drop_table("blocked")
