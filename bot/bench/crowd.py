"""People who talk to the service in this very process, and hear when they are answered."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Final

from bot.conversation.ports import Leaving, Repeat
from bot.errors import PlatformRejected
from bot.messages import ConversationKey, IncomingMessage, OutgoingMessage
from bot.platforms.base import Accept

NAME: Final = "loopback"
PEOPLE: Final = 200

Hand = Callable[[IncomingMessage], Awaitable[None]]


class Crowd:
    """A platform without a network: what is sent has arrived."""

    name: Final = NAME
    repeat: Final = Repeat.SAFE
    trouble: Final = ""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._answers: dict[str, asyncio.Future[float]] = {}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Nothing to open."""
        yield

    async def receive(self, _: Accept) -> None:
        """People call ``accept`` by themselves."""
        await asyncio.Event().wait()

    async def send(self, message: OutgoingMessage, leaving: Leaving) -> str:
        """Note the moment."""
        await leaving()
        answer = self._answers[message.reply_to]
        if not answer.done():
            answer.set_result(time.perf_counter())
        return message.nonce

    async def fetch(self, _: str) -> bytes:
        """Nobody shows pictures here."""
        raise PlatformRejected("no pictures")

    def split(self, text: str) -> list[str]:
        """Any length."""
        return [text]

    async def typing(self, key: ConversationKey) -> None:
        """Nobody looks."""

    async def warm_up(self, accept: Hand, count: int) -> None:
        """Everything is loaded and every worker awake after this."""
        await self.all_at_once(accept, count)

    async def talk(self, accept: Hand, *, rate: float, seconds: float) -> list[float]:
        """Say something so many times a second; seconds from saying to answer, each."""
        asking = []
        began = time.perf_counter()
        for n in range(round(rate * seconds)):
            await asyncio.sleep(began + n / rate - time.perf_counter())
            asking.append(asyncio.create_task(self._ask(accept)))
        return list(await asyncio.gather(*asking))

    async def all_at_once(self, accept: Hand, count: int) -> None:
        """Say so many things, and wait for all answers."""
        await asyncio.gather(*(self._ask(accept) for _ in range(count)))

    def waiting(self) -> list[str]:
        """What is said and not answered."""
        return [said for said, answer in self._answers.items() if not answer.done()]

    async def answered(self, said: Collection[str]) -> None:
        """Wait until these are answered."""
        await asyncio.gather(*(self._answers[number] for number in said))

    async def _ask(self, accept: Hand) -> float:
        number = next(self._numbers)
        key = ConversationKey(NAME, str(number % PEOPLE), str(number % PEOPLE))
        answer = self._answers[str(number)] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await accept(IncomingMessage(key=key, message_id=str(number), text=f"I am happy {number}"))
        came: float = await answer
        return came - began
