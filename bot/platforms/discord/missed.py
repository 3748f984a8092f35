"""What was said while nobody listened: a gateway that is new tells nothing of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import discord
import structlog

from bot.messages import IncomingMessage, Place
from bot.platforms.discord.incoming import PLATFORM, number_of, to_incoming

log = structlog.get_logger()

_MOST: Final = 100
"""Messages that are looked at in one place."""


async def missed(client: discord.Client, place: Place) -> AsyncIterator[IncomingMessage]:
    """What people said to the bot here after the newest message that is stored, oldest first.

    Raises the library's errors where that may help another time; a place that is gone or closed
    to the bot has nothing to say.
    """
    last = number_of(place.message_id)
    try:
        channel = await client.fetch_channel(int(place.thread or place.chat))
        if not isinstance(channel, discord.abc.Messageable) or client.user is None:
            return
        newest = getattr(channel, "last_message_id", None)  # a direct channel keeps none
        if newest is not None and newest <= last:
            return
        async for message in channel.history(
            after=discord.Object(last), limit=_MOST, oldest_first=True
        ):
            if incoming := to_incoming(message, client.user):
                yield incoming
    except (discord.Forbidden, discord.NotFound) as exc:
        log.info("place.closed", platform=PLATFORM, reason=type(exc).__name__)
