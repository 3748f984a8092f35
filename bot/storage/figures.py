"""Figures about the service, for those who run it; nothing that anybody said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.storage.inbox import UNANSWERED
from bot.storage.outbox import UNSENT, OutboxState
from bot.storage.schema import inbox, outbox
from bot.storage.store import Transaction

PENDING, SENDING = OutboxState.PENDING, OutboxState.SENDING


@dataclass(frozen=True, slots=True)
class Figures:
    """What waits, and how the last hour went."""

    unanswered: int
    oldest_s: float
    """Age of the oldest message without an answer, in seconds."""
    unsent: int
    replies: int
    """Written in the last hour."""
    p50_s: float
    """From a message's acceptance to its written answer, in seconds."""
    p95_s: float
    failed: int
    """Parts that a platform would not take, in the last hour."""
    unknown: int
    """Parts that may or may not have arrived, in the last hour."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits; cheap to count."""

    unanswered: int
    oldest_s: float
    """Age of the oldest message without an answer, in seconds."""
    unsent: Mapping[str, int]
    """Parts of replies, by ``pending`` and ``sending``."""


async def backlog(tx: Transaction, now: float) -> Backlog:
    """Count what waits, by indices alone."""
    waiting = select(func.count(), func.min(inbox.c.received_at)).where(UNANSWERED)
    unanswered, oldest = (await tx.connection.execute(waiting)).one()
    states = select(outbox.c.state, func.count()).where(UNSENT).group_by(outbox.c.state)
    found = {row[0]: row[1] for row in await tx.connection.execute(states)}
    unsent = {state.value: found.get(state.value, 0) for state in (PENDING, SENDING)}
    return Backlog(unanswered, now - oldest if oldest is not None else 0.0, unsent)


async def figures(tx: Transaction, now: float) -> Figures:
    """Count what waits now and what happened in the last hour."""
    waiting = select(func.count(), func.min(inbox.c.received_at)).where(UNANSWERED)
    unanswered, oldest = (await tx.connection.execute(waiting)).one()
    unsent = select(func.count()).select_from(outbox).where(UNSENT)
    recent = outbox.c.created_at >= now - 3600
    took = (
        select((outbox.c.created_at - inbox.c.received_at).label("took"))
        .join(inbox, inbox.c.id == outbox.c.inbox_id)
        .where(recent, outbox.c.part == 0)
    )
    seconds = sorted((await tx.connection.scalars(took)).all())
    ended = select(outbox.c.state, func.count()).where(recent).group_by(outbox.c.state)
    states = {row[0]: row[1] for row in await tx.connection.execute(ended)}
    return Figures(
        unanswered=unanswered,
        oldest_s=now - oldest if oldest is not None else 0.0,
        unsent=await tx.connection.scalar(unsent) or 0,
        replies=len(seconds),
        p50_s=share(seconds, 0.5),
        p95_s=share(seconds, 0.95),
        failed=states.get(OutboxState.FAILED.value, 0),
        unknown=states.get(OutboxState.UNKNOWN.value, 0),
    )


def share(ordered: Sequence[float], part: float) -> float:
    """The value that this part of them does not exceed; 0 of none."""
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0
