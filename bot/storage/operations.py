"""What operators ordered: whom not to answer, and whether to answer at all."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, select

from bot.storage.schema import blocked, switch
from bot.storage.store import Transaction

PAUSED: Final = "paused"


async def pause(tx: Transaction, now: float) -> None:
    """Take no more messages, in every process over these tables."""
    row = {"name": PAUSED, "at": now}
    await tx.connection.execute(tx.insert(switch).values(row).on_conflict_do_nothing())


async def resume(tx: Transaction) -> None:
    """Take messages again."""
    await tx.connection.execute(delete(switch).where(switch.c.name == PAUSED))


async def block(tx: Transaction, platform: str, person: str, now: float) -> None:
    """No longer answer somebody."""
    row = {"platform": platform, "person": person, "at": now}
    await tx.connection.execute(tx.insert(blocked).values(row).on_conflict_do_nothing())


async def unblock(tx: Transaction, platform: str, person: str) -> None:
    """Answer somebody again."""
    await tx.connection.execute(delete(blocked).where(is_blocked(platform, person)))


async def count_blocked(tx: Transaction) -> int:
    """How many people are not answered."""
    return await tx.connection.scalar(select(func.count()).select_from(blocked)) or 0


def is_blocked(platform: str, person: str) -> ColumnElement[bool]:
    """Whether a row is about this person."""
    return and_(blocked.c.platform == platform, blocked.c.person == person)
