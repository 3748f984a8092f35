"""Discord's users, messages and errors, with every field that its description calls required."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final

Json = dict[str, Any]


def user(number: str, name: str) -> Json:
    """Somebody, as others see them."""
    return {
        "id": number,
        "username": name,
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


ME: Final[Json] = {**user("1", "EmotiBot"), "bot": True}
MYSELF: Final[Json] = {**ME, "mfa_enabled": False, "locale": "en-US", "verified": True}
"""The bot, as it sees itself."""
ADA: Final = user("42", "ada")
APPLICATION: Final[Json] = {
    "id": "1",
    "name": "EmotiBot",
    "description": "",
    "icon": None,
    "type": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "00" * 32,
    "flags": 0,
    "flags_new": "0",
    "redirect_uris": [],
    "interactions_endpoint_url": None,
    "role_connections_verification_url": None,
    "owner": ADA,
    "team": None,
    "approximate_guild_count": 0,
    "approximate_user_install_count": 0,
    "approximate_user_authorization_count": 0,
    "explicit_content_filter": 0,
    "eligible_oauth2_scopes": [],
}


def message(number: str, author: Json, text: str, channel: str) -> Json:
    """A message of words alone."""
    return {
        "id": number,
        "channel_id": channel,
        "author": author,
        "content": text,
        "timestamp": "2026-11-22T12:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "flags": 0,
        "type": 0,
    }


def direct_channel(number: str, last: str, people: list[Json]) -> Json:
    """A conversation in private."""
    return {"id": number, "type": 1, "flags": 0, "last_message_id": last, "recipients": people}


def attachment(number: str, name: str, data: bytes) -> Json:
    """A file under a message; its address leads nowhere."""
    address = f"http://127.0.0.1/attachments/{number}/{name}"
    return {
        "id": number,
        "filename": name,
        "size": len(data),
        "url": address,
        "proxy_url": address,
    }


def numbered(components: list[Json]) -> list[Json]:
    """Buttons and their rows as Discord returns them: each with a number within the message."""
    numbers = itertools.count(1)
    return [_numbered(component, numbers) for component in components]


def _numbered(component: Mapping[str, Any], numbers: Iterator[int]) -> Json:
    inner = {"components": [_numbered(part, numbers) for part in component.get("components", ())]}
    return {**component, "id": next(numbers), **(inner if inner["components"] else {})}


def error(text: str, code: int, **more: Any) -> Json:
    """The body of a refusal."""
    return {"message": text, "code": code, **more}
