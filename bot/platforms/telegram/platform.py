"""The Telegram adapter: a poll loop that confirms only what is stored, and plain messages back."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final, NoReturn
from urllib.parse import urlsplit

import structlog
from telegram import CallbackQuery, Update
from telegram.constants import ChatAction, ChatMemberStatus, MessageLimit
from telegram.error import TelegramError

from bot import texts
from bot.config import TelegramSettings
from bot.conversation.ports import Leaving, Repeat, at_once
from bot.conversation.registry import REGISTRY, Audience
from bot.errors import PlatformError, PlatformRejected, PlatformUnavailable
from bot.messages import ConversationKey, IncomingMessage, OutgoingMessage
from bot.platforms.base import Accept
from bot.platforms.patience import Sleep, until_it_works
from bot.platforms.splitting import split, utf16_units
from bot.platforms.telegram.errors import RULES, SEND_RULES
from bot.platforms.telegram.incoming import (
    LARGEST_FILE,
    PLATFORM,
    in_order,
    joined,
    left,
    moved,
    pressed,
    reacted,
    to_incoming,
)
from bot.platforms.telegram.library import build_bot
from bot.platforms.telegram.menu import list_commands
from bot.platforms.telegram.outgoing import deliver
from bot.platforms.translation import translated

log = structlog.get_logger()

WANTED: Final = [
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
    Update.MESSAGE_REACTION,
]
MODERATORS: Final = tuple(
    f"/{name}" for name, c in REGISTRY.items() if c.audience is Audience.MODERATORS
)
RANKS: Final = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)
POLL_S: Final = 30
"""Seconds a poll stays open while nobody writes."""


class TelegramPlatform:
    """Private chats, and groups where the bot is named, answered or commanded."""

    name: Final = PLATFORM

    def __init__(
        self,
        token: str,
        settings: TelegramSettings,
        *,
        secret: str = "",
        poll_s: int = POLL_S,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._bot = build_bot(
            token,
            base_url=f"{settings.api}/bot",
            base_file_url=f"{settings.api}/file/bot",
        )
        self._repeat = Repeat.ONCE if settings.ambiguous == "resend_once" else Repeat.NEVER
        self.trouble = ""
        self._settings = settings
        self._secret = secret or secrets.token_urlsafe(32)
        self._poll_s = poll_s
        self._sleep = sleep

    @property
    def repeat(self) -> Repeat:
        """Telegram has no key that would make a second send harmless; the operator chooses."""
        return self._repeat

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Log in for as long as the block lasts; raises ``PlatformRejected`` for a wrong token."""
        try:
            try:
                await self._log_in()
            except PlatformUnavailable as exc:  # ``receive`` goes on trying
                log.warning("platform.unreachable", platform=self.name, reason=str(exc))
            yield
        finally:
            await self._bot.shutdown()

    async def receive(self, accept: Accept) -> None:
        """Poll, or listen if a webhook is set, until cancelled."""
        patiently = partial(
            until_it_works, platform=self.name, sleep=self._sleep, told=self._troubled
        )
        if self._settings.webhook:
            await self._listen(accept, patiently)
        await patiently(self._make_ready)
        offset = 0
        while True:  # asking for what follows a message is what confirms it
            offset = await patiently(partial(self._round, offset, accept))

    async def _listen(self, accept: Accept, patiently: Callable[..., Awaitable[None]]) -> NoReturn:
        """Have Telegram call, and serve its calls until cancelled."""
        from bot.platforms.telegram.webhook import listening  # its web server weighs 12 MB

        path = urlsplit(self._settings.webhook).path
        take = partial(self._take, accept)
        async with listening(
            self._bot,
            take,
            path=path,
            host=self._settings.host,
            port=self._settings.port,
            secret=self._secret,
        ) as port:
            log.info("webhook.listening", platform=self.name, port=port)
            await patiently(self._be_called)
            await asyncio.Event().wait()
        raise AssertionError("an event that nobody sets")  # pragma: no cover

    async def _be_called(self) -> None:
        await self._log_in()
        with translated(RULES):
            await self._bot.set_webhook(
                self._settings.webhook,
                secret_token=self._secret,
                allowed_updates=WANTED,
                max_connections=1,  # what is sent side by side loses its order
            )
        await self._list_commands()

    async def send(self, message: OutgoingMessage, leaving: Leaving = at_once) -> str:
        """Send plain text; in groups as a reply, in forums into the topic."""
        with translated(SEND_RULES):
            sent = await deliver(self._bot, message, leaving)
        return str(sent.message_id)

    async def fetch(self, photo: str) -> bytes:
        """Download a picture by its file id, at most 20 MB."""
        with translated(RULES):
            file = await self._bot.get_file(photo)
            if (file.file_size or 0) > LARGEST_FILE:
                raise PlatformRejected("Telegram: the file is too large")
            return bytes(await file.download_as_bytearray())

    async def typing(self, key: ConversationKey) -> None:
        """Show "typing …" for five seconds."""
        await self._bot.send_chat_action(
            chat_id=int(key.chat),
            action=ChatAction.TYPING,
            message_thread_id=int(key.thread) if key.thread else None,
        )

    def split(self, text: str) -> list[str]:
        """Cut at 4,096 UTF-16 units."""
        return split(text, MessageLimit.MAX_TEXT_LENGTH, utf16_units)

    def _troubled(self, what: str) -> None:
        self.trouble = what

    async def _log_in(self) -> None:
        with translated(RULES):
            await self._bot.initialize()

    async def _make_ready(self) -> None:
        """Log in if need be, and end a webhook, beside which nobody may poll."""
        await self._log_in()
        with translated(RULES):
            await self._bot.delete_webhook()
        await self._list_commands()

    async def _list_commands(self) -> None:
        """Put the commands into the menu; nobody waits for an answer because that failed."""
        try:
            with translated(RULES):
                await list_commands(self._bot)
        except PlatformError as exc:
            log.warning("commands.not_listed", platform=self.name, reason=str(exc))

    async def _round(self, offset: int, accept: Accept) -> int:
        """Fetch, store everything, and only then move on."""
        with translated(RULES):
            updates = await self._bot.get_updates(
                offset=offset, timeout=self._poll_s, allowed_updates=WANTED
            )
        for update in in_order(updates):
            await self._take(accept, update)
        return max((update.update_id + 1 for update in updates), default=offset)

    async def _take(self, accept: Accept, update: Update) -> None:
        """Store what an update brings: a change, words, or a pressed button."""
        await self._tell(accept, update)
        if message := await self._read(update):
            await accept(message)
        if query := update.callback_query:
            await self._acknowledge(query, taken=message is not None)

    async def _tell(self, accept: Accept, update: Update) -> None:
        """Hand on what happened to the bot, to a group, or under a message."""
        if numbers := moved(update):
            await accept.moved(self.name, *numbers)
        elif place := left(update):
            await accept.left(self.name, place)
        elif new := joined(update):
            await accept.joined(self.name, new.group, chat=new.group, locale=new.locale)
        elif reaction := reacted(update):
            await accept.reacted(reaction)

    async def _read(self, update: Update) -> IncomingMessage | None:
        try:
            if update.callback_query:
                return pressed(update.callback_query, datetime.now(UTC))
            message = to_incoming(update, self._bot.bot)
            return await self._with_rank(message) if message and message.place else message
        except Exception as exc:  # noqa: BLE001 - it would come again for ever, and nothing after it
            log.error("update.unreadable", platform=self.name, error=type(exc).__name__)  # noqa: TRY400
            return None

    async def _with_rank(self, message: IncomingMessage) -> IncomingMessage:
        """Whether a moderator speaks is asked only where somebody gives a moderator's command."""
        if not message.text.startswith(MODERATORS):
            return message
        try:
            member = await self._bot.get_chat_member(int(message.place), int(message.key.person))
        except TelegramError:
            return message
        return replace(message, moderates=member.status in RANKS)

    async def _acknowledge(self, query: CallbackQuery, *, taken: bool) -> None:
        """End the button's waiting sign, and take the buttons away once one was pressed."""
        with suppress(TelegramError):
            await query.answer(None if taken else texts.NOT_YOURS, show_alert=not taken)
            if taken:
                await query.edit_message_reply_markup(None)
