"""Discord, through discord.py; the only package that knows that library."""

from __future__ import annotations

from bot.platforms.discord.platform import DiscordPlatform

__all__ = ["DiscordPlatform"]
