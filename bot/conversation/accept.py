"""The way in: a message is stored for good, once, before its platform hears that we have it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from bot import metrics, texts
from bot.conversation import consent
from bot.conversation.answers import Answers, Said
from bot.conversation.asked import Asked, House
from bot.conversation.commands import Typed, answer, parse
from bot.conversation.limits import Limits, Verdict
from bot.conversation.notice import AT_HOME, ON_PAGE
from bot.conversation.photos import Photos
from bot.conversation.privacy import FORGET, RIGHTS, YES
from bot.conversation.typing import Typing
from bot.engine.base import THINK, Engine
from bot.messages import IncomingMessage, Place
from bot.safety import policy
from bot.storage import conversations, group_rules, inbox
from bot.storage.standing import Standing, standing
from bot.storage.store import Store, Transaction
from bot.storage.turns import InboxState, Turn

EDITED: Final = "-edited"
"""Marks the message that new words make of an answered one."""

log = structlog.get_logger(__name__)

LATELY_S: Final = 86_400.0
MANY_PLACES: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What is taken in, and what is looked at."""

    waiting: int
    """Unanswered messages of everybody."""
    waiting_here: int
    """Unanswered messages of one conversation."""
    longest_s: float = math.inf
    """Seconds that the oldest of them may wait before new ones are refused."""


