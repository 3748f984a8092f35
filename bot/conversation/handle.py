"""The turn itself: screen, recall, infer, review, remember."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from bot import metrics, texts
from bot.conversation.answers import Answers, Said
from bot.conversation.consent import buttons
from bot.conversation.history import recall
from bot.conversation.mood import moved, strongest
from bot.conversation.notice import SPEAKS_FOR_ITSELF
from bot.errors import InferenceError, InferenceOverloaded, InferenceStopped, RetryLater
from bot.languages import NAMES, say_in
from bot.languages.guess import foreign, is_enough
from bot.safety import policy
from bot.storage import inbox
from bot.storage.store import Store
from bot.storage.turns import Turn
from emotibot_models.types import Line, TurnInput, TurnResult

log = structlog.get_logger(__name__)

Infer = Callable[[TurnInput], Awaitable[TurnResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How turns are answered."""

    turns: int
    """Earlier exchanges that are recalled."""
    attempts: int
    """Tries before an apology."""
    emotion_line: bool
    """Whether a reply says how the message was read."""
    join_s: float = 0.0
    """Messages that follow each other within so many seconds are one."""


class Handle:
    """Answers the unanswered messages of a conversation, oldest first.

    ``infer`` gives the models' result for one turn or raises ``InferenceError``; ``clock`` returns
    seconds since 1970.
    """

    def __init__(
        self,
        store: Store,
        infer: Infer,
        answers: Answers,
        manner: Manner,
        *,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._infer = infer
        self._answers = answers
        self._manner = manner
        self._clock = clock

    def adopt(self, manner: Manner) -> None:
        """Answer in another manner from now on."""
        self._manner = manner

    async def __call__(self, turn_id: int) -> None:
        """Answer everything up to this message; finds nothing to do when it is done already.

        Raises ``RetryLater`` while more may still be typed, ``InferenceStopped`` when the models
        stop first, ``StorageError`` when the database fails: the message stays unanswered and is
        taken up again.
        """
        while taken := await self._take(turn_id):
            turn, lines = taken
            with structlog.contextvars.bound_contextvars(platform=turn.key.platform, turn=turn.id):
                said = await self._respond(turn, lines)
                # Lost with the power, the answer is found again: nobody has seen it yet.
                async with self._store.transaction(durable=False) as tx:
                    won = await self._answers.give(tx, turn, said)
                if not won:
                    metrics.SUPPRESSED.inc()
                if turn.id < turn_id:
                    metrics.HEALED.inc()  # its own job should have come first
                log.info("turn.answered" if won else "turn.answered_before", reply=said.body)
            if turn.id >= turn_id:
                return

    async def _take(self, turn_id: int) -> tuple[Turn, tuple[Line, ...]] | None:
        async with self._store.transaction(durable=False, whole=False) as tx:
            turn = await inbox.next_turn(tx, turn_id, join_s=self._manner.join_s)
            if turn is None:
                return None
            self._let_finish(turn)
            turns = turn.person.turns
            wanted = self._manner.turns if turns is None else turns
            return turn, await recall(tx, turn.key, wanted, in_group=turn.in_group)

    def _let_finish(self, turn: Turn) -> None:
        """Wait a moment for what may still be typed; raises ``RetryLater``, except in danger."""
        since = self._clock() - turn.received_at
        if turn.key.platform in SPEAKS_FOR_ITSELF or not 0 <= since < self._manner.join_s:
            return
        if len(turn.pieces) + 1 < inbox.MOST_PIECES and not policy.screen(turn.text, turn.locale):
            raise RetryLater(self._manner.join_s - since)

    async def _respond(self, turn: Turn, lines: tuple[Line, ...]) -> Said:
        """What to say; never raises for what the models did."""
        worried = policy.is_worried(turn.crisis_at, self._clock())
        if fixed := policy.screen(turn.text, turn.locale, asked=worried):
            log.warning("turn.crisis")
            return Said(body=fixed.body, crisis=fixed.crisis, introduces=False)
        if turn.attempts >= self._manner.attempts:
            log.error("turn.given_up", attempts=turn.attempts)
            return Said(body=turn.say(texts.APOLOGY))
        # Nobody's face is analysed while we are worried about them.
        image = None if worried else turn.image
        if not turn.text.strip() and image is None:
            body = turn.note or turn.say(texts.EMPTY)
            return Said(body=body, buttons=buttons(turn.note, turn.say))
        if image is None and is_enough(turn.text):  # a thread is a detour
            language = await asyncio.to_thread(foreign, turn.text)
            if language is not None:
                say = say_in(language) if language in NAMES else turn.say
                return Said(body=say(texts.LANGUAGE_UNKNOWN))
        return await self._think(turn, lines, image)

    async def _think(self, turn: Turn, lines: tuple[Line, ...], image: bytes | None) -> Said:
        try:
            result = await self._infer(
                TurnInput(
                    text=turn.text,
                    image=image,
                    history=lines,
                    locale=turn.locale,
                    leanings=turn.person.leanings,
                    mood=strongest(turn.mood, self._clock()),
                )
            )
        except InferenceStopped:
            raise
        except InferenceOverloaded:
            return Said(body=turn.say(texts.BUSY))
        except InferenceError:
            log.warning("turn.apology", exc_info=True)
            return Said(body=turn.say(texts.APOLOGY))
        return self._say(turn, result)

    def _say(self, turn: Turn, result: TurnResult) -> Said:
        reply = policy.review(result, turn.say, strict=turn.rules.strict)
        if policy.is_crisis(result):
            return Said(body=reply, crisis=True, introduces=False)
        face_note = result.face.note if result.face else ""
        line = self._emotion_line(turn, result)
        paragraphs = [reply, *(note for note in (face_note, turn.note, line) if note)]
        reading = _reading(result)
        return Said(
            body="\n\n".join(paragraphs),
            reading=reading,
            lines=_lines(turn, reply),
            buttons=buttons(turn.note, turn.say),
            mood=moved(turn.mood, reading, self._clock()),
        )

    def _emotion_line(self, turn: Turn, result: TurnResult) -> str:
        wanted = turn.person.emotion_line
        shown = self._manner.emotion_line if wanted is None else wanted
        if turn.key.platform in SPEAKS_FOR_ITSELF or not shown:
            return ""
        emotions = result.text_reading.emotions
        face = result.face.emotion if result.face else None
        return texts.reading(emotions[0].emotion if emotions else None, face, turn.say)


def _lines(turn: Turn, reply: str) -> tuple[tuple[Literal["person", "bot"], str], ...]:
    if not turn.text.strip():
        return (("bot", reply),)
    return (("person", turn.text), ("bot", reply))


def _reading(result: TurnResult) -> dict[str, Any]:
    """The result without the words of either side."""
    whole = result.to_dict()
    return {
        "has_image": result.has_image,
        **{key: whole[key] for key in ("emotion_analysis", "safety", "metadata")},
    }
