"""Telegram, through python-telegram-bot; the only package that knows that library."""

from __future__ import annotations

from bot.platforms.telegram.platform import TelegramPlatform

__all__ = ["TelegramPlatform"]