class Accept:
    """Takes messages from every platform: each is stored with its job, or answered at once."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        *,
        house: House,
        answers: Answers,
        limits: Limits,
        photos: Photos,
        typing: Typing,
        bounds: Bounds,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._engine = engine
        self._house = house
        self._answers = answers
        self._limits = limits
        self._photos = photos
        self._typing = typing
        self._bounds = bounds
        self._clock = clock

    def adopt(self, house: House, bounds: Bounds) -> None:
        """Go by other settings from now on."""
        self._house, self._bounds = house, bounds

    async def __call__(self, message: IncomingMessage) -> None:
        """Return once the message is stored; a redelivery changes nothing.

        Raises ``StorageError`` when nothing could be stored.
        """
        async with self._store.transaction() as tx:
            if message.edited:
                message = await self._corrected(tx, message) or message
            if message.edited:
                return
            turn = await inbox.insert(tx, message, self._clock())
            if turn is None:
                # An album is one message, and its caption may come with a later picture.
                await inbox.correct(tx, message, blank=True)
                log.info("message.repeated", platform=message.key.platform)
                metrics.DUPLICATES.labels(message.key.platform).inc()
                return
            turn = await self._begin(tx, message, turn)
        metrics.ACCEPTED.labels(message.key.platform).inc()
        if turn is None:
            return
        self._typing.start(turn.key, turn.id)
        if turn.state is InboxState.RECEIVING:
            self._photos.bring(turn)

    async def _corrected(self, tx: Transaction, message: IncomingMessage) -> IncomingMessage | None:
        """Heed new words while there is no answer; after it only danger, as a new message."""
        if await inbox.correct(tx, message):
            log.info("message.corrected", platform=message.key.platform)
            return None
        danger = policy.screen(message.text, message.locale)
        if not danger or not await inbox.is_known(tx, message):
            return None
        return replace(message, message_id=f"{message.message_id}{EDITED}", edited=False)

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

    async def places(self, platform: str) -> list[Place]:
        """Where somebody talked here within a day, the most recent first; at most 500."""
        async with self._store.transaction(durable=False) as tx:
            since = self._clock() - LATELY_S
            return await conversations.places(tx, platform, since=since, limit=MANY_PLACES)

    async def _begin(self, tx: Transaction, message: IncomingMessage, turn: Turn) -> Turn | None:
        """Answer at once what needs no model, queue the rest; the turn if a model is to answer."""
        log.info("message.accepted", platform=turn.key.platform, turn=turn.id, text=turn.text)
        now = await standing(tx, message)
        turn = replace(turn, person=now.person, rules=now.rules)
        if (typed := parse(message.text)) and self._may_command(now, typed):
            return await self._command(tx, message, turn, typed, now)
        if await self._refused(tx, message, turn, now):
            return None
        if message.unsupported:
            # Goes with the answer to the words beside it, or is the answer where there are none.
            said = turn.say(texts.UNSUPPORTED[message.unsupported])
            await inbox.attach(tx, turn.id, None, said)
        elif message.photo is not None:
            turn = await self._with_photo(tx, message, turn, now)
        if turn.state is InboxState.READY:
            await self._engine.submit(tx, THINK, str(turn.key), turn.id)
        return turn

    def _may_command(self, now: Standing, typed: Typed) -> bool:
        """People who are blocked keep the commands that are their right."""
        return not now.blocked or typed.name in RIGHTS

    async def _command(
        self,
        tx: Transaction,
        message: IncomingMessage,
        turn: Turn,
        typed: Typed,
        now: Standing,
    ) -> Turn | None:
        erases = (typed.name, typed.argument) == (FORGET, YES)
        if erases:
            await inbox.answered(tx, turn)  # the command itself is nothing that waits
        said = await answer(typed.name, self._asked(tx, message, turn, typed, now))
        if said.look_at:
            return await self._looking_at(tx, turn, said.look_at)
        if erases:
            # Everything went, this message too; it comes back without its words, so that the
            # answer has a place and a redelivery is still known.
            turn = await inbox.insert(tx, replace(message, text=""), self._clock()) or turn
            tx.after_commit(lambda: self._typing.clear(message.key))
        await self._answers.give(tx, turn, said)
        return None

    def _asked(
        self,
        tx: Transaction,
        message: IncomingMessage,
        turn: Turn,
        typed: Typed,
        now: Standing,
    ) -> Asked:
        return Asked(
            tx=tx,
            message=message,
            argument=typed.argument,
            say=turn.say,
            standing=now,
            house=self._house,
            now=self._clock(),
        )

    async def _refused(
        self, tx: Transaction, message: IncomingMessage, turn: Turn, now: Standing
    ) -> bool:
        """Say no in one friendly sentence where that is due; never to someone in danger."""
        said = self._closed(message, turn, now) or await self._too_much(tx, turn)
        if said is None:
            return False
        if fixed := policy.screen(turn.text, turn.locale):
            said = Said(body=fixed.body, crisis=fixed.crisis, urgent=True, introduces=False)
        if said.body:
            await self._answers.give(tx, turn, said)
        else:
            await inbox.answered(tx, turn)
        return True

    def _closed(self, message: IncomingMessage, turn: Turn, now: Standing) -> Said | None:
        """Whether this person, this channel or the whole service is not answered at present."""
        if now.blocked:
            return Said(body="")
        if now.paused:
            return Said(body=turn.say(texts.PAUSED), urgent=True, introduces=False)
        listed = now.rules.channels
        if message.place and listed and turn.key.chat not in listed:
            return Said(body=turn.say(texts.NOT_IN_THIS_CHANNEL), urgent=True, introduces=False)
        return None

    async def _too_much(self, tx: Transaction, turn: Turn) -> Said | None:
        if turn.key.platform in AT_HOME:
            return None
        verdict = self._limits.take((turn.key.platform, turn.key.person))
        if verdict is Verdict.IGNORED and turn.key.platform not in ON_PAGE:
            return Said(body="")
        if verdict is not Verdict.ALLOWED:
            return Said(body=turn.say(texts.SLOW_DOWN), urgent=True, introduces=False)
        waiting = await inbox.waiting(tx, turn)
        late = waiting.since is not None and (
            self._clock() - waiting.since > self._bounds.longest_s
        )
        full = waiting.everywhere >= self._bounds.waiting
        if late or full or waiting.here >= self._bounds.waiting_here:
            return Said(body=turn.say(texts.BUSY), introduces=False)
        return None

    async def _with_photo(
        self, tx: Transaction, message: IncomingMessage, turn: Turn, now: Standing
    ) -> Turn:
        refusal = await consent.refusal(
            tx,
            message,
            now,
            in_groups=self._house.face_in_groups,
            say=turn.say,
            now=self._clock(),
        )
        if refusal:
            await inbox.attach(tx, turn.id, None, refusal)
        if refusal is not None or message.photo is None:
            return turn
        await inbox.expect_photo(tx, turn.id, message.photo)
        return replace(turn, photo=message.photo, state=InboxState.RECEIVING)

    async def _looking_at(self, tx: Transaction, turn: Turn, photo: str) -> Turn:
        """Let a word or a button stand for the picture that it allowed."""
        await inbox.look_at(tx, turn.id, photo)
        return replace(turn, text="", photo=photo, state=InboxState.RECEIVING)
