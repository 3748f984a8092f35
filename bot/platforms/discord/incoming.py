"""What Discord delivers, as the service's own message: pure functions."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import discord

from bot.messages import ConversationKey, IncomingMessage, Reaction
from bot.platforms.buttons import EXPIRES_S
from bot.platforms.reactions import THUMBS

PLATFORM: Final = "discord"
LARGEST_FILE: Final = 20 * 1024 * 1024
"""Bytes of a picture; more is not even downloaded."""

_COMMAND: Final = "command-"
_PRESS: Final = "press-"
_KINDS: Final = {"audio": "voice", "video": "video"}
_EMOJI: Final = re.compile(r"<a?:(\w+):\d+>")
_SOMEBODY: Final = re.compile(r"<@[!&]?\d+>")
_CHANNEL: Final = re.compile(r"<#\d+>")
_SKIN: Final = re.compile("[\U0001f3fb-\U0001f3ff]")
"""Tones of an emoji."""


def to_incoming(message: discord.Message, me: discord.abc.Snowflake) -> IncomingMessage | None:
    """Read a message meant for the bot; None for everything else.

    Without a privileged intent Discord blanks what does not name the bot; nothing is lost by
    leaving that alone.
    """
    if message.author.bot or message.type not in _SAID_BY_PEOPLE:
        return None
    if message.guild is not None and not _addressed(message, me):
        return None
    text = _plain(message.content, me)
    photo, unsupported = _picture(message.attachments)
    return IncomingMessage(
        key=_key(message.channel, message.channel.id, message.author),
        message_id=str(message.id),
        text=text,
        photo=photo,
        unsupported="" if text else unsupported or _wordless(message),
        locale=str(message.guild.preferred_locale) if message.guild else "en",
        private=message.guild is None,
        place=str(message.guild.id) if message.guild else "",
        category=_category(message.channel),
    )


def to_reaction(
    payload: discord.RawReactionActionEvent, channel: object, me: discord.abc.Snowflake
) -> Reaction | None:
    """Read a thumb under a message; None for every other reaction, and for one of the bot's own."""
    thumb = _SKIN.sub("", str(payload.emoji.name))  # a custom one may have lost its name
    if thumb not in THUMBS or payload.user_id == me.id:
        return None
    if payload.message_author_id not in {None, me.id}:  # Discord tells it of what is added alone
        return None
    who = discord.Object(payload.user_id)
    return Reaction(
        key=_key(channel, payload.channel_id, who),
        message_id=str(payload.message_id),
        up=THUMBS[thumb],
        given=payload.event_type == "REACTION_ADD",
    )


def may_speak(guild: discord.Guild) -> discord.TextChannel | None:
    """Where a newcomer may greet a server: in its system channel, else in its first one."""
    first = sorted(guild.text_channels, key=lambda channel: channel.position)
    channels = [*([guild.system_channel] if guild.system_channel else []), *first]
    return next((channel for channel in channels if _is_open(channel)), None)


def _is_open(channel: discord.TextChannel) -> bool:
    mine = channel.permissions_for(channel.guild.me)
    return mine.view_channel and mine.send_messages


def from_command(
    interaction: discord.Interaction,
    text: str,
    attachment: discord.Attachment | None = None,
    *,
    whispered: bool = False,
) -> IncomingMessage:
    """Read a slash command as the message it stands for; ``whispered``: its answer is, too."""
    photo, unsupported = _picture([attachment] if attachment else [])
    words = text.strip()
    return IncomingMessage(
        key=_key(interaction.channel, interaction.channel_id, interaction.user),
        message_id=f"{_COMMAND}{interaction.id}",
        text=words,
        photo=photo,
        unsupported="" if words else unsupported,
        locale=str(interaction.locale),
        private=_is_private(interaction),
        place=_place(interaction),
        category=_category(interaction.channel),
        whispered=whispered,
        moderates=interaction.permissions.manage_guild,
    )


def from_press(interaction: discord.Interaction, says: str, now: datetime) -> IncomingMessage:
    """Read a pressed button as the words that it stands for."""
    message = interaction.message
    old = message is None or (now - message.created_at).total_seconds() > EXPIRES_S
    return IncomingMessage(
        key=_key(interaction.channel, interaction.channel_id, interaction.user),
        message_id=f"{_PRESS}{interaction.id}",
        text="" if old else says,
        unsupported="expired" if old else "",
        locale=str(interaction.locale),
        private=_is_private(interaction),
        place=_place(interaction),
        category=_category(interaction.channel),
        whispered=True,
        moderates=interaction.permissions.manage_guild,
    )


def number_of(message_id: str) -> int:
    """Discord's number of a message, a command or a press; all count the same time."""
    return int(message_id.rpartition("-")[2])


def reply_target(message_id: str) -> int | None:
    """The number to reply to; None for a command or a button, which are no messages."""
    return int(message_id) if message_id.isdecimal() else None


_SAID_BY_PEOPLE: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})


def _is_private(interaction: discord.Interaction) -> bool:
    return interaction.guild_id is None and not interaction.context.private_channel


def _place(interaction: discord.Interaction) -> str:
    """The server; between people whom the bot does not know, their channel."""
    if _is_private(interaction):
        return ""
    return str(interaction.guild_id or interaction.channel_id)


def _category(channel: object) -> str:
    """What holds a channel together with others; a thread is where its channel is."""
    with suppress(discord.ClientException):  # a thread whose channel is not known
        return str(getattr(channel, "category_id", None) or "")
    return ""


def _key(channel: object, number: int | None, author: discord.abc.Snowflake) -> ConversationKey:
    """A thread is a conversation of its own, inside its channel."""
    chat, thread = str(number), ""
    if isinstance(channel, discord.Thread):
        chat, thread = str(channel.parent_id), str(channel.id)
    return ConversationKey(PLATFORM, chat, str(author.id), thread=thread)


def _addressed(message: discord.Message, me: discord.abc.Snowflake) -> bool:
    """Whether a message in a guild mentions the bot or replies to it; @everyone is nobody."""
    if any(user.id == me.id for user in message.mentions):
        return True
    replied = message.reference.resolved if message.reference else None
    return (
        isinstance(replied, discord.Message)
        and replied.author.id == me.id
        and bool(message.content or message.attachments)
    )


def _plain(content: str, me: discord.abc.Snowflake) -> str:
    """The words without the bot's name, and with names for what Discord writes in numbers."""
    content = re.sub(rf"<@!?{me.id}>", "", content)
    content = _EMOJI.sub(r":\1:", content)
    content = _SOMEBODY.sub("@someone", content)
    return _CHANNEL.sub("#channel", content).strip()


def _picture(attachments: Sequence[discord.Attachment]) -> tuple[str | None, str]:
    """The address of the first picture, or what came instead of one."""
    kinds = [_kind(attachment) for attachment in attachments]
    if "image" in kinds:
        picture = attachments[kinds.index("image")]
        return (None, "too_large") if picture.size > LARGEST_FILE else (picture.url, "")
    return None, _KINDS.get(kinds[0], "file") if kinds else ""


def _kind(attachment: discord.Attachment) -> str:
    """``image``, ``audio``, ``video``, … by what Discord says, else by the name."""
    mime = attachment.content_type or mimetypes.guess_type(attachment.filename)[0] or ""
    return mime.partition("/")[0]


def _wordless(message: discord.Message) -> str:
    """What a message without words or attachments holds."""
    if message.stickers:
        return "sticker"
    return "other" if message.poll or message.message_snapshots else ""
