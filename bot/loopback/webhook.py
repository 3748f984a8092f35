"""How our Bot API server calls a bot: an update as JSON, with the secret in a header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.loopback.telegram_objects import Json

SECRET: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
PATIENCE_S: Final = 10.0


@dataclass(frozen=True)
class Hook:
    """Where updates are to be posted, with which secret, and of which kinds; none: the usual."""

    url: str
    secret: str
    kinds: list[str]


def wanted(updates: list[Json], kinds: list[str]) -> list[Json]:
    """What is asked for; without kinds all but reactions, as the documentation has it."""
    if kinds:
        return [update for update in updates if set(kinds) & update.keys()]
    return [update for update in updates if "message_reaction" not in update]


def caller() -> ClientSession:
    """What ``post`` calls with."""
    return ClientSession(timeout=ClientTimeout(PATIENCE_S))


async def post(http: ClientSession, hook: Hook, update: Json) -> int:
    """Call the bot; returns the status of its answer, 0 where there was none."""
    headers = {SECRET: hook.secret} if hook.secret else {}
    try:
        async with http.post(hook.url, json=update, headers=headers) as answer:
            return answer.status
    except (ClientError, TimeoutError):
        return 0
