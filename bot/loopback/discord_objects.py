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
JOINED_AT: Final = "2026-11-22T12:00:00+00:00"
_USUAL: Final = 1 << 6 | 1 << 10 | 1 << 11 | 1 << 16
"""Add reactions, view channels, send messages, read their history."""
EPHEMERAL: Final = 1 << 6
LOADING: Final = 1 << 7
"""Flags of a message: for one person alone, and still to come."""
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


def reaction(emoji: str, under: Json, person: str) -> Json:
    """Somebody's emoji under a message, as the gateway tells it."""
    return {
        "user_id": person,
        "channel_id": under["channel_id"],
        "message_id": under["id"],
        "message_author_id": under["author"]["id"],
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    }


def command(
    number: str,
    token: str,
    name: str,
    options: Mapping[str, str],
    author: Json,
    channel: str,
    context: int,
) -> Json:
    """A slash command with words, as the gateway tells it; outside of servers."""
    given = [{"name": each, "type": 3, "value": value} for each, value in options.items()]
    return {
        "id": number,
        "application_id": APPLICATION["id"],
        "type": 2,
        "token": token,
        "version": 1,
        "data": {"id": "700", "name": name, "type": 1, "options": given},
        "channel_id": channel,
        "channel": direct_channel(channel, number, [author]),
        "user": author,
        "locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": {"1": author["id"]},
        "context": context,
        "app_permissions": "0",
        "attachment_size_limit": 10 * 1024 * 1024,
    }


def called_back(number: str, thinking: Json) -> Json:
    """What a bot is told once its command is thought about."""
    answered = {
        "id": number,
        "type": 2,
        "response_message_id": thinking["id"],
        "response_message_loading": True,
        "response_message_ephemeral": bool(thinking["flags"] & EPHEMERAL),
    }
    return {"interaction": answered}


def guild(number: str, *channels: Json) -> Json:
    """A server that the bot is new in, as the gateway tells it; everybody may do the usual there.

    Of one that was away it would say that it is no longer ``unavailable``.
    """
    return {
        "id": number,
        "name": "Friends",
        "owner_id": ADA["id"],
        "preferred_locale": "de",
        "roles": [_everybody(number)],
        "members": [_myself()],
        "member_count": 2,
        "channels": list(channels),
        "threads": [],
        "emojis": [],
        "features": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "stickers": [],
        "voice_states": [],
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "vanity_url_code": None,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "joined_at": JOINED_AT,
        "large": False,
    }


def text_channel(number: str, of: str, *, position: int = 0, category: str | None = None) -> Json:
    """A channel of a server."""
    return {
        "id": number,
        "type": 0,
        "flags": 0,
        "guild_id": of,
        "name": f"channel-{number}",
        "position": position,
        "parent_id": category,
        "permission_overwrites": [],
        "topic": None,
        "nsfw": False,
        "last_message_id": None,
        "rate_limit_per_user": 0,
    }


def _everybody(number: str) -> Json:
    return {
        "id": number,
        "name": "@everyone",
        "permissions": str(_USUAL),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def _myself() -> Json:
    return {
        "user": ME,
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [],
        "joined_at": JOINED_AT,
        "premium_since": None,
        "communication_disabled_until": None,
        "pending": False,
        "mute": False,
        "deaf": False,
        "flags": 0,
    }


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
