"""What platforms tell beside messages: groups joined, left and moved, and reactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from bot import texts
from bot.conversation.answers import Answers, Said
from bot.conversation.feedback import react
from bot.messages import ConversationKey, IncomingMessage, Place, Reaction
from bot.storage import conversations, group_rules, inbox
from bot.storage.store import Store

log = structlog.get_logger(__name__)

JOINED: Final = "joined-"
"""Marks the event whose answer is the greeting."""
LATELY_S: Final = 86_400.0
MANY_PLACES: Final = 500


class Events:
    """Takes what happens to the bot and around it; ``clock`` returns seconds since 1970.

    Every method raises ``StorageError`` when nothing could be stored.
    """

    def __init__(self, store: Store, answers: Answers, clock: Callable[[], float]) -> None:
        self._store = store
        self._answers = answers
        self._clock = clock

    async def joined(self, platform: str, place: str, *, chat: str, locale: str) -> None:
        """The bot was added to a group: it says in this chat how to be called; never again."""
        itself = ConversationKey(platform, chat, person=place)
        event = IncomingMessage(
            key=itself,
            message_id=f"{JOINED}{place}",
            text="",
            locale=locale,
            private=False,
            place=place,
        )
        async with self._store.transaction() as tx:
            if await conversations.is_place_known(tx, platform, place):
                return
            if turn := await inbox.insert(tx, event, self._clock()):
                said = Said(body=turn.say(texts.GREETING), introduces=False)
                await self._answers.give(tx, turn, said)
        log.info("place.joined", platform=platform)

    async def left(self, platform: str, place: str) -> None:
        """The bot was removed from a group: what was chosen for it is erased."""
        async with self._store.transaction() as tx:
            await group_rules.leave(tx, platform, place)
        log.info("place.left", platform=platform)

    async def moved(self, platform: str, place: str, now: str) -> None:
        """A group got another number: its settings and its conversations go with it."""
        async with self._store.transaction() as tx:
            await group_rules.move(tx, platform, place, now)
        log.info("place.moved", platform=platform)

    async def reacted(self, reaction: Reaction) -> None:
        """Somebody put a thumb under a message of the bot's, or took it away."""
        async with self._store.transaction() as tx:
            await react(tx, reaction, self._clock())

    async def places(self, platform: str) -> list[Place]:
        """Where somebody talked here within a day, the most recent first; at most 500."""
        async with self._store.transaction(durable=False) as tx:
            since = self._clock() - LATELY_S
            return await conversations.places(tx, platform, since=since, limit=MANY_PLACES)
