"""Discord, simulated by SimCord around the real discord.py, with conditions to wait on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property

import discord
import simcord

from bot.config import DiscordSettings
from bot.messages import IncomingMessage, OutgoingMessage
from bot.platforms.discord import DiscordPlatform
from tests.peers.taking import receiving


@dataclass
class Simulated:
    """A running simulation; every event and every call of the bot wakes who waits."""

    env: simcord.Env
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, condition: Callable[[], object], *, within: float = 30.0) -> None:
        """Wait until a condition on what people see holds."""
        async with asyncio.timeout(within):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def said(self, channel: simcord.ChannelHandle) -> list[str]:
        """What the bot wrote into a channel, in order."""
        messages = sorted(self.env.backend.messages.get(channel.id, {}).items())
        me = self.env.backend.bot_user.id
        return [said.content for _, said in messages if said.author_id == me and said.content]

    async def replies(
        self, channel: simcord.ChannelHandle, count: int = 1, *, within: float = 30.0
    ) -> list[str]:
        """Wait until the bot wrote so often, and return what."""
        await self.until(lambda: len(self.said(channel)) >= count, within=within)
        return self.said(channel)

    async def dm(self, user: simcord.UserHandle, text: str = "", **files: bytes) -> discord.Message:
        """Write to the bot in private; files are given as ``name_ending=bytes``."""
        backend = self.env.backend
        uploads = [(name.replace("_", "."), data) for name, data in files.items()]
        stored = backend.store_attachments(user.dm_channel.id, uploads)
        return await user.send_dm(text, attachments=stored)

    def calls(self, method: str, ending: str) -> list[dict]:
        """The bodies of the bot's calls to an address."""
        return [
            call.json
            for call in self.env.http_requests
            if call.method == method and call.path.endswith(ending)
        ]


@asynccontextmanager
async def simulated(platform: DiscordPlatform) -> AsyncIterator[Simulated]:
    """Put a platform into a simulated Discord: logged in, with a gateway that stays open."""
    client = platform.client
    async with simcord.run(client) as env:
        world = Simulated(env)
        # Each event and each call of the bot is noted there, the private ones too.
        env.backend.transcript = _Watched(env.backend.transcript, world._changed)
        client.login = _nothing  # the simulation has done it
        client.connect = asyncio.Event().wait
        yield world


class _Watched(list):
    """A list that says when it grows."""

    def __init__(self, items: list, grown: asyncio.Event) -> None:
        super().__init__(items)
        self._grown = grown

    def append(self, item: object) -> None:
        super().append(item)
        self._grown.set()


async def _nothing(*_: object) -> None:
    return None


@dataclass
class Bot:
    """The adapter, what it took in, and the Discord around it."""

    platform: DiscordPlatform
    world: Simulated
    messages: asyncio.Queue[IncomingMessage] = field(default_factory=asyncio.Queue)

    @cached_property
    def ada(self) -> simcord.UserHandle:
        return self.world.env.create_user("ada")

    @cached_property
    def channel(self) -> simcord.ChannelHandle:
        return self.world.env.create_guild().create_text_channel("general")

    @cached_property
    def bob(self) -> simcord.MemberActor:
        guild = self.channel.guild
        return guild.add_member(self.world.env.create_user("bob"))

    async def thread(self, name: str) -> simcord.ChannelHandle:
        general = self.platform.client.get_channel(self.channel.id)
        await general.create_thread(name=name, type=discord.ChannelType.public_thread)
        return self.channel.threads[0]

    @property
    def mention(self) -> str:
        return self.platform.client.user.mention

    async def first(self) -> IncomingMessage:
        return await asyncio.wait_for(self.messages.get(), 30)

    async def answer(self, text: str, message: IncomingMessage) -> None:
        """Send a reply as the service does, part by part."""
        for number, part in enumerate(self.platform.split(text)):
            await self.platform.send(outgoing(part, message, number))


def outgoing(text, message, number=0, *, repeat=False):
    return OutgoingMessage(
        key=message.key,
        text=text,
        reply_to=message.message_id,
        nonce=f"r1.{number}",
        repeat=repeat,
        part=number,
        ticket=message.ticket,
    )


@asynccontextmanager
async def talking() -> AsyncIterator[Bot]:
    platform = DiscordPlatform("token", DiscordSettings())
    async with simulated(platform) as world:
        bot = Bot(platform, world)
        async with receiving(platform, bot.messages.put):
            yield bot
