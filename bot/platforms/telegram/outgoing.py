"""A reply as Telegram's call: words, or a file with the words as its caption."""

from __future__ import annotations

import mimetypes
from typing import Any, Final

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)

from bot.conversation.ports import Leaving
from bot.messages import OutgoingMessage
from bot.platforms.buttons import carried
from bot.platforms.telegram.incoming import reply_target
from bot.platforms.telegram.library import Bot

IN_A_ROW: Final = 3


async def deliver(bot: Bot, message: OutgoingMessage, leaving: Leaving) -> Message:
    """Send one part of a reply; raises the library's errors.

    Words beside a file are its caption: at most 1,024 UTF-16 units.
    """
    common: dict[str, Any] = {
        "chat_id": int(message.key.chat),
        "message_thread_id": int(message.key.thread) if message.key.thread else None,
        "reply_parameters": _reply(message),
        "reply_markup": _keyboard(message),
        "rate_limit_args": leaving,
    }
    if message.file is None:
        return await bot.send_message(
            text=message.text, link_preview_options=LinkPreviewOptions(is_disabled=True), **common
        )
    kind = mimetypes.guess_type(message.file.name)[0] or ""
    if kind.startswith("image/"):
        return await bot.send_photo(photo=message.file.data, caption=message.text, **common)
    return await bot.send_document(
        document=message.file.data, filename=message.file.name, caption=message.text, **common
    )


def _keyboard(message: OutgoingMessage) -> InlineKeyboardMarkup | None:
    """The buttons in rows that a phone shows whole."""
    if not message.buttons:
        return None
    made = [
        InlineKeyboardButton(b.label, callback_data=carried(message.key.person, b.says))
        for b in message.buttons
    ]
    return InlineKeyboardMarkup(
        [made[first : first + IN_A_ROW] for first in range(0, len(made), IN_A_ROW)]
    )


def _reply(message: OutgoingMessage) -> ReplyParameters | None:
    """Point at the answered message where several people talk; group ids are negative."""
    target = reply_target(message.reply_to)
    if target is None or int(message.key.chat) > 0:
        return None
    return ReplyParameters(message_id=target, allow_sending_without_reply=True)
