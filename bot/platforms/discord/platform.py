"""The Discord adapter: direct messages, mentions, replies and slash commands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import discord
import structlog

from bot.config import DiscordSettings
from bot.conversation.ports import Leaving, Repeat, at_once
from bot.errors import (
    ConfigError,
    PlatformRateLimited,
    PlatformRejected,
    PlatformUnavailable,
)
from bot.lifecycle import ended
from bot.messages import ConversationKey, IncomingMessage, OutgoingMessage, Reaction
from bot.platforms.base import Accept
from bot.platforms.discord.address import find_gateway, reached_at
from bot.platforms.discord.budget import Budget
from bot.platforms.discord.client import Client, Event, Joined, Left
from bot.platforms.discord.deferred import NOBODY, Thinking, answer
from bot.platforms.discord.enclosed import files, view
from bot.platforms.discord.errors import RULES
from bot.platforms.discord.incoming import LARGEST_FILE, PLATFORM, reply_target
from bot.platforms.discord.missed import missed
from bot.platforms.patience import Sleep, until_it_works
from bot.platforms.splitting import split, utf16_units
from bot.platforms.translation import translated

log = structlog.get_logger()

LONGEST_TEXT: Final = 2000
_DRAIN_S: Final = 5.0
_LOOK_BACK: Final = 50


class DiscordPlatform:
    """Direct messages, servers where the bot is mentioned or answered, and slash commands."""

    name: Final = PLATFORM
    repeat: Final = Repeat.SAFE

    def __init__(
        self,
        token: str,
        settings: DiscordSettings,
        *,
        shard_ids: Sequence[int] = (),
        budget: Budget | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        if shard_ids and not max(shard_ids) < settings.shards:
            raise ConfigError(
                "platforms.discord.shards: say how many shards there are in all; "
                f"the highest of this process is {max(shard_ids)}"
            )
        self._api = settings.api
        self._token = token
        self._sleep = sleep
        self._thinking = Thinking()
        self._arrived: asyncio.Queue[Event] = asyncio.Queue()
        self._logged_in = False
        self._budget = budget or Budget()
        self.client = Client(
            self._arrived.put_nowait,
            self._thinking,
            self._budget,
            shards=settings.shards,
            shard_ids=shard_ids,
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Log in for as long as the block lasts; raises ``PlatformRejected`` for a wrong token."""
        with reached_at(self._api):
            async with self.client:
                try:
                    await self._log_in()
                except PlatformUnavailable as exc:  # ``receive`` goes on trying
                    log.warning("platform.unreachable", platform=self.name, reason=str(exc))
                yield

    async def receive(self, accept: Accept) -> None:
        """Listen to the gateway and hand over what arrives, until cancelled."""
        await until_it_works(self._log_in, platform=self.name, sleep=self._sleep)
        listening = asyncio.create_task(self._listen(), name="discord-gateway")
        handing = asyncio.create_task(self._hand_over(accept), name="discord-accept")
        try:
            done, _ = await asyncio.wait({listening, handing}, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            listening.cancel()
            await self._finish(handing)
            await ended(listening)  # discord.py swallows a cancellation while it reconnects

    async def send(self, message: OutgoingMessage, leaving: Leaving = at_once) -> str:
        """Answer a slash command in its place, anything else in its channel; nobody is pinged."""
        self._spare()
        await leaving()  # discord.py may still wait; the nonce makes a repeat harmless
        with translated(RULES):
            if (answered := await answer(self.client, message)) is not None:
                self._thinking.end(message.reply_to)
                return answered
            if message.repeat and (there := await self._already_there(message)):
                return there
            sent = await self._channel(message.key).send(
                message.text,
                nonce=message.nonce,
                allowed_mentions=NOBODY,
                suppress_embeds=True,
                view=view(message),
                files=files(message),
                **self._quote(message),
            )
        return str(sent.id)

    async def fetch(self, photo: str) -> bytes:
        """Download a picture from Discord's file server, at most 20 MB."""
        self._spare()
        with translated(RULES):
            data = await self.client.http.get_from_cdn(photo)
        if len(data) > LARGEST_FILE:
            raise PlatformRejected("Discord: the file is too large")
        return data

    @property
    def trouble(self) -> str:
        """What keeps it from receiving at present."""
        return self._budget.trouble if self.client.is_ready() else "not connected to the gateway"

    async def typing(self, key: ConversationKey) -> None:
        """Show "typing …" for ten seconds, unless a command's "thinking …" says so already."""
        if not self._thinking.stands_in(key):
            self._spare()
            await self._channel(key).typing()

    def split(self, text: str) -> list[str]:
        """Cut at 2,000 characters, counted the longer way."""
        return split(text, LONGEST_TEXT, utf16_units)

    async def sync(self) -> int:
        """Register the commands anew, whatever Discord knows; returns how many there are."""
        with translated(RULES):
            return len(await self.client.tree.sync())

    async def _log_in(self) -> None:
        if self._logged_in:
            return
        try:
            with translated(RULES):
                await self.client.login(self._token)
                await find_gateway(self.client)
        except PlatformUnavailable:
            await self.client.http.close()
            self.client.http.connector = discord.utils.MISSING  # it went with the session
            raise
        self._logged_in = True

    async def _listen(self) -> None:
        """discord.py reconnects by itself; what ends this cannot heal."""
        with translated(RULES):
            await self.client.connect()
        raise PlatformRejected("Discord: the gateway was closed")

    async def _hand_over(self, accept: Accept) -> None:
        """One after the other, in order; Discord does not deliver twice, so each is insisted on."""
        while True:
            storing = self._storing(await self._arrived.get(), accept)
            try:
                await until_it_works(storing, platform=self.name, sleep=self._sleep)
            finally:
                self._arrived.task_done()

    def _storing(self, arrived: Event, accept: Accept) -> Callable[[], Awaitable[None]]:
        """What is to be done with what arrived, as often as it takes."""
        match arrived:
            case None:
                return partial(self._catch_up, accept)
            case Joined(guild, channel, locale):
                return partial(accept.joined, self.name, guild, chat=channel, locale=locale)
            case Left(guild):
                return partial(accept.left, self.name, guild)
            case Reaction():
                return partial(accept.reacted, arrived)
            case IncomingMessage():
                return partial(accept, arrived)

    async def _catch_up(self, accept: Accept) -> None:
        """Fetch what was said while the gateway was away, before anything that was said since."""
        places = await accept.places(self.name)
        if not places:
            return
        await self.client.wait_until_ready()
        for place in places:
            self._spare()
            with translated(RULES):
                async for message in missed(self.client, place):
                    await accept(message)

    def _spare(self) -> None:
        """Ask for nothing while too much was refused; raises ``PlatformRateLimited``."""
        if wait := self._budget.wait_s():
            raise PlatformRateLimited(wait)

    async def _finish(self, handing: asyncio.Task[None]) -> None:
        """Store what has arrived already, for Discord would not deliver it again."""
        stored = asyncio.create_task(self._arrived.join(), name="discord-drain")
        last = {stored, handing}
        await asyncio.wait(last, timeout=_DRAIN_S, return_when=asyncio.FIRST_COMPLETED)
        for part in last:
            part.cancel()
        await asyncio.wait(last)

    def _channel(self, key: ConversationKey) -> discord.PartialMessageable:
        return self.client.get_partial_messageable(int(key.thread or key.chat))

    async def _already_there(self, message: OutgoingMessage) -> str | None:
        """Find what an earlier attempt may have left: Discord heeds a nonce for minutes only."""
        target = reply_target(message.reply_to)
        if target is None or self.client.user is None:
            return None
        history = self._channel(message.key).history(after=discord.Object(target), limit=_LOOK_BACK)
        try:
            async for old in history:
                mine = old.author.id == self.client.user.id and old.content == message.text
                if mine and (old.reference is None or old.reference.message_id == target):
                    return str(old.id)
        except discord.Forbidden:
            log.warning("history.not_readable", platform=self.name)
        return None

    def _quote(self, message: OutgoingMessage) -> dict[str, Any]:
        """Point at the answered message where several people talk, without a ping."""
        channel = int(message.key.thread or message.key.chat)
        target = reply_target(message.reply_to)
        if target is None or getattr(self.client.get_channel(channel), "guild", None) is None:
            return {}
        reference = discord.MessageReference(
            message_id=target, channel_id=channel, fail_if_not_exists=False
        )
        return {"reference": reference, "mention_author": False}
