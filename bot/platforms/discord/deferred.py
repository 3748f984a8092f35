"""Slash commands and buttons that were told "thinking …" and wait for their answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import discord

from bot.messages import ConversationKey, IncomingMessage, OutgoingMessage
from bot.platforms.discord.enclosed import files, view

NOBODY: Final = discord.AllowedMentions.none()


@dataclass(slots=True)
class _Waiting:
    interaction: discord.Interaction
    key: ConversationKey
    private: bool
    first: str | None = None
    """The nonce of the part that took the place of "thinking …"."""


class Deferred:
    """Holds each command for the quarter of an hour in which Discord lets it be answered."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}

    def add(
        self, message: IncomingMessage, interaction: discord.Interaction, *, private: bool
    ) -> None:
        """Remember a command by the message it stands for."""
        for key in [key for key, old in self._waiting.items() if old.interaction.is_expired()]:
            del self._waiting[key]
        self._waiting[message.message_id] = _Waiting(interaction, message.key, private)

    def is_thinking(self, key: ConversationKey) -> bool:
        """Whether "thinking …" stands in this conversation."""
        return any(
            waiting.key == key and waiting.first is None and not waiting.interaction.is_expired()
            for waiting in self._waiting.values()
        )

    async def answer(self, message: OutgoingMessage) -> str | None:
        """Answer in the command's own place; None if it is no command, or one too old.

        The first part takes the place of "thinking …", however often it is repeated; the others
        follow it.
        """
        waiting = self._waiting.get(message.reply_to)
        if waiting is None or waiting.interaction.is_expired():
            return None
        if waiting.first in (None, message.nonce):
            waiting.first = message.nonce
            edited = await waiting.interaction.edit_original_response(
                content=message.text,
                allowed_mentions=NOBODY,
                view=view(message),
                attachments=files(message),
            )
            return str(edited.id)
        sent = await waiting.interaction.followup.send(
            message.text,
            allowed_mentions=NOBODY,
            ephemeral=waiting.private,
            wait=True,
            view=view(message),
            files=files(message),
        )
        return str(sent.id)
