"""Who is left alone in groups, and which reply a reaction is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opted_out", sa.Boolean(), nullable=True))

    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.add_column(sa.Column("inbox_id", number, nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_feedback_inbox_id_inbox"),
            "inbox",
            ["inbox_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_index(batch_op.f("ix_feedback_inbox_id"), ["inbox_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_inbox_id"))
        batch_op.drop_constraint(batch_op.f("fk_feedback_inbox_id_inbox"), type_="foreignkey")
        batch_op.drop_column("inbox_id")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("opted_out")
