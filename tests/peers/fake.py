"""A platform and a pipeline in memory, and what people say to them."""

from __future__ import annotations

import asyncio
import io
import threading
from contextlib import asynccontextmanager

from PIL import Image
from sqlalchemy import func, select

from bot.bootstrap import service
from bot.config import Settings
from bot.conversation.ports import Repeat
from bot.errors import (
    PlatformUncertain,
)
from bot.messages import ConversationKey, IncomingMessage
from emotibot_models.scripted import ScriptedPipeline

ANN = ConversationKey("fake", "ann-chat", "ann")
BEN = ConversationKey("fake", "ben-chat", "ben")


class FakePlatform:
    """A platform in memory: remembers what was sent, fails by script."""

    name = "fake"
    trouble = ""

    def __init__(self, *, photos=None, repeat=Repeat.NEVER, longest=2000):
        self.sent = []
        self.typed = []
        self.photos = photos or {}
        self.faults = []
        self.repeat = repeat
        self._longest = longest
        self._changed = asyncio.Event()
        self.fetched = []

    @asynccontextmanager
    async def opened(self):
        yield

    async def receive(self, accept):
        await asyncio.Event().wait()

    def split(self, text):
        return [text[i : i + self._longest] for i in range(0, len(text), self._longest)]

    async def send(self, message, leaving):
        await leaving()
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, PlatformUncertain):
            self.sent.append(message)
        if fault is not None:
            raise fault
        self.sent.append(message)
        self._changed.set()
        return f"s{len(self.sent)}"

    async def fetch(self, photo):
        self.fetched.append(photo)
        picture = self.photos[photo]
        if isinstance(picture, asyncio.Future):
            picture = await picture
        if isinstance(picture, Exception):
            raise picture
        return picture

    async def typing(self, key):
        self.typed.append(key)

    async def has_failed(self):
        return not self.faults

    def bodies(self, key=None):
        return [m.text for m in self.sent if key is None or m.key == key]

    async def until(self, count):
        """Wait until this many replies are out, at most a minute."""
        async with asyncio.timeout(60):
            while len(self.sent) < count:
                self._changed.clear()
                await self._changed.wait()


class Gate:
    """A pipeline that waits until it is let through, in its thread."""

    def __init__(self, inner=None):
        self.inner = inner or ScriptedPipeline()
        self.open = threading.Event()
        self.entered = threading.Event()
        self.turns = []

    def run(self, turns):
        self.entered.set()
        assert self.open.wait(60)
        self.turns.extend(turns)
        return self.inner.run(turns)

    async def has_work(self):
        assert await asyncio.to_thread(self.entered.wait, 60)


@asynccontextmanager
async def thinking(settings, first):
    """The running service, whose models are at this message until the gate is opened."""
    fake, gate = FakePlatform(), Gate()
    async with service(settings, gate, [fake]) as live:
        await live.accept(first)
        await gate.has_work()
        yield live, fake, gate


def belonging_to(settings, person):
    return changed(settings, owners={"people": [person]})


def changed(settings, **sections):
    return Settings.model_validate(settings.model_dump() | sections)


def message(text, number, key=ANN, **more):
    return IncomingMessage(key=key, message_id=str(number), text=text, **more)


def jpeg():
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "orange").save(out, "JPEG")
    return out.getvalue()


async def eventually(true):
    """Wait until the condition holds, at most a minute."""
    async with asyncio.timeout(60):
        while not (await true()):  # noqa: ASYNC110 - the condition has no event of its own
            await asyncio.sleep(0.01)


async def rows(live, table):
    async with live.store.transaction() as tx:
        return await tx.connection.scalar(select(func.count()).select_from(table))


def heard(text):
    return f"I hear you: {text}"
