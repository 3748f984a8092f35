"""What the models are told of the conversation so far."""

from __future__ import annotations

from bot.messages import ConversationKey
from bot.storage import history
from bot.storage.store import Transaction
from emotibot_models.types import Line


async def recall(tx: Transaction, key: ConversationKey, turns: int) -> tuple[Line, ...]:
    """The last exchanges of exactly this conversation, oldest line first."""
    if turns == 0:
        return ()
    spoken = await history.recent(tx, key, limit=2 * turns)
    return tuple(Line(speaker, words) for speaker, words in spoken)
