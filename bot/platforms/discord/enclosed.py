"""What goes with a reply's words: buttons and a file, as discord.py wants them."""

from __future__ import annotations

import io

import discord

from bot.messages import OutgoingMessage
from bot.platforms.buttons import carried


def view(message: OutgoingMessage) -> discord.ui.View:
    """The buttons in a row, or the library's word for nothing; each tells what it means."""
    if not message.buttons:
        nothing: discord.ui.View = discord.utils.MISSING
        return nothing
    row = discord.ui.View(timeout=None)
    for button in message.buttons:
        custom_id = carried(message.key.person, button.says)
        row.add_item(discord.ui.Button(label=button.label, custom_id=custom_id))
    row.stop()  # or discord.py would remember it for ever
    return row


def files(message: OutgoingMessage) -> list[discord.File]:
    """The file, or nothing."""
    if message.file is None:
        return []
    return [discord.File(io.BytesIO(message.file.data), filename=message.file.name)]
