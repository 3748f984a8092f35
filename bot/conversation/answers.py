"""How an answer is given: one transaction closes the message, writes the reply and remembers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.conversation.notice import due
from bot.engine.base import Engine, post_queue
from bot.messages import Button, ConversationKey, File, IncomingMessage
from bot.storage import conversations, history, inbox, outbox
from bot.storage.store import Transaction
from bot.storage.turns import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the bot has decided to say."""

    body: str = field(repr=False)
    reading: dict[str, Any] | None = field(default=None, repr=False)
    lines: tuple[tuple[Literal["person", "bot"], str], ...] = field(default=(), repr=False)
    """What is remembered of this turn."""
    urgent: bool = False
    """Need not wait for the answers to earlier messages."""
    crisis: bool | None = None
    """True: this answers a person in danger; False: they said that they are not."""
    introduces: bool = True
    """May carry the first-contact notice."""
    buttons: tuple[Button, ...] = ()
    file: File | None = None
    erases: bool = False
    """The message that is answered may have been erased with what was erased."""
    unanswered: tuple[IncomingMessage, ...] = field(default=(), repr=False)
    """What was erased while its platform waited for an answer."""
    look_at: str = ""
    """The picture to look at instead: the answer will be about that."""
    mood: Mapping[str, Any] | None = field(default=None, repr=False)
    """The running mood of the conversation after this turn."""


class Answers:
    """Gives each message its one answer, whoever comes first with it.

    ``clock`` returns seconds since 1970.
    """

    def __init__(self, engine: Engine, *, days: int, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._days = days
        self._clock = clock

    async def give(self, tx: Transaction, turn: Turn, said: Said) -> bool:
        """Answer a message; False, and nothing written, when it is answered or forgotten."""
        conversation_id = await inbox.answered(tx, turn)
        if conversation_id is None:
            return False
        now = self._clock()
        body = said.body
        if said.introduces and (notice := await due(tx, turn, days=self._days, now=now)):
            body = f"{notice}\n\n{body}"
        await outbox.write(
            tx,
            turn.id,
            body,
            reading=said.reading,
            buttons=said.buttons,
            file=said.file,
            urgent=said.urgent,
            now=now,
        )
        if said.crisis is not None:
            await conversations.set_crisis(tx, turn.id, now if said.crisis else None)
        if said.mood is not None:
            await conversations.set_mood(tx, turn.id, said.mood)
        await history.append(tx, conversation_id, said.lines, reading=said.reading, now=now)
        await submit_post(self._engine, tx, turn.key, turn.id)
        return True


async def submit_post(engine: Engine, tx: Transaction, key: ConversationKey, turn_id: int) -> None:
    """Have a message's reply posted, after those before it in its conversation."""
    await engine.submit(tx, post_queue(key.platform), f"post:{key}", turn_id)
