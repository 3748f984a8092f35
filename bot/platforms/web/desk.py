"""What a visitor of the page can do; each of it takes the way in that every platform takes."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from bot import texts
from bot.conversation import consent
from bot.conversation.commands import Typed, parse
from bot.conversation.privacy import FORGET, YES
from bot.errors import StorageError
from bot.messages import IncomingMessage
from bot.platforms.base import Accept
from bot.platforms.web.visits import Answer, Exchange, Visit, Visits
from emotibot_models.errors import ImageError
from emotibot_models.images import shrink

log = structlog.get_logger(__name__)

FACE: Final = "face"
PATIENCE_S: Final = 300.0
"""After this long without an answer a sentence takes its place."""


class Desk:
    """Speaks for visitors; lives in the service's event loop, as everything it touches."""

    def __init__(self, accept: Accept, visits: Visits, *, patience_s: float = PATIENCE_S) -> None:
        self._accept = accept
        self._visits = visits
        self._patience = patience_s

    async def open(self, locale: str, person: str | None = None) -> Visit:
        """A page was opened."""
        return self._visits.open(locale, person)

    async def say(self, visit: Visit, text: str) -> Exchange:
        """Hand in a message, with the picture that was chosen; it shows in the conversation."""
        self._obey(visit, parse(text))
        return await self._hand_in(visit, text, shown=True)

    async def answered(self, exchange: Exchange, *, within_s: float) -> bool:
        """Whether the answer came in time; else the message's place in the line is looked up."""
        await asyncio.wait([exchange.arrives], timeout=within_s)
        if not exchange.arrives.done():
            exchange.ahead = self._visits.ahead(exchange)
        return exchange.arrives.done()

    async def choose(self, visit: Visit, data: bytes) -> str:
        """Take this picture along with the next message; else the sentence that says why not."""
        visit.picture = None
        try:
            visit.picture = await asyncio.to_thread(shrink, data)
        except ImageError as exc:
            return str(exc)
        return ""

    async def allow_faces(self, visit: Visit, allowed: bool) -> Answer:
        """Say whether the face on this visitor's pictures may be read."""
        return await self._order(visit, f"/{FACE} {'yes' if allowed else 'no'}")

    async def forget(self, visit: Visit) -> Answer:
        """Erase everything that was said on this page, here and in the tables."""
        return await self._order(visit, f"/{FORGET} {YES}")

    async def leave(self, visit: Visit) -> None:
        """The page was closed: nothing stays, unless its visitor asked for it."""
        if visit.kept:
            return
        await self.forget(visit)
        self._visits.close(visit)

    async def _order(self, visit: Visit, command: str) -> Answer:
        self._obey(visit, parse(command))
        exchange = await self._hand_in(visit, command, shown=False)
        return await exchange.arrives

    def _obey(self, visit: Visit, typed: Typed | None) -> None:
        """What a command changes on the page itself; the conversation does the rest."""
        if typed is None:
            return
        if (typed.name, typed.argument) == (FORGET, YES):
            self._visits.forget(visit)
        elif typed.name == FACE and typed.argument in consent.YES | consent.NO:
            visit.faces = typed.argument in consent.YES
            visit.picture = None

    async def _hand_in(self, visit: Visit, text: str, *, shown: bool) -> Exchange:
        exchange = self._visits.begin(visit, text)
        if shown:
            visit.exchanges.append(exchange)
        message = IncomingMessage(
            key=visit.key,
            message_id=exchange.id,
            text=text,
            photo=exchange.id if exchange.picture is not None else None,
            locale=visit.locale,
        )
        loop = asyncio.get_running_loop()
        late = loop.call_later(self._patience, self._visits.give_up, exchange, texts.APOLOGY)
        exchange.arrives.add_done_callback(lambda _: late.cancel())
        try:
            await self._accept(message)
        except StorageError:
            log.warning("message.not_stored", platform=visit.key.platform, exc_info=True)
            self._visits.give_up(exchange, texts.APOLOGY)
        return exchange
