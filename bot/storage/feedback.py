"""What people said about replies: kept with them, counted without them."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import delete, func, select

from bot.messages import ConversationKey
from bot.storage.schema import feedback
from bot.storage.store import Transaction


class Verdict(StrEnum):
    """What a person may say about a reply."""

    GOOD = "good"
    BAD = "bad"
    FELT = "felt"
    """They felt something else than was read."""


async def keep(
    tx: Transaction,
    key: ConversationKey,
    verdict: Verdict,
    *,
    read: str | None = None,
    felt: str | None = None,
    about: int | None = None,
    now: float,
) -> None:
    """Keep what a person said, with the emotion that was read and the one they name.

    ``about`` is the message whose answer it is about, where that is known.
    """
    row = {"platform": key.platform, "person": key.person, "at": now, "inbox_id": about}
    values = {**row, "verdict": verdict.value, "read": read, "felt": felt}
    await tx.connection.execute(feedback.insert().values(values))


async def withdraw(tx: Transaction, about: int, *verdicts: Verdict) -> None:
    """Let go of these verdicts on the answer to this message."""
    said = feedback.c.verdict.in_([verdict.value for verdict in verdicts])
    await tx.connection.execute(delete(feedback).where(feedback.c.inbox_id == about, said))


async def figures(tx: Transaction) -> dict[str, int]:
    """How often each verdict was given, by anybody."""
    query = select(feedback.c.verdict, func.count()).group_by(feedback.c.verdict)
    counted = {row[0]: row[1] for row in await tx.connection.execute(query)}
    return {verdict.value: counted.get(verdict.value, 0) for verdict in Verdict}
