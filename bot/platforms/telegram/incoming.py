"""What Telegram delivers, as the service's own message: pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telegram import (
    CallbackQuery,
    ChatMember,
    ChatMemberRestricted,
    Document,
    Message,
    MessageEntity,
    PhotoSize,
    ReactionType,
    ReactionTypeEmoji,
    Update,
    User,
)
from telegram.constants import ChatMemberStatus, ChatType

from bot.messages import ConversationKey, IncomingMessage, Reaction
from bot.platforms.buttons import EXPIRES_S, brought
from bot.platforms.reactions import THUMBS

PLATFORM: Final = "telegram"
LARGEST_FILE: Final = 20 * 1024 * 1024
"""Bytes; Telegram hands a bot nothing larger."""

_ALBUM: Final = "album-"
_PRESS: Final = "press-"
_WORDLESS: Final = {
    "voice": "voice",
    "audio": "voice",
    "video": "video",
    "video_note": "video",
    "animation": "video",  # before document, which Telegram sets beside it
    "sticker": "sticker",
    "document": "file",
    "contact": "other",
    "dice": "other",
    "game": "other",
    "location": "other",
    "paid_media": "other",
    "poll": "other",
    "story": "other",
}
"""What a person may send that holds neither words nor a picture, and what the bot calls it."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The bot was added to a group."""

    group: str
    locale: str


def in_order(updates: Iterable[Update]) -> list[Update]:
    """Put an album's captioned picture before its others: the first one speaks for the album."""
    arrived = list(updates)
    begins: dict[str | None, int] = {}
    for update in arrived:
        begins.setdefault(_album(update), update.update_id)

    def place(update: Update) -> tuple[int, bool, int]:
        if (album := _album(update)) is None:
            return update.update_id, False, update.update_id
        captioned = update.message is not None and bool(update.message.caption)
        return begins[album], not captioned, update.update_id

    return sorted(arrived, key=place)


def to_incoming(update: Update, me: User) -> IncomingMessage | None:
    """Read a new or edited message meant for the bot; None for everything else.

    Pictures of one album share a ``message_id``, so that an album is one message.
    """
    message = update.message or update.edited_message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None
    private = message.chat.type == "private"
    if not private and not _addressed(message, me):
        return None
    photo, unsupported = _picture(message)
    if not (message.text or photo or unsupported):
        return None  # somebody joined, a message was pinned, …
    text = _words(message, me)
    return IncomingMessage(
        key=_key(message, message.from_user),
        message_id=_message_id(message),
        text=text,
        photo=photo,
        unsupported="" if text else unsupported,
        locale=message.from_user.language_code or "en",
        private=private,
        place="" if private else str(message.chat.id),
        edited=update.message is None,
    )


def left(update: Update) -> str | None:
    """The group that the bot was removed from, if this says so."""
    change = update.my_chat_member
    if change is None or change.chat.type == "private":
        return None
    gone = change.new_chat_member.status in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
    return str(change.chat.id) if gone else None


def joined(update: Update) -> Joined | None:
    """The group that the bot was added to, if this says so, and if it may speak there."""
    change = update.my_chat_member
    if change is None or change.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
        return None
    if _is_in(change.old_chat_member) or not _is_in(change.new_chat_member):
        return None
    if isinstance(change.new_chat_member, ChatMemberRestricted) and not (
        change.new_chat_member.can_send_messages
    ):
        return None
    return Joined(str(change.chat.id), change.from_user.language_code or "en")


def reacted(update: Update) -> Reaction | None:
    """A thumb that somebody put under a message, or took away, if this says so."""
    change = update.message_reaction
    if change is None or change.user is None:
        return None
    before, after = _thumbs(change.old_reaction), _thumbs(change.new_reaction)
    thumb = next(iter(after or before), None)
    if thumb is None or before == after:
        return None
    return Reaction(
        key=ConversationKey(PLATFORM, str(change.chat.id), str(change.user.id)),
        message_id=str(change.message_id),
        up=THUMBS[thumb],
        given=bool(after),
    )


