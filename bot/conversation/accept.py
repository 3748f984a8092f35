"""The way in: a message is stored for good, once, before its platform hears that we have it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from bot import metrics, texts
from bot.conversation import consent
from bot.conversation.answers import Answers, Said
from bot.conversation.asked import Asked, House
from bot.conversation.commands import Typed, answer, parse, spoken
from bot.conversation.events import Events
from bot.conversation.limits import Limits, Verdict
from bot.conversation.notice import AT_HOME, ON_PAGE
from bot.conversation.photos import Photos
from bot.conversation.privacy import FORGET, RIGHTS, YES, is_left_alone
from bot.conversation.typing import Typing
from bot.engine.base import THINK, Engine
from bot.messages import IncomingMessage
from bot.safety import policy
from bot.storage import conversations, inbox
from bot.storage.standing import Standing, standing
from bot.storage.store import Store, Transaction
from bot.storage.turns import InboxState, Turn

EDITED: Final = "-edited"
"""Marks the message that new words make of an answered one."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What is taken in, and what is looked at."""

    waiting: int
    """Unanswered messages of everybody."""
    waiting_here: int
    """Unanswered messages of one conversation."""
    longest_s: float = math.inf
    """Seconds that the oldest of them may wait before new ones are refused."""


class Accept(Events):
    """Takes messages from every platform: each is stored with its job, or answered at once."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        *,
        house: House,
        answers: Answers,
        limits: Limits,
        group_limits: Limits,
        photos: Photos,
        typing: Typing,
        bounds: Bounds,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(store, answers, clock)
        self._engine = engine
        self._house = house
        self._limits = limits
        self._group_limits = group_limits
        self._photos = photos
        self._typing = typing
        self._bounds = bounds

    def adopt(self, house: House, bounds: Bounds) -> None:
        """Go by other settings from now on."""
        self._house, self._bounds = house, bounds

    async def __call__(self, message: IncomingMessage) -> None:
        """Return once the message is stored; a redelivery changes nothing.

        Raises ``StorageError`` when nothing could be stored.
        """
        message = spoken(message)
        async with self._store.transaction() as tx:
            now = await standing(tx, message)
            if message.edited:
                message = await self._corrected(tx, message, now) or message
            if message.edited:
                return
            if await self._leaves_alone(tx, message, now):
                log.info("message.left_alone", platform=message.key.platform)
                return
            turn = await inbox.insert(tx, message, self._clock())
            if turn is None:
                # An album is one message, and its caption may come with a later picture.
                await inbox.correct(tx, message, blank=True)
                log.info("message.repeated", platform=message.key.platform)
                metrics.DUPLICATES.labels(message.key.platform).inc()
                return
            turn = await self._begin(tx, message, turn, now)
        metrics.ACCEPTED.labels(message.key.platform).inc()
        if turn is None:
            return
        self._typing.start(turn.key, turn.id)
        if turn.state is InboxState.RECEIVING:
            self._photos.bring(turn)

    async def _corrected(
        self, tx: Transaction, message: IncomingMessage, now: Standing
    ) -> IncomingMessage | None:
        """Heed new words while there is no answer; after it only danger, as a new message.

        Of those who are left alone nothing is known, and danger is met all the same.
        """
        if await inbox.correct(tx, message):
            log.info("message.corrected", platform=message.key.platform)
            return None
        danger = policy.screen(message.text, message.locale)
        if not danger or not (is_left_alone(message, now) or await inbox.is_known(tx, message)):
            return None
        return replace(message, message_id=f"{message.message_id}{EDITED}", edited=False)

    async def _leaves_alone(self, tx: Transaction, message: IncomingMessage, now: Standing) -> bool:
        """Whether a message is as if it had not come: its person wants that, and is in no danger.

        What their platform waits for an answer to is answered.
        """
        if not is_left_alone(message, now) or message.ticket is not None:
            return False
        typed = parse(message.text)
        rightful = typed is not None and typed.name in RIGHTS
        return not (rightful or await self._danger(tx, message))

    async def _danger(self, tx: Transaction, message: IncomingMessage) -> policy.Fixed | None:
        """What to say to somebody in danger, or who was asked whether they are and says no."""
        at = await conversations.crisis_at(tx, message.key)
        asked = policy.is_worried(at, self._clock())
        return policy.screen(message.text, message.locale, asked=asked)

    async def _begin(
        self, tx: Transaction, message: IncomingMessage, turn: Turn, now: Standing
    ) -> Turn | None:
        """Answer at once what needs no model, queue the rest; the turn if a model is to answer."""
        log.info("message.accepted", platform=turn.key.platform, turn=turn.id, text=turn.text)
        turn = replace(turn, person=now.person, rules=now.rules)
        if (typed := parse(message.text)) and self._may_command(message, now, typed):
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

    def _may_command(self, message: IncomingMessage, now: Standing, typed: Typed) -> bool:
        """People who are blocked keep the commands that are their right.

        Who wants to be left alone has all of them where nobody else reads along.
        """
        if typed.name in RIGHTS:
            return True
        return not now.blocked and (message.whispered or not is_left_alone(message, now))

    async def _command(
        self,
        tx: Transaction,
        message: IncomingMessage,
        turn: Turn,
        typed: Typed,
        now: Standing,
    ) -> Turn | None:
        if (typed.name, typed.argument) == (FORGET, YES):
            await inbox.answered(tx, turn)  # the command itself is nothing that waits
        said = await answer(typed.name, self._asked(tx, message, turn, typed, now))
        if said.look_at:
            return await self._looking_at(tx, turn, said.look_at)
        unanswered = turn.say(texts.ERASED_UNANSWERED)
        if said.erases:
            # This message went, too; it comes back without its words, so that the answer has a
            # place and a redelivery is still known.
            turn = await inbox.insert(tx, replace(message, text=""), self._clock()) or turn
            tx.after_commit(lambda: self._typing.clear(message.key))
        await self._answers.give(tx, turn, said)
        await self._end(tx, said.unanswered, unanswered)
        return None

    async def _end(self, tx: Transaction, erased: Sequence[IncomingMessage], body: str) -> None:
        """Say where a platform waits for an answer that none will come."""
        for message in erased:
            if turn := await inbox.insert(tx, message, self._clock()):  # None: the command itself
                said = Said(body=body, urgent=True, introduces=False)
                await self._answers.give(tx, turn, said)

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
        said = self._closed(message, turn, now) or await self._too_much(tx, message, turn)
        if said is None:
            return False
        if fixed := await self._danger(tx, message):
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
        if is_left_alone(message, now):
            return Said(body=turn.say(texts.LEFT_ALONE), urgent=True, introduces=False)
        listed = now.rules.channels
        if message.place and listed and not {turn.key.chat, message.category} & {*listed}:
            return Said(body=turn.say(texts.NOT_IN_THIS_CHANNEL), urgent=True, introduces=False)
        return None

    async def _too_much(self, tx: Transaction, message: IncomingMessage, turn: Turn) -> Said | None:
        """Whether a person, their group or everybody asks for more than is given."""
        if turn.key.platform in AT_HOME:
            return None
        verdict, why = self._rated(message)
        waits = turn.key.platform in ON_PAGE or message.ticket is not None
        if verdict is Verdict.IGNORED and not waits:
            return Said(body="")
        if verdict is not Verdict.ALLOWED:
            return Said(body=turn.say(why), urgent=True, introduces=False)
        waiting = await inbox.waiting(tx, turn)
        late = waiting.since is not None and (
            self._clock() - waiting.since > self._bounds.longest_s
        )
        full = waiting.everywhere >= self._bounds.waiting
        if late or full or waiting.here >= self._bounds.waiting_here:
            return Said(body=turn.say(texts.BUSY), introduces=False)
        return None

    def _rated(self, message: IncomingMessage) -> tuple[Verdict, str]:
        """Whether a message is within the rates, and what to say if it is not."""
        key = message.key
        verdict = self._limits.take((key.platform, key.person))
        if verdict is not Verdict.ALLOWED or not message.place:
            return verdict, texts.SLOW_DOWN
        return self._group_limits.take((key.platform, key.chat)), texts.GROUP_SLOW_DOWN

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
