"""Telegram's users, messages and updates, as its documentation describes them."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

BOT: Final[Json] = {
    "id": 123456,
    "is_bot": True,
    "first_name": "EmotiBot",
    "username": "emotibot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}
WRITTEN_AT: Final = 1_700_000_000
_RIGHTS: Final = (
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


_OF_STATUS: Final[dict[str, Json]] = {
    "administrator": {"can_be_edited": False, **dict.fromkeys(_RIGHTS, False)},
    "kicked": {"until_date": 0},
}
"""What is said beside it."""


def user(number: int = 42, **more: Any) -> Json:
    """A person."""
    return {"id": number, "is_bot": False, "first_name": "Ada", **more}


def message(number: int, text: str, parts: Json) -> Json:
    """An update: Ada writes in private, unless ``parts`` say otherwise."""
    written = {
        "message_id": number,
        "date": WRITTEN_AT,
        "chat": {"id": 42, "type": "private", "first_name": "Ada"},
        "from": user(language_code="en"),
        **({"text": text} if text else {}),
        **parts,
    }
    return {"message": written}


def press(number: int, label: str, person: int, under: Json) -> Json:
    """An update: somebody presses a button."""
    query = {
        "id": str(number),
        "from": user(person, language_code="en"),
        "message": under,
        "chat_instance": "1",
        "data": buttons(under)[label],
    }
    return {"callback_query": query}


def reaction(under: Json, person: int, old: str, new: str) -> Json:
    """An update: somebody's reaction to a message changes from one emoji to another, or to none."""
    before, after = ([{"type": "emoji", "emoji": e}] if e else [] for e in (old, new))
    change = {
        "chat": under["chat"],
        "message_id": under["message_id"],
        "user": user(person),
        "date": under["date"],
        "old_reaction": before,
        "new_reaction": after,
    }
    return {"message_reaction": change}


def membership(group: Json, old: str, new: str) -> Json:
    """An update: Ada changes what the bot is in a group."""
    change = {
        "chat": group,
        "from": user(language_code="en"),
        "date": WRITTEN_AT,
        "old_chat_member": _itself(old),
        "new_chat_member": _itself(new),
    }
    return {"my_chat_member": change}


def _itself(status: str) -> Json:
    return {"user": BOT, "status": status, **_OF_STATUS.get(status, {})}


def member(number: int, *, administers: bool) -> Json:
    """What somebody is in a group."""
    status = "administrator" if administers else "member"
    return {"user": user(number), "status": status, **_OF_STATUS.get(status, {})}


def buttons(under: Json) -> dict[str, str]:
    """The buttons under a message: label and what they carry."""
    rows = under.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["text"]: button["callback_data"] for row in rows for button in row}
