"""What the tables say is still to be done: the truth behind every engine's queue."""

from __future__ import annotations

from collections.abc import Container

from bot.engine.base import THINK, Job, post_queue
from bot.storage import inbox, outbox
from bot.storage.store import Store
from bot.storage.turns import InboxState


async def unfinished(store: Store, platforms: Container[str] | None = None) -> list[Job]:
    """A job for every message without an answer and for every answer that is not out, oldest first.

    Only of these platforms, where another process over the same tables serves the others. Messages
    whose picture is still on the way are left to ``Photos``.
    """
    async with store.transaction() as tx:
        turns = await inbox.unanswered(tx)
        replies = await outbox.unsent(tx)
    thinking = [
        Job(THINK, str(turn.key), turn.id)
        for turn in turns
        if turn.state is InboxState.READY and (platforms is None or turn.key.platform in platforms)
    ]
    posting = [
        Job(post_queue(key.platform), f"post:{key}", turn_id)
        for turn_id, key in replies
        if platforms is None or key.platform in platforms
    ]
    return [*posting, *thinking]
