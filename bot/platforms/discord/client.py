"""The bot's presence on Discord: no privileged intent, no pings, events to one function."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import discord
import structlog

from bot import texts
from bot.errors import PlatformError
from bot.messages import IncomingMessage, Reaction
from bot.platforms.buttons import brought
from bot.platforms.discord.budget import Budget
from bot.platforms.discord.commands import build_tree, is_private, sync_if_changed
from bot.platforms.discord.deferred import NOBODY, Thinking, deferred
from bot.platforms.discord.errors import RULES
from bot.platforms.discord.incoming import (
    from_command,
    from_press,
    may_speak,
    to_incoming,
    to_reaction,
)
from bot.platforms.translation import translated

log = structlog.get_logger()

_LONGEST_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Left:
    """The bot was removed from a server."""

    guild: str


@dataclass(frozen=True, slots=True)
class Joined:
    """The bot was added to a server, and may speak in this channel."""

    guild: str
    channel: str
    locale: str


Event = IncomingMessage | Reaction | Joined | Left | None
"""What is handed on; None stands where something may be missing."""


class Client(discord.AutoShardedClient):
    """Hands what is meant for the bot to ``deliver``, in the order in which it came.

    ``shards`` is how many there are in all, ``shard_ids`` those of this process; none: all.
    """

    def __init__(
        self,
        deliver: Callable[[Event], None],
        thinking: Thinking,
        budget: Budget,
        *,
        shards: int = 1,
        shard_ids: Sequence[int] = (),
    ) -> None:
        _quieten()
        chosen: dict[str, Any] = {"shard_ids": list(shard_ids)} if shard_ids else {}
        super().__init__(
            intents=discord.Intents(
                guilds=True,
                guild_messages=True,
                dm_messages=True,
                guild_reactions=True,
                dm_reactions=True,
            ),
            allowed_mentions=NOBODY,
            max_ratelimit_timeout=_LONGEST_WAIT_S,
            http_trace=budget.watching(),
            max_messages=None,  # what people said is not kept here
            shard_count=shards,
            **chosen,
        )
        self._deliver = deliver
        self._thinking = thinking
        self.tree = build_tree(self, self._take)

    async def setup_hook(self) -> None:
        """Tell Discord about the commands if they changed; without them the bot still talks."""
        try:
            with translated(RULES):
                synced = await sync_if_changed(self.tree)
        except PlatformError as exc:
            log.warning("commands.not_synced", platform="discord", reason=str(exc))
        else:
            log.info("commands.synced" if synced else "commands.unchanged", platform="discord")

    async def on_connect(self) -> None:
        """A gateway that is new, not resumed, says nothing of what was missed."""
        self._deliver(None)

    async def on_message(self, message: discord.Message) -> None:
        """Deliver what people say to the bot."""
        if self.user and (incoming := to_incoming(message, self.user)):
            self._deliver(incoming)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Deliver new words for what somebody said to the bot."""
        if self.user and (incoming := to_incoming(payload.message, self.user)):
            self._deliver(replace(incoming, edited=True))

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Deliver a thumb under a message."""
        channel = self.get_channel(payload.channel_id)
        if self.user and (reaction := to_reaction(payload, channel, self.user)):
            self._deliver(reaction)

    on_raw_reaction_remove = on_raw_reaction_add

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Say where a server that is new may be greeted."""
        if channel := may_speak(guild):
            joined = Joined(str(guild.id), str(channel.id), str(guild.preferred_locale))
            self._deliver(joined)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Say that the bot was removed from a server."""
        self._deliver(Left(str(guild.id)))

    async def _take(
        self, interaction: discord.Interaction, text: str, attachment: discord.Attachment | None
    ) -> None:
        """Say "thinking …" at once, for Discord waits three seconds; then deliver."""
        private = is_private(interaction)
        ticket = await deferred(interaction, private=private)
        incoming = from_command(interaction, text, attachment, whispered=private)
        self._thinking_about(replace(incoming, ticket=ticket))

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Deliver what a pressed button stands for, if it was asked of who pressed it."""
        if interaction.type is not discord.InteractionType.component:
            return
        pressed: Mapping[str, Any] = interaction.data or {}
        known = brought(str(pressed.get("custom_id", "")))
        if known is None or known[0] != str(interaction.user.id):
            await interaction.response.send_message(texts.NOT_YOURS, ephemeral=True)
            return
        ticket = await deferred(interaction, private=True)
        incoming = from_press(interaction, known[1], discord.utils.utcnow())
        self._thinking_about(replace(incoming, ticket=ticket))
        await _take_away(interaction)

    def _thinking_about(self, incoming: IncomingMessage) -> None:
        self._thinking.begin(incoming)
        self._deliver(incoming)


async def _take_away(interaction: discord.Interaction) -> None:
    """Take the buttons off the message they were under; nobody minds if that fails."""
    message = interaction.message
    if message is not None and not message.flags.ephemeral:
        with suppress(discord.HTTPException):
            await message.edit(view=None)


def _quieten() -> None:
    """Keep what people said (debug) and the tokens of slash commands (warnings) out of the log."""
    logging.getLogger("discord").setLevel(logging.INFO)
    for name in ("discord.http", "discord.webhook"):
        logging.getLogger(name).setLevel(logging.ERROR)
