"""The way out: each part of a reply reaches its platform once, in order."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Final

import structlog

from bot import metrics
from bot.conversation.ports import Port, Repeat
from bot.conversation.typing import Typing
from bot.errors import (
    PlatformError,
    PlatformRateLimited,
    PlatformRejected,
    PlatformUnavailable,
    RetryLater,
    StorageError,
)
from bot.messages import OutgoingMessage
from bot.storage import outbox
from bot.storage.outbox import OutboxState, Reply
from bot.storage.store import Store

log = structlog.get_logger(__name__)

ATTEMPTS: Final = 100
"""With a minute between them: an outage of an hour and a half loses nothing."""
LONGEST_WAIT_S: Final = 60.0


LATE_S: Final = 3.0
"""A process that stood still for so long after it said that it sends lets it be: others may have
taken it for dead."""


class Post:
    """Sends the unsent replies of a conversation, oldest first, as far as they may go out."""

    def __init__(self, store: Store, ports: Mapping[str, Port], typing: Typing) -> None:
        self._store = store
        self._ports = ports
        self._typing = typing
        self._stayed: set[tuple[int, int, int]] = set()
        """Attempts that may be marked as being sent, of which we know that nothing went out."""

    async def __call__(self, turn_id: int) -> None:
        """Send what is unsent in this message's conversation; done already, it does nothing.

        Raises ``RetryLater`` while the platform cannot be reached.
        """
        more = True
        while more and (reply := await self._next(turn_id)):
            with structlog.contextvars.bound_contextvars(
                platform=reply.key.platform, turn=reply.turn_id
            ):
                more = await self._send(reply)
                if not reply.urgent:  # those before it may still wait
                    self._typing.stop(reply.key, reply.turn_id)

    async def _next(self, turn_id: int) -> Reply | None:
        """The next part that may go out."""
        async with self._store.transaction(durable=False, whole=False) as tx:
            reply = await outbox.next_reply(tx, turn_id)
        if reply is None or (self._may_try(reply) and len(self._pieces(reply)) < 2):
            return reply
        return await self._next_changed(turn_id)

    async def _next_changed(self, turn_id: int) -> Reply | None:
        """The same where some must be given up or cut first."""
        async with self._store.transaction(durable=False) as tx:
            while reply := await outbox.next_reply(tx, turn_id, to_change=True):
                if not self._may_try(reply):
                    log.warning("reply.unknown", turn=reply.turn_id)
                    await outbox.finish(tx, reply, OutboxState.UNKNOWN)
                    tx.after_commit(partial(count, reply, OutboxState.UNKNOWN))
                elif len(pieces := self._pieces(reply)) < 2:
                    return reply
                else:
                    await outbox.cut(tx, reply, pieces)
        return None

    def _may_try(self, reply: Reply) -> bool:
        if reply.state is not OutboxState.SENDING or _attempt(reply) in self._stayed:
            return True
        return may_repeat(self._ports[reply.key.platform].repeat, reply)

    def _pieces(self, reply: Reply) -> list[str]:
        """What a reply has to be cut into; one piece when it can go as it is."""
        port = self._ports[reply.key.platform]
        return port.split(reply.body) if reply.whole else [reply.body]

    async def _send(self, reply: Reply) -> bool:
        """Send one part and say whether there is more."""
        port = self._ports[reply.key.platform]
        message = OutgoingMessage(
            key=reply.key,
            text=reply.body,
            reply_to=reply.reply_to,
            nonce=f"r{reply.turn_id}.{reply.part}",
            repeat=reply.attempts > 0,
            reading=reply.reading,
            buttons=reply.buttons,
            file=reply.file,
            part=reply.part,
            ticket=reply.ticket,
        )
        try:
            sent_as = await port.send(message, partial(self._leave, reply))
        except (StorageError, RetryLater):
            raise  # by ``_leave``: nothing went out
        except PlatformRejected:
            log.warning("reply.rejected", exc_info=True)
            return await self._finish(reply, OutboxState.FAILED)
        except PlatformRateLimited as exc:
            return await self._put_back(reply, exc.retry_after)
        except PlatformUnavailable:
            return await self._put_back(reply, backoff_s(reply.attempts))
        except Exception as exc:  # noqa: BLE001 - whatever it was, it may have arrived
            return await self._uncertain(port, reply, exc)
        log.info("reply.sent", part=reply.part, attempts=reply.attempts + 1)
        return await self._finish(reply, OutboxState.SENT, sent_as)

    async def _leave(self, reply: Reply) -> None:
        """Mark a part as being sent, on disk, before anything leaves."""
        began = time.monotonic()
        with self._nothing_left(reply):
            async with self._store.transaction(whole=False) as tx:
                if not await outbox.mark_sending(tx, reply):
                    raise RetryLater(0.0)
        if time.monotonic() - began > LATE_S:
            raise PlatformUnavailable("this process stood still")

    async def _put_back(self, reply: Reply, wait: float) -> bool:
        """It surely did not arrive: again later, but not for ever."""
        if reply.attempts + 1 >= ATTEMPTS:
            log.error("reply.failed", attempts=reply.attempts + 1)
            return await self._finish(reply, OutboxState.FAILED)
        with self._nothing_left(reply):
            async with self._store.transaction() as tx:
                await outbox.put_back(tx, reply)
        raise RetryLater(wait)

    @contextmanager
    def _nothing_left(self, reply: Reply) -> Iterator[None]:
        """Remember it, for a database that dies at a commit may or may not."""
        try:
            yield
        except StorageError:
            self._stayed.add(_attempt(reply, further=1))
            raise
        self._stayed.discard(_attempt(reply))

    async def _uncertain(self, port: Port, reply: Reply, exc: Exception) -> bool:
        """It may have arrived: again only where that does no harm, or is wanted."""
        known = isinstance(exc, PlatformError)
        log.warning("reply.uncertain", error=type(exc).__name__, exc_info=not known)
        if may_repeat(port.repeat, reply, further=1):
            raise RetryLater(backoff_s(reply.attempts))
        return await self._finish(reply, OutboxState.UNKNOWN)

    async def _finish(self, reply: Reply, state: OutboxState, sent_as: str | None = None) -> bool:
        """Close a part and say whether there is more to send in its conversation."""
        # Lost with the power, it is found marked as being sent, and may_repeat decides.
        async with self._store.transaction(durable=False, whole=False) as tx:
            await outbox.finish(tx, reply, state, sent_as)
            more = await outbox.is_more(tx, reply.turn_id)
        count(reply, state)
        return more


def count(reply: Reply, state: OutboxState) -> None:
    """Note for whoever watches how a part ended."""
    platform = reply.key.platform
    metrics.ENDED.labels(platform, state.value).inc()
    if state is OutboxState.UNKNOWN:
        metrics.UNKNOWN.labels(platform).inc()
    if state is OutboxState.SENT:
        metrics.END_TO_END.labels(platform).observe(max(0.0, time.time() - reply.received_at))


def _attempt(reply: Reply, *, further: int = 0) -> tuple[int, int, int]:
    return reply.turn_id, reply.part, reply.attempts + further


def may_repeat(repeat: Repeat, reply: Reply, *, further: int = 0) -> bool:
    """Whether a part that may have arrived is sent again."""
    attempts = reply.attempts + further
    if repeat is Repeat.SAFE:
        return attempts < ATTEMPTS
    return repeat is Repeat.ONCE and attempts < 2


def backoff_s(attempts: int) -> float:
    """Seconds before the next try: 1, 2, 4 … 60."""
    return min(LONGEST_WAIT_S, 2.0 ** min(attempts, 10))
