"""A Bot API server on loopback: real HTTP, long polling, webhooks, files, and faults on order.

It keeps the promises that the adapter depends on: an update is handed out again until a poll
names a later offset, one poll at a time, none beside a webhook; an update is pushed again until it
was taken, in order; no text beyond 4,096 UTF-16 units, and no marks that it cannot read.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NoReturn, Self

from aiohttp import ClientSession, web

from bot.loopback import telegram_objects as objects
from bot.loopback import tokens
from bot.loopback.formatting import FormattingError, check, plain, units
from bot.loopback.forms import parameters_of
from bot.loopback.telegram_objects import BOT, Json
from bot.loopback.webhook import Hook, caller, post, wanted

TOKEN = tokens.TELEGRAM
_NODDED: Final = {
    "answerCallbackQuery",
    "sendChatAction",
    "setMyCommands",
}
"""Methods that change nothing here."""
PUSH: Final = "push"
"""Under this name ``BotApi.next`` takes a fault of the way to a webhook and back."""
AGAIN_S: Final = 0.05
"""Seconds before an update that was not taken is pushed again."""


class BotApiError(Exception):
    """What the server says no with."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call: an error instead of doing it, or a lost answer after."""

    error: BotApiError | None = None


def refused(status: int, description: str, **parameters: Any) -> Fault:
    """The server answers with an error and does nothing."""
    return Fault(BotApiError(status, description, **parameters))


ANSWER_LOST = Fault()
"""The call takes effect, and the connection dies before the answer."""