def moved(update: Update) -> tuple[str, str] | None:
    """The old and the new number of a group that became a supergroup, if this says so."""
    message = update.message
    if message is None or message.migrate_to_chat_id is None:
        return None
    return str(message.chat.id), str(message.migrate_to_chat_id)


def pressed(query: CallbackQuery, now: datetime) -> IncomingMessage | None:
    """Read a pressed button as the words that it stands for; None if it is somebody else's."""
    known, under = brought(query.data or ""), query.message
    if known is None or known[0] != str(query.from_user.id) or under is None:
        return None
    # Telegram keeps nothing but the address of a message that is old or gone.
    old = not isinstance(under, Message) or (now - under.date).total_seconds() > EXPIRES_S
    private = under.chat.type == "private"
    topic = under.message_thread_id if isinstance(under, Message) and under.is_topic_message else ""
    return IncomingMessage(
        key=ConversationKey(PLATFORM, str(under.chat.id), known[0], thread=str(topic or "")),
        message_id=f"{_PRESS}{query.id}",
        text="" if old else known[1],
        unsupported="expired" if old else "",
        locale=query.from_user.language_code or "en",
        private=private,
        place="" if private else str(under.chat.id),
    )


def _is_in(member: ChatMember) -> bool:
    """Whether the bot is in a group; who is restricted there may have left."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


def _thumbs(reactions: Iterable[ReactionType]) -> list[str]:
    emoji = [each.emoji for each in reactions if isinstance(each, ReactionTypeEmoji)]
    return [each for each in emoji if each in THUMBS]


def reply_target(message_id: str) -> int | None:
    """The number to reply to; None for an album or a button, which have none of their own."""
    return int(message_id) if message_id.isdecimal() else None


def _album(update: Update) -> str | None:
    return update.message.media_group_id if update.message else None


def _key(message: Message, sender: User) -> ConversationKey:
    """A forum topic is a conversation of its own; a mere thread of replies is not."""
    topic = message.message_thread_id if message.is_topic_message else None
    return ConversationKey(
        platform=PLATFORM,
        chat=str(message.chat.id),
        person=str(sender.id),
        thread="" if topic is None else str(topic),
    )


def _message_id(message: Message) -> str:
    if message.media_group_id:
        return f"{_ALBUM}{message.media_group_id}"
    return str(message.message_id)


def _addressed(message: Message, me: User) -> bool:
    """Whether a message in a group is for the bot: a reply to it, a mention, or a command."""
    return _replies(message, me) or any(_names(*marked, me) for marked in _entities(message))


def _replies(message: Message, me: User) -> bool:
    replied = message.reply_to_message
    # Everything said in a topic replies to the message that opened it.
    if replied is None or replied.from_user is None or replied.forum_topic_created:
        return False
    return replied.from_user.id == me.id


def _entities(message: Message) -> Iterable[tuple[MessageEntity, str]]:
    if message.text:
        return message.parse_entities().items()
    if message.caption:
        return message.parse_caption_entities().items()
    return ()


def _names(entity: MessageEntity, said: str, me: User) -> bool:
    """Whether one marked piece of a text points at the bot."""
    at_me = f"@{me.username}".casefold()
    if entity.type == MessageEntity.MENTION:
        return said.casefold() == at_me
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    if entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0:
        return "@" not in said or said.casefold().endswith(at_me)
    return False


def _words(message: Message, me: User) -> str:
    """The text or caption without the bot's own name; ``/help@bot`` becomes ``/help``."""
    said = message.text or message.caption or ""
    return re.sub(rf"@{re.escape(me.username or '')}\b", "", said, flags=re.IGNORECASE).strip()


def _picture(message: Message) -> tuple[str | None, str]:
    """The file id of the picture, or what came instead of one."""
    picture: PhotoSize | Document | None = None
    if message.photo:
        picture = max(message.photo, key=lambda size: size.width * size.height)
    elif message.document and (message.document.mime_type or "").startswith("image/"):
        picture = message.document
    if picture is None:
        kinds = (kind for field, kind in _WORDLESS.items() if getattr(message, field))
        return None, next(kinds, "")
    if (picture.file_size or 0) > LARGEST_FILE:
        return None, "too_large"
    return picture.file_id, ""
