"""What python-telegram-bot has to be told before it is used: its log and its clock."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Coroutine
from typing import Any, Final

from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.platforms.telegram.readable import UpdatesRequest

Answer = bool | dict[str, Any] | list[dict[str, Any]]
Bot = ExtBot[int]
WRITES: Final = frozenset({"sendMessage", "sendDocument", "sendPhoto"})
"""What counts against the limits of a chat."""


def build_bot(token: str, *, base_url: str, base_file_url: str) -> Bot:
    """The library's client for one token; opens nothing yet."""
    _settle()
    return ExtBot(
        token,
        base_url=base_url,
        base_file_url=base_file_url,
        request=HTTPXRequest(connection_pool_size=64, read_timeout=20, pool_timeout=5),
        get_updates_request=UpdatesRequest(connection_pool_size=1, read_timeout=10),
        rate_limiter=MessageLimiter(),
    )


class MessageLimiter(AIORateLimiter):
    """The limits on messages, for messages: chat actions and downloads do not use them up."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Any,
    ) -> Answer:
        """Queue what writes into a chat, and note when its turn has come; let the rest pass.

        ``rate_limit_args`` is the library's way to hand us ``Leaving``.
        """
        if endpoint not in WRITES:
            return await callback(*args, **kwargs)

        async def leave(*args: Any, **kwargs: Any) -> Answer:
            if rate_limit_args is not None:
                await rate_limit_args()
            return await callback(*args, **kwargs)

        return await super().process_request(leave, args, kwargs, endpoint, data, None)


def _settle() -> None:
    """Keep the token, which every address carries, and messages out of the log."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # The first logs whole answers that are no JSON; the second what the caller is told anyway.
    for name in ("telegram.request.BaseRequest", "telegram.ext.AIORateLimiter"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # It would log updates that it cannot read as a whole.
    logging.getLogger("telegram.ext.ExtBot").setLevel(logging.CRITICAL + 1)
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # or every 429 warns of a coming change