@dataclass
class BotApi:
    """The server's state, and the person's side of the conversation."""

    calls: list[tuple[str, Json]] = field(default_factory=list)
    sent: list[Json] = field(default_factory=list)
    """Every message the bot delivered, as the person sees it."""
    answers: list[tuple[str, Any]] = field(default_factory=list)
    """What every call that went well was answered with."""
    updates: list[Json] = field(default_factory=list)
    """Everything that was ever delivered to the bot."""
    waiting: list[Json] = field(default_factory=list)
    """Updates that no poll has confirmed."""
    pushed: list[tuple[int, int]] = field(default_factory=list)
    """The number of every update posted to a webhook, and what came back; 0: nothing."""
    address: str = ""
    administrators: set[int] = field(default_factory=set)
    """Of every group."""
    largest: int = 20 * 1024 * 1024
    """Bytes of a file that may be fetched; a server of one's own allows more."""
    _files: dict[str, bytes] = field(default_factory=dict)
    _faults: defaultdict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _poll: int = 0
    _hook: Hook | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Listen on a free port of 127.0.0.1."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.*}", self._download)
        runner = web.AppRunner(
            app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None
        )
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        pushing = asyncio.create_task(self._keep_pushing(), name="pushing")
        try:
            yield self
        finally:
            pushing.cancel()
            await asyncio.wait([pushing])
            await runner.cleanup()

    # The person's side -----------------------------------------------------------------------

    async def say(self, text: str = "", **parts: Any) -> Json:
        """A person writes; ``parts`` are further fields of the message."""
        return await self.deliver(objects.message(next(self._numbers), text, parts))

    async def press(self, label: str, *, person: int = 42, on: Json | None = None) -> Json:
        """A person presses a button under a message, the newest one that has it unless named."""
        under = on or next(m for m in reversed(self.sent) if label in objects.buttons(m))
        return await self.deliver(objects.press(next(self._numbers), label, person, under))

    async def react(self, emoji: str, *, on: Json, instead_of: str = "", person: int = 42) -> Json:
        """A person puts an emoji under a message, or takes one away with an empty one."""
        return await self.deliver(objects.reaction(on, person, instead_of, emoji))

    async def admit(self, group: Json, status: str = "member", *, was: str = "left") -> Json:
        """Somebody adds the bot to a group, removes it, or gives it another rank."""
        return await self.deliver(objects.membership(group, was, status))

    async def deliver(self, update: Json) -> Json:
        """Queue an update as it stands."""
        update = {"update_id": 1000 + next(self._numbers), **update}
        async with self._changed:
            self.waiting.append(update)
            self.updates.append(update)
            self._changed.notify_all()
        return update

    def photo(self, data: bytes, *, sizes: tuple[int, ...] = (90, 320, 1280)) -> list[Json]:
        """Store a picture; the last of its sizes carries these bytes, the others a few."""
        return [
            {
                "file_id": self.store(data if side == sizes[-1] else b"thumbnail"),
                "file_unique_id": f"unique-{side}",
                "width": side,
                "height": side,
                "file_size": len(data) if side == sizes[-1] else 9,
            }
            for side in sizes
        ]

    def store(self, data: bytes) -> str:
        """Keep a file and return its id."""
        file_id = f"file-{len(self._files)}"
        self._files[file_id] = data
        return file_id

    def stored(self, file_id: str) -> bytes:
        """A file's bytes."""
        return self._files[file_id]

    # What a test orders and waits for ----------------------------------------------------------

    def next(self, method: str, *faults: Fault) -> None:
        """Let the next calls of a method go wrong, one fault each."""
        self._faults[method].extend(faults)

    def asked(self, method: str) -> list[Json]:
        """The parameters of every call of a method so far."""
        return [parameters for name, parameters in self.calls if name == method]

    async def until(self, condition: Callable[[], object], *, within: float = 30.0) -> None:
        """Wait until a condition on this server's state holds."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: bool(condition()))

    async def replies(self, count: int, *, within: float = 30.0) -> list[str]:
        """Wait for so many delivered messages and return their texts."""
        await self.until(lambda: len(self.sent) >= count, within=within)
        return [message.get("text") or message["caption"] for message in self.sent]

    # The server's side -------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        parameters = await parameters_of(request)
        await self._change(lambda: self.calls.append((method, parameters)))
        fault = self._faults[method].popleft() if self._faults[method] else None
        try:
            _check(request.match_info["token"], fault)
            result = await self._perform(method, parameters)
        except BotApiError as exc:
            return _refusal(exc)
        self.answers.append((method, result))
        if fault and request.transport:
            request.transport.abort()
        return web.json_response({"ok": True, "result": result})

    async def _perform(self, method: str, parameters: Json) -> Any:
        if method in _NODDED:
            return True
        performers: dict[str, Callable[[Json], Awaitable[Any]]] = {
            "deleteWebhook": self._unhook,
            "editMessageReplyMarkup": self._edit,
            "getChatMember": self._member,
            "getFile": self._file,
            "getMe": self._me,
            "getUpdates": self._updates,
            "sendDocument": partial(self._send_file, "document"),
            "sendMessage": self._send,
            "sendPhoto": partial(self._send_file, "photo"),
            "setWebhook": self._call_at,
        }
        if method not in performers:
            raise BotApiError(404, "Not Found: method not found")
        return await performers[method](parameters)

    async def _member(self, parameters: Json) -> Json:
        """Who is in ``administrators`` is one; everybody else is a member."""
        number = int(parameters["user_id"])
        return objects.member(number, administers=number in self.administrators)

    async def _me(self, _: Json) -> Json:
        return BOT

    async def _updates(self, parameters: Json) -> list[Json]:
        """Forget what lies before the offset; wait for what comes after it."""
        if self._hook is not None:
            raise BotApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        offset, kinds = int(parameters.get("offset") or 0), parameters.get("allowed_updates") or []
        self._poll += 1
        mine = self._poll

        def forget() -> None:
            self.waiting = [update for update in self.waiting if update["update_id"] >= offset]

        def ready() -> list[Json]:
            return wanted(self.waiting, kinds)

        await self._change(forget)
        async with self._changed:
            try:
                async with asyncio.timeout(float(parameters.get("timeout") or 0)):
                    await self._changed.wait_for(lambda: ready() or mine != self._poll)
            except TimeoutError:
                return []
            if mine != self._poll:
                raise BotApiError(409, "Conflict: terminated by other getUpdates request")
            return ready()[: int(parameters.get("limit") or 100)]

    async def _call_at(self, parameters: Json) -> bool:
        kinds = parameters.get("allowed_updates") or []
        hook = Hook(str(parameters["url"]), str(parameters.get("secret_token", "")), kinds)
        self._poll += 1  # ends a poll that is open
        await self._change(lambda: setattr(self, "_hook", hook))
        return True

    async def _unhook(self, _: Json) -> bool:
        await self._change(lambda: setattr(self, "_hook", None))
        return True

    async def _keep_pushing(self) -> NoReturn:
        """Post each update to the webhook until it is taken, then the next one."""
        async with caller() as http:
            while True:
                async with self._changed:
                    await self._changed.wait_for(self._due)
                if due := self._due():
                    await self._push(http, *due)

    def _due(self) -> tuple[Hook, Json] | None:
        """The next update to push; nobody beyond this machine is ever called."""
        if self._hook is None or not self._hook.url.startswith("http://127.0.0.1:"):
            return None
        return next(((self._hook, u) for u in wanted(self.waiting, self._hook.kinds)), None)

    async def _push(self, http: ClientSession, hook: Hook, update: Json) -> None:
        status = await post(http, hook, update)
        faults = self._faults[PUSH]
        taken = status == 200 and not (faults and faults.popleft())
        await self._change(lambda: self.pushed.append((update["update_id"], status)))
        if taken:
            await self._change(lambda: self.waiting.remove(update))
        else:
            await asyncio.sleep(AGAIN_S)

    async def _send(self, parameters: Json) -> Json:
        text = _formatted(parameters, "text")
        if not text.strip():
            raise BotApiError(400, "Bad Request: message text is empty")
        if units(text) > 4096:
            raise BotApiError(400, "Bad Request: message is too long")
        return await self._sent(parameters, {"text": text})

    async def _send_file(self, kind: str, parameters: Json) -> Json:
        """Deliver a picture or a document; what was uploaded is kept like what people send."""
        caption = _formatted(parameters, "caption")
        if units(caption) > 1024:
            raise BotApiError(400, "Bad Request: message caption is too long")
        name, data = parameters[kind]
        if kind == "photo":
            return await self._sent(parameters, {"caption": caption, "photo": self.photo(data)})
        document = {"file_id": self.store(data), "file_unique_id": "u", "file_name": name}
        return await self._sent(parameters, {"caption": caption, "document": document})

    async def _sent(self, parameters: Json, parts: Json) -> Json:
        chat = int(parameters["chat_id"])
        message = {
            "message_id": 9000 + next(self._numbers),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private" if chat > 0 else "supergroup"},
            "from": BOT,
            **parts,
        }
        if markup := parameters.get("reply_markup"):
            message["reply_markup"] = _checked(markup)
        await self._change(lambda: self.sent.append(message))
        return message

    async def _edit(self, parameters: Json) -> Json:
        """Take away or replace a message's buttons."""
        number = int(parameters["message_id"])
        message = next((m for m in self.sent if m["message_id"] == number), None)
        if message is None:
            raise BotApiError(400, "Bad Request: message to edit not found")
        markup = _checked(parameters.get("reply_markup") or {"inline_keyboard": []})
        if markup["inline_keyboard"] == message.get("reply_markup", {}).get("inline_keyboard", []):
            raise BotApiError(400, "Bad Request: message is not modified")
        given = {"reply_markup": markup} if markup["inline_keyboard"] else {}
        await self._change(lambda: (message.pop("reply_markup", None), message.update(given)))
        return message

    async def _file(self, parameters: Json) -> Json:
        if (data := self._files.get(parameters["file_id"])) is None:
            raise BotApiError(400, "Bad Request: invalid file_id")
        if len(data) > self.largest:
            raise BotApiError(400, "Bad Request: file is too big")
        return {
            "file_id": parameters["file_id"],
            "file_unique_id": "unique",
            "file_size": len(data),
            "file_path": f"photos/{parameters['file_id']}.jpg",
        }

    async def _download(self, request: web.Request) -> web.Response:
        name = request.match_info["path"].removeprefix("photos/").removesuffix(".jpg")
        if request.match_info["token"] != TOKEN or name not in self._files:
            return _refusal(BotApiError(404, "Not Found"))
        return web.Response(body=self._files[name])

    async def _change(self, change: Callable[[], object]) -> None:
        async with self._changed:
            change()
            self._changed.notify_all()


def _check(token: str, fault: Fault | None) -> None:
    if token != TOKEN:
        raise BotApiError(401, "Unauthorized")
    if fault and fault.error:
        raise fault.error


def _formatted(parameters: Json, name: str) -> str:
    """The text or caption as people will see it."""
    said = str(parameters.get(name, ""))
    entities = parameters.get("entities" if name == "text" else "caption_entities") or []
    try:
        check(said, entities)
        return plain(said, str(parameters.get("parse_mode", "")))
    except FormattingError as exc:
        raise BotApiError(400, f"Bad Request: {exc}") from None


def _checked(markup: Json) -> Json:
    for row in markup["inline_keyboard"]:
        for button in row:
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                raise BotApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return markup


def _refusal(exc: BotApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": exc.status, "description": exc.description}
    if exc.parameters:
        body["parameters"] = exc.parameters
    return web.json_response(body, status=exc.status)
