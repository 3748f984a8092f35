"""The way in: a message is stored for good, once, before its platform hears that we have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from bot import texts
from bot.conversation import consent
from bot.conversation.answers import Answers, Said
from bot.conversation.commands import FORGET, Command, Commands, parse
from bot.conversation.limits import Limits, Verdict
from bot.conversation.photos import Photos
from bot.conversation.typing import Typing
from bot.engine.base import THINK, Engine
from bot.messages import IncomingMessage, Place
from bot.safety import policy
from bot.storage import inbox
from bot.storage.inbox import InboxState, Turn
from bot.storage.store import Store, Transaction

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
    face_in_groups: bool


class Accept:
    """Takes messages from every platform: each is stored with its job, or answered at once."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        *,
        commands: Commands,
        answers: Answers,
        limits: Limits,
        photos: Photos,
        typing: Typing,
        bounds: Bounds,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._engine = engine
        self._commands = commands
        self._answers = answers
        self._limits = limits
        self._photos = photos
        self._typing = typing
        self._bounds = bounds
        self._clock = clock

    async def __call__(self, message: IncomingMessage) -> None:
        """Return once the message is stored; a redelivery changes nothing.

        Raises ``StorageError`` when nothing could be stored.
        """
        async with self._store.transaction() as tx:
            turn = await inbox.insert(tx, message, self._clock())
            if turn is None:
                log.info("message.repeated", platform=message.key.platform)
                return
            turn = await self._begin(tx, message, turn)
        if turn is None:
            return
        self._typing.start(turn.key, turn.id)
        if turn.state is InboxState.RECEIVING:
            self._photos.bring(turn)

    async def places(self, platform: str) -> list[Place]:
        """Where somebody talked here within a day, the most recent first; at most 500."""
        async with self._store.transaction(durable=False) as tx:
            since = self._clock() - LATELY_S
            return await inbox.places(tx, platform, since=since, limit=MANY_PLACES)

    async def _begin(self, tx: Transaction, message: IncomingMessage, turn: Turn) -> Turn | None:
        """Answer at once what needs no model, queue the rest; the turn if a model is to answer."""
        log.info("message.accepted", platform=turn.key.platform, turn=turn.id, text=turn.text)
        if command := parse(message.text):
            await self._command(tx, message, turn, command)
            return None
        if await self._refused(tx, turn):
            return None
        if message.unsupported:
            # Goes with the answer to the words beside it, or is the answer where there are none.
            await inbox.attach(tx, turn.id, None, texts.UNSUPPORTED[message.unsupported])
        elif message.photo is not None:
            turn = await self._with_photo(tx, message, turn, message.photo)
        if turn.state is InboxState.READY:
            await self._engine.submit(tx, THINK, str(turn.key), turn.id)
        return turn

    async def _command(
        self, tx: Transaction, message: IncomingMessage, turn: Turn, command: Command
    ) -> None:
        if command.name == FORGET:
            await inbox.answered(tx, turn)  # the command itself is nothing that waits
        body = await self._commands.answer(tx, message, command)
        introduces = command.name != FORGET
        if command.name == FORGET:
            # Everything went, this message too; it comes back without its words, so that the
            # answer has a place and a redelivery is still known.
            turn = await inbox.insert(tx, replace(message, text=""), self._clock()) or turn
            tx.after_commit(lambda: self._typing.clear(message.key))
        await self._answers.give(tx, turn, Said(body=body, urgent=True, introduces=introduces))

    async def _refused(self, tx: Transaction, turn: Turn) -> bool:
        """Say no in one friendly sentence when it is too much; never to someone in danger."""
        said = await self._too_much(tx, turn)
        if said is None:
            return False
        if fixed := policy.screen(turn.text, turn.locale):
            said = Said(body=fixed.body, crisis=fixed.crisis, urgent=True, introduces=False)
        if said.body:
            await self._answers.give(tx, turn, said)
        else:
            await inbox.answered(tx, turn)
        return True

    async def _too_much(self, tx: Transaction, turn: Turn) -> Said | None:
        if turn.key.platform in consent.AT_HOME:
            return None
        verdict = self._limits.take((turn.key.platform, turn.key.person))
        if verdict is Verdict.IGNORED:
            return Said(body="")
        if verdict is Verdict.REFUSED:
            return Said(body=texts.SLOW_DOWN, urgent=True, introduces=False)
        waiting = await inbox.waiting(tx, turn)
        full = waiting.everywhere >= self._bounds.waiting
        if full or waiting.here >= self._bounds.waiting_here:
            return Said(body=texts.BUSY, introduces=False)
        return None

    async def _with_photo(
        self, tx: Transaction, message: IncomingMessage, turn: Turn, photo: str
    ) -> Turn:
        refusal = await consent.refusal(
            tx, message, in_groups=self._bounds.face_in_groups, now=self._clock()
        )
        if refusal:
            await inbox.attach(tx, turn.id, None, refusal)
        if refusal is not None:
            return turn
        await inbox.expect_photo(tx, turn.id, photo)
        return replace(turn, photo=photo, state=InboxState.RECEIVING)
