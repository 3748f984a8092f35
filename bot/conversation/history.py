"""What the models are told of the conversation so far."""

from __future__ import annotations

from bot.messages import ConversationKey
from bot.storage import history
from bot.storage.history import SaidHere
from bot.storage.store import Transaction
from emotibot_models.types import Line


async def recall(
    tx: Transaction, key: ConversationKey, turns: int, *, in_group: bool = False
) -> tuple[Line, ...]:
    """The last exchanges of exactly this conversation, oldest line first.

    In a group they are those of everybody there; the others go by numbers that stay, not by name.
    """
    if turns == 0:
        return ()
    if in_group:
        said = await history.recent_of_all(tx, key, limit=2 * turns)
        return tuple(Line(line.speaker, _told_apart(line, key)) for line in said)
    spoken = await history.recent(tx, key, limit=2 * turns)
    return tuple(Line(speaker, words) for speaker, words in spoken)


def _told_apart(line: SaidHere, key: ConversationKey) -> str:
    """Whoever asks needs no name; what is about another begins with theirs."""
    if line.person == key.person:
        return line.text
    return f"Person {line.number}: {line.text}"
