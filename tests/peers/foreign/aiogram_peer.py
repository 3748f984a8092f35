"""aiogram as a bot on our loopback Bot API: what it makes of every answer, as JSON.

``python aiogram_peer.py ADDRESS TOKEN``. It runs among the libraries of ``requirements.txt``
beside it, which do not fit beside those of this project.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Iterator
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Update,
)
from pydantic import BaseModel

EVERY_KIND = list(Update.model_fields.keys() - {"update_id"})
"""Reactions are handed out to those who name them."""


def keyboard(label: str) -> InlineKeyboardMarkup:
    button = InlineKeyboardButton(text=label, callback_data="/face yes")
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


def unknown(value: Any) -> Iterator[str]:
    """The fields that its types do not have."""
    if isinstance(value, list):
        for item in value:
            yield from unknown(item)
    elif isinstance(value, BaseModel):
        yield from value.model_extra or ()
        for name in value.model_fields_set:
            yield from unknown(getattr(value, name))


async def error(call: Awaitable[Any]) -> list[Any]:
    """How it names what went wrong, and what it was told with it."""
    try:
        await call
    except AiogramError as exc:
        told = getattr(exc, "retry_after", None) or getattr(exc, "migrate_to_chat_id", None)
        return [type(exc).__name__, told]
    return ["none", None]


async def main(address: str, token: str) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(address))
    async with Bot(token, session=session) as bot:
        errors = {
            name: await error(bot.send_message(42, "hello"))
            for name in ("429", "migrated", "403", "502")
        }
        me = await bot.get_me()
        updates = await bot.get_updates(timeout=1, allowed_updates=EVERY_KIND)
        after = await bot.get_updates(offset=updates[-1].update_id + 1)
        photo = next(u.message.photo for u in updates if u.message and u.message.photo)
        file = await bot.get_file(photo[-1].file_id)
        data = await bot.download(file)
        reaction = next(u.message_reaction for u in updates if u.message_reaction)
        pressed = next(u.callback_query for u in updates if u.callback_query)
        answered = await bot.answer_callback_query(pressed.id)
        sent = await bot.send_message(42, "hello", reply_markup=keyboard("Yes"))
        edited = await bot.edit_message_reply_markup(
            chat_id=42, message_id=sent.message_id, reply_markup=keyboard("No")
        )
        bare = await bot.edit_message_reply_markup(chat_id=42, message_id=sent.message_id)
        picture = await bot.send_photo(42, BufferedInputFile(b"png", "mood.png"), caption="mood")
        document = await bot.send_document(42, BufferedInputFile(b"{}", "mine.json"))
        errors["empty"] = await error(bot.send_message(42, " "))
        errors["long"] = await error(bot.send_message(42, "x" * 4097))
        errors["marks"] = await error(bot.send_message(42, "a.", parse_mode="MarkdownV2"))
        bold = await bot.send_message(42, "*hello*", parse_mode="MarkdownV2")
        errors["unchanged"] = await error(
            bot.edit_message_reply_markup(chat_id=42, message_id=sent.message_id)
        )
        errors["file"] = await error(bot.get_file("none"))
        first = asyncio.create_task(error(bot.get_updates(offset=-1, timeout=5)))
        while not first.done():
            await error(bot.get_updates(timeout=0))
        errors["409"] = await first
        webhooks = [
            await bot.set_webhook("https://bot.example/hook", secret_token="s"),
            await bot.delete_webhook(),
        ]
        async with Bot("1:wrong", session=session) as stranger:
            errors["401"] = await error(stranger.get_me())
    parsed = [me, updates, file, sent, edited, bare, picture, document]
    report = {
        "me": me.username,
        "updates": [[u.event_type, (u.message and u.message.content_type)] for u in updates],
        "reaction": [r[0].emoji for r in (reaction.old_reaction, reaction.new_reaction)],
        "after": len(after),
        "photo": data.read().decode(),
        "answered": answered,
        "buttons": [
            m.reply_markup and m.reply_markup.inline_keyboard[0][0].text
            for m in (sent, edited, bare)
        ],
        "files": [picture.content_type, picture.caption, document.document.file_name],
        "bold": bold.text,
        "webhooks": webhooks,
        "errors": errors,
        "unknown": sorted(set(unknown(parsed))),
    }
    sys.stdout.write(json.dumps(report))


asyncio.run(main(*sys.argv[1:]))
