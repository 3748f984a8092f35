"""Slash commands and buttons: told "thinking …" at once, and answered in that place.

Discord lets whoever shows the interaction's token do that, for a quarter of an hour.
"""

from __future__ import annotations

import time
from typing import Final

import discord

from bot.errors import PlatformRejected
from bot.messages import ConversationKey, IncomingMessage, OutgoingMessage, Ticket
from bot.platforms.discord.enclosed import files, view

NOBODY: Final = discord.AllowedMentions.none()
LIFETIME_S: Final = 15 * 60.0
MARGIN_S: Final = 5.0
"""What is asked for just before the end may come after it."""


async def deferred(interaction: discord.Interaction, *, private: bool) -> Ticket:
    """Say "thinking …"; returns what any process needs to answer in that place."""
    expires_at = time.time() + LIFETIME_S - MARGIN_S
    said = await interaction.response.defer(thinking=True, ephemeral=private)
    place = said.message_id if said else None
    if place is None:
        place = (await interaction.original_response()).id
    return Ticket(token=interaction.token, place=str(place), private=private, expires_at=expires_at)


async def answer(client: discord.Client, message: OutgoingMessage) -> str | None:
    """Answer in the command's own place; None if it is no command, or one too old.

    The first part takes the place of "thinking …", however often it is repeated; the others
    follow it. Raises ``PlatformRejected`` for a private answer that comes too late: everybody
    would see it anywhere else.
    """
    given = message.ticket
    if given is None:
        return None
    if not given.token or given.expires_at <= time.time():
        if given.private:
            raise PlatformRejected("Discord: too late for an answer that only one person may see")
        return None
    place = discord.Webhook.partial(client.application_id or 0, given.token, client=client)
    place.type = discord.WebhookType.application
    if message.part == 0:
        edited = await place.edit_message(
            int(given.place),
            content=message.text,
            allowed_mentions=NOBODY,
            view=view(message),
            attachments=files(message),
        )
        return str(edited.id)
    sent = await place.send(
        message.text,
        allowed_mentions=NOBODY,
        ephemeral=given.private,
        wait=True,
        view=view(message),
        files=files(message),
    )
    return str(sent.id)


class Thinking:
    """Where "thinking …" stands, as far as this process has put it there."""

    def __init__(self) -> None:
        self._waiting: dict[str, IncomingMessage] = {}

    def begin(self, message: IncomingMessage) -> None:
        """Remember a command until its answer takes that place, or it is too late for one."""
        for old in [old for old in self._waiting.values() if not _may_be_answered(old)]:
            del self._waiting[old.message_id]
        self._waiting[message.message_id] = message

    def end(self, message_id: str) -> None:
        """Its answer is there."""
        self._waiting.pop(message_id, None)

    def stands_in(self, key: ConversationKey) -> bool:
        """Whether it says so already that an answer is coming here."""
        return any(old.key == key and _may_be_answered(old) for old in self._waiting.values())


def _may_be_answered(message: IncomingMessage) -> bool:
    return message.ticket is not None and time.time() < message.ticket.expires_at
